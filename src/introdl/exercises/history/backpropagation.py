"""Many cases at once: the slopes of the error for the first layer's weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Many cases at once")


def _bend(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


@exercise.solution
def first_slopes(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> np.ndarray:
    """Compute the slopes of the error for the weights of the hidden units.

    The hidden units are bend(X @ W + b), the output is bend(h @ v + c), with the bend
    1 / (1 + exp(-z)); the error is half the sum of (y - T)² over all cases.

    Args:
        X: Inputs, (N, D).
        T: Targets, (N,).
        W: Weights of the hidden units, (D, H).
        b: Their biases, (H,).
        v: Weights of the output, (H,).
        c: Its bias.

    Returns:
        The slopes, (D, H).
    """
    h = 1 / (1 + np.exp(-(X @ W + b)))  # (N, H)
    y = 1 / (1 + np.exp(-(h @ v + c)))  # (N,)
    d_s = (y - T) * y * (1 - y)
    d_z = np.outer(d_s, v) * h * (1 - h)
    return X.T @ d_z


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the net of the page, one case",
        np.array([[1.0, 2.0]]),
        np.array([1.0]),
        np.array([[2.0, -2.0], [-1.0, 1.0]]),
        np.array([0.0, np.log(3)]),
        np.array([3.0, -2.0]),
        0.0,
        hint="The table of the lesson has each slope on the way.",
    )
    for what, N, D, H in (("5 cases, 3 hidden units", 5, 2, 3), ("4 cases, 6 inputs", 4, 6, 2)):
        yield Case(
            what,
            rng.normal(size=(N, D)),
            rng.uniform(size=N),
            rng.normal(size=(D, H)),
            rng.normal(size=H),
            rng.normal(size=H) + 1,
            0.3,
            hint="With one case it is right. Print the shape of each slope: is there a row for "
            "each case, until the last product adds the cases up?",
        )


def _back(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hidden units (N, H), output (N,), and output minus target (N,)."""
    h = _bend(X @ W + b)
    y = _bend(h @ v + c)
    return h, y, y - T


@exercise.wrong("The bend of the hidden units also has a slope: times h * (1 - h).")
def without_hidden_slope(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> np.ndarray:
    """Forget the slope of the hidden units' bend."""
    _, y, d = _back(X, T, W, b, v, c)
    return X.T @ np.outer(d * y * (1 - y), v)


@exercise.wrong("The bend of the output also has a slope: times y * (1 - y).")
def without_output_slope(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> np.ndarray:
    """Forget the slope of the output's bend."""
    h, _, d = _back(X, T, W, b, v, c)
    return X.T @ (np.outer(d, v) * h * (1 - h))


@exercise.wrong("The blame of a hidden unit is the slope times its weight v: v is missing.")
def without_v(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> np.ndarray:
    """Pass the blame on without the weights."""
    return first_slopes(X, T, W, b, v, c) / v


@exercise.wrong("The error is a sum over the cases, and you take the mean.")
def mean(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> np.ndarray:
    """Divide by the number of cases."""
    return first_slopes(X, T, W, b, v, c) / len(X)


@exercise.wrong("The sign is wrong: the first slope is output minus target.")
def turned(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> np.ndarray:
    """Take target minus output."""
    return -first_slopes(X, T, W, b, v, c)


@exercise.wrong("With the error as half the squares, the 2 cancels: yours is twice as large.")
def twice(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> np.ndarray:
    """Forget the half."""
    return 2 * first_slopes(X, T, W, b, v, c)


@exercise.wrong("These slopes are transposed: W is (D, H), so inputs are rows.")
def transposed(
    X: np.ndarray, T: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray, c: float
) -> np.ndarray:
    """Return them transposed."""
    return first_slopes(X, T, W, b, v, c).T
