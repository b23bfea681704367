"""A net of two layers whose weights are one row, so that many runs are many rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from introdl.arguments import takes
from introdl.networks.autograd.training import batches
from introdl.networks.optimizers.rules import Optimizer


class Net(NamedTuple):
    """The sizes of a net: D inputs, H units with ReLU, K classes.

    Its P = D H + H + H K + K weights are a row: first layer, its biases, second layer, its biases.
    R runs are R rows, (R, P).
    """

    D: int
    H: int
    K: int

    @property
    def size(self) -> int:
        """The number P of weights and biases."""
        return (self.D + 1) * self.H + (self.H + 1) * self.K

    def start(self, rng: np.random.Generator) -> np.ndarray:
        """Draw a row of weights, (P,); biases are 0."""
        W1 = rng.normal(size=self.D * self.H) * np.sqrt(2 / self.D)
        W2 = rng.normal(size=self.H * self.K) / np.sqrt(self.H)
        return np.concatenate([W1, np.zeros(self.H), W2, np.zeros(self.K)])

    def _layers(self, w: np.ndarray) -> list[np.ndarray]:
        shapes = (self.D, self.H), (1, self.H), (self.H, self.K), (1, self.K)
        cuts = np.cumsum([a * b for a, b in shapes])[:-1]
        parts = np.split(w, cuts, axis=1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True)]

    def surprise(self, w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Compute the mean surprise of labels `y` (N,) for `X` (N, D) in each run: (R,)."""
        z = self.sums(w, X)
        top = z.max(axis=2, keepdims=True)
        log_total = np.log(np.exp(z - top).sum(axis=2)) + top[:, :, 0]  # (R, N)
        return (log_total - z[:, np.arange(len(y)), y]).mean(axis=1)

    def sums(self, w: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Compute the sums of the K classes for `X` (N, D) in each run: (R, N, K)."""
        W1, b1, W2, b2 = self._layers(w)
        return np.maximum(X @ W1 + b1, 0) @ W2 + b2

    def slope(self, w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Compute the slopes of the mean surprise by every weight of each run: (R, P)."""
        W1, b1, W2, b2 = self._layers(w)
        Z = X @ W1 + b1  # (R, N, H)
        A = np.maximum(Z, 0)
        z = A @ W2 + b2
        p = np.exp(z - z.max(axis=2, keepdims=True))
        p /= p.sum(axis=2, keepdims=True)
        p[:, np.arange(len(y)), y] -= 1
        p /= len(y)
        back = (p @ W2.transpose(0, 2, 1)) * (Z > 0)
        slopes = X.T @ back, back.sum(axis=1), A.transpose(0, 2, 1) @ p, p.sum(axis=1)
        return np.concatenate([s.reshape(len(w), -1) for s in slopes], axis=1)


def train(
    net: Net,
    optimizer: Optimizer,
    w: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    *,
    passes: int,
    batch: int,
    seed: int,
    schedule: Callable[[float], float] = lambda share: 1.0,
) -> np.ndarray:
    """Train all runs on the same batches.

    Args:
        net: The sizes.
        optimizer: A rule that has not stepped yet; its rate may differ from run to run, (R, 1).
        w: The weights at the start, one row per run, (R, P).
        X: Inputs, (N, D).
        y: Classes from 0 on, (N,).
        passes: How often to go through all examples.
        batch: How many examples make a batch.
        seed: Shuffles the examples, anew for each pass.
        schedule: Takes the share of all steps that is done and returns the factor of the rate.

    Returns:
        The weights after each pass, (passes, R, P).

    Raises:
        ValueError: If there is no pass, a batch holds no example, or the rule has stepped already.
        FloatingPointError: If the weights of a run grow past all bounds.
    """
    if passes < 1 or batch < 1:
        raise ValueError(f"train(): passes and batch are 1 or more, got {passes} and {batch}")
    optimizer.must_be_new("train")
    parts = batches(len(X), passes, batch, seed)
    rate, kept = optimizer.rate, []
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            for t, rows in enumerate(parts, start=1):
                optimizer.rate = rate * schedule((t - 1) / len(parts))
                g = net.slope(w, X[rows], y[rows])
                if not np.isfinite(g).all():
                    raise FloatingPointError(f"train(): diverged at step {t}: a rate is too large")
                w = optimizer.step(w, g)
                if t % (len(parts) // passes) == 0:
                    kept.append(w)
    finally:
        optimizer.rate = rate
    return np.array(kept)


def _classes(y: np.ndarray, **given: object) -> None:
    net = given.get("net", given.get("self"))
    w = given["w"]
    assert isinstance(net, Net)
    assert isinstance(w, np.ndarray)
    if w.shape[1] != net.size:
        raise ValueError(f"w has shape {w.shape}, expected (R, {net.size}) for {net}")
    if y.min() < 0 or y.max() >= net.K:
        raise ValueError(f"y names classes {y.min()} to {y.max()}, expected 0 to {net.K - 1}")


_TAKES = {"w": "(R, P)", "X": "(N, D), not empty", "y": "(N,) of integers"}
takes(Net.sums, {"w": "(R, P)", "X": "(N, D)"})
for _function in (Net.surprise, Net.slope, train):
    takes(_function, _TAKES, also=_classes)
