"""Sinusoidal positions: a row of sines and cosines for each place in a sentence.

Source: Vaswani et al. (2017), "Attention is all you need", section 3.5.
"""

from __future__ import annotations

import numpy as np


def positions(places: int, dim: int) -> np.ndarray:
    """Write the places 0, 1, 2, … as rows of sines and cosines.

    Number 2i of place p is sin(p / 10000^(2i / D)), and number 2i + 1 is the cosine of the same
    angle: a fast wave on the left, slower ones to the right.

    Args:
        places: How many places, T.
        dim: Numbers per place, D; even.

    Returns:
        One row per place, (T, D).

    Raises:
        ValueError: If `dim` is odd or below 2, or `places` is negative.

    Examples:
        >>> positions(2, 4).round(2).tolist()
        [[0.0, 1.0, 0.0, 1.0], [0.84, 0.54, 0.01, 1.0]]
    """
    if places < 0 or dim < 2 or dim % 2:
        raise ValueError(
            f"positions(): {places} places of {dim} numbers; expected 0 or more, and an even number"
        )
    speed = 10_000.0 ** (-np.arange(0, dim, 2) / dim)  # (D / 2,)
    angle = np.arange(places)[:, None] * speed
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(places, dim)
