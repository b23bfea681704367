"""Blame through time: the slopes of a one-number recurrent net."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Blame through time")


@exercise.solution
def slopes(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Return how fast the error changes with w and with u.

    The net starts with h = 0, and each step makes h = tanh(w * h + u * x[t]). The error is
    E = (h - target)² / 2, with h after the last step.

    Args:
        w: The weight of the state.
        u: The weight of the input.
        x: What is read, step by step, (T,).
        target: What h should be at the end.

    Returns:
        dE/dw and dE/du, (2,).
    """
    h = [0.0]
    for value in x:
        h.append(np.tanh(w * h[-1] + u * value))
    blame = h[-1] - target  # dE/dh after the last step
    dw = du = 0.0
    for t in reversed(range(len(x))):
        dz = blame * (1 - h[t + 1] ** 2)
        dw += dz * h[t]
        du += dz * x[t]
        blame = dz * w
    return np.array([dw, du])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one step",
        0.5,
        1.0,
        np.array([1.0]),
        0.0,
        hint="The state before is 0, so w has no share; the slope of tanh at z is 1 - h².",
    )
    yield Case(
        "two steps",
        0.5,
        0.8,
        np.array([1.0, -0.5]),
        0.3,
        hint="u has a share in both steps; w only in the second, for the state before the first "
        "is 0. Print each share before you add it.",
    )
    for T in (3, 6, 11):
        yield Case(
            f"{T} steps",
            float(rng.uniform(0.6, 1.2)),
            float(rng.uniform(0.4, 0.9)),
            rng.normal(size=T),
            float(rng.normal()),
            hint="Shorter ones are right. What do you carry from step to step?",
        )


def _blame(w: float, u: float, x: np.ndarray, target: float, **how: bool) -> np.ndarray:
    """Compute `slopes` with the mistakes that `how` names."""
    h = [0.0]
    for value in x:
        h.append(np.tanh(w * h[-1] + u * value))
    blame = h[-1] - target
    if how.get("sign"):
        blame = -blame
    if how.get("twice"):
        blame = 2 * blame
    shares = []
    for t in reversed(range(len(x))):
        dz = blame * (1 if how.get("straight") else 1 - h[t + 1] ** 2)
        if how.get("early"):
            dz = blame * (1 - h[t] ** 2)
        shares.append((dz * (h[t + 1] if how.get("after") else h[t]), dz * x[t]))
        blame = dz if how.get("whole") else blame * w if how.get("leaks") else dz * w
    if how.get("last"):
        shares = shares[:1]
    if how.get("first"):
        shares = shares[-1:]
    mean = len(shares) if how.get("mean") else 1
    return np.sum(shares, axis=0) / mean


@exercise.wrong(
    "Only the last step has a share in yours: the same weight was used at each step, so go on back "
    "and add."
)
def last_step(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Stop after the last step."""
    return _blame(w, u, x, target, last=True)


@exercise.wrong(
    "You return the share of the first step alone: add up the shares (+=) instead of replacing."
)
def replaced(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Overwrite with = where += belongs."""
    return _blame(w, u, x, target, first=True)


@exercise.wrong("The slope of tanh is missing: at each step, multiply by 1 - h² as well.")
def no_slope(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Forget tanh on the way back."""
    return _blame(w, u, x, target, straight=True)


@exercise.wrong(
    "The slope of tanh gets lost on the way: the blame that you carry back is dz * w, where dz has "
    "the factor 1 - h² in it."
)
def leaks(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Carry the blame without the slope."""
    return _blame(w, u, x, target, leaks=True)


@exercise.wrong("The blame passes through w on its way back: carry dz * w, not dz.")
def whole(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Carry the blame without the weight."""
    return _blame(w, u, x, target, whole=True)


@exercise.wrong(
    "w multiplies the state *before* the step: its share is dz times that, not h after."
)
def state_after(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Use the new state for the share of w."""
    return _blame(w, u, x, target, after=True)


@exercise.wrong(
    "The slope of tanh is 1 - h² with the h that the step made, not the one it began with."
)
def slope_before(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Take the slope at the state before."""
    return _blame(w, u, x, target, early=True)


@exercise.wrong("The sign is wrong: the error's slope for h is h - target.")
def turned(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Begin with target - h."""
    return _blame(w, u, x, target, sign=True)


@exercise.wrong("Twice too large: the half in the error cancels the 2 from the square.")
def doubled(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Begin with 2 (h - target)."""
    return _blame(w, u, x, target, twice=True)


@exercise.wrong("You average over the steps: add the shares up instead.")
def averaged(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Divide by the number of steps."""
    return _blame(w, u, x, target, mean=True)


@exercise.wrong("Both numbers are right but in the wrong order: dE/dw comes first.")
def swapped(w: float, u: float, x: np.ndarray, target: float) -> np.ndarray:
    """Return dE/du first."""
    return slopes(w, u, x, target)[::-1]
