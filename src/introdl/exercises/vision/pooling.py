"""Overlapping windows: the largest of each window, with a stride."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Windows that overlap")


@exercise.solution
def largest(picture: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Keep the largest number of each window.

    Args:
        picture: Pixels, (H, W).
        size: Rows, and columns, of a window.
        stride: How many rows, or columns, lie between the beginnings of two windows.

    Returns:
        One number per window, (H', W'). Pixels that do not fill a window are dropped.
    """
    rows = (picture.shape[0] - size) // stride + 1
    columns = (picture.shape[1] - size) // stride + 1
    answers = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            answers[i, j] = picture[top : top + size, left : left + size].max()
    return answers


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    square = np.array([[0, 1, 3, 0], [2, 1, 0, 0], [0, 0, 5, 4], [1, 0, 4, 8]])
    yield Case(
        "the picture of the lesson, windows of 2 × 2 side by side",
        square,
        2,
        2,
        hint="The lesson has these four answers: 2, 3, 1 and 8. Print your windows.",
    )
    yield Case(
        "the same picture, windows of 3 × 3, stride 1",
        square,
        3,
        1,
        hint="There are 4 − 3 + 1 = 2 windows along each side. Do the first one by hand.",
    )
    for what, shape, size, stride in (
        ("7 × 9, windows of 3 × 3, stride 2", (7, 9), 3, 2),
        ("negative numbers, 6 × 8, windows of 2 × 2, stride 3", (6, 8), 2, 3),
        ("8 × 7, windows of 3 × 3 side by side, with pixels left over", (8, 7), 3, 3),
    ):
        yield Case(
            what,
            rng.integers(-90, 0, size=shape) if "negative" in what else rng.normal(size=shape),
            size,
            stride,
            hint="Print where each window begins and ends. All of it must lie in the picture.",
        )


@exercise.wrong("The windows lie side by side whatever the stride is.")
def side_by_side(picture: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Ignore the stride."""
    return largest(picture, size, size)


@exercise.wrong("The window moves by 1 whatever the stride is.")
def stride_one(picture: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Move by one."""
    return largest(picture, size, 1)


@exercise.wrong("You take the mean of each window instead of the largest number.")
def mean(picture: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Average."""
    seen = np.lib.stride_tricks.sliding_window_view(picture, (size, size))
    return seen[::stride, ::stride].mean(axis=(2, 3))


@exercise.wrong("You keep the first pixel of each window, not its largest.")
def first(picture: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Keep the corner."""
    seen = np.lib.stride_tricks.sliding_window_view(picture, (size, size))
    return seen[::stride, ::stride, 0, 0].astype(float)


@exercise.wrong(
    "You also use windows that reach over the border; pixels that do not fill a window are dropped."
)
def over_the_border(picture: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Pool what is left over as well."""
    height, width = picture.shape
    return np.array(
        [
            [picture[i : i + size, j : j + size].max() for j in range(0, width, stride)]
            for i in range(0, height, stride)
        ],
        dtype=float,
    )


@exercise.wrong(
    "For a window of negative numbers your answer is 0: begin with the window's first number, or "
    "with minus infinity, not with 0."
)
def from_zero(picture: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Begin the search at zero."""
    return np.maximum(largest(picture, size, stride), 0)


@exercise.wrong("The last row and column of windows are missing: after n steps there are n + 1.")
def one_too_few(picture: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Forget the + 1."""
    return largest(picture, size, stride)[:-1, :-1]
