"""Numbers from 1 to 9,999 as they are heard in English and said in German, piece by piece."""

from __future__ import annotations

from numbers import Integral

import torch

from introdl.applications.machine_translation.numbers import DICTIONARY, WORDS, english
from introdl.language.attention.numbers import END, GERMAN, TENS, UNITS, spell

#: The speaker falls silent. It is heard like a word, since only then nothing more can follow.
PAUSE = "(pause)"

#: All that can be heard; index 0 fills short numbers up.
HEARD = [*WORDS, PAUSE]

#: The most words, and the most pieces, of a number up to 9,999: its end counts on both sides.
LONGEST = 8

Pair = tuple[tuple[str, ...], tuple[str, ...]]


def pair(number: int) -> Pair:
    """Spell a number: English words as heard, German pieces as said, each with its end.

    Raises:
        ValueError: If the number is not a whole one from 1 to 9,999.

    Examples:
        >>> pair(47)
        (('forty', 'seven', '(pause)'), ('sieben', 'und', 'vierzig', '<end>'))
    """
    if not isinstance(number, Integral):
        raise ValueError(f"pair(): number is {number!r:.40}, expected a whole one")
    pieces = tuple(spell(number)[1])
    return (*english(number), PAUSE), pieces


def encode(numbers: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Spell numbers as indices, filled up with 0 on the right.

    Returns:
        Words, places in `HEARD`, (N, 8); pieces, places in `GERMAN`, (N, 8); and how many words
        each has, (N,); all int64.

    Raises:
        ValueError: If there are none, or one is not a whole number from 1 to 9,999.
    """
    if not numbers:
        raise ValueError("encode(): numbers is empty")
    pairs = [pair(number) for number in numbers]
    sides = [
        [[names.index(name) for name in one] + [0] * (LONGEST - len(one)) for one in some]
        for names, some in zip((HEARD, GERMAN), zip(*pairs, strict=True), strict=True)
    ]
    words, pieces = (torch.tensor(side) for side in sides)
    return words, pieces, (words > 0).sum(dim=1)


def decode(pieces: torch.Tensor) -> list[tuple[str, ...]]:
    """Turn rows of places in `GERMAN`, (N, T), into pieces up to the first end.

    Examples:
        >>> decode(encode([47])[1])
        [('sieben', 'und', 'vierzig', '<end>')]
    """
    rows = [[GERMAN[i] for i in row if i] for row in pieces.tolist()]
    return [tuple(row[: row.index(END) + 1] if END in row else row) for row in rows]


def by_rule(words: tuple[str, ...]) -> tuple[tuple[str, ...], list[int]]:
    """Interpret by hand: after tens, and after "one" as the first word, wait for one more word.

    "And" has no German, so nothing is said at it.

    Args:
        words: As heard, with the pause.

    Returns:
        The pieces, and how many words had been heard before each.

    Examples:
        >>> by_rule(("forty", "seven", "(pause)"))
        (('sieben', 'und', 'vierzig', '<end>'), [2, 2, 2, 3])
    """
    pieces: list[str] = []
    heard: list[int] = []
    for count, word in enumerate(words, 1):
        before = words[count - 2] if count > 1 else ""
        now = []
        if count == 2 and before == "one":
            now.append("eins" if word == PAUSE else "ein")
        if before in TENS[2:]:
            now += [DICTIONARY[word], "und"] if word in UNITS else []
            now.append(DICTIONARY[before])
        elif word == "one":
            now += {"": [], "and": ["eins"]}.get(before, ["ein"])
        elif word != PAUSE and word not in TENS[2:] and word != "and":
            now.append(DICTIONARY[word])
        if word == PAUSE:
            now.append(END)
        pieces += now
        heard += [count] * len(now)
    return tuple(pieces), heard
