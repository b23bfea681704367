"""Each word's share of a bag's score: TF-IDF of one sentence, times the weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise
from introdl.language.sentiment.bag import tfidf

exercise = Exercise("Shares by hand, in code")


@exercise.solution
def shares(counts: np.ndarray, rarity: np.ndarray, w: np.ndarray) -> np.ndarray:
    """What each word of a vocabulary adds to the score of one sentence.

    Args:
        counts: How often each word stands in the sentence, (V,).
        rarity: What a count of each word is multiplied by, (V,).
        w: The weight of each word, (V,).

    Returns:
        The shares, (V,); their sum and the bias are the score.
    """
    return tfidf(counts[None], rarity)[0] * w


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "two words, each once: counts (1, 1, 0), rarity (1, 2.39, 2), weights (0.5, 2, -1)",
        np.array([1.0, 1, 0]),
        np.array([1.0, 2.39, 2]),
        np.array([0.5, 2.0, -1]),
        hint="The page works out this row by hand: 0.39 and 0.92. The weights are 0.5 and 2.",
    )
    yield Case(
        "one word three times: counts (0, 3), rarity (1, 2), weights (1, -1)",
        np.array([0.0, 3]),
        np.array([1.0, 2]),
        np.array([1.0, -1]),
        hint="With one word, the row is (0, 1), however often the word comes.",
    )
    yield Case(
        "counts (3, 1), equal rarity, weights (1, 1)",
        np.array([3.0, 1]),
        np.array([1.0, 1]),
        np.array([1.0, 1]),
        hint="The length of (3, 1) is the root of 10.",
    )
    yield Case(
        "a sentence of unknown words: counts (0, 0)",
        np.zeros(2),
        np.array([1.0, 2]),
        np.array([1.0, -1]),
        hint="A row of zeros cannot be scaled to length 1. Leave it as it is.",
    )
    for V in (4, 9):
        yield Case(
            f"{V} random words",
            rng.integers(0, 4, size=V).astype(float) + np.eye(V)[0],
            rng.uniform(1, 4, size=V),
            rng.normal(size=V),
            hint="Print the row before and after it is divided by its length, then the shares.",
        )


@exercise.wrong("The row is not scaled to length 1: long sentences would count more.")
def no_length(counts: np.ndarray, rarity: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Leave the length as it is."""
    return counts * rarity * w


@exercise.wrong(
    "The row is divided by the sum of its numbers. Its length is the root of the sum of squares."
)
def by_the_sum(counts: np.ndarray, rarity: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Divide by the sum."""
    row = counts * rarity
    return row / (row.sum() or 1) * w


@exercise.wrong(
    "You take the length of the counts. Multiply by the rarity first, then take the length."
)
def length_of_counts(counts: np.ndarray, rarity: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Take the length too early."""
    return counts * rarity / (np.sqrt((counts**2).sum()) or 1) * w


@exercise.wrong("The rarity is missing: multiply each count by it.")
def no_rarity(counts: np.ndarray, rarity: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Leave the rarity out."""
    return shares(counts, np.ones_like(rarity), w)


@exercise.wrong("A word that comes several times counts once. Use how often it comes.")
def once(counts: np.ndarray, rarity: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Count each word once."""
    return shares((counts > 0).astype(float), rarity, w)


@exercise.wrong("Your answer is not finite for a sentence without a known word: its shares are 0.")
def divided_by_nothing(counts: np.ndarray, rarity: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Divide by a length of 0."""
    row = counts * rarity
    with np.errstate(invalid="ignore"):
        return row / np.sqrt((row**2).sum()) * w
