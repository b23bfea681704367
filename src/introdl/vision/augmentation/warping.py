"""Pictures turned, zoomed, shifted and mirrored, by asking each new pixel where it comes from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes

# `takes` makes float64 of everything. Training calls what is unchecked, in float32.


def sample(pictures: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Read pictures at places between their pixels: each is a mean of the four pixels around it.

    Args:
        pictures: (N, H, W). Outside, all is 0.
        rows: Where to look, counted from the middle of the first row, (N, I, J).
        columns: Likewise, from the middle of the first column, (N, I, J).

    Returns:
        One number per place, (N, I, J).

    Examples:
        >>> sample(np.array([[[0, 8, 4]]]), np.array([[[0]]]), np.array([[[1.25]]]))
        array([[[7.]]])
    """
    return _sample(pictures, rows, columns)


def _sample(pictures: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    n, height, width = pictures.shape
    padded = np.zeros((n, height + 3, width + 3), pictures.dtype)
    padded[:, 1:-2, 1:-2] = pictures  # what is out there is 0, not forgotten
    rows, columns = np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)
    top, left = rows.astype(np.int32), columns.astype(np.int32)
    down, right = rows - top.astype(rows.dtype), columns - left.astype(rows.dtype)
    sheet = np.arange(n, dtype=np.int32)[:, None, None] * (height + 3)
    at, pixels = (sheet + top) * (width + 3) + left, padded.ravel()
    above = (1 - right) * pixels.take(at) + right * pixels.take(at + 1)
    at += width + 3
    below = (1 - right) * pixels.take(at) + right * pixels.take(at + 1)
    return (1 - down) * above + down * below


def warp(
    pictures: np.ndarray,
    *,
    turn: np.ndarray | float = 0.0,
    zoom: np.ndarray | float = 1.0,
    down: np.ndarray | float = 0.0,
    right: np.ndarray | float = 0.0,
    mirror: np.ndarray | bool = False,
) -> np.ndarray:
    """Mirror, zoom, turn and then shift pictures: ask for each new pixel where it comes from.

    Each change is one number for all pictures, or one per picture, (N,).

    Args:
        pictures: (N, H, W); what comes in from outside is 0.
        turn: Degrees about the middle of the picture, against the clock.
        zoom: How many times as large, above 0.
        down: Pixels to shift by, upwards if negative.
        right: Pixels to shift by, to the left if negative.
        mirror: Whether left and right change places.

    Returns:
        (N, H, W).

    Raises:
        ValueError: If a zoom is not above 0.

    Examples:
        >>> warp(np.array([[[0, 8, 4]]]), right=0.5)
        array([[[0., 4., 6.]]])
    """
    return _warp(pictures, turn, zoom, down, right, mirror)


def _warp(
    pictures: np.ndarray,
    turn: np.ndarray | float,
    zoom: np.ndarray | float,
    down: np.ndarray | float,
    right: np.ndarray | float,
    mirror: np.ndarray | bool,
) -> np.ndarray:
    n, height, width = pictures.shape

    def each(values: np.ndarray | float) -> np.ndarray:
        return np.broadcast_to(values, n).astype(pictures.dtype)[:, None, None]

    angle, size = np.radians(each(turn)), each(zoom)
    cos, sin = np.cos(angle) / size, np.sin(angle) / size
    middle = [(height - 1) / 2, (width - 1) / 2]
    u = np.arange(height, dtype=pictures.dtype)[:, None] - middle[0] - each(down)  # (N, H, 1)
    v = np.arange(width, dtype=pictures.dtype) - middle[1] - each(right)  # (N, 1, W)
    rows, columns = cos * u + sin * v, cos * v - sin * u  # (N, H, W)
    columns *= 1 - 2 * each(mirror)
    return _sample(pictures, rows + middle[0], columns + middle[1])


class Change(NamedTuple):
    """How far pictures are changed at random.

    Attributes:
        turn: Degrees, each way.
        shift: Pixels, each way, down and to the right.
        zoom: Share of the size, each way, below 1: 0.1 is 10 %.
        mirror: The share of pictures that are mirrored.
    """

    turn: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    mirror: float = 0.0

    def draw(self, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Draw at random what `warp` takes, for `n` pictures."""
        parts = rng.uniform(-1, 1, size=(4, n))
        return {
            "turn": self.turn * parts[0],
            "zoom": 1 + self.zoom * parts[1],
            "down": self.shift * parts[2],
            "right": self.shift * parts[3],
            "mirror": rng.random(n) < self.mirror,
        }


def _warpable(pictures: np.ndarray, **changes: np.ndarray) -> None:
    for name, values in changes.items():
        if np.shape(values) not in ((), (len(pictures),)):
            raise ValueError(
                f"warp(): {name} has shape {np.shape(values)}, expected one number, or one for "
                f"each of {len(pictures)} pictures"
            )
    if np.any(np.asarray(changes["zoom"]) <= 0):
        raise ValueError(f"warp(): zoom must be above 0, got {np.min(changes['zoom']):g}")


takes(sample, {"pictures": "(N, H, W)", "rows": "(N, I, J)", "columns": "(N, I, J)"})
takes(
    warp,
    {
        "pictures": "(N, H, W)",
        **dict.fromkeys(("turn", "zoom", "down", "right"), "(...)"),
        "mirror": "(...) of Booleans",
    },
    also=_warpable,
)
