"""A residual block from scratch: two layers of kernels, and a shortcut around them.

Source: He et al. (2016), "Deep residual learning for image recognition", section 3, without
normalisation.
"""

import numpy as np

from introdl.arguments import takes
from introdl.vision.convolution import conv2d, conv2d_gradients


def residual_block(
    x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray
) -> np.ndarray:
    """Add to maps what two layers of kernels say about them.

    Args:
        x: Maps, (N, C, H, W).
        w1: Kernels of the first layer, (C, C, k, k), k odd: padding keeps the size.
        b1: Their biases, (C,).
        w2: Kernels of the second layer, (C, C, k, k).
        b2: Their biases, (C,).

    Returns:
        The maps after the block, (N, C, H, W); what is negative has become 0.
    """
    pad = w1.shape[2] // 2
    a = np.maximum(0, conv2d(x, w1, b1, padding=pad))
    return np.maximum(0, x + conv2d(a, w2, b2, padding=pad))


def residual_block_gradients(
    x: np.ndarray,
    w1: np.ndarray,
    b1: np.ndarray,
    w2: np.ndarray,
    b2: np.ndarray,
    grad: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Carry the slope of a loss back through a block, on both ways.

    Args:
        x: Maps, (N, C, H, W).
        w1: Kernels of the first layer, (C, C, k, k).
        b1: Their biases, (C,).
        w2: Kernels of the second layer, (C, C, k, k).
        b2: Their biases, (C,).
        grad: The slope for each number of the block's output, (N, C, H, W).

    Returns:
        The slopes for `x`, `w1`, `b1`, `w2` and `b2`, each in the shape of its own.
    """
    pad = w1.shape[2] // 2
    z1 = conv2d(x, w1, b1, padding=pad)
    a = np.maximum(0, z1)
    s = x + conv2d(a, w2, b2, padding=pad)
    ds = grad * (s > 0)
    da, dw2, db2 = conv2d_gradients(a, w2, ds, padding=pad)
    dx, dw1, db1 = conv2d_gradients(x, w1, da * (z1 > 0), padding=pad)
    return ds + dx, dw1, db1, dw2, db2  # ds came by the shortcut


def _odd(w1: np.ndarray, w2: np.ndarray, **_: np.ndarray) -> None:
    if w1.shape[2] % 2 == 0 or w2.shape != w1.shape:
        raise ValueError(f"kernels must be of one odd size, got {w1.shape} and {w2.shape}")


_BLOCK = {
    "x": "(N, C, H, W)", "w1": "(C, C, k, k)", "b1": "(C,)", "w2": "(C, C, k, k)", "b2": "(C,)",
}  # fmt: skip
takes(residual_block, _BLOCK, also=_odd)
takes(residual_block_gradients, {**_BLOCK, "grad": "(N, C, H, W)"}, also=_odd)
