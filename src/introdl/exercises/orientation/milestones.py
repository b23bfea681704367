"""Alpha-beta on a tree of two moves: what may be left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Count what alpha–beta looks at")


@exercise.solution
def prune(A: np.ndarray) -> np.ndarray:
    """Work out a tree of two moves, and leave out what cannot change its value.

    Row i has the answers to your move i; the other player takes the smallest. Rows are looked at
    from the top, each from the left. A row is left as soon as one of its numbers is no larger than
    the best so far.

    Args:
        A: What you get after each move and answer, (M, K).

    Returns:
        The value of the tree, and how many entries were looked at, (2,).
    """
    return _prune(A)


def _prune(A: np.ndarray, cuts: bool = True, strict: bool = False) -> np.ndarray:
    best, looked = -np.inf, 0
    for row in A:
        smallest = np.inf
        for number in row:
            looked += 1
            smallest = min(smallest, number)
            if cuts and (smallest < best if strict else smallest <= best):
                break
        best = max(best, smallest)
    return np.array([best, looked], dtype=float)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the tree of the page",
        np.array([[3, 5], [2, 9]]),
        hint="A is worth 3. After the 2, the 9 is left out: three entries, value 3.",
    )
    yield Case(
        "a second move that is better",
        np.array([[2, 9], [3, 5]]),
        hint="Both rows must be looked at to their ends: four entries, value 3.",
    )
    yield Case(
        "an answer that equals the best",
        np.array([[4, 6, 5], [4, 1, 9]]),
        hint="The 4 of the second row is no larger than the best, 4: the row is left there.",
    )
    yield Case(
        "a row that is left after its second number",
        np.array([[4, 5, 6], [7, 3, 1], [5, 6, 9]]),
        hint="In the second row the 7 is no reason to stop, the 3 is. Eight entries, value 5.",
    )
    yield Case(
        "losses alone",
        np.array([[-3.0, -1.0], [-5.0, -2.0], [-2.0, -1.5]]),
        hint="The best is not above zero. Where does yours begin?",
    )
    for M, K in ((6, 4), (20, 7)):
        yield Case(
            f"{M} random moves with {K} answers",
            rng.integers(-9, 10, size=(M, K)),
            hint="On small trees it is right. Do you begin each row with a smallest of its own?",
        )


@exercise.wrong("You look at everything: leave a row once it cannot be better than the best.")
def everything(A: np.ndarray) -> np.ndarray:
    """Minimax without pruning."""
    return _prune(A, cuts=False)


@exercise.wrong(
    "You go on where a number equals the best. Such a row cannot be better either: leave it."
)
def goes_on_when_equal(A: np.ndarray) -> np.ndarray:
    """Stop only below the best."""
    return _prune(A, strict=True)


@exercise.wrong("You let the other player choose what is best for you: take the smallest of a row.")
def kind_opponent(A: np.ndarray) -> np.ndarray:
    """The largest of all."""
    return np.array([A.max(), A.size], dtype=float)


@exercise.wrong(
    "You take the smallest of the largest. Your move comes first: the largest of the smallest."
)
def other_way_round(A: np.ndarray) -> np.ndarray:
    """Who moves first is mixed up."""
    return -_prune(-A)


@exercise.wrong("You begin with a best of 0. A loss may be all that you can get: begin below all.")
def begins_at_zero(A: np.ndarray) -> np.ndarray:
    """The best is 0 at first."""
    padded = _prune(np.vstack([np.zeros((1, A.shape[1])), A]))
    return padded - [0, A.shape[1]]


@exercise.wrong("You stop all moves where one row is left: the rows after it need a look, too.")
def stops_all(A: np.ndarray) -> np.ndarray:
    """Return at the first cut."""
    best, looked = -np.inf, 0
    for row in A:
        smallest = np.inf
        for number in row:
            looked += 1
            smallest = min(smallest, number)
            if smallest <= best:
                return np.array([best, looked], dtype=float)
        best = max(best, smallest)
    return np.array([best, looked], dtype=float)
