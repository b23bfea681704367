"""A net that watches a film: kernels on each frame, then a GRU over the frames, both ways."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional

from introdl.applications.silent_film.films import MATERIALS, Film, hit_table

SEEN, CELLS = 32, 24  # numbers per frame, and cells per direction
CLIP, RATE = 16, 0.01  # frames of a clip to learn from, and the largest learning rate


class Listener(nn.Module):
    """From films to a hit's log-odds and four material scores for each frame.

    Source: Owens et al. (2016), "Visually indicated sounds", made small: kernels on each frame
    and on what changed since the last one, then a recurrent net, here a GRU that reads forwards
    and one that reads backwards.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 8, 3, stride=2, padding=1)
        self.second = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.place, self.place_norm = nn.Linear(16 * 4 * 6, SEEN), nn.LayerNorm(SEEN)
        self.texture, self.texture_norm = nn.Linear(8 + 16, SEEN), nn.LayerNorm(SEEN)
        self.gru = BothWays()
        self.out = nn.Linear(2 * CELLS, 1 + len(MATERIALS))

    def forward(self, films: torch.Tensor) -> torch.Tensor:
        """Watch films of shape (N, T, 16, 24), grey values 0 to 1."""
        x = 4 * (films - films.mean((1, 2, 3), keepdim=True))
        change = 4 * torch.diff(x, dim=1, prepend=x[:, :1])
        pairs = torch.stack([x, change], dim=2)  # (N, T, 2, 16, 24)
        fine = self.first(pairs.flatten(0, 1)).relu()  # (NT, 8, 8, 12)
        coarse = self.second(fine).relu()  # (NT, 16, 4, 6)
        place = self.place_norm(self.place(coarse.flatten(1)))
        # One number per map tells a texture wherever it is.
        maps = torch.cat([4 * fine.mean((2, 3)), coarse.amax((2, 3))], 1)
        seen = (place + self.texture_norm(self.texture(maps))).relu()
        return self.out(self.gru(seen.unflatten(0, films.shape[:2])))


class BothWays(nn.Module):
    """Two GRUs, one forwards and one backwards, with PyTorch's weights.

    It is written out, since PyTorch's own cannot train several nets side by side.
    """

    def __init__(self) -> None:
        super().__init__()
        like = nn.GRU(SEEN, CELLS, bidirectional=True)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            ways = [getattr(like, f"{name}_l0{way}").detach() for way in ("", "_reverse")]
            setattr(self, name, nn.Parameter(torch.stack(ways)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Read (N, T, I), and give both states after each frame, (N, T, 2D)."""
        ways = torch.stack([x, x.flip(1)])  # (2, N, T, I)
        heard = ways @ self.weight_ih.mT[:, None] + self.bias_ih[:, None, None]
        h, states = x.new_zeros(2, len(x), CELLS), []
        for new in heard.unbind(2):  # (2, N, 3D)
            old = h @ self.weight_hh.mT + self.bias_hh[:, None]
            gates = (new[..., : 2 * CELLS] + old[..., : 2 * CELLS]).sigmoid()
            reset, update = gates[..., :CELLS], gates[..., CELLS:]
            candidate = (new[..., 2 * CELLS :] + reset * old[..., 2 * CELLS :]).tanh()
            h = candidate + update * (h - candidate)
            states.append(h)
        read = torch.stack(states, 2)  # (2, N, T, D)
        return torch.cat([read[0], read[1].flip(1)], dim=-1)


def pixels(some: list[Film]) -> torch.Tensor:
    """Lay films out for a net, (N, T, H, W), grey values 0 to 1 in float32."""
    return torch.tensor(np.stack([one.frames for one in some])).float() / 255


def loss(said: torch.Tensor, hits: torch.Tensor, material: torch.Tensor) -> torch.Tensor:
    """Score what a net said of films: cross-entropy of "hit or not", plus that of the material.

    A hit counts three times. The material is asked for at the hits and the frames beside them.

    Args:
        said: Of a `Listener`, (N, T, 5).
        hits: 1 where the stick hits, else 0, (N, T) float.
        material: 0 to 3, (N,).
    """
    near = functional.max_pool1d(hits[:, None], 3, 1, 1)[:, 0]  # (N, T)
    hit = functional.binary_cross_entropy_with_logits(
        said[..., 0], hits, pos_weight=torch.tensor(3.0)
    )
    shares = said[..., 1:].log_softmax(dim=-1)  # (N, T, 4)
    each = -(shares * functional.one_hot(material, len(MATERIALS))[:, None]).sum(dim=-1)
    return hit + (each * near).sum() / near.sum().clamp(min=1)


def fit_listeners(
    several: list[list[Film]], seeds: list[int], *, passes: int = 3, batch: int = 8
) -> list[Listener]:
    """Train several nets side by side, each on its own films, cut into clips of 16 frames.

    Args:
        several: For each net as many films, whose hits and materials are known.
        seeds: For each net, of its first weights and of the order of its films.
        passes: Through all films.
        batch: Clips per step.
    """
    nets = []
    with torch.random.fork_rng(devices=[]):
        for seed in seeds:
            torch.manual_seed(seed)
            nets.append(Listener())
    weights, _ = stack_module_state(nets)  # (S, ...) each
    randoms = [torch.Generator().manual_seed(seed) for seed in seeds]
    x = torch.stack([pixels(some) for some in several])  # (S, N, T, H, W)
    hits = torch.tensor(np.stack([hit_table(some) for some in several]), dtype=torch.float32)
    material = torch.tensor([[one.material for one in some] for some in several])
    cuts = hits.shape[2] // CLIP
    x, hits = (z.unflatten(2, (cuts, CLIP)).flatten(1, 2) for z in (x, hits))  # (S, 3N, 16, ...)
    material = material.repeat_interleave(cuts, dim=1)
    count = x.shape[1]
    optimizer = torch.optim.Adam(weights.values(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=passes * -(-count // batch)
    )
    each = vmap(lambda w, *given: loss(functional_call(nets[0], w, given[:1]), *given[1:]))
    own = torch.arange(len(seeds))[:, None]
    for _ in range(passes):
        order = torch.stack([torch.randperm(count, generator=random) for random in randoms])
        for part in order.split(batch, dim=1):  # (S, B)
            total = each(weights, x[own, part], hits[own, part], material[own, part]).sum()
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            schedule.step()
    for k, net in enumerate(nets):
        net.load_state_dict({name: value[k].detach() for name, value in weights.items()})
    return nets


def listen(net: Listener, some: list[Film]) -> tuple[np.ndarray, np.ndarray]:
    """Let a trained net watch films.

    Returns:
        The probability of a hit, (N, T), and the material that it would name, 0 to 3, (N, T), for
        each frame.
    """
    with torch.no_grad():
        said = net(pixels(some)).double()
    return said[..., 0].sigmoid().numpy(), said[..., 1:].argmax(dim=-1).numpy()
