"""Layer norm: each letter's numbers to mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Layer norm")

EPS = 1e-5


@exercise.solution
def layer_norm(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Give each row mean 0 and variance 1, then scale and shift its numbers.

    Args:
        x: One row per letter, (T, D).
        weight: What each number is multiplied by at the end, (D,).
        bias: What is then added to it, (D,).

    Returns:
        The rows, (T, D). Inside the square root 0.00001 is added to the variance.
    """
    x = x - x.mean(axis=1, keepdims=True)
    variance = (x**2).mean(axis=1, keepdims=True)
    return x / np.sqrt(variance + EPS) * weight + bias


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "two letters of two numbers each",
        np.array([[1.0, 3.0], [2.0, 6.0]]),
        np.ones(2),
        np.zeros(2),
        hint="Both become −1 and 1, nearly. The first has mean 2 and variance 1.",
    )
    yield Case(
        "one letter of four numbers",
        np.array([[2.0, 4.0, 6.0, 8.0]]),
        np.ones(4),
        np.zeros(4),
        hint="The mean is 5 and the variance is the mean of 9, 1, 1 and 9.",
    )
    yield Case(
        "scaled and shifted",
        np.array([[1.0, 3.0], [2.0, 6.0]]),
        np.array([2.0, 3.0]),
        np.array([10.0, 20.0]),
        hint="Multiply by the weight and add the bias after the division.",
    )
    yield Case(
        "numbers that hardly differ",
        np.array([[0.001, 0.003, 0.002]]),
        np.ones(3),
        np.zeros(3),
        hint="Here the 0.00001 inside the root is larger than the variance.",
    )
    for rows, dim in ((3, 5), (6, 4)):
        yield Case(
            f"{rows} random letters of {dim} numbers",
            rng.normal(size=(rows, dim)) * 3 + rng.normal(size=(rows, 1)),
            rng.normal(size=dim),
            rng.normal(size=dim),
            hint="Print the mean and the variance of each row before you scale.",
        )


@exercise.wrong("You take the mean over the letters. Each letter is made even by itself: axis=1.")
def over_letters(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Take the wrong axis."""
    x = x - x.mean(axis=0)
    return x / np.sqrt((x**2).mean(axis=0) + EPS) * weight + bias


@exercise.wrong("You take one mean of all letters together. Each row has its own.")
def over_all(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Take no axis."""
    x = x - x.mean()
    return x / np.sqrt((x**2).mean() + EPS) * weight + bias


@exercise.wrong("You divide by the variance. Divide by its square root.")
def by_variance(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Forget the root."""
    x = x - x.mean(axis=1, keepdims=True)
    return x / ((x**2).mean(axis=1, keepdims=True) + EPS) * weight + bias


@exercise.wrong("The variance is the mean of D squares: divide their sum by D, not by D − 1.")
def sample_variance(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Divide by D - 1."""
    x = x - x.mean(axis=1, keepdims=True)
    variance = (x**2).sum(axis=1, keepdims=True) / max(x.shape[1] - 1, 1)
    return x / np.sqrt(variance + EPS) * weight + bias


@exercise.wrong("The mean is still there: subtract it before you divide.")
def mean_kept(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Divide only."""
    return x / np.sqrt(x.var(axis=1, keepdims=True) + EPS) * weight + bias


@exercise.wrong("Where the numbers hardly differ, add the 0.00001 to the variance, in the root.")
def outside(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Add the small number to the root."""
    x = x - x.mean(axis=1, keepdims=True)
    return x / (x.std(axis=1, keepdims=True) + EPS) * weight + bias


@exercise.wrong("The rows are even, but weight and bias were not used.")
def not_scaled(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Forget the last step."""
    x = x - x.mean(axis=1, keepdims=True)
    return x / np.sqrt((x**2).mean(axis=1, keepdims=True) + EPS)
