"""What a list of successes can show: waits that still run are not on it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("What a list can show")


@exercise.solution
def median_seen(
    begun: np.ndarray, wait: np.ndarray, first: float, last: float, now: float
) -> float:
    """Compute the median wait, of the lines of work that a list made in year `now` can show.

    Args:
        begun: Year in which each line began, (N,).
        wait: Years until its success, (N,).
        first: Lines begun in this year or later count.
        last: Lines begun in this year or later do not count.
        now: Year of the list: a line is seen if it has succeeded by then.

    Returns:
        The median of the waits seen, or NaN if none is.
    """
    these = (first <= begun) & (begun < last) & (begun + wait <= now)
    return float(np.median(wait[these])) if these.any() else np.nan


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    begun = np.array([1960, 1970, 1980])
    yield Case(
        "three lines, all seen",
        begun,
        np.array([5, 9, 40]),
        1950,
        2000,
        2024,
        hint="All three have succeeded. Sort the waits: which stands in the middle?",
    )
    yield Case(
        "one line still waits",
        begun,
        np.array([20, 90, 30]),
        1950,
        2000,
        2024,
        hint="The line of 1970 succeeds in 2060. A list made in 2024 cannot show it.",
    )
    yield Case(
        "a success in the very year of the list, and lines at both ends",
        np.array([1950, 2000, 1990]),
        np.array([74, 3, 10]),
        1950,
        2000,
        2024,
        hint="1950 + 74 is 2024: seen. A line begun in `first` counts, one in `last` does not.",
    )
    yield Case(
        "nothing to see",
        np.array([2020, 2021]),
        np.array([30, 40]),
        2010,
        2024,
        2024,
        hint="No line has succeeded yet: return np.nan.",
    )
    years = rng.uniform(1950, 2024, size=400)
    waits = rng.exponential(20, size=400)
    for first, last in [(1950, 2000), (1990, 2015)]:
        yield Case(
            f"400 random lines, those of {first} to {last}",
            years,
            waits,
            first,
            last,
            2024,
            hint="Choose by the year of the beginning and by the year of the success.",
        )


@exercise.wrong("You count lines that have not succeeded by the year of the list.")
def unseen_too(begun: np.ndarray, wait: np.ndarray, first: float, last: float, now: float) -> float:
    """Forget that only successes are seen."""
    return median_seen(begun, wait, first, last, np.inf)


@exercise.wrong("You take the mean. The median is the middle of the sorted waits.")
def mean_seen(begun: np.ndarray, wait: np.ndarray, first: float, last: float, now: float) -> float:
    """Take the mean."""
    these = (first <= begun) & (begun < last) & (begun + wait <= now)
    return float(np.mean(wait[these])) if these.any() else np.nan


@exercise.wrong(
    "You choose the lines by the year of their success. `first` and `last` are years in which a "
    "line begins."
)
def by_success(begun: np.ndarray, wait: np.ndarray, first: float, last: float, now: float) -> float:
    """Choose by the year of the success."""
    end = begun + wait
    these = (first <= end) & (end < last) & (end <= now)
    return float(np.median(wait[these])) if these.any() else np.nan


@exercise.wrong("A line that succeeds in the year `now` itself is seen: <=, not <.")
def strictly_before(
    begun: np.ndarray, wait: np.ndarray, first: float, last: float, now: float
) -> float:
    """Leave out successes of the year of the list."""
    these = (first <= begun) & (begun < last) & (begun + wait < now)
    return float(np.median(wait[these])) if these.any() else np.nan


@exercise.wrong(
    "A line begun in the year `first` counts, one begun in the year `last` does not: "
    "first <= begun < last."
)
def other_ends(begun: np.ndarray, wait: np.ndarray, first: float, last: float, now: float) -> float:
    """Swap which end belongs to the lines chosen."""
    these = (first < begun) & (begun <= last) & (begun + wait <= now)
    return float(np.median(wait[these])) if these.any() else np.nan


@exercise.wrong("With no line to see there is no median: return np.nan, not 0.")
def zero_for_none(
    begun: np.ndarray, wait: np.ndarray, first: float, last: float, now: float
) -> float:
    """Return 0 where nothing is seen."""
    found = median_seen(begun, wait, first, last, now)
    return 0.0 if np.isnan(found) else found
