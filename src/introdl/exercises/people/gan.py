"""The loss of a generator, from the critic's sums."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import expit

from introdl.check import Case, Exercise

exercise = Exercise("The generator's loss")


@exercise.solution
def generator_loss(sums: np.ndarray) -> float:
    """Compute the mean surprise of a generator that wants its examples taken for real.

    Args:
        sums: The critic's sums s for made examples, (N,); its answer is sigmoid(s).

    Returns:
        The mean of -log sigmoid(s).
    """
    return np.logaddexp(0, -sums).mean()


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one sum of 0",
        np.array([0.0]),
        hint="The critic says one half, and the surprise at that is log 2.",
    )
    yield Case(
        "a critic that is rather sure",
        np.array([-1.5]),
        hint="A low answer is a large loss for the generator.",
    )
    yield Case(
        "five sums",
        np.array([-2.0, -1.0, 0.0, 1.0, 3.0]),
        hint="Work out each loss, then their mean.",
    )
    yield Case(
        "a hundred random sums",
        rng.normal(scale=3, size=100),
        hint="Compare the losses one by one.",
    )
    yield Case(
        "a critic that is very sure",
        np.array([-1000.0, 1000.0]),
        hint="The loss for -1000 is 1000, that for 1000 is 0.",
    )


@exercise.wrong(
    "This is the other loss, log(1 - D). It is flat where the critic is sure. Take -log D."
)
def saturating(sums: np.ndarray) -> float:
    """Turn the critic's loss round."""
    return -np.logaddexp(0, sums).mean()


@exercise.wrong(
    "This is the critic's surprise at made examples: it grows when the generator does well."
)
def critics(sums: np.ndarray) -> float:
    """Take the loss of the other side."""
    return np.logaddexp(0, sums).mean()


@exercise.wrong("You add up the losses. Take their mean.")
def total(sums: np.ndarray) -> float:
    """Sum instead of averaging."""
    return np.logaddexp(0, -sums).sum()


@exercise.wrong("You average the answers first. Take the surprise at each, then the mean.")
def of_the_mean(sums: np.ndarray) -> float:
    """Take the logarithm of the mean answer."""
    return -np.log(expit(sums).mean())


@exercise.wrong("Your power overflows for a sum of -1000. `np.logaddexp(0, x)` does not.")
def overflows(sums: np.ndarray) -> float:
    """Write the formula down as it stands."""
    with np.errstate(over="ignore"):
        return np.log(1 + np.exp(-sums)).mean()
