"""The same sums as matrix products: im2col, and its transpose on the way back."""

import numpy as np

from introdl.arguments import takes
from introdl.vision.convolution.sizes import (
    PICTURES,
    fits_output,
    output_shape,
    output_size,
    pad,
)


def im2col(
    x: np.ndarray, size: tuple[int, int], *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """Copy every window of a picture into a column, so that one matrix product meets them all.

    Source: Chellapilla, Puri & Simard (2006), *High performance convolutional neural networks
    for document processing*.

    Args:
        x: Pictures, (N, C, H, W).
        size: Height and width of the window, (kh, kw).
        stride: Pixels from one window to the next.
        padding: Zeros that are put on at each border.
        dilation: Pixels from one weight to the next.

    Returns:
        The windows, (N, C·kh·kw, H'·W').

    Raises:
        ValueError: If a shape does not fit, or a value is not finite.

    Examples:
        >>> im2col(np.arange(6.0).reshape(1, 1, 2, 3), (2, 2))[0]
        array([[0., 1.],
               [1., 2.],
               [3., 4.],
               [4., 5.]])
    """
    kh, kw = size
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    height, width = output_size(x.shape[2], kh, **options), output_size(x.shape[3], kw, **options)
    padded = pad(x, padding)
    columns = np.empty((len(x), x.shape[1], kh, kw, height, width))
    for i, j in np.ndindex(kh, kw):  # weight (i, j) meets one pixel of every window
        rows = slice(i * dilation, i * dilation + stride * height, stride)
        places = slice(j * dilation, j * dilation + stride * width, stride)
        columns[:, :, i, j] = padded[:, :, rows, places]
    return columns.reshape(len(x), x.shape[1] * kh * kw, height * width)


def col2im(
    columns: np.ndarray,
    shape: tuple[int, int, int, int],
    size: tuple[int, int],
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> np.ndarray:
    """Add every column back to where `im2col` took it from: its transpose.

    Args:
        columns: Numbers for every window, (N, C·kh·kw, H'·W').
        shape: Shape of the pictures, (N, C, H, W).
        size: Height and width of the window, (kh, kw).
        stride: As for `im2col`.
        padding: As for `im2col`.
        dilation: As for `im2col`.

    Returns:
        The sums, (N, C, H, W).

    Raises:
        ValueError: If a shape does not fit, or a value is not finite.

    Examples:
        >>> col2im(np.ones((1, 4, 2)), (1, 1, 2, 3), (2, 2))[0, 0]  # the middle is in both windows
        array([[1., 2., 1.],
               [1., 2., 1.]])
    """
    N, C, H, W = shape
    kh, kw = size
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    height, width = output_size(H, kh, **options), output_size(W, kw, **options)
    if columns.shape != (N, C * kh * kw, height * width):
        raise ValueError(
            f"col2im(): columns has shape {columns.shape}, expected (N, C·kh·kw, H'·W') = "
            f"{(N, C * kh * kw, height * width)}"
        )
    parts = columns.reshape(N, C, kh, kw, height, width)
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for i, j in np.ndindex(kh, kw):
        rows = slice(i * dilation, i * dilation + stride * height, stride)
        places = slice(j * dilation, j * dilation + stride * width, stride)
        padded[:, :, rows, places] += parts[:, :, i, j]
    return padded[:, :, padding : padding + H, padding : padding + W]


def conv2d(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> np.ndarray:
    """Slide each kernel over each picture, by one matrix product per picture.

    Args:
        x: Pictures, (N, C, H, W) float.
        w: Weights of K kernels, (K, C, kh, kw) float.
        b: Bias of each kernel, (K,).
        stride: Pixels from one window to the next.
        padding: Zeros that are put on at each border.
        dilation: Pixels from one weight to the next.

    Returns:
        One map per picture and kernel, (N, K, H', W'): what `conv2d_naive` gives.

    Raises:
        ValueError: If a shape does not fit, or a value is not finite.

    Examples:
        >>> row = np.array([20, 20, 20, 80, 80, 80]).reshape(1, 1, 1, 6)
        >>> conv2d(row, np.array([[[[-1, 0, 1]]]]), np.zeros(1)).ravel()
        array([ 0., 60., 60.,  0.])
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    columns = im2col(x, w.shape[2:], **options)  # (N, C·kh·kw, H'·W')
    out = w.reshape(len(w), columns.shape[1]) @ columns  # (N, K, H'·W')
    out += b[:, None]
    return out.reshape(output_shape(x, w, **options))


def conv2d_gradients(
    x: np.ndarray,
    w: np.ndarray,
    grad: np.ndarray,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the gradients of `conv2d` by matrix products.

    Args:
        x: Pictures, (N, C, H, W) float.
        w: Weights, (K, C, kh, kw) float.
        grad: Slope of the error for each output of `conv2d`, (N, K, H', W').
        stride: As it was for the outputs.
        padding: As it was.
        dilation: As it was.

    Returns:
        The slopes for `x`, for `w` and for the bias, each in its shape.

    Raises:
        ValueError: If a shape does not fit, or a value is not finite.
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    shape = output_shape(x, w, **options)
    flat = grad.reshape(*shape[:2], shape[2] * shape[3])  # (N, K, H'·W')
    columns = im2col(x, w.shape[2:], **options)  # (N, C·kh·kw, H'·W')
    dw = (flat @ columns.transpose(0, 2, 1)).sum(axis=0)  # (K, C·kh·kw)
    dx = col2im(w.reshape(len(w), columns.shape[1]).T @ flat, x.shape, w.shape[2:], **options)
    return dx, dw.reshape(w.shape), grad.sum(axis=(0, 2, 3))


takes(im2col, {"x": "(N, C, H, W)"})
takes(col2im, {"columns": "(N, D, P)"})
takes(conv2d, PICTURES | {"b": "(K,)"})
takes(conv2d_gradients, PICTURES | {"grad": "(N, K, h, v)"}, also=fits_output)
