"""A row for each query: scaled dot-product attention with a causal mask, without a loop."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("A row for each query")


@exercise.solution
def causal_attention(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Mix values by scaled dot-product attention in which no word looks at a later one.

    The scores are divided by the square root of D, and word t listens to words 0 to t.

    Args:
        Q: Queries, (T, D).
        K: Keys, (T, D).
        V: Values, (T, M).

    Returns:
        The mixed values, (T, M).
    """
    scores = Q @ K.T / np.sqrt(Q.shape[1])  # (T, T)
    scores = np.where(np.tri(len(Q), dtype=bool), scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) @ V


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one word",
        np.ones((1, 1)),
        np.ones((1, 1)),
        np.array([[4.0, 0.0]]),
        hint="A word alone listens to itself: its share is 1.",
    )
    yield Case(
        "the two words of the page, as keys and as queries",
        np.array([[0, np.log(3)], [np.log(3), 0]]) * np.sqrt(2),
        np.eye(2),
        np.array([[4.0, 0], [0, 8]]),
        hint="The first word may hear only itself. The second has the scores log 3 and 0: its mix "
        "is (3, 2). Print your shares.",
    )
    for words, d, m in ((3, 4, 2), (5, 9, 3), (6, 2, 6)):
        yield Case(
            f"{words} words, queries of {d} numbers, values of {m}",
            2 * rng.normal(size=(words, d)),
            2 * rng.normal(size=(words, d)),
            rng.normal(size=(words, m)),
            hint="Each row of shares must add up to 1, with zeros to the right of the diagonal.",
        )
    yield Case(
        "scores in the thousands",
        np.array([[30.0, 0], [0, 40], [50, 50]]),
        np.array([[40.0, 0], [0, 50], [50, 49]]),
        rng.normal(size=(3, 2)),
        hint="exp of such a score is larger than any float.",
    )


def _shares(scores: np.ndarray, axis: int = 1) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _hidden(scores: np.ndarray, fill: float = -np.inf) -> np.ndarray:
    return np.where(np.tri(len(scores), dtype=bool), scores, fill)


@exercise.wrong("Nothing is masked: your words listen to later ones too.")
def sees_all(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Forget the mask."""
    return _shares(Q @ K.T / np.sqrt(Q.shape[1])) @ V


@exercise.wrong("Your scores are not divided by √D.")
def unscaled(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Forget to divide."""
    return _shares(_hidden(Q @ K.T)) @ V


@exercise.wrong("You divide by D; it is the square root of D.")
def by_d(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Divide by D."""
    return _shares(_hidden(Q @ K.T / Q.shape[1])) @ V


@exercise.wrong("You divide by the root of the number of words: D is the number of columns of Q.")
def by_words(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Divide by the root of T."""
    return _shares(_hidden(Q @ K.T / np.sqrt(len(Q)))) @ V


@exercise.wrong(
    "A masked word has the score 0, and e⁰ is 1: it still gets a share. Which has none?"
)
def zero_score(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Mask with 0 instead of -inf."""
    return _shares(_hidden(Q @ K.T / np.sqrt(Q.shape[1]), 0)) @ V


@exercise.wrong(
    "You mask the shares, so that a row no longer adds up to 1: mask the scores, before softmax."
)
def masked_late(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Mask after softmax."""
    return _hidden(_shares(Q @ K.T / np.sqrt(Q.shape[1])), 0) @ V


@exercise.wrong(
    "Your words listen to themselves and to later ones: the mask is the wrong way round."
)
def future(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Mask the past."""
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    return _shares(np.where(np.tri(len(Q), dtype=bool).T, scores, -np.inf)) @ V


@exercise.wrong("Your columns add up to 1, not your rows: softmax runs over the keys of one query.")
def columns(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Softmax over the queries."""
    return _shares(_hidden(Q @ K.T / np.sqrt(Q.shape[1])), axis=0) @ V


@exercise.wrong("Queries and keys have changed places: row t of the scores belongs to query t.")
def swapped(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Take K Qᵀ."""
    return causal_attention(K, Q, V)


@exercise.wrong("These are the shares: multiply them by V.")
def shares_only(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Return the shares."""
    return _shares(_hidden(Q @ K.T / np.sqrt(Q.shape[1])))


@exercise.wrong(
    "Right on small scores, but exp of a large one is beyond any float. Shares stay the same when "
    "you take the row's largest score from all of them first."
)
def overflows(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Take exp of the scores as they are."""
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(_hidden(Q @ K.T / np.sqrt(Q.shape[1])))
        return powers / powers.sum(axis=1, keepdims=True) @ V
