"""Pairs in the right order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Pairs in the right order")


@exercise.solution
def pairs_in_order(said: np.ndarray, rating: np.ndarray) -> float:
    """Tell which share of the pairs of items a prediction puts in the right order.

    Args:
        said: What was predicted for each item, (N,).
        rating: What one person gave to each, (N,). A pair is two items with different ratings.

    Returns:
        A share, 0 to 1. A pair with equal predictions counts one half.
    """
    i, j = np.nonzero(rating[:, None] > rating)
    return float((1 + np.sign(said[i] - said[j])).mean() / 2)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one pair, in the right order",
        np.array([3.1, 4.2]),
        np.array([2, 5]),
        hint="The item with the higher rating has the higher prediction: 1.",
    )
    yield Case(
        "one pair, in the wrong order",
        np.array([4.2, 3.1]),
        np.array([2, 5]),
        hint="The only pair is in the wrong order: 0.",
    )
    yield Case(
        "three items, two with the same rating",
        np.array([3.0, 4.0, 3.5]),
        np.array([4, 4, 1]),
        hint="Two items with the same rating are no pair. That leaves two pairs; one is right.",
    )
    yield Case(
        "three items with the same prediction",
        np.array([3.0, 3.0, 3.0]),
        np.array([1, 3, 5]),
        hint="Equal predictions count one half.",
    )
    yield Case(
        "four items, of which not only neighbours are compared",
        np.array([1.0, 4.0, 2.0, 3.0]),
        np.array([1, 2, 4, 5]),
        hint="Compare each item with each other one: four of the six pairs are in order.",
    )
    said = rng.uniform(1, 5, size=12).round(1)
    yield Case(
        "thirteen random items",
        np.append(said, said[0]),
        np.append(rng.integers(1, 6, size=11), [1, 5]),
        hint="Count all pairs with different ratings, and those of them in order.",
    )


@exercise.wrong("You also count pairs with the same rating. No order of these is right or wrong.")
def all_pairs(said: np.ndarray, rating: np.ndarray) -> float:
    """Divide by all pairs."""
    n = len(said)
    i, j = np.nonzero(rating[:, None] > rating)
    return float((1 + np.sign(said[i] - said[j])).sum() / 2 / (n * (n - 1) / 2))


@exercise.wrong("You count equal predictions as wrong. Each counts one half.")
def ties_wrong(said: np.ndarray, rating: np.ndarray) -> float:
    """Count strictly ordered pairs only."""
    i, j = np.nonzero(rating[:, None] > rating)
    return float((said[i] > said[j]).mean())


@exercise.wrong("You count equal predictions as right. Each counts one half.")
def ties_right(said: np.ndarray, rating: np.ndarray) -> float:
    """Count what is not in the wrong order."""
    i, j = np.nonzero(rating[:, None] > rating)
    return float((said[i] >= said[j]).mean())


@exercise.wrong("You compare each item only with the next. Compare it with each other item.")
def neighbours(said: np.ndarray, rating: np.ndarray) -> float:
    """Compare neighbours."""
    step, given = np.sign(np.diff(said)), np.sign(np.diff(rating))
    return float((1 + step * given)[given != 0].mean() / 2)


@exercise.wrong("That is a number of pairs. The task is their share.")
def undivided(said: np.ndarray, rating: np.ndarray) -> float:
    """Forget to divide."""
    i, j = np.nonzero(rating[:, None] > rating)
    return float((1 + np.sign(said[i] - said[j])).sum() / 2)


@exercise.wrong("That is the share of pairs in the wrong order.")
def turned(said: np.ndarray, rating: np.ndarray) -> float:
    """Compare the wrong way round."""
    i, j = np.nonzero(rating[:, None] < rating)
    return float((1 + np.sign(said[i] - said[j])).mean() / 2)
