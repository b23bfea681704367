"""BLEU: how much a translation has in common with a right one.

Source: Papineni et al. (2002), "BLEU: a method for automatic evaluation of machine translation",
ACL, section 2, with one right translation per sentence and nothing smoothed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp, log


def runs(pieces: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """Count the runs of `n` pieces (letters of a string, or words of a list).

    Examples:
        >>> runs("elle", 1)[("l",)]
        2
    """
    return Counter(tuple(pieces[i : i + n]) for i in range(len(pieces) - n + 1))


def bleu(
    said: Sequence[Sequence[str]],
    right: Sequence[Sequence[str]],
    longest: int = 4,
) -> float:
    """Score translations against the right ones, from 0 to 1.

    Args:
        said: What was written, N sequences of pieces.
        right: What should have been, N sequences.
        longest: Runs of 1 to so many pieces count.

    Returns:
        The geometric mean of the shares of runs that are right, times a penalty if what was said
        is shorter than what is right; 0 if a length has no right run.

    Raises:
        ValueError: If the two sides differ in length, or nothing stands on the right one.

    Examples:
        >>> round(bleu(["fünfzehn"], ["fünfzig"]), 3)
        0.517
    """
    if not any(right):
        raise ValueError("bleu(): there is no right translation")
    logs = []
    for n in range(1, longest + 1):
        pairs = zip(said, right, strict=True)
        counts = [(runs(a, n), runs(b, n)) for a, b in pairs]
        hits = sum((a & b).total() for a, b in counts)
        if not hits:
            return 0.0
        logs.append(log(hits / sum(a.total() for a, _ in counts)))
    short = sum(map(len, right)) / sum(map(len, said))
    return exp(min(0, 1 - short) + sum(logs) / longest)
