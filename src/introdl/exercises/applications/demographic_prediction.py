"""The best score by people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("The best score by people")


@exercise.solution
def best_by_people(female: np.ndarray, male: np.ndarray) -> float:
    """Tell for which share of people a rule that sees the name alone can be right at best.

    Args:
        female: How many people of the female table have each name, (N,).
        male: How many people of the male table have each name, (N,).

    Returns:
        A share, 0 to 1.
    """
    return float(np.maximum(female, male).sum() / (female + male).sum())


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one name, in both tables",
        np.array([60.0]),
        np.array([40.0]),
        hint="The better of the two answers is right for 60 of 100 people.",
    )
    yield Case(
        "two names, each in one table",
        np.array([10.0, 0.0]),
        np.array([0.0, 30.0]),
        hint="Each name can get its own answer, so that everyone is right.",
    )
    yield Case(
        "a common name and a rare one",
        np.array([900.0, 5.0]),
        np.array([100.0, 5.0]),
        hint="Count people: 900 and 5 of 1,010 are right.",
    )
    yield Case(
        "a hundred random names",
        rng.uniform(0, 1000, size=100) ** 2,
        rng.uniform(0, 1000, size=100) ** 2,
        hint="Choose the larger number for each name, and add up.",
    )


@exercise.wrong("You count each name once. A name with more people must count for more.")
def by_name(female: np.ndarray, male: np.ndarray) -> float:
    """Take the mean over names."""
    return float((np.maximum(female, male) / (female + male)).mean())


@exercise.wrong("You give all names the same answer. Choose the better table for each name.")
def one_answer(female: np.ndarray, male: np.ndarray) -> float:
    """Always say the larger table."""
    return float(max(female.sum(), male.sum()) / (female + male).sum())


@exercise.wrong("That is the share of people for whom the best rule is wrong.")
def mistakes(female: np.ndarray, male: np.ndarray) -> float:
    """Return the Bayes error."""
    return float(np.minimum(female, male).sum() / (female + male).sum())


@exercise.wrong("That is a number of people. The task is their share.")
def undivided(female: np.ndarray, male: np.ndarray) -> float:
    """Forget to divide."""
    return float(np.maximum(female, male).sum())


@exercise.wrong(
    "You guess each table as often as it occurs. It is better to say the likelier one every time."
)
def matching(female: np.ndarray, male: np.ndarray) -> float:
    """Throw a coin with the right chances."""
    people = female + male
    return float(((female**2 + male**2) / people).sum() / people.sum())
