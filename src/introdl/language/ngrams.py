"""N-gram models: the probability of the next letter, from counts of what followed the last ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np

from introdl.arguments import takes


def follow(text: str, length: int) -> dict[str, Counter[str]]:
    """Count, for each context of `length` letters in a text, which letter follows it how often.

    Examples:
        >>> follow("a cat sat", 1)["a"]
        Counter({'t': 2, ' ': 1})
    """
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for end in range(length, len(text)):
        found[text[end - length : end]][text[end]] += 1
    return dict(found)


def add_k(counts: np.ndarray, totals: np.ndarray, k: float, letters: int) -> np.ndarray:
    """Add `k` to the count of each letter, so that none is impossible.

    Args:
        counts: How often each letter followed its context, (T,).
        totals: How often that context was followed by any letter, (T,).
        k: What is added, above 0.
        letters: How many letters there are.

    Returns:
        The probability of each letter, (T,) float64.
    """
    return (counts + k) / (totals + k * letters)


def interpolate(counts: np.ndarray, totals: np.ndarray, m: float, letters: int) -> np.ndarray:
    """Add `m` to each context's counts in all, shared out as the next shorter context says.

    Below the shortest context, of no letter, all letters have equal shares. So a context that was
    often seen is believed, and where one was never seen, the shorter one speaks (MacKay & Peto,
    1995, "A hierarchical Dirichlet language model", with one m for every length).

    Args:
        counts: How often each letter followed its context, (n, T): a row for each length of the
            context, from 0 letters to n - 1.
        totals: How often that context was followed by any letter, (n, T).
        m: What is added to each context, above 0.
        letters: How many letters there are.

    Returns:
        The probability of each letter, (T,) float64.
    """
    p = np.full(counts.shape[1], 1 / letters)
    for count, total in zip(counts, totals, strict=True):
        p = (count + m * p) / (total + m)
    return p


def bits(p: np.ndarray) -> float:
    """The mean surprise: -log2 of the probabilities (T,) that a model gave to what came."""
    with np.errstate(divide="ignore"):  # a letter of probability 0 is infinitely surprising
        return float(-np.log2(p).mean())


def perplexity(p: np.ndarray) -> float:
    """Two to the power of `bits`: from how many equally likely letters one guesses as badly."""
    return float(2 ** bits(p))


class NGrams:
    """Counts of a text: which letters followed each context of 0 to n - 1 letters.

    Args:
        text: What is counted.
        n: How many letters are looked at, the next one included.
        alphabet: All letters that there may be.

    Raises:
        ValueError: If the text has a letter that is not in the alphabet, which names each once.

    Examples:
        >>> model = NGrams("a cat sat at a mat", 2, " acmst")
        >>> counts, totals = model.after("a")
        >>> counts[1], totals[1, 0]
        (array([2., 0., 0., 0., 0., 4.]), np.float64(6.0))
    """

    def __init__(self, text: str, n: int, alphabet: str) -> None:
        if n < 1:
            raise ValueError(f"NGrams(): n must be 1 or more, got {n}")
        if len(set(alphabet)) < len(alphabet):
            raise ValueError(f"NGrams(): the alphabet names a letter twice: {alphabet!r}")
        self.n, self.alphabet = n, alphabet
        self._known("NGrams(): text", text)
        self.counts = [follow(text, length) for length in range(n)]

    def after(self, context: str) -> tuple[np.ndarray, np.ndarray]:
        """The counts of each letter of the alphabet after a context, and their totals.

        Returns:
            Both (n, V): a row for each length that is looked at, a column per letter. A context
            that is shorter than a row asks for counts there as one that was never seen.
        """
        counts = np.zeros((self.n, len(self.alphabet)))
        for length in range(self.n):
            # Of a shorter context, this is too short to be in the table.
            seen = self.counts[length].get(context[len(context) - length :], Counter())
            counts[length] = [seen[letter] for letter in self.alphabet]
        return counts, np.repeat(counts.sum(axis=1, keepdims=True), counts.shape[1], axis=1)

    def look_up(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The count of each letter of a text after those before it, and the total there.

        Returns:
            Both (n, T): a row for each length of the context, a column per letter of the text.
        """
        self._known("look_up(): text", text)
        counts, totals = np.zeros((2, self.n, len(text)))
        for length, table in enumerate(self.counts):
            for end in range(length, len(text)):
                seen = table.get(text[end - length : end])
                if seen is not None:
                    counts[length, end] = seen[text[end]]
                    totals[length, end] = seen.total()
        return counts, totals

    def write(self, begin: str, letters: int, *, m: float, rng: np.random.Generator) -> str:
        """Go on after `begin`: each letter is drawn with the probability from `interpolate`."""
        text = begin
        for _ in range(letters):
            p = interpolate(*self.after(text[-self.n :]), m, len(self.alphabet))
            text += self.alphabet[rng.choice(len(p), p=p)]
        return text[len(begin) :]

    def _known(self, what: str, text: str) -> None:
        if strange := set(text) - set(self.alphabet):
            raise ValueError(f"{what} has letters outside the alphabet: {sorted(strange)}")


def _counted(**given: Any) -> None:
    """Refuse counts that are none, or are more than their totals, and what is added to them."""
    counts, totals = given["counts"], given["totals"]
    if (counts < 0).any() or (counts > totals).any():
        raise ValueError("counts must lie between 0 and totals")
    name = "k" if "k" in given else "m"
    if not given[name] > 0 or given["letters"] < 1:
        raise ValueError(f"{name} must be above 0, and letters 1 or more")


takes(add_k, {"counts": "(T,)", "totals": "(T,)", "k": "()"}, also=_counted)
takes(interpolate, {"counts": "(n, T)", "totals": "(n, T)", "m": "()"}, also=_counted)
takes(bits, {"p": "(T,) in [0, 1], not empty"})
takes(perplexity, {"p": "(T,) in [0, 1], not empty"})
