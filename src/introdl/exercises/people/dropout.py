"""The mean answer of all thin nets of a small layer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("All the thin nets")


def _softmax(s: np.ndarray) -> np.ndarray:
    e = np.exp(s - s.max())
    return e / e.sum()


def _nets(a: np.ndarray, W: np.ndarray, keep: float) -> Iterator[tuple[float, np.ndarray]]:
    for mask in itertools.product([0, 1], repeat=len(a)):
        stays = sum(mask)
        yield keep**stays * (1 - keep) ** (len(a) - stays), a * mask / keep @ W


@exercise.solution
def mean_of_thin(a: np.ndarray, W: np.ndarray, b: np.ndarray, keep: float) -> np.ndarray:
    """Average the softmax shares of all thin nets, each as likely as its mask.

    Args:
        a: What the units put out, (H,).
        W: Weights from them to the scores, (H, K).
        b: Biases, (K,).
        keep: The chance of each unit to stay; what stays is divided by it.

    Returns:
        The mean shares, (K,).
    """
    mean = np.zeros(len(b))
    for mask in itertools.product([0, 1], repeat=len(a)):
        scores = a * mask / keep @ W + b
        e = np.exp(scores - scores.max())
        stays = sum(mask)
        chance = keep**stays * (1 - keep) ** (len(a) - stays)
        mean += chance * e / e.sum()
    return mean


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one unit that stays with a chance of ½, two classes, no bias",
        np.array([2.0]),
        np.array([[1.0, 0.0]]),
        np.zeros(2),
        0.5,
        hint="Two thin nets: with the unit, doubled, and without it.",
    )
    yield Case(
        "one unit that stays with a chance of ¾",
        np.array([1.0]),
        np.array([[2.0, -1.0]]),
        np.array([0.5, 0.0]),
        0.75,
        hint="The two thin nets are not equally likely.",
    )
    yield Case(
        "two units, one of them very strong",
        np.array([3.0, -1.0]),
        np.array([[2.0, 0.0], [1.0, 4.0]]),
        np.array([0.0, 1.0]),
        0.5,
        hint="Write down the four scores first, then their shares.",
    )
    yield Case(
        "five random units, three classes",
        rng.normal(size=5),
        rng.normal(size=(5, 3)),
        rng.normal(size=3),
        0.6,
        hint="There are 32 masks; their chances add up to 1.",
    )


@exercise.wrong("You give all masks the same weight. If keep is not ½, some are likelier.")
def alike(a: np.ndarray, W: np.ndarray, b: np.ndarray, keep: float) -> np.ndarray:
    """Take the plain mean over masks."""
    return np.mean([_softmax(s + b) for _, s in _nets(a, W, keep)], axis=0)


@exercise.wrong("What stays must be divided by `keep`, to make up for what sits out.")
def unscaled(a: np.ndarray, W: np.ndarray, b: np.ndarray, keep: float) -> np.ndarray:
    """Forget to divide by keep."""
    return sum(c * _softmax(s * keep + b) for c, s in _nets(a, W, keep)) + 0 * b


@exercise.wrong("That is the one net with all units. Average over the nets with some missing.")
def one_net(a: np.ndarray, W: np.ndarray, b: np.ndarray, keep: float) -> np.ndarray:
    """Answer with all units, as they are, which is also the softmax of the mean score."""
    return _softmax(a @ W + b)


@exercise.wrong("You return the mean of the scores. Turn each net's scores into shares first.")
def scores_only(a: np.ndarray, W: np.ndarray, b: np.ndarray, keep: float) -> np.ndarray:
    """Leave out the softmax."""
    return a @ W + b


@exercise.wrong("You skip the net without any unit. It also answers, with its biases alone.")
def never_empty(a: np.ndarray, W: np.ndarray, b: np.ndarray, keep: float) -> np.ndarray:
    """Leave out the mask that drops all."""
    nets = list(_nets(a, W, keep))[1:]
    total = sum(c for c, _ in nets)
    return sum(c * _softmax(s + b) for c, s in nets) / total + 0 * b


@exercise.wrong("You drop the biases. They belong to the classes, and stay in every thin net.")
def no_bias(a: np.ndarray, W: np.ndarray, b: np.ndarray, keep: float) -> np.ndarray:
    """Forget the biases."""
    return sum(c * _softmax(s) for c, s in _nets(a, W, keep)) + 0 * b
