"""Letters of three alphabets as synthetic pictures, and which of them look the same."""

from __future__ import annotations

import string
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from introdl.arguments import takes

#: The classes: ten digits, and the letters of three alphabets, capitals first.
ALPHABETS = {
    "digits": string.digits,
    "Latin": string.ascii_uppercase + string.ascii_lowercase,
    "Greek": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψω",
    "Cyrillic": "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}
CHARACTERS = "".join(ALPHABETS.values())
#: Pixels along a side of a picture, and the size of the letters in pixels.
SIDE, SIZE = 24, 17


def drawn(face: str, characters: str = CHARACTERS) -> np.ndarray:
    """Draw characters in a typeface that ships with Matplotlib: synthetic pictures.

    Args:
        face: A file's name without its ending, as DejaVuSerif.
        characters: What to draw, each one within 24 × 24 pixels.

    Returns:
        Pictures, 0 is paper and 1 is ink, (C, 24, 24). The ink's left and right ends are equally
        far from the middle; the base line is always the same.

    Raises:
        ValueError: If a character leaves no ink, or more than fits.
    """
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{face}.ttf")
    font, cell = FontProperties(fname=str(path), size=SIZE), 2 * SIDE
    fig = Figure(figsize=(len(characters) * cell / 72, cell / 72), dpi=72)
    for i, character in enumerate(characters):
        x = (i + 0.5) / len(characters)
        fig.text(x, 1 / 3, character, font=font, ha="center", va="baseline", parse_math=False)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    row = 1 - np.asarray(canvas.buffer_rgba())[..., 0] / 255
    cells = row.reshape(cell, len(characters), cell).transpose(1, 0, 2)
    sheets = []
    for character, wide in zip(characters, cells, strict=True):
        inked = np.flatnonzero(wide.any(axis=0))
        left = (inked[0] + inked[-1] + 1) // 2 - SIDE // 2 if inked.size else 0
        sheets.append(wide[14 : 14 + SIDE, left : left + SIDE])
        if np.count_nonzero(wide) != np.count_nonzero(sheets[-1]) or not inked.size:
            raise ValueError(f"drawn(): {character!r} leaves no ink, or more than fits")
    return np.array(sheets)


def look_alikes(pictures: np.ndarray) -> np.ndarray:
    """Number the pictures so that two have one number if all their pixels are equal.

    Args:
        pictures: (C, H, W).

    Returns:
        Numbers from 0 on, (C,) int.
    """
    rows = pictures.reshape(len(pictures), -1)
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)


def ceiling(groups: np.ndarray, k: int) -> float:
    """The largest share that any rule can expect to have right.

    Within a group all pictures are the same: k guesses cover k of its
    classes, or all.

    Args:
        groups: The number of each class's group, (C,) int. All classes
            are equally frequent.
        k: How many guesses count, 1 or more.

    Examples:
        >>> ceiling(np.array([0, 0, 0, 1]), 1)
        0.5
    """
    sizes = np.unique(groups, return_counts=True)[1]
    return float(np.minimum(sizes, k).sum() / len(groups))


def _guesses(k: int, **_: object) -> None:
    if k < 1:
        raise ValueError(f"k must be 1 or more, got {k}")


takes(look_alikes, {"pictures": "(C, H, W), not empty"})
takes(ceiling, {"groups": "(C,) of integers, not empty"}, also=_guesses)
