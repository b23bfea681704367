"""The roofline: the most that an operation can reach, from two numbers of the machine."""

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes


class Chip(NamedTuple):
    """A processor's published peaks in one arithmetic.

    Attributes:
        name: What it is called.
        kind: CPU, GPU or TPU.
        year: Since when it has been in use.
        arithmetic: The numbers that it computes with.
        peak: Operations a second at best.
        bandwidth: Bytes a second at best.
    """

    name: str
    kind: str
    year: int
    arithmetic: str
    peak: float
    bandwidth: float


#: The first three from Jouppi et al. (2017), table 2: the K80 at its base clock, with error
#: correction; TPU v4 from Jouppi et al. (2023); the H100 from NVIDIA (2023), without sparsity.
CHIPS = (
    Chip("Xeon E5-2699 v3", "CPU", 2014, "float32", 1.3e12, 51e9),
    Chip("K80, one of two dies", "GPU", 2014, "float32", 2.8e12, 160e9),
    Chip("TPU v1", "TPU", 2015, "8-bit integers", 92e12, 34e9),
    Chip("TPU v4", "TPU", 2020, "bfloat16", 275e12, 1200e9),
    Chip("H100 SXM", "GPU", 2022, "float32", 67e12, 3350e9),
    Chip("H100 SXM", "GPU", 2022, "TensorFloat-32", 495e12, 3350e9),
    Chip("H100 SXM", "GPU", 2022, "bfloat16", 989e12, 3350e9),
)


def attainable(
    intensity: float | np.ndarray,
    peak: float,
    bandwidth: float,
) -> float | np.ndarray:
    """The roof: the FLOP a second that an operation can reach.

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
    if not (np.all(np.asarray(intensity) > 0) and min(peak, bandwidth) > 0):
        rule = "attainable(): expected positive numbers"
        raise ValueError(f"{rule}, got {intensity}, {peak}, {bandwidth}")
    return np.minimum(peak, intensity * bandwidth)


def ridge(peak: float, bandwidth: float) -> float:
    """The intensity from which on arithmetic is the limit, not memory."""
    return peak / bandwidth


def limit(intensity: float, peak: float, bandwidth: float) -> str:
    """What limits an operation: `memory` below the ridge, `arithmetic` from there on."""
    return "memory" if intensity < ridge(peak, bandwidth) else "arithmetic"


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(attainable, {"intensity": "(...) of any numbers", "peak": "()", "bandwidth": "()"})
