"""Climb from all off to all on, one switch after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Climb in any order")


@exercise.solution
def climb(cells: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Find the gain of each of three switches at its turn.

    Args:
        cells: A table of eight cells, off first on each axis, (2, 2, 2).
        order: The numbers of the switches in the order in which they are switched on, (3,).

    Returns:
        The three gains, in that same order, (3,).
    """
    on, gains = [0, 0, 0], []
    for switch in order:
        before = cells[tuple(on)]
        on[switch] = 1
        gains.append(cells[tuple(on)] - before)
    return np.array(gains)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    by_hand = np.array([[[10.0, 12.0], [20.0, 24.0]], [[14.0, 20.0], [30.0, 60.0]]])
    yield Case(
        "the page's table, in the order computing, depth, data",
        by_hand,
        np.array([2, 0, 1]),
        hint="10 → 12 → 20 → 60: the gains are 2, 8 and 40.",
    )
    yield Case(
        "the page's table, in the order depth, data, computing",
        by_hand,
        np.array([0, 1, 2]),
        hint="10 → 14 → 30 → 60: the gains are 4, 16 and 30.",
    )
    for what, order in (
        ("random cells, in the order data, computing, depth", [1, 2, 0]),
        ("random cells, in the order computing, data, depth", [2, 1, 0]),
        ("random cells, in the order depth, computing, data", [0, 2, 1]),
    ):
        yield Case(
            what,
            rng.normal(size=(2, 2, 2)).round(2),
            np.array(order),
            hint="The table of the page is right. Do you use `order` as it is given?",
        )


@exercise.wrong(
    "These are the gains of each switch alone, from all off. Leave on what was switched on before."
)
def alone(cells: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Start each time from all off."""
    return np.array([cells[tuple(np.eye(3, dtype=int)[k])] - cells[0, 0, 0] for k in order])


@exercise.wrong("The gains are right, but stand by switch. Return them in the order of switching.")
def by_switch(cells: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Sort the gains by switch."""
    gains = np.zeros(3)
    gains[order] = climb(cells, order)
    return gains


@exercise.wrong(
    "These are the gains from all off to each cell of the climb. Take off the cell just before."
)
def so_far(cells: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Add the gains up on the way."""
    return np.cumsum(climb(cells, order))


@exercise.wrong("These are the cells themselves. A gain is a cell less the cell before it.")
def values(cells: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return the cells after each switch."""
    return cells[0, 0, 0] + np.cumsum(climb(cells, order))


@exercise.wrong(
    "These gains have the wrong sign: take the cell before the switch off the cell after it."
)
def backwards(cells: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Take the later cell off the earlier one."""
    return -climb(cells, order)


@exercise.wrong("You always switch on 0, then 1, then 2. Follow `order`.")
def fixed(cells: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Forget the order."""
    return climb(cells, np.arange(3))
