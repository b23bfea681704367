"""Score a sound track."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Score a sound track")


@exercise.solution
def f_score(said: np.ndarray, true: np.ndarray, slack: int) -> float:
    """Give the F1 score of sounds against hits.

    Args:
        said: Frames of the sounds, in order, (R,).
        true: Frames of the hits, in order, (S,).
        slack: How many frames a pair may be apart.

    Returns:
        Twice the pairs, over the sounds and the hits together.
    """
    pairs = i = j = 0
    while i < len(said) and j < len(true):
        if abs(said[i] - true[j]) <= slack:
            pairs, i, j = pairs + 1, i + 1, j + 1
        elif said[i] < true[j]:
            i += 1
        else:
            j += 1
    return 2 * pairs / (len(said) + len(true))


def _frames(rng: np.random.Generator, count: int) -> np.ndarray:
    return np.sort(rng.choice(60, size=count, replace=False))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one of two sounds is right, and one of three hits is found",
        np.array([5, 20]),
        np.array([5, 12, 30]),
        1,
        hint="One pair; two sounds and three hits.",
    )
    yield Case(
        "a sound one frame late",
        np.array([6, 14]),
        np.array([5, 14]),
        1,
        hint="Within the slack, a pair need not be at the same frame.",
    )
    yield Case(
        "two sounds beside one hit",
        np.array([9, 11]),
        np.array([10]),
        1,
        hint="A hit can be in one pair only.",
    )
    yield Case(
        "a row of neighbours",
        np.array([3, 4]),
        np.array([4, 5]),
        1,
        hint="Both sounds can have a hit: 3 with 4, and 4 with 5.",
    )
    for _ in range(5):
        yield Case(
            "twenty random sounds and hits",
            _frames(rng, 20),
            _frames(rng, 15),
            2,
            hint="Read both lists from the left, and pair what is close enough.",
        )


@exercise.wrong("You return the precision. Hits that were missed must count, too.")
def precision(said: np.ndarray, true: np.ndarray, slack: int) -> float:
    """Divide by the sounds alone."""
    pairs = f_score(said, true, slack) * (len(said) + len(true)) / 2
    return pairs / len(said)


@exercise.wrong("You return the recall. Sounds that are wrong must count, too.")
def recall(said: np.ndarray, true: np.ndarray, slack: int) -> float:
    """Divide by the hits alone."""
    pairs = f_score(said, true, slack) * (len(said) + len(true)) / 2
    return pairs / len(true)


@exercise.wrong("You pair a sound and a hit only at the same frame. They may be `slack` apart.")
def no_slack(said: np.ndarray, true: np.ndarray, slack: int) -> float:
    """Ask for the very frame."""
    return f_score(said, true, 0 * slack)


@exercise.wrong(
    "You count a hit twice when two sounds are near it. Each hit has one sound at most."
)
def counted_twice(said: np.ndarray, true: np.ndarray, slack: int) -> float:
    """Count every sound that is near a hit."""
    near = np.abs(said[:, None] - true[None]) <= slack
    return float(2 * near.any(axis=1).sum() / (len(said) + len(true)))


@exercise.wrong(
    "You give each sound the hit that is nearest. That can take a hit from a sound that has no "
    "other, so you find too few pairs."
)
def nearest(said: np.ndarray, true: np.ndarray, slack: int) -> float:
    """Pair the closest first."""
    gaps = np.abs(said[:, None] - true[None]).astype(float)
    pairs = 0
    while gaps.size and gaps.min() <= slack:
        i, j = np.unravel_index(int(gaps.argmin()), gaps.shape)
        gaps[i], gaps[:, j] = np.inf, np.inf
        pairs += 1
    return 2 * pairs / (len(said) + len(true))
