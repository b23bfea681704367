"""Four in a row on a board of five columns and four rows, as whole numbers whose bits are cells.

Column c has the bits 5c to 5c + 3, from the bottom up; bit 5c + 4 stays 0, so that no row of four
runs over the edge. A state is two numbers: the stones of the player to move, and all stones. Each
function takes Python integers, or arrays of int64 for many games at once.
"""

from typing import Any

COLUMNS, ROWS = 5, 4
CELLS = COLUMNS * ROWS
START = (0, 0)
#: Columns from the middle outwards: good moves are more often there, so they are tried first.
ORDER = (2, 1, 3, 0, 4)

State = tuple[Any, Any]


def room(state: State, column: int) -> Any:
    """Whether a column has room for a stone."""
    return state[1] >> (ROWS + 1) * column + ROWS - 1 & 1 == 0


def moves(state: State) -> list[int]:
    """The columns that have room, from the middle outwards."""
    return [column for column in ORDER if room(state, column)]


def play(state: State, column: int) -> State:
    """Drop a stone of the player to move into a column; then it is the other player's turn.

    Examples:
        >>> play(START, 1)  # the first cell of column 1 is bit 5
        (0, 32)
    """
    own, every = state
    # Adding 1 at the bottom of a column carries up to its first empty cell.
    return own ^ every, every | (every + (1 << (ROWS + 1) * column))


def four(stones: Any) -> Any:
    """Whether some four of the stones stand in a row: upright, level or slanting."""
    found = 0
    for step in (1, ROWS, ROWS + 1, ROWS + 2):
        pairs = stones & stones >> step
        found = found | pairs & pairs >> 2 * step
    return found != 0


def outcome(state: State) -> int | None:
    """How the game ended for the player to move: -1 lost, 0 drawn, None if it goes on."""
    own, every = state
    if four(own ^ every):
        return -1
    return None if moves(state) else 0


def board(state: State) -> str:
    """The board as text, the top row first: x began.

    Examples:
        >>> print(board(play(play(START, 2), 2)))
        . . . . .
        . . . . .
        . . o . .
        . . x . .
    """
    own, every = state
    first = own if bin(every).count("1") % 2 == 0 else own ^ every
    rows = []
    for row in reversed(range(ROWS)):
        cells = [(ROWS + 1) * column + row for column in range(COLUMNS)]
        rows.append(
            " ".join(
                "." if not every >> cell & 1 else "x" if first >> cell & 1 else "o"
                for cell in cells
            )
        )
    return "\n".join(rows)
