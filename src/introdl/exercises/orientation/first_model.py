"""How good is no model at all? The share that the commonest label gets right."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("How good is no model at all?")


@exercise.solution
def most_common_baseline(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Say the same for every picture, and return the share that is right.

    What it says is the label that occurs most often among those to learn from.

    Args:
        y_train: The labels to learn from, (N,) integers; one of them is commonest.
        y_test: The labels to be scored on, (M,) integers.

    Returns:
        The share of `y_test` that is right, from 0 to 1.
    """
    labels, counts = np.unique(y_train, return_counts=True)
    return np.mean(y_test == labels[counts.argmax()])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "labels 7, 7, 1 to learn from, and 1, 1, 1, 7, 2 to be scored on",
        np.array([7, 7, 1]),
        np.array([1, 1, 1, 7, 2]),
        hint="The commonest label to learn from is 7. It is right once in five: 0.2.",
    )
    yield Case(
        "a commonest label that is never right",
        np.array([3, 3, 3, 0, 5]),
        np.array([0, 0, 5, 5]),
        hint="The commonest label to learn from is 3, and no picture to be scored on is a 3: 0.",
    )
    yield Case(
        "labels below zero",
        np.array([-2, 4, -2, 4, -2]),
        np.array([4, -2, 4]),
        hint="A label is a name, even if it looks like a number: -2 is as good a name as any.",
    )
    for what, size in (("random digits", 200), ("more random digits", 1000)):
        y_train = rng.integers(0, 10, size=size)
        # Not one label is commonest by chance, and not the same one in both.
        yield Case(
            what,
            np.append(y_train, np.full(size // 5, 8)),
            np.append(rng.integers(0, 10, size=size // 3), np.full(size // 6, 3)),
            hint="Which label do you say, and where did you count it?",
        )


def _commonest(y: np.ndarray) -> int:
    labels, counts = np.unique(y, return_counts=True)
    return labels[counts.argmax()]


@exercise.wrong(
    "You looked for the commonest label among those you are scored on. In real use these are not "
    "known yet: count in y_train."
)
def peeked(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Take the commonest label of the test set."""
    return np.mean(y_test == _commonest(y_test))


@exercise.wrong("You scored yourself on the labels to learn from: compare with y_test.")
def scored_on_train(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Score on the training labels."""
    return np.mean(y_train == _commonest(y_train))


@exercise.wrong("This is the label that you say. How large a share of y_test is that label?")
def label(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Return the label itself."""
    return _commonest(y_train)


@exercise.wrong("This is how many are right: divide by how many there are.")
def count(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Return a count."""
    return np.sum(y_test == _commonest(y_train))


@exercise.wrong("You divide by the number of labels to learn from: divide by that of y_test.")
def wrong_total(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Divide by the size of the training set."""
    return np.sum(y_test == _commonest(y_train)) / len(y_train)


@exercise.wrong("This is the share that is wrong. The share that is right is 1 minus it.")
def error(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Return the share of mistakes."""
    return np.mean(y_test != _commonest(y_train))


@exercise.wrong("This is in percent: a share goes from 0 to 1.")
def percent(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Return percent."""
    return 100 * np.mean(y_test == _commonest(y_train))


@exercise.wrong(
    "You say the largest label. The commonest is the one that is there most often: count each."
)
def largest(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Say the largest label."""
    return np.mean(y_test == y_train.max())


@exercise.wrong(
    "This is what guessing at random would get on average. Here one label is said each time."
)
def chance(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Return one over the number of labels."""
    return 1 / len(np.unique(y_train))
