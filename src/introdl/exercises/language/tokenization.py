"""Cut a new text: merges in the order learned turn bytes into tokens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Cut a new text")


@exercise.solution
def encode(ids: np.ndarray, merges: np.ndarray) -> np.ndarray:
    """Make learned merges in one piece of text.

    Args:
        ids: The bytes of the piece, (n,), whole numbers from 0 to 255; there may be none.
        merges: The learned pairs in order, (M, 2); pair i makes token 256 + i.

    Returns:
        The tokens of the piece, a one-dimensional array of whole numbers.
    """
    tokens = [int(i) for i in ids]
    for rank, (first, second) in enumerate(merges):
        out: list[int] = []
        for token in tokens:
            if out and out[-1] == first and token == second:
                out[-1] = 256 + rank
            else:
                out.append(token)
        tokens = out
    return np.array(tokens, dtype=int)


def _bytes(text: str) -> np.ndarray:
    return np.array(list(text.encode()), dtype=int)


def _pairs(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(pairs, dtype=int).reshape(-1, 2)


IN, TH = (105, 110), (116, 104)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "thin, with the page's first two merges",
        _bytes("thin"),
        _pairs(IN, TH),
        hint="t h becomes 257, i n becomes 256.",
    )
    yield Case(
        "a piece in which one pair comes twice",
        _bytes("inkin"),
        _pairs(IN),
        hint="A merge is made everywhere its pair stands.",
    )
    yield Case(
        "thing, where a merge joins what two others made",
        _bytes("thing"),
        _pairs(IN, TH, (257, 256)),
        hint="The third merge needs the tokens 257 and 256.",
    )
    yield Case(
        "aaaaa, with a a as the only merge",
        _bytes("aaaaa"),
        _pairs((97, 97)),
        hint="From left to right: aa, aa, a.",
    )
    yield Case(
        "abc, where b c was learned before a b",
        _bytes("abc"),
        _pairs((98, 99), (97, 98)),
        hint="The merge that was learned first is made first, wherever its pair stands.",
    )
    yield Case(
        "an empty piece",
        _bytes(""),
        _pairs(IN),
        hint="Then there are no tokens.",
    )
    yield Case(
        "abab, without a single merge",
        _bytes("abab"),
        _pairs(),
        hint="The bytes stay as they are.",
    )
    for _ in range(3):
        ids = rng.integers(97, 100, size=40)
        merges = []
        for new in range(256, 262):
            tokens = [97, 98, 99, *range(256, new)]
            pair = tuple(int(token) for token in rng.choice(tokens, size=2))
            merges.append(pair if pair not in merges else (new - 1, 97))
        yield Case(
            "random letters and merges",
            ids,
            _pairs(*merges),
            hint="Print the tokens after each merge, and compare them with yours by hand.",
        )


def _merged(tokens: list[int], first: int, second: int, new: int) -> list[int]:
    out: list[int] = []
    for token in tokens:
        if out and out[-1] == first and token == second:
            out[-1] = new
        else:
            out.append(token)
    return out


@exercise.wrong("Your new tokens are numbered from 0, but 0 to 255 are the bytes: add 256.")
def no_offset(ids: np.ndarray, merges: np.ndarray) -> np.ndarray:
    """Number the merges from 0."""
    tokens = [int(i) for i in ids]
    for rank, (first, second) in enumerate(merges):
        tokens = _merged(tokens, first, second, rank)
    return np.array(tokens, dtype=int)


@exercise.wrong("A merge is made only at its first place; make it everywhere.")
def first_place(ids: np.ndarray, merges: np.ndarray) -> np.ndarray:
    """Merge once per pair."""
    tokens = [int(i) for i in ids]
    for rank, (first, second) in enumerate(merges):
        for at in range(len(tokens) - 1):
            if tokens[at] == first and tokens[at + 1] == second:
                tokens[at : at + 2] = [256 + rank]
                break
    return np.array(tokens, dtype=int)


@exercise.wrong("You make the merges from last to first; begin with the one learned first.")
def backwards(ids: np.ndarray, merges: np.ndarray) -> np.ndarray:
    """Go through the merges from the last one."""
    tokens = [int(i) for i in ids]
    for rank in reversed(range(len(merges))):
        tokens = _merged(tokens, *merges[rank], 256 + rank)
    return np.array(tokens, dtype=int)


@exercise.wrong(
    "You take the longest token that fits, from left to right. The order of the merges decides: "
    "in abc, with b c learned before a b, the a stays alone."
)
def longest(ids: np.ndarray, merges: np.ndarray) -> np.ndarray:
    """Take the longest token that fits."""
    names = {byte: (byte,) for byte in range(256)}
    for rank, (first, second) in enumerate(merges):
        names[256 + rank] = names[int(first)] + names[int(second)]
    tokens, rest = [], tuple(int(i) for i in ids)
    while rest:
        fits = [token for token, name in names.items() if rest[: len(name)] == name]
        tokens.append(max(fits, key=lambda token: (len(names[token]), -token)))
        rest = rest[len(names[tokens[-1]]) :]
    return np.array(tokens, dtype=int)


@exercise.wrong("Runs of one letter are merged from the right: aaa is aa, a, not a, aa.")
def from_the_right(ids: np.ndarray, merges: np.ndarray) -> np.ndarray:
    """Merge from right to left."""
    tokens = [int(i) for i in ids]
    for rank, (first, second) in enumerate(merges):
        tokens = _merged(tokens[::-1], second, first, 256 + rank)[::-1]
    return np.array(tokens, dtype=int)


@exercise.wrong("You look only at bytes: a merge may join tokens that other merges made.")
def bytes_only(ids: np.ndarray, merges: np.ndarray) -> np.ndarray:
    """Make merges of two bytes only."""
    tokens = [int(i) for i in ids]
    for rank, (first, second) in enumerate(merges):
        if first < 256 and second < 256:
            tokens = _merged(tokens, first, second, 256 + rank)
    return np.array(tokens, dtype=int)
