"""Agree with what you know."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Agree with what you know")


@exercise.solution
def agree(guess: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Shift each 2 × 2 block of a guess, so that its mean is the small pixel.

    Args:
        guess: A picture in full size, (2h, 2w).
        small: What is known of it, (h, w).

    Returns:
        The new guess, (2h, 2w).
    """
    h, w = small.shape
    means = guess.reshape(h, 2, w, 2).mean(axis=(1, 3))
    return guess + np.kron(small - means, np.ones((2, 2)))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one block, too dark by 0.1",
        np.array([[0.2, 0.4], [0.4, 0.6]]),
        np.array([[0.5]]),
        hint="The mean is 0.4. What must be added to each of the four pixels?",
    )
    yield Case(
        "two blocks, of which one is right already",
        np.array([[0.0, 1.0, 0.3, 0.3], [1.0, 0.0, 0.3, 0.5]]),
        np.array([[0.5, 0.6]]),
        hint="The first block stays as it is, and the second gets a number of its own.",
    )
    yield Case(
        "a random guess, 6 × 10",
        rng.random((6, 10)),
        rng.random((3, 5)),
        hint="Block (i, j) holds rows 2i and 2i + 1, and columns 2j and 2j + 1.",
    )


@exercise.wrong("You add the same to all blocks. Each block has a small pixel of its own.")
def one_shift(guess: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Shift the whole picture."""
    return guess + small.mean() - guess.mean()


@exercise.wrong("You move each block away from its small pixel. Which one is subtracted?")
def wrong_sign(guess: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Subtract the wrong way round."""
    h, w = small.shape
    means = guess.reshape(h, 2, w, 2).mean(axis=(1, 3))
    return guess + np.kron(means - small, np.ones((2, 2)))


@exercise.wrong("You repeat the small pixels. What the guess says within a block is lost.")
def only_nearest(guess: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Return the small picture, enlarged."""
    return np.kron(small, np.ones((2, 2))) + 0 * guess


@exercise.wrong(
    "You multiply each block. Its mean is right, but the task is to add one number to all four."
)
def by_ratio(guess: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Scale each block in place of shifting it."""
    h, w = small.shape
    means = guess.reshape(h, 2, w, 2).mean(axis=(1, 3))
    return guess * np.kron(small / means, np.ones((2, 2)))


@exercise.wrong(
    "You share the difference out among the four pixels. Add all of it to each of them: only then "
    "does the mean change by so much."
)
def a_quarter(guess: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Divide the shift by four."""
    h, w = small.shape
    means = guess.reshape(h, 2, w, 2).mean(axis=(1, 3))
    return guess + np.kron(small - means, np.ones((2, 2))) / 4
