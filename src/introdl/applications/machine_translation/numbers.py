"""Number words in English and German, and three ways to translate them without a net."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from num2words import num2words

from introdl.language.attention.numbers import EINER, TEENS, TENS, UNITS, ZEHNER, ZIGER

FILL, END = "<fill>", "<end>"

#: Every English word, and every letter of the German ones; index 0 fills short ones up.
WORDS = [FILL, *UNITS[1:], *TEENS, *TENS[2:], "hundred", "thousand", "and"]
LETTERS = [FILL, *"abcdefghilnrstuvwzßöü", END]

#: The German of each English word; "and" has none, since "einhundertzwei" does without.
GERMAN = [*EINER[1:], *ZEHNER, *ZIGER[2:], "hundert", "tausend", ""]
DICTIONARY = dict(zip(WORDS[1:], GERMAN, strict=True))


def english(number: int) -> list[str]:
    """Spell a number from 1 to 99,999 as English words.

    Raises:
        ValueError: If the number is beyond.

    Examples:
        >>> english(47_302)
        ['forty', 'seven', 'thousand', 'three', 'hundred', 'and', 'two']
    """
    return _spelt("english", number, "en").replace("-", " ").replace(",", "").split()


def german(number: int) -> str:
    """Spell a number from 1 to 99,999 as one German word.

    Raises:
        ValueError: If the number is beyond.

    Examples:
        >>> german(47_302)
        'siebenundvierzigtausenddreihundertzwei'
    """
    return _spelt("german", number, "de")


@cache
def _spelt(name: str, number: int, language: str) -> str:
    if not 1 <= number <= 99_999:
        raise ValueError(f"{name}(): number is {number}, expected 1 to 99,999")
    return str(num2words(int(number), lang=language))


def word_by_word(words: list[str]) -> str:
    """Translate each word by itself, and leave the order as it is.

    Examples:
        >>> word_by_word(["forty", "seven"])
        'vierzigsieben'
    """
    return "".join(DICTIONARY[word] for word in words)


def by_rule(words: list[str]) -> str:
    """Translate by the dictionary and two rules written by hand.

    Examples:
        >>> by_rule(["forty", "one"])
        'einundvierzig'
        >>> by_rule(["one"])
        'eins'
    """
    parts = [""]
    for word in words:
        if word in UNITS and parts[-1].endswith("ig"):  # after tens
            parts[-1:] = [DICTIONARY[word], "und", parts[-1]]
        else:
            parts.append(DICTIONARY[word])
    return "".join(parts) + ("s" if parts[-1] == "ein" else "")


def nearest(asked: list[list[str]], known: list[list[str]]) -> list[int]:
    """Find, for each new sentence, the known one that shares the most words with it.

    Two sentences share a word as often as both have it. Twice the shared words, over the words of
    both, is largest; of equal ones the first.

    Returns:
        The place in `known` for each of `asked`.

    Examples:
        >>> nearest([["two", "hundred"]], [["two"], ["two", "thousand"], ["nine", "hundred"]])
        [0]
    """
    counts = [
        np.array([[sentence.count(word) for word in WORDS] for sentence in sentences])
        for sentences in (asked, known)
    ]
    shared = sum(np.minimum.outer(*column) for column in zip(counts[0].T, counts[1].T, strict=True))
    alike = 2 * shared / np.add.outer(*(count.sum(axis=1) for count in counts))
    return [int(place) for place in alike.argmax(axis=1)]


def encode(numbers: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Spell numbers as indices into `WORDS` and `LETTERS`, filled up with 0 on the right.

    Returns:
        English words, (N, S), and German letters, (N, T), each ending with `END`; both int64.
    """
    words = [[WORDS.index(word) for word in english(number)] for number in numbers]
    letters = [[LETTERS.index(letter) for letter in [*german(number), END]] for number in numbers]
    return _filled(words), _filled(letters)


def _filled(rows: list[list[int]]) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])


def decode(letters: torch.Tensor) -> list[str]:
    """Turn rows of letter indices, (N, T), into words that stop before the first `END`.

    Examples:
        >>> decode(encode([2, 11])[1])
        ['zwei', 'elf']
    """
    words = ["".join(LETTERS[i] for i in row) for row in letters.tolist()]
    return [word.split(END)[0].replace(FILL, "·") for word in words]
