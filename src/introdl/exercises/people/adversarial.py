"""Push a picture towards an answer of your choice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Towards an answer of your choice")


@exercise.solution
def push_towards(picture: np.ndarray, slopes: np.ndarray, size: float) -> np.ndarray:
    """Move each pixel by `size`, so that a score grows as much as possible.

    Args:
        picture: Pixels from 0 to 1, (D,).
        slopes: How much the score grows with each pixel, (D,).
        size: The same step for each pixel.

    Returns:
        The pushed picture, kept between 0 and 1, (D,).
    """
    return np.clip(picture + size * np.sign(slopes), 0, 1)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "two pixels in the middle",
        np.array([0.5, 0.5]),
        np.array([2.0, -0.1]),
        0.1,
        hint="The first goes up and the second down, both by 0.1.",
    )
    yield Case(
        "a slope of 0",
        np.array([0.5, 0.5]),
        np.array([0.0, 3.0]),
        0.2,
        hint="A pixel whose slope is 0 stays.",
    )
    yield Case(
        "at the ends",
        np.array([0.95, 0.02, 0.5]),
        np.array([1.0, -1.0, 1.0]),
        0.1,
        hint="No pixel leaves 0 to 1.",
    )
    yield Case(
        "a random picture of 100 pixels",
        rng.uniform(0, 1, size=100),
        rng.normal(size=100),
        0.3,
        hint="Compare one pixel after the other.",
    )


@exercise.wrong("You push against the score: it should grow, so follow the sign of the slope.")
def against(picture: np.ndarray, slopes: np.ndarray, size: float) -> np.ndarray:
    """Go the other way."""
    return np.clip(picture - size * np.sign(slopes), 0, 1)


@exercise.wrong(
    "You move each pixel by its slope. Take the sign only: every pixel moves by `size`."
)
def by_slope(picture: np.ndarray, slopes: np.ndarray, size: float) -> np.ndarray:
    """Use the slope itself."""
    return np.clip(picture + size * slopes, 0, 1)


@exercise.wrong("Your pixels leave the range from 0, paper, to 1, ink. Clip them.")
def unclipped(picture: np.ndarray, slopes: np.ndarray, size: float) -> np.ndarray:
    """Forget to clip."""
    return picture + size * np.sign(slopes)


@exercise.wrong("A pixel whose slope is 0 stays where it is.")
def zero_moves(picture: np.ndarray, slopes: np.ndarray, size: float) -> np.ndarray:
    """Treat a slope of 0 as positive."""
    return np.clip(picture + size * np.where(slopes >= 0, 1, -1), 0, 1)


@exercise.wrong(
    "You clip the push to 0 to 1, so that no pixel can go down. Clip the pushed picture."
)
def clips_the_push(picture: np.ndarray, slopes: np.ndarray, size: float) -> np.ndarray:
    """Clip the push."""
    return np.clip(picture + np.clip(size * np.sign(slopes), 0, 1), 0, 1)
