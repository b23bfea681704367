"""A bag of words: which words a text has, how often, and a weight for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from introdl.arguments import takes
from introdl.language.embeddings import sigmoid

#: The parts of a data set, as `deal` numbers them.
TRAIN, VALIDATION, TEST = range(3)
_DEAL = np.array([0, 0, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 0, 0, 2, 0, 1, 0, 2])


def deal(groups: np.ndarray) -> np.ndarray:
    """Deal examples to three parts, so that those of one group stay together.

    Args:
        groups: The number of each example's group, (N,).

    Returns:
        TRAIN, VALIDATION or TEST for each example, (N,): of each 20 groups, in the order of their
        numbers, 12, 3 and 5.
    """
    _, place = np.unique(groups, return_inverse=True)
    return _DEAL[place % len(_DEAL)]


def words(text: str) -> list[str]:
    """Cut a text into words: runs of the letters a to z and apostrophes, in small letters.

    Examples:
        >>> words("I don't like it, at $49.")
        ['i', "don't", 'like', 'it', 'at']
    """
    return re.findall(r"[a-z']*[a-z][a-z']*", text.lower())


def phrases(text: Sequence[str], longest: int) -> list[str]:
    """All runs of 1 to `longest` words of a text.

    Examples:
        >>> phrases(["not", "so", "good"], 2)
        ['not', 'so', 'good', 'not so', 'so good']
    """
    return [
        " ".join(text[i : i + length])
        for length in range(1, longest + 1)
        for i in range(len(text) - length + 1)
    ]


def known(texts: Iterable[Sequence[str]], least: int) -> list[str]:
    """The words that stand in at least `least` of the texts, in the order of the alphabet."""
    found = Counter(word for text in texts for word in set(text))
    return sorted(word for word, count in found.items() if count >= least)


def count(texts: Sequence[Sequence[str]], vocabulary: Sequence[str]) -> np.ndarray:
    """Count how often each word of a vocabulary stands in each text, (N, V) float64.

    Examples:
        >>> count([["good", "good", "price"]], ["bad", "good"])
        array([[0., 2.]])
    """
    place = {word: i for i, word in enumerate(vocabulary)}
    counts = np.zeros((len(texts), len(vocabulary)))
    for n, text in enumerate(texts):
        for word in text:
            if word in place:
                counts[n, place[word]] += 1
    return counts


def idf(counts: np.ndarray) -> np.ndarray:
    """How rare each word is: log((1 + N) / (1 + texts that have it)) + 1.

    Args:
        counts: How often each word stands in each of N texts, (N, V).

    Returns:
        A factor for each word, (V,) float64.
    """
    having = (counts > 0).sum(axis=0)
    return np.log((1 + len(counts)) / (1 + having)) + 1


def tfidf(counts: np.ndarray, rarity: np.ndarray) -> np.ndarray:
    """Multiply counts by how rare each word is, and bring each text to length 1.

    Args:
        counts: How often each word stands in each text, (N, V).
        rarity: The factor of each word from `idf`, (V,).

    Returns:
        A row per text, (N, V) float64; a text without a known word stays zero.
    """
    weighted = counts * rarity
    length = np.linalg.norm(weighted, axis=1, keepdims=True)
    return weighted / np.where(length == 0, 1, length)


def logistic_loss(
    w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, C: float
) -> tuple[float, np.ndarray, float]:
    """The surprise at all labels, times C, plus half the squared length of the weights.

    Args:
        w: Weights, (V,).
        b: Bias.
        X: A row per text, (N, V).
        y: Labels of 0 and 1, (N,).
        C: How much a surprise counts beside large weights, above 0.

    Returns:
        The loss, and its slopes for w, (V,), and for b.
    """
    s = X @ w + b
    error = C * (sigmoid(s) - y)  # (N,)
    loss = C * (np.logaddexp(0, s) - y * s).sum() + w @ w / 2
    return float(loss), error @ X + w, float(error.sum())


def fit(X: np.ndarray, y: np.ndarray, C: float) -> tuple[np.ndarray, float]:
    """Find the weights (V,) and the bias with the smallest `logistic_loss`, by L-BFGS."""

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope, bias_slope = logistic_loss(theta[:-1], theta[-1], X, y, C)
        return value, np.append(slope, bias_slope)

    options = {"maxiter": 10_000, "ftol": 0, "gtol": 1e-7}
    found = minimize(loss, np.zeros(X.shape[1] + 1), jac=True, method="L-BFGS-B", options=options)
    return found.x[:-1], float(found.x[-1])


def _counted(counts: np.ndarray, **_: Any) -> None:
    if (counts < 0).any():
        raise ValueError("counts must not be negative")


def _priced(C: float, **_: Any) -> None:
    if not C > 0:
        raise ValueError(f"C must be above 0, not {C}")


takes(deal, {"groups": "(N,) of integers"})
takes(idf, {"counts": "(N, V)"}, also=_counted)
takes(tfidf, {"counts": "(N, V)", "rarity": "(V,)"}, also=_counted)
takes(
    logistic_loss,
    {"w": "(V,)", "b": "()", "X": "(N, V)", "y": "(N,) of 0 and 1", "C": "()"},
    also=_priced,
)
takes(fit, {"X": "(N, V), not empty", "y": "(N,) of 0 and 1", "C": "()"}, also=_priced)
