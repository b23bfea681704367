"""A walk with momentum: steps on a loss whose slope is curvature times weight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise
from introdl.networks.gradient_descent import descend

exercise = Exercise("A walk with momentum")


@exercise.solution
def roll(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Walk down a loss whose slope, for each weight, is its curvature times the weight.

    In each step the velocity becomes `momentum` times itself plus the slope, and the weights
    lose `rate` times the new velocity. The velocity begins at 0.

    Args:
        curvature: The curvature along each weight, (D,).
        w: The weights at the start, (D,).
        rate: The rate.
        momentum: The share of the velocity that is kept.
        steps: How many steps to take.

    Returns:
        The weights before the first step and after each, (steps + 1, D).
    """
    return descend(lambda at: curvature * at, w, rate=rate, steps=steps, momentum=momentum)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the hill of the lesson, three steps without momentum",
        np.array([2.0]),
        np.array([4.0]),
        0.25,
        0.0,
        3,
        hint="These are the steps by hand: 4, 2, 1, ½. Print what you return, and its shape.",
    )
    yield Case(
        "the same hill, three steps with momentum ½",
        np.array([2.0]),
        np.array([4.0]),
        0.25,
        0.5,
        3,
        hint="The velocities are 8, 8 and 4. Print yours: first multiply the old velocity, then "
        "add the slope.",
    )
    yield Case(
        "a ravine of two weights",
        np.array([2.0, 20.0]),
        np.array([3.5, 1.5]),
        0.05,
        0.25,
        8,
        hint="It is right with one weight. Does each weight have its own slope and velocity?",
    )
    yield Case(
        "five weights, drawn at random",
        rng.uniform(0.5, 10, size=5),
        rng.normal(size=5),
        0.07,
        0.8,
        12,
        hint="It is right on the smaller cases. Does anything depend on the number of weights?",
    )


def _walk(
    curvature: np.ndarray,
    w: np.ndarray,
    steps: int,
    change: tuple[float, float, float],
    ahead: float = 0.0,
) -> np.ndarray:
    """Walk with v = keep v + gain slope, w = w - rate v; the slope may be asked for ahead."""
    keep, gain, rate = change
    path, v = [w], np.zeros(len(w))
    for _ in range(steps):
        v = keep * v + gain * curvature * (path[-1] - ahead * v)
        path.append(path[-1] - rate * v)
    return np.array(path)


@exercise.wrong("Your walk has no momentum: the velocity is not kept from step to step.")
def no_momentum(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Forget the velocity."""
    return _walk(curvature, w, steps, (0.0, 1.0, rate))


@exercise.wrong("You walk uphill: subtract the rate times the velocity.")
def uphill(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Turn the sign."""
    return _walk(curvature, w, steps, (momentum, 1.0, -rate))


@exercise.wrong(
    "You average: the slope is multiplied by 1 − momentum. On this page the whole slope is added."
)
def average(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Take a running mean of the slopes."""
    return _walk(curvature, w, steps, (momentum, 1 - momentum, rate))


@exercise.wrong(
    "You take the slope where the velocity would lead. That is another method, Nesterov's; here "
    "you take the slope where you stand."
)
def look_ahead(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Take the slope ahead."""
    return _walk(curvature, w, steps, (momentum, 1.0, rate), ahead=rate * momentum)


@exercise.wrong("The step uses the old velocity: compute the new one first, then move.")
def late(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Move before the velocity changes."""
    path, v = [w], np.zeros(len(w))
    for _ in range(steps):
        path.append(path[-1] - rate * v)
        v = momentum * v + curvature * path[-2]
    return np.array(path)


@exercise.wrong("The rate comes in twice: in the velocity and in the step.")
def rate_twice(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Multiply by the rate twice."""
    return _walk(curvature, w, steps, (momentum, rate, rate))


@exercise.wrong("You return only the last weights: return the whole walk, start included.")
def only_last(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Return where it ends."""
    return roll(curvature, w, rate, momentum, steps)[-1]


@exercise.wrong("The start is missing: the first row holds the weights before any step.")
def no_start(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Leave out the first row."""
    return roll(curvature, w, rate, momentum, steps)[1:]


@exercise.wrong(
    "All rows are the same: you changed one array in place and kept it many times. Make a new "
    "array in each step, or keep a copy."
)
def same_array(
    curvature: np.ndarray, w: np.ndarray, rate: float, momentum: float, steps: int
) -> np.ndarray:
    """Keep one array many times."""
    return np.tile(roll(curvature, w, rate, momentum, steps)[-1], (steps + 1, 1))
