"""What is an alarm worth?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("What is an alarm worth?")


@exercise.solution
def true_alarms(sensitivity: np.ndarray, specificity: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Tell which share of the alarms is true.

    Args:
        sensitivity: Shares of the sick that are found, (N,), each above 0.
        specificity: Shares of the well that are cleared, (N,).
        share: Shares of the tested who are sick, (N,), each above 0.

    Returns:
        Shares of the alarms that are true, (N,).
    """
    true = sensitivity * share
    false = (1 - specificity) * (1 - share)
    return true / (true + false)


def _one(sensitivity: float, specificity: float, share: float) -> tuple[np.ndarray, ...]:
    return np.array([sensitivity]), np.array([specificity]), np.array([share])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "half of the people are sick",
        *_one(0.9, 0.8, 0.5),
        hint="Take 100 people: 50 sick and 50 healthy.",
    )
    yield Case(
        "one person in a hundred is sick",
        *_one(0.9, 0.9, 0.01),
        hint="Take 1,000 people: 10 sick and 990 healthy.",
    )
    yield Case(
        "no false alarm at all",
        *_one(0.6, 1.0, 0.02),
        hint="If the alarm never rings for a healthy person, every alarm is true.",
    )
    yield Case(
        "a hundred random tests",
        rng.uniform(0.5, 1, size=100),
        rng.uniform(0.5, 1, size=100),
        rng.uniform(0.01, 0.9, size=100),
        hint="Compare the entries one at a time.",
    )


@exercise.wrong(
    "You return the share of the sick who are found. The task is the share of the alarms that are "
    "true."
)
def only_sensitivity(
    sensitivity: np.ndarray, specificity: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Confuse the two shares."""
    return sensitivity + 0 * share


@exercise.wrong(
    "You ignore how many people are sick and how many are healthy. Weight each rate by the share "
    "of its group."
)
def no_share(sensitivity: np.ndarray, specificity: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Forget the base rate."""
    return sensitivity / (sensitivity + 1 - specificity)


@exercise.wrong(
    "The alarm does not ring for the healthy people whom the test clears. The others are the false "
    "alarms: 1 - specificity."
)
def cleared_ring(sensitivity: np.ndarray, specificity: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Use the specificity as the rate of false alarms."""
    true = sensitivity * share
    return true / (true + specificity * (1 - share))


@exercise.wrong(
    "You return the share of all people with a true alarm. Divide by the share with any alarm."
)
def of_all(sensitivity: np.ndarray, specificity: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Forget to divide."""
    return sensitivity * share


@exercise.wrong("That is the share of false alarms. The task is the share of alarms that are true.")
def false_share(sensitivity: np.ndarray, specificity: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the other part."""
    false = (1 - specificity) * (1 - share)
    return false / (sensitivity * share + false)
