"""An encoder layer and the encoder, forward and backward by hand.

Sources: Vaswani et al. (2017), "Attention is all you need", section 3; Ba, Kiros and Hinton (2016),
"Layer normalization"; He et al. (2016) for the residual connection; Xiong et al. (2020), "On layer
normalization in the Transformer architecture", for the two places of the norm. N sentences of T
words, D numbers each. Masks are True where a word may look.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from introdl.arguments import takes
from introdl.language.attention.heads import MultiHeadAttention
from introdl.networks.activations import relu, relu_slope

EPS = 1e-5
NORMS = ("post", "pre", "none")


class _Part(Protocol):
    """What turns (N, T, D) into (N, T, D), and a gradient back."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Turn the input into the output."""

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Turn the gradient of the output into that of the input."""


class LayerNorm:
    """Give the D numbers of each word the mean 0 and the variance 1, then scale and shift them.

    Args:
        dim: Numbers per word, D.

    Attributes:
        weight: What each number is multiplied by at the end, (D,).
        bias: What is then added to it, (D,).
        dweight: Gradient of the weight, after `backward`.
        dbias: Gradient of the bias.
    """

    def __init__(self, dim: int) -> None:
        self.weight, self.bias = np.ones(dim), np.zeros(dim)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Turn (N, T, D) into (N, T, D).

        Raises:
            ValueError: If a word has not D numbers, or a number is not finite.
        """
        away = X - X.mean(axis=-1, keepdims=True)
        self.spread = np.sqrt((away**2).mean(axis=-1, keepdims=True) + EPS)
        self.even = away / self.spread
        return self.even * self.weight + self.bias

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Turn dY, (N, T, D), into dX; keep `dweight` and `dbias`.

        Raises:
            ValueError: If `dY` has not the output's shape, or a number is not finite.
        """
        _same_shape(dY, self.even)
        self.dweight = (dY * self.even).sum(axis=(0, 1))
        self.dbias = dY.sum(axis=(0, 1))
        deven = dY * self.weight
        # What changes all alike is lost, and what only widens the spread.
        level = deven.mean(axis=-1, keepdims=True)
        along = (deven * self.even).mean(axis=-1, keepdims=True)
        return (deven - level - self.even * along) / self.spread


class Unchanged:
    """Stands where a layer norm is left out."""

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Give (N, T, D) back."""
        return X

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Give the gradient back."""
        return dY


class FeedForward:
    """A small net with one hidden layer of ReLUs, the same for each word.

    Args:
        dim: Numbers per word, D.
        hidden: Hidden units, H.
        rng: Draws the weights.

    Attributes:
        W: Weights of the two layers, (D, H) and (H, D).
        b: Their biases, (H,) and (D,).
        dW: Gradients of the weights, after `backward`.
        db: Gradients of the biases.
    """

    def __init__(self, dim: int, hidden: int, rng: np.random.Generator) -> None:
        self.W = [
            rng.normal(size=(dim, hidden)) * np.sqrt(2 / dim),
            rng.normal(size=(hidden, dim)) / np.sqrt(hidden),
        ]
        self.b = [np.zeros(hidden), np.zeros(dim)]

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Turn (N, T, D) into (N, T, D)."""
        self.X = X
        self.Z = X @ self.W[0] + self.b[0]  # (N, T, H)
        self.A = relu(self.Z)
        return self.A @ self.W[1] + self.b[1]

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Turn the gradient of the output, (N, T, D), into that of the input; keep `dW` and `db`.

        Raises:
            ValueError: If `dY` has not the output's shape, or a number is not finite.
        """
        _same_shape(dY, self.X)
        dZ = dY @ self.W[1].T * relu_slope(self.Z)
        pairs = [(self.X, dZ), (self.A, dY)]
        self.dW = [np.einsum("nti,ntj->ij", given, d) for given, d in pairs]
        self.db = [d.sum(axis=(0, 1)) for _, d in pairs]
        return dZ @ self.W[0].T


class EncoderLayer:
    """Words listen to each other, then each goes through a small net.

    Args:
        dim: Numbers per word, D; a multiple of `heads`.
        heads: How many attentions side by side.
        hidden: Hidden units of the small net, H.
        rng: Draws the weights.
        norm: "post" (behind each sum, as in 2017), "pre" (before each part, inside the sum), or
            "none".
        residual: Add what a part says to what was there; without, take what it says alone.

    Raises:
        ValueError: If `heads` does not divide `dim`, or there is no such norm.
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        hidden: int,
        rng: np.random.Generator,
        *,
        norm: str = "post",
        residual: bool = True,
    ) -> None:
        if norm not in NORMS:
            raise ValueError(f"EncoderLayer(): norm is {norm!r}, expected one of {NORMS}")
        self.attention = MultiHeadAttention(dim, heads, rng)
        self.small = FeedForward(dim, hidden, rng)
        self.norm, self.keep = norm, float(residual)
        self.norm1: _Part = Unchanged() if norm == "none" else LayerNorm(dim)
        self.norm2: _Part = Unchanged() if norm == "none" else LayerNorm(dim)

    def forward(
        self,
        X: np.ndarray,
        mask: np.ndarray | None = None,
    ) -> np.ndarray:
        """Turn (N, T, D) into (N, T, D).

        Args:
            X: One row per word, (N, T, D).
            mask: True where a word may look, (T, T), (N, 1, T) or (N, T, T) Boolean.

        Raises:
            ValueError: If a shape does not fit, a number is not finite, or a word may look nowhere.
        """
        if self.norm == "pre":
            N = self.norm1.forward(X)
            X = self.keep * X + self.attention.forward(N, N, mask)
            return self.keep * X + self.small.forward(self.norm2.forward(X))
        heard = self.attention.forward(X, X, mask)
        X = self.norm1.forward(self.keep * X + heard)
        return self.norm2.forward(self.keep * X + self.small.forward(X))

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Turn dY, (N, T, D), into dX; the parts keep their own.

        Raises:
            ValueError: If `dY` has not the output's shape, or a number is not finite.
        """
        if self.norm == "pre":
            dX = self.keep * dY + self.norm2.backward(self.small.backward(dY))
            dN = sum(self.attention.backward(dX))
            return self.keep * dX + self.norm1.backward(dN)
        dsum = self.norm2.backward(dY)
        dsum = self.norm1.backward(self.keep * dsum + self.small.backward(dsum))
        return self.keep * dsum + sum(self.attention.backward(dsum))


class Encoder:
    """Layers one after the other; with the norm before each part, one more norm at the end.

    Args:
        layers: The layers, from the first to the last.
    """

    def __init__(self, layers: list[EncoderLayer]) -> None:
        self.layers = layers
        last = layers[-1]
        self.end: _Part = LayerNorm(last.small.W[1].shape[1]) if last.norm == "pre" else Unchanged()

    def forward(self, X: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """Turn (N, T, D) into (N, T, D). Arguments as `EncoderLayer.forward` has them."""
        for layer in self.layers:
            X = layer.forward(X, mask)
        return self.end.forward(X)

    def backward(self, dY: np.ndarray) -> np.ndarray:
        """Turn the gradient of the output, (N, T, D), into that of the input."""
        dY = self.end.backward(dY)
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return dY


def _same_shape(dY: np.ndarray, output: np.ndarray) -> None:
    if dY.shape != output.shape:
        raise ValueError(f"backward(): dY has shape {dY.shape}, expected {output.shape}")


_WORDS = "(N, T, D), not empty"
takes(LayerNorm.forward, {"self.weight": "(D,)", "X": _WORDS})
takes(LayerNorm.backward, {"dY": _WORDS})
for _part in (Unchanged, FeedForward, EncoderLayer, Encoder):
    takes(_part.forward, {"X": _WORDS})
    takes(_part.backward, {"dY": _WORDS})
