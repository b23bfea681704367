"""How far behind?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("How far behind?")


@exercise.solution
def average_lag(heard: list[int], words: int) -> float:
    """Tell how many words an interpreter is behind on average.

    Args:
        heard: How many words had been heard before each piece.
        words: How many words there are.

    Returns:
        The mean over the pieces up to the first at which everything had been heard, or over all
        pieces if there is none, of the words heard, minus what an interpreter without delay has
        heard.
    """
    behind = []
    for t, count in enumerate(heard):
        behind.append(count - t * words / len(heard))
        if count == words:
            break
    return sum(behind) / len(behind)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case("forty seven with wait-2", [2, 3, 3, 3], 3,
               hint="The second piece is the last that counts.")  # fmt: skip
    yield Case("forty seven, waiting for the pause", [3, 3, 3, 3], 3,
               hint="Only the first piece counts.")  # fmt: skip
    yield Case("a guess: the end is said before all has been heard", [1, 2, 3], 5,
               hint="Not everything was heard at any piece, so all of them count.")  # fmt: skip
    for words, pieces in ((7, 5), (6, 9), (12, 12)):
        heard = np.minimum(1 + np.sort(rng.integers(0, words + 2, size=pieces)), words)
        yield Case(f"{words} words and {pieces} pieces", heard.tolist(), words,
                   hint="Compare with an interpreter at the same share of the way.")  # fmt: skip


@exercise.wrong(
    "You count all pieces. Once everything has been heard, what follows is no longer waiting: stop "
    "after the first such piece."
)
def all_pieces(heard: list[int], words: int) -> float:
    """Forget to stop."""
    return sum(count - t * words / len(heard) for t, count in enumerate(heard)) / len(heard)


@exercise.wrong(
    "You subtract one word for each piece said. Without delay it is `words / len(heard)` for each."
)
def one_each(heard: list[int], words: int) -> float:
    """Take both sides as equally long."""
    last = heard.index(words) if words in heard else len(heard) - 1
    return sum(count - t for t, count in enumerate(heard[: last + 1])) / (last + 1)


@exercise.wrong(
    "You have the share upside down: words per piece is `words / len(heard)`, not the other way."
)
def upside_down(heard: list[int], words: int) -> float:
    """Divide the wrong way."""
    last = heard.index(words) if words in heard else len(heard) - 1
    behind = [count - t * len(heard) / words for t, count in enumerate(heard[: last + 1])]
    return sum(behind) / len(behind)


@exercise.wrong("Before the first piece, none has been said: count the pieces said from 0, not 1.")
def from_one(heard: list[int], words: int) -> float:
    """Count the piece that is about to be said."""
    last = heard.index(words) if words in heard else len(heard) - 1
    behind = [count - t * words / len(heard) for t, count in enumerate(heard[: last + 1], 1)]
    return sum(behind) / len(behind)


@exercise.wrong("The first piece at which everything had been heard still counts. You stop before.")
def stops_early(heard: list[int], words: int) -> float:
    """Leave out the last that counts."""
    last = heard.index(words) if words in heard else len(heard)
    behind = [count - t * words / len(heard) for t, count in enumerate(heard[: max(last, 1)])]
    return sum(behind) / len(behind)
