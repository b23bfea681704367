"""Let misses count: the slopes of a mean surprise in which malignant examples count more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise
from introdl.networks.neuron import sigmoid

exercise = Exercise("Let misses count")


@exercise.solution
def weighted(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Compute the slopes of the mean surprise in which label 1 counts `miss` times.

    The surprise of each example with label 1 is multiplied by `miss`; then all are added up and
    divided by the number of examples.

    Args:
        w: Weights, (D,).
        b: Bias.
        X: Inputs, (N, D).
        y: Labels 0 or 1, (N,).
        miss: How often an example with label 1 counts.

    Returns:
        The slope by each weight and, as the last entry, by the bias, (D + 1,).
    """
    error = np.where(y == 1, miss, 1) * (sigmoid(X @ w + b) - y)
    return np.append(error @ X, error.sum()) / len(X)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    four, labels = np.array([[-1.0], [0], [1], [2]]), np.array([0, 1, 0, 1])
    yield Case(
        "the four tumours, each counts once",
        np.zeros(1),
        0.0,
        four,
        labels,
        1.0,
        hint="With miss = 1 these are the slopes of the lesson's table: −1/4 by the weight and 0 "
        "by the bias. Print the errors, then the products.",
    )
    yield Case(
        "the four tumours, malignant ones count ten times",
        np.zeros(1),
        0.0,
        four,
        labels,
        10.0,
        hint="In the lesson's table, multiply the errors and the products of the tumours with "
        "label 1 by ten, then take the means.",
    )
    for what, n, dim in (("twelve examples, two inputs", 12, 2), ("forty, five inputs", 40, 5)):
        yield Case(
            what,
            rng.normal(size=dim),
            float(rng.normal()) + 0.5,
            rng.normal(size=(n, dim)) + 0.3,
            np.where(np.arange(n) % 3 == 0, 1, 0),
            4.5,
            hint="It is right with weights of zero. Do the weights and the bias enter z?",
        )


def _slopes(X: np.ndarray, error: np.ndarray) -> np.ndarray:
    return np.append(error @ X, error.sum()) / len(X)


def _parts(
    w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is said, the error, and how often each example counts, (N,) all three."""
    p = sigmoid(X @ w + b)
    return p, p - y, np.where(y == 1, miss, 1.0)


@exercise.wrong("Every example counts once in yours: `miss` has no effect.")
def unweighted(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Forget `miss`."""
    return weighted(w, b, X, y, 1.0)


@exercise.wrong("You let every example count `miss` times; only those with label 1 do.")
def all_weighted(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Multiply everything."""
    return miss * weighted(w, b, X, y, 1.0)


@exercise.wrong(
    "The wrong class counts more: a miss is a malignant tumour, label 1, that is called benign."
)
def other_class(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Weigh label 0."""
    _, error, _ = _parts(w, b, X, y, miss)
    return _slopes(X, np.where(y == 0, miss, 1.0) * error)


@exercise.wrong(
    "You weight an example by what the neuron says about it, and that changes with each step. "
    "Weight it by its label."
)
def by_answer(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Weigh those that are called malignant."""
    p, error, _ = _parts(w, b, X, y, miss)
    return _slopes(X, np.where(p >= 0.5, miss, 1.0) * error)


@exercise.wrong("These slopes point the other way: the error is p − y, not y − p.")
def downhill(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Turn the sign."""
    return -weighted(w, b, X, y, miss)


@exercise.wrong(
    "The bias's slope is missing: it is the mean of the weighted errors, and comes last."
)
def without_bias(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Return the weights' slopes alone."""
    return weighted(w, b, X, y, miss)[:-1]


@exercise.wrong(
    "The slopes by the weights are right, but the bias's slope counts each example once: `miss` "
    "also belongs there."
)
def plain_bias(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Weigh the weights' slopes alone."""
    return np.append(weighted(w, b, X, y, miss)[:-1], weighted(w, b, X, y, 1.0)[-1])


@exercise.wrong("You subtract the label from z itself: what the neuron says is the sigmoid of z.")
def no_sigmoid(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Take the net input for the answer."""
    _, _, counts = _parts(w, b, X, y, miss)
    return _slopes(X, counts * (X @ w + b - y))


@exercise.wrong(
    "There is a factor p (1 − p) too many: that is the slope of the squared error. In the slope of "
    "the surprise it cancels."
)
def squared(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Multiply by the sigmoid's slope."""
    p, error, counts = _parts(w, b, X, y, miss)
    return _slopes(X, counts * error * p * (1 - p))


@exercise.wrong("This is the sum over the examples: divide it by their number.")
def not_divided(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Add up, and do not divide."""
    return weighted(w, b, X, y, miss) * len(X)


@exercise.wrong(
    "You multiply the input by `miss` before the sum z: that changes what the neuron says. Let the "
    "error count more instead."
)
def inputs(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Scale the inputs of malignant examples."""
    scaled = np.where(y == 1, miss, 1.0)[:, None] * X
    return _slopes(scaled, sigmoid(scaled @ w + b) - y)


@exercise.wrong(
    "All the numbers are there, but the bias comes first: it belongs after the weights."
)
def bias_first(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Return the bias first."""
    return np.roll(weighted(w, b, X, y, miss), 1)


@exercise.accepted(
    "A remark: you divide by the sum of the counts. This gives a smaller step in the same "
    "direction, so the lowest point is the same."
)
def by_counts(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Divide by the sum of the counts."""
    _, _, counts = _parts(w, b, X, y, miss)
    return weighted(w, b, X, y, miss) * len(X) / counts.sum()
