"""Right or wrong: found boxes of one picture, judged by the true ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Right or wrong")


@exercise.solution
def judge(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Say of each found box whether it is right.

    The surest comes first. A box is right if its IoU with the true box that it overlaps most is
    0.5 or more, and no surer box has taken that one.

    Args:
        boxes: Found boxes, (N, 4): left, top, right, bottom.
        scores: How sure each is, (N,). No two are equal.
        truth: True boxes, (M, 4), at least one.

    Returns:
        1 for right and 0 for wrong, in the order of `boxes`, (N,).
    """
    right, taken = np.zeros(len(boxes)), set()
    overlap = _iou(boxes, truth)
    for i in np.argsort(-scores):
        best = int(overlap[i].argmax())
        if overlap[i, best] >= 0.5 and best not in taken:
            right[i] = 1
            taken.add(best)
    return right


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each pair, (N, M)."""
    shared = _shared(a, b)
    return shared / (_areas(a)[:, None] + _areas(b) - shared)


def _shared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The area in both boxes of each pair, (N, M)."""
    begin = np.maximum(a[:, None, :2], b[None, :, :2])
    return np.maximum(0, np.minimum(a[:, None, 2:], b[None, :, 2:]) - begin).prod(axis=2)


def _areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    one = np.array([[0.0, 0.0, 4.0, 4.0]])
    for what, boxes, scores, truth, hint in (
        (
            "one box too far to the right by a quarter, one by a half",
            [[1, 0, 5, 4], [2, 8, 6, 12]],
            [0.9, 0.8],
            [[0, 0, 4, 4], [0, 8, 4, 12]],
            "Their IoU is 12/20 and 8/24.",
        ),
        (
            "a small box inside the true one",
            [[0, 0, 2, 3]],
            [0.9],
            one,
            "All of it lies in the true box, but the union is the true box: 6/16.",
        ),
        (
            "exactly a half",
            [[0, 0, 4, 2]],
            [0.4],
            one,
            "The IoU is 8/16, and 0.5 counts.",
        ),
        (
            "the same digit twice, the surer box given first",
            [[0, 0, 4, 4], [0, 0, 4, 5]],
            [0.9, 0.6],
            one,
            "The true box is taken by the first.",
        ),
        (
            "the same digit twice, the surer box given last",
            [[0, 0, 4, 5], [0, 0, 4, 4], [9, 9, 12, 12]],
            [0.6, 0.9, 0.7],
            one,
            "The answer is in the order of the boxes: 0, 1, 0.",
        ),
        (
            "the surer box fits less well",
            [[0, 0, 4, 4], [0, 0, 4, 5]],
            [0.6, 0.9],
            one,
            "The surer box takes the true one, though the other fits better.",
        ),
        (
            "two true boxes that overlap, found by boxes that both fit the first better",
            [[0, 0, 4, 4], [0.4, 0, 4.4, 4]],
            [0.9, 0.8],
            [[0, 0, 4, 4], [1, 0, 5, 4]],
            "The second box overlaps the first true box most, and that one is taken.",
        ),
    ):
        yield Case(
            what, np.array(boxes, float), np.array(scores), np.array(truth, float), hint=hint
        )
    truth = np.array([[10.0 * k, 0, 10 * k + 8, 9] for k in range(4)])
    moved = np.repeat(truth, 3, axis=0) + rng.uniform(-2.5, 2.5, size=(12, 1)) * [1, 0, 1, 0]
    yield Case(
        "twelve boxes for four true ones, in random order",
        moved,
        (rng.permutation(12) + 1) / 13,
        truth,
        hint="Print, from the surest on, which true box each overlaps most, and how much.",
    )


def _judged(
    overlap: np.ndarray, order: np.ndarray, *, once: bool = True, least: float = 0.5
) -> np.ndarray:
    """The rule, with a place for each mistake."""
    right, taken = np.zeros(len(overlap)), set()
    for i in order:
        best = int(overlap[i].argmax())
        if overlap[i, best] >= least and not (once and best in taken):
            right[i] = 1
            taken.add(best)
    return right


@exercise.wrong("A true box is found twice; the second box for it is wrong.")
def found_twice(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Forget what is taken."""
    return _judged(_iou(boxes, truth), np.argsort(-scores), once=False)


@exercise.wrong("You go through the boxes as they are given; the surest comes first.")
def as_given(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Ignore the scores."""
    return _judged(_iou(boxes, truth), np.arange(len(boxes)))


@exercise.wrong("The least sure box comes first; `np.argsort` sorts from small to large.")
def least_sure_first(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Sort the other way."""
    return _judged(_iou(boxes, truth), np.argsort(scores))


@exercise.wrong("Your answers are in the order of the scores; return them in the order of `boxes`.")
def in_order_of_scores(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the sorted list."""
    order = np.argsort(-scores)
    return _judged(_iou(boxes, truth), order)[order]


@exercise.wrong("You divide by the area of the found box; divide by what is in at least one box.")
def by_own_area(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Forget the union."""
    overlap = _shared(boxes, truth) / _areas(boxes)[:, None]
    return _judged(overlap, np.argsort(-scores))


@exercise.wrong("Your union counts the area in both boxes twice; subtract it once.")
def sum_of_areas(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Divide by the sum."""
    overlap = _shared(boxes, truth) / (_areas(boxes)[:, None] + _areas(truth))
    return _judged(overlap, np.argsort(-scores))


@exercise.wrong("An IoU of exactly 0.5 counts as found.")
def more_than_half(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Ask for more."""
    return _judged(_iou(boxes, truth), np.argsort(-scores), least=0.5 + 1e-9)


@exercise.wrong(
    "Your box takes the next best true box when its best is taken; only the one that it overlaps "
    "most decides."
)
def next_best(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Look for a free one."""
    right, overlap = np.zeros(len(boxes)), _iou(boxes, truth)
    for i in np.argsort(-scores):
        best = overlap[i].argmax()
        if overlap[i, best] >= 0.5:
            right[i] = 1
            overlap[:, best] = 0
    return right


@exercise.wrong("In your list the box that fits best takes the true one; the surest must take it.")
def best_fit_first(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Sort by overlap."""
    overlap = _iou(boxes, truth)
    return _judged(overlap, np.argsort(-overlap.max(axis=1), kind="stable"))
