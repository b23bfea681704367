"""Top-p for shares in any order: the fewest likeliest tokens that hold a share together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Top-p for shares in any order")


@exercise.solution
def nucleus(p: np.ndarray, share: float) -> np.ndarray:
    """Keep the likeliest tokens, as few as hold a share together, and scale them to add up to 1.

    Args:
        p: The share of each token, in any order, (V,); together 1.
        share: What the kept ones must hold together at least, above 0, at most 1.

    Returns:
        The new shares, in the order of `p`, (V,): 0 for what is cut off. Of equal shares the
        earlier is kept first.
    """
    order = np.argsort(-p, kind="stable")
    together = np.cumsum(p[order])
    stay = order[: np.sum(together < share - 1e-9) + 1]
    kept = np.zeros(len(p))
    kept[stay] = p[stay]
    return kept / kept.sum()


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the five tokens of the page, sorted, with 0.8",
        np.array([0.5, 0.2, 0.15, 0.1, 0.05]),
        0.8,
        hint="The page has done it by hand: three stay, with 0.588, 0.235 and 0.176.",
    )
    yield Case(
        "the same five in another order",
        np.array([0.1, 0.5, 0.05, 0.2, 0.15]),
        0.8,
        hint="The likeliest are at places 1, 3 and 4, and there the new shares stand.",
    )
    yield Case(
        "one token that is nearly sure",
        np.array([0.03, 0.9, 0.05, 0.02]),
        0.8,
        hint="0.9 alone reaches 0.8.",
    )
    yield Case(
        "a share that is reached exactly",
        np.array([0.125, 0.25, 0.5, 0.125]),
        0.75,
        hint="0.5 and 0.25 hold 0.75: that is enough.",
    )
    yield Case(
        "equal shares",
        np.array([0.25, 0.25, 0.25, 0.25]),
        0.5,
        hint="Two of four equal ones hold 0.5. The first two stay.",
    )
    yield Case(
        "a share of 1",
        np.array([0.2, 0.5, 0.3]),
        1.0,
        hint="Nothing is cut off.",
    )
    for size, share in ((6, 0.6), (12, 0.9), (12, 0.3)):
        p = rng.dirichlet(np.full(size, 0.8))
        yield Case(
            f"{size} random shares, and {share}",
            p,
            share,
            hint="Print the sorted shares and their running sum.",
        )


def _kept(p: np.ndarray, stay: np.ndarray) -> np.ndarray:
    """New shares of the places that stay."""
    kept = np.zeros(len(p))
    kept[stay] = p[stay]
    return kept / kept.sum() if kept.any() else kept


def _enough(p: np.ndarray, share: float) -> tuple[np.ndarray, int]:
    """The places from the likeliest on, and how many of them are needed."""
    order = np.argsort(-p, kind="stable")
    return order, int(np.sum(np.cumsum(p[order]) < share - 1e-9)) + 1


@exercise.wrong("The token that reaches the share is missing: it also stays.")
def one_too_few(p: np.ndarray, share: float) -> np.ndarray:
    """Stop before the share is reached."""
    order = np.argsort(-p, kind="stable")
    return _kept(p, order[: np.sum(np.cumsum(p[order]) <= share + 1e-9)])


@exercise.wrong("One token too many stays where those before it hold the share exactly.")
def one_too_many(p: np.ndarray, share: float) -> np.ndarray:
    """Go on when the share is reached exactly."""
    order = np.argsort(-p, kind="stable")
    return _kept(p, order[: np.sum(np.cumsum(p[order]) <= share + 1e-9) + 1])


@exercise.wrong("You take the shares in the order in which they stand: start with the likeliest.")
def unsorted(p: np.ndarray, share: float) -> np.ndarray:
    """Add the shares up as they stand."""
    return _kept(p, np.arange(int(np.sum(np.cumsum(p) < share - 1e-9)) + 1))


@exercise.wrong("The values are right, but sorted: put each back in its own place.")
def left_sorted(p: np.ndarray, share: float) -> np.ndarray:
    """Return the sorted shares."""
    return np.sort(nucleus(p, share))[::-1]


@exercise.wrong("What is kept does not add up to 1: divide by the sum of what is kept.")
def not_divided(p: np.ndarray, share: float) -> np.ndarray:
    """Forget the last step."""
    order, count = _enough(p, share)
    kept = np.zeros(len(p))
    kept[order[:count]] = p[order[:count]]
    return kept


@exercise.wrong(
    "You keep each token whose own share is large enough. What counts is what the kept ones hold "
    "together."
)
def each_alone(p: np.ndarray, share: float) -> np.ndarray:
    """Keep shares that are not below 1 - share."""
    return _kept(p, np.flatnonzero(p >= 1 - share - 1e-9))


@exercise.wrong("You start with the least likely tokens. Start with the likeliest.")
def from_below(p: np.ndarray, share: float) -> np.ndarray:
    """Sort the wrong way round."""
    order = np.argsort(p, kind="stable")
    return _kept(p, order[: int(np.sum(np.cumsum(p[order]) < share - 1e-9)) + 1])
