"""How long to wait: wait-k, what can be known by then, and how far an interpreter lags behind.

Source: Ma et al. (2019), "STACL: Simultaneous translation with implicit anticipation and
controllable latency using prefix-to-prefix framework", ACL, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from introdl.applications.real_time_translation.numbers import Pair


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

    Source: Ma et al. (2019), equation 2.

    Raises:
        ValueError: If `k` is below 1.

    Examples:
        >>> wait_k(2, words=3, pieces=4)
        [2, 3, 3, 3]
    """
    if k < 1:
        raise ValueError(f"wait_k(): k is {k}, expected 1 or more")
    return [min(k + t, words) for t in range(pieces)]


def following(pairs: Sequence[Pair], heard: Sequence[str], said: Sequence[str]) -> dict[str, int]:
    """Count the next pieces among all pairs that begin with what was heard and said.

    Examples:
        >>> following([(("forty", "one"), ("ein", "und"))], ["forty"], [])
        {'ein': 1}
    """
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


def lagging(heard: Sequence[int], words: int) -> float:
    """Find how many words an interpreter is behind on average.

    Source: Ma et al. (2019), equation 8, "average lagging".

    Args:
        heard: Words heard before each piece.
        words: How many there are.
    """
    pace = words / len(heard)  # words per piece
    last = heard.index(words) if words in heard else len(heard) - 1
    counted = heard[: last + 1]
    return sum(g - t * pace for t, g in enumerate(counted)) / len(counted)
