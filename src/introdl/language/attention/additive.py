"""Additive attention, the first of all, forward and backward by hand.

Source: Bahdanau, Cho and Bengio (2015), "Neural machine translation by jointly learning to align
and translate", section A.1.2.
"""

from __future__ import annotations

import numpy as np

from introdl.arguments import takes
from introdl.language.attention.scaled import check_batch, softmax, softmax_backward


class AdditiveAttention:
    """Bahdanau's attention: a small network with one hidden layer gives each score.

    The score of word s for query t is v · tanh(W q_t + U k_s).

    Args:
        W: Weights of the queries, (D, H).
        U: Weights of the keys, (E, H).
        v: Weights of the hidden layer, (H,).
    """

    def __init__(self, W: np.ndarray, U: np.ndarray, v: np.ndarray) -> None:
        self.W, self.U, self.v = W, U, v

    def forward(
        self, Q: np.ndarray, K: np.ndarray, V: np.ndarray, mask: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mix values.

        Args:
            Q: Queries, (..., T, D).
            K: Keys, (..., S, E).
            V: Values, (..., S, M).
            mask: True where a query may look, (T, S) or (..., T, S) Boolean.

        Returns:
            The mixed values, (..., T, M), and the shares, (..., T, S).

        Raises:
            ValueError: If a shape does not fit, a number is not finite, or a query may look
                nowhere.
        """
        self.Q, self.K, self.V = Q, K, V
        pairs = (Q @ self.W)[..., :, None, :] + (K @ self.U)[..., None, :, :]
        self.hidden = np.tanh(pairs)  # (..., T, S, H)
        scores = self.hidden @ self.v
        self.shares = softmax(scores if mask is None else np.where(mask, scores, -np.inf))
        return self.shares @ V, self.shares

    def backward(self, dO: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Turn the gradient of the mixed values, (..., T, M), into dQ, dK, dV; keep dW, dU, dv.

        Raises:
            ValueError: If `dO` has not the output's shape, or a number is not finite.
        """
        expected = (*self.Q.shape[:-1], self.V.shape[-1])
        if dO.shape != expected:
            raise ValueError(f"backward(): dO has shape {dO.shape}, expected {expected}")
        dscores = softmax_backward(dO @ self.V.mT, self.shares)[..., None]  # (..., T, S, 1)
        dpairs = dscores * self.v * (1 - self.hidden**2)  # (..., T, S, H)
        over_keys, over_queries = dpairs.sum(axis=-2), dpairs.sum(axis=-3)
        self.dv = (dscores * self.hidden).reshape(-1, len(self.v)).sum(axis=0)
        self.dW = _outer(self.Q, over_keys)
        self.dU = _outer(self.K, over_queries)
        return over_keys @ self.W.T, over_queries @ self.U.T, self.shares.mT @ dO


def _outer(X: np.ndarray, dZ: np.ndarray) -> np.ndarray:
    """The gradient of the weights of `Z = X W`, summed over all leading axes."""
    return X.reshape(-1, X.shape[-1]).T @ dZ.reshape(-1, dZ.shape[-1])


def _check(self: AdditiveAttention, **arguments: np.ndarray) -> None:
    check_batch(**arguments)


takes(
    AdditiveAttention.forward,
    {
        "self.W": "(D, H)",
        "self.U": "(E, H)",
        "self.v": "(H,)",
        "Q": "(..., T, D), not empty",
        "K": "(..., S, E), not empty",
        "V": "(..., S, M)",
    },
    also=_check,
)
takes(AdditiveAttention.backward, {"dO": "(..., T, M)"})
