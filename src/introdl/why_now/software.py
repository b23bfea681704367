"""Software: one net in NumPy, and its weights laid out as each library wants them."""

import os
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from introdl.arguments import takes

# Keras reads this when it is first imported. It must not look for another library.
os.environ.setdefault("KERAS_BACKEND", "torch")


def first_weights(sizes: tuple[int, ...], seed: int) -> list[np.ndarray]:
    """Draw the weights of a net: normal with variance 2 / inputs, biases 0.

    Source: He et al. (2015), equation 10.

    Args:
        sizes: Units of each layer, the inputs first, such as (64, 32, 10).
        seed: Of the draw.

    Returns:
        A matrix (inputs, outputs) and a bias (outputs,) for each layer.
    """
    rng = np.random.default_rng(seed)
    weights = []
    for n, m in pairwise(sizes):
        weights += [rng.normal(scale=np.sqrt(2 / n), size=(n, m)), np.zeros(m)]
    return weights


def numpy_sums(
    X: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
) -> np.ndarray:
    """Compute a net with one hidden layer.

    Args:
        X: Inputs, (N, D).
        W1: (D, H).
        b1: (H,).
        W2: (H, K).
        b2: (K,).

    Returns:
        Sums, (N, K).
    """
    return np.maximum(X @ W1 + b1, 0) @ W2 + b2


def numpy_step(
    X: np.ndarray,
    y: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
    rate: float,
) -> list[np.ndarray]:
    """Take one step of gradient descent on the mean cross-entropy.

    Args:
        X: Inputs, (N, D).
        y: Labels, (N,).
        W1: (D, H).
        b1: (H,).
        W2: (H, K).
        b2: (K,).
        rate: Length of the step.

    Returns:
        The four weights after the step.
    """
    hidden = np.maximum(X @ W1 + b1, 0)  # (N, H)
    sums = hidden @ W2 + b2  # (N, K)
    shares = np.exp(sums - sums.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(y)), y] -= 1
    off = shares / len(y)  # slope of the loss at each sum
    back = off @ W2.T * (hidden > 0)  # and at each hidden unit
    return [
        W1 - rate * X.T @ back,
        b1 - rate * back.sum(axis=0),
        W2 - rate * hidden.T @ off,
        b2 - rate * off.sum(axis=0),
    ]


def torch_net(
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
) -> nn.Sequential:
    """Build the same net in PyTorch, which keeps its matrices transposed.

    Args:
        W1: (D, H).
        b1: (H,).
        W2: (H, K).
        b2: (K,).

    Returns:
        Two linear layers with a ReLU between them, in float64.
    """
    hidden, last = nn.Linear(*W1.shape), nn.Linear(*W2.shape)
    for layer, W, b in ((hidden, W1, b1), (last, W2, b2)):
        layer.weight.data = torch.tensor(W.T.copy())
        layer.bias.data = torch.tensor(b)
    return nn.Sequential(hidden, nn.ReLU(), last)


def _labels(y: np.ndarray, W2: np.ndarray, **_: object) -> None:
    if not 0 <= y.min() <= y.max() < W2.shape[1]:
        raise ValueError(f"y must be from 0 to {W2.shape[1] - 1}, got {y.min()} to {y.max()}")


_WEIGHTS = {
    "W1": "(D, H), not empty",
    "b1": "(H,)",
    "W2": "(H, K), not empty",
    "b2": "(K,)",
}
takes(numpy_sums, {"X": "(N, D), not empty"} | _WEIGHTS)
takes(
    numpy_step,
    {"X": "(N, D), not empty", "y": "(N,) of integers", "rate": "()"} | _WEIGHTS,
    also=_labels,
)
takes(torch_net, _WEIGHTS)
