"""Activations: what bends between two layers, the slope of each bend, and softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

from introdl.arguments import takes
from introdl.networks.neuron import sigmoid, surprise


def identity(z: np.ndarray) -> np.ndarray:
    """Pass `z`, (..., K), on as it is: no bend."""
    return z


def identity_slope(z: np.ndarray) -> np.ndarray:
    """Give 1 for each entry of `z`, (..., K)."""
    return np.ones_like(z)


def step(z: np.ndarray) -> np.ndarray:
    """Answer 1 from 0 on, else 0, for each entry of `z`, (..., K)."""
    return np.where(z >= 0, 1.0, 0.0)


def step_slope(z: np.ndarray) -> np.ndarray:
    """Give 0 for each entry of `z`, (..., K), also at the jump, where there is no slope."""
    return np.zeros_like(z)


def sigmoid_slope(z: np.ndarray) -> np.ndarray:
    """Compute p (1 - p), with p the sigmoid of each entry of `z`, (..., K): at most 1/4."""
    return sigmoid(z) * sigmoid(-z)  # 1 - p would round to 0 where p is nearly 1


def tanh(z: np.ndarray) -> np.ndarray:
    """Squeeze each entry of `z`, (..., K), between -1 and 1."""
    return np.tanh(z)


def tanh_slope(z: np.ndarray) -> np.ndarray:
    """Compute 1 - tanh² of each entry of `z`, (..., K): at most 1."""
    return 4 * sigmoid_slope(2 * z)  # tanh(z) = 2 sigmoid(2z) - 1; exact far from 0, too


def relu(z: np.ndarray) -> np.ndarray:
    """Pass positive entries of `z`, (..., K), on and make negative ones 0."""
    return np.maximum(z, 0.0)


def relu_slope(z: np.ndarray) -> np.ndarray:
    """Give 1 for each positive entry of `z`, (..., K), else 0, also at the kink."""
    return np.where(z > 0, 1.0, 0.0)


def leaky_relu(z: np.ndarray) -> np.ndarray:
    """Pass positive entries of `z`, (..., K), on and a hundredth of negative ones.

    Source: Maas, Hannun & Ng (2013), section 2.
    """
    return np.maximum(z, 0.01 * z)


def leaky_relu_slope(z: np.ndarray) -> np.ndarray:
    """Give 1 for each positive entry of `z`, (..., K), else 0.01."""
    return np.where(z > 0, 1.0, 0.01)


def gelu(z: np.ndarray) -> np.ndarray:
    """Multiply each entry of `z`, (..., K), by the share of a standard normal that lies below it.

    Source: Hendrycks & Gimpel (2016), section 2.
    """
    return z * ndtr(z)


def gelu_slope(z: np.ndarray) -> np.ndarray:
    """Compute the slope of `gelu` at each entry of `z`, (..., K)."""
    return ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def softmax(z: np.ndarray) -> np.ndarray:
    """Turn `z`, (..., K), into shares of the last axis: none negative, and 1 in all.

    An entry of -inf has the share 0.

    Raises:
        ValueError: If no entry of a row is finite, or one is +inf or no number.

    Examples:
        >>> softmax(np.array([1000.0, 1000.0]))
        array([0.5, 0.5])
    """
    powers = np.exp(z - z.max(axis=-1, keepdims=True))  # so that exp cannot overflow
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_backward(dshares: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Turn the gradient of the shares, (..., K), into that of the numbers they came from.

    A larger number raises its own share and lowers all others, which add up to 1 with it.

    Raises:
        ValueError: If the shapes differ, or a number is not finite.
    """
    return shares * (dshares - (dshares * shares).sum(axis=-1, keepdims=True))


def log_softmax(z: np.ndarray) -> np.ndarray:
    """Compute the logarithms of the shares of `z`, (..., K), exact also where a share rounds to 0.

    Examples:
        >>> log_softmax(np.array([0.0, 1000.0]))
        array([-1000.,     0.])
    """
    lower = z - z.max(axis=-1, keepdims=True)
    return lower - np.log(np.exp(lower).sum(axis=-1, keepdims=True))


def log_softmax_backward(dlogs: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Turn the gradient of `log_softmax(z)`, (..., K), into that of `z`.

    Raises:
        ValueError: If the shapes differ, or a number is not finite.
    """
    return dlogs - softmax(z) * dlogs.sum(axis=-1, keepdims=True)


class Activation(NamedTuple):
    """A function of the net input, and its slope."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


#: By name, in the order of the lesson. A net checks its input once, so these do not check theirs.
ACTIVATIONS = {
    "identity": Activation(identity, identity_slope),
    "step": Activation(step, step_slope),
    "sigmoid": Activation(sigmoid, sigmoid_slope),
    "tanh": Activation(tanh, tanh_slope),
    "relu": Activation(relu, relu_slope),
    "leaky_relu": Activation(leaky_relu, leaky_relu_slope),
    "gelu": Activation(gelu, gelu_slope),
}


class Net:
    """One hidden layer with an activation of choice, one output, and the surprise as its error.

    Weights start at random: those of the hidden layer with standard deviation 1, its biases with
    1/2, those of the output with one over the root of `hidden`; the output's bias starts at 0.

    Args:
        name: A name of `ACTIVATIONS`.
        hidden: Number of hidden units, H.
        seed: Of the first weights: one seed gives one start, whatever the activation.
        n_inputs: Number of inputs, D.

    Attributes:
        W, b: Weights (D, H) and biases (H,) of the hidden layer.
        v, c: Weights (H,) and bias of the output.
    """

    def __init__(self, name: str, hidden: int, seed: int, n_inputs: int = 2) -> None:
        rng = np.random.default_rng(seed)
        self.activation = ACTIVATIONS[name]
        self.W = rng.normal(size=(n_inputs, hidden))
        self.b = rng.normal(size=hidden) / 2
        self.v = rng.normal(size=hidden) / np.sqrt(hidden)
        self.c = 0.0

    def sums(self, X: np.ndarray) -> np.ndarray:
        """Compute the hidden units' net inputs for `X` (N, D): (N, H)."""
        return X @ self.W + self.b

    def net_input(self, X: np.ndarray) -> np.ndarray:
        """Compute the output's net input for `X` (N, D): (N,). Above 0 the answer is 1."""
        return self.activation.value(self.sums(X)) @ self.v + self.c

    def gradient(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
        """Compute the slopes of the mean surprise by W, b, v and c, for `X` (N, D), `y` (N,)."""
        return self._gradient(X, y)

    def _gradient(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
        Z = X @ self.W + self.b
        A = self.activation.value(Z)
        error = (sigmoid(A @ self.v + self.c) - y) / len(y)  # (N,)
        dZ = np.outer(error, self.v) * self.activation.slope(Z)  # (N, H)
        return X.T @ dZ, dZ.sum(axis=0), error @ A, error.sum()

    def fit(self, X: np.ndarray, y: np.ndarray, rate: float, steps: int) -> Net:
        """Take full steps against the gradient, for `X` (N, D) and labels `y` (N,); return self."""
        for _ in range(steps):
            dW, db, dv, dc = self._gradient(X, y)
            self.W, self.b = self.W - rate * dW, self.b - rate * db
            self.v, self.c = self.v - rate * dv, float(self.c - rate * dc)
        return self

    def loss(self, X: np.ndarray, y: np.ndarray) -> float:
        """Compute the mean surprise at the labels `y` (N,) of `X` (N, D)."""
        return float(surprise(self.net_input(X), y).mean())

    def dead(self, X: np.ndarray) -> np.ndarray:
        """Say which hidden units have slope 0 for each row of `X` (N, D): (H,) bool.

        Raises:
            FloatingPointError: If a net input is not finite: the net has diverged.
        """
        Z = self.sums(X)
        if not np.isfinite(Z).all():
            raise FloatingPointError("dead(): a net input is not finite: the net has diverged")
        return (self.activation.slope(Z) == 0).all(axis=0)


def _check_scores(**given: Any) -> None:
    z = given["z"]
    if np.isnan(z).any() or (z == np.inf).any():
        raise ValueError("softmax(): z holds a value that is no number, or +inf")
    if not np.isfinite(z).any(axis=-1).all():
        raise ValueError("softmax(): z holds a row without any finite value")


def _check_alike(**given: Any) -> None:
    one, other = given.values()
    if one.shape != other.shape:
        first, second = given
        raise ValueError(f"{first} has shape {one.shape}, {second} {other.shape}")


for _value, _slope in ACTIVATIONS.values():
    if _value is not sigmoid:
        takes(_value, {"z": "(..., K)"})
    takes(_slope, {"z": "(..., K)"})
takes(softmax, {"z": "(..., K) of any numbers, not empty"}, also=_check_scores)
takes(softmax_backward, {"dshares": "(..., K)", "shares": "(..., K)"}, also=_check_alike)
takes(log_softmax, {"z": "(..., K), not empty"})
takes(log_softmax_backward, {"dlogs": "(..., K)", "z": "(..., K), not empty"}, also=_check_alike)
for _method in (Net.sums, Net.net_input, Net.dead):
    takes(_method, {"X": "(N, D), not empty"})
for _method in (Net.gradient, Net.fit, Net.loss):
    takes(_method, {"X": "(N, D), not empty", "y": "(N,) of 0 and 1"})
