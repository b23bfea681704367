"""The loss of a mixture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("The loss of a mixture")


@exercise.solution
def mixture_loss(x: float, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> float:
    """Give minus the logarithm of a mixture's density at one number.

    Args:
        x: What happened.
        weights: Of the Gaussians, which add up to 1, (M,).
        means: Their means, (M,).
        sds: Their standard deviations, (M,).
    """
    z = (x - means) / sds
    heights = np.exp(-0.5 * z**2) / (sds * np.sqrt(2 * np.pi))
    return float(-np.log(weights @ heights))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    one = np.ones(1)
    yield Case(
        "one Gaussian with spread 1, at its mean",
        0.0,
        one,
        np.zeros(1),
        one,
        hint="The height is 1 / √(2π).",
    )
    yield Case(
        "one Gaussian with spread 1, one spread away",
        1.0,
        one,
        np.zeros(1),
        one,
        hint="The exponent is −½.",
    )
    yield Case(
        "one narrow Gaussian",
        0.3,
        one,
        np.zeros(1),
        np.array([0.5]),
        hint="Divide by the spread: a narrow Gaussian is high.",
    )
    yield Case(
        "three writers out of four go left",
        1.0,
        np.array([0.75, 0.25]),
        np.array([-1.0, 1.0]),
        np.array([0.5, 0.5]),
        hint="The page has this case by hand.",
    )
    weights = rng.dirichlet(np.ones(5))
    yield Case(
        "five Gaussians that overlap",
        float(rng.normal()),
        weights,
        rng.normal(size=5),
        rng.uniform(0.5, 2, size=5),
        hint="Add up weight times height, and take the logarithm once.",
    )


def _heights(x: float, means: np.ndarray, sds: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * ((x - means) / sds) ** 2) / (sds * np.sqrt(2 * np.pi))


@exercise.wrong("The sign is wrong: a loss is *minus* the logarithm.")
def no_minus(x: float, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> float:
    """Forget the minus."""
    return float(np.log(weights @ _heights(x, means, sds)))


@exercise.wrong("You add up logarithms. Add up weight times height, then take one logarithm.")
def mean_of_logs(x: float, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> float:
    """Take the logarithm too early."""
    return float(-(weights @ np.log(_heights(x, means, sds))))


@exercise.wrong("All Gaussians count alike in your sum. Multiply each by its weight.")
def no_weights(x: float, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> float:
    """Take the plain mean."""
    return float(-np.log(_heights(x, means, sds).mean()))


@exercise.wrong("A wide Gaussian is as high as a narrow one. Divide each height by its spread.")
def no_spread(x: float, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> float:
    """Forget the spread in front."""
    return float(-np.log(weights @ (_heights(x, means, sds) * sds)))


@exercise.wrong("You take the largest Gaussian alone. All Gaussians count.")
def largest(x: float, weights: np.ndarray, means: np.ndarray, sds: np.ndarray) -> float:
    """Take the likeliest Gaussian."""
    return float(-np.log((weights * _heights(x, means, sds)).max()))
