"""How many runs are right?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("How many runs are right?")


@exercise.solution
def right_runs(said: str, right: str, n: int) -> float:
    """Tell which share of the runs of `n` letters in `said` is right.

    Args:
        said: What was written, at least `n` letters.
        right: What should have been; each of its runs makes one run of `said` right, not more.
        n: Letters per run, 1 or more.

    Returns:
        A share from 0 to 1.
    """
    ours = Counter(said[i : i + n] for i in range(len(said) - n + 1))
    theirs = Counter(right[i : i + n] for i in range(len(right) - n + 1))
    hits = sum(min(count, theirs[run]) for run, count in ours.items())
    return hits / ours.total()


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case("fünfzehn for fünfzig, single letters", "fünfzehn", "fünfzig", 1,
               hint="Both have an n: how many does the right word have?")  # fmt: skip
    yield Case("fünfzehn for fünfzig, pairs", "fünfzehn", "fünfzig", 2,
               hint="Eight letters hold seven pairs.")  # fmt: skip
    yield Case("the right word with too much behind it", "zweizwei", "zwei", 2,
               hint="The right word has each pair once.")  # fmt: skip
    yield Case("a word that is too short", "sieben", "siebenundvierzig", 3,
               hint="Each run that was written is right.")  # fmt: skip
    for n in (1, 2, 3, 4):
        said, right = ("".join(rng.choice([*"abc"], size=size)) for size in (12, 9))
        yield Case(f"random letters, runs of {n}", said, right, n,
                   hint="Count each run on both sides, and compare the counts.")  # fmt: skip


def _runs(word: str, n: int) -> list[str]:
    return [word[i : i + n] for i in range(len(word) - n + 1)]


@exercise.wrong(
    "A run that was written twice counts twice for you, though the right word has it once. Count "
    "it at most as often as the right word has it."
)
def not_clipped(said: str, right: str, n: int) -> float:
    """Look only whether a run occurs."""
    return sum(run in right for run in _runs(said, n)) / len(_runs(said, n))


@exercise.wrong(
    "You count each different run once. A run that is written twice, and stands twice in the right "
    "word, counts twice."
)
def as_sets(said: str, right: str, n: int) -> float:
    """Forget how often."""
    ours, theirs = set(_runs(said, n)), set(_runs(right, n))
    return len(ours & theirs) / len(ours)


@exercise.wrong(
    "You divide by the runs of the right word. The task is the share of the runs that were written."
)
def of_the_right(said: str, right: str, n: int) -> float:
    """Compute the recall."""
    hits = (Counter(_runs(said, n)) & Counter(_runs(right, n))).total()
    return hits / len(_runs(right, n))


@exercise.wrong("You compare place by place. A run is right wherever it stands in the right word.")
def in_place(said: str, right: str, n: int) -> float:
    """Ask for the same place, too."""
    pairs = zip(_runs(said, n), _runs(right, n), strict=False)
    return sum(a == b for a, b in pairs) / len(_runs(said, n))


@exercise.wrong("You leave out the last run: a word of 8 letters has 7 runs of 2.")
def one_short(said: str, right: str, n: int) -> float:
    """Stop one run early."""
    ours = Counter(_runs(said, n)[:-1])
    return (ours & Counter(_runs(right, n))).total() / max(ours.total(), 1)
