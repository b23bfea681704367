"""The gated recurrent unit by hand, in both published forms.

Cho et al. (2014), "Learning phrase representations using RNN encoder-decoder for statistical
machine translation", EMNLP, equations 5-8: there the reset gate acts on the old states before the
product with the weights. In the first version of that paper, arXiv:1406.1078v1, in cuDNN and in
PyTorch it acts on the product.
"""

from typing import Literal, NamedTuple

import numpy as np

from introdl.arguments import takes
from introdl.networks.neuron import sigmoid


class Gates(NamedTuple):
    """What the gates of a cell say at each step, each (T, N, H)."""

    reset: np.ndarray
    update: np.ndarray
    candidate: np.ndarray


class GRU:
    """One layer that reads in one direction; the three parts stand side by side as in PyTorch.

    Args:
        U: Weights of the input, (D, 3H): for the reset gate, the update gate, which says how much
            of the old state is kept, and the candidate.
        W: Weights of the state before, (H, 3H).
        b: Biases, (3H,).
        b_heard: Biases of what the candidate hears of the states, (H,): inside the reset gate if
            that acts after the product.
        reset: Whether the reset gate acts `"after"` the product of states and weights, as in
            PyTorch, or `"before"` it.

    Raises:
        ValueError: If the columns are not three times the rows of `W`, or `reset` is neither.
    """

    def __init__(
        self,
        U: np.ndarray,
        W: np.ndarray,
        b: np.ndarray,
        b_heard: np.ndarray,
        reset: Literal["after", "before"] = "after",
    ) -> None:
        if W.shape[1] != 3 * len(W):
            raise ValueError(f"GRU(): W has shape {W.shape}, expected (H, 3H)")
        if reset not in ("after", "before"):
            raise ValueError(f"GRU(): reset is {reset!r}, expected 'after' or 'before'")
        self.U, self.W, self.b, self.b_heard, self.reset = U, W, b, b_heard, reset

    def forward(self, X: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, Gates]:
        """Read N sequences side by side.

        Args:
            X: Inputs, (T, N, D): step by step.
            h: States before the first step, (N, H).

        Returns:
            The states after each step, (T, N, H), and the gates.
        """
        H = len(self.W)
        self.X, states, gates = X, [h], []
        for x in X:
            read = x @ self.U + self.b  # (N, 3H)
            r, z = np.split(sigmoid(read[:, : 2 * H] + h @ self.W[:, : 2 * H]), 2, axis=1)
            if self.reset == "after":
                heard = r * (h @ self.W[:, 2 * H :] + self.b_heard)
            else:
                heard = (r * h) @ self.W[:, 2 * H :] + self.b_heard
            candidate = np.tanh(read[:, 2 * H :] + heard)
            h = z * h + (1 - z) * candidate
            states.append(h)
            gates.append((r, z, candidate))
        self.states = np.array(states)  # (T + 1, N, H)
        self.gates = np.array(gates).reshape(-1, 3, *self.states.shape[1:])  # (T, 3, N, H)
        return self.states[1:], Gates(*self.gates.swapaxes(0, 1))

    def backward(self, dstates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Go back through the steps.

        The slopes of E for the weights are kept as `dU`, `dW`, `db` and `db_heard`.

        Args:
            dstates: The slope of E for each state by itself, (T, N, H).

        Returns:
            dE/dX, (T, N, D), and the slope for the states before the first step, (N, H).
        """
        weights = self.U, self.W, self.b, self.b_heard
        self.dU, self.dW, self.db, self.db_heard = (np.zeros_like(p) for p in weights)
        dX, dh = np.zeros_like(self.X), np.zeros_like(self.states[0])
        gated, new = np.split(self.W, [2 * len(self.W)], axis=1)  # (H, 2H), (H, H)
        for t in reversed(range(len(self.X))):
            h, (r, z, candidate) = self.states[t], self.gates[t]
            dh = dh + dstates[t]
            dcandidate = dh * (1 - z) * (1 - candidate**2)  # for its net input
            dupdate = dh * (h - candidate) * z * (1 - z)
            if self.reset == "after":
                dheard, said = dcandidate * r, h
                dreset = dcandidate * (h @ new + self.b_heard) * r * (1 - r)
                dh = dh * z + dheard @ new.T
            else:
                dheard, said = dcandidate, r * h
                dsaid = dheard @ new.T
                dreset = dsaid * h * r * (1 - r)
                dh = dh * z + dsaid * r
            dgates = np.hstack([dreset, dupdate])  # (N, 2H)
            dread = np.hstack([dgates, dcandidate])  # (N, 3H)
            self.dU += self.X[t].T @ dread
            self.db += dread.sum(axis=0)
            self.dW += np.hstack([h.T @ dgates, said.T @ dheard])
            self.db_heard += dheard.sum(axis=0)
            dX[t] = dread @ self.U.T
            dh = dh + dgates @ gated.T
        return dX, dh


def _fit_slopes(self: GRU, dstates: np.ndarray) -> None:
    if dstates.shape != self.states[1:].shape:
        expected = self.states[1:].shape
        raise ValueError(f"GRU.backward(): dstates has shape {dstates.shape}, expected {expected}")


takes(GRU.__init__, {"U": "(D, K)", "W": "(H, K)", "b": "(K,)", "b_heard": "(H,)"})
takes(GRU.forward, {"self.U": "(D, K)", "self.W": "(H, K)", "X": "(T, N, D)", "h": "(N, H)"})
takes(GRU.backward, {"dstates": "(T, N, H)"}, also=_fit_slopes)
