"""Cells from breast tumours."""

from __future__ import annotations

import numpy as np
from sklearn import datasets


def breast_cancer() -> tuple[np.ndarray, np.ndarray]:
    """Load 569 real tumours (Wolberg, Street & Mangasarian, 1993): cells measured on a picture.

    They ship in scikit-learn (BSD-3). UCI gives the set under CC BY 4.0. The inputs are ten
    properties of the cells' nuclei, such as radius, texture and area: first the mean of each over
    the picture, then its standard error, then the mean of the three largest. Their sizes differ a
    thousandfold: `standardize` gives all the same.

    Returns:
        Measurements, (569, 30) float64, and labels (569,): 1 malignant, 0 benign. (scikit-learn
        counts the other way round.)

    Examples:
        >>> X, y = breast_cancer()
        >>> X.shape, int(y.sum())
        ((569, 30), 212)
    """
    X, y = datasets.load_breast_cancer(return_X_y=True)
    return X, 1 - y
