"""A first model: a drawing as the net expects it, and what the net makes of it."""

import numpy as np

from introdl.arguments import takes

#: The box of a digit of MNIST, and the sheet that the box lies on: pixels of one side.
BOX, SHEET = 20, 28


def centred(ink: np.ndarray) -> np.ndarray:
    """Scale and shift a drawing as the digits of MNIST were.

    The smallest box around the ink is scaled until its longer side is 20 pixels; its proportions
    stay. Then it is laid on a sheet with the ink's centre of mass on the pixel in row and column
    14, counted from 0, as nearly as whole pixels and the edges allow.
    Source: LeCun et al. (1998), section III.A.

    Args:
        ink: The drawing, (H, W), 0 is paper and 1 is ink.

    Returns:
        The sheet, (28, 28); empty where nothing is drawn.

    Examples:
        >>> bar = np.zeros((50, 50))
        >>> bar[10:20, 7] = 1  # ten pixels high
        >>> np.argwhere(centred(bar))[[0, -1]]
        array([[ 5, 14],
               [24, 15]])
    """
    sheet = np.zeros((SHEET, SHEET))
    if not ink.any():
        return sheet
    rows, columns = np.nonzero(ink)
    box = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    longer = max(box.shape)
    down, across = (_stretch(n, max(1, _whole(BOX * n / longer))) for n in box.shape)
    box = down @ box @ across.T
    top, left = _start(box.sum(axis=1)), _start(box.sum(axis=0))
    sheet[top : top + len(box), left : left + len(box.T)] = box
    return sheet


takes(centred, {"ink": "(H, W) in [0, 1]"})


def _whole(x: float) -> int:
    """The nearest whole number; of two, the larger, whichever way a sum was rounded."""
    return int(np.floor(x + 0.5 + 1e-9))


def _stretch(old: int, new: int) -> np.ndarray:
    """The weights, (new, old), that make a line of `old` pixels one of `new`, linear between."""
    at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(old)))


def _start(ink: np.ndarray) -> int:
    """Where a line of ink (n,) begins if its centre of mass is to be nearest to pixel 14."""
    middle = ink @ np.arange(len(ink)) / ink.sum()
    return min(max(_whole(SHEET / 2 - middle), 0), SHEET - len(ink))


def shares(
    X: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
) -> np.ndarray:
    """Share out one whole among the classes, as a two-layer net does.

    Weights are laid out as `torch.nn.Linear` has them: one row per unit.

    Args:
        X: Pictures, one per row, (N, D).
        W1: Weights of the hidden units, (H, D).
        b1: Their biases, (H,).
        W2: Weights of the classes, (K, H).
        b2: Their biases, (K,).

    Returns:
        The shares, (N, K): none is negative, and each row adds up to 1.

    Examples:
        >>> shares([[1.0]], W1=[[2.0]], b1=[-1.0], W2=[[0.0], [0.0]], b2=[0.0, 0.0])
        array([[0.5, 0.5]])
    """
    hidden = np.maximum(0, X @ W1.T + b1)  # (N, H)
    sums = hidden @ W2.T + b2  # (N, K)
    # Less the largest, or the exponential outgrows what a float can hold.
    parts = np.exp(sums - sums.max(axis=1, keepdims=True))
    return parts / parts.sum(axis=1, keepdims=True)


takes(
    shares,
    {"X": "(N, D)", "W1": "(H, D)", "b1": "(H,)", "W2": "(K, H), not empty", "b2": "(K,)"},
)
