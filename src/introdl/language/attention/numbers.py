"""Number words from 1 to 9,999 in English and German, made by rule, and which belong together."""

from __future__ import annotations

import torch

END = "<end>"
UNITS = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"]
TEENS += ["seventeen", "eighteen", "nineteen"]
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
EINER = ["", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
ZEHNER = ["zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn"]
ZEHNER += ["siebzehn", "achtzehn", "neunzehn"]
ZIGER = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig"]
ZIGER += ["neunzig"]

#: Every word of each side; index 0 fills short numbers up, and stands before the first part.
ENGLISH = ["<fill>", *UNITS[1:], *TEENS, *TENS[2:], "hundred", "thousand", END]
GERMAN = ["<fill>", *EINER[1:], "eins", *ZEHNER, *ZIGER[2:], "und", "hundert", "tausend", END]


def spell(number: int) -> tuple[list[str], list[str], list[int]]:
    """Spell a number in both languages.

    Args:
        number: From 1 to 9,999.

    Returns:
        The English words; the parts of the German word; and for each part, the place of the
        English word that it translates, or -1 for "und", which translates none. Both end with
        `<end>`.

    Raises:
        ValueError: If the number is not from 1 to 9,999.

    Examples:
        >>> spell(321)[0]
        ['three', 'hundred', 'twenty', 'one', '<end>']
        >>> spell(321)[1]
        ['drei', 'hundert', 'ein', 'und', 'zwanzig', '<end>']
        >>> spell(321)[2]
        [0, 1, 3, -1, 2, 4]
    """
    if not 1 <= number <= 9999:
        raise ValueError(f"spell(): number is {number}, expected 1 to 9,999")
    english: list[str] = []
    german: list[str] = []
    sources: list[int] = []

    def add(word: str, part: str) -> None:
        sources.append(len(english))
        english.append(word)
        german.append(part)

    rest = number
    for size, word, part in ((1000, "thousand", "tausend"), (100, "hundred", "hundert")):
        count, rest = divmod(rest, size)
        if count:
            add(UNITS[count], EINER[count])
            add(word, part)
    tens, unit = divmod(rest, 10)
    if tens == 1:
        add(TEENS[unit], ZEHNER[unit])
    elif tens and unit:
        # The two change places: twenty one, ein und zwanzig.
        sources += [len(english) + 1, -1, len(english)]
        english += [TENS[tens], UNITS[unit]]
        german += [EINER[unit], "und", ZIGER[tens]]
    elif tens:
        add(TENS[tens], ZIGER[tens])
    elif unit:
        add(UNITS[unit], "eins" if unit == 1 else EINER[unit])
    add(END, END)
    return english, german, sources


def encode(numbers: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Spell numbers as indices into `ENGLISH` and `GERMAN`, filled up with 0 on the right.

    Returns:
        English words (N, S), German parts (N, T), and the place that each part translates, (N, T),
        -1 where it translates none; all int64.
    """
    spelt = [spell(number) for number in numbers]
    sides = [
        [[ENGLISH.index(word) for word in english] for english, _, _ in spelt],
        [[GERMAN.index(part) for part in german] for _, german, _ in spelt],
        [sources for _, _, sources in spelt],
    ]
    filled = []
    for rows, fill in zip(sides, (0, 0, -1), strict=True):
        longest = max(map(len, rows))
        filled.append(torch.tensor([row + [fill] * (longest - len(row)) for row in rows]))
    return filled[0], filled[1], filled[2]
