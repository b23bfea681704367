"""Pooling: one number stands for each window of a map, so that the map shrinks."""

import numpy as np

from introdl.arguments import takes
from introdl.vision.convolution import output_size


def windows(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """See the windows of each map, without a copy.

    Args:
        x: Maps, (N, C, H, W).
        size: Pixels along each side of a window.
        stride: Pixels from one window to the next.

    Returns:
        (N, C, H', W', size, size). What is left over at the right and below is dropped.

    Raises:
        ValueError: If no window fits.
    """
    for side in x.shape[2:]:
        output_size(side, size, stride=stride)
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return seen[:, :, ::stride, ::stride]


def max_pool2d(x: np.ndarray, size: int, stride: int | None = None) -> np.ndarray:
    """Keep the largest number of each window.

    Args:
        x: Maps, (N, C, H, W).
        size: Pixels along each side of a window.
        stride: Pixels from one window to the next; `size`, side by side, if it is not given.

    Returns:
        (N, C, H', W').

    Examples:
        >>> max_pool2d(np.array([[[[1, 3, 2, 0], [0, 1, 1, 1]]]]), 2)
        array([[[[3., 2.]]]])
    """
    return windows(x, size, size if stride is None else stride).max(axis=(4, 5))


def max_pool2d_gradient(
    x: np.ndarray, grad: np.ndarray, size: int, stride: int | None = None
) -> np.ndarray:
    """Send the slope of each answer to the pixel that gave it, the first of equal ones.

    Args:
        x: Maps, (N, C, H, W).
        grad: The slope for each answer, (N, C, H', W').
        size: Pixels along each side of a window.
        stride: As for `max_pool2d`.

    Returns:
        The slope for each pixel, (N, C, H, W).

    Raises:
        ValueError: If `grad` has not one number for each answer.
    """
    step = size if stride is None else stride
    seen = windows(x, size, step)
    _fits(seen, grad)
    winner = seen.reshape(*seen.shape[:4], size * size).argmax(axis=-1)
    n, c, row, column = np.indices(winner.shape)
    back = np.zeros_like(x)
    # Windows may overlap: what several send to one pixel adds up.
    np.add.at(back, (n, c, row * step + winner // size, column * step + winner % size), grad)
    return back


def average_pool2d(x: np.ndarray, size: int, stride: int | None = None) -> np.ndarray:
    """Take the mean of each window; arguments and result are those of `max_pool2d`.

    Examples:
        >>> average_pool2d(np.array([[[[1, 3, 2, 0], [0, 1, 1, 1]]]]), 2)
        array([[[[1.25, 1.  ]]]])
    """
    return windows(x, size, size if stride is None else stride).mean(axis=(4, 5))


def average_pool2d_gradient(
    x: np.ndarray, grad: np.ndarray, size: int, stride: int | None = None
) -> np.ndarray:
    """Share the slope of each answer equally among the pixels of its window.

    Arguments and result are those of `max_pool2d_gradient`.
    """
    step = size if stride is None else stride
    _fits(windows(x, size, step), grad)
    rows, columns = grad.shape[2:]
    back = np.zeros_like(x)
    for u in range(size):
        for v in range(size):
            back[:, :, u : u + rows * step : step, v : v + columns * step : step][
                :, :, :rows, :columns
            ] += grad / size**2
    return back


def every(x: np.ndarray, stride: int) -> np.ndarray:
    """Keep each `stride`-th pixel of each `stride`-th row, the first included: (N, C, H', W').

    Raises:
        ValueError: If `stride` is below 1.
    """
    if stride < 1:
        raise ValueError(f"every(): stride = {stride} must be 1 or more")
    return x[:, :, ::stride, ::stride]


def global_average(x: np.ndarray) -> np.ndarray:
    """Take the mean of each whole map: (N, C), whatever the size of the maps."""
    return x.mean(axis=(2, 3))


def shifted(x: np.ndarray, down: int, right: int) -> np.ndarray:
    """Move each map; zeros come in, and what leaves is lost.

    Args:
        x: Maps, (N, C, H, W).
        down: Rows to move by, upwards if negative.
        right: Columns to move by, to the left if negative.

    Returns:
        (N, C, H, W).

    Examples:
        >>> shifted(np.array([[[[1, 2, 3]]]]), 0, 1)
        array([[[[0., 1., 2.]]]])
    """
    height, width = x.shape[2:]
    moved = np.zeros_like(x)
    rows, columns = (max(0, n - abs(by)) for n, by in ((height, down), (width, right)))
    top, left = max(0, down), max(0, right)
    above, before = max(0, -down), max(0, -right)
    moved[:, :, top : top + rows, left : left + columns] = x[
        :, :, above : above + rows, before : before + columns
    ]
    return moved


def _fits(seen: np.ndarray, grad: np.ndarray) -> None:
    if grad.shape != seen.shape[:4]:
        raise ValueError(f"grad has shape {grad.shape}, expected (N, C, H', W') = {seen.shape[:4]}")


_MAPS = {"x": "(N, C, H, W), not empty"}
for _function in (windows, max_pool2d, average_pool2d, every, global_average, shifted):
    takes(_function, _MAPS)
for _function in (max_pool2d_gradient, average_pool2d_gradient):
    takes(_function, {**_MAPS, "grad": "(N, C, I, J)"})
