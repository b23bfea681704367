"""Shares of each row: softmax of many rows at once, of large and of small numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Shares of each row")


@exercise.solution
def shares(Z: np.ndarray) -> np.ndarray:
    """Turn each row into shares: none negative, and 1 in all.

    Args:
        Z: Sums, one row per example, (N, K), however large or small.

    Returns:
        The softmax of each row, (N, K).
    """
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one row of 0 and log 3",
        np.array([[0.0, np.log(3)]]),
        hint="The lesson has these shares: 1/4 and 3/4.",
    )
    yield Case(
        "three rows of five",
        rng.normal(size=(3, 5)),
        hint="Print the sum of each row of your answer. Each must be 1.",
    )
    yield Case(
        "four rows of four, near 1000",
        1000 + rng.normal(size=(4, 4)),
        hint="Subtract the largest number first. Print the powers: none may be inf.",
    )
    yield Case(
        "a row near 1000, and one near -1000",
        np.array([[1000.0], [-1000.0]]) + rng.normal(size=(2, 3)),
        hint="Each row needs its own largest number. Print the powers of the second row.",
    )
    yield Case(
        "one number far above the others of its row",
        np.array([[0.0, 2000.0, 1.0], [-3000.0, -3000.0, 0.0]]),
        hint="The share of the largest is 1, the others round to 0. Which number did you subtract?",
    )


def _quiet(Z: np.ndarray, less: np.ndarray | float, axis: int | None = 1) -> np.ndarray:
    with np.errstate(all="ignore"):
        powers = np.exp(Z - less)
        return powers / powers.sum(axis=axis, keepdims=True)


@exercise.wrong(
    "Large numbers give nan: e to the 1000 is too large for a float. Subtract the row's largest "
    "number first."
)
def plain(Z: np.ndarray) -> np.ndarray:
    """Subtract nothing."""
    return _quiet(Z, 0.0)


@exercise.wrong(
    "Your columns add up to 1, not your rows: take the largest number and the total along axis 1."
)
def columns(Z: np.ndarray) -> np.ndarray:
    """Take the other axis."""
    return _quiet(Z, Z.max(axis=0), axis=0)


@exercise.wrong(
    "All your shares together add up to 1. Each row is a separate example with its own total."
)
def altogether(Z: np.ndarray) -> np.ndarray:
    """Divide by the total of all rows."""
    return _quiet(Z, Z.max(), axis=None)


@exercise.wrong(
    "You subtract the largest number of all rows. In a row far below it, all powers are then 0, "
    "and 0 / 0 is nan: each row needs its own largest number."
)
def one_for_all(Z: np.ndarray) -> np.ndarray:
    """Subtract the largest of all rows."""
    return _quiet(Z, Z.max())


@exercise.wrong(
    "You subtract the mean of each row. A number far above its mean is still too large for e: "
    "subtract the largest."
)
def mean(Z: np.ndarray) -> np.ndarray:
    """Subtract the mean."""
    return _quiet(Z, Z.mean(axis=1, keepdims=True))


@exercise.wrong("These are the logarithms of the shares: take e to the power of each.")
def logarithms(Z: np.ndarray) -> np.ndarray:
    """Give the logarithms."""
    lower = Z - Z.max(axis=1, keepdims=True)
    return lower - np.log(np.exp(lower).sum(axis=1, keepdims=True))
