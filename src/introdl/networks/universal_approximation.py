"""Universal approximation: sums of bends, the net through given points, folds, pieces counted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from introdl.arguments import takes
from introdl.networks.optimizers import Adam


class Bends(NamedTuple):
    """A net of one input, one hidden layer of ReLUs and one output, or several such nets.

    Unit j computes w x + b and bends where that is 0, at x = -b / w.

    Attributes:
        w: Weights of the input, (..., H).
        b: Biases of the hidden units, (..., H).
        v: Weights of the output, (..., H).
        c: Bias of the output, (..., 1).
    """

    w: np.ndarray
    b: np.ndarray
    v: np.ndarray
    c: np.ndarray

    def curve(self, x: np.ndarray) -> np.ndarray:
        """Compute the output at each of `x` (N,): (..., N)."""
        z = x[:, None] * self.w[..., None, :] + self.b[..., None, :]  # (..., N, H)
        return (np.maximum(z, 0) @ self.v[..., None])[..., 0] + self.c


def through(x: np.ndarray, y: np.ndarray) -> Bends:
    """Build the net that goes straight from point to point: one unit per piece.

    Each unit bends at the left end of its piece, and adds the change of slope there.

    Args:
        x: Where the points are, ascending, (M,) with M at least 2.
        y: Their heights, (M,).

    Returns:
        The net, with H = M - 1 units.

    Examples:
        >>> net = through(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.25, 1.0]))
        >>> net.v, net.curve(np.array([0.25, 1.0]))
        (array([0.5, 1. ]), array([0.125, 1.   ]))
    """
    if len(x) < 2 or not (np.diff(x) > 0).all():
        raise ValueError("through(): x must be two or more numbers that ascend")
    slope = np.diff(y) / np.diff(x)  # of each piece
    if not np.isfinite(slope).all():
        raise ValueError("through(): two points are too near for a slope that is a number")
    change = np.diff(slope, prepend=0)
    return Bends(np.ones(len(slope)), -x[:-1], change, y[:1].copy())


def start(nets: int, units: int, rng: np.random.Generator) -> Bends:
    """Draw first weights as `torch.nn.Linear` does: evenly up to 1 over the root of the inputs."""
    hidden = rng.uniform(-1, 1, size=(2, nets, units))
    reach = 1 / np.sqrt(units)
    v = rng.uniform(-reach, reach, size=(nets, units))
    return Bends(*hidden, v, rng.uniform(-reach, reach, size=(nets, 1)))


def slopes(net: Bends, x: np.ndarray, target: np.ndarray) -> Bends:
    """Compute the slopes of half the mean squared error by every weight and bias.

    Args:
        net: One net, or several.
        x: Inputs, (N,).
        target: What each net should answer, (..., N).

    Returns:
        The slopes, in the shapes of `net`.
    """
    z = x[:, None] * net.w[..., None, :] + net.b[..., None, :]  # (..., N, H)
    a = np.maximum(z, 0)
    error = ((a @ net.v[..., None])[..., 0] + net.c - target) / len(x)  # (..., N)
    back = error[..., None] * (z > 0)  # (..., N, H)
    return Bends(
        w=net.v * (x @ back),
        b=net.v * back.sum(axis=-2),
        v=(error[..., None, :] @ a)[..., 0, :],
        c=error.sum(axis=-1, keepdims=True),
    )


def descend(net: Bends, x: np.ndarray, target: np.ndarray, rate: np.ndarray, steps: int) -> Bends:
    """Take steps of Adam against the slopes, on all examples at once.

    Args:
        net: R nets to start from.
        x: Inputs, (N,).
        target: What each net should answer, (R, N).
        rate: The learning rate of each net, (R,).
        steps: How many steps.
    """
    units = net.w.shape[-1]
    adam, weights = Adam(rate[:, None]), np.concatenate(net, axis=-1)  # (R, 3 H + 1)
    for _ in range(steps):
        now = Bends(*np.split(weights, [units, 2 * units, 3 * units], axis=-1))
        weights = adam.step(weights, np.concatenate(slopes(now, x, target), axis=-1))
    return Bends(*np.split(weights, [units, 2 * units, 3 * units], axis=-1))


def fold(x: np.ndarray) -> np.ndarray:
    """Fold 0 to 1 at the middle, and stretch it to its old length, by two ReLUs: (...).

    Examples:
        >>> fold(np.array([0.0, 0.25, 0.5, 0.75, 1.0]))
        array([0. , 0.5, 1. , 0.5, 0. ])
    """
    return 2 * np.maximum(x, 0) - 4 * np.maximum(x - 0.5, 0)


class Layer(NamedTuple):
    """A layer: its weights `W` (D, H) and its biases `b` (H,)."""

    W: np.ndarray
    b: np.ndarray


def folds(times: int) -> list[Layer]:
    """Write `fold`, so many times over, as layers of two ReLUs and an output.

    The output of a fold and the sums of the next are multiplied out, as no ReLU is between them.
    """
    if times < 1:
        raise ValueError(f"folds(): times must be 1 or more, got {times}")
    b = np.array([0, -0.5])
    first, out = Layer(np.ones((1, 2)), b), Layer(np.array([[2.0], [-4.0]]), np.zeros(1))
    again = [Layer(out.W @ first.W, b.copy()) for _ in range(times - 1)]
    return [first, *again, out]


def corners(layers: Sequence[Layer], low: float, high: float) -> list[Fraction]:
    """Find exactly, in fractions, where a net of one input and one output has a corner.

    Between neighbouring places at which some ReLU bends, each sum is a straight line. So its values
    at the two ends say where it is 0.

    Args:
        layers: The layers; a ReLU is behind each but the last.
        low: Left end of the interval.
        high: Right end.

    Returns:
        Where the slope changes, between `low` and `high`, ascending: one less than the pieces.

    Raises:
        ValueError: If `low` is not below `high`, or the net has more than one input or output.

    Examples:
        >>> [str(at) for at in corners(folds(2), 0, 1)]
        ['1/4', '1/2', '3/4']
    """
    if not low < high or len(layers[0].W) != 1 or len(layers[-1].b) != 1:
        raise ValueError("corners(): needs low < high, and a net of one input and one output")
    exact = np.vectorize(lambda v: Fraction(float(v)), otypes=[object])
    at = exact([low, high])
    values = at[:, None]
    for nth, (W, b) in enumerate(layers):
        values = values @ exact(W) + exact(b)  # (places, H)
        if nth < len(layers) - 1:
            at, values = _with_zeros(at, values)
            values = np.maximum(values, Fraction(0))
    slope = np.diff(values[:, 0]) / np.diff(at)
    return [at[i + 1] for i in range(len(slope) - 1) if slope[i] != slope[i + 1]]


def _with_zeros(at: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add the places between neighbours where a column of `values` (places, H) is 0."""
    places, rows = [at[0]], [values[0]]
    for i in range(len(at) - 1):
        left, right = values[i], values[i + 1]
        shares = {p / (p - q) for p, q in zip(left, right, strict=True) if p * q < 0}
        for share in [*sorted(shares), Fraction(1)]:
            places.append(at[i] + share * (at[i + 1] - at[i]))
            rows.append(left + share * (right - left))
    return np.array(places), np.array(rows)


_NET = {"w": "(..., H)", "b": "(..., H)", "v": "(..., H)", "c": "(..., 1)"}
_OF_NET = {f"net.{name}": shape for name, shape in _NET.items()}

takes(Bends.curve, {f"self.{name}": shape for name, shape in _NET.items()} | {"x": "(N,)"})
takes(through, {"x": "(M,)", "y": "(M,)"})
takes(slopes, _OF_NET | {"x": "(N,), not empty", "target": "(..., N)"})
takes(
    descend,
    {f"net.{name}": shape.replace("...", "R") for name, shape in _NET.items()}
    | {"x": "(N,), not empty", "target": "(R, N)", "rate": "(R,)"},
)
takes(fold, {"x": "(...)"})
