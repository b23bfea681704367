"""Cells of any kind in several layers and both directions, for sequences of unequal lengths."""

from collections.abc import Sequence

import numpy as np

from introdl.arguments import takes
from introdl.sequences.gru.cell import GRU
from introdl.sequences.lstm.cell import LSTM


class Stack:
    """Layers of cells that read in one direction or both, as `torch.nn.LSTM` and `GRU` have them.

    No cell needs to know where a sequence ends: it reads on, and nothing that comes after an end is
    used. A cell that reads backwards gets each sequence turned within its length.

    Args:
        cells: From the first layer to the last, in each the one that reads backwards second. Each
            layer reads the outputs of the one below, those of both directions side by side.
        both: Whether each layer has a second cell, which reads backwards.

    Raises:
        ValueError: If there is no cell, or one twice, or two directions and an odd number of cells;
            or if the cells differ in kind or in their number of units.
    """

    def __init__(self, cells: Sequence[LSTM | GRU], both: bool = False) -> None:
        self.cells, self.ways = list(cells), 2 if both else 1
        if not self.cells or len(self.cells) % self.ways:
            raise ValueError(f"Stack(): {len(self.cells)} cells do not make whole layers")
        if len({id(cell) for cell in self.cells}) < len(self.cells):
            raise ValueError("Stack(): a cell stands there twice, and it keeps one reading only")
        found = [f"{type(cell).__name__} of {len(cell.W)} units" for cell in self.cells]
        if len(set(found)) > 1:
            raise ValueError(f"Stack(): cells must be alike, these are {', '.join(found)}")

    def forward(
        self, X: np.ndarray, start: np.ndarray, lengths: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Read N sequences side by side.

        Args:
            X: Inputs, (T, N, D).
            start: What the cells start from, (S, cells, N, H): the outputs, and with LSTMs the cell
                states, so that S is 2.
            lengths: How many steps of each sequence count, (N,), each from 1 to T.

        Returns:
            Outputs of the last layer, (T, N, H) or (T, N, 2H), zero behind the end of a sequence;
            and what each cell has at the end of its reading, in the shape of `start`.
        """
        step = np.arange(len(X))[:, None]
        self.lengths = lengths
        self.reads = (step < lengths)[..., None]  # (T, N, 1)
        # Place t of a sequence read backwards: its own end comes first, what follows it stays.
        self.turned = np.where(step < lengths, lengths - 1 - step, step)[..., None]
        last, N = np.empty_like(start), np.arange(X.shape[1])
        for layer in range(0, len(self.cells), self.ways):
            outputs = []
            for way, at in enumerate(range(layer, layer + self.ways)):
                *states, _ = self.cells[at].forward(self._turn(X, way), *start[:, at])
                last[:, at] = np.array(states)[:, lengths - 1, N]
                outputs.append(self._turn(np.where(self.reads, states[0], 0), way))
            X = np.concatenate(outputs, axis=-1)
        return X, last

    def backward(self, doutputs: np.ndarray, dlast: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Send the slopes of E back; the cells keep those for their weights.

        Args:
            doutputs: dE/d(outputs), in the shape of `forward`'s outputs.
            dlast: dE/d(last), in the shape of `start`.

        Returns:
            dE/dX, (T, N, D), and the slope for `start`.
        """
        dstart, dX, N = np.empty_like(dlast), doutputs, np.arange(len(self.lengths))
        for layer in reversed(range(0, len(self.cells), self.ways)):
            parts, total = np.split(dX, self.ways, axis=-1), 0
            for way, part in enumerate(parts):
                at = layer + way
                dstates = np.zeros((len(dlast), *part.shape))  # (S, T, N, H)
                dstates[0] = self._turn(np.where(self.reads, part, 0), way)
                dstates[:, self.lengths - 1, N] += dlast[:, at]
                dinput, *dstart[:, at] = self.cells[at].backward(*dstates)
                total = total + self._turn(dinput, way)
            dX = total
        return dX, dstart

    def _turn(self, X: np.ndarray, way: int) -> np.ndarray:
        """Reverse each sequence within its length, if `way` is 1; a second time undoes it."""
        return np.take_along_axis(X, self.turned, axis=0) if way else X


def _fit_reading(self: Stack, X: np.ndarray, start: np.ndarray, lengths: np.ndarray) -> None:
    states = 2 if isinstance(self.cells[0], LSTM) else 1
    expected = (states, len(self.cells), X.shape[1], len(self.cells[0].W))
    if start.shape != expected:
        raise ValueError(f"Stack.forward(): start has shape {start.shape}, expected {expected}")
    if not np.all((lengths >= 1) & (lengths <= len(X))):
        raise ValueError(f"Stack.forward(): lengths must be from 1 to T = {len(X)}")


def _fit_slopes(self: Stack, doutputs: np.ndarray, dlast: np.ndarray) -> None:
    H, N = len(self.cells[0].W), len(self.lengths)
    states = 2 if isinstance(self.cells[0], LSTM) else 1
    for name, array, expected in (
        ("doutputs", doutputs, (len(self.reads), N, H * self.ways)),
        ("dlast", dlast, (states, len(self.cells), N, H)),
    ):
        if array.shape != expected:
            message = f"Stack.backward(): {name} has shape {array.shape}, expected {expected}"
            raise ValueError(message)


takes(
    Stack.forward,
    {"X": "(T, N, D), not empty", "start": "(S, C, N, H)", "lengths": "(N,) of integers"},
    also=_fit_reading,
)
takes(
    Stack.backward,
    {"doutputs": "(T, N, K)", "dlast": "(S, C, N, H)"},
    also=_fit_slopes,
)
