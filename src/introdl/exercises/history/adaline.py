"""A rate without units: the LMS rule that takes off a share of each error."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("A rate without units")


@exercise.solution
def alpha_lms(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Train a linear unit, from zero weights, so that each step takes off a share of the error.

    The examples are taken in order, one at a time; the rate of each is share / (z · z), where z
    is the example with a 1 behind it.

    Args:
        X: Inputs, (N, D).
        y: Labels, (N,).
        share: Which share of its error an example loses, above 0 and below 2.
        passes: How often to go through all examples.

    Returns:
        The weights and, as the last entry, the bias, (D + 1,).
    """
    X1 = np.column_stack([X, np.ones(len(X))])
    v = np.zeros(X1.shape[1])
    for _ in range(passes):
        for z, label in zip(X1, y, strict=True):
            v = v + share * (label - v @ z) * z / (z @ z)
    return v


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one example, its whole error",
        np.array([[2.0]]),
        np.array([1.0]),
        1.0,
        1,
        hint="z is (2, 1), so z · z is 5 and the error 1. Both weights grow by z / 5.",
    )
    yield Case(
        "two examples, half of each error",
        np.array([[1.0], [-2.0]]),
        np.array([1.0, -1.0]),
        0.5,
        1,
        hint="After the first example the weights are 0.25 and 0.25. Do the second by hand.",
    )
    yield Case(
        "the same, three passes",
        np.array([[1.0], [-2.0]]),
        np.array([1.0, -1.0]),
        0.5,
        3,
        hint="One pass is right. Do the weights go on from where they were?",
    )
    X = rng.normal(size=(20, 3)) * [1, 10, 100]
    yield Case(
        "20 examples, inputs of very different size",
        X,
        np.where(np.arange(20) % 2 == 0, 1.0, -1.0),
        0.3,
        4,
        hint="On small examples it is right. Does each example have its own rate?",
    )


def _steps(
    X: np.ndarray, y: np.ndarray, passes: int, rate: np.ndarray, decide: bool = False
) -> np.ndarray:
    """The rule with a rate (N,) of each example's own; `decide` takes the error of the decision."""
    X1 = np.column_stack([X, np.ones(len(X))])
    v = np.zeros(X1.shape[1])
    for _ in range(passes):
        for z, label, step in zip(X1, y, rate, strict=True):
            said = np.sign(v @ z) if decide else v @ z
            v = v + step * (label - said) * z
    return v


def _squares(X: np.ndarray) -> np.ndarray:
    """The squared length of each example with a 1 behind it, (N,)."""
    return (X**2).sum(axis=1) + 1


@exercise.wrong("You divide by the length of z; it is z · z, the length squared.")
def by_length(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Divide by the length."""
    return _steps(X, y, passes, share / np.sqrt(_squares(X)))


@exercise.wrong("You divide by x · x; z · z also includes the 1 for the bias.")
def without_one(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Forget the constant input in the divisor."""
    return _steps(X, y, passes, share / (_squares(X) - 1))


@exercise.wrong("This is plain LMS with the rate share: divide by z · z of each example.")
def plain(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Do not divide."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _steps(X, y, passes, np.full(len(X), share))


@exercise.wrong("In your code all examples share one rate; each has its own, by its own z · z.")
def one_rate(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Divide by the mean of the squared lengths."""
    return _steps(X, y, passes, np.full(len(X), share / _squares(X).mean()))


@exercise.wrong(
    "You take the error of the decision, as the perceptron does; ADALINE compares the label with "
    "the sum before it."
)
def decides(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Compare with the decision."""
    return _steps(X, y, passes, share / _squares(X), decide=True)


@exercise.wrong(
    "You take the error of the decision, as the perceptron does; ADALINE compares the label with "
    "the sum before it."
)
def decides_plus(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Compare with the decision, which is +1 for a sum of 0."""
    X1 = np.column_stack([X, np.ones(len(X))])
    v = np.zeros(X1.shape[1])
    for _ in range(passes):
        for z, label in zip(X1, y, strict=True):
            v = v + share * (label - (1 if v @ z >= 0 else -1)) * z / (z @ z)
    return v


@exercise.wrong("You make one pass only: go through all examples `passes` times.")
def one_pass(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Go through the examples once."""
    return alpha_lms(X, y, share, 1)


@exercise.wrong("All numbers are there, but the bias stands first: it belongs after the weights.")
def bias_first(X: np.ndarray, y: np.ndarray, share: float, passes: int) -> np.ndarray:
    """Return the bias first."""
    return np.roll(alpha_lms(X, y, share, passes), 1)
