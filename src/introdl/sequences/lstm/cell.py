"""Long short-term memory by hand: each backward step undoes the forward step beside it.

Hochreiter and Schmidhuber (1997), "Long short-term memory", Neural Computation 9, 1735-1780; with
the forget gate of Gers, Schmidhuber and Cummins (2000), Neural Computation 12, 2451-2471.
"""

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes
from introdl.networks.neuron import sigmoid


class Gates(NamedTuple):
    """What the gates of a cell say after each step, each (T, N, H)."""

    input: np.ndarray
    forget: np.ndarray
    candidate: np.ndarray
    output: np.ndarray


class LSTM:
    """One layer that reads in one direction; the four parts stand side by side as in PyTorch.

    Args:
        U: Weights of the input, (D, 4H): for the input gate, the forget gate, the candidate and the
            output gate.
        W: Weights of the output before, (H, 4H).
        b: Biases, (4H,).

    Raises:
        ValueError: If the columns are not four times the rows of `W`.
    """

    def __init__(self, U: np.ndarray, W: np.ndarray, b: np.ndarray) -> None:
        if W.shape[1] != 4 * len(W):
            raise ValueError(f"LSTM(): W has shape {W.shape}, expected (H, 4H)")
        self.U, self.W, self.b = U, W, b

    def forward(
        self, X: np.ndarray, h: np.ndarray, c: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, Gates]:
        """Read N sequences side by side.

        Args:
            X: Inputs, (T, N, D): step by step.
            h: Outputs before the first step, (N, H).
            c: Cell states before the first step, (N, H).

        Returns:
            The outputs after each step, (T, N, H); the cell states, (T, N, H); and the gates.
        """
        self.X, outputs, cells, gates = X, [h], [c], []
        for x in X:
            z = np.split(x @ self.U + h @ self.W + self.b, 4, axis=1)
            i, f, o = (sigmoid(z[k]) for k in (0, 1, 3))
            candidate = np.tanh(z[2])
            c = f * c + i * candidate
            h = o * np.tanh(c)
            outputs.append(h)
            cells.append(c)
            gates.append((i, f, candidate, o))
        self.outputs, self.cells = np.array(outputs), np.array(cells)  # (T + 1, N, H)
        shape = 0, 4, *self.cells.shape[1:]
        self.gates = np.array(gates).reshape(-1, *shape[1:])  # (T, 4, N, H)
        return self.outputs[1:], self.cells[1:], Gates(*self.gates.swapaxes(0, 1))

    def backward(
        self, doutputs: np.ndarray, dcells: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Go back through the steps; the slopes for the weights are kept as `dU`, `dW`, `db`.

        Args:
            doutputs: The slope of E for each output by itself, (T, N, H).
            dcells: The slope of E for each cell state by itself, (T, N, H).

        Returns:
            dE/dX, (T, N, D), and the slopes for the first outputs and cell states, (N, H) each.
        """
        self.dU, self.dW, self.db = (np.zeros_like(p) for p in (self.U, self.W, self.b))
        dX, dh, dc = np.zeros_like(self.X), *np.zeros((2, *self.cells[0].shape))
        for t in reversed(range(len(self.X))):
            i, f, candidate, o = self.gates[t]
            shown = np.tanh(self.cells[t + 1])
            dh = dh + doutputs[t]
            dc = dc + dcells[t] + dh * o * (1 - shown**2)
            dz = np.hstack(
                [
                    dc * candidate * i * (1 - i),
                    dc * self.cells[t] * f * (1 - f),
                    dc * i * (1 - candidate**2),
                    dh * shown * o * (1 - o),
                ]
            )  # (N, 4H)
            self.dU += self.X[t].T @ dz
            self.dW += self.outputs[t].T @ dz
            self.db += dz.sum(axis=0)
            dX[t] = dz @ self.U.T
            dh = dz @ self.W.T
            dc = dc * f
        return dX, dh, dc


def _fit_slopes(self: LSTM, doutputs: np.ndarray, dcells: np.ndarray) -> None:
    expected = self.cells[1:].shape
    for name, array in (("doutputs", doutputs), ("dcells", dcells)):
        if array.shape != expected:
            raise ValueError(
                f"LSTM.backward(): {name} has shape {array.shape}, expected {expected}"
            )


takes(LSTM.__init__, {"U": "(D, K)", "W": "(H, K)", "b": "(K,)"})
takes(
    LSTM.forward,
    {"self.U": "(D, K)", "self.W": "(H, K)", "X": "(T, N, D)", "h": "(N, H)", "c": "(N, H)"},
)
takes(LSTM.backward, {"doutputs": "(T, N, H)", "dcells": "(T, N, H)"}, also=_fit_slopes)
