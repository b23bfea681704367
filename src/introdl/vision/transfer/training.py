"""Training of what is not frozen, on what the frozen layers make of each picture."""

from __future__ import annotations

import numpy as np

from introdl.arguments import takes
from introdl.networks.optimizers import Adam
from introdl.vision.transfer.nets import (
    PLACES,
    Nets,
    _features,
    _layer,
    _softmax,
    _sums,
)


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
