"""Byte-level byte pair encoding (BPE): tokens made from text by merging frequent neighbours."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

Pair = tuple[int, int]

BYTES = 256
# Letters (with every byte above 127), digits, or other marks; each may have one space before it.
PIECE = re.compile(rb" ?[A-Za-z\x80-\xff]+| ?[0-9]+| ?[^ A-Za-z0-9\x80-\xff]+| ")


def split(text: str) -> list[bytes]:
    """Cut a text's UTF-8 bytes into pieces across which nothing is merged.

    A piece is a run of letters, of digits or of other marks, with the space before it. Bytes
    above 127, of which all characters outside ASCII consist, count as letters.

    Raises:
        ValueError: If the text holds half a character (a lone surrogate), which has no bytes.

    Examples:
        >>> split("In 1994, two  spaces")
        [b'In', b' 1994', b',', b' two', b' ', b' spaces']
    """
    try:
        return PIECE.findall(text.encode())
    except UnicodeEncodeError as error:
        raise ValueError(
            f"split(): place {error.start} of the text holds {text[error.start]!r}, half of a "
            "character; decode the text anew from its bytes"
        ) from None


def count_pairs(pieces: Iterable[Sequence[int]]) -> Counter[Pair]:
    """How often each two tokens stand side by side within a piece.

    Examples:
        >>> count_pairs([[1, 2, 1, 2], [2, 1]])
        Counter({(1, 2): 2, (2, 1): 2})
    """
    return Counter(pair for ids in pieces for pair in pairwise(ids))


def merge(ids: Sequence[int], pair: Pair, new: int) -> list[int]:
    """Put the token `new` wherever `pair` stands, from left to right.

    Examples:
        >>> merge([7, 7, 7, 8], (7, 7), 256)
        [256, 7, 8]
    """
    merged, at = [], 0
    while at < len(ids):
        if tuple(ids[at : at + 2]) == pair:
            merged.append(new)
            at += 2
        else:
            merged.append(ids[at])
            at += 1
    return merged


def train(text: str, merges: int) -> tuple[list[Pair], list[int]]:
    """Merge the most frequent pair of tokens, again and again (Sennrich et al., 2016, on bytes).

    The tokens are the 256 bytes at first; merge i makes token 256 + i. Of pairs that are equally
    frequent the smallest is taken: that whose first token has the smaller number, then the second.
    A pair is counted at each place, also where two overlap: "aaa" has a + a twice, though only one
    of them can be merged.

    Args:
        text: What is counted.
        merges: How many merges are made. It stops earlier when no pair comes twice.

    Returns:
        The merged pairs in order, and how often each was counted in the text just before.

    Examples:
        >>> train("aaa", 1)
        ([(97, 97)], [2])
    """
    if merges < 0:
        raise ValueError(f"train(): merges must be 0 or more, got {merges}")
    distinct = Counter(split(text))
    pieces, times = [list(piece) for piece in distinct], list(distinct.values())
    counts: Counter[Pair] = Counter()
    places: defaultdict[Pair, set[int]] = defaultdict(set)

    def count(place: int, sign: int) -> None:
        for pair, found in count_pairs([pieces[place]]).items():
            counts[pair] += sign * found * times[place]
            places[pair].add(place)

    for place in range(len(pieces)):
        count(place, 1)
    order: list[Pair] = []
    frequencies: list[int] = []
    for new in range(BYTES, BYTES + merges):
        pair = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
        if pair is None or counts[pair] < 2:
            break
        order.append(pair)
        frequencies.append(counts[pair])
        # Only the pieces with this pair change; the others keep their counts.
        for place in places.pop(pair):
            count(place, -1)
            pieces[place] = merge(pieces[place], pair, new)
            count(place, 1)
        counts += Counter()  # drops pairs that are gone
        places.pop(pair, None)
    return order, frequencies


class BPE:
    """A tokenizer: merges in their order turn text into token numbers, and back.

    Args:
        merges: Pairs of tokens; pair i makes token 256 + i of tokens with smaller numbers.

    Raises:
        ValueError: If a pair names a token that is not there before it.

    Examples:
        >>> bpe = BPE([(105, 110), (116, 104)])  # i + n, t + h
        >>> bpe.encode("thin")
        [257, 256]
        >>> bpe.decode([257, 256])
        'thin'
        >>> bpe.tokens[257]
        b'th'
    """

    def __init__(self, merges: Iterable[Pair]) -> None:
        self.merges = [(int(first), int(second)) for first, second in merges]
        self.tokens = [bytes([byte]) for byte in range(BYTES)]
        for rank, pair in enumerate(self.merges):
            if not all(0 <= token < len(self.tokens) for token in pair):
                raise ValueError(
                    f"BPE(): merge {rank} is {pair}, but only tokens 0 to "
                    f"{len(self.tokens) - 1} exist before it"
                )
            self.tokens.append(self.tokens[pair[0]] + self.tokens[pair[1]])
        self.ranks: dict[Pair, int] = {}
        for rank, pair in enumerate(self.merges):
            self.ranks.setdefault(pair, rank)

    def encode(self, text: str) -> list[int]:
        """The token numbers of a text: in each piece, the earliest learnt merge goes first."""
        known: dict[bytes, list[int]] = {}
        ids: list[int] = []
        for piece in split(text):
            if piece not in known:
                known[piece] = self.steps(piece)[-1]
            ids += known[piece]
        return ids

    def steps(self, piece: bytes) -> list[list[int]]:
        """One piece's tokens before the first merge, and after each."""
        found = [list(piece)]
        while True:
            ids = found[-1]
            pair = min(
                pairwise(ids),
                key=lambda pair: self.ranks.get(pair, len(self.merges)),
                default=None,
            )
            if pair not in self.ranks:
                return found
            found.append(merge(ids, pair, BYTES + self.ranks[pair]))

    def decode(self, ids: Iterable[int]) -> str:
        """The text of token numbers. Bytes that make no whole character become U+FFFD."""
        ids = list(ids)
        for place, token in enumerate(ids):
            if not 0 <= token < len(self.tokens):
                raise ValueError(
                    f"decode(): number {place} is {token}, but tokens have numbers from 0 to "
                    f"{len(self.tokens) - 1}"
                )
        return b"".join(self.tokens[token] for token in ids).decode(errors="replace")
