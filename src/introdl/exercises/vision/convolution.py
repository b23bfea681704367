"""Stride and padding: a kernel over one grey picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Stride and padding")


@exercise.solution
def convolve(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Slide a kernel over a grey picture, without rotating it.

    Args:
        picture: Pixels, (H, W).
        kernel: Weights, (kh, kw).
        stride: How many rows, or columns, the window moves at each step.
        padding: Rows and columns of zeros to put on each of the four sides.

    Returns:
        The answer of each window, (H', W'): the sum of weight times pixel.
    """
    framed = np.pad(picture, padding)
    height, width = kernel.shape
    rows = (framed.shape[0] - height) // stride + 1
    columns = (framed.shape[1] - width) // stride + 1
    answers = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            answers[i, j] = (framed[top : top + height, left : left + width] * kernel).sum()
    return answers


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    square = np.array([[20, 20, 80, 80], [20, 20, 80, 80], [20, 80, 80, 80], [80, 80, 80, 80]])
    edges = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    yield Case(
        "the picture of the lesson, stride 1, no padding",
        square,
        edges,
        1,
        0,
        hint="The lesson has these four answers: 180, 120, 120 and 60. Which windows did you take?",
    )
    yield Case(
        "the same, stride 1, padding 1",
        square,
        edges,
        1,
        1,
        hint="With a frame of zeros there are as many answers as pixels. Do the first one by hand.",
    )
    for what, shape, size, stride, padding in (
        ("7 × 7, stride 2, no padding", (7, 7), (3, 3), 2, 0),
        ("8 × 6, stride 2, padding 1", (8, 6), (3, 3), 2, 1),
        ("9 × 12, a kernel of 2 × 3, stride 3, padding 2", (9, 12), (2, 3), 3, 2),
    ):
        yield Case(
            what,
            rng.integers(0, 100, size=shape),
            rng.normal(size=size),
            stride,
            padding,
            hint="Print where each window begins. The last one must still fit into the frame.",
        )


def _slide(
    framed: np.ndarray, kernel: np.ndarray, stride: int, rows: int, columns: int
) -> np.ndarray:
    """The answers of so many windows, of those that do not fit as far as they reach."""
    height, width = kernel.shape
    wide = np.pad(framed, ((0, stride * rows + height), (0, stride * columns + width)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (height, width))
    windows = windows[: stride * rows : stride, : stride * columns : stride]
    return (windows * kernel).sum(axis=(2, 3))


def _counts(framed: np.ndarray, kernel: np.ndarray, stride: int) -> tuple[int, int]:
    rows, columns = (n - k for n, k in zip(framed.shape, kernel.shape, strict=True))
    return rows // stride + 1, columns // stride + 1


@exercise.wrong("The padding is missing: put rows and columns of zeros on all four sides.")
def unpadded(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Forget the padding."""
    return convolve(picture, kernel, stride, 0)


@exercise.wrong("You add zeros only above and on the left; padding goes on all four sides.")
def one_corner(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Pad two sides."""
    return convolve(np.pad(picture, ((padding, 0), (padding, 0))), kernel, stride, 0)


@exercise.wrong("Your frame repeats the pixels of the border; it should be zeros.")
def repeated(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Pad with the nearest pixel."""
    return convolve(np.pad(picture, padding, mode="edge"), kernel, stride, 0)


@exercise.wrong("The window moves by 1 whatever the stride is.")
def stride_one(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Ignore the stride."""
    return convolve(picture, kernel, 1, padding)


@exercise.wrong(
    "The number of answers fits the stride, but the window moves by 1: the window of answer (i, j) "
    "begins at row i times the stride and column j times the stride."
)
def stride_in_count(
    picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int
) -> np.ndarray:
    """Use the stride for the number of answers alone."""
    framed = np.pad(picture, padding)
    rows, columns = _counts(framed, kernel, stride)
    return _slide(framed, kernel, 1, rows, columns)


@exercise.wrong("The last row and column of windows are missing: after n steps there are n + 1.")
def one_too_few(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Forget the + 1."""
    return convolve(picture, kernel, stride, padding)[:-1, :-1]


@exercise.wrong(
    "Your kernel is rotated by half a turn. In mathematics a convolution does so; here the "
    "kernel slides without being rotated."
)
def turned(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Flip the kernel."""
    return convolve(picture, kernel[::-1, ::-1], stride, padding)


@exercise.wrong("You take the mean of the products; the answer is their sum.")
def mean(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Take the mean of the products."""
    return convolve(picture, kernel, stride, padding) / kernel.size


@exercise.wrong("Rows and columns are exchanged in what you return.")
def transposed(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Return columns as rows."""
    return convolve(picture, kernel, stride, padding).T
