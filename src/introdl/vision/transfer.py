"""Transfer: keep the layers of a trained net, give it a new head, and train a part of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes
from introdl.networks.optimizers import Adam

# `takes` makes float64 of everything. Training calls what is unchecked, in the nets' own type.

SIDE, KERNEL, STRIDE = 28, 5, 4
PLACES = ((SIDE - KERNEL) // STRIDE + 1) ** 2  # where a kernel looks, 36


class Nets(NamedTuple):
    """R small convolutional nets side by side, for pictures of 28 × 28: three layers.

    Attributes:
        w1: Eight kernels of 5 × 5 that go in steps of four, one per column, (R, 25, 8); b1 is
            (R, 1, 8).
        w2: Of 32 units, (R, 288, 32), the eight answers at a place next to each other; b2 is
            (R, 1, 32).
        w3: The head, one sum per class, (R, 32, K); b3 is (R, 1, K).
    """

    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray
    w3: np.ndarray
    b3: np.ndarray


def start(seeds: list[int], classes: int, dtype: type = np.float32) -> Nets:
    """Draw first weights for ReLU, for each net by its seed; biases are 0."""
    weights = []
    for i, o in ((KERNEL**2, 8), (8 * PLACES, 32), (32, classes)):
        drawn = [np.random.default_rng([s, i]).normal(size=(i, o)) for s in seeds]
        weights += [np.stack(drawn) * np.sqrt(2 / i), np.zeros((len(seeds), 1, o))]
    return Nets(*(w.astype(dtype) for w in weights))


def carry(nets: Nets, layers: int, seeds: list[int], classes: int) -> Nets:
    """Copy the first `layers` layers (0 to 2); what comes after, the head at least, is new.

    Args:
        nets: R trained nets.
        layers: How many layers to copy.
        seeds: Of the new layers, (R,).
        classes: K, how many classes the new head tells apart.

    Raises:
        ValueError: If there is no such layer to copy, or not one seed per net.
    """
    _layer("layers", layers)
    if len(seeds) != len(nets.w1):
        raise ValueError(f"carry(): {len(nets.w1)} nets and {len(seeds)} seeds")
    fresh = start(seeds, classes, nets.w1.dtype.type)
    return Nets(*(w.copy() for w in nets[: 2 * layers]), *fresh[2 * layers :])


def features(nets: Nets, x: np.ndarray, layers: int = 2) -> np.ndarray:
    """Compute what the first `layers` layers (0 to 2) make of pictures (R, N, 28, 28).

    Returns:
        (R, N, 900) patches of pixels, (R, N, 288) answers of kernels or (R, N, 32) of units.
    """
    return _features(nets, x, layers)


def _features(nets: Nets, x: np.ndarray, layers: int) -> np.ndarray:
    x = np.lib.stride_tricks.sliding_window_view(
        x.astype(nets.w1.dtype), (KERNEL, KERNEL), axis=(2, 3)
    )
    x = x[:, :, ::STRIDE, ::STRIDE].reshape(*x.shape[:2], -1)
    for layer in range(layers):
        x = np.maximum(0, _sums(nets, x, layer))
    return x


def _sums(nets: Nets, x: np.ndarray, layer: int) -> np.ndarray:
    """One layer: the kernels meet each patch of a picture, the others the whole row."""
    w, b = nets[2 * layer : 2 * layer + 2]
    rows = x.reshape(len(w), -1, w.shape[1])
    return (rows @ w + b).reshape(*x.shape[:2], -1)


def shares(nets: Nets, x: np.ndarray) -> np.ndarray:
    """Share out one whole among the K classes, for pictures (R, N, 28, 28): (R, N, K)."""
    return _softmax(_sums(nets, _features(nets, x, 2), 2))


def _softmax(z: np.ndarray) -> np.ndarray:
    z = np.exp(z - z.max(axis=-1, keepdims=True))
    return z / z.sum(axis=-1, keepdims=True)


def gradients(nets: Nets, x: np.ndarray, y: np.ndarray, frozen: int = 0) -> list[np.ndarray]:
    """Compute the slopes of each net's mean cross-entropy by what is not frozen.

    Args:
        nets: R nets.
        x: What the frozen layers make of the pictures, from `features`, (R, N, ...).
        y: The classes, (R, N).
        frozen: How many layers are frozen, 0 to 2.

    Returns:
        One array per weight and bias after the frozen layers, in the shapes of `nets`.
    """
    return _gradients(nets, x, y, frozen)


def _gradients(nets: Nets, x: np.ndarray, y: np.ndarray, frozen: int) -> list[np.ndarray]:
    inputs = [x]
    for layer in range(frozen, 2):
        inputs.append(np.maximum(0, _sums(nets, inputs[-1], layer)))
    slope = _softmax(_sums(nets, inputs[-1], 2))  # (R, N, K)
    np.put_along_axis(slope, y[..., None], np.take_along_axis(slope, y[..., None], 2) - 1, 2)
    slope /= y.shape[1]
    found = []
    for layer in range(2, frozen - 1, -1):
        w, x = nets[2 * layer], inputs.pop()
        rows, slopes = (
            a.reshape(len(w), -1, n) for a, n in zip((x, slope), w.shape[1:], strict=True)
        )
        found = [rows.swapaxes(1, 2) @ slopes, slopes.sum(axis=1, keepdims=True), *found]
        if layer > frozen:  # below, nothing is trained: no slope needs to go there
            slope = (slopes @ w.swapaxes(1, 2)).reshape(x.shape) * (x > 0)
    return found


def train(
    nets: Nets,
    pictures: np.ndarray,
    y: np.ndarray,
    rows: np.ndarray,
    *,
    seeds: list[int],
    rate: float,
    steps: int,
    batch: int = 25,
    frozen: int = 0,
) -> Nets:
    """Train the layers of R nets that are not frozen, with Adam, each on examples of its own.

    What frozen layers make of a picture does not change: it is computed once, before training.

    Args:
        nets: R nets to start from; they stay as they are.
        pictures: (M, 28, 28).
        y: Their classes, (M,).
        rows: Which of them each net learns from, (R, N).
        seeds: One per net: it draws the examples of each update.
        rate: Learning rate of Adam at the first update; it falls in a line to 0.
        steps: Updates.
        batch: Examples per update, drawn with replacement.
        frozen: How many layers are frozen, 0 to 2.

    Returns:
        The trained nets.
    """
    r = np.arange(len(rows))[:, None]
    x, labels = _features(nets, pictures[rows], frozen), y[rows]  # once
    picks = [np.random.default_rng([seed, 0]) for seed in seeds]
    free = nets[2 * frozen :]
    flat, ends = np.concatenate(free, axis=None), np.cumsum([w.size for w in free])
    views = [v.reshape(w.shape) for v, w in zip(np.split(flat, ends), free, strict=False)]
    nets = Nets(*nets[: 2 * frozen], *views)  # they change as `flat` does
    rule = Adam(rate)
    for step in range(steps):
        i = np.stack([rng.integers(rows.shape[1], size=batch) for rng in picks])
        slopes = _gradients(nets, x[r, i], labels[r, i], frozen)
        rule.rate = rate * (1 - step / steps)
        flat[:] = rule.step(flat, np.concatenate(slopes, axis=None))
    return nets


def _fits(nets: Nets, x: np.ndarray, layers: int = 2, **_: object) -> None:
    if len(x) != len(nets.w1):
        raise ValueError(f"pictures for {len(x)} nets, there are {len(nets.w1)}")
    _layer("layers", layers)


def _layer(name: str, count: int) -> None:
    if count not in (0, 1, 2):
        raise ValueError(f"{name} must be 0, 1 or 2, got {count}")


def _classes(nets: Nets, y: np.ndarray) -> None:
    classes = nets.b3.shape[2]
    if ((y < 0) | (y >= classes)).any():
        raise ValueError(f"y must hold classes 0 to {classes - 1}, got {y.min()} to {y.max()}")


def _sloped(nets: Nets, x: np.ndarray, y: np.ndarray, frozen: int) -> None:
    _layer("frozen", frozen)
    _classes(nets, y)
    r, numbers = len(nets.w1), (25 * PLACES, *nets.w2.shape[1:])[frozen]
    if x.shape[0] != r or x.shape[2] != numbers:
        raise ValueError(f"x must be ({r}, N, {numbers}) after {frozen} layers, got {x.shape}")


def _trainable(
    nets: Nets,
    y: np.ndarray,
    rows: np.ndarray,
    seeds: list[int],
    steps: int,
    frozen: int,
    **_: object,
) -> None:
    _layer("frozen", frozen)
    _classes(nets, y)
    if ((rows < 0) | (rows >= len(y))).any():
        raise ValueError(f"rows must be 0 to {len(y) - 1}, got {rows.min()} to {rows.max()}")
    if not len(nets.w1) == len(rows) == len(seeds):
        raise ValueError(f"{len(nets.w1)} nets, {len(rows)} rows of examples, {len(seeds)} seeds")
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, got {steps}")


takes(features, {"x": "(R, N, 28, 28), not empty"}, also=_fits)
takes(shares, {"x": "(R, N, 28, 28), not empty"}, also=_fits)
takes(gradients, {"x": "(R, N, D), not empty", "y": "(R, N) of integers, not empty"}, also=_sloped)
takes(
    train,
    {
        "pictures": "(M, 28, 28), not empty",
        "y": "(M,) of integers",
        "rows": "(R, N) of integers, not empty",
    },
    also=_trainable,
)
