"""A GRU that writes digits step by step, and says with a mixture where the pen goes next."""

from __future__ import annotations

from math import log, pi

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional

from introdl.applications.handwriting_generation.strokes import LIFT, STOP, checked
from introdl.arguments import takes

CELLS, PARTS, DIGITS = 48, 5, 10
LONGEST = 24  # steps at most
THIN = -3.5  # the smallest logarithm of a spread


class Writer(nn.Module):
    """A GRU whose head gives a mixture of Gaussians for the next step of a pen.

    Source: Graves (2013), "Generating sequences with recurrent neural networks", equations 18 to
    25, with a GRU and with three things that the pen may do next.

    Args:
        parts: Gaussians of the mixture, M.
    """

    def __init__(self, parts: int = PARTS) -> None:
        super().__init__()
        like = nn.GRU(3 + DIGITS, CELLS)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            setattr(self, name, nn.Parameter(getattr(like, f"{name}_l0").detach()))
        self.out = nn.Linear(CELLS, 6 * parts + 3)

    def step(self, new: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        """Take one step, from what was read, (N, 3D), and the state, (N, D), to a new state."""
        old = h @ self.weight_hh.mT + self.bias_hh
        gates = (new[..., : 2 * CELLS] + old[..., : 2 * CELLS]).sigmoid()
        reset, update = gates[..., :CELLS], gates[..., CELLS:]
        candidate = (new[..., 2 * CELLS :] + reset * old[..., 2 * CELLS :]).tanh()
        return candidate + update * (h - candidate)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Read steps, (N, T, 13), and give the head's numbers for the next, (N, T, 6 M + 3)."""
        heard = x @ self.weight_ih.mT + self.bias_ih
        h, states = x.new_zeros(len(x), CELLS), []
        for new in heard.unbind(1):
            h = self.step(new, h)
            states.append(h)
        return self.out(torch.stack(states, 1))


def inputs(steps: torch.Tensor, digit: torch.Tensor) -> torch.Tensor:
    """Lay out what the net reads: the last step, whether the pen is lifted, and the digit.

    Args:
        steps: Steps so far, the first after the start, (N, T, 3).
        digit: Which digit to write, (N,).

    Returns:
        One row more than there are steps: before the first, the pen is lifted, (N, T + 1, 13).
    """
    start = torch.tensor([0.0, 0.0, LIFT]).expand(len(steps), 1, 3)
    asked = functional.one_hot(digit, DIGITS)[:, None].expand(-1, steps.shape[1] + 1, -1)
    return torch.cat([torch.cat([start, steps], 1), asked], -1)


def loss(said: torch.Tensor, steps: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Give the mean of minus the log-density of the steps, and of what the pen did next.

    Args:
        said: The head's numbers, (N, T, 6 M + 3).
        steps: The steps that followed, (N, T, 3).
        mask: 1 for a step, 0 for what only fills the table, (N, T).
    """
    logits, mean, spread, tilt, pen = split(said)
    u, v = ((steps[..., None, :2] - mean) / spread.exp()).unbind(-1)  # each (N, T, M)
    room = 1 - tilt**2
    square = u**2 + v**2 - 2 * tilt * u * v
    each = -square / (2 * room) - spread.sum(-1) - 0.5 * room.log() - log(2 * pi)
    density = torch.logsumexp(logits.log_softmax(-1) + each, -1)
    did = pen.log_softmax(-1).gather(-1, steps[..., 2:].long())[..., 0]
    return -((density + did) * mask).sum() / mask.sum()


def split(said: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Name the head's numbers, (..., 6 M + 3), after one another.

    Returns:
        The logits of the weights, (..., M); means and logarithms of the spreads, (..., M, 2);
        tilts, (..., M); logits of what the pen does next, (..., 3).
    """
    parts = (said.shape[-1] - 3) // 6
    logits, mean, spread, tilt, pen = said.split([parts, 2 * parts, 2 * parts, parts, 3], -1)
    mean, spread = (v.unflatten(-1, (parts, 2)) for v in (mean, spread))
    return logits, mean, THIN + functional.softplus(spread - THIN), 0.95 * tilt.tanh(), pen


def _table(several: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Fill up paths to one length: steps (N, T, 3), and a mask (N, T)."""
    most = max(map(len, several))
    steps, mask = np.zeros((len(several), most, 3)), np.zeros((len(several), most))
    for k, one in enumerate(several):
        steps[k, : len(one)], mask[k, : len(one)] = one, 1
    return torch.tensor(steps, dtype=torch.float32), torch.tensor(mask, dtype=torch.float32)


def fit_writers(
    paths: list[np.ndarray],
    digit: np.ndarray,
    seeds: list[int],
    *,
    parts: int = PARTS,
    passes: int = 8,
    batch: int = 50,
    rate: float = 0.015,
) -> list[Writer]:
    """Train several nets side by side on the same paths, each in an order of its own.

    Args:
        paths: Steps of each path, (T, 3).
        digit: What each shows, (N,).
        seeds: For each net, of its first weights and of the order.
        parts: Gaussians of the mixture.
        passes: Through all paths.
        batch: Paths per update.
        rate: Largest learning rate of Adam.
    """
    paths = checked(paths, 3, "paths")
    if len(paths) != len(digit):
        raise ValueError(f"fit_writers(): {len(paths)} paths for digit of shape {digit.shape}")
    nets = []
    with torch.random.fork_rng(devices=[]):
        for seed in seeds:
            torch.manual_seed(seed)
            nets.append(Writer(parts))
    weights, _ = stack_module_state(nets)
    randoms = [torch.Generator().manual_seed(seed) for seed in seeds]
    steps, mask = _table(paths)
    x = inputs(steps, torch.tensor(digit))[:, :-1]
    length = mask.sum(1)
    optimizer = torch.optim.Adam(weights.values(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=passes * -(-len(paths) // batch)
    )
    each = vmap(lambda w, *given: loss(functional_call(nets[0], w, given[:1]), *given[1:]))
    for _ in range(passes):
        order = torch.stack([torch.randperm(len(paths), generator=r) for r in randoms])
        for part in order.split(batch, dim=1):
            most = int(length[part].max())
            total = each(weights, x[part, :most], steps[part, :most], mask[part, :most]).sum()
            optimizer.zero_grad()
            total.backward()
            _clip(list(weights.values()))
            optimizer.step()
            schedule.step()
    for k, net in enumerate(nets):
        net.load_state_dict({name: value[k].detach() for name, value in weights.items()})
    return nets


def _clip(weights: list[torch.Tensor], most: float = 5.0) -> None:
    """Shorten the gradient of each net, one per first index, to a norm of at most `most`."""
    slopes = [w.grad for w in weights if w.grad is not None]
    norm = torch.cat([slope.flatten(1) for slope in slopes], 1).norm(dim=1)
    scale = (most / norm).clamp(max=1)
    for slope in slopes:
        slope.mul_(scale.view(-1, *[1] * (slope.ndim - 1)))


def choose(said: torch.Tensor, u: torch.Tensor, bias: float = 0.0) -> torch.Tensor:
    """Choose the next step from the head's numbers with four random numbers.

    Source: Graves (2013), section 5.4: the bias narrows the Gaussians and favours likely ones.
    That it sharpens what the pen does next, too, is ours.

    Args:
        said: The head's numbers, (N, 6 M + 3).
        u: Numbers from 0 to 1, 1 excluded, (N, 4): for the Gaussian, for the two coordinates,
            for the pen.
        bias: 0 draws from the mixture itself; more is neater.

    Returns:
        Steps (dx, dy, what the pen does next), (N, 3).
    """
    logits, mean, spread, tilt, pen = split(said.double())
    row = torch.arange(len(said))
    k = _drawn(logits * (1 + bias), u[:, 0])
    radius = (-2 * torch.log1p(-u[:, 1])).sqrt()
    one, two = radius * (2 * pi * u[:, 2]).cos(), radius * (2 * pi * u[:, 2]).sin()
    r = tilt[row, k]
    z = torch.stack([one, r * one + (1 - r**2).sqrt() * two], -1)
    move = mean[row, k] + (spread[row, k] - bias).exp() * z
    return torch.cat([move, _drawn(pen * (1 + bias), u[:, 3])[:, None]], -1)


def _drawn(logits: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    shares = logits.softmax(-1).cumsum(-1)
    return (u[:, None] >= shares).sum(-1).clamp(max=logits.shape[-1] - 1)


def write(
    net: Writer,
    digit: np.ndarray,
    u: np.ndarray,
    bias: float = 0.0,
    start: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Let a net write digits.

    Args:
        net: A trained net.
        digit: Which digits, (N,).
        u: Random numbers in [0, 1), (N, T, 4); T steps are written at most.
        bias: How neatly, 0 or more.
        start: Steps that are given, the same for each digit, (S, 3).

    Returns:
        For each digit its steps, (up to T, 3), with `start` before them.
    """
    given = np.zeros((0, 3)) if start is None else checked([start], 3, "start")[0]
    asked = torch.tensor(digit)
    steps = torch.tensor(given, dtype=torch.float32).expand(len(digit), -1, -1)
    x = inputs(steps, asked)
    done = list(steps.double().unbind(1))
    with torch.no_grad():
        h = x.new_zeros(len(x), CELLS)
        for row in x.unbind(1):
            h = net.step(row @ net.weight_ih.mT + net.bias_ih, h)
        for t in range(u.shape[1]):
            if t:
                row = torch.cat([done[-1].float(), x[:, 0, 3:]], -1)
                h = net.step(row @ net.weight_ih.mT + net.bias_ih, h)
            done.append(choose(net.out(h), torch.tensor(u[:, t]), bias))
    found = torch.stack(done, 1).numpy()
    ends = [np.flatnonzero(one[:, 2] == STOP) for one in found]
    return [one[: e[0] + 1] if len(e) else one for one, e in zip(found, ends, strict=True)]


def _digits(digit: np.ndarray, **_: object) -> None:
    if not np.isin(digit, range(DIGITS)).all():
        raise ValueError("digit holds what is not from 0 to 9")


def _below_one(digit: np.ndarray, u: np.ndarray, **_: object) -> None:
    _digits(digit)
    if (u >= 1).any():
        raise ValueError("write(): u holds 1, which is excluded")


takes(fit_writers, {"digit": "(N,) of integers, not empty"}, also=_digits)
takes(
    write,
    {"digit": "(N,) of integers, not empty", "u": "(N, T, 4) in [0, 1], not empty"},
    also=_below_one,
)
