"""Dropout with a given mask: outputs, and the slopes that come back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Dropout, there and back")


@exercise.solution
def dropped(a: np.ndarray, kept: np.ndarray, p: float, slope: np.ndarray) -> np.ndarray:
    """Apply dropout to activations, and hand the slope of the loss back through it.

    Args:
        a: Activations, (H,).
        kept: 1 for a unit that stays, 0 for one that sits out, (H,).
        p: The chance to sit out, from 0 to below 1.
        slope: The slope of the loss by each output, (H,).

    Returns:
        Two rows: the outputs, so scaled that they average `a` over all masks, and the slope of
        the loss by each activation, (2, H).
    """
    mask = kept / (1 - p)
    return np.array([a * mask, slope * mask])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the three units of the lesson, the second sits out",
        np.array([1.0, 2.0, 3.0]),
        np.array([1, 0, 1]),
        0.5,
        np.array([2.0, 1.0, 1.0]),
        hint="The outputs are 2, 0, 6. What is each slope multiplied by?",
    )
    yield Case(
        "all units stay, p = 0",
        np.array([1.0, -2.0]),
        np.array([1, 1]),
        0.0,
        np.array([0.5, 3.0]),
        hint="With p = 0 nothing changes.",
    )
    yield Case(
        "four units, each sits out with a chance of 3/4",
        np.array([1.0, -2.0, 0.0, 4.0]),
        np.array([0, 1, 1, 0]),
        0.75,
        np.array([1.0, 2.0, 3.0, 4.0]),
        hint="One out of four stays, so each that stays counts four times, there and back.",
    )
    kept = rng.random(12) >= 0.2
    yield Case(
        "twelve units, drawn at random",
        rng.normal(size=12),
        kept.astype(int),
        0.2,
        rng.normal(size=12),
        hint="The smaller cases are right. Is one of their numbers written into your code?",
    )


@exercise.wrong("The units that stay are not scaled up: on average the outputs are too small.")
def not_scaled(a: np.ndarray, kept: np.ndarray, p: float, slope: np.ndarray) -> np.ndarray:
    """Leave the size as it is."""
    return np.array([a * kept, slope * kept])


@exercise.wrong("You divide by p, the chance to sit out. What is the chance that a unit stays?")
def wrong_chance(a: np.ndarray, kept: np.ndarray, p: float, slope: np.ndarray) -> np.ndarray:
    """Divide by the other chance."""
    mask = kept / p if p else kept
    return np.array([a * mask, slope * mask])


@exercise.wrong("You multiply by the chance to stay. The units that stay must grow, not shrink.")
def shrunk(a: np.ndarray, kept: np.ndarray, p: float, slope: np.ndarray) -> np.ndarray:
    """Multiply where a division belongs."""
    mask = kept * (1 - p)
    return np.array([a * mask, slope * mask])


@exercise.wrong("The slopes come back unmasked: a unit that sat out has no part in the loss.")
def slope_whole(a: np.ndarray, kept: np.ndarray, p: float, slope: np.ndarray) -> np.ndarray:
    """Forget the mask on the way back."""
    return np.array([a * kept / (1 - p), slope])


@exercise.wrong("On the way back the scale is missing: the local slope is the whole factor.")
def slope_not_scaled(a: np.ndarray, kept: np.ndarray, p: float, slope: np.ndarray) -> np.ndarray:
    """Mask the slopes, but forget their scale."""
    return np.array([a * kept / (1 - p), slope * kept])


@exercise.wrong("The units are swapped: `kept` is 1 for those that stay.")
def swapped(a: np.ndarray, kept: np.ndarray, p: float, slope: np.ndarray) -> np.ndarray:
    """Drop those that should stay."""
    mask = (1 - kept) / (1 - p)
    return np.array([a * mask, slope * mask])


@exercise.wrong(
    "You multiplied the slope by the activation: the local slope of a product is the other factor."
)
def activation_in_slope(a: np.ndarray, kept: np.ndarray, p: float, slope: np.ndarray) -> np.ndarray:
    """Multiply the slope by the activation, too."""
    mask = kept / (1 - p)
    return np.array([a * mask, slope * a * mask])
