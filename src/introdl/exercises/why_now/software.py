"""Carry the weights of a dense layer from Keras to PyTorch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Carry a layer")


@exercise.solution
def to_torch(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Lay out a layer of Keras as PyTorch keeps it, with the biases beside it.

    Args:
        W: Weights, (inputs, units).
        b: Biases, (units,).

    Returns:
        PyTorch's weights, and the biases as the last column, (units, inputs + 1).
    """
    return np.column_stack([W.T, b])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "three inputs, two units",
        np.array([[1.0, 2], [3, 4], [5, 6]]),
        np.array([7.0, 8]),
        hint="The weights 1, 3 and 5 lead to unit 1, whose bias is 7: row 1 is 1, 3, 5, 7.",
    )
    yield Case(
        "two inputs, two units",
        np.array([[1.0, 2], [3, 4]]),
        np.array([5.0, 6]),
        hint="A square table fits as it is, and is wrong: row 1 is 1, 3, 5.",
    )
    yield Case(
        "one input, three units",
        np.array([[1.0, 2, 3]]),
        np.array([4.0, 5, 6]),
        hint="Three units are three rows, each with one weight and one bias.",
    )
    yield Case(
        "twenty inputs, ten units",
        rng.normal(size=(20, 10)),
        rng.normal(size=10),
        hint="Compare one row of yours with one column of W.",
    )


@exercise.wrong(
    "You reshape: the numbers keep their order and are cut into other rows. Turn the table over "
    "instead."
)
def reshaped(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Reshape."""
    return np.column_stack([W.reshape(W.T.shape), b])


@exercise.wrong("The weights are right, but the biases stand first: they are the last column.")
def bias_first(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Put the biases in front."""
    return np.column_stack([b, W.T])


@exercise.wrong("The biases are missing: they are the last column.")
def without_bias(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the weights alone."""
    return W.T


@exercise.wrong(
    "You keep Keras's layout and add the biases as a row below. PyTorch has one row for each unit."
)
def as_it_is(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Do not transpose."""
    return np.vstack([W, b])


@exercise.wrong(
    "The table is turned by a quarter: rows or columns come in reverse. The first input stays the "
    "first column, the first unit the first row."
)
def turned(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Rotate."""
    return np.column_stack([np.rot90(W), b])


@exercise.wrong("The last column is zero: each unit has a bias of its own in b.")
def zero_bias(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Fill in zeros."""
    return np.column_stack([W.T, np.zeros(len(b))])
