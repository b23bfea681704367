"""The value of every position: all that can occur, worked out from the full boards backwards."""

from functools import cache
from typing import Any

import numpy as np

from introdl.orientation.milestones.game import CELLS, COLUMNS, ORDER, ROWS, State, four, play, room

_BITS = (ROWS + 1) * COLUMNS


def _keys(state: State) -> Any:
    return state[0] << _BITS | state[1]


@cache
def _table() -> list[tuple[np.ndarray, np.ndarray]]:
    """By the number of stones: the positions that go on, sorted, and their values."""
    layers = [np.zeros(1, dtype=np.int64)]
    for _ in range(CELLS - 1):
        state = layers[-1] >> _BITS, layers[-1] & (1 << _BITS) - 1
        after = [_after(state, column) for column in range(COLUMNS)]
        layers.append(np.unique(np.concatenate([_keys(s)[~won] for s, won, _ in after])))
    table = [(layers[-1][:0], np.zeros(0, dtype=np.int8))]
    for keys in reversed(layers):
        best = np.full(len(keys), -1, dtype=np.int8)
        state = keys >> _BITS, keys & (1 << _BITS) - 1
        for column in range(COLUMNS):
            after, won, where = _after(state, column)
            best[where] = np.maximum(best[where], np.where(won, 1, -_look(table[0], after)))
        table.insert(0, (keys, best))
    return table


def _after(state: State, column: int) -> tuple[State, np.ndarray, np.ndarray]:
    """The positions after a move, whether it won, and where there was room for it."""
    where = np.flatnonzero(room(state, column))
    after = play((state[0][where], state[1][where]), column)
    return after, four(after[0] ^ after[1]), where


def _look(layer: tuple[np.ndarray, np.ndarray], state: State) -> np.ndarray:
    """The values of positions; 0 for a full board."""
    keys, values = layer
    if not len(keys):
        return np.zeros(len(state[0]), dtype=np.int8)
    place = np.searchsorted(keys, _keys(state)).clip(max=len(keys) - 1)
    return values[place]


def positions() -> int:
    """How many positions can occur in which the game goes on."""
    return sum(len(keys) for keys, _ in _table())


def drawn(stones: int) -> State:
    """All positions with so many stones that are a draw with best play, two arrays."""
    keys, values = _table()[stones]
    keys = keys[values == 0]
    return keys >> _BITS, keys & (1 << _BITS) - 1


def worth(state: State) -> dict[int, int]:
    """What each move is worth with best play after it: 1 wins, 0 draws, -1 loses.

    Examples:
        >>> worth((0, 0))[2]  # to begin in the middle
        0
    """
    layer = _table()[int(state[1]).bit_count() + 1]
    one = tuple(np.array([part], dtype=np.int64) for part in state)
    found = {}
    for column in ORDER:
        after, won, where = _after(one, column)
        if len(where):
            found[column] = 1 if won[0] else -int(_look(layer, after)[0])
    return found
