"""How long to wait: wait-k, what can be known by then, and how far an interpreter lags behind.

Source: Ma et al. (2019), "STACL: Simultaneous translation with implicit anticipation and
controllable latency using prefix-to-prefix framework", ACL, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral

from introdl.applications.real_time_translation.numbers import Pair
from introdl.arguments import takes


def _whole(function: str, least: int, **counts: int) -> None:
    for name, count in counts.items():
        if not isinstance(count, Integral) or count < least:
            raise ValueError(f"{function}(): {name} is {count}, expected {least} or more, whole")


def grouped(pairs: Sequence[Pair], key: Callable[[Pair], object]) -> list[list[Pair]]:
    """Put pairs with the same key together.

    Examples:
        >>> grouped([(("one",), ("eins",)), (("two",), ("zwei",))], lambda pair: len(pair[0]))
        [[(('one',), ('eins',)), (('two',), ('zwei',))]]
    """
    groups: dict[object, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(key(pair), []).append(pair)
    return list(groups.values())


def wait_k(k: int, words: int, pieces: int) -> list[int]:
    """Count the words heard before each piece: first k, then one more for each piece.

    Source: Ma et al. (2019), section 3.2.

    Raises:
        ValueError: If a count is no whole number, or `k` is below 1, or another below 0.

    Examples:
        >>> wait_k(2, words=3, pieces=4)
        [2, 3, 3, 3]
    """
    _whole("wait_k", 1, k=k)
    _whole("wait_k", 0, words=words, pieces=pieces)
    return [min(k + t, words) for t in range(pieces)]


def following(pairs: Sequence[Pair], heard: Sequence[str], said: Sequence[str]) -> dict[str, int]:
    """Count the next pieces among all pairs that begin with what was heard and said.

    Raises:
        ValueError: If what was heard or said is one string.

    Examples:
        >>> following([(("forty", "one"), ("ein", "und"))], ["forty"], [])
        {'ein': 1}
    """
    if isinstance(heard, str) or isinstance(said, str):
        raise ValueError("following(): expected lists of words and of pieces, not one string")
    counts: dict[str, int] = {}
    for words, pieces in pairs:
        alike = words[: len(heard)] == tuple(heard) and pieces[: len(said)] == tuple(said)
        if alike and len(pieces) > len(said):
            piece = pieces[len(said)]
            counts[piece] = counts.get(piece, 0) + 1
    return counts


def ceiling(pairs: list[Pair], k: int) -> float:
    """Find the best share of pairs that wait-k can get right.

    Args:
        pairs: All that can occur, equally likely, each with its end.
        k: Words heard before the first piece.

    Raises:
        ValueError: If there are no pairs, or `k` is not a whole number from 1.
    """

    def right(alike, t):  # pairs with the same t pieces said
        if len(alike[0][1]) == t:
            return len(alike)  # all of them have ended
        total = 0
        for heard in grouped(alike, lambda pair: pair[0][: k + t]):
            # These sound the same, so one piece serves them all.
            pieces = grouped(heard, lambda pair: pair[1][t])
            total += max(right(some, t + 1) for some in pieces)
        return total

    return right(pairs, 0) / len(pairs)


def _askable(pairs: list[Pair], k: int) -> None:
    _whole("ceiling", 1, k=k)
    if not pairs:
        raise ValueError("ceiling(): pairs is empty")


# The page shows the function alone, so what it refuses stands here.
takes(ceiling, {}, also=_askable)


def lagging(heard: Sequence[int], words: int) -> float:
    """Find how many words an interpreter is behind on average.

    Source: Ma et al. (2019), section 4.2, "average lagging".

    Args:
        heard: Words heard before each piece.
        words: How many there are.

    Raises:
        ValueError: If no piece was said, or there are no words, or more were heard than there are.
    """
    _whole("lagging", 1, words=words)
    if not len(heard):
        raise ValueError("lagging(): heard is empty, expected a count for each piece")
    if max(heard) > words:
        raise ValueError(f"lagging(): heard is {max(heard)} at most, but there are {words} words")
    pace = words / len(heard)  # words per piece
    last = heard.index(words) if words in heard else len(heard) - 1
    counted = heard[: last + 1]
    return sum(g - t * pace for t, g in enumerate(counted)) / len(counted)
