"""Small nets whose first layers can be copied under a new head."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes

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
    """Copy the first `layers` layers (0 to 2); what comes after is new, and the head is 0.

    A head drawn from a seed could be the one under which the copied layers were trained.

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
    head = (np.zeros_like(w) for w in fresh[4:])
    return Nets(*(w.copy() for w in nets[: 2 * layers]), *fresh[2 * layers : 4], *head)


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


def _fits(nets: Nets, x: np.ndarray, layers: int = 2, **_: object) -> None:
    if len(x) != len(nets.w1):
        raise ValueError(f"pictures for {len(x)} nets, there are {len(nets.w1)}")
    _layer("layers", layers)


def _layer(name: str, count: int) -> None:
    if count not in (0, 1, 2):
        raise ValueError(f"{name} must be 0, 1 or 2, got {count}")


for _function in (features, shares):
    takes(_function, {"x": "(R, N, 28, 28), not empty"}, also=_fits)
