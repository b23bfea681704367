"""Train a net of two layers by slopes from the engine, and the same net in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from introdl.arguments import takes
from introdl.networks.autograd.tensor import Tensor


def cross_entropy(z: Tensor, y: np.ndarray) -> Tensor:
    """Compute the mean surprise of the labels `y` (N,) under the softmax of `z` (N, K)."""
    z = z - z.data.max(axis=1, keepdims=True)  # no exponential is too large
    log_p = z - z.exp().sum(axis=1).log()
    return -log_p[np.arange(len(y)), y].mean()


def _classes(z: Tensor, y: np.ndarray) -> None:
    if y.min() < 0 or y.max() >= z.shape[1]:
        raise ValueError(
            f"cross_entropy(): y names classes {y.min()} to {y.max()}, expected 0 to "
            f"{z.shape[1] - 1}"
        )


takes(cross_entropy, {"z.data": "(N, K), not empty", "y": "(N,) of integers"}, also=_classes)


class Net(NamedTuple):
    """Weights and biases of two layers.

    Attributes:
        W1: (D, H).
        b1: (H,).
        W2: (H, K).
        b2: (K,).
    """

    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Name the class with the largest sum for each row of `X` (N, D): (N,)."""
        return (np.tanh(X @ self.W1 + self.b1) @ self.W2 + self.b2).argmax(axis=1)


takes(Net.predict, {"X": "(N, D)", "self.W1": "(D, H)"})


def start(n_inputs: int, hidden: int, classes: int, seed: int) -> Net:
    """Draw weights whose sums are about as large as their inputs; biases are 0."""
    rng = np.random.default_rng(seed)
    W1 = rng.normal(size=(n_inputs, hidden)) / np.sqrt(n_inputs)
    W2 = rng.normal(size=(hidden, classes)) / np.sqrt(hidden)
    return Net(W1, np.zeros(hidden), W2, np.zeros(classes))


def batches(n: int, epochs: int, batch: int, seed: int) -> list[np.ndarray]:
    """Draw the places of the examples of each step: a new order for every pass."""
    rng = np.random.default_rng(seed)
    return [
        part for _ in range(epochs) for part in np.split(rng.permutation(n), range(batch, n, batch))
    ]


def fit(
    X: np.ndarray,
    y: np.ndarray,
    hidden: int = 32,
    rate: float = 0.5,
    epochs: int = 20,
    batch: int = 50,
    seed: int = 0,
) -> Net:
    """Train on rows of `X` (N, D) with labels `y` (N,) from 0 on; the engine finds the slopes."""
    first = start(X.shape[1], hidden, y.max() + 1, seed)
    W1, b1, W2, b2 = weights = [Tensor(values) for values in first]
    for part in batches(len(X), epochs, batch, seed):
        loss = cross_entropy((Tensor(X[part]) @ W1 + b1).tanh() @ W2 + b2, y[part])
        loss.backward()
        for w in weights:
            w.data -= rate * w.grad
            w.zero_grad()
    return Net(*(w.data for w in weights))


def fit_torch(
    X: np.ndarray,
    y: np.ndarray,
    hidden: int = 32,
    rate: float = 0.5,
    epochs: int = 20,
    batch: int = 50,
    seed: int = 0,
) -> Net:
    """Do the same in PyTorch, from the same weights and with the same batches."""
    first = start(X.shape[1], hidden, y.max() + 1, seed)
    W1, b1, W2, b2 = weights = [torch.tensor(values, requires_grad=True) for values in first]
    X, y = torch.tensor(X), torch.tensor(y)
    optimizer = torch.optim.SGD(weights, lr=rate)
    for part in batches(len(X), epochs, batch, seed):
        sums = torch.tanh(X[part] @ W1 + b1) @ W2 + b2
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(sums, y[part]).backward()
        optimizer.step()
    return Net(*(w.detach().numpy() for w in weights))


def _refuse(X: np.ndarray, y: np.ndarray, epochs: int, batch: int, **_: object) -> None:
    classes = np.unique(y)
    if not np.array_equal(classes, np.arange(len(classes))):
        raise ValueError(f"fit(): y counts its classes from 0, none left out; got {y!r:.60}")
    if epochs < 1 or batch < 1:
        raise ValueError(f"fit(): epochs and batch are 1 or more, got {epochs} and {batch}")


for _fit in (fit, fit_torch):
    takes(_fit, {"X": "(N, D), not empty", "y": "(N,) of integers"}, also=_refuse)


def nudged(
    function: Callable[[np.ndarray], float], x: np.ndarray, nudge: float = 1e-6
) -> np.ndarray:
    """Estimate the slope of a number by each entry of `x`: nudge the entry up and down.

    Examples:
        >>> nudged(lambda x: float(x[0] * x[1]), np.array([2.0, 5.0])).round(6)
        array([5., 2.])
    """
    slopes = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += nudge
        down[i] -= nudge
        slopes[i] = (function(up) - function(down)) / (2 * nudge)
    return slopes


takes(nudged, {"x": "(...)"})
