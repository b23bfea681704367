"""Search that looks at moves and answers: minimax and alpha-beta."""

from introdl.orientation.milestones.game import State, moves, outcome, play


def minimax(state: State) -> tuple[int, int]:
    """The value with best play of both sides: look at everything.

    Returns:
        1 if the player to move can win, 0 for a draw, -1 if the other can; and how many states
        were looked at.
    """
    ended = outcome(state)
    if ended is not None:
        return ended, 1
    best, seen = -1, 1
    for column in moves(state):
        value, more = minimax(play(state, column))
        best, seen = max(best, -value), seen + more
    return best, seen


def alphabeta(
    state: State,
    low: int = -1,
    high: int = 1,
) -> tuple[int, int]:
    """The same value, without the branches that cannot change it.

    Args:
        state: Where the game stands.
        low: What the player to move is sure of already, elsewhere in the tree.
        high: What the other player will not let pass.

    Returns:
        The value, exact if it lies between `low` and `high`; and how many states were looked at.
    """
    ended = outcome(state)
    if ended is not None:
        return ended, 1
    best, seen = low, 1
    for column in moves(state):
        value, more = alphabeta(play(state, column), -high, -best)
        best, seen = max(best, -value), seen + more
        if best >= high:
            break  # the other player will not come here
    return best, seen
