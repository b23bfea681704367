"""ADALINE: a linear unit that learns from the size of its error, by the LMS rule."""

import numpy as np
import torch

from introdl.arguments import takes


class Adaline:
    """A linear unit, and a threshold behind it, trained by the LMS rule.

    Source: Widrow & Hoff (1960), "Adaptive switching circuits".

    Args:
        n_inputs: Number of inputs, D.
        rate: Learning rate η.

    Attributes:
        w: Weights, (D,) float64, zero at first.
        b: Bias: the weight of a constant input 1, and minus the threshold.

    Examples:
        >>> Adaline(3).w.shape
        (3,)
    """

    def __init__(self, n_inputs: int, rate: float = 0.01) -> None:
        self.w = np.zeros(n_inputs)
        self.b = 0.0
        self.rate = rate

    def net_input(self, X: np.ndarray) -> np.ndarray:
        """Weigh and sum each row of `X` (N, D), plus the bias: (N,)."""
        return X @ self.w + self.b

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Decide -1 or +1 for each row of `X` (N, D): (N,) int."""
        return np.where(self.net_input(X) >= 0, 1, -1)

    def step(self, x: np.ndarray, y: float) -> float:
        """Learn from one example `x` (D,), target `y`; return its error."""
        error = float(y - (self.w @ x + self.b))
        self.w += self.rate * error * x
        self.b += self.rate * error
        return error

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int = 100) -> np.ndarray:
        """Take one step for each example in order, `epochs` times over.

        Args:
            X: Inputs, (N, D) float.
            y: Targets, (N,): -1 or +1 for a decision, any number for a regression.
            epochs: Passes through the data.

        Returns:
            The mean squared error of each pass, measured step by step, (epochs,).

        Raises:
            ValueError: If the shapes do not fit, or a value is not finite.
            FloatingPointError: If the rate is too large: errors grow 10¹⁵-fold, or past all bounds.
        """
        errors = np.empty((epochs, len(X)))
        at_first = ((y - self.net_input(X)) ** 2).mean() + (y**2).mean()
        with np.errstate(over="ignore", invalid="ignore"):
            for epoch in range(epochs):
                for i in range(len(X)):
                    errors[epoch, i] = self.step(X[i], y[i])
            mean_squares = (errors**2).mean(axis=1)
        # An error 10¹⁵ times that of the start has no digit of the data left.
        if not (mean_squares <= 1e30 * at_first).all():
            raise FloatingPointError(f"fit(): diverged; rate {self.rate} is too large")
        return mean_squares


def correlation(X: np.ndarray) -> np.ndarray:
    """Compute the input correlation matrix: the mean of z zᵀ, z = (x, 1).

    Args:
        X: Inputs, (N, D) float.

    Returns:
        The symmetric matrix M, (D + 1, D + 1).

    Examples:
        >>> correlation(np.array([[1.0], [-1.0]]))
        array([[1., 0.],
               [0., 1.]])
    """
    X1 = np.column_stack([X, np.ones(len(X))])  # (N, D + 1)
    return X1.T @ X1 / len(X)


def largest_rate(X: np.ndarray) -> float:
    """Compute 2 / λ_max, the rate beyond which gradient descent diverges.

    λ_max is the largest eigenvalue of `correlation(X)`. Source: Widrow et al. (1976).

    Args:
        X: Inputs, (N, D) float.
    """
    return float(2 / np.linalg.eigvalsh(correlation(X))[-1])


def least_squares(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Find the weights with the least mean squared error in one go.

    Args:
        X: Inputs, (N, D) float.
        y: Targets, (N,).

    Returns:
        The weights, bias last, (D + 1,); the shortest such vector where many are best.
    """
    return np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y, rcond=None)[0]


def gradient_descent(X: np.ndarray, y: np.ndarray, rate: float, steps: int) -> np.ndarray:
    """Descend the mean squared error over all examples, from zero weights.

    Args:
        X: Inputs, (N, D) float.
        y: Targets, (N,).
        rate: Learning rate η.
        steps: How many steps to take.

    Returns:
        The weights, bias last, before the first step and after each one, (steps + 1, D + 1).
    """
    M = correlation(X)
    p = np.append(X.T @ y, y.sum()) / len(X)  # (D + 1,)
    path = np.zeros((steps + 1, len(p)))
    for t in range(steps):
        path[t + 1] = path[t] + rate * (p - M @ path[t])
    return path


def lms_torch(X: np.ndarray, y: np.ndarray, rate: float, epochs: int) -> np.ndarray:
    """Run the LMS rule in PyTorch: SGD on half the squared error of each example.

    Args:
        X: Inputs, (N, D) float.
        y: Targets, (N,).
        rate: Learning rate η.
        epochs: Passes through the data.

    Returns:
        The weights, bias last, after every single step, (epochs * N, D + 1).
    """
    unit = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(unit.weight)
    torch.nn.init.zeros_(unit.bias)
    optimizer = torch.optim.SGD(unit.parameters(), lr=rate)
    inputs, targets = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    path = []
    for _ in range(epochs):
        for x, target in zip(inputs, targets, strict=True):
            loss = (target - unit(x)).square().sum() / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            path.append(torch.cat([unit.weight[0], unit.bias]).detach().clone())
    return torch.stack(path).numpy()


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(Adaline.net_input, {"self.w": "(D,)", "X": "(N, D)"})
takes(Adaline.predict, {"self.w": "(D,)", "X": "(N, D)"})
takes(Adaline.fit, {"self.w": "(D,)", "X": "(N, D), not empty", "y": "(N,)"})
takes(correlation, {"X": "(N, D), not empty"})
takes(largest_rate, {"X": "(N, D), not empty"})
for _function in (least_squares, gradient_descent, lms_torch):
    takes(_function, {"X": "(N, D), not empty", "y": "(N,)"})
