"""The first flag."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("The first flag")


@exercise.solution
def first_flag(age: np.ndarray, z: np.ndarray, limit: float) -> float:
    """Tell at which age z first lies more than a limit below the highest z so far.

    Args:
        age: In months, rising, (T,).
        z: One for each visit, (T,).
        limit: How far z may fall without a flag.

    Returns:
        The age at the first flag, or infinity if there is none.
    """
    flagged = np.maximum.accumulate(z) - z > limit
    return float(age[np.argmax(flagged)]) if flagged.any() else np.inf


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "a child that falls at the third visit",
        np.array([30.0, 40.0, 50.0]),
        np.array([0.5, 0.25, -0.75]),
        1.0,
        hint="z has fallen by 1.25 at the age of 50.",
    )
    yield Case(
        "a child that first rises",
        np.array([30.0, 40.0, 50.0, 60.0]),
        np.array([0.0, 1.5, 0.25, 0.25]),
        1.0,
        hint="The highest z so far is 1.5, from the second visit.",
    )
    yield Case(
        "a child that falls by exactly the limit",
        np.array([30.0, 40.0, 50.0]),
        np.array([0.5, -0.5, -1.0]),
        1.0,
        hint="*More* than the limit: the flag comes at 50.",
    )
    yield Case(
        "a child that never falls so far",
        np.array([30.0, 40.0, 50.0]),
        np.array([0.0, -0.5, -0.25]),
        1.0,
        hint="There is no flag: return infinity.",
    )
    yield Case(
        "a child that rises late",
        np.array([30.0, 40.0, 50.0]),
        np.array([-1.0, -1.5, 2.0]),
        1.0,
        hint="At 40 months nobody knows that z will be 2 later.",
    )
    yield Case(
        "a long random walk",
        24 + np.cumsum(rng.uniform(4, 11, size=40)),
        np.cumsum(rng.normal(scale=0.5, size=40)),
        1.5,
        hint="At each visit, compare z with the highest of this and the earlier visits.",
    )


@exercise.wrong("You compare with the first visit. Compare with the highest z so far.")
def since_first(age: np.ndarray, z: np.ndarray, limit: float) -> float:
    """Forget that z may rise."""
    flagged = z[0] - z > limit
    return float(age[np.argmax(flagged)]) if flagged.any() else np.inf


@exercise.wrong(
    "You look at later visits too. When a flag is raised, only that visit and the earlier ones "
    "are known."
)
def with_hindsight(age: np.ndarray, z: np.ndarray, limit: float) -> float:
    """Take the highest of all."""
    flagged = z.max() - z > limit
    return float(age[np.argmax(flagged)]) if flagged.any() else np.inf


@exercise.wrong("A fall of exactly the limit raises no flag: it must be more.")
def at_limit(age: np.ndarray, z: np.ndarray, limit: float) -> float:
    """Flag at the limit."""
    flagged = np.maximum.accumulate(z) - z >= limit
    return float(age[np.argmax(flagged)]) if flagged.any() else np.inf


@exercise.wrong("You return the age at the first visit if there is no flag. Return infinity.")
def no_flag(age: np.ndarray, z: np.ndarray, limit: float) -> float:
    """Forget that there may be none."""
    return float(age[np.argmax(np.maximum.accumulate(z) - z > limit)])


@exercise.wrong("You return the place of the visit. Return the age of the child there.")
def place(age: np.ndarray, z: np.ndarray, limit: float) -> float:
    """Return an index."""
    flagged = np.maximum.accumulate(z) - z > limit
    return float(np.argmax(flagged)) if flagged.any() else np.inf


@exercise.wrong("You compare with the visit before only. A fall may take several visits.")
def one_step(age: np.ndarray, z: np.ndarray, limit: float) -> float:
    """Look one visit back."""
    flagged = np.append(0, z[:-1] - z[1:]) > limit
    return float(age[np.argmax(flagged)]) if flagged.any() else np.inf
