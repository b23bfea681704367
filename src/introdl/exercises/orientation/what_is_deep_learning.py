"""Let the machine find the limit: the smallest form of learning from examples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Let the machine find the limit")


@exercise.solution
def best_limit(v: np.ndarray, eight: np.ndarray) -> float:
    """Find the limit that gets most pictures right.

    Each value in `v` is tried. The rule says 8 where the measure is larger than the limit.

    Args:
        v: One measure of each picture, (N,).
        eight: Whether each picture is an 8, (N,) Booleans.

    Returns:
        The best limit; of several, the smallest.
    """
    limits = np.unique(v)
    return limits[np.argmax(_right(v, eight))]


def _right(v: np.ndarray, eight: np.ndarray) -> np.ndarray:
    """How many pictures each limit gets right, from the smallest limit to the largest."""
    return np.array([np.sum((v > limit) == eight) for limit in np.unique(v)])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "measures 1, 2, 5, 6, of which the last two are eights",
        np.array([1.0, 2.0, 5.0, 6.0]),
        np.array([False, False, True, True]),
        hint="With the limit 2 the rule says 8 for 5 and 6: all four are right.",
    )
    yield Case(
        "two limits that are equally good",
        np.array([3.0, 1.0, 4.0, 2.0]),
        np.array([False, False, True, True]),
        hint="The limits 1 and 3 get three of four right each. The smaller is wanted.",
    )
    yield Case(
        "whole numbers, many of them equal",
        np.array([0, 0, 1, 1, 2, 2, 1, 0, 2]),
        np.array([False, False, True, True, True, True, False, False, True]),
        hint="The limit 0 says 8 for 1 and 2, and gets eight of nine right.",
    )
    for what, size in (("60 random pictures", 60), ("400 random pictures", 400)):
        eight = rng.random(size) < 0.4
        yield Case(
            what,
            (rng.normal(size=size) + 1.5 * eight).round(1) - 3,
            eight,
            hint="On small cases it is right. Do you try every value, those below zero too?",
        )


@exercise.wrong(
    "You say 8 from the limit on (>=). Here an 8 must lie above the limit, so the limit itself is "
    "a 3."
)
def from_the_limit_on(v: np.ndarray, eight: np.ndarray) -> float:
    """Count the limit itself as an 8."""
    limits = np.unique(v)
    return limits[np.argmax([np.sum((v >= limit) == eight) for limit in limits])]


@exercise.wrong("Of several limits that are equally good, the smallest is wanted: keep the first.")
def last_of_the_best(v: np.ndarray, eight: np.ndarray) -> float:
    """Keep the largest of the best limits."""
    right = _right(v, eight)
    return np.unique(v)[len(right) - 1 - np.argmax(right[::-1])]


@exercise.wrong("This is how many are right, not the limit that gets them right.")
def count(v: np.ndarray, eight: np.ndarray) -> float:
    """Return the score."""
    return _right(v, eight).max()


@exercise.wrong("This is where the limit stands in a list: return the limit itself.")
def place(v: np.ndarray, eight: np.ndarray) -> float:
    """Return the place of the limit."""
    return np.argmax(_right(v, eight))


@exercise.wrong(
    "Your limit gets the fewest right. Does your rule say 8 below the limit, or do you keep the "
    "smallest count?"
)
def worst(v: np.ndarray, eight: np.ndarray) -> float:
    """Look for the fewest right."""
    return np.unique(v)[np.argmin(_right(v, eight))]


@exercise.wrong(
    "Halfway between the two means is a fair guess, but it tries nothing: count how many each "
    "limit gets right."
)
def halfway(v: np.ndarray, eight: np.ndarray) -> float:
    """Take the middle of the means of both classes."""
    return (v[eight].mean() + v[~eight].mean()) / 2


@exercise.wrong(
    "You count the eights alone. The smallest limit finds nearly all of them, and calls the threes "
    "eights, too: a 3 that is called a 3 is also right."
)
def eights_alone(v: np.ndarray, eight: np.ndarray) -> float:
    """Count only the eights that are found."""
    limits = np.unique(v)
    return limits[np.argmax([np.sum((v > limit) & eight) for limit in limits])]
