"""How many guesses it takes: the rank of the right class, and the top-k error."""

from __future__ import annotations

import numpy as np

from introdl.arguments import takes


def label_ranks(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The place of the right class among the guesses: 1 is the first.

    A class with the same score counts as ahead of it.

    Args:
        scores: One score for each class, (N, C).
        labels: The right classes, (N,) of 0 to C − 1.

    Returns:
        (N,) int, from 1 to C.

    Examples:
        >>> label_ranks(np.array([[0.2, 0.5, 0.3]]), np.array([2]))
        array([2])
    """
    own = scores[np.arange(len(labels)), labels]
    return (scores >= own[:, None]).sum(axis=1)


def top_k_error(scores: np.ndarray, labels: np.ndarray, k: int) -> float:
    """The share of pictures whose right class is not among the k best guesses.

    Source: Russakovsky et al. (2015), section 4.1, with k = 5 and one label for each picture.

    Args:
        scores: One score for each class, (N, C).
        labels: The right classes, (N,) of 0 to C − 1.
        k: How many guesses count, 1 or more.
    """
    return float(np.mean(label_ranks(scores, labels) > k))


def nearest_scores(
    pictures: np.ndarray, known: np.ndarray, labels: np.ndarray, classes: int
) -> np.ndarray:
    """Score each class by how near its nearest known picture is: minus the squared distance.

    Args:
        pictures: (N, D).
        known: (M, D).
        labels: The classes of the known ones, (M,) of 0 to `classes` − 1, each at least once.
        classes: How many there are.

    Returns:
        (N, classes).
    """
    order = np.argsort(labels, kind="stable")
    known, first = known[order], np.searchsorted(labels[order], np.arange(classes))
    nearness = 2 * pictures @ known.T - (known**2).sum(axis=1)  # (N, M)
    best = np.maximum.reduceat(nearness, first, axis=1)
    return best - (pictures**2).sum(axis=1, keepdims=True)


def _classes(labels: np.ndarray, scores: np.ndarray, k: int = 1, **_: object) -> None:
    if labels.min() < 0 or labels.max() >= scores.shape[1]:
        most = scores.shape[1] - 1
        raise ValueError(f"labels must be 0 to {most}, got {labels.min()} to {labels.max()}")
    if k < 1:
        raise ValueError(f"k must be 1 or more, got {k}")


def _each_known(labels: np.ndarray, classes: int, **_: object) -> None:
    if not np.array_equal(np.unique(labels), np.arange(classes)):
        raise ValueError(f"labels must hold each class from 0 to {classes - 1} and no other")


_SCORES = {"scores": "(N, C), not empty", "labels": "(N,) of integers"}
takes(label_ranks, _SCORES, also=_classes)
takes(top_k_error, _SCORES, also=_classes)
takes(
    nearest_scores,
    {"pictures": "(N, D), not empty", "known": "(M, D)", "labels": "(M,) of integers"},
    also=_each_known,
)
