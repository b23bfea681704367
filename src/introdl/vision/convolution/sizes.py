"""How many windows fit along a side, and what is refused before they slide."""

import numpy as np

from introdl.arguments import takes


def output_size(
    size: int, kernel: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Count the places of a window along one side of a picture.

    Source: Dumoulin & Visin (2016), *A guide to convolution arithmetic for deep learning*, on
    dilated convolutions.

    Args:
        size: Pixels along that side.
        kernel: Weights along that side.
        stride: Pixels from one place to the next.
        padding: Zeros that are put on at each end.
        dilation: Pixels from one weight to the next.

    Raises:
        ValueError: If a number is not whole or too small, or the window does not fit in.

    Examples:
        >>> output_size(6, 3), output_size(6, 3, stride=2), output_size(6, 3, padding=1)
        (4, 2, 6)
    """
    if any(int(n) != n for n in (size, kernel, stride, padding, dilation)):
        raise ValueError("output_size(): size, kernel, stride, padding and dilation must be whole")
    if min(kernel, stride, dilation) < 1 or padding < 0:
        raise ValueError(
            f"output_size(): kernel = {kernel}, stride = {stride} and dilation = {dilation} must "
            f"be 1 or more, padding = {padding} must be 0 or more"
        )
    reach = dilation * (kernel - 1) + 1
    if size + 2 * padding < reach:
        raise ValueError(
            f"output_size(): a window of {reach} pixels does not fit into size = {size} and a "
            f"padding of {padding} at each end"
        )
    return (size + 2 * padding - reach) // stride + 1


def output_shape(
    x: np.ndarray, w: np.ndarray, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> tuple[int, int, int, int]:
    """Tell the shape of what kernels `w` (K, C, kh, kw) make of pictures `x` (N, C, H, W).

    Raises:
        ValueError: If the window does not fit into the picture.

    Examples:
        >>> output_shape(np.zeros((1, 1, 4, 4)), np.zeros((5, 1, 3, 3)))
        (1, 5, 2, 2)
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    height = output_size(x.shape[2], w.shape[2], **options)
    return len(x), len(w), height, output_size(x.shape[3], w.shape[3], **options)


def pad(x: np.ndarray, padding: int) -> np.ndarray:
    """Put a frame of zeros around each picture of `x` (N, C, H, W).

    Examples:
        >>> pad(np.ones((1, 1, 1, 2)), 1)[0, 0]
        array([[0., 0., 0., 0.],
               [0., 1., 1., 0.],
               [0., 0., 0., 0.]])
    """
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def fits_output(
    x: np.ndarray,
    w: np.ndarray,
    grad: np.ndarray,
    stride: int,
    padding: int,
    dilation: int,
    *,
    name: str = "grad",
) -> None:
    """Refuse what has not one number for each output of kernels `w` on pictures `x`.

    Raises:
        ValueError: If the shape of `grad`, called `name`, is another.
    """
    expected = output_shape(x, w, stride=stride, padding=padding, dilation=dilation)
    if grad.shape != expected:
        raise ValueError(f"{name} has shape {grad.shape}, expected (N, K, H', W') = {expected}")


#: What pictures and weights a convolution takes.
PICTURES = {"x": "(N, C, H, W)", "w": "(K, C, kh, kw)"}

takes(output_shape, PICTURES)
takes(pad, {"x": "(N, C, H, W)"})
