"""Squared bias, variance and noise of some fits, against repeated measurements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Take the error apart")


@exercise.solution
def apart(said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Split a mean squared error into squared bias, variance and noise.

    Args:
        said: What R fits say at N places, (R, N).
        targets: M noisy measurements at each place, (M, N); their mean there counts as the truth.

    Returns:
        Squared bias, variance and noise, each as a mean over the places, (3,).
    """
    middle, truth = said.mean(axis=0), targets.mean(axis=0)
    bias = ((middle - truth) ** 2).mean()
    return np.array([bias, ((said - middle) ** 2).mean(), ((targets - truth) ** 2).mean()])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "fits 1, 2 and 6 at one place, always measured 5",
        np.array([[1.0], [2.0], [6.0]]),
        np.array([[5.0], [5.0]]),
        hint="Squared bias 4, variance 14/3, and no noise.",
    )
    yield Case(
        "one fit, measurements 4 and 6",
        np.array([[3.0]]),
        np.array([[4.0], [6.0]]),
        hint="One fit does not vary. The truth counts as 5, and the noise is 1.",
    )
    yield Case(
        "two places: too high here, too low there",
        np.array([[2.0, -2.0], [4.0, -4.0]]),
        np.array([[0.0, 0.0], [0.0, 0.0]]),
        hint="Do the misses at the two places cancel? Square before you take the mean.",
    )
    yield Case(
        "four fits, three places, five measurements, drawn at random",
        rng.normal(1.0, 2.0, size=(4, 3)),
        rng.normal(size=(5, 3)),
        hint="The smaller cases are right. Which axis has the fits?",
    )


@exercise.wrong("You divide by one less than the number: divide by the number itself.")
def one_less(said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Divide by R - 1 and M - 1."""
    bias = ((said.mean(axis=0) - targets.mean(axis=0)) ** 2).mean()
    r, m = max(len(said) - 1, 1), max(len(targets) - 1, 1)
    variance = said.var(axis=0).mean() * len(said) / r
    return np.array([bias, variance, targets.var(axis=0).mean() * len(targets) / m])


@exercise.wrong(
    "You take the mean over places before you square: misses at different places cancel."
)
def cancels(said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Square the mean of the misses."""
    bias = (said.mean(axis=0) - targets.mean(axis=0)).mean() ** 2
    return np.array([bias, said.var(axis=0).mean(), targets.var(axis=0).mean()])


@exercise.wrong("You do not square the bias.")
def not_squared(said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Take the bias by its size."""
    bias = np.abs(said.mean(axis=0) - targets.mean(axis=0)).mean()
    return np.array([bias, said.var(axis=0).mean(), targets.var(axis=0).mean()])


@exercise.wrong(
    "Your variance is the distance from the truth, so it contains the squared bias. Take the "
    "distance from the mean of the fits."
)
def from_the_truth(said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Measure how far the fits are from the truth."""
    truth = targets.mean(axis=0)
    bias = ((said.mean(axis=0) - truth) ** 2).mean()
    return np.array([bias, ((said - truth) ** 2).mean(), targets.var(axis=0).mean()])


@exercise.wrong(
    "Your mean runs over all places at once: each place has its own mean, along axis 0."
)
def over_all(said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Take one mean for all places."""
    bias = ((said.mean(axis=0) - targets.mean(axis=0)) ** 2).mean()
    return np.array([bias, said.var(), targets.var()])


@exercise.wrong("You return spreads: the variance and the noise are their squares.")
def spreads(said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return standard deviations."""
    bias, variance, noise = apart(said, targets)
    return np.array([bias, np.sqrt(variance), np.sqrt(noise)])


@exercise.wrong("Variance and noise are swapped.")
def swapped(said: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Swap the last two."""
    return apart(said, targets)[[0, 2, 1]]
