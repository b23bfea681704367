"""Raise the share, not the sum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Raise the share, not the sum")


@exercise.solution
def share_slope(W: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    """Say how the log of one class's share changes with each pixel.

    Args:
        W: Weights, (K, D): the sums are W @ x, and softmax makes shares of them.
        x: Pixels, (D,).
        k: The class.

    Returns:
        The slopes, (D,).
    """
    e = np.exp(W @ x - np.max(W @ x))
    shares = e / e.sum()
    return W[k] - shares @ W


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "two classes with equal sums, one pixel",
        np.array([[2.0], [0.0]]),
        np.array([0.0]),
        0,
        hint="Both shares are ½. The slope is 2 − (½ · 2 + ½ · 0).",
    )
    yield Case(
        "two classes, shares ¾ and ¼",
        np.array([[1.0, 0.0], [0.0, 2.0]]),
        np.array([np.log(3.0), 0.0]),
        1,
        hint="The mean of the rows, weighted by the shares, is (¾, ½).",
    )
    yield Case(
        "random weights, 4 classes, 6 pixels",
        rng.normal(size=(4, 6)),
        rng.normal(size=6),
        2,
        hint="Take the mean of all rows of W, weighted by the shares, from row k.",
    )


@exercise.wrong(
    "That is the slope of the sum. A sum may grow while another grows faster: what does the share "
    "also depend on?"
)
def of_the_sum(W: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    """Forget the other classes."""
    return W[k] + 0 * x


@exercise.wrong("You descend: this step would make the share smaller.")
def downhill(W: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    """Subtract the wrong way round."""
    e = np.exp(W @ x - np.max(W @ x))
    return e / e.sum() @ W - W[k]


@exercise.wrong(
    "You take the plain mean of the rows. A class with a large share counts more: weight each row "
    "by its share."
)
def plain_mean(W: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    """Weigh all classes alike."""
    return W[k] - W.mean(axis=0) + 0 * x


@exercise.wrong(
    "That is the slope of the share itself. The task asks for the slope of its logarithm, which "
    "does not fade when the share is small."
)
def without_log(W: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    """Take the slope of the share."""
    e = np.exp(W @ x - np.max(W @ x))
    shares = e / e.sum()
    return shares[k] * (W[k] - shares @ W)


@exercise.wrong(
    "You subtract only the largest of the other classes. Each class counts by its share."
)
def rival_only(W: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    """Subtract the strongest rival."""
    sums = W @ x
    sums[k] = -np.inf
    return W[k] - W[int(sums.argmax())]
