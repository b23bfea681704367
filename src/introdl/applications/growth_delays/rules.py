"""Rules that score each visit by the visits so far, and how to judge a flag."""

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes


def fall_since(
    age: np.ndarray,
    z: np.ndarray,
    months: float,
    start: float = 0,
) -> np.ndarray:
    """Say how far z has fallen since a visit some months ago.

    That is the latest one at least so long ago, or else the first one.
    What was before `start` is not counted.

    Args:
        age: In months, not falling, (N, T).
        z: (N, T).
        months: How far to look back.
        start: The age from which visits count.

    Returns:
        (N, T); 0 before `start` and at the first visit after it.

    Examples:
        >>> fall_since(np.array([[50, 60, 80]]), np.array([[1, 0.75, 0.25]]), 12)
        array([[0.  , 0.25, 0.5 ]])
    """
    rows, found = np.arange(len(z)), np.empty(z.shape)
    for t in range(z.shape[1]):
        known = age[:, : t + 1] >= start
        old = known & (age[:, : t + 1] <= age[:, t : t + 1] - months)
        latest = t - old[:, ::-1].argmax(axis=1)
        base = np.where(old.any(axis=1), latest, known.argmax(axis=1))
        fall = z[rows, base] - z[:, t]
        found[:, t] = np.where(known.any(axis=1), fall, 0)
    return found


def falls(age: np.ndarray, z: np.ndarray) -> np.ndarray:
    """List what a weighted sum may weigh at each visit, (N, T, 23).

    They are z and six falls, since the visit before up to the first; the same times the age; the
    same times its square; then the age and its square alone.

    Args:
        age: In months, not falling, (N, T).
        z: (N, T).
    """
    a = (age - 72) / 24
    base = [z, *(fall_since(age, z, m) for m in (0.1, 6, 12, 24, 36, 1000))]
    more = [np.ones_like(a), a, a**2]
    columns = [b * m for m in more for b in base]
    return np.stack([*columns, a, a**2], axis=-1)


class Judged(NamedTuple):
    """How good flags are at one limit.

    Attributes:
        false: The share of the well children who get a flag.
        found: The share of the ill ones who get a flag at or after the onset.
        months: From onset to flag, the mean over the ill; to the last visit if there is no flag.
    """

    false: float
    found: float
    months: float


def limit_for(score: np.ndarray, ill: np.ndarray, share: float) -> float:
    """Find the limit that a given share of the well children passes at some visit.

    Args:
        score: One for each visit, (N, T).
        ill: (N,) Boolean.
        share: From 0 to 1.
    """
    return float(np.quantile(score[~ill].max(axis=1), 1 - share))


def first_flags(score: np.ndarray, age: np.ndarray, onset: np.ndarray, limit: float) -> np.ndarray:
    """Give the age at the first visit at or after the onset whose score is above the limit.

    Args:
        score: One for each visit, (N, T).
        age: In months, (N, T).
        onset: The age at which an illness begins, 0 for the well, (N,).
        limit: What a score must pass.

    Returns:
        (N,); infinite where there is no flag.
    """
    flagged = (age >= onset[:, None]) & (score > limit)
    return np.where(flagged, age, np.inf).min(axis=1)


def judge(
    score: np.ndarray, age: np.ndarray, onset: np.ndarray, ill: np.ndarray, limit: float
) -> Judged:
    """Count the false flags, the flags that come, and the months until they come.

    Args:
        score: One for each visit, (N, T).
        age: In months, the last one repeated, (N, T).
        onset: The age at which an illness begins, 0 for the well, (N,).
        ill: (N,) Boolean; some are, some are not.
        limit: What a score must pass.
    """
    when = first_flags(score, age, onset, limit)
    flag = np.isfinite(when)
    months = np.where(flag, when, age[:, -1])[ill] - onset[ill]
    return Judged(float(flag[~ill].mean()), float(flag[ill].mean()), float(months.mean()))


def right_flags(found: float, false: float, base: float) -> float:
    """Say what share of the flags is right, by Bayes' rule.

    Args:
        found: The share of the ill who get a flag.
        false: The share of the well who get one.
        base: The share of the ill among all.

    Raises:
        ValueError: If nobody is flagged.

    Examples:
        >>> right_flags(found=1.0, false=0.25, base=0.2)
        0.5
    """
    right = base * found
    return right / (right + (1 - base) * false)


def _in_order(age: np.ndarray, **_: object) -> None:
    if (np.diff(age, axis=1) < 0).any():
        raise ValueError("age: the visits must be in order")


def _both(ill: np.ndarray, **_: object) -> None:
    if not 0 < ill.sum() < len(ill):
        raise ValueError("ill: some must be ill, and some well")


def _some_well(ill: np.ndarray, share: float, **_: object) -> None:
    if ill.all() or not 0 <= share <= 1:
        raise ValueError("limit_for(): ill: some must be well; share must lie in 0 to 1")


def _some_flag(found: float, false: float, base: float) -> None:
    if base * found + (1 - base) * false <= 0:
        raise ValueError("right_flags(): nobody is flagged: found and false must not both be 0")


_VISITS = {"age": "(N, T), not empty", "z": "(N, T)"}
_SCORED = {"score": "(N, T), not empty", "age": "(N, T)", "onset": "(N,)"}
takes(fall_since, _VISITS | {"months": "()", "start": "()"}, also=_in_order)
takes(falls, _VISITS, also=_in_order)
takes(limit_for, {"score": "(N, T), not empty", "ill": "(N,) of Booleans"}, also=_some_well)
takes(first_flags, _SCORED | {"limit": "()"})
takes(right_flags, dict.fromkeys(("found", "false", "base"), "() in [0, 1]"), also=_some_flag)
takes(judge, _SCORED | {"ill": "(N,) of Booleans", "limit": "()"}, also=_both)
