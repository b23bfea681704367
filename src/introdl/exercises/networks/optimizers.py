"""One run of Adam: the weights after each step, from the slopes of each step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise
from introdl.networks.optimizers import Adam

exercise = Exercise("Adam, step by step")


@exercise.solution
def adam(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Run Adam from weights of 0, with the shares 0.9 and 0.999.

    The steps count from 1. 0.00000001 is added to the root.

    Args:
        slopes: The slopes of the weights, one row per step, (T, D).
        rate: The rate.

    Returns:
        The weights after each step, (T, D).
    """
    rule, w, path = Adam(rate), np.zeros(slopes.shape[1]), []
    for g in slopes:
        w = rule.step(w, g)
        path.append(w)
    return np.array(path)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the two slopes of the lesson, one step at rate 0.1",
        np.array([[100.0, 0.01]]),
        0.1,
        hint="By hand both weights go from 0 to −0.1. Print m, v, and both after the correction.",
    )
    yield Case(
        "the same slopes twice",
        np.array([[100.0, 0.01], [100.0, 0.01]]),
        0.1,
        hint="At a constant slope each step is one rate long. What does the correction divide by "
        "in step 2?",
    )
    yield Case(
        "one weight, three slopes of changing sign",
        np.array([[2.0], [-1.0], [0.5]]),
        0.01,
        hint="Print m and v after each step, and compare with three steps by hand.",
    )
    yield Case(
        "four weights, thirty steps drawn at random",
        rng.normal(size=(30, 4)) * np.array([0.01, 1, 10, 100]),
        0.05,
        hint="The smaller cases are right. Does each weight have its own m and v?",
    )
    yield Case(
        "one weight, two slopes of a millionth",
        np.array([[1e-6], [1e-6]]),
        0.1,
        hint="With slopes as small as these, what is added to the root matters.",
    )


def _adam(
    slopes: np.ndarray,
    rate: float,
    *,
    correct: tuple[bool, bool] = (True, True),
    first: int = 1,
    root: bool = True,
    epsilon: tuple[float, float] = (0.0, 1e-8),
    shares: tuple[float, float] = (0.9, 0.999),
) -> np.ndarray:
    """Run Adam with parts left out."""
    w, m, v, path = np.zeros(slopes.shape[1]), 0.0, 0.0, []
    for t, g in enumerate(slopes, start=first):
        m = shares[0] * m + (1 - shares[0]) * g
        v = shares[1] * v + (1 - shares[1]) * g**2
        mean = m / (1 - shares[0] ** t) if correct[0] else m
        square = v / (1 - shares[1] ** t) if correct[1] else v
        size = np.sqrt(square + epsilon[0]) if root else square
        w = w - rate * mean / (size + epsilon[1])
        path.append(w)
    return np.array(path)


@exercise.wrong(
    "The correction is missing: both means started at 0. Divide m by 1 − 0.9 to the power of the "
    "step, and v by 1 − 0.999 to that power."
)
def uncorrected(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Use the means as they are."""
    return _adam(slopes, rate, correct=(False, False))


@exercise.wrong("Only m is corrected: v started at 0 as well, and needs its own share, 0.999.")
def half_corrected(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Correct m alone."""
    return _adam(slopes, rate, correct=(True, False))


@exercise.wrong("Only v is corrected: m started at 0 as well, and needs its own share, 0.9.")
def other_half(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Correct v alone."""
    return _adam(slopes, rate, correct=(False, True))


@exercise.wrong("You correct one step too far: the first step has number 1.")
def late(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Count from 2."""
    return _adam(slopes, rate, first=2)


@exercise.wrong("You divide by the mean square itself: take its root first.")
def no_root(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Forget the root."""
    return _adam(slopes, rate, root=False)


@exercise.wrong("Nothing is added to the root: add 0.00000001, so that nothing is divided by 0.")
def bare(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Leave the small number out."""
    with np.errstate(invalid="ignore"):
        return _adam(slopes, rate, epsilon=(0.0, 0.0))


@exercise.wrong("You add the small number under the root: add it to the root.")
def under_the_root(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Add it before the root is taken."""
    return _adam(slopes, rate, epsilon=(1e-8, 0.0))


@exercise.wrong("The two shares are swapped: 0.9 belongs to m, 0.999 to v.")
def exchanged(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Take 0.999 for the slopes and 0.9 for their squares."""
    return _adam(slopes, rate, shares=(0.999, 0.9))


@exercise.wrong("You walk uphill: subtract the step.")
def uphill(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Turn the sign."""
    return _adam(slopes, -rate)


@exercise.wrong(
    "You correct m and v in place, so the next step starts from the corrected ones: keep the plain "
    "means, and give the corrected ones new names."
)
def in_place(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Let the correction pile up."""
    w, m, v, path = np.zeros(slopes.shape[1]), 0.0, 0.0, []
    for t, g in enumerate(slopes, start=1):
        m = (0.9 * m + 0.1 * g) / (1 - 0.9**t)
        v = (0.999 * v + 0.001 * g**2) / (1 - 0.999**t)
        w = w - rate * m / (np.sqrt(v) + 1e-8)
        path.append(w)
    return np.array(path)


@exercise.wrong("You return only the last weights: return the weights after each step.")
def only_last(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Return where it ends."""
    return adam(slopes, rate)[-1]


@exercise.wrong("One row too many: leave out the weights before the first step.")
def with_start(slopes: np.ndarray, rate: float) -> np.ndarray:
    """Put the start in front."""
    return np.vstack([np.zeros(slopes.shape[1]), adam(slopes, rate)])
