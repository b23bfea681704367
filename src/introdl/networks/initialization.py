"""How large the first weights should be, what becomes of a signal, and two ways to normalise it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from introdl.arguments import takes
from introdl.networks.activations import ACTIVATIONS

#: The standard deviation of the first weights of a layer, from its numbers of inputs and of units.
STARTS: dict[str, Callable[[int, int], float]] = {
    "zero": lambda n_in, n_out: 0.0,
    "small": lambda n_in, n_out: 0.01,
    "xavier": lambda n_in, n_out: float(np.sqrt(2 / (n_in + n_out))),
    "he": lambda n_in, n_out: float(np.sqrt(2 / n_in)),
}


def draw(start: str, n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the first weights of one layer from a normal distribution with mean 0.

    Source: Glorot & Bengio (2010), equation 12, for "xavier"; He et al. (2015), equation 10,
    for "he".

    Args:
        start: A name of `STARTS`.
        n_in: Number of inputs, D.
        n_out: Number of units, H.
        rng: Draws the weights.

    Returns:
        The weights, (D, H).
    """
    return STARTS[start](n_in, n_out) * rng.normal(size=(n_in, n_out))


def size(A: np.ndarray) -> float:
    """Compute the root of the mean square of `A`, (..., K): how far from 0 a usual entry lies.

    Examples:
        >>> size(np.array([1.0, 7.0]))
        5.0
    """
    largest = np.abs(A).max()
    if largest == 0:
        return 0.0
    return float(largest * np.sqrt(np.mean((A / largest) ** 2)))  # no square rounds to 0


def sizes(
    X: np.ndarray, weights: np.ndarray, dA: np.ndarray, name: str, norm: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Send examples up through layers of one width, and slopes down again, and measure both.

    Args:
        X: Examples, (N, H).
        weights: One matrix per layer, (L, H, H); there are no biases.
        dA: Slopes of some loss by the last layer's activations, (N, H).
        name: A name of `ACTIVATIONS`.
        norm: Whether each layer's sums are layer-normalised before they bend.

    Returns:
        The sizes of the activations, and of the slopes of the loss by them, both (L + 1,); entry 0
        belongs to the examples.
    """
    activation, eps = ACTIVATIONS[name], 1e-5
    inputs, up = [X], [size(X)]
    for W in weights:
        Z = inputs[-1] @ W
        inputs.append(activation.value(_standard(Z, 1, eps)[0] if norm else Z))
        up.append(size(inputs[-1]))
    down = [size(dA)]
    for A, W in zip(inputs[-2::-1], weights[::-1], strict=True):
        Z = A @ W
        dZ = dA * activation.slope(_standard(Z, 1, eps)[0] if norm else Z)
        dA = (_standard_backward(dZ, Z, 1, eps) if norm else dZ) @ W.T
        down.append(size(dA))
    return np.array(up), np.array(down[::-1])


def _standard(X: np.ndarray, axis: int, eps: float) -> tuple[np.ndarray, np.ndarray]:
    centred = X - X.mean(axis=axis, keepdims=True)
    root = np.sqrt((centred**2).mean(axis=axis, keepdims=True) + eps)
    return centred / root, root


def _standard_backward(
    dY: np.ndarray,
    X: np.ndarray,
    axis: int,
    eps: float,
) -> np.ndarray:
    Y, root = _standard(X, axis, eps)
    mean = dY.mean(axis=axis, keepdims=True)
    share = (dY * Y).mean(axis=axis, keepdims=True)
    return (dY - mean - share * Y) / root


def batch_norm(
    X: np.ndarray, scale: np.ndarray, shift: np.ndarray, eps: float = 1e-5
) -> np.ndarray:
    """Give each unit mean 0 and size 1 over the batch, then its own scale and shift.

    Source: Ioffe & Szegedy (2015), algorithm 1.

    Args:
        X: A batch, one row per example, (N, H).
        scale: What each unit is multiplied by, (H,).
        shift: What is added to each unit, (H,).
        eps: Added to the variance, so that nothing is divided by 0.

    Returns:
        The normalised batch, (N, H).

    Examples:
        >>> batch_norm(np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1), eps=0)
        array([[-1.],
               [ 1.]])
    """
    return scale * _standard(X, 0, eps)[0] + shift


def batch_norm_backward(
    dY: np.ndarray, X: np.ndarray, scale: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the slopes by the output of `batch_norm`, (N, H), into those by X, scale and shift."""
    dX = _standard_backward(dY * scale, X, 0, eps)
    return dX, (dY * _standard(X, 0, eps)[0]).sum(axis=0), dY.sum(axis=0)


def layer_norm(
    X: np.ndarray, scale: np.ndarray, shift: np.ndarray, eps: float = 1e-5
) -> np.ndarray:
    """Give each example mean 0 and size 1 over its units, then each unit its scale and shift.

    Source: Ba, Kiros & Hinton (2016), equation 4.

    Args:
        X: One row per example, (N, H).
        scale: What each unit is multiplied by, (H,).
        shift: What is added to each unit, (H,).
        eps: Added to the variance, so that nothing is divided by 0.

    Returns:
        The normalised examples, (N, H).

    Examples:
        >>> layer_norm(np.array([[1.0, 3.0]]), np.ones(2), np.zeros(2), eps=0)
        array([[-1.,  1.]])
    """
    return scale * _standard(X, 1, eps)[0] + shift


def layer_norm_backward(
    dY: np.ndarray, X: np.ndarray, scale: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the slopes by the output of `layer_norm`, (N, H), into those by X, scale and shift."""
    dX = _standard_backward(dY * scale, X, 1, eps)
    return dX, (dY * _standard(X, 1, eps)[0]).sum(axis=0), dY.sum(axis=0)


class BatchNorm:
    """Batch norm that remembers: by the batch in training, by running statistics afterwards.

    Args:
        n_units: Number of units, H.
        share: How much of each batch's statistics enters the running ones.
        eps: Added to the variance.

    Attributes:
        scale, shift: Per unit, (H,); they are trained.
        mean, variance: The running statistics, (H,); they are not.
        training: Which of the two ways it works.
    """

    def __init__(self, n_units: int, share: float = 0.1, eps: float = 1e-5) -> None:
        self.scale, self.shift = np.ones(n_units), np.zeros(n_units)
        self.mean, self.variance = np.zeros(n_units), np.ones(n_units)
        self.share, self.eps, self.training = share, eps, True

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalise `X`, (N, H); in training, also update the running statistics.

        Raises:
            ValueError: If `X` has not H columns, or a batch of training has one example: it has no
                variance.
        """
        if X.shape[-1] != len(self.mean):
            raise ValueError(
                f"BatchNorm.forward(): X has {X.shape[-1]} columns for {len(self.mean)} units"
            )
        if not self.training:
            X = (X - self.mean) / np.sqrt(self.variance + self.eps)
            return self.scale * X + self.shift
        if len(X) < 2:
            raise ValueError("BatchNorm.forward(): a batch of training needs two examples")
        self.mean += self.share * (X.mean(axis=0) - self.mean)
        self.variance += self.share * (X.var(axis=0, ddof=1) - self.variance)
        return batch_norm(X, self.scale, self.shift, self.eps)


def _eps(**given: Any) -> None:
    if given["eps"] < 0:
        raise ValueError(f"eps must be 0 or more, got {given['eps']}")


_UNITS = {"scale": "(H,)", "shift": "(H,)"}
takes(size, {"A": "(..., K), not empty"})
takes(
    sizes,
    {"X": "(N, H), not empty", "weights": "(L, H, H), not empty", "dA": "(N, H)"},
)
for _norm in (batch_norm, layer_norm):
    takes(_norm, {"X": "(N, H), not empty", **_UNITS}, also=_eps)
for _backward in (batch_norm_backward, layer_norm_backward):
    takes(_backward, {"dY": "(N, H)", "X": "(N, H), not empty", "scale": "(H,)"}, also=_eps)
takes(BatchNorm.forward, {"X": "(N, H), not empty"})
