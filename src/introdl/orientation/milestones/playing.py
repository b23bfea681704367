"""Players and matches: each opening is played twice, so that both players have both sides."""

from collections.abc import Callable

import numpy as np

from introdl.orientation.milestones.game import CELLS, State, four, moves, play
from introdl.orientation.milestones.perfect import drawn, worth
from introdl.orientation.milestones.tree import Judge, most_tried, search

#: Says a column for each of G positions.
Player = Callable[[State], np.ndarray]


def searcher(judge: Judge, simulations: int, c: float = 1.0) -> Player:
    """A player that searches with a judge, and plays what it tried most."""
    return lambda state: most_tried(search(state, judge, simulations, c))


def random_player(rng: np.random.Generator) -> Player:
    """A player that throws dice."""
    return lambda state: _each(state, lambda one: rng.choice(moves(one)))


def perfect_player(rng: np.random.Generator) -> Player:
    """A player that makes no mistake; of several best moves, one at random."""

    def best(one: State) -> int:
        values = worth(one)
        return rng.choice([column for column in values if values[column] == max(values.values())])

    return lambda state: _each(state, best)


def _each(state: State, choose: Callable[[State], int]) -> np.ndarray:
    return np.array([choose((int(own), int(every))) for own, every in zip(*state, strict=True)])


def openings(number: int, seed: int) -> State:
    """Different positions with four stones that are a draw with best play, two arrays."""
    own, every = drawn(4)
    some = np.random.default_rng(seed).choice(len(own), number, replace=False)
    return own[some], every[some]


def match(one: Player, other: Player, starts: State) -> np.ndarray:
    """Play each opening twice, once with each player to move.

    Returns:
        The share that the first player got of both games of each opening: a win counts 1, a draw a
        half, (G,).
    """
    G = len(starts[0])
    state = np.concatenate([starts, starts], axis=1)
    mover, score = np.repeat([0, 1], G), np.full(2 * G, 0.5)  # 0: the first player
    going = np.arange(2 * G)
    while len(going):
        move = np.zeros(len(going), dtype=np.int64)
        for k, player in enumerate((one, other)):
            turn = mover[going] == k
            if turn.any():
                move[turn] = player(tuple(state[:, going[turn]]))
        state[:, going] = play(tuple(state[:, going]), move)
        won = four(state[0, going] ^ state[1, going])
        score[going[won]] = 1 - mover[going[won]]
        mover[going] = 1 - mover[going]
        full = np.bitwise_count(state[1, going]) == CELLS
        going = going[~won & ~full]
    return (score[:G] + score[G:]) / 2
