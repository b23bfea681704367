"""Cut a data set in three."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
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
