"""Activations: what bends between two layers, and the slope of each bend."""

import numpy as np
from scipy.special import ndtr

from introdl.arguments import takes
from introdl.networks.neuron import sigmoid


def step(z: np.ndarray) -> np.ndarray:
    """Answer 1 from 0 on, else 0, for each entry of `z` (N,)."""
    return np.where(z >= 0, 1.0, 0.0)


def step_slope(z: np.ndarray) -> np.ndarray:
    """Give the slope of the step, (N,): 0 everywhere; at the jump there is none, and 0 is used."""
    return np.zeros(len(z))


def sigmoid_slope(z: np.ndarray) -> np.ndarray:
    """Compute p (1 - p) with p the sigmoid of `z` (N,): at most 1/4."""
    return sigmoid(z) * sigmoid(-z)


def tanh(z: np.ndarray) -> np.ndarray:
    """Squeeze each entry of `z` (N,) between -1 and 1."""
    return np.tanh(z)


def tanh_slope(z: np.ndarray) -> np.ndarray:
    """Compute 1 - tanh², for each entry of `z` (N,): at most 1."""
    return 1 - np.tanh(z) ** 2


def relu(z: np.ndarray) -> np.ndarray:
    """Pass positive entries of `z` (N,) on and make negative ones 0."""
    return np.maximum(z, 0.0)


def relu_slope(z: np.ndarray) -> np.ndarray:
    """Give 1 for each positive entry of `z` (N,), else 0, also at the kink."""
    return np.where(z > 0, 1.0, 0.0)


def leaky_relu(z: np.ndarray) -> np.ndarray:
    """Pass positive entries of `z` (N,) on and a hundredth of negative ones."""
    return np.where(z > 0, z, 0.01 * z)


def leaky_relu_slope(z: np.ndarray) -> np.ndarray:
    """Give 1 for each positive entry of `z` (N,), else 0.01."""
    return np.where(z > 0, 1.0, 0.01)


def gelu(z: np.ndarray) -> np.ndarray:
    """Multiply each entry of `z` (N,) by the share of a standard normal below it."""
    return z * ndtr(z)


def gelu_slope(z: np.ndarray) -> np.ndarray:
    """Compute the slope of `gelu` at each entry of `z` (N,)."""
    return ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def softmax(z: np.ndarray) -> np.ndarray:
    """Turn `z` (K,) into positive shares of 1, (K,); no entry is too large.

    Examples:
        >>> softmax(np.array([1000.0, 1000.0]))
        array([0.5, 0.5])
    """
    e = np.exp(z - np.max(z))
    return e / e.sum()


def softmax_slope(z: np.ndarray) -> np.ndarray:
    """Compute the slope of each share by each entry of `z` (K,): (K, K)."""
    p = softmax(z)
    return np.diag(p) - np.outer(p, p)


for _function in (step, tanh, relu, leaky_relu, gelu):
    takes(_function, {"z": "(N,)"})
for _function in (step_slope, sigmoid_slope, tanh_slope, relu_slope, leaky_relu_slope, gelu_slope):
    takes(_function, {"z": "(N,)"})
takes(softmax, {"z": "(K,), not empty"})
takes(softmax_slope, {"z": "(K,), not empty"})
