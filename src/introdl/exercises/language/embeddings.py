"""One step of skip-gram: a word, its neighbour, and words drawn at random move."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise
from introdl.language.embeddings import sigmoid

exercise = Exercise("One step")


@exercise.solution
def one_step(u: np.ndarray, c: np.ndarray, drawn: np.ndarray, eta: float) -> np.ndarray:
    """Move the vectors of a word, its neighbour and random words by one step down the slope.

    Args:
        u: The vector of the word, (D,).
        c: The vector of its neighbour, (D,).
        drawn: The vectors of K words drawn at random, (K, D).
        eta: The rate.

    Returns:
        The new u, the new c and the new drawn ones, in rows, (2 + K, D).
    """
    yes, no = sigmoid(np.atleast_1d(c @ u)), sigmoid(drawn @ u)
    new_u = u + eta * ((1 - yes) * c - no @ drawn)
    return np.vstack([new_u, c + eta * (1 - yes) * u, drawn - eta * no[:, None] * u])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the three vectors from the page",
        np.array([1.0, 0]),
        np.array([0.0, 1]),
        np.array([[0.0, -1]]),
        1.0,
        hint="The page does it by hand: u becomes (1, 1), c (1/2, 1), the random one (-1/2, -1).",
    )
    yield Case(
        "the same with a rate of a quarter",
        np.array([1.0, 0]),
        np.array([0.0, 1]),
        np.array([[0.0, -1]]),
        0.25,
        hint="Each of the three moves a quarter as far as on the page.",
    )
    for K, D in ((2, 2), (3, 4)):
        yield Case(
            f"random vectors, {K} random words of {D} numbers",
            rng.normal(size=D),
            rng.normal(size=D),
            rng.normal(size=(K, D)),
            float(rng.uniform(0.2, 2)),
            hint="Print the K probabilities, then what each random word adds to u.",
        )


@exercise.wrong(
    "The neighbour or the random words use the new u. Compute all moves from the old vectors."
)
def new_u_for_all(u: np.ndarray, c: np.ndarray, drawn: np.ndarray, eta: float) -> np.ndarray:
    """Put the new u in its place too early."""
    moved = one_step(u, c, drawn, eta)[0]
    yes, no = sigmoid(np.atleast_1d(c @ u)), sigmoid(drawn @ u)
    return np.vstack([moved, c + eta * (1 - yes) * moved, drawn - eta * no[:, None] * moved])


@exercise.wrong(
    "The random words pull u towards them; they should push it away: their answer is no."
)
def pulled(u: np.ndarray, c: np.ndarray, drawn: np.ndarray, eta: float) -> np.ndarray:
    """Add what should be taken away."""
    yes, no = sigmoid(np.atleast_1d(c @ u)), sigmoid(drawn @ u)
    new_u = u + eta * ((1 - yes) * c + no @ drawn)
    return np.vstack([new_u, c + eta * (1 - yes) * u, drawn + eta * no[:, None] * u])


@exercise.wrong(
    "The neighbour's error is 1 minus the probability: the right answer is yes. You move by the "
    "probability itself."
)
def by_probability(u: np.ndarray, c: np.ndarray, drawn: np.ndarray, eta: float) -> np.ndarray:
    """Take the probability for the error of the neighbour."""
    yes, no = sigmoid(np.atleast_1d(c @ u)), sigmoid(drawn @ u)
    new_u = u + eta * (yes * c - no @ drawn)
    return np.vstack([new_u, c + eta * yes * u, drawn - eta * no[:, None] * u])


@exercise.wrong("Only u moves. The vectors of its neighbour and the random words also learn.")
def u_alone(u: np.ndarray, c: np.ndarray, drawn: np.ndarray, eta: float) -> np.ndarray:
    """Move the word alone."""
    return np.vstack([one_step(u, c, drawn, eta)[0], c, drawn])


@exercise.wrong("You take the mean over the random words. Each of them moves u: add them up.")
def mean_of_drawn(u: np.ndarray, c: np.ndarray, drawn: np.ndarray, eta: float) -> np.ndarray:
    """Divide by the number of random words."""
    yes, no = sigmoid(np.atleast_1d(c @ u)), sigmoid(drawn @ u)
    new_u = u + eta * ((1 - yes) * c - no @ drawn / len(drawn))
    return np.vstack([new_u, c + eta * (1 - yes) * u, drawn - eta * no[:, None] * u])


@exercise.wrong("The rate is missing: multiply each move by eta.")
def no_rate(u: np.ndarray, c: np.ndarray, drawn: np.ndarray, eta: float) -> np.ndarray:
    """Leave eta out."""
    return one_step(u, c, drawn, 1.0)
