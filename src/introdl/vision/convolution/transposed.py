"""Transposed convolution: each input stamps the kernel into a larger picture."""

import numpy as np

from introdl.arguments import takes
from introdl.vision.convolution.product import col2im, conv2d, conv2d_gradients
from introdl.vision.convolution.sizes import fits_output


def conv_transpose2d(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> np.ndarray:
    """Stamp the kernel, times each input, into a larger picture, and add where stamps overlap.

    With the bias aside, what `conv2d` does is a matrix; this multiplies by its transpose.

    Args:
        x: Maps, (N, K, H, W) float.
        w: Weights, (K, C, kh, kw) float: those of a `conv2d` from C channels to K.
        b: Bias of each channel of the result, (C,).
        stride: Pixels from one stamp to the next.
        padding: Pixels that are cut off at each border.
        dilation: Pixels from one weight to the next.
        output_padding: Pixels that are added below and to the right.

    Returns:
        Pictures, (N, C, H', W') with H' = (H - 1)·stride + dilation·(kh - 1) + 1 - 2·padding +
        output_padding, and likewise W'.

    Raises:
        ValueError: If a shape does not fit, or a value is not finite.
    """
    if not 0 <= output_padding < stride:
        raise ValueError(
            f"conv_transpose2d(): output_padding = {output_padding} must be 0 or more, and less "
            f"than stride = {stride}"
        )
    sides = [
        (side - 1) * stride + dilation * (kernel - 1) + 1 - 2 * padding + output_padding
        for side, kernel in zip(x.shape[2:], w.shape[2:], strict=True)
    ]
    if min(sides) < 1:
        raise ValueError(f"conv_transpose2d(): padding = {padding} leaves no picture, {sides}")
    flat = x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])  # (N, K, H·W)
    columns = w.reshape(len(w), w[:1].size).T @ flat  # (N, C·kh·kw, H·W)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return col2im(columns, (len(x), len(b), *sides), w.shape[2:], **options) + b[:, None, None]


def conv_transpose2d_gradients(
    x: np.ndarray,
    w: np.ndarray,
    grad: np.ndarray,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the gradients of `conv_transpose2d`: the way back of the way back is `conv2d`.

    Args:
        x: Maps, (N, K, H, W) float.
        w: Weights, (K, C, kh, kw) float.
        grad: Slope of the error for each pixel of the result, (N, C, H', W').
        stride: As it was for the result.
        padding: As it was.
        dilation: As it was.

    Returns:
        The slopes for `x`, for `w` and for the bias, each in its shape.

    Raises:
        ValueError: If a shape does not fit, or a value is not finite.
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    # The maps stand where conv2d has its gradient, and the pictures where it has its input.
    _, dw, _ = conv2d_gradients(grad, w, x, **options)
    return conv2d(grad, w, np.zeros(len(w)), **options), dw, grad.sum(axis=(0, 2, 3))


def _fits(
    x: np.ndarray, w: np.ndarray, grad: np.ndarray, stride: int, padding: int, dilation: int
) -> None:
    fits_output(grad, w, x, stride, padding, dilation, name="x")


takes(conv_transpose2d, {"x": "(N, K, H, W)", "w": "(K, C, kh, kw)", "b": "(C,)"})
takes(
    conv_transpose2d_gradients,
    {"x": "(N, K, H, W)", "w": "(K, C, kh, kw)", "grad": "(N, C, h, v)"},
    also=_fits,
)
