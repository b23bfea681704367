"""Three species of iris."""

from __future__ import annotations

import numpy as np
from sklearn import datasets

from introdl.data._classes import mask


def iris(*classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Load 150 real iris flowers (Fisher, 1936): four lengths in cm, three species.

    They ship in scikit-learn (BSD-3). UCI gives the set under CC BY 4.0.

    Args:
        *classes: Keep these species only (0 setosa, 1 versicolor, 2 virginica).

    Returns:
        Sepal length and width, petal length and width, (N, 4) float64, and labels (N,).

    Raises:
        ValueError: If a class is no species.

    Examples:
        >>> X, y = iris(1, 2)
        >>> X.shape
        (100, 4)
    """
    X, y = datasets.load_iris(return_X_y=True)
    keep = mask("iris", y, classes)
    return X[keep], y[keep]
