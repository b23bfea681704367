"""Between four pixels: bilinear sampling."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Between four pixels")


@exercise.solution
def between(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Read a picture at places between its pixels.

    Args:
        picture: Pixels, (H, W). Outside is paper, 0.
        rows: Where to look, an array of any shape; 0.5 is between the first two rows.
        columns: Likewise, of the same shape.

    Returns:
        One number per place, in the shape of `rows`.
    """
    height, width = picture.shape
    framed = np.pad(picture.astype(float), ((1, 2), (1, 2)))
    rows, columns = np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)
    top, left = rows.astype(int), columns.astype(int)
    d, r = rows - top, columns - left
    above = (1 - r) * framed[top, left] + r * framed[top, left + 1]
    top = top + 1
    below = (1 - r) * framed[top, left] + r * framed[top, left + 1]
    return (1 - d) * above + d * below


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    picture = np.array([[0, 8, 0, 0], [0, 8, 4, 0], [0, 8, 0, 0], [0, 0, 0, 2]])
    yield Case(
        "whole pixels of the picture of the lesson",
        picture,
        np.array([0, 1, 3]),
        np.array([1, 2, 3]),
        hint="At whole numbers the answer is the pixel itself: 8, 4 and 2.",
    )
    yield Case(
        "the two places of the lesson",
        picture,
        np.array([0, 0.5]),
        np.array([1.25, 1.25]),
        hint="The lesson has these answers: 6 and 6.5.",
    )
    yield Case(
        "three places near the border",
        picture + 1,
        np.array([-0.5, 1.0, 3.25]),
        np.array([1.0, -0.25, 2.0]),
        hint="Half a pixel above the first row, one neighbour is paper: take half of the pixel.",
    )
    for what, shape in (("a picture of 5 × 7", (5, 7)), ("a picture of 8 × 3", (8, 3))):
        yield Case(
            f"{what}, 4 × 5 places inside",
            rng.normal(size=shape),
            rng.uniform(0, shape[0] - 1, size=(4, 5)),
            rng.uniform(0, shape[1] - 1, size=(4, 5)),
            hint="Print the four pixels around one place, and how much each counts.",
        )
    yield Case(
        "places far outside",
        rng.normal(size=(4, 6)) + 3,
        rng.uniform(-9, 12, size=(3, 8)),
        rng.uniform(-9, 14, size=(3, 8)),
        hint="A place that is a pixel or more outside gets 0.",
    )


@exercise.wrong("You take the nearest pixel; a mean of the four pixels around is asked for.")
def nearest(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Round."""
    return between(picture, np.floor(rows + 0.5), np.floor(columns + 0.5))


@exercise.wrong(
    "The farther pixel counts more: with d below the upper row, the upper counts 1 − d."
)
def swapped(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Exchange the weights."""
    top, left = np.floor(rows), np.floor(columns)
    return between(picture, top + (1 - (rows - top)) % 1, left + (1 - (columns - left)) % 1)


@exercise.wrong("Rows and columns are exchanged: a picture is asked as picture[row, column].")
def transposed(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Ask for the column first."""
    return between(picture, columns, rows)


@exercise.wrong("You go between rows, or between columns, but not both.")
def along_rows(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Forget the part of a row."""
    return between(picture, np.floor(rows), columns)


@exercise.wrong(
    "Outside you repeat the pixels of the border; outside is paper, 0, and counts as a neighbour."
)
def repeated(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Stay within the picture."""
    height, width = picture.shape
    return between(picture, np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1))


@exercise.wrong(
    "Near the border you answer 0 at once: there only the neighbours that are outside are 0."
)
def forgotten(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Answer 0 for every place that is not within the picture."""
    height, width = picture.shape
    inside = (rows >= 0) & (rows <= height - 1) & (columns >= 0) & (columns <= width - 1)
    return np.where(inside, between(picture, rows, columns), 0)


@exercise.wrong(
    "A negative index reads from the other end of the picture, so what leaves on one side comes "
    "in on the other."
)
def around(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Wrap around."""
    height, width = picture.shape
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    d, r = rows - top, columns - left

    def pixel(i: np.ndarray, j: np.ndarray) -> np.ndarray:
        return picture[i % height, j % width]

    above = (1 - r) * pixel(top, left) + r * pixel(top, left + 1)
    below = (1 - r) * pixel(top + 1, left) + r * pixel(top + 1, left + 1)
    return (1 - d) * above + d * below
