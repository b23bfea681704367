"""Calm it by averaging: the mean of a perceptron's weights over its whole training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Calm it by averaging")


@exercise.solution
def averaged(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Train a perceptron and return the mean of its weights and bias.

    It starts with weights and bias 0. The mean is over every example of every pass, right or
    wrong, each time of the weights and the bias that the machine has after that example.

    Args:
        X: Inputs, (N, D).
        y: Labels -1 or +1, (N,).
        epochs: How many passes to make, all of them.

    Returns:
        The mean weights and, as the last entry, the mean bias, (D + 1,).
    """
    w, b = np.zeros(X.shape[1]), 0.0
    total = np.zeros(X.shape[1] + 1)
    for _ in range(epochs):
        for x, label in zip(X, y, strict=True):
            if label * (w @ x + b) <= 0:
                w, b = w + label * x, b + label
            total += np.append(w, b)
    return total / (epochs * len(X))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    yield Case(
        "OR, one pass",
        corners,
        np.array([-1, 1, 1, 1]),
        1,
        hint="The table of the lesson has the weights and the bias after each of its four "
        "examples. Take the mean of each column by hand, then print what yours adds up.",
    )
    yield Case(
        "OR, five passes",
        corners,
        np.array([-1, 1, 1, 1]),
        5,
        hint="After the first pass no example is wrong. How many times do the last weights count?",
    )
    yield Case(
        "XOR, three passes",
        corners,
        np.array([-1, 1, 1, -1]),
        3,
        hint="Here each pass ends with zeros, and no two examples in a row leave the same weights. "
        "Print the weights after each example and do the pass by hand.",
    )
    # Random labels: no line separates them, so that mistakes never end.
    for what, n, dim, epochs in (("12 points", 12, 2, 3), ("30 points, five inputs", 30, 5, 4)):
        yield Case(
            f"{what}, {epochs} passes",
            rng.normal(size=(n, dim)),
            np.where(np.arange(n) % 2 == 0, 1, -1),
            epochs,
            hint="On whole numbers it is right. Does anything round, or count on two inputs?",
        )


def _run(X: np.ndarray, y: np.ndarray, epochs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Train as `averaged` does, and keep everything, one row for each example of each pass.

    Returns:
        Weights and bias before each example and after it, (epochs · N, D + 1) both, and whether
        it was a mistake, (epochs · N,).
    """
    Z = y[:, None] * np.column_stack([X, np.ones(len(X))])  # (N, D + 1)
    after = [np.zeros(Z.shape[1])]
    wrong = []
    for z in np.tile(Z, (epochs, 1)):
        wrong.append(after[-1] @ z <= 0)
        after.append(after[-1] + wrong[-1] * z)
    return np.array(after[:-1]), np.array(after[1:]), np.array(wrong)


_SOME = "Your average counts only some examples: one that was right also counts."


@exercise.wrong(_SOME)
def after_mistakes(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Average only after mistakes."""
    _, after, wrong = _run(X, y, epochs)
    return after[wrong].mean(axis=0)


@exercise.wrong(_SOME)
def sum_after_mistakes(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Add only after mistakes, but divide by all."""
    _, after, wrong = _run(X, y, epochs)
    return after[wrong].sum(axis=0) / len(wrong)


_NO_BIAS = "The bias is missing: it is learned and averaged like a weight, and stands last."


@exercise.wrong(_NO_BIAS)
def without_last(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Learn with a bias, but return the weights alone."""
    return averaged(X, y, epochs)[:-1]


@exercise.wrong(_NO_BIAS)
def without_bias(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Know of no bias at all."""
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for x, label in zip(X, y, strict=True):
            if label * (w @ x) <= 0:
                w = w + label * x
            total += w
    return total / (epochs * len(X))


@exercise.wrong("The weights are averaged, but your bias is the last one: average it as well.")
def last_bias(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Average the weights alone."""
    _, after, _ = _run(X, y, epochs)
    return np.append(after[:, :-1].mean(axis=0), after[-1, -1])


@exercise.wrong("These are the last weights, not their mean: add them up as they change.")
def last(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Return the last weights."""
    return _run(X, y, epochs)[1][-1]


@exercise.wrong(
    "The bias is a mean, but the weights are the last ones. Does your list hold the same array "
    "many times, changed in place by +=? Keep a copy each time."
)
def same_array(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Collect one array again and again, and change it in place."""
    _, after, _ = _run(X, y, epochs)
    return np.append(after[-1, :-1], after[:, -1].mean())


@exercise.wrong(
    "You add the weights up before the example has corrected them; the mean is over those after it."
)
def before(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Average before the correction."""
    return _run(X, y, epochs)[0].mean(axis=0)


@exercise.wrong("A sum of exactly 0 is also a mistake: with < 0 a machine of zeros never starts.")
def never_starts(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Test for a mistake with < 0."""
    return np.zeros(X.shape[1] + 1)


@exercise.wrong(
    "You stop at the first pass without a mistake: here every pass is made, and each example of it "
    "counts."
)
def stops(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Stop when a pass has no mistake."""
    _, after, wrong = _run(X, y, epochs)
    calm = ~wrong.reshape(epochs, -1).any(axis=1)  # (epochs,)
    passes = int(calm.argmax()) + 1 if calm.any() else epochs
    return after[: passes * len(X)].mean(axis=0)


@exercise.wrong("You count the weights once per pass; they count once per example.")
def once_per_pass(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Average what each pass ends with."""
    return _run(X, y, epochs)[1][len(X) - 1 :: len(X)].mean(axis=0)


@exercise.wrong("All numbers are there, but the bias stands first: it belongs after the weights.")
def bias_first(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Return the bias first."""
    return np.roll(averaged(X, y, epochs), 1)


@exercise.accepted(
    "A remark: you divide by the number of passes, so that all is N times the mean over the "
    "examples. Each decision is the same, for it is a matter of sign."
)
def by_passes(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Divide by the number of passes."""
    return averaged(X, y, epochs) * len(X)


@exercise.accepted(
    "A remark: this is the sum, not the mean. Each decision is the same, for it is a matter of "
    "sign."
)
def total(X: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    """Do not divide."""
    return averaged(X, y, epochs) * len(X) * epochs
