"""Right, wrong or missed: how found boxes are compared with the true ones, and scored."""

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes
from introdl.vision.detection.boxes import iou, refuse_flat
from introdl.vision.detection.scenes import Scenes


class Found(NamedTuple):
    """Boxes found in pictures.

    Attributes:
        boxes: Boxes, (K, 4): left, top, right, bottom.
        scores: How sure each is, (K,).
        of: Which picture each was found in, (K,) of integers.
    """

    boxes: np.ndarray
    scores: np.ndarray
    of: np.ndarray


def judge(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray, at: float = 0.5) -> np.ndarray:
    """Say of each box of one picture whether it is right. Each true box is found once.

    The surest box comes first. It is right if its IoU with the true box that it overlaps most is
    `at` or more, and no surer box has found that one.

    Source: Everingham et al. (2010), "The PASCAL visual object classes challenge", section 4.2.

    Args:
        boxes: Found boxes, (N, 4).
        scores: How sure each is, (N,). Of equal ones the first counts as surer.
        truth: True boxes, (M, 4).
        at: The IoU that counts as found, 0 to 1.

    Returns:
        Booleans in the order of `boxes`, (N,).
    """
    right, found = np.zeros(len(boxes), dtype=bool), set()
    if not len(truth):
        return right
    overlap = iou(boxes, truth)
    best, most = overlap.argmax(axis=1), overlap.max(axis=1)
    for i in np.argsort(-scores, kind="stable"):
        if most[i] >= at and best[i] not in found:
            right[i] = True
            found.add(best[i])
    return right


def judge_all(found: Found, scenes: Scenes, at: float = 0.5) -> np.ndarray:
    """Judge the boxes of all pictures, each in its own: (K,) of Booleans."""
    right = np.zeros(len(found.boxes), dtype=bool)
    for scene in range(len(scenes.pictures)):
        own = found.of == scene
        truth = scenes.boxes[scenes.of == scene]
        right[own] = judge(found.boxes[own], found.scores[own], truth, at)
    return right


def precision_recall(
    right: np.ndarray, scores: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Go down the list from the surest box, and look after each.

    Args:
        right: Which boxes are right, (N,) of Booleans.
        scores: How sure each is, (N,). Of equal ones the first counts as surer.
        count: How many true boxes there are.

    Returns:
        Precision, the share of the boxes so far that are right, and recall, the share of the true
        boxes that are found so far; both (N,).

    Raises:
        ValueError: If more boxes are right than there are true ones.
    """
    hits = np.cumsum(right[np.argsort(-scores, kind="stable")])
    return hits / np.arange(1, len(hits) + 1), hits / count


def average_precision(right: np.ndarray, scores: np.ndarray, count: int) -> float:
    """Add up the precision at each right box, and divide by the number of true boxes.

    Arguments are those of `precision_recall`.

    Examples:
        >>> round(average_precision(np.array([1, 0, 1]), np.array([0.9, 0.8, 0.7]), 2), 3)
        0.833
    """
    precision, _ = precision_recall(right, scores, count)
    return float((precision * right[np.argsort(-scores, kind="stable")]).sum() / count)


def best_beyond(precision: np.ndarray, recall: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Find the best precision that is reached at this recall or a larger one; 0 if none is.

    Args:
        precision: As from `precision_recall`, (N,).
        recall: As from `precision_recall`, (N,).
        at: The recalls asked for, (M,).

    Returns:
        One precision for each, (M,).
    """
    # A recall of 3/10 is to reach 0.3, however either was rounded.
    reached = recall[None] >= at[:, None] - 1e-9  # (M, N)
    return np.where(reached, precision, 0).max(axis=1, initial=0)


def _count(right: np.ndarray, count: int, **_: object) -> None:
    if count != int(count) or count < 1 or right.sum() > count:
        raise ValueError(f"count = {count} true boxes, of which {right.sum()} were found")


takes(
    judge,
    {"boxes": "(N, 4)", "scores": "(N,)", "truth": "(M, 4)", "at": "() in [0, 1]"},
    also=refuse_flat,
)
for _function in (precision_recall, average_precision):
    takes(_function, {"right": "(N,) of Booleans", "scores": "(N,)"}, also=_count)
takes(best_beyond, {"precision": "(N,)", "recall": "(N,)", "at": "(M,)"})
