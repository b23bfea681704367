"""The top-k error: how often the right class is not among the k best guesses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Top-k error, ties and all")


@exercise.solution
def top_k_error(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """The share of pictures whose right class is not among the k best guesses.

    Args:
        scores: One score for each class, the larger the better, (N, C).
        labels: The right classes, (N,) of 0 to C - 1.
        k: How many guesses count, from 1 to C.

    Returns:
        A number from 0 to 1. A class with the same score as the right one counts as ahead of it.
    """
    own = scores[np.arange(len(labels)), labels]
    ranks = (scores >= own[:, None]).sum(axis=1)
    return float(np.mean(ranks > k))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    scores = np.array([[2.0, 5, 1, 0, 3], [4, 1, 3, 2, 0], [3, 2, 4, 0, 1]])
    labels = np.array([1, 2, 1])
    for k, found in ((1, "two of three are wrong"), (2, "one of three is wrong")):
        yield Case(
            f"the three pictures of the page, k = {k}",
            scores,
            labels,
            k,
            hint=f"The ranks are 1, 2 and 3: with k = {k}, {found}.",
        )
    yield Case(
        "all scores equal, k = 2",
        np.zeros((4, 5)),
        np.array([0, 1, 3, 4]),
        2,
        hint="The other four classes count as ahead: each rank is 5.",
    )
    yield Case(
        "as many guesses as classes",
        np.array([[1.0, 2, 3], [3.0, 2, 1]]),
        np.array([0, 2]),
        3,
        hint="With k = C every class is among the guesses.",
    )
    for k in (1, 3, 5):
        yield Case(
            f"200 pictures, 12 classes, k = {k}",
            rng.normal(size=(200, 12)),
            rng.integers(0, 12, size=200),
            k,
            hint="Compare the ranks one picture at a time.",
        )
    yield Case(
        "scores that are small whole numbers, k = 3",
        rng.integers(0, 4, size=(100, 8)).astype(float),
        rng.integers(0, 8, size=100),
        3,
        hint="Many scores are equal. Count each that is as large as the right class's.",
    )


@exercise.wrong("You return the share that is right. The error is the share that is wrong.")
def accuracy(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Count what is right."""
    own = scores[np.arange(len(labels)), labels]
    return float(np.mean((scores >= own[:, None]).sum(axis=1) <= k))


@exercise.wrong(
    "You take the k smallest scores: `argsort` puts the smallest first. The best guesses have the "
    "largest."
)
def ascending(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Forget that argsort ascends."""
    chosen = np.argsort(scores, axis=1)[:, :k]
    return float(np.mean([y not in row for y, row in zip(labels, chosen, strict=True)]))


@exercise.wrong("You count k from 0: with k = 1, you allow the two best guesses.")
def from_zero(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Let one guess more count."""
    own = scores[np.arange(len(labels)), labels]
    return float(np.mean((scores >= own[:, None]).sum(axis=1) > k + 1))


@exercise.wrong("You allow one guess too few: rank k still counts as right.")
def one_too_few(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Let one guess less count."""
    own = scores[np.arange(len(labels)), labels]
    return float(np.mean((scores >= own[:, None]).sum(axis=1) >= k))


@exercise.wrong(
    "Equal scores help you: where all are equal, you put the right class first. A class with the "
    "same score as the right one counts as ahead of it."
)
def ties_for_it(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Count only what is larger."""
    own = scores[np.arange(len(labels)), labels]
    return float(np.mean(1 + (scores > own[:, None]).sum(axis=1) > k))


@exercise.wrong(
    "Your sort breaks ties by the number of the class. A class with the same score as the "
    "right one counts as ahead of it."
)
def ties_by_number(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Let the sort decide."""
    chosen = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return float(np.mean([y not in row for y, row in zip(labels, chosen, strict=True)]))


@exercise.wrong("You return how many are wrong. Divide by the number of pictures.")
def counted(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Forget to divide."""
    own = scores[np.arange(len(labels)), labels]
    return float(np.sum((scores >= own[:, None]).sum(axis=1) > k))


@exercise.wrong("You count only the first guess, whatever k is.")
def first_only(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Ignore k."""
    own = scores[np.arange(len(labels)), labels]
    return float(np.mean((scores >= own[:, None]).sum(axis=1) > 1))
