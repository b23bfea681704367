"""The next letter: counts after one context, with k added to each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("The next letter")


@exercise.solution
def next_letter(text: str, context: str, k: float, alphabet: str) -> np.ndarray:
    """Count what follows a context, and give each letter its smoothed probability.

    Args:
        text: What is counted in; it holds letters of the alphabet only.
        context: What stands before the letters that count; it may be empty.
        k: What is added to the count of each letter, above 0.
        alphabet: All letters that there may be, V of them.

    Returns:
        The probability of each letter, in the order of the alphabet, (V,).
    """
    counts = np.zeros(len(alphabet))
    for end in range(len(context), len(text)):
        if text[end - len(context) : end] == context:
            counts[alphabet.index(text[end])] += 1
    return (counts + k) / (counts.sum() + k * len(alphabet))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the page's line, after a, with k = 1",
        "a cat sat at a mat",
        "a",
        1.0,
        " acmst",
        hint="The page does it by hand: t gets 5/12, the space 3/12, the others 1/12.",
    )
    yield Case(
        "the same line, after at, which also ends the line",
        "a cat sat at a mat",
        "at",
        0.5,
        "tsmca ",
        hint="The last two letters of the line have nothing after them.",
    )
    yield Case(
        "a context that overlaps itself",
        "aaaaaba",
        "aa",
        0.25,
        "cba",
        hint="In aaaa the context aa has a letter after it at two places.",
    )
    yield Case(
        "a context that never came",
        "a cat sat at a mat",
        "sm",
        2.0,
        " acmst",
        hint="Then all counts are 0, and all letters should be equally probable.",
    )
    for length in (0, 1, 2):
        text = "".join(rng.choice(list("abc"), size=40, p=[0.6, 0.3, 0.1]))
        yield Case(
            f"random letters, a context of {length}",
            f"aab{text}aa"[: 45 - length],
            "a" * length,
            float(rng.uniform(0.2, 2)),
            "dcbae",
            hint="Print your counts, and compare them with those you find by eye.",
        )


def _counts(text: str, context: str, alphabet: str) -> np.ndarray:
    """The counts of each letter after a context."""
    followers = [
        text[end]
        for end in range(len(context), len(text))
        if text[end - len(context) : end] == context
    ]
    return np.array([followers.count(letter) for letter in alphabet], dtype=float)


@exercise.wrong("They do not add up to 1: each letter got k more, so the total also grows.")
def old_total(text: str, context: str, k: float, alphabet: str) -> np.ndarray:
    """Divide by the counts alone."""
    counts = _counts(text, context, alphabet)
    with np.errstate(divide="ignore"):
        return (counts + k) / counts.sum()


@exercise.wrong("The total grows by k for each letter of the alphabet, not by k once.")
def k_once(text: str, context: str, k: float, alphabet: str) -> np.ndarray:
    """Add k to the total once."""
    counts = _counts(text, context, alphabet)
    return (counts + k) / (counts.sum() + k)


@exercise.wrong(
    "The total counts every place where the context stands; one at the end of the text has no "
    "letter after it, so it does not count."
)
def end_counts(text: str, context: str, k: float, alphabet: str) -> np.ndarray:
    """Count the context itself for the total."""
    counts = _counts(text, context, alphabet)
    total = counts.sum() + text.endswith(context)
    return (counts + k) / (total + k * len(alphabet))


@exercise.wrong(
    "Contexts that overlap are missed: str.count resumes after the end of each match. Go through "
    "the places of the text instead."
)
def no_overlap(text: str, context: str, k: float, alphabet: str) -> np.ndarray:
    """Count with str.count."""
    counts = np.array([text.count(context + letter) for letter in alphabet], dtype=float)
    return (counts + k) / (counts.sum() + k * len(alphabet))


@exercise.wrong(
    "The total grows by k for each letter of the alphabet; you add it for the letters of the text."
)
def letters_of_text(text: str, context: str, k: float, alphabet: str) -> np.ndarray:
    """Take the text's own letters for the alphabet's size."""
    counts = _counts(text, context, alphabet)
    return (counts + k) / (counts.sum() + k * len(set(text)))


@exercise.wrong("The values are right, but in another order: keep that of the alphabet.")
def in_order(text: str, context: str, k: float, alphabet: str) -> np.ndarray:
    """Sort the letters."""
    return next_letter(text, context, k, "".join(sorted(alphabet)))


@exercise.wrong("These are the smoothed counts: divide them by their sum.")
def not_divided(text: str, context: str, k: float, alphabet: str) -> np.ndarray:
    """Return the counts."""
    return _counts(text, context, alphabet) + k
