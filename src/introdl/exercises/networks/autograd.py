"""Slopes along a chain: one walk back, by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Slopes of a whole chain")


def _forward(x: float, weights: np.ndarray) -> list[float]:
    z = [x]
    for w in weights:
        z.append(float(np.tanh(w * z[-1])))
    return z


def _back(x: float, weights: np.ndarray, bend: bool = True, on: bool = True) -> np.ndarray:
    z, slope, found = _forward(x, weights), 1.0, []
    for i in reversed(range(len(weights))):
        slope *= 1 - z[i + 1] ** 2 if bend else 1
        found.append(slope * z[i])
        slope *= weights[i] if on else 1
    return np.array(found[::-1])


@exercise.solution
def chain(x: float, weights: np.ndarray) -> np.ndarray:
    """Find the slope of the last result by each weight.

    Args:
        x: What goes into the first step.
        weights: One weight per step, (S,); a step is tanh(weight times what goes in).

    Returns:
        One slope per weight, first weight first, (S,).
    """
    return _back(x, weights)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one step: x = 0.5, weight 1",
        0.5,
        np.array([1.0]),
        hint="tanh(0.5) is 0.4621, so the slope is (1 − 0.4621²) · 0.5 = 0.3932.",
    )
    yield Case(
        "two steps: x = 0.5, weights 1 and 2",
        0.5,
        np.array([1.0, 2.0]),
        hint="Print z on the way forward, then the slope at each step on the way back.",
    )
    for steps in (3, 6):
        yield Case(
            f"{steps} steps with weights drawn at random",
            float(rng.uniform(0.3, 1)),
            rng.uniform(0.5, 1.5, size=steps) * rng.choice([-1, 1], size=steps),
            hint="Compare with nudges: change one weight by 0.000001 and see what the result does.",
        )


@exercise.wrong(
    "Yours are in the order of the walk back: reverse them, so that the first weight's comes first."
)
def in_walking_order(x: float, weights: np.ndarray) -> np.ndarray:
    """Forget to turn the list round."""
    return _back(x, weights)[::-1]


@exercise.wrong(
    "The local slope of tanh is missing: multiply by 1 − z², where z is what comes out."
)
def without_bend(x: float, weights: np.ndarray) -> np.ndarray:
    """Forget the local slope of tanh."""
    return _back(x, weights, bend=False)


@exercise.wrong("What you hand to the previous step must be multiplied by this step's weight.")
def without_weight(x: float, weights: np.ndarray) -> np.ndarray:
    """Forget the weight on the way back."""
    return _back(x, weights, on=False)


@exercise.wrong("A slope by a weight is multiplied by what went in, not by what came out.")
def with_what_came_out(x: float, weights: np.ndarray) -> np.ndarray:
    """Take the step's output instead of its input."""
    z, slope, found = _forward(x, weights), 1.0, []
    for i in reversed(range(len(weights))):
        slope *= 1 - z[i + 1] ** 2
        found.append(slope * z[i + 1])
        slope *= weights[i]
    return np.array(found[::-1])


@exercise.wrong("1 − z² needs what comes out of tanh; you use what goes in.")
def bend_of_the_input(x: float, weights: np.ndarray) -> np.ndarray:
    """Use what goes into tanh in the local slope."""
    z, slope, found = _forward(x, weights), 1.0, []
    for i in reversed(range(len(weights))):
        slope *= 1 - (weights[i] * z[i]) ** 2
        found.append(slope * z[i])
        slope *= weights[i]
    return np.array(found[::-1])
