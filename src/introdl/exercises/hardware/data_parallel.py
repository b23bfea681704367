"""The gradient of a batch, from the means of uneven shares."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Uneven shares")


@exercise.solution
def combine(means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Compute the mean gradient of a batch from the mean gradients of its shares.

    Args:
        means: Mean gradient of each share, (P, n); a row of NaN where the share is empty.
        counts: Examples in each share, (P,) int, not all 0.

    Returns:
        The mean gradient over all examples, (n,).
    """
    some = counts > 0
    return counts[some] @ means[some] / counts.sum()


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "two equal shares",
        np.array([[1.5], [6.5]]),
        np.array([2, 2]),
        hint="Equal shares: the mean of the means, 4.",
    )
    yield Case(
        "three examples and one",
        np.array([[2.0], [10.0]]),
        np.array([3, 1]),
        hint="The sums are 6 and 10, the batch has four examples: 4.",
    )
    yield Case(
        "an empty share",
        np.array([[2.0, 1.0], [np.nan, np.nan], [10.0, 3.0]]),
        np.array([3, 0, 1]),
        hint="Leave out the row of NaN before you multiply: 0 · NaN is NaN.",
    )
    for P, n in ((3, 5), (6, 4)):
        counts = rng.permutation(np.arange(1, P + 1) * 2)
        yield Case(
            f"{P} random shares of {n} weights",
            rng.normal(size=(P, n)) + 1,
            counts,
            hint="Weight each mean by the number of its examples.",
        )


def _kept(means: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    some = counts > 0
    return means[some], counts[some]


@exercise.wrong("That is the mean of the means: a small share has as much weight as a large one.")
def mean_of_means(means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Ignore the sizes of the shares."""
    return _kept(means, counts)[0].mean(axis=0)


@exercise.wrong("An empty share makes everything NaN: leave its row out before you multiply.")
def empty_too(means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Multiply the row of NaN by 0."""
    return counts @ means / counts.sum()


@exercise.wrong("You add up the sums of all shares and never divide by the size of the batch.")
def total_only(means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Forget the division."""
    kept, sizes = _kept(means, counts)
    return sizes @ kept


@exercise.wrong("You divide by the number of processes. Divide by the number of examples.")
def by_processes(means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Divide by the number of processes."""
    kept, sizes = _kept(means, counts)
    return sizes @ kept / len(sizes)


@exercise.wrong("You add the means. They have to be weighted by the examples behind them.")
def sum_of_means(means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Add the means."""
    return _kept(means, counts)[0].sum(axis=0)
