"""Generative adversarial nets: one net makes, another judges, and each learns from the other."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor, nn
from torch.nn.functional import softplus

from introdl.arguments import takes

#: Eight synthetic blobs on a circle of radius 1, and how wide each is.
ANGLES = np.arange(8) * np.pi / 4
CENTRES = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)  # (8, 2)
WIDTH = 0.08


def best_answer(
    real: np.ndarray,
    made: np.ndarray,
) -> np.ndarray:
    """What the best critic says in each box: p / (p + q).

    Source: Goodfellow et al. (2014), proposition 1, for densities p and q.

    Args:
        real: How many real examples lie in each box, (..., B).
        made: How many made ones, (..., B).

    Returns:
        The share of real ones, (..., B), if each kind is shown equally often;
        0.5 in a box that neither reaches.

    Raises:
        ValueError: If a count is negative, or there is no example of a kind.

    Examples:
        >>> best_answer(np.array([6, 3, 1]), np.array([2, 3, 5])).round(3)
        array([0.75 , 0.5  , 0.167])
    """
    p = real / real.sum(axis=-1, keepdims=True)
    q = made / made.sum(axis=-1, keepdims=True)
    both = p + q
    return np.where(both > 0, p / np.where(both > 0, both, 1), 0.5)


class Net(NamedTuple):
    """Hold a net of one hidden layer of ReLUs, or the slopes of its weights."""

    W1: np.ndarray  # (D, H)
    b1: np.ndarray  # (H,)
    W2: np.ndarray  # (H, O)
    b2: np.ndarray  # (O,)


def forward(net: Net, x: np.ndarray) -> np.ndarray:
    """Compute the sums of the last layer: `x` (N, D) gives (N, O)."""
    return np.maximum(x @ net.W1 + net.b1, 0) @ net.W2 + net.b2


def backward(net: Net, x: np.ndarray, slopes: np.ndarray) -> tuple[Net, np.ndarray]:
    """Take slopes of a loss back through a net.

    Args:
        net: The net.
        x: Its inputs, (N, D).
        slopes: Of the loss, for each of the net's sums, (N, O).

    Returns:
        The slopes for the weights, and for the inputs, (N, D).
    """
    hidden = np.maximum(x @ net.W1 + net.b1, 0)
    back = (slopes @ net.W2.T) * (hidden > 0)
    weights = Net(x.T @ back, back.sum(axis=0), hidden.T @ slopes, slopes.sum(axis=0))
    return weights, back @ net.W1.T


def critic_slopes(critic: Net, real: np.ndarray, made: np.ndarray) -> Net:
    """Slopes of the critic's loss, -mean log D(real) - mean log(1 - D(made)).

    Args:
        critic: From (N, D) to one sum s each; its answer is D = sigmoid(s).
        real: (N, D).
        made: (M, D).

    Returns:
        One slope for each weight.
    """
    # The slope of -log D is D - 1 for each sum, that of -log(1 - D) is D.
    on_real, _ = backward(critic, real, (expit(forward(critic, real)) - 1) / len(real))
    on_made, _ = backward(critic, made, expit(forward(critic, made)) / len(made))
    return Net(*(a + b for a, b in zip(on_real, on_made, strict=True)))


def generator_slopes(
    generator: Net,
    critic: Net,
    noise: np.ndarray,
) -> Net:
    """Slopes of the generator's loss, -mean log D(made).

    Args:
        generator: From noise (N, Z) to examples (N, D).
        critic: From (N, D) to one sum each; it stays as it is.
        noise: (N, Z).

    Returns:
        One slope for each weight of the generator.
    """
    made = forward(generator, noise)
    D = expit(forward(critic, made))
    _, towards = backward(critic, made, (D - 1) / len(made))
    return backward(generator, noise, towards)[0]


def found(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the blobs that made points reach.

    A blob is found if at least half of its fair share, one sixteenth of all points, lies within
    three widths of its centre.

    Args:
        points: (..., N, 2).

    Returns:
        How many of the eight are found, (...), and the share of points near any, (...).
    """
    far = np.linalg.norm(points[..., None, :] - CENTRES, axis=-1)  # (..., N, 8)
    shares = (far <= 3 * WIDTH).mean(axis=-2)
    return (shares >= 1 / 16).sum(axis=-1), shares.sum(axis=-1)


def told_apart(real: np.ndarray, made: np.ndarray) -> float:
    """How often the nearest other example is of the same kind, real or made.

    Source: Lopez-Paz & Oquab (2017), the test by one nearest neighbour, each left out in turn.

    Args:
        real: (N, D).
        made: (N, D), as many.

    Returns:
        A share: about 0.5 if the two cannot be told apart, 1 if they always can.
    """
    X = np.concatenate([real, made])
    kind = np.arange(len(X)) < len(real)
    squares = (X**2).sum(axis=1)
    apart = squares[:, None] + squares - 2 * X @ X.T
    np.fill_diagonal(apart, np.inf)
    return float(np.mean(kind[apart.argmin(axis=1)] == kind))


class SideBySide(nn.Module):
    """Linear layers that are trained at the same time and know nothing of one another.

    Args:
        pairs: How many.
        inputs: Of each.
        outputs: Of each.
        seed: Of the first weights, uniform within 1 / sqrt(inputs).
    """

    def __init__(self, pairs: int, inputs: int, outputs: int, *, seed: int) -> None:
        """Draw the first weights."""
        super().__init__()
        draw = torch.Generator().manual_seed(seed)
        reach = inputs**-0.5
        W = (2 * torch.rand(pairs, inputs, outputs, generator=draw) - 1) * reach
        b = (2 * torch.rand(pairs, 1, outputs, generator=draw) - 1) * reach
        self.W, self.b = nn.Parameter(W), nn.Parameter(b)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the sums: `x` (pairs, N, inputs) gives (pairs, N, outputs)."""
        return torch.baddbmm(self.b, x, self.W)


def train(
    generator: nn.Module,
    critic: nn.Module,
    real: Callable[[], Tensor],
    noise: Callable[[], Tensor],
    *,
    steps: int,
    rates: tuple[float, float] = (0.001, 0.001),
    watch: Callable[[int, float, float], None] | None = None,
) -> None:
    """Train two nets in place, in turns: the critic, then the generator.

    Args:
        generator: From noise to examples.
        critic: From examples to one sum s each; its answer is sigmoid(s).
        real: Gives the next batch of real examples.
        noise: Gives the next batch of noise.
        steps: Turns of each.
        rates: Of Adam, for the generator and the critic.
        watch: Called before each step, and after the last, with the number of steps made and
            the losses of generator and critic in the latest one.
    """
    by_generator, by_critic = (
        torch.optim.Adam(net.parameters(), lr=rate, betas=(0.5, 0.999), foreach=True)
        for net, rate in zip((generator, critic), rates, strict=True)
    )
    lost = (float("nan"), float("nan"))
    for step in range(steps):
        if watch:
            watch(step, *lost)
        made = generator(noise())
        loss = softplus(-critic(real())).mean() + softplus(critic(made.detach())).mean()
        by_critic.zero_grad()
        loss.backward()
        by_critic.step()
        fooled = softplus(-critic(made)).mean()
        by_generator.zero_grad()
        fooled.backward()
        by_generator.step()
        lost = (fooled.item(), loss.item())
    if watch:
        watch(steps, *lost)


def _counts(real: np.ndarray, made: np.ndarray) -> None:
    for name, counts in (("real", real), ("made", made)):
        if (counts < 0).any():
            raise ValueError(f"best_answer(): {name} has a count below 0: {counts.min()}")
        if (counts.sum(axis=-1) == 0).any():
            raise ValueError(f"best_answer(): {name} has no example")


def _net(name: str, inputs: str, hidden: str, outputs: str) -> dict[str, str]:
    shapes = (f"({inputs}, {hidden})", f"({hidden},)", f"({hidden}, {outputs})", f"({outputs},)")
    return {f"{name}.{part}": shape for part, shape in zip(Net._fields, shapes, strict=True)}


_ANY, _CRITIC = _net("net", "D", "H", "O"), _net("critic", "D", "K", "1")
takes(best_answer, {"real": "(..., B), not empty", "made": "(..., B), not empty"}, also=_counts)
takes(forward, {"x": "(N, D), not empty", **_ANY})
takes(backward, {"x": "(N, D), not empty", "slopes": "(N, O)", **_ANY})
takes(critic_slopes, {"real": "(N, D), not empty", "made": "(M, D), not empty", **_CRITIC})
takes(
    generator_slopes,
    {"noise": "(N, Z), not empty", **_net("generator", "Z", "H", "D"), **_CRITIC},
)
takes(found, {"points": "(..., N, 2), not empty"})
takes(told_apart, {"real": "(N, D), not empty", "made": "(N, D), not empty"})
