"""Give all inputs the same size."""

from __future__ import annotations

import numpy as np

from introdl.data._split import Split


def standardize(part: Split) -> Split:
    """Centre each input and scale it to standard deviation 1, both as the training inputs say.

    What is validated and tested on has no say: its mean is near 0, not at it.

    Args:
        part: A data set cut in three, with inputs (N, D).

    Returns:
        The same examples and labels, inputs (N, D) float64. An input that is the same in all
        training examples is centred only.

    Examples:
        >>> from introdl import data
        >>> part = data.standardize(data.split(*data.breast_cancer()))
        >>> bool(np.allclose(part.X_train.std(axis=0), 1))
        True
    """
    mean, deviation = part.X_train.mean(axis=0), part.X_train.std(axis=0)  # (D,), (D,)
    # The mean of equal numbers may be off by a rounding; what is left is no size.
    constant = np.ptp(part.X_train, axis=0) == 0
    scale = np.where(constant, 1.0, deviation)
    return part._replace(
        X_train=(part.X_train - mean) / scale,
        X_val=(part.X_val - mean) / scale,
        X_test=(part.X_test - mean) / scale,
    )
