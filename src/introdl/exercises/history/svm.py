"""How far is each point: signed distances from a line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("How far is each point?")


@exercise.solution
def distances(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Measure how far each point lies from the line where w · x + b is 0.

    Args:
        X: Points, (N, D).
        y: Labels -1 or +1, (N,).
        w: Weights, (D,), not all zero.
        b: Bias.

    Returns:
        The distances, positive on the side of the point's label, negative on the other, (N,).
    """
    return y * (X @ w + b) / np.linalg.norm(w)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "P, Q and R of the page, a score twice as steep",
        np.array([[0.0], [2.0], [3.0]]),
        np.array([-1, 1, 1]),
        np.array([2.0]),
        -2.0,
        hint="The boundary is at 1, so the distances are 1, 1 and 2, however steep the score is.",
    )
    yield Case(
        "weights 3 and 4, two points on the wrong side",
        np.array([[1.0, 1.0], [0.0, 0.0], [-1.0, 2.0]]),
        np.array([1, 1, -1]),
        np.array([3.0, 4.0]),
        -2.0,
        hint="The length of (3, 4) is 5. The scores are 5, −2 and 3.",
    )
    yield Case(
        "12 points, three inputs",
        rng.normal(size=(12, 3)),
        np.where(np.arange(12) % 2 == 0, 1, -1),
        rng.normal(size=3) * 2 + 1,
        0.7,
        hint="In the plane it is right. Does anything count on two inputs?",
    )


@exercise.wrong("These are scores: divide by the length of w to turn them into distances.")
def scores(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Do not divide."""
    return y * (X @ w + b)


@exercise.wrong("You divide by w · w; the length of w is its square root.")
def by_square(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Divide by the squared length."""
    return y * (X @ w + b) / (w @ w)


@exercise.wrong("A point on the wrong side has a negative distance: let the label set the sign.")
def without_label(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Forget the label."""
    return (X @ w + b) / np.linalg.norm(w)


@exercise.wrong("With an absolute value no point is ever on the wrong side: keep the sign.")
def absolute(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Take the absolute value."""
    return np.abs(X @ w + b) / np.linalg.norm(w)


@exercise.wrong("The bias is missing: the line does not pass through the origin.")
def without_bias(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Forget b."""
    return y * (X @ w) / np.linalg.norm(w)


@exercise.wrong("The bias is not part of the length: divide by the length of w alone.")
def bias_in_length(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Count b as a weight."""
    return y * (X @ w + b) / np.linalg.norm(np.append(w, b))


@exercise.wrong("This is the margin alone; return the distance of every point.")
def smallest(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Return the smallest distance."""
    return distances(X, y, w, b).min()
