"""Backpropagation by hand: each backward rule stands beside the forward rule it differentiates.

Source: Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating
errors", Nature 323, 533-536. Equation numbers below are the paper's. A leading axis R, where a
shape has one, holds that many separate nets side by side.
"""

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np
import torch

from introdl.arguments import takes


class Linear:
    """Weighted sums, `Z = X W + b`, of the layer below.

    Args:
        W: Weights, (D, H) or (R, D, H), float64.
        b: Biases, (1, H) or (R, 1, H), float64.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray) -> None:
        self.W, self.b = W, b

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Compute `Z`, (..., N, H), from `X`, (..., N, D), and keep `X` (equation 1).

        Raises:
            ValueError: If `X` has not D columns.
        """
        self.X = X
        return X @ self.W + self.b

    def backward(self, dZ: np.ndarray) -> np.ndarray:
        """Turn dE/dZ, (..., N, H), into dE/dX, (..., N, D); keep dE/dW, dE/db (equations 6, 7)."""
        self.dW = self.X.mT @ dZ  # (..., D, H)
        self.db = dZ.sum(axis=-2, keepdims=True)  # (..., 1, H)
        return dZ @ self.W.mT


class Sigmoid:
    """The logistic function of each entry, `A = 1 / (1 + exp(-Z))`."""

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """Compute `A`, in the shape of `Z`, and keep it (equation 2)."""
        self.A = 0.5 * (1 + np.tanh(0.5 * Z))  # the same function, but exp could overflow
        return self.A

    def backward(self, dA: np.ndarray) -> np.ndarray:
        """Turn dE/dA into dE/dZ: the slope of the sigmoid is A (1 - A) (equation 5)."""
        return dA * self.A * (1 - self.A)


def squared_error(Y: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the error E and its gradient dE/dY (equations 3 and 4).

    Args:
        Y: Outputs, (..., N, K).
        T: Targets, (N, K), or one set for each net, (R, N, K).

    Returns:
        E, half the sum of squares over cases and units, (...); and dE/dY, (..., N, K).

    Raises:
        ValueError: If the last two axes of `Y` and `T` differ.

    Examples:
        >>> squared_error(np.array([[0.5]]), np.array([[1.0]]))
        (np.float64(0.125), array([[-0.5]]))
    """
    return 0.5 * np.sum((Y - T) ** 2, axis=(-2, -1)), Y - T


class Network:
    """Layers of sigmoid units and the gradient of their error by backpropagation.

    Args:
        sizes: Units in each layer, inputs first.
        rng: Source of the random weights.
        scale: Weights and biases start uniform in [-scale, scale].
        runs: R, how many separate nets to hold; 0 for one net, without that axis.

    Raises:
        ValueError: If `sizes` names fewer than two layers.

    Examples:
        >>> net = Network([6, 2, 1], np.random.default_rng(0), runs=50)
        >>> net.forward(np.zeros((64, 6))).shape
        (50, 64, 1)
    """

    def __init__(
        self, sizes: list[int], rng: np.random.Generator, scale: float = 0.3, runs: int = 0
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(f"Network: expected two or more sizes, got {sizes}")
        stack = (runs,) if runs else ()
        self.linear = []
        for D, H in pairwise(sizes):
            W = rng.uniform(-scale, scale, (*stack, D, H))
            b = rng.uniform(-scale, scale, (*stack, 1, H))
            self.linear.append(Linear(W, b))
        self.layers = [layer for linear in self.linear for layer in (linear, Sigmoid())]

    def parameters(self) -> list[np.ndarray]:
        """Return the weights and biases themselves, inputs first: `[W1, b1, W2, b2, ...]`."""
        return [p for layer in self.linear for p in (layer.W, layer.b)]

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Compute the outputs, (..., N, K), for inputs `X`, (N, D) or (R, N, D)."""
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self, dY: np.ndarray) -> list[np.ndarray]:
        """Send dE/dY, (..., N, K), back; return the gradients in the order of `parameters`."""
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return [g for layer in self.linear for g in (layer.dW, layer.db)]


def sweeps(
    net: Network, X: np.ndarray, T: np.ndarray, n: int, *, lr: float = 0.1, momentum: float = 0.9
) -> Iterator[np.ndarray]:
    """Train `net` in place by gradient descent with momentum, a step a sweep (equation 9).

    Args:
        net: The net, or R nets, to train.
        X: Inputs, (N, D) or (R, N, D).
        T: Targets, (N, K) or (R, N, K).
        n: How many sweeps through all N cases.
        lr: Step size, the paper's epsilon.
        momentum: Share of the last step that is repeated, the paper's alpha.

    Yields:
        The error before each step, (...). The step is taken when you ask for the next error.
    """
    velocity = [np.zeros_like(p) for p in net.parameters()]
    for _ in range(n):
        E, dY = squared_error(net.forward(X), T)
        gradients = net.backward(dY)
        yield E
        for p, v, g in zip(net.parameters(), velocity, gradients, strict=True):
            v[:] = momentum * v - lr * g
            p += v


def finite_differences(
    net: Network, X: np.ndarray, T: np.ndarray, eps: float = 1e-5
) -> list[np.ndarray]:
    """Estimate the gradient by nudging each weight up and down by `eps`: two forward passes each.

    Args:
        net: The net; its weights are put back.
        X: Inputs, (N, D).
        T: Targets, (N, K).
        eps: Size of a nudge.

    Returns:
        One array for each of `net.parameters()`, in its shape.
    """
    estimates = [np.empty_like(p) for p in net.parameters()]
    for p, estimate in zip(net.parameters(), estimates, strict=True):
        for i in np.ndindex(p.shape):
            kept, E = p[i], []
            for nudge in (eps, -eps):
                p[i] = kept + nudge
                E.append(squared_error(net.forward(X), T)[0].sum())
            p[i] = kept
            estimate[i] = (E[0] - E[1]) / (2 * eps)
    return estimates


def torch_twin(net: Network) -> torch.nn.Sequential:
    """Build the same single net in PyTorch, float64, with copies of its weights."""
    twin = torch.nn.Sequential()
    for layer in net.linear:
        linear = torch.nn.Linear(*layer.W.shape, dtype=torch.float64)
        weight, bias = torch.from_numpy(layer.W.T), torch.from_numpy(layer.b[0])
        linear.load_state_dict({"weight": weight, "bias": bias})
        twin.extend([linear, torch.nn.Sigmoid()])
    return twin


def symmetry_task(bits: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """List all patterns of 0 and 1, and whether each reads the same backwards (Fig. 1).

    Returns:
        Patterns, (2**bits, bits), and targets, (2**bits, 1), float64.

    Examples:
        >>> X, T = symmetry_task()
        >>> X.shape, int(T.sum())
        ((64, 6), 8)
    """
    X = np.array(list(product([0.0, 1.0], repeat=bits)))
    return X, (X[:, ::-1] == X).all(axis=1, keepdims=True).astype(float)


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(Linear.__init__, {"W": "(..., D, H)", "b": "(..., 1, H)"})
takes(Linear.forward, {"self.W": "(..., D, H)", "X": "(..., N, D)"})
takes(Linear.backward, {"dZ": "(..., N, H)"})
takes(Sigmoid.forward, {"Z": "(...) of any numbers"})
takes(squared_error, {"Y": "(..., N, K) of any numbers", "T": "(..., N, K) of any numbers"})
takes(sweeps, {"X": "(..., N, D)", "T": "(..., N, K)"})
takes(finite_differences, {"X": "(N, D)", "T": "(N, K)"})
