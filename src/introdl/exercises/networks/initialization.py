"""Batch norm after training: the batches move running statistics, and these normalise new rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Batch norm after training")


@exercise.solution
def evaluate(batches: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Let batch norm see the batches in training, then normalise `X` in evaluation.

    Args:
        batches: Training batches, one after the other, (T, N, H).
        X: What is asked afterwards, (M, H).

    Returns:
        `X` normalised by the running mean and variance, (M, H).
    """
    mean, variance = np.zeros(X.shape[1]), np.ones(X.shape[1])
    for batch in batches:
        mean = mean + 0.1 * (batch.mean(axis=0) - mean)
        variance = variance + 0.1 * (batch.var(axis=0, ddof=1) - variance)
    return (X - mean) / np.sqrt(variance + 1e-5)


def _statistics(
    batches: np.ndarray, share: float = 0.1, ddof: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    mean, variance = np.zeros(batches.shape[2]), np.ones(batches.shape[2])
    for batch in batches:
        mean = mean + share * (batch.mean(axis=0) - mean)
        variance = variance + share * (batch.var(axis=0, ddof=ddof) - variance)
    return mean, variance


def _normalised(X: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    return (X - mean) / np.sqrt(variance + 1e-5)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one batch of 9 and 11, asked about 1 and 2",
        np.array([[[9.0], [11.0]]]),
        np.array([[1.0], [2.0]]),
        hint="After this batch the running mean is 1, and the running variance is 0.9 + 0.2.",
    )
    yield Case(
        "two batches of two units",
        np.array([[[1.0, 30], [3, 10]], [[5.0, 20], [5, 60]]]),
        np.array([[1.0, 20], [4, 40], [0, 0]]),
        hint="Print the running mean after each batch: (0.2, 2), then (0.68, 5.8).",
    )
    yield Case(
        "20 batches of 8 rows, 3 units",
        4 + 3 * rng.normal(size=(20, 8, 3)),
        rng.normal(size=(5, 3)),
        hint="The statistics remember all batches, the last ones most.",
    )
    yield Case(
        "a single row is asked about",
        2 + rng.normal(size=(6, 5, 4)),
        rng.normal(size=(1, 4)),
        hint="A single row must not become 0: its own mean has no part in this.",
    )
    yield Case(
        "units whose numbers hardly vary",
        7 + 1e-3 * rng.normal(size=(90, 4, 2)),
        7 + 1e-2 * rng.normal(size=(3, 2)),
        hint="Here the 0.00001 matters. It is added to the variance, inside the root.",
    )


@exercise.wrong(
    "You normalise X by its own mean and variance. In evaluation it has no part in them."
)
def by_itself(batches: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Work as in training."""
    return _normalised(X, X.mean(axis=0), X.var(axis=0))


@exercise.wrong(
    "Your variance divides by N. The running one divides by N - 1: give np.var its ddof=1."
)
def by_n(batches: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Divide by N."""
    return _normalised(X, *_statistics(batches, ddof=0))


@exercise.wrong("Your statistics move nine tenths of the way to each batch: move them one tenth.")
def too_far(batches: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Swap the shares."""
    return _normalised(X, *_statistics(batches, share=0.9))


@exercise.wrong(
    "You use the last batch alone. All batches count: each moves what is there by a tenth."
)
def last(batches: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Forget the batches before."""
    return _normalised(X, *_statistics(batches[-1:], share=1.0))


@exercise.wrong("You divide by the variance. Divide by its root.")
def no_root(batches: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Leave the root away."""
    mean, variance = _statistics(batches)
    return (X - mean) / (variance + 1e-5)


@exercise.wrong("Your statistics start with those of the first batch. They must start at 0 and 1.")
def first(batches: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Begin with the first batch."""
    mean, variance = batches[0].mean(axis=0), batches[0].var(axis=0, ddof=1)
    for batch in batches[1:]:
        mean = mean + 0.1 * (batch.mean(axis=0) - mean)
        variance = variance + 0.1 * (batch.var(axis=0, ddof=1) - variance)
    return _normalised(X, mean, variance)


@exercise.wrong("You add 0.00001 after the root. It belongs to the variance, inside the root.")
def outside(batches: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Add the small number to the root."""
    mean, variance = _statistics(batches)
    return (X - mean) / (np.sqrt(variance) + 1e-5)
