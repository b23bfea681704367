"""Squares cut from eight real photographs, and what a simple rule measures of them."""

from __future__ import annotations

import numpy as np

from introdl import data
from introdl.arguments import takes
from introdl.vision.segmentation import patches

#: For each class the photograph, and by how much it is made smaller.
TEXTURES = {
    "brick": ("brick", 2),
    "grass": ("grass", 2),
    "gravel": ("gravel", 2),
    "coins": ("coins", 2),
    "stars": ("hubble", 2),
    "print": ("page", 1),
    "fur": ("cat", 1),
    "tissue": ("immunohistochemistry", 2),
}
SIDE = 32  # of a square
CUTS = (0.5, 0.75)  # where the parts for training and for validation end, from the left


def texture(name: str) -> np.ndarray:
    """Load the photograph of one class in grey, made smaller: brightness in [0, 1], (H, W).

    Raises:
        ValueError: If there is no class of this name.
    """
    if name not in TEXTURES:
        raise ValueError(f"texture(): no texture {name!r}; there are {', '.join(TEXTURES)}")
    source, step = TEXTURES[name]
    if source in ("page", "immunohistochemistry"):
        import skimage.data

        picture = getattr(skimage.data, source)() / 255.0
    else:
        picture = data.photograph(source)
    if picture.ndim == 3:
        picture = picture.mean(axis=2)
    h, w = picture.shape[0] // step, picture.shape[1] // step
    blocks = picture[: h * step, : w * step].reshape(h, step, w, step)
    return np.asarray(blocks.mean(axis=(1, 3)))


def standardize(squares: np.ndarray, least: float = 0.02) -> np.ndarray:
    """Give each square the mean 0 and the spread 1, so that neither light nor contrast tells.

    Args:
        squares: Brightness, (N, H, W).
        least: A smaller spread than this counts as this one, above 0.

    Returns:
        The same shape.

    Examples:
        >>> standardize(np.array([[[1.0, 3.0], [3.0, 1.0]]]))
        array([[[-1.,  1.],
                [ 1., -1.]]])
    """
    centred = squares - squares.mean(axis=(1, 2), keepdims=True)
    return centred / np.maximum(centred.std(axis=(1, 2), keepdims=True), least)


def texture_squares(counts: tuple[int, int, int], seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cut squares of 32 × 32 from all textures, at random places.

    The left half of each photograph is for training, the next quarter for validation, and the
    right quarter for the test, so that no pixel is in two parts.

    Args:
        counts: Squares of each class for training, validation and test, each 1 or more.
        seed: Of the places.

    Returns:
        For each part the standardized squares, (8 count, 32, 32), and their classes, (8 count,).
    """
    parts: list[list[np.ndarray]] = [[], [], []]
    for k, name in enumerate(TEXTURES):
        picture = texture(name)
        ends = [0, *(int(cut * picture.shape[1]) for cut in CUTS), picture.shape[1]]
        for j, count in enumerate(counts):
            region = picture[:, ends[j] : ends[j + 1]]
            parts[j].append(patches(region, count, SIDE, 1000 * seed + 10 * k + j))
    labels = np.arange(len(TEXTURES))
    return [
        (standardize(np.concatenate(part)), labels.repeat(count))
        for part, count in zip(parts, counts, strict=True)
    ]


def features(squares: np.ndarray) -> np.ndarray:
    """Measure squares for the simple rule: a histogram, and how much of which waves they hold.

    Args:
        squares: Standardized, (N, 32, 32).

    Returns:
        (N, 40): shares of the pixels in 16 steps of brightness from -3 to 3, and the mean log
        power of the waves in 6 rings of frequency times 4 directions.

    Raises:
        ValueError: If a square is not 32 × 32.
    """
    steps = np.clip((squares + 3) / 6 * 16, 0, 15).astype(np.int8)
    histogram = np.stack([(steps == k).mean(axis=(1, 2)) for k in range(16)], axis=1)
    power = np.log(np.abs(np.fft.fft2(squares)) ** 2 + 1e-3)
    waves = np.fft.fftfreq(SIDE, 1 / SIDE)  # per square
    across, down = np.meshgrid(waves, waves)
    ring = np.digitize(np.hypot(across, down), (0.5, 2, 4, 6, 8, 11)) - 1  # the mean is in none
    direction = np.floor(np.arctan2(down, across) % np.pi / (np.pi / 4)) % 4
    which = np.where(ring >= 0, 4 * ring + direction, -1)
    spectrum = [power[:, which == k].mean(axis=1) for k in range(24)]
    return np.column_stack([histogram, *spectrum])


def _square(squares: np.ndarray) -> None:
    if squares.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"features(): squares has shape {squares.shape}, expected (N, 32, 32)")


def _positive(least: float, **_: object) -> None:
    if least <= 0:
        raise ValueError(f"standardize(): least = {least} must be above 0")


takes(standardize, {"squares": "(N, H, W), not empty", "least": "()"}, also=_positive)
takes(features, {"squares": "(N, H, W), not empty"}, also=_square)
