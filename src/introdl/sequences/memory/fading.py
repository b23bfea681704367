"""How much of a nudge to the past is left at the end, for cells of three kinds."""

import numpy as np

from introdl.arguments import takes
from introdl.sequences.gru.cell import GRU
from introdl.sequences.lstm.cell import LSTM
from introdl.sequences.rnn.network import Cell


def fading(cell: Cell | LSTM | GRU, X: np.ndarray) -> np.ndarray:
    """Tell how much of a nudge to each earlier state is left in the last.

    The state is all that a cell carries from step to step: in an LSTM what its S/2 cells show,
    then what they hold. The nudge is of random direction. What is left is the length of what it
    changes, as the root of the mean square over all directions, divided by the nudge's: the
    Frobenius norm of the matrix of slopes of the last state, divided by √S.

    Args:
        cell: A layer of any of the three kinds.
        X: The inputs of one sequence, (T, D).

    Returns:
        For the state after each step, (T,); the last is 1.

    Examples:
        >>> one = np.ones((1, 1))
        >>> fading(Cell(one, one / 2, np.zeros(1)), np.zeros((4, 1)))
        array([0.125, 0.25 , 0.5  , 1.   ])
    """
    H, parts = len(cell.W), 2 if isinstance(cell, LSTM) else 1
    S = parts * H
    state, steps = np.zeros(S), []
    for x in X:
        # S copies, so that one step back gives a whole matrix: row i is the slope of number i.
        state, slopes = _step(cell, np.tile(x, (S, 1)), np.tile(state, (S, 1)))
        steps.append(slopes)
    slopes, left = np.eye(S), np.ones(len(X))
    for t in reversed(range(len(X) - 1)):
        slopes = slopes @ steps[t + 1]
        left[t] = np.linalg.norm(slopes) / np.sqrt(S)
    return left


def _step(
    cell: Cell | LSTM | GRU, x: np.ndarray, state: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take one step with S copies: the new state, (S,), and its slopes for the old one, (S, S)."""
    S, H = len(state), len(cell.W)
    ask = np.eye(S)[None]  # (1, S, S): each copy asks for one number of the new state
    if isinstance(cell, LSTM):
        shown, cells, _ = cell.forward(x[None], state[:, :H], state[:, H:])
        _, dh, dc = cell.backward(ask[..., :H], ask[..., H:])
        return np.concatenate([shown[0, 0], cells[0, 0]]), np.hstack([dh, dc])
    if isinstance(cell, GRU):
        states, _ = cell.forward(x[None], state)
    else:
        states = cell.forward(x[None], state, np.ones((1, S), dtype=bool))
    return states[0, 0], cell.backward(ask)[1]


def _fit(cell: Cell | LSTM | GRU, X: np.ndarray) -> None:
    if X.shape[1] != len(cell.U):
        raise ValueError(f"fading(): X has shape {X.shape}, expected (T, {len(cell.U)})")


takes(fading, {"X": "(T, D)"}, also=_fit)
