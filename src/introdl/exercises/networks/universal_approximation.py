"""The net through points: the joint and the weight of each hidden unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("The net through points")


@exercise.solution
def net_through(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give the hidden units of the net that goes straight from point to point.

    Args:
        x: Where the points are, ascending, (M,) with M at least 2.
        y: Their heights, (M,).

    Returns:
        Two rows, (2, M - 1): the joint of each unit, and its weight. Each unit has slope 1 and acts
        to the right of its joint; the output's bias is the first height.
    """
    slope = np.diff(y) / np.diff(x)
    return np.array([x[:-1], np.diff(slope, prepend=0)])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "x² at 0, ½ and 1, as in the lesson",
        np.array([0.0, 0.5, 1.0]),
        np.array([0.0, 0.25, 1.0]),
        hint="The joints are 0 and ½. The slopes are ½ and 1½, so the weights are ½ and 1.",
    )
    yield Case(
        "two points, not at height 0",
        np.array([1.0, 3.0]),
        np.array([5.0, 2.0]),
        hint="One unit: its weight is the slope of the one piece, −1½. The height 5 is the bias.",
    )
    yield Case(
        "pieces of different widths, one of them level",
        np.array([0.0, 1.0, 3.0, 3.5]),
        np.array([2.0, 4.0, 4.0, 3.0]),
        hint="The slopes are 2, 0 and −2. The weights are the changes of the slope.",
    )
    x = np.cumsum(rng.uniform(0.2, 1, size=9))
    yield Case(
        "nine points, drawn at random",
        x,
        rng.normal(size=9),
        hint="The smaller cases are right. Is one of their numbers written into your code?",
    )


@exercise.wrong("These are the slopes of the pieces. A unit adds the change of the slope.")
def slopes_themselves(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give each unit the whole slope of its piece."""
    return np.array([x[:-1], np.diff(y) / np.diff(x)])


@exercise.wrong("A rise is not a slope: divide it by the width of its piece.")
def rises(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Forget the widths."""
    return np.array([x[:-1], np.diff(np.diff(y), prepend=0)])


@exercise.wrong("A unit must bend at the left end of its piece, where the slope changes.")
def right_ends(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Put each joint at the right end."""
    return np.array([x[1:], net_through(x, y)[1]])


@exercise.wrong("Before the first point the slope is 0, so the first weight is the first slope.")
def first_missing(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give the first unit no weight."""
    slope = np.diff(y) / np.diff(x)
    return np.array([x[:-1], np.diff(slope, prepend=slope[0])])


@exercise.wrong("The changes have the wrong sign: a steeper piece needs a positive weight.")
def backwards(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Subtract the later slope from the earlier one."""
    return net_through(x, y) * np.array([[1], [-1]])


@exercise.wrong("The rows are swapped: the joints come first.")
def swapped(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give the weights first."""
    return net_through(x, y)[::-1]


@exercise.wrong("These slopes are upside down: divide rise by width, not width by rise.")
def turned_over(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Divide the wrong way round."""
    rise = np.diff(y)
    width = np.diff(x)
    slope = np.divide(width, rise, out=np.zeros(len(rise)), where=rise != 0)
    return np.array([x[:-1], np.diff(slope, prepend=0)])
