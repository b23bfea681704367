"""Answers about names that stand in two tables: scored, weighed, and how right one can be."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from introdl.arguments import takes

_PLAIN = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae"})  # no accents to drop


class Score(NamedTuple):
    """How often an answer is right.

    Attributes:
        by_name: The mean over names, each of which counts once.
        by_people: The mean over people: a common name counts for more.
    """

    by_name: float
    by_people: float


def score(female: np.ndarray, male: np.ndarray, says: np.ndarray) -> Score:
    """Score one answer per name: right for a part of its people.

    Args:
        female: Percent of the female table with each name, (N,).
        male: Percent of the male table with each name, (N,).
        says: 1 for the female table, 0 for the male one, (N,).

    Examples:
        >>> score(np.array([3, 1]), np.array([0, 1]), np.array([1, 1]))
        Score(by_name=0.75, by_people=0.8)
    """
    people = female + male
    hit = np.where(says == 1, female, male)
    by_people = hit.sum() / people.sum()
    return Score(float((hit / people).mean()), float(by_people))


def best_possible(female: np.ndarray, male: np.ndarray) -> Score:
    """Score whoever knows both tables: each answer is the larger share.

    Source: the Bayes rate of Devroye, Györfi & Lugosi (1996), ch. 2.

    Args:
        female: Percent of the female table with each name, (N,).
        male: Percent of the male table with each name, (N,).
    """
    return score(female, male, (female > male).astype(int))


def balance(chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weigh the two answers of each name so that both tables count alike.

    Args:
        chance: Share of the people with each name who stand in the female table, (N,).

    Returns:
        Weights of "female" and of "male", (N,) each; each sums to N / 2.
    """
    half = len(chance) / 2
    return half * chance / chance.sum(), half * (1 - chance) / (1 - chance).sum()


def ends(names: Sequence[str], letters: str = "aei") -> np.ndarray:
    """Say 1 where the last letter is one of `letters`, else 0, (N,).

    Examples:
        >>> ends(["maria", "john"])
        array([1, 0])
    """
    return np.array([int(name[-1:] in tuple(letters)) for name in names])


def clean(text: str, longest: int = 15) -> str:
    """Keep the letters a to z of a text, without their accents.

    Examples:
        >>> clean("Søren"), clean("Zoë-Anne")
        ('soren', 'zoeanne')
    """
    plain = unicodedata.normalize("NFD", text).lower().translate(_PLAIN)
    return re.sub("[^a-z]", "", plain)[:longest]


def pieces(name: str, longest: int = 4) -> list[str]:
    """Cut a name into all runs of 1 to `longest` letters, each once.

    `^` marks the start and `$` the end.

    Examples:
        >>> pieces("ann", 2)
        ['^', 'a', 'n', '$', '^a', 'an', 'nn', 'n$']
    """
    marked = f"^{name}$"
    runs = (
        marked[i : i + size]
        for size in range(1, longest + 1)
        for i in range(len(marked) - size + 1)
    )
    return list(dict.fromkeys(runs))


def reliability(
    says: np.ndarray, female: np.ndarray, male: np.ndarray, bins: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compare chances with what came true, in bins of equal width.

    Args:
        says: The chance of "female" that a model gives each name, (N,), 0 to 1.
        female: How much "female" counts for each name, (N,), from `balance`.
        male: How much "male" counts, (N,).
        bins: How many, K.

    Returns:
        For each bin: the mean chance, the share of "female" and the weight in it, (K,) each; NaN
        for the first two where it is empty.
    """
    place = np.minimum((says * bins).astype(int), bins - 1)
    total = female + male
    weight, mean, share = (
        np.bincount(place, w, minlength=bins) for w in (total, total * says, female)
    )
    empty = np.where(weight > 0, weight, np.nan)
    return mean / empty, share / empty, weight


def _listed(female: np.ndarray, male: np.ndarray, **_: object) -> None:
    if (female < 0).any() or (male < 0).any() or (female + male == 0).any():
        raise ValueError("female and male must be 0 or more, and one of them above 0")


def _mixed(chance: np.ndarray) -> None:
    if not 0 < chance.sum() < len(chance):
        raise ValueError("balance(): both tables must have a name")


_TABLES = {"female": "(N,), not empty", "male": "(N,)"}
takes(score, _TABLES | {"says": "(N,) of 0 and 1"}, also=_listed)
takes(best_possible, _TABLES, also=_listed)
takes(reliability, {"says": "(N,) in [0, 1], not empty", "female": "(N,)", "male": "(N,)"})
takes(balance, {"chance": "(N,) in [0, 1], not empty"}, also=_mixed)
