"""How far pictures are apart, the mean of several paths, and the loss of a mixture."""

from __future__ import annotations

import numpy as np

from introdl.applications.handwriting_generation.strokes import (
    DRAW,
    STOP,
    checked,
    resample,
    to_lines,
)
from introdl.arguments import takes


def distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Give the root mean square difference in grey of each two pictures.

    Args:
        one: Pictures, (N, side, side).
        other: Pictures, (M, side, side).

    Returns:
        A table, (N, M).
    """
    a, b = one.reshape(len(one), -1), other.reshape(len(other), -1)
    square = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return np.sqrt(square.clip(0) / a.shape[1])


def variety(pictures: np.ndarray) -> float:
    """Give the mean distance of two different pictures of a set, (N, side, side), N > 1."""
    count = len(pictures)
    return float(distances(pictures, pictures).sum() / (count * (count - 1)))


def mean_path(paths: list[np.ndarray], count: int = 15) -> np.ndarray:
    """Give the mean of several paths, place by place.

    Each is cut into equally many steps of equal length, as if the pen were never lifted.

    Args:
        paths: Steps of each, (T, 3).
        count: Places of the mean.

    Returns:
        Steps, (count, 3).
    """
    ways = [np.concatenate(to_lines(path, 1.0)) for path in checked(paths, 3, "paths")]
    even = []
    for way in ways:
        fine = resample(way, 1e-2)
        even.append(fine[np.linspace(0, len(fine) - 1, count).round().astype(int)])
    places = np.mean(even, axis=0) - to_lines(np.zeros((1, 3)), 1.0)[0]
    after = np.full((count, 1), DRAW)
    after[-1] = STOP
    return np.hstack([np.diff(places, axis=0, prepend=np.zeros((1, 2))), after])


def mixture_loss(
    x: float,
    weights: np.ndarray,
    means: np.ndarray,
    sds: np.ndarray,
) -> float:
    """Give minus the logarithm of a mixture's density at one number.

    Args:
        x: What happened.
        weights: Of the Gaussians, which add up to 1, (M,).
        means: Their means, (M,).
        sds: Their standard deviations, (M,).
    """
    z = (x - means) / sds
    densities = np.exp(-0.5 * z**2) / (sds * np.sqrt(2 * np.pi))
    return -np.log(weights @ densities)


def _two(pictures: np.ndarray) -> None:
    if len(pictures) < 2:
        raise ValueError("variety(): pictures holds one, two or more are needed")


def _mixture(x: float, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> None:
    if abs(weights.sum() - 1) > 1e-6 or (sds <= 0).any():
        raise ValueError("mixture_loss(): weights add up to 1, and sds are above 0")


takes(distances, {"one": "(N, H, W) in [0, 1]", "other": "(M, H, W) in [0, 1]"})
takes(variety, {"pictures": "(N, H, W) in [0, 1], not empty"}, also=_two)
takes(
    mixture_loss,
    {"x": "()", "weights": "(M,) in [0, 1], not empty", "means": "(M,)", "sds": "(M,)"},
    also=_mixture,
)
