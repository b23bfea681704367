"""A small grammar that writes English-like sentences, and whose entropy is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

#: The ways to write a symbol: each with its probability, and the symbols and words that it gives.
Rules = Mapping[str, list[tuple[float, str]]]

_WORDS = {
    "one": "dog cat bird child teacher",
    "many": "dogs cats birds children teachers",
    "rests one": "sleeps sings waits laughs",
    "rests many": "sleep sing wait laugh",
    "meets one": "sees hears follows likes",
    "meets many": "see hear follow like",
}


def _about(number: str) -> dict[str, list[tuple[float, str]]]:
    """The rules of a noun phrase and its verb, for one number."""
    few = "a" if number == "one" else "some"
    return {
        f"THING_{number}": [
            (0.55, f"the NOUN_{number} THAT_{number}"),
            (0.45, f"{few} NOUN_{number} THAT_{number}"),
        ],
        # "that sees the dogs" asks for the number of its noun; "that the dogs see" does not.
        f"THAT_{number}": [
            (0.70, ""),
            (0.15, f"that DOES_{number}"),
            (0.075, "that THING_one VERB_meets_one"),
            (0.075, "that THING_many VERB_meets_many"),
        ],
        f"DOES_{number}": [
            (0.50, f"VERB_rests_{number}"),
            (0.25, f"VERB_meets_{number} THING_one"),
            (0.25, f"VERB_meets_{number} THING_many"),
        ],
    }


def _rules() -> Rules:
    words = {
        f"{'VERB_' if ' ' in kind else 'NOUN_'}{kind.replace(' ', '_')}": [
            (1 / len(line.split()), word) for word in line.split()
        ]
        for kind, line in _WORDS.items()
    }
    start = {"SENTENCE": [(0.5, "THING_one DOES_one ."), (0.5, "THING_many DOES_many .")]}
    return start | _about("one") | _about("many") | words


@dataclass(frozen=True)
class Grammar:
    """A probabilistic context-free grammar, each of whose sentences is written in one way only.

    Then the entropy of a sentence is that of the choices that write it, and so a sum: of a rule's
    own entropy, and of the expected entropy of what the rule asks for (Soule, 1974, "Entropies
    of probabilistic grammars"). Linear equations give it exactly.

    Args:
        rules: By symbol, the ways to write it; what is no symbol is a word.
        start: The symbol of a whole sentence.

    Raises:
        ValueError: If the probabilities of a symbol do not add up to 1, or if its sentences may
            never end.
    """

    rules: Rules
    start: str = "SENTENCE"

    def __post_init__(self) -> None:
        for symbol, options in self.rules.items():
            total = math.fsum(p for p, _ in options)
            if min(p for p, _ in options) <= 0 or not math.isclose(total, 1):
                raise ValueError(
                    f"Grammar(): the probabilities of {symbol} must be above 0 and add up to 1, "
                    f"got {[p for p, _ in options]}"
                )
        growth = float(np.abs(np.linalg.eigvals(self._uses())).max())
        if growth >= 1:
            raise ValueError(
                f"Grammar(): a sentence may never end: each round of rules asks for {growth:.3g} "
                "times as many as the one before; lower the probability of those that nest"
            )

    def sample(self, n: int, *, rng: np.random.Generator) -> list[str]:
        """Draw `n` sentences, each as text: words with spaces between, and a full stop."""
        return [self._text(self._draw(rng)) for _ in range(n)]

    def parses(self, sentence: str) -> list[float]:
        """The probability of each way to write a sentence: one for a sentence of the grammar."""
        words = tuple(sentence.replace(".", " .").split())

        def ways(symbols: tuple[str, ...], place: int) -> list[tuple[float, int]]:
            if not symbols:
                return [(1.0, place)]
            first, rest = symbols[0], symbols[1:]
            if first not in self.rules:
                return ways(rest, place + 1) if words[place : place + 1] == (first,) else []
            return [
                (p * inner * outer, end)
                for p, written in self.rules[first]
                for inner, middle in ways(tuple(written.split()), place)
                for outer, end in ways(rest, middle)
            ]

        return [p for p, end in ways((self.start,), 0) if end == len(words)]

    def bits(self, sentence: str) -> float:
        """Minus log2 of a sentence's probability; infinite if the grammar cannot write it."""
        p = sum(self.parses(sentence))
        return -math.log2(p) if p else math.inf

    def entropy(self) -> float:
        """The entropy per sentence in bits: the mean of `bits` over all sentences, exactly."""
        return self._expected(lambda p, _: -math.log2(p))

    def words(self) -> float:
        """The expected number of words per sentence; its full stop counts as one."""
        return self._expected(
            lambda _, written: sum(word not in self.rules for word in written.split())
        )

    def characters(self) -> float:
        """The expected length of a sentence, the one space or line end behind it included."""
        # A full stop takes no space before it: its own character, and the one of the sentence.
        return self._expected(
            lambda _, written: sum(
                len(word) + (word != ".") for word in written.split() if word not in self.rules
            )
        )

    def _uses(self) -> np.ndarray:
        """How often a symbol, by row, is expected to ask for another at once, by column."""
        place = {symbol: i for i, symbol in enumerate(self.rules)}
        uses = np.zeros((len(place), len(place)))
        for symbol, options in self.rules.items():
            for p, written in options:
                for inner in written.split():
                    if inner in place:
                        uses[place[symbol], place[inner]] += p
        return uses

    def _expected(self, cost: Callable[[float, str], float]) -> float:
        """The expected sum of a rule's cost over all rules that write one sentence."""
        own = [
            math.fsum(p * cost(p, written) for p, written in options)
            for options in self.rules.values()
        ]
        # Each symbol's cost is its own and that of the symbols which it asks for.
        costs = np.linalg.solve(np.eye(len(own)) - self._uses(), own)
        return float(costs[list(self.rules).index(self.start)])

    def _draw(self, rng: np.random.Generator) -> list[str]:
        written, waiting = [], [self.start]
        while waiting:
            symbol = waiting.pop()
            if symbol not in self.rules:
                written.append(symbol)
                continue
            options = self.rules[symbol]
            chosen = rng.choice(len(options), p=[p for p, _ in options])
            waiting += reversed(options[chosen][1].split())
        return written

    @staticmethod
    def _text(words: list[str]) -> str:
        return " ".join(words).replace(" .", ".")


def grammar() -> Grammar:
    """Make the course's own grammar: synthetic sentences whose entropy is known exactly.

    Things do something to things: "some dogs that the cat sees sleep." A verb agrees in number
    with its subject, which may stand far before it: a noun may carry a clause with *that*, whose
    nouns may carry more. Each sentence can be written in one way only, and ends for certain.

    Returns:
        The grammar. Per sentence and the space or line end behind it, its entropy is
        `entropy()` bits; per character `entropy() / characters()`, per word `entropy() / words()`.

    Examples:
        >>> import numpy as np
        >>> rules = grammar()
        >>> rules.sample(2, rng=np.random.default_rng(0))
        ['the dogs like some children.', 'some dogs that the child likes hear the dog.']
        >>> round(rules.entropy(), 2), round(rules.entropy() / rules.characters(), 3)
        (15.09, 0.468)
    """
    return Grammar(_rules())
