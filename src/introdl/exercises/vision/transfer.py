"""One update of a head on cached features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Train the head alone")


@exercise.solution
def head_step(
    features: np.ndarray, labels: np.ndarray, w: np.ndarray, b: np.ndarray, rate: float
) -> np.ndarray:
    """Make one update of a head on the features of N pictures.

    Args:
        features: What the frozen layers make of each picture, (N, D).
        labels: The right class of each, (N,), whole numbers from 0.
        w: Weights, (D, K).
        b: Biases, (K,).
        rate: The length of the step is this times the slope.

    Returns:
        The new weights, and the new biases as the last row, (D + 1, K).
    """
    z = features @ w + b
    slope = np.exp(z - z.max(axis=1, keepdims=True))
    slope /= slope.sum(axis=1, keepdims=True)
    slope[np.arange(len(labels)), labels] -= 1
    slope /= len(labels)
    return np.vstack([w - rate * features.T @ slope, b - rate * slope.sum(axis=0)])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    letters = np.array([[3.0, 0], [0, 3], [3, 1], [3, 3], [2, 3]])
    yield Case(
        "the letter P, (3, 3), from a head of zeros",
        letters[3:4],
        np.array([1]),
        np.zeros((2, 2)),
        np.zeros(2),
        1.0,
        hint="Both shares are ½, so the slopes by the two sums are ½ and −½.",
    )
    yield Case(
        "the five letters of the lesson, from a head of zeros",
        letters,
        np.array([0, 0, 0, 1, 1]),
        np.zeros((2, 2)),
        np.zeros(2),
        0.5,
        hint="The slope is the mean over the five pictures.",
    )
    for n, d, k in ((4, 3, 3), (9, 2, 5)):
        yield Case(
            f"{n} pictures, {d} features, {k} classes",
            rng.normal(size=(n, d)),
            rng.permutation(np.arange(n) % k),
            rng.normal(size=(d, k)),
            rng.normal(size=k),
            0.3,
            hint="Print the shares of one picture: they add up to 1.",
        )
    yield Case(
        "large features",
        400 * rng.normal(size=(4, 3)),
        np.array([0, 1, 1, 0]),
        rng.normal(size=(3, 2)) + np.array([3.0, 0.0]),
        rng.normal(size=2),
        0.1,
        hint="Subtract the largest sum of each row before `np.exp`.",
    )


Array = np.ndarray


def _moved(features: Array, labels: Array, w: Array, b: Array, rate: float, by: float) -> Array:
    """The right step, `by` times as long."""
    old = np.vstack([w, b])
    return old + by * (head_step(features, labels, w, b, rate) - old)


@exercise.wrong("You step with the slope: the loss grows. Subtract it.")
def uphill(features: Array, labels: Array, w: Array, b: Array, rate: float) -> Array:
    """Add the slope."""
    return _moved(features, labels, w, b, rate, -1)


@exercise.wrong("You add up the slopes of all pictures; take their mean.")
def summed(features: Array, labels: Array, w: Array, b: Array, rate: float) -> Array:
    """Forget to divide by N."""
    return _moved(features, labels, w, b, rate, len(labels))


@exercise.wrong("The biases stay as they were; a bias is also trained.")
def unbiased(features: Array, labels: Array, w: Array, b: Array, rate: float) -> Array:
    """Forget the biases."""
    return np.vstack([head_step(features, labels, w, b, rate)[:-1], b])


@exercise.wrong("The bias is left out of the sums: z is features times weights, plus the bias.")
def bare(features: Array, labels: Array, w: Array, b: Array, rate: float) -> Array:
    """Compute the sums without the biases."""
    step = head_step(features, labels, w, np.zeros_like(b), rate)
    step[-1] += b
    return step


@exercise.wrong("You do not subtract 1 from the share of the right class.")
def unlabelled(features: Array, labels: Array, w: Array, b: Array, rate: float) -> Array:
    """Take the shares as slopes."""
    z = features @ w + b
    slope = np.exp(z - z.max(axis=1, keepdims=True))
    slope /= slope.sum(axis=1, keepdims=True) * len(labels)
    return np.vstack([w - rate * features.T @ slope, b - rate * slope.sum(axis=0)])
