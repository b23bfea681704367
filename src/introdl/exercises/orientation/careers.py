"""Write the percentile: sort, walk up, count."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Write the percentile")


@exercise.solution
def percentile(x: np.ndarray, p: float) -> float:
    """Find the smallest value that at least p percent of all values do not exceed.

    Args:
        x: Values in any order, (N,).
        p: Above 0, up to 100.

    Returns:
        One of the values.
    """
    return np.sort(x)[_rank(x, p) - 1]


def _rank(x: np.ndarray, p: float) -> int:
    """How many values are counted until p percent are reached."""
    return int(np.argmax(100 * np.arange(1, len(x) + 1) >= p * len(x))) + 1


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    five = np.array([350.0, 30.0, 45.0, 35.0, 40.0])
    yield Case(
        "the 90th percentile of five salaries, not in order",
        five,
        90,
        hint="Four of five are 80 %: only the fifth, 350, reaches 90 %.",
    )
    yield Case(
        "the 20th percentile of five salaries",
        five,
        20,
        hint="One of five is exactly 20 %, and at least 20 % is enough: 30.",
    )
    yield Case(
        "the 50th percentile of four values",
        np.array([4.0, 1.0, 3.0, 2.0]),
        50,
        hint="Two of four are 50 %: the answer is 2, one of the values.",
    )
    yield Case("a single value", np.array([7.0]), 10, hint="One value is 100 % of all.")
    yield Case(
        "equal values",
        np.array([2.0, 1.0, 1.0, 1.0, 2.0]),
        60,
        hint="Three of five are 1: that is 60 %.",
    )
    for p in (7, 35, 100):
        yield Case(
            f"the {p}th percentile of 20 random values",
            rng.normal(size=20).round(2),
            p,
            hint="On small cases it is right. Do you compare 100 * k with p * len(x)?",
        )


@exercise.wrong("Sort the values first: a percentile does not depend on their order in the list.")
def unsorted(x: np.ndarray, p: float) -> float:
    """Walk up the list as it is given."""
    return x[_rank(x, p) - 1]


@exercise.wrong(
    "This draws a line between two neighbours, as NumPy does by default. Here the answer is always "
    "one of the values."
)
def interpolated(x: np.ndarray, p: float) -> float:
    """Take NumPy's default."""
    return np.percentile(x, p)


@exercise.wrong("At least p percent: a value at which exactly p percent are reached is enough.")
def more_than(x: np.ndarray, p: float) -> float:
    """Ask for more than p percent."""
    rank = int(np.sum(100 * np.arange(1, len(x) + 1) <= p * len(x))) + 1
    return np.sort(x)[min(rank, len(x)) - 1]


@exercise.wrong("You count from the largest value down. Begin at the smallest.")
def from_above(x: np.ndarray, p: float) -> float:
    """Walk down from the largest."""
    return np.sort(x)[::-1][_rank(x, p) - 1]


@exercise.wrong("This is how many people you counted: return the value at which you stopped.")
def rank(x: np.ndarray, p: float) -> float:
    """Return the rank."""
    return _rank(x, p)


@exercise.wrong(
    "This is p percent of the way from the smallest to the largest value. Count people, not money."
)
def of_the_range(x: np.ndarray, p: float) -> float:
    """Cut the range of values instead of the people."""
    return x.min() + p / 100 * (x.max() - x.min())
