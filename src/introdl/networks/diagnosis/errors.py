"""A squared error, taken apart: what all fits miss together, and how far each strays from them."""

from __future__ import annotations

import numpy as np

from introdl.arguments import takes


def parts_of_error(said: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Split the mean squared distance from the truth into squared bias and variance.

    Their sum is that distance, exactly. Against noisy targets the variance of the noise is added,
    on average.

    Source: Geman, Bienenstock & Doursat (1992), section 3.1.

    Args:
        said: What R fits, each to data of its own, say at the same N places, (R, N).
        truth: What is true there, without noise, (N,).

    Returns:
        Squared bias and variance, each as a mean over the places, (2,).

    Examples:
        >>> parts_of_error(np.array([[1.0], [2.0], [6.0]]), np.array([5.0])).round(3)
        array([4.   , 4.667])
    """
    middle = said.mean(axis=0)  # (N,)
    return np.array([((middle - truth) ** 2).mean(), ((said - middle) ** 2).mean()])


takes(parts_of_error, {"said": "(R, N), not empty", "truth": "(N,)"})
