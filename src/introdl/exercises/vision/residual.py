"""A residual block of two dense layers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("A block by yourself")


@exercise.solution
def block(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> np.ndarray:
    """Add the output of two layers to each example, and replace negative numbers with 0.

    Args:
        x: Examples, one per row, (N, D).
        W1: Weights of the first layer, (D, H); ReLU comes after it.
        W2: Weights of the second layer, (H, D).

    Returns:
        The examples after the block, (N, D).
    """
    said = np.maximum(0, x @ W1) @ W2
    return np.maximum(0, x + said)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the example of the solution: one row, two inputs, two hidden units",
        np.array([[1.0, 2.0]]),
        np.array([[1.0, -1.0], [1.0, -1.0]]),
        np.array([[0.5, -1.0], [0.0, 0.0]]),
        hint="After ReLU, the first layer gives 3 and 0. The second gives 1.5 and −3.",
    )
    yield Case(
        "weights of zero",
        np.array([[2.0, 0.5, 1.0]]),
        np.zeros((3, 2)),
        np.zeros((2, 3)),
        hint="Layers whose output is 0 leave the input unchanged.",
    )
    for n, d, h in ((3, 2, 4), (5, 4, 3), (4, 6, 6)):
        yield Case(
            f"{n} rows, {d} inputs, {h} hidden units",
            rng.normal(size=(n, d)),
            rng.normal(size=(d, h)),
            rng.normal(size=(h, d)),
            hint="Print the output of the second layer, then its sum with x, then the answer.",
        )


@exercise.wrong("The shortcut is missing: add x to the output of the second layer.")
def no_shortcut(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> np.ndarray:
    """A plain block."""
    return np.maximum(0, np.maximum(0, x @ W1) @ W2)


@exercise.wrong("The sum keeps its negative numbers; ReLU also comes after the sum.")
def no_last_relu(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> np.ndarray:
    """Leave the sum."""
    return x + np.maximum(0, x @ W1) @ W2


@exercise.wrong("There is no bend between the two layers: ReLU is missing after the first.")
def no_first_relu(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> np.ndarray:
    """Two layers that are one."""
    return np.maximum(0, x + x @ W1 @ W2)


@exercise.wrong("ReLU comes before x is added; add x first, then replace negative numbers with 0.")
def relu_before_the_sum(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> np.ndarray:
    """Bend what is said, not the sum."""
    return x + np.maximum(0, np.maximum(0, x @ W1) @ W2)


@exercise.wrong("You subtract the output of the layers from x; it should be added.")
def taken_away(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> np.ndarray:
    """Subtract."""
    return np.maximum(0, x - np.maximum(0, x @ W1) @ W2)
