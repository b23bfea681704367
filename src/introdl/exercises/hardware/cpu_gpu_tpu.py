"""The time of an operation at best: the longer of arithmetic and memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Whichever takes longer")


@exercise.solution
def least_seconds(
    flops: np.ndarray, moved: np.ndarray, peak: float, bandwidth: float
) -> np.ndarray:
    """Compute the seconds that each of some operations takes at best.

    Args:
        flops: Additions and multiplications of each operation, (N,).
        moved: Bytes that each has to move, (N,).
        peak: FLOP that the machine does in a second at best.
        bandwidth: Bytes that it moves in a second at best.

    Returns:
        Seconds, (N,).
    """
    return np.maximum(flops / peak, moved / bandwidth)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one addition of two vectors of 1,000 numbers",
        np.array([1e3]),
        np.array([12e3]),
        200e9,
        20e9,
        hint="Arithmetic takes 5 nanoseconds, memory 600.",
    )
    yield Case(
        "one product of two 1,000×1,000 matrices",
        np.array([2e9]),
        np.array([12e6]),
        200e9,
        20e9,
        hint="Arithmetic takes 10 milliseconds, memory 0.6.",
    )
    yield Case(
        "both together, as two operations",
        np.array([1e3, 2e9]),
        np.array([12e3, 12e6]),
        200e9,
        20e9,
        hint="Choose the longer time for each operation separately: np.maximum, not max.",
    )
    flops = 10.0 ** rng.uniform(6, 12, size=40)
    yield Case(
        "forty random operations",
        flops,
        flops / 10.0 ** np.linspace(-1, 3, 40),
        10.0 ** rng.uniform(11, 12),
        10.0 ** rng.uniform(10, 11),
        hint="Some wait for memory and some for arithmetic.",
    )


@exercise.wrong(
    "You add the two times. A machine calculates while it moves numbers, so at best the longer "
    "one alone counts."
)
def both(flops: np.ndarray, moved: np.ndarray, peak: float, bandwidth: float) -> np.ndarray:
    """Add the times."""
    return flops / peak + moved / bandwidth


@exercise.wrong("You take the shorter of the two times, but one must wait for the longer.")
def shorter(flops: np.ndarray, moved: np.ndarray, peak: float, bandwidth: float) -> np.ndarray:
    """Take the minimum."""
    return np.minimum(flops / peak, moved / bandwidth)


@exercise.wrong("You look at arithmetic alone: operations on the slope wait for memory.")
def arithmetic_only(
    flops: np.ndarray, moved: np.ndarray, peak: float, bandwidth: float
) -> np.ndarray:
    """Forget memory."""
    return flops / peak + 0 * moved / bandwidth


@exercise.wrong("You look at memory alone: large products wait for arithmetic.")
def memory_only(flops: np.ndarray, moved: np.ndarray, peak: float, bandwidth: float) -> np.ndarray:
    """Forget arithmetic."""
    return moved / bandwidth + 0 * flops / peak


@exercise.wrong(
    "You return the roof, FLOP in a second. Divide the FLOP of the operation by it to get seconds."
)
def rate(flops: np.ndarray, moved: np.ndarray, peak: float, bandwidth: float) -> np.ndarray:
    """Return a rate."""
    return np.minimum(peak, flops / moved * bandwidth)


@exercise.wrong("Bytes became bits: the bandwidth here is in bytes already.")
def in_bits(flops: np.ndarray, moved: np.ndarray, peak: float, bandwidth: float) -> np.ndarray:
    """Multiply the bytes by eight."""
    return np.maximum(flops / peak, 8 * moved / bandwidth)
