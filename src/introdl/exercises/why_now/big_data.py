"""The room of a border: what few points leave open, and many do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("The room of a border")


@exercise.solution
def room(x: np.ndarray, y: np.ndarray) -> float:
    """Find how far it is from the last 0 to the first 1.

    Args:
        x: Places of the points on a line, in any order, (N,).
        y: Their classes, 0 or 1, (N,). All 0s lie to the left of all 1s.

    Returns:
        The length of the room in which the border may lie.
    """
    return np.min(x[y == 1]) - np.max(x[y == 0])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "a 0 at 2 and a 1 at 8",
        np.array([2.0, 8.0]),
        np.array([0, 1]),
        hint="The border may lie anywhere from 2 to 8: the room is 6 long.",
    )
    yield Case(
        "0s at 1, 3 and 4, and 1s at 6 and 9",
        np.array([1.0, 3.0, 4.0, 6.0, 9.0]),
        np.array([0, 0, 0, 1, 1]),
        hint="From the last 0, at 4, to the first 1, at 6: the room is 2 long.",
    )
    yield Case(
        "the same points in another order",
        np.array([6.0, 1.0, 9.0, 3.0, 4.0]),
        np.array([1, 0, 1, 0, 0]),
        hint="The order of the points says nothing: the room is 2 long.",
    )
    yield Case(
        "places below zero",
        np.array([-3.0, -9.0, -1.0, -5.0]),
        np.array([1, 0, 1, 0]),
        hint="The last 0 is at -5, the first 1 at -3: the room is 2 long.",
    )
    for size in (20, 200):
        x = rng.permutation(np.cumsum(rng.uniform(0.1, 1, size=size)) - 5)
        y = (x > np.sort(x)[size // 3]).astype(int)
        yield Case(
            f"{size} random points",
            x,
            y,
            hint="On small cases it is right. Do you look at all points of each class?",
        )


@exercise.wrong("This is a length below zero: take the first 1 less the last 0.")
def turned(x: np.ndarray, y: np.ndarray) -> float:
    """Take the two ends the other way round."""
    return np.max(x[y == 0]) - np.min(x[y == 1])


@exercise.wrong(
    "You measure from the first 0 to the last 1. The border must lie to the right of all 0s and to "
    "the left of all 1s."
)
def outermost(x: np.ndarray, y: np.ndarray) -> float:
    """Measure from end to end."""
    return np.max(x[y == 1]) - np.min(x[y == 0])


@exercise.wrong("This is the distance of the two means. Only the points next to the border count.")
def means(x: np.ndarray, y: np.ndarray) -> float:
    """Take the distance of the means."""
    return np.mean(x[y == 1]) - np.mean(x[y == 0])


@exercise.wrong(
    "This is the widest gap between neighbours, of one class or two. The border must part the "
    "classes."
)
def widest_gap(x: np.ndarray, y: np.ndarray) -> float:
    """Look for the widest gap of all."""
    return np.max(np.diff(np.sort(x)))


@exercise.wrong("This is where the border may lie in the middle. Return how long the room is.")
def middle(x: np.ndarray, y: np.ndarray) -> float:
    """Return the middle of the room."""
    return (np.min(x[y == 1]) + np.max(x[y == 0])) / 2


@exercise.wrong(
    "You take the points as if they were sorted. They may come in any order: look for the largest "
    "and the smallest place of each class."
)
def as_they_come(x: np.ndarray, y: np.ndarray) -> float:
    """Take the last 0 and the first 1 of the list."""
    return x[y == 1][0] - x[y == 0][-1]
