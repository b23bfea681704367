"""When does it ring, and how many of the hits were found?"""

import numpy as np

from introdl.arguments import takes

REACH = 2  # frames on each side that a peak must overtop


def _peaks(curves: np.ndarray) -> np.ndarray:
    """Mark the peaks of one curve or several, (..., T) of Booleans."""
    wall = np.full((*curves.shape[:-1], REACH), -np.inf)
    high = np.concatenate([wall, curves, wall], axis=-1)
    beside = np.lib.stride_tricks.sliding_window_view(high, 2 * REACH + 1, axis=-1)
    before, after = beside[..., :REACH], beside[..., REACH + 1 :]  # (..., T, 2)
    return (curves > before.max(axis=-1)) & (curves >= after.max(axis=-1))


def rings(curve: np.ndarray, limit: float) -> np.ndarray:
    """Find the frames at which a sound starts: peaks above a limit.

    A peak is larger than the two frames before it, and no smaller
    than the two after it.

    Args:
        curve: One number per frame, (T,).
        limit: Peaks above it ring.

    Returns:
        Frames, counted from 0, in order, (R,) int64.

    Examples:
        >>> rings(np.array([0.1, 0.9, 0.3, 0.1, 0.6, 0.2]), 0.5)
        array([1, 4])
    """
    return np.flatnonzero(_peaks(curve) & (curve > limit))


def matched(said: np.ndarray, true: np.ndarray, slack: int = 1) -> int:
    """Count pairs of a sound and a hit, at most `slack` frames apart.

    Each sound and each hit is in one pair at most. Both are read in
    order, and the first two that are close enough become a pair; no
    other way to pair them gives more.

    Args:
        said: Frames of the sounds, in order, (R,).
        true: Frames of the hits, in order, (S,).
        slack: How far apart a pair may be.

    Examples:
        >>> matched(np.array([2, 6, 10]), np.array([3, 10]))
        2
    """
    return _pairs(said.tolist(), true.tolist(), slack)


def _pairs(said: list[int], true: list[int], slack: int) -> int:
    pairs = i = j = 0
    while i < len(said) and j < len(true):
        if abs(said[i] - true[j]) <= slack:
            pairs, i, j = pairs + 1, i + 1, j + 1
        elif said[i] < true[j]:
            i += 1
        else:
            j += 1
    return pairs


def f1(pairs: int, said: int, true: int) -> float:
    """Give the F1 score: twice the pairs, over all sounds and all hits.

    Args:
        pairs: Hits that were given their sound.
        said: Sounds, right or wrong.
        true: Hits.

    Returns:
        0 to 1; NaN if there is neither a sound nor a hit.

    Examples:
        >>> f1(2, 3, 2)
        0.8
    """
    return 2 * pairs / (said + true) if said + true else float("nan")


def counts(
    curves: np.ndarray, hits: np.ndarray, limit: float, slack: int = 1
) -> tuple[int, int, int]:
    """Count pairs, sounds and hits over several films.

    Args:
        curves: One number per frame, (N, T).
        hits: 1 where the stick hits, else 0, (N, T).
        limit: Peaks above it ring.
        slack: How far apart a pair may be.

    Returns:
        Pairs, sounds and hits.
    """
    said = _listed(_peaks(curves) & (curves > limit))
    pairs = sum(_pairs(a, b, slack) for a, b in zip(said, _listed(hits), strict=True))
    return pairs, sum(map(len, said)), int(hits.sum())


def _listed(marks: np.ndarray) -> list[list[int]]:
    """List the frames that are marked, for each film of (N, T)."""
    return [np.flatnonzero(row).tolist() for row in marks]


def best_limit(curves: np.ndarray, hits: np.ndarray) -> float:
    """Find the limit with the largest F1 score on films whose hits are known.

    Args:
        curves: One number per frame, (N, T).
        hits: 1 where the stick hits, else 0, (N, T), at least one.

    Returns:
        One of 30 limits between the lowest peak and the highest; the lowest of the best.
    """
    peaks, truth = _peaks(curves), _listed(hits)
    limits = np.quantile(curves[peaks], np.linspace(0, 1, 30))

    def score(limit: float) -> float:
        said = _listed(peaks & (curves > limit))
        pairs = sum(_pairs(a, b, 1) for a, b in zip(said, truth, strict=True))
        return f1(pairs, sum(map(len, said)), int(hits.sum()))

    return float(limits[int(np.argmax([score(limit) for limit in limits]))])


def _ordered(said: np.ndarray, true: np.ndarray, slack: int) -> None:
    for name, frames in (("said", said), ("true", true)):
        if np.any(np.diff(frames) <= 0):
            raise ValueError(f"matched(): {name} is not in order")
    if slack < 0:
        raise ValueError(f"matched(): slack must be 0 or more, got {slack}")


def _some(hits: np.ndarray, **_: object) -> None:
    if not hits.any():
        raise ValueError("best_limit(): hits holds no hit")


def _few(pairs: int, said: int, true: int) -> None:
    if not 0 <= pairs <= min(said, true):
        raise ValueError(f"f1(): {pairs} pairs of {said} sounds and {true} hits")


_FILMS = {"curves": "(N, T), not empty", "hits": "(N, T) of 0 and 1"}
takes(rings, {"curve": "(T,)", "limit": "() of any numbers"})
takes(
    matched,
    {"said": "(R,) of integers", "true": "(S,) of integers", "slack": "() of integers"},
    also=_ordered,
)
takes(f1, dict.fromkeys(("pairs", "said", "true"), "() of integers"), also=_few)
takes(counts, _FILMS | {"limit": "() of any numbers", "slack": "() of integers"})
takes(best_limit, _FILMS, also=_some)
