"""Multi-head attention, forward and backward by hand.

Source: Vaswani et al. (2017), "Attention is all you need", section 3.2.2.
"""

from __future__ import annotations

import numpy as np

from introdl.arguments import takes
from introdl.language.attention.scaled import attend, attend_backward, check_mask


class MultiHeadAttention:
    """Several attentions side by side, each on its own part of the queries, keys and values.

    Args:
        dim: Numbers per word, D; a multiple of `heads`.
        heads: How many attentions.
        rng: Draws the weights.

    Attributes:
        W: Weights of the maps to queries, keys, values and output, (D, D) each, by "q", "k", "v",
            "o".
        b: Their biases, (D,) each.
        dW: Gradients of the weights, after `backward`.
        db: Gradients of the biases.
        shares: Of the last `forward`, (N, heads, T, S).

    Raises:
        ValueError: If `heads` does not divide `dim`.
    """

    def __init__(self, dim: int, heads: int, rng: np.random.Generator) -> None:
        if heads < 1 or dim % heads:
            raise ValueError(f"MultiHeadAttention(): {heads} heads do not divide dim = {dim}")
        self.heads = heads
        self.W = {name: rng.normal(size=(dim, dim)) / np.sqrt(dim) for name in "qkvo"}
        self.b = {name: np.zeros(dim) for name in "qkvo"}

    def forward(
        self, X: np.ndarray, memory: np.ndarray, mask: np.ndarray | None = None
    ) -> np.ndarray:
        """Let each row of `X` look at the rows of `memory`; for self-attention they are the same.

        Args:
            X: What asks, (N, T, D).
            memory: What is looked at, (N, S, D).
            mask: True where a row may look, (T, S), (N, 1, S) or (N, T, S) Boolean.

        Returns:
            What each row of `X` heard, (N, T, D).

        Raises:
            ValueError: If a shape does not fit, a number is not finite, or a row may look nowhere.
        """
        self.X, self.memory = X, memory
        given = {"q": X, "k": memory, "v": memory}
        self.Q, self.K, self.V = (self._split(given[n] @ self.W[n] + self.b[n]) for n in "qkv")
        if mask is not None and mask.ndim == 3:
            mask = mask[:, None]  # one mask for all heads
        mixed, self.shares = attend(self.Q, self.K, self.V, mask)
        self.joined = self._join(mixed)
        return self.joined @ self.W["o"] + self.b["o"]

    def backward(self, dY: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn the gradient of the output into those of `X` and `memory`; keep `dW` and `db`.

        For self-attention the gradient of the one input is the sum of both.

        Args:
            dY: Gradient of the output, (N, T, D).

        Raises:
            ValueError: If `dY` has not the output's shape, or a number is not finite.
        """
        if dY.shape != self.X.shape:
            raise ValueError(f"backward(): dY has shape {dY.shape}, expected {self.X.shape}")
        dmixed = self._split(dY @ self.W["o"].T)
        parts = attend_backward(dmixed, self.Q, self.K, self.V, self.shares)
        gradients = dict(zip("qkv", map(self._join, parts), strict=True)) | {"o": dY}
        inputs = {"q": self.X, "k": self.memory, "v": self.memory, "o": self.joined}
        self.dW = {n: np.einsum("nti,ntj->ij", inputs[n], gradients[n]) for n in "qkvo"}
        self.db = {n: gradients[n].sum(axis=(0, 1)) for n in "qkvo"}
        dX, *dmemory = (gradients[n] @ self.W[n].T for n in "qkv")
        return dX, sum(dmemory)

    def _split(self, X: np.ndarray) -> np.ndarray:
        """Give each head its part: (N, T, D) to (N, heads, T, D / heads)."""
        return X.reshape(*X.shape[:2], self.heads, X.shape[2] // self.heads).swapaxes(1, 2)

    def _join(self, X: np.ndarray) -> np.ndarray:
        """Put the parts of the heads side by side again: the reverse of `_split`."""
        X = X.swapaxes(1, 2)
        return X.reshape(*X.shape[:2], -1)


def _check(X: np.ndarray, memory: np.ndarray, mask: np.ndarray | None, **_: object) -> None:
    check_mask(mask, (*X.shape[:2], memory.shape[1]))


takes(
    MultiHeadAttention.forward,
    {"X": "(N, T, D), not empty", "memory": "(N, S, D), not empty"},
    also=_check,
)
takes(MultiHeadAttention.backward, {"dY": "(N, T, D)"})
