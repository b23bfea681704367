"""Positions: a row of sines and cosines for each place in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Positions")


def _rows(
    places: int, dim: int, *, base: float = 10_000.0, first: int = 0, exponent: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """The sines and the cosines, (T, D / 2) each, with what may be mistaken as arguments."""
    speed = base ** (-exponent * np.arange(0, dim, 2) / dim)
    angle = np.arange(first, first + places)[:, None] * speed
    return np.sin(angle), np.cos(angle)


def _woven(sine: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    return np.stack([sine, cosine], axis=-1).reshape(len(sine), 2 * sine.shape[1])


@exercise.solution
def positions(places: int, dim: int) -> np.ndarray:
    """Write the places 0, 1, 2, … as rows of sines and cosines.

    Number 2i of the row of place p is sin(p / 10000^(2i / D)), and number 2i + 1 is the cosine of
    the same angle.

    Args:
        places: How many places, T.
        dim: Numbers per place, D; even.

    Returns:
        One row per place, (T, D).
    """
    return _woven(*_rows(places, dim))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one place of two numbers",
        1,
        2,
        hint="Place 0 has the sine of 0 and the cosine of 0: 0 and 1.",
    )
    yield Case(
        "two places of two numbers",
        2,
        2,
        hint="Place 1 has the sine and the cosine of 1, which is an angle in radians.",
    )
    yield Case(
        "two places of four numbers",
        2,
        4,
        hint="Numbers 2 and 3 of place 1 are the sine and the cosine of 1 / 10000^(2/4) = 0.01.",
    )
    for most in (10, 40):
        places, dim = int(rng.integers(3, most)), 2 * int(rng.integers(3, most))
        yield Case(
            f"{places} places of {dim} numbers",
            places,
            dim,
            hint="Compare row 1, pair by pair: the angles are 1 / 10000^(2i / D).",
        )


@exercise.wrong("Sines and cosines take turns: number 0 is a sine, number 1 its cosine, and so on.")
def side_by_side(places: int, dim: int) -> np.ndarray:
    """Put all sines first."""
    return np.hstack(_rows(places, dim))


@exercise.wrong("Each pair begins with the sine, and the cosine comes second.")
def cosine_first(places: int, dim: int) -> np.ndarray:
    """Change the two."""
    sine, cosine = _rows(places, dim)
    return _woven(cosine, sine)


@exercise.wrong("The first place is 0, not 1.")
def from_one(places: int, dim: int) -> np.ndarray:
    """Count from 1."""
    return _woven(*_rows(places, dim, first=1))


@exercise.wrong("The exponent is 2i / D. You seem to have i / D: the waves slow down too little.")
def half_exponent(places: int, dim: int) -> np.ndarray:
    """Forget the 2."""
    return _woven(*_rows(places, dim, exponent=0.5))


@exercise.wrong("The exponent of the cosine is also 2i / D: a pair shares one angle.")
def own_angle(places: int, dim: int) -> np.ndarray:
    """Give each column its own angle."""
    angle = np.arange(places)[:, None] * 10_000.0 ** (-np.arange(dim) / dim)
    return np.where(np.arange(dim) % 2, np.cos(angle), np.sin(angle))


@exercise.wrong("One row per place: you have one column per place.")
def turned(places: int, dim: int) -> np.ndarray:
    """Return the other way round."""
    return _woven(*_rows(places, dim)).T


@exercise.wrong("You multiply the place by the power of 10000. Divide by it.")
def multiplied(places: int, dim: int) -> np.ndarray:
    """Multiply."""
    return _woven(*_rows(places, dim, base=1 / 10_000.0))
