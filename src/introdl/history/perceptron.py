"""The perceptron: a threshold unit that learns its weights from its own mistakes."""

import numpy as np
import torch
from scipy.optimize import nnls

from introdl.arguments import takes


class Perceptron:
    """A threshold unit that learns by correcting its mistakes.

    Source: Rosenblatt (1962), *Principles of Neurodynamics*, ch. 5.

    Args:
        n_inputs: Number of inputs, D.

    Attributes:
        w: Weights, (D,) float64, zero at first.
        b: Bias: the weight of a constant input 1, and minus the threshold.

    Examples:
        >>> Perceptron(3).w.shape
        (3,)
    """

    def __init__(self, n_inputs: int) -> None:
        self.w = np.zeros(n_inputs)
        self.b = 0.0

    def net_input(self, X: np.ndarray) -> np.ndarray:
        """Weigh and sum each row of `X` (N, D), plus the bias: (N,)."""
        return X @ self.w + self.b

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Decide -1 or +1 for each row of `X` (N, D): (N,) int."""
        return np.where(self.net_input(X) >= 0, 1, -1)

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int = 100) -> list[list[int]]:
        """Correct each mistake in turn until a pass has none.

        Args:
            X: Inputs, (N, D) float.
            y: Labels -1 or +1, (N,).
            epochs: Give up after this many passes through the data.

        Returns:
            One list per pass: the indices of the examples it got wrong, in order. An empty one
            is the last, and then every example is on its right side of the line.

        Raises:
            ValueError: If a shape does not fit, a label is not -1 or +1, or an input not finite.
        """
        passes = []
        for _ in range(epochs):
            mistakes = []
            for i in range(len(X)):
                # A point on the line itself is a mistake too: it has no right side.
                if y[i] * (self.w @ X[i] + self.b) <= 0:
                    self.w += y[i] * X[i]
                    self.b += y[i]
                    mistakes.append(i)
            passes.append(mistakes)
            if not mistakes:
                break
        return passes


def max_margin(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Find the direction with the widest margin, and that margin.

    Each example becomes one vector z = y (x, 1). The unit vector u whose least z·u is greatest
    points along the combination of the z with weights a >= 0 that makes
    |Zᵀa|² + (1 - sum a)² least; where no line separates the classes some combination is zero.
    Source: Lawson & Hanson (1974), *Solving Least Squares Problems*, ch. 23, problem LDP.

    Args:
        X: Inputs, (N, D) float.
        y: Labels -1 or +1, (N,).

    Returns:
        The unit vector u, (D + 1,), bias last, and its margin: the least of z·u.

    Raises:
        ValueError: If no line separates the two classes.
    """
    Z = y[:, None] * np.column_stack([X, np.ones(len(X))])  # (N, D + 1)
    Z_scaled = Z / np.linalg.norm(Z, axis=1).max()
    target = np.append(np.zeros(Z.shape[1]), 1.0)  # (D + 2,)
    a, _ = nnls(np.vstack([Z_scaled.T, np.ones(len(Z))]), target)  # (N,)
    u = Z_scaled.T @ a
    length = np.linalg.norm(u)
    if length < 1e-10 or (Z @ u).min() <= 0:
        raise ValueError("max_margin(): no line separates the two classes")
    u /= length
    return u, float((Z @ u).min())


def mistake_bound(X: np.ndarray, y: np.ndarray) -> float:
    """Compute (R/γ)², the most mistakes that the rule can make.

    R is the longest (x, 1), γ the margin of `max_margin`. Source: Novikoff (1962).

    Args:
        X: Inputs, (N, D) float.
        y: Labels -1 or +1, (N,).

    Raises:
        ValueError: If no line separates the two classes.

    Examples:
        >>> X = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
        >>> round(mistake_bound(X, np.array([-1, 1, 1, 1])), 6)  # the OR function
        9.0
    """
    _, margin = max_margin(X, y)
    return float(((X**2).sum(axis=1) + 1).max() / margin**2)


def fit_torch(
    X: np.ndarray,
    y: np.ndarray,
    epochs: int = 100,
) -> torch.nn.Linear:
    """Train the same unit in PyTorch, by SGD on the perceptron loss.

    One example at a time, in order, with a step of size 1 on max(0, -y s).

    Args:
        X: Inputs, (N, D) float.
        y: Labels -1 or +1, (N,).
        epochs: Give up after this many passes through the data.

    Returns:
        The trained unit; its weight is (1, D), its bias (1,), both float64.
    """
    unit = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(unit.weight)
    torch.nn.init.zeros_(unit.bias)
    optimizer = torch.optim.SGD(unit.parameters(), lr=1.0)
    inputs, labels = torch.tensor(X, dtype=torch.float64), torch.tensor(y)
    for _ in range(epochs):
        mistakes = 0
        for x, label in zip(inputs, labels, strict=True):
            wrong_by = -label * unit(x)  # (1,)
            # At 0, clamp passes the gradient on; relu would never start.
            loss = wrong_by.clamp(min=0)
            mistakes += int(wrong_by >= 0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if mistakes == 0:
            break
    return unit


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(Perceptron.net_input, {"self.w": "(D,)", "X": "(N, D)"})
takes(Perceptron.predict, {"self.w": "(D,)", "X": "(N, D)"})
takes(Perceptron.fit, {"self.w": "(D,)", "X": "(N, D)", "y": "(N,) of -1 and +1"})
for _function in (max_margin, mistake_bound, fit_torch):
    takes(_function, {"X": "(N, D), not empty", "y": "(N,) of -1 and +1"})
