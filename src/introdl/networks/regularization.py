"""Regularisation: a price on large weights, dropout, and a net of two layers trained with both."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from introdl.arguments import takes


def noisy_wave(x: np.ndarray, rng: np.random.Generator, noise: float = 0.3) -> np.ndarray:
    """Make synthetic measurements of one wave, sin πx, with normal noise.

    Args:
        x: Where to measure, (N,).
        rng: Draws the noise.
        noise: Its standard deviation, 0 or more.

    Returns:
        The measurements, (N,).

    Examples:
        >>> noisy_wave(np.array([0.0, 0.5]), np.random.default_rng(0), noise=0)
        array([0., 1.])
    """
    return np.sin(np.pi * x) + rng.normal(scale=noise, size=len(x))


def powers(x: np.ndarray, degree: int) -> np.ndarray:
    """Write 1, x, x² and so on, up to a degree, beside each other.

    Args:
        x: Inputs, (N,).
        degree: The highest power, 0 or more.

    Returns:
        One column per power, (N, degree + 1).

    Examples:
        >>> powers(np.array([2.0, 3.0]), degree=2)
        array([[1., 2., 4.],
               [1., 3., 9.]])
    """
    if degree < 0:
        raise ValueError(f"powers(): degree must be 0 or more, got {degree}")
    return np.vander(x, degree + 1, increasing=True)


def ridge(X: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """Find the weights with the least ½ Σ errors² + ½ λ Σ weights²; the first weight is free.

    Each price is one more row of a least-squares problem: it asks √λ times a weight to be 0.

    Source: Hoerl & Kennard (1970).

    Args:
        X: Inputs, (N, M); its first column belongs to the weight that has no price.
        y: Targets, (N,).
        penalty: The price λ, 0 or more.

    Returns:
        The weights, (M,); where λ = 0 leaves many best ones, the shortest of them.

    Raises:
        ValueError: If the price is negative.

    Examples:
        >>> X = np.array([[0.0, 1.0], [0.0, 2.0]])
        >>> ridge(X, np.array([1.0, 4.0]), penalty=4).round(12)
        array([0., 1.])
    """
    if penalty < 0:
        raise ValueError(f"ridge(): penalty must be 0 or more, got {penalty}")
    rows = np.sqrt(penalty) * np.eye(X.shape[1])[1:]  # (M - 1, M)
    targets = np.append(y, np.zeros(len(rows)))
    return np.linalg.lstsq(np.vstack([X, rows]), targets, rcond=None)[0]


def drop_mask(shape: tuple[int, ...], drop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw what dropout multiplies with: 0 for a unit that sits out, else 1 / (1 - p).

    Source: Srivastava et al. (2014), section 10: scaled while training, left alone afterwards.

    Args:
        shape: Of the activations.
        drop: The share p of units to drop, from 0 to below 1; one number, or an array that
            stretches to `shape`.
        rng: Draws who sits out.

    Returns:
        The mask, float, of that shape; its mean is 1 on average.

    Examples:
        >>> drop_mask((4,), 0.5, np.random.default_rng(0))
        array([2., 0., 0., 0.])
    """
    if not ((drop >= 0) & (drop < 1)).all():
        raise ValueError(f"drop_mask(): drop must be from 0 to below 1, got {drop}")
    return (rng.random(shape) >= drop) / (1 - drop)


def all_shifts(images: np.ndarray, most: int) -> np.ndarray:
    """Shift each image by up to `most` whole pixels each way; what is laid bare is 0.

    Args:
        images: (N, H, W).
        most: The farthest shift, 0 or more.

    Returns:
        Entry [i, most + down, most + right] is image i, that far down and to the right; a view
        that cannot be written to, (N, 2 most + 1, 2 most + 1, H, W).

    Raises:
        ValueError: If `most` is negative.

    Examples:
        >>> all_shifts(np.array([[[1.0, 2.0], [3.0, 4.0]]]), most=1)[0, 2, 1]
        array([[0., 0.],
               [1., 2.]])
    """
    if most < 0:
        raise ValueError(f"all_shifts(): most must be 0 or more, got {most}")
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    windows = sliding_window_view(padded, images.shape[1:], axis=(1, 2))
    return windows[:, ::-1, ::-1]  # a window farther up shows an image farther down


class Nets(NamedTuple):
    """R nets of two layers that are trained at the same time.

    Attributes:
        W1: (R, D, H).
        b1: (R, 1, H).
        W2: (R, H, K).
        b2: (R, 1, K).
    """

    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray

    def scores(self, X: np.ndarray) -> np.ndarray:
        """Compute the class scores of each net for `X` (N, D), with all units: (R, N, K)."""
        return np.maximum(X @ self.W1 + self.b1, 0) @ self.W2 + self.b2


takes(
    Nets.scores,
    {
        "X": "(N, D)",
        "self.W1": "(R, D, H)",
        "self.b1": "(R, 1, H)",
        "self.W2": "(R, H, K)",
        "self.b2": "(R, 1, K)",
    },
)


def start(runs: int, n_inputs: int, hidden: int, classes: int, rng: np.random.Generator) -> Nets:
    """Draw first weights by He's rule for ReLU, in float32; biases are 0."""
    W1 = rng.normal(size=(runs, n_inputs, hidden)) * np.sqrt(2 / n_inputs)
    W2 = rng.normal(size=(runs, hidden, classes)) * np.sqrt(2 / hidden)
    b1, b2 = np.zeros((runs, 1, hidden)), np.zeros((runs, 1, classes))
    return Nets(*(w.astype(np.float32) for w in (W1, b1, W2, b2)))


def surprise(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute the mean surprise, -log of the softmax at the label: (...,) from scores (..., N, K).

    Args:
        z: Scores, (..., N, K).
        y: Labels from 0 to K - 1, (N,).

    Examples:
        >>> surprise(np.zeros((1, 4)), np.array([2])).round(4)  # log 4
        np.float64(1.3863)
    """
    if len(y) and not 0 <= y.min() <= y.max() < z.shape[-1]:
        raise ValueError(f"surprise(): labels must be 0 to {z.shape[-1] - 1}, got {np.unique(y)}")
    z = z - z.max(axis=-1, keepdims=True)
    log_sum = np.log(np.exp(z).sum(axis=-1))  # (..., N)
    return (log_sum - z[..., np.arange(len(y)), y]).mean(axis=-1)


def slopes(nets: Nets, X: np.ndarray, y: np.ndarray, mask: np.ndarray, penalty: np.ndarray) -> Nets:
    """Compute the slopes of surprise + ½ λ Σ weights², for hidden units under a dropout mask.

    Args:
        nets: The nets.
        X: Inputs of a batch, (B, D), or (R, B, D) if each net has its own.
        y: Labels, (B,).
        mask: What the hidden activations are multiplied with, (R, B, H).
        penalty: The price λ of each net's weights, (R,); biases are free.

    Returns:
        The slope by each weight and bias, in the shapes of `nets`.
    """
    return _backward(nets, X, y, mask, penalty)


def _backward(
    nets: Nets, X: np.ndarray, y: np.ndarray, mask: np.ndarray, penalty: np.ndarray
) -> Nets:
    A = np.maximum(X @ nets.W1 + nets.b1, 0) * mask  # (R, B, H)
    Z = A @ nets.W2 + nets.b2  # (R, B, K)
    P = np.exp(Z - Z.max(axis=-1, keepdims=True))
    P /= P.sum(axis=-1, keepdims=True)
    P[:, np.arange(len(y)), y] -= 1
    P /= len(y)
    hidden = P @ nets.W2.swapaxes(1, 2) * mask * (A > 0)
    price = penalty[:, None, None]
    return Nets(
        X.swapaxes(-1, -2) @ hidden + price * nets.W1,
        hidden.sum(axis=1, keepdims=True),
        A.swapaxes(1, 2) @ P + price * nets.W2,
        P.sum(axis=1, keepdims=True),
    )


def fit(
    nets: Nets,
    X: np.ndarray,
    y: np.ndarray,
    *,
    passes: int,
    batch: int,
    rate: float,
    rng: np.random.Generator,
    penalty: np.ndarray,
    drop: np.ndarray,
    momentum: float = 0.9,
    change: Callable[[np.ndarray], np.ndarray] | None = None,
    watch: Callable[[Nets], None] | None = None,
) -> Nets:
    """Train R nets on the same batches, each with its own price of weights and its own dropout.

    Args:
        nets: Where to start; left as they are.
        X: Inputs, (N, D).
        y: Labels from 0 on, (N,).
        passes: How often to go through all examples, in a new order each time.
        batch: Examples per batch, B; the last of a pass may hold fewer.
        rate: Learning rate.
        rng: Shuffles the examples and draws the masks.
        penalty: The price λ of each net's weights, (R,).
        drop: The share of hidden units that each net drops, (R,).
        momentum: The share of the last velocity that is kept.
        change: Takes the rows of a batch, (B,), and returns the inputs to use for them, (B, D) or
            (R, B, D): augmentation. Without it they are `X[rows]`.
        watch: Called with the nets before training and after each pass.

    Returns:
        The trained nets.

    Raises:
        FloatingPointError: If the weights grow past all bounds.
    """
    if min(passes, batch) < 1:
        raise ValueError(f"fit(): passes and batch must be 1 or more, got {passes}, {batch}")
    w = Nets(*(part.copy() for part in nets))
    velocity = [np.zeros_like(part) for part in w]
    penalty, share = penalty.astype(w.W1.dtype), drop.astype(w.W1.dtype)[:, None, None]
    shape = len(w.W1), batch, w.W1.shape[2]
    if watch:
        watch(w)
    for _ in range(passes):
        order = rng.permutation(len(y))
        for at in range(0, len(y), batch):
            rows = order[at : at + batch]
            inputs = change(rows) if change else X[rows]
            mask = drop_mask((shape[0], len(rows), shape[2]), share, rng)
            with np.errstate(over="ignore", invalid="ignore"):
                found = _backward(w, inputs.astype(w.W1.dtype), y[rows], mask, penalty)
                for part, v, slope in zip(w, velocity, found, strict=True):
                    v *= momentum
                    v += slope
                    part -= rate * v
        if not all(np.isfinite(part).all() for part in w):
            raise FloatingPointError(f"fit(): diverged; rate {rate} is too large")
        if watch:
            watch(w)
    return w


# What each takes is checked apart from the code, so that a page can show the idea alone.

_LAYERS = {
    "nets.W1": "(R, D, H)",
    "nets.b1": "(R, 1, H)",
    "nets.W2": "(R, H, K)",
    "nets.b2": "(R, 1, K)",
}


def _labels(name: str, nets: Nets, y: np.ndarray) -> None:
    classes = nets.W2.shape[-1]
    if not 0 <= y.min() <= y.max() < classes:
        raise ValueError(f"{name}(): labels must be 0 to {classes - 1}, got {np.unique(y)}")


def _price(name: str, penalty: np.ndarray) -> None:
    if (penalty < 0).any():
        raise ValueError(f"{name}(): penalty must be 0 or more, got {penalty}")


def _slopes(nets: Nets, X: np.ndarray, y: np.ndarray, penalty: np.ndarray, **_: object) -> None:
    _labels("slopes", nets, y)
    _price("slopes", penalty)
    if X.ndim not in (2, 3) or X.shape[-2:] != (len(y), nets.W1.shape[1]):
        raise ValueError(
            f"slopes(): X has shape {X.shape}, expected (B, D) or (R, B, D) with B = {len(y)} "
            f"and D = {nets.W1.shape[1]}"
        )


def _fit(nets: Nets, y: np.ndarray, penalty: np.ndarray, **_: object) -> None:
    _labels("fit", nets, y)
    _price("fit", penalty)


takes(noisy_wave, {"x": "(N,)", "noise": "()"})
takes(powers, {"x": "(N,)"})
takes(ridge, {"X": "(N, M), not empty", "y": "(N,)", "penalty": "()"})
takes(drop_mask, {"drop": "(...)"})
takes(all_shifts, {"images": "(N, H, W)"})
takes(surprise, {"z": "(..., N, K), not empty", "y": "(N,) of integers"})
takes(
    slopes,
    {
        **_LAYERS,
        "X": "(..., D), not empty",
        "y": "(B,) of integers, not empty",
        "mask": "(R, B, H)",
        "penalty": "(R,)",
    },
    also=_slopes,
)
takes(
    fit,
    {
        **_LAYERS,
        "X": "(N, D), not empty",
        "y": "(N,) of integers, not empty",
        "penalty": "(R,)",
        "drop": "(R,)",
    },
    also=_fit,
)
