"""Data that loads without a network: real sets that ship in a package, and generators."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split


class Split(NamedTuple):
    """A data set cut in three: fit on train, choose on validation, score once on test."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def split(
    X: np.ndarray, y: np.ndarray, *, seed: int = 0, val: float = 0.2, test: float = 0.2
) -> Split:
    """Shuffle and cut `X` (N, D) and `y` (N,), with each class in the same share everywhere."""
    X_rest, X_test, y_rest, y_test = train_test_split(
        X, y, test_size=test, random_state=seed, stratify=y
    )
    X_train, X_val, y_train, y_val = train_test_split(
        X_rest, y_rest, test_size=val / (1 - test), random_state=seed, stratify=y_rest
    )
    return Split(X_train, y_train, X_val, y_val, X_test, y_test)


def digits(*classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Load 1,797 real handwritten digits, 8×8 pixels (Alpaydin & Kaynak, 1998; UCI).

    Args:
        *classes: Keep these digits only; all ten when none is named.

    Returns:
        Pixels in [0, 1], (N, 64) float64, and labels (N,).

    Examples:
        >>> X, y = digits(0, 1)
        >>> X.shape
        (360, 64)
    """
    X, y = datasets.load_digits(return_X_y=True)
    keep = np.isin(y, classes) if classes else np.ones(len(y), dtype=bool)
    return X[keep] / 16.0, y[keep]


def iris(*classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Load 150 real iris flowers (Fisher, 1936): four lengths in cm, three species.

    Args:
        *classes: Keep these species only (0 setosa, 1 versicolor, 2 virginica).

    Returns:
        Sepal length and width, petal length and width, (N, 4), and labels (N,).
    """
    X, y = datasets.load_iris(return_X_y=True)
    keep = np.isin(y, classes) if classes else np.ones(len(y), dtype=bool)
    return X[keep], y[keep]


def separable(
    n: int, *, dim: int = 2, margin: float = 0.1, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw synthetic points that a line through the origin separates with a known margin.

    Args:
        n: How many points to return.
        dim: How many inputs each has.
        margin: Every point is at least this far from the separating plane; below 0.5.
        rng: Source of randomness.

    Returns:
        Points in [-1, 1]^dim, (n, dim), and labels -1 or +1, (n,).
    """
    if not 0 <= margin < 0.5:
        raise ValueError(f"separable(): margin must be in [0, 0.5), got {margin}")
    normal = rng.normal(size=dim)
    normal /= np.linalg.norm(normal)
    kept = np.empty((0, dim))
    while len(kept) < n:
        X = rng.uniform(-1, 1, size=(2 * n, dim))
        kept = np.vstack([kept, X[np.abs(X @ normal) >= margin]])
    X = kept[:n]
    return X, np.where(X @ normal > 0, 1, -1)
