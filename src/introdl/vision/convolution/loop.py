"""The sentence as code: one window after the other, and each gradient back to its window."""

import numpy as np

from introdl.arguments import takes
from introdl.vision.convolution.sizes import (
    PICTURES,
    fits_output,
    output_shape,
    pad,
)


def conv2d_naive(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> np.ndarray:
    """Slide each kernel over each picture, one window after the other.

    Args:
        x: Pictures, (N, C, H, W) float.
        w: Weights of K kernels, (K, C, kh, kw) float.
        b: Bias of each kernel, (K,).
        stride: Pixels from one window to the next.
        padding: Zeros that are put on at each border.
        dilation: Pixels from one weight to the next.

    Returns:
        One map per picture and kernel, (N, K, H', W'), with `output_size` along each side.

    Raises:
        ValueError: If a shape does not fit, or a value is not finite.
    """
    shape = output_shape(x, w, stride=stride, padding=padding, dilation=dilation)
    padded, out = pad(x, padding), np.zeros(shape)
    for n, k, i, j in np.ndindex(shape):
        rows, columns = _window(i, j, w, stride, dilation)
        out[n, k, i, j] = (padded[n, :, rows, columns] * w[k]).sum() + b[k]
    return out


def conv2d_naive_gradients(
    x: np.ndarray,
    w: np.ndarray,
    grad: np.ndarray,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Send the gradient of each output back to the window that it came from.

    Args:
        x: Pictures, (N, C, H, W) float.
        w: Weights, (K, C, kh, kw) float.
        grad: Slope of the error for each output of `conv2d_naive`, (N, K, H', W').
        stride: As it was for the outputs.
        padding: As it was.
        dilation: As it was.

    Returns:
        The slopes for `x`, for `w` and for the bias, each in its shape.

    Raises:
        ValueError: If a shape does not fit, or a value is not finite.
    """
    shape = output_shape(x, w, stride=stride, padding=padding, dilation=dilation)
    padded = pad(x, padding)
    dx, dw, db = np.zeros_like(padded), np.zeros_like(w), np.zeros(len(w))
    for n, k, i, j in np.ndindex(shape):
        rows, columns = _window(i, j, w, stride, dilation)
        dx[n, :, rows, columns] += grad[n, k, i, j] * w[k]
        dw[k] += grad[n, k, i, j] * padded[n, :, rows, columns]
        db[k] += grad[n, k, i, j]
    height, width = x.shape[2:]
    return dx[:, :, padding : padding + height, padding : padding + width], dw, db


def _window(i: int, j: int, w: np.ndarray, stride: int, dilation: int) -> tuple[slice, slice]:
    """The rows and columns of a padded picture that output (i, j) looks at."""
    top, left = i * stride, j * stride
    return (
        slice(top, top + dilation * (w.shape[2] - 1) + 1, dilation),
        slice(left, left + dilation * (w.shape[3] - 1) + 1, dilation),
    )


takes(conv2d_naive, PICTURES | {"b": "(K,)"})
takes(conv2d_naive_gradients, PICTURES | {"grad": "(N, K, h, v)"}, also=fits_output)
