"""The threshold with the largest IoU."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("The best threshold")


def _scores(
    shares: np.ndarray, truth: np.ndarray, thresholds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count hits, pixels that are 1 in one mask at least, and marked ones, for each threshold."""
    answers = shares >= thresholds[:, None, None]
    hits = (answers & (truth == 1)).sum(axis=(1, 2))
    return hits, (answers | (truth == 1)).sum(axis=(1, 2)), answers.sum(axis=(1, 2))


@exercise.solution
def best_threshold(shares: np.ndarray, truth: np.ndarray, thresholds: np.ndarray) -> float:
    """Find the threshold whose mask has the largest IoU; of equal ones, the first.

    Args:
        shares: How sure an answer is of ink, (H, W). What is at least the threshold is marked.
        truth: The true mask, (H, W) of 0 and 1, with some ink.
        thresholds: The thresholds to choose from, (K,).

    Returns:
        One of `thresholds`.
    """
    found = []
    for threshold in thresholds:
        answer = shares >= threshold
        hits = (answer & (truth == 1)).sum()
        found.append(hits / (answer | (truth == 1)).sum())
    return thresholds[np.argmax(found)]


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the four pixels of the solution's last lines",
        np.array([[0.1, 0.6], [0.8, 0.9]]),
        np.array([[0, 0], [1, 1]]),
        np.array([0.5, 0.7, 0.85]),
        hint="0.5 has one false alarm, 0.7 has no error, 0.85 misses one. Print your three IoU.",
    )
    yield Case(
        "a share that is equal to a threshold",
        np.array([[0.5, 0.2]]),
        np.array([[1, 0]]),
        np.array([0.9, 0.5]),
        hint="What is at least the threshold is marked, so 0.5 is marked at 0.5.",
    )
    yield Case(
        "two thresholds with the same mask",
        np.array([[0.1, 0.9], [0.2, 0.8]]),
        np.array([[0, 1], [0, 1]]),
        np.array([0.95, 0.6, 0.4]),
        hint="0.6 and 0.4 mark the same pixels. Return the first of them.",
    )
    yield Case(
        "little ink: one pixel of nine, and two that look like it",
        np.array([[0.7, 0.1, 0.1], [0.1, 0.6, 0.1], [0.1, 0.1, 0.6]]),
        np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
        np.array([0.9, 0.5, 0.05]),
        hint="0.9 marks nothing: most pixels are right, and IoU is 0. 0.5 finds the ink: IoU 1/3.",
    )
    yield Case(
        "half of the ink is sure, the rest hardly above paper",
        np.array([[0.9, 0.9, 0.3, 0.3, 0.2, 0.2, 0.2, 0.3]]),
        np.array([[1, 1, 1, 1, 0, 0, 0, 0]]),
        np.array([0.1, 0.8, 0.25]),
        hint="IoU: 4/8 at 0.1, 2/4 at 0.8, 4/5 at 0.25. Misses and false alarms both count.",
    )
    for size in (8, 15):
        truth = (rng.random((size, size)) < 0.2).astype(int)
        truth[0, 0] = 1
        yield Case(
            f"{size} × {size} pixels drawn at random",
            np.clip(0.5 * truth + 0.6 * rng.random((size, size)), 0, 1),
            truth,
            np.linspace(0.1, 0.9, 17),
            hint="Print the IoU for each threshold, and look at the largest.",
        )


@exercise.wrong(
    "You choose by the share of pixels right, which favours marking nothing; choose by IoU."
)
def by_pixels_right(shares: np.ndarray, truth: np.ndarray, thresholds: np.ndarray) -> float:
    """Count what is right."""
    right = [((shares >= threshold) == truth).mean() for threshold in thresholds]
    return thresholds[np.argmax(right)]


@exercise.wrong("A share equal to the threshold is also marked: use >=.")
def above(shares: np.ndarray, truth: np.ndarray, thresholds: np.ndarray) -> float:
    """Mark only what is larger."""
    right = []
    for threshold in thresholds:
        answer = shares > threshold
        hits = (answer & (truth == 1)).sum()
        right.append(hits / (answer | (truth == 1)).sum())
    return thresholds[np.argmax(right)]


@exercise.wrong("For equal IoU you return the last threshold; return the first.")
def last(shares: np.ndarray, truth: np.ndarray, thresholds: np.ndarray) -> float:
    """Search backwards."""
    return best_threshold(shares, truth, thresholds[::-1])


@exercise.wrong("You divide the hits by the ink only: false alarms also have to count.")
def forgets_alarms(shares: np.ndarray, truth: np.ndarray, thresholds: np.ndarray) -> float:
    """Choose by the share of the ink that is found."""
    return thresholds[np.argmax(_scores(shares, truth, thresholds)[0])]


@exercise.wrong("You divide the hits by what is marked: misses also have to count.")
def forgets_misses(shares: np.ndarray, truth: np.ndarray, thresholds: np.ndarray) -> float:
    """Choose by the share of the marked pixels that are ink."""
    hits, _, marked = _scores(shares, truth, thresholds)
    return thresholds[np.argmax(hits / np.maximum(marked, 1))]


@exercise.wrong("You return the largest IoU; return its threshold.")
def the_score(shares: np.ndarray, truth: np.ndarray, thresholds: np.ndarray) -> float:
    """Return the score."""
    hits, either, _ = _scores(shares, truth, thresholds)
    return (hits / either).max()
