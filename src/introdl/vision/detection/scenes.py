"""Made scenes: real digits of random sizes at random places, among torn pieces of others."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from introdl.arguments import takes

#: Pixels along each side of a scene.
SIDE = 48
#: What a digit's ink has more of than its paper.
_INK = 0.2


class Scenes(NamedTuple):
    """Pictures, and where their digits are.

    Attributes:
        pictures: (N, 48, 48), 0 is paper and 1 is ink.
        boxes: The true boxes of all scenes, (M, 4): left, top, right, bottom.
        of: Which picture each box is in, (M,) of integers.
    """

    pictures: np.ndarray
    boxes: np.ndarray
    of: np.ndarray


def draw_scenes(digits: np.ndarray, count: int, pieces: int, seed: int) -> Scenes:
    """Draw scenes of one to four digits, whose longer side is 14 to 26 pixels.

    Args:
        digits: Real digits to choose from, (N, 28, 28), 0 is paper and 1 is ink.
        count: How many scenes to draw.
        pieces: How many square pieces of 6 to 11 pixels, torn from other digits, are in each.
        seed: Of all that is drawn.

    Raises:
        ValueError: If a digit has no ink, or `count` or `pieces` is negative.
    """
    rng = np.random.default_rng(seed)
    pictures, boxes, of = np.zeros((count, SIDE, SIDE)), [], []
    for scene, picture in enumerate(pictures):
        for _ in range(pieces):
            side = int(rng.integers(6, 12))
            row, column = rng.integers(4, 25 - side, 2)
            piece = digits[rng.integers(len(digits))][row : row + side, column : column + side]
            _paste(picture, piece, *rng.integers(0, SIDE - side + 1, 2))
        own: list[list[int]] = []
        for _ in range(rng.integers(1, 5)):
            digit = _cut(digits[rng.integers(len(digits))])
            scale = rng.integers(14, 27) / max(digit.shape)
            height, width = (max(4, round(scale * side)) for side in digit.shape)
            small = Image.fromarray(digit.astype(np.float32))
            small = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
            for _ in range(10):  # places, of which the first that is free is taken
                top, left = rng.integers(SIDE - height + 1), rng.integers(SIDE - width + 1)
                box = [int(n) for n in (left, top, left + width, top + height)]
                if all(_apart(box, other) for other in own):
                    _paste(picture, small, top, left)
                    own.append(box)
                    of.append(scene)
                    break
        boxes += own
    return Scenes(pictures, np.array(boxes, dtype=float).reshape(-1, 4), np.array(of, dtype=int))


def _cut(digit: np.ndarray) -> np.ndarray:
    """The smallest part of a sheet that holds all of the ink."""
    rows, columns = (np.flatnonzero((digit > _INK).any(axis=axis)) for axis in (1, 0))
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _paste(picture: np.ndarray, piece: np.ndarray, top: int, left: int) -> None:
    """Lay ink over a picture; where both have some, the darker stays."""
    place = picture[top : top + piece.shape[0], left : left + piece.shape[1]]
    np.maximum(place, piece, out=place)


def _apart(a: list[int], b: list[int]) -> bool:
    """Whether two boxes share at most a tenth of the smaller one, and no middle."""
    wide, high = (max(0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1))
    smaller = min((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    far = max(abs(a[k] + a[k + 2] - b[k] - b[k + 2]) for k in (0, 1)) / 2
    return wide * high <= 0.1 * smaller and far >= 8


def _drawable(digits: np.ndarray, count: int, pieces: int, **_: object) -> None:
    if count < 0 or pieces < 0:
        raise ValueError(f"count = {count} and pieces = {pieces} must not be negative")
    empty = ~(digits > _INK).any(axis=(1, 2))
    if empty.any():
        raise ValueError(f"digits[{empty.argmax()}] has no ink above {_INK}")


takes(draw_scenes, {"digits": "(N, 28, 28) in [0, 1], not empty"}, also=_drawable)
