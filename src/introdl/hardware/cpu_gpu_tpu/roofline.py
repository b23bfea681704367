"""The roofline: the most that an operation can reach, from two numbers of the machine."""

import numpy as np


def attainable(intensity: float | np.ndarray, peak: float, bandwidth: float) -> float | np.ndarray:
    """The roof over an operation: what it can reach at most, in FLOP a second.

    Source: Williams, Waterman & Patterson (2009).

    Args:
        intensity: FLOP for each byte that is moved.
        peak: FLOP a second that the machine computes at best.
        bandwidth: Bytes a second that it moves at best.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> float(attainable(0.25, peak=100.0, bandwidth=20.0))
        5.0
    """
    if not (np.all(np.asarray(intensity) > 0) and peak > 0 and bandwidth > 0):
        raise ValueError(
            f"attainable(): expected positive numbers, got {intensity}, {peak}, {bandwidth}"
        )
    return np.minimum(peak, intensity * bandwidth)


def ridge(peak: float, bandwidth: float) -> float:
    """The intensity from which on arithmetic is the limit, and no longer memory."""
    return peak / bandwidth


def limit(intensity: float, peak: float, bandwidth: float) -> str:
    """What limits an operation: `memory` below the ridge, `arithmetic` from there on."""
    return "memory" if intensity < ridge(peak, bandwidth) else "arithmetic"
