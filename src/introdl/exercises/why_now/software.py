"""PyTorch's layer in NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("PyTorch's layer in NumPy")


@exercise.solution
def torch_layer(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Compute what `torch.nn.Linear` computes.

    Args:
        x: Inputs, (N, D).
        weight: As PyTorch keeps it, (K, D).
        bias: (K,).

    Returns:
        Outputs, (N, K).
    """
    return x @ weight.T + bias


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one picture, two inputs and two outputs",
        np.array([[1.0, 10.0]]),
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([0.0, 0.0]),
        hint="Row k of the weight belongs to output k: the first output is 1 · 1 + 10 · 2 = 21.",
    )
    yield Case(
        "three inputs, two outputs and a bias",
        np.array([[1.0, 0.0, 2.0]]),
        np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        np.array([0.5, -0.5]),
        hint="The first output is 1 · 1 + 2 · 3 + 0.5 = 7.5.",
    )
    yield Case(
        "two pictures, two inputs and two outputs",
        np.array([[1.0, 0.0], [0.0, 1.0]]),
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([10.0, 20.0]),
        hint="Each output has its own bias, the same for all pictures: columns, not rows.",
    )
    yield Case(
        "a batch of 50 pictures",
        rng.normal(size=(50, 7)),
        rng.normal(size=(4, 7)),
        rng.normal(size=4),
        hint="Compare one row after the other.",
    )


@exercise.wrong("You multiply by the weight as it is. PyTorch keeps it as (outputs, inputs).")
def untransposed(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Use NumPy's layout; works for a square weight."""
    return x @ (weight if weight.shape[0] == x.shape[1] else weight.T) + bias


@exercise.wrong("You leave out the bias.")
def no_bias(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Forget the bias."""
    return x @ weight.T


@exercise.wrong(
    "You pour the numbers into the other shape with `reshape`. That changes which weight belongs"
    " to which input; `.T` does not."
)
def reshaped(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Reshape instead of transposing."""
    return x @ weight.reshape(weight.shape[::-1]) + bias


@exercise.wrong("Your result has one row per output. It should have one row per picture.")
def sideways(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return the transpose."""
    return (x @ weight.T + bias).T


@exercise.wrong("You subtract the bias. It is added.")
def minus_bias(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Use the wrong sign."""
    return x @ weight.T - bias
