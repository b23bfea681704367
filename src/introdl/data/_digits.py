"""Small handwritten digits."""

from __future__ import annotations

import numpy as np
from sklearn import datasets

from introdl.data._classes import mask


def digits(*classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Load 1,797 real handwritten digits, 8×8 pixels (Alpaydin & Kaynak, 1998; UCI).

    They ship in scikit-learn (BSD-3). UCI gives the set under CC BY 4.0.

    Args:
        *classes: Keep these digits only; all ten when none is named.

    Returns:
        Pixels in [0, 1], (N, 64) float64, and labels (N,).

    Raises:
        ValueError: If a class is no digit.

    Examples:
        >>> X, y = digits(0, 1)
        >>> X.shape
        (360, 64)
    """
    X, y = datasets.load_digits(return_X_y=True)
    keep = mask("digits", y, classes)
    return X[keep] / 16.0, y[keep]
