"""Check a proof: what is left of the weights when the rows of a table are added up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Check a proof")


@exercise.solution
def left_over(X: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Add the rows of a proof that no threshold unit computes a table.

    A row that must fire says w · x + b, one that must not says the negative of it; row i is
    taken m[i] times.

    Args:
        X: Inputs, (N, D).
        y: Wanted outputs, 0 or 1, (N,).
        m: How many times each row is taken, whole numbers, (N,).

    Returns:
        What stands before each weight and, as the last entry, before b, (D + 1,).
    """
    sign = np.where(y == 1, 1, -1)
    return (m * sign) @ np.column_stack([X, np.ones(len(X))])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    yield Case(
        "AND, each row once",
        X,
        np.array([0, 0, 0, 1]),
        np.array([1, 1, 1, 1]),
        hint="The rows say −b, −w₂ − b, −w₁ − b and w₁ + w₂ + b. Add them by hand.",
    )
    yield Case(
        "AND, the last row twice",
        X,
        np.array([0, 0, 0, 1]),
        np.array([1, 1, 1, 2]),
        hint="As before, and once more w₁ + w₂ + b.",
    )
    yield Case(
        "OR, rows taken 3, 1, 4 and 2 times",
        X,
        np.array([0, 1, 1, 1]),
        np.array([3, 1, 4, 2]),
        hint="The rows say −b, w₂ + b, w₁ + b and w₁ + w₂ + b; take each as often as m says.",
    )
    y = np.array([1, 0, 0, 1, 0, 1, 1])
    yield Case(
        "seven rows of three inputs",
        rng.integers(-3, 4, size=(7, 3)),
        rng.permutation(y),
        rng.integers(1, 6, size=7),
        hint="On tables of two inputs it is right. Does anything count on four rows or on 0 and 1?",
    )


def _rows(X: np.ndarray) -> np.ndarray:
    """The inputs with a 1 behind each, (N, D + 1)."""
    return np.column_stack([X, np.ones(len(X))])


@exercise.wrong("A row that must not fire counts with a minus: change the sign of all its numbers.")
def no_sign(X: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Add all rows as they are."""
    return m @ _rows(X)


@exercise.wrong("You add only the rows that must fire: the others also count, with a minus.")
def true_rows(X: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Multiply by y, which is 0 where the sign is -1."""
    return (m * y) @ _rows(X)


@exercise.wrong("The bias is missing: each row also holds b once. It stands last.")
def no_bias(X: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Leave the bias out."""
    return left_over(X, y, m)[:-1]


@exercise.wrong("You take each row once; row i counts m[i] times.")
def once(X: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Forget m."""
    return left_over(X, y, np.ones_like(m))


@exercise.wrong("The signs are the wrong way round: a row that must fire counts with a plus.")
def turned(X: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Swap the signs."""
    return -left_over(X, y, m)


@exercise.wrong("The sign of a row applies to its b as well: in yours b always has a plus.")
def unsigned_bias(X: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Turn the inputs alone."""
    return np.append(left_over(X, y, m)[:-1], m.sum())


@exercise.wrong("All numbers are there, but the bias stands first: it belongs after the weights.")
def bias_first(X: np.ndarray, y: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Return the bias first."""
    return np.roll(left_over(X, y, m), 1)
