"""The cheapest answer, or silence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Answer, or stay silent")


@exercise.solution
def cheapest_or_silent(chances: np.ndarray, costs: np.ndarray, silence: float) -> np.ndarray:
    """Give the answer with the least expected cost, or -1 where silence costs less.

    Args:
        chances: Of each true sign, (N, K).
        costs: Of each answer (column) for each truth (row), (K, A).
        silence: What it costs to say nothing.

    Returns:
        Answers, (N,) of -1 to A - 1.
    """
    expected = chances @ costs
    return np.where(expected.min(axis=1) > silence, -1, expected.argmin(axis=1))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    costs = np.array([[0.0, 6, 15], [2, 0, 9], [5, 3, 0]])
    yield Case(
        "one picture, and silence is dear",
        np.array([[0.3, 0.1, 0.6]]),
        costs,
        100.0,
        hint="The expected costs are 3.2, 3.6 and 5.4.",
    )
    yield Case(
        "one picture, and silence costs 2",
        np.array([[0.3, 0.1, 0.6]]),
        costs,
        2.0,
        hint="Each of the three answers is expected to cost more than 2.",
    )
    yield Case(
        "a sure picture beside an unsure one",
        np.array([[0.0, 0.1, 0.9], [0.2, 0.5, 0.3]]),
        costs,
        1.0,
        hint="Only the first has an answer that is expected to cost at most 1.",
    )
    yield Case(
        "the best answer and silence cost the same",
        np.array([[0.5, 0.5]]),
        np.array([[0.0, 6], [6, 0]]),
        3.0,
        hint="Both are expected to cost 3. Answer: stay silent only if an answer costs more.",
    )
    yield Case(
        "fifty random pictures, four signs, three answers",
        rng.dirichlet(np.ones(4), size=50),
        rng.uniform(0, 10, size=(4, 3)),
        3.5,
        hint="Compare the smallest expected cost of each row with the cost of silence.",
    )


@exercise.wrong("You give the likeliest answer. Another can cost less.")
def likeliest(chances: np.ndarray, costs: np.ndarray, silence: float) -> np.ndarray:
    """Ignore the costs when choosing."""
    expected = chances @ costs
    best = np.minimum(chances.argmax(axis=1), costs.shape[1] - 1)
    return np.where(expected.min(axis=1) > silence, -1, best)


@exercise.wrong("You always answer. Where even the best answer costs more than silence, return -1.")
def never_silent(chances: np.ndarray, costs: np.ndarray, silence: float) -> np.ndarray:
    """Forget silence."""
    return (chances @ costs).argmin(axis=1)


@exercise.wrong("You stay silent where an answer costs as much. Answer unless it costs more.")
def silent_at_a_tie(chances: np.ndarray, costs: np.ndarray, silence: float) -> np.ndarray:
    """Compare with `>=`."""
    expected = chances @ costs
    return np.where(expected.min(axis=1) >= silence, -1, expected.argmin(axis=1))


@exercise.wrong("You stay silent where an answer is cheap, and answer where it is dear.")
def reversed_silence(chances: np.ndarray, costs: np.ndarray, silence: float) -> np.ndarray:
    """Turn the comparison round."""
    expected = chances @ costs
    return np.where(expected.min(axis=1) > silence, expected.argmin(axis=1), -1)


@exercise.wrong("You choose the answer that is expected to cost most.")
def dearest(chances: np.ndarray, costs: np.ndarray, silence: float) -> np.ndarray:
    """Take the largest."""
    expected = chances @ costs
    return np.where(expected.min(axis=1) > silence, -1, expected.argmax(axis=1))


@exercise.wrong("You look at the worst that can happen. Weigh each cost by its chance.")
def worst_case(chances: np.ndarray, costs: np.ndarray, silence: float) -> np.ndarray:
    """Minimise the largest cost instead of the expected one."""
    expected = chances @ costs
    return np.where(expected.min(axis=1) > silence, -1, costs.max(axis=0).argmin())
