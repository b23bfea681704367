"""How far does it get?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("How far does it get?")


@exercise.solution
def metres_on_road(errors: np.ndarray, half: float) -> int:
    """Tell how far a car gets on a straight road before it leaves it.

    Args:
        errors: Wrong turns, one for each metre, in metres per metre, left is positive, (N,).
        half: Half of the road's width, in metres.

    Returns:
        Metres before the one in which it leaves; N if it stays.
    """
    aside = np.cumsum(np.cumsum(errors))
    off = np.abs(aside) > half
    return int(np.argmax(off)) if off.any() else len(errors)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the car from the section by hand",
        np.full(50, 0.01),
        2.0,
        hint="It has driven 19 m when it leaves, in metre 20.",
    )
    yield Case(
        "a car that drives straight",
        np.zeros(8),
        2.0,
        hint="It stays on the road: return all metres.",
    )
    yield Case(
        "a car that turns right",
        np.full(50, -0.01),
        2.0,
        hint="A road has two edges.",
    )
    yield Case(
        "a car that leaves in the first metre",
        np.array([3.0, -3.0, -3.0]),
        2.0,
        hint="It is back on the road later, but it has left it.",
    )
    yield Case(
        "a long drive with random errors",
        rng.normal(scale=0.01, size=500),
        2.0,
        hint="Go metre by metre: add the error to the heading, and the heading to the place.",
    )


@exercise.wrong(
    "You add the errors to the place. An error changes the heading, and the heading moves the car "
    "at every later metre."
)
def one_sum(errors: np.ndarray, half: float) -> int:
    """Sum once."""
    off = np.abs(np.cumsum(errors)) > half
    return int(np.argmax(off)) if off.any() else len(errors)


@exercise.wrong("You look at the left edge alone. A car can leave the road on the right too.")
def left_only(errors: np.ndarray, half: float) -> int:
    """Forget the size."""
    off = np.cumsum(np.cumsum(errors)) > half
    return int(np.argmax(off)) if off.any() else len(errors)


@exercise.wrong("You count the metre in which the car leaves. Count the metres before it.")
def one_more(errors: np.ndarray, half: float) -> int:
    """Count from 1."""
    off = np.abs(np.cumsum(np.cumsum(errors))) > half
    return int(np.argmax(off)) + 1 if off.any() else len(errors)


@exercise.wrong("You return 0 for a car that stays on the road. Return all its metres.")
def no_end(errors: np.ndarray, half: float) -> int:
    """Forget that it may stay."""
    return int(np.argmax(np.abs(np.cumsum(np.cumsum(errors))) > half))


@exercise.wrong(
    "You count all metres on the road, also those after the car has left it. Stop at the first."
)
def all_on(errors: np.ndarray, half: float) -> int:
    """Count what is within."""
    return int((np.abs(np.cumsum(np.cumsum(errors))) <= half).sum())
