"""How much many workers gain when a part of the work cannot be split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("What cannot be split")


@exercise.solution
def speedup(share: np.ndarray, workers: np.ndarray) -> np.ndarray:
    """Compute how many times as fast work goes with several workers.

    Args:
        share: The share of the work that can be split, from 0 to 1, (N,).
        workers: How many workers there are, 1 or more, (N,).

    Returns:
        The factor, (N,).
    """
    return 1 / ((1 - share) + share / workers)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "nine tenths can be split, nine workers",
        np.array([0.9]),
        np.array([9.0]),
        hint="One tenth stays, and nine tenths become one tenth: a fifth of the time.",
    )
    yield Case(
        "half can be split, no end of workers",
        np.array([0.5]),
        np.array([np.inf]),
        hint="The half that cannot be split takes as long as before: twice as fast at most.",
    )
    yield Case(
        "all, or nothing, can be split",
        np.array([1.0, 0.0]),
        np.array([8.0, 8.0]),
        hint="All: eight times as fast. Nothing: as fast as with one worker.",
    )
    yield Case(
        "thirty random works",
        rng.uniform(0.2, 0.95, size=30),
        rng.integers(2, 1000, size=30).astype(float),
        hint="The time is what cannot be split, and the rest divided by the workers.",
    )


@exercise.wrong("You return the time. How many times as fast is one divided by it.")
def time_taken(share: np.ndarray, workers: np.ndarray) -> np.ndarray:
    """Return the time."""
    return 1 / speedup(share, workers)


@exercise.wrong("You split the part that cannot be split, and keep the other whole.")
def other_part(share: np.ndarray, workers: np.ndarray) -> np.ndarray:
    """Swap the two parts."""
    return speedup(1 - share, workers)


@exercise.wrong("You forget the part that cannot be split: it takes as long as before.")
def all_split(share: np.ndarray, workers: np.ndarray) -> np.ndarray:
    """Split everything."""
    return 1 / np.maximum(share / workers, 1e-300)


@exercise.wrong(
    "You add the gains of the two parts, as if speeds could be added. Add the times, then divide."
)
def adds_speeds(share: np.ndarray, workers: np.ndarray) -> np.ndarray:
    """Average the speeds."""
    return (1 - share) + share * workers


@exercise.wrong(
    "You add a worker: with n workers the part that can be split takes 1/n of its time."
)
def one_more(share: np.ndarray, workers: np.ndarray) -> np.ndarray:
    """Count one worker too many."""
    return speedup(share, workers + 1)
