"""Monte Carlo tree search, in many games at once: one tree per game, all grown step by step."""

from collections.abc import Callable

import numpy as np

from introdl.arguments import takes
from introdl.orientation.milestones.game import COLUMNS, ORDER, State, four, play, room

#: What a search asks about positions, of G games at once: how promising each move looks (G, 5),
#: shares that sum to 1, and who is ahead (G,), from -1 to 1 for the player to move.
Judge = Callable[[State], tuple[np.ndarray, np.ndarray]]

_MIDDLE_FIRST = np.array(ORDER)


class Forest:
    """The search trees of G games.

    Attributes:
        N: How often each move was tried in each position of each tree, (G, simulations + 1, 5).
        W: The sum of what came out, for the player who made the move, of the same shape.
    """

    def __init__(self, state: State, judge: Judge, simulations: int, c: float):
        """Begin with the positions as roots, none of them ended.

        Args:
            state: A position per game, two arrays (G,).
            judge: Whom to ask about a new position.
            simulations: How many positions each tree looks at, beside its root.
            c: How much a move's promise counts against what came out so far.
        """
        shape = len(state[0]), simulations + 1
        self.judge, self.c, self.size = judge, c, 0
        self.states = np.zeros((2, *shape), dtype=np.int64)
        self.child = np.full((*shape, COLUMNS), -1)
        self.N, self.W = np.zeros((*shape, COLUMNS)), np.zeros((*shape, COLUMNS))
        self.P = np.zeros((*shape, COLUMNS))
        self.ended, self.value = np.zeros(shape, dtype=bool), np.zeros(shape)
        self._add(np.arange(shape[0]), state)

    def _add(self, games: np.ndarray, state: State) -> None:
        """A new position in the trees of some games: ask the judge, or see that it has ended."""
        node, self.size = self.size, self.size + 1
        own, every = state
        lost = four(own ^ every)
        open_ = open_columns(state)
        promise, value = self.judge(state)
        self.states[:, games, node] = state
        self.P[games, node] = np.where(open_, promise, -np.inf)
        self.ended[games, node] = lost | ~open_.any(axis=1)
        self.value[games, node] = np.where(lost, -1, np.where(open_.any(axis=1), value, 0))

    def grow(self) -> None:
        """One simulation per tree: walk down, add a position, carry its value up."""
        games = np.arange(len(self.N))
        node, walking, path = np.zeros_like(games), games, []
        state = self.states[:, :, 0].copy()
        while len(walking):
            at = node[walking]
            move = self._choose(walking, at)
            path.append((walking, at, move))
            state[:, walking] = play(tuple(state[:, walking]), move)
            below = self.child[walking, at, move]
            node[walking] = self.child[walking, at, move] = np.where(below < 0, self.size, below)
            walking = walking[(below >= 0) & ~self.ended[walking, below]]
        new = np.flatnonzero(node == self.size)
        self._add(new, tuple(state[:, new]))
        value = self.value[games, node]
        for walking, at, move in reversed(path):
            value[walking] *= -1
            self.N[walking, at, move] += 1
            self.W[walking, at, move] += value[walking]

    def _choose(self, games: np.ndarray, at: np.ndarray) -> np.ndarray:
        """The move with the best sum of what came out, on average, and what is promised."""
        N, W, P = self.N[games, at], self.W[games, at], self.P[games, at]
        root = np.sqrt(1 + N.sum(axis=1, keepdims=True))
        score = W / np.maximum(N, 1) + self.c * P * root / (1 + N)
        return _MIDDLE_FIRST[score[:, ORDER].argmax(axis=1)]


def open_columns(state: State) -> np.ndarray:
    """Which columns have room, (G, 5) Booleans."""
    return room((0, state[1][:, None]), np.arange(COLUMNS))


def search(state: State, judge: Judge, simulations: int, c: float = 1.0) -> np.ndarray:
    """How often the search tries each move, in each of G games, (G, 5)."""
    forest = Forest(state, judge, simulations, c)
    for _ in range(simulations):
        forest.grow()
    return forest.N[:, 0]


def most_tried(visits: np.ndarray) -> np.ndarray:
    """The move with most visits; of several, the one nearest to the middle, (G,)."""
    return _MIDDLE_FIRST[visits[:, ORDER].argmax(axis=1)]


takes(most_tried, {"visits": "(G, 5), not empty"})


def playouts(rng: np.random.Generator) -> Judge:
    """A judge that knows nothing: each move is as promising, and one random game says who wins."""

    def judge(state: State) -> tuple[np.ndarray, np.ndarray]:
        open_ = open_columns(state)
        promise = open_ / np.maximum(open_.sum(axis=1, keepdims=True), 1)
        value, sign = np.zeros(len(state[0])), 1
        going = np.arange(len(state[0]))
        now = np.array(state)
        while len(going):
            lost = four(now[0] ^ now[1])
            value[going[lost]] = -sign
            open_ = open_columns(now)
            keep = ~lost & open_.any(axis=1)
            going, now, open_ = going[keep], now[:, keep], open_[keep]
            move = (rng.random(open_.shape) * open_).argmax(axis=1)
            now, sign = np.array(play(now, move)), -sign
        return promise, value

    return judge
