"""Adversarial examples: a push too small to see, in the direction that hurts a net most."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from introdl.arguments import takes


def slopes(
    net: torch.nn.Module,
    pictures: np.ndarray,
    labels: np.ndarray,
) -> np.ndarray:
    """How much the loss of each picture grows with each pixel.

    Args:
        net: From pictures to one sum for each class, in float64.
        pictures: (N, 1, H, W).
        labels: The right classes, (N,) int.

    Returns:
        Slopes, of the shape of the pictures.
    """
    x = torch.tensor(pictures, dtype=torch.float64, requires_grad=True)
    loss = cross_entropy(net(x), torch.tensor(labels), reduction="sum")
    return torch.autograd.grad(loss, x)[0].numpy()


def push(
    pictures: np.ndarray,
    slopes: np.ndarray,
    size: float,
) -> np.ndarray:
    """Move each pixel by `size` in the direction that raises the loss.

    The fast gradient sign method. Source: Goodfellow, Shlens & Szegedy (2015).

    Args:
        pictures: Pixels from 0 to 1, (..., D).
        slopes: Of the loss, of the same shape.
        size: The same step for each pixel, 0 or more.

    Returns:
        The pushed pictures, kept between 0 and 1.

    Raises:
        ValueError: If `size` is negative.

    Examples:
        >>> push(np.array([0.5, 0.95, 0.5]), np.array([2.0, 0.1, -3.0]), 0.25)
        array([0.75, 1.  , 0.25])
    """
    if size < 0:
        raise ValueError(f"push(): size must be 0 or more, got {size}")
    return np.clip(pictures + size * np.sign(slopes), 0, 1)


def fit_pushed(
    net: torch.nn.Module,
    pictures: np.ndarray,
    labels: np.ndarray,
    *,
    size: float,
    epochs: int,
    seed: int,
    rate: float = 0.01,
    batch: int = 50,
) -> None:
    """Train a net in place, each batch half as it is and half pushed against this very net.

    Args:
        net: In float32.
        pictures: (N, 1, H, W).
        labels: (N,) int.
        size: Of the push; 0 trains as usual.
        epochs: Passes through the pictures.
        seed: Of the order of the pictures.
        rate: Learning rate of Adam.
        batch: Pictures per step.
    """
    x, y = torch.tensor(pictures, dtype=torch.float32), torch.tensor(labels)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for part in torch.randperm(len(x), generator=order).split(batch):
            seen, right = x[part], y[part]
            if size:
                half = seen[::2].clone().requires_grad_(True)
                loss = cross_entropy(net(half), right[::2])
                step = torch.autograd.grad(loss, half)[0].sign()
                seen = seen.clone()
                seen[::2] = (half.detach() + size * step).clamp(0, 1)
            loss = cross_entropy(net(seen), right)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def _alike(pictures: np.ndarray, slopes: np.ndarray, **_: object) -> None:
    if pictures.shape != slopes.shape:
        shapes = f"{pictures.shape} and {slopes.shape}"
        raise ValueError(
            f"push(): pictures and slopes have the shapes {shapes}, expected one shape"
        )


def _digits(labels: np.ndarray, **_: object) -> None:
    if len(labels) and not 0 <= labels.min() <= labels.max() <= 9:
        raise ValueError(f"labels must be 0 to 9, got {labels.min()} to {labels.max()}")


_BATCH = {"pictures": "(N, 1, 28, 28), not empty", "labels": "(N,) of integers"}
takes(slopes, _BATCH, also=_digits)
takes(fit_pushed, _BATCH, also=_digits)
takes(push, {"pictures": "(..., D)", "slopes": "(..., D)", "size": "()"}, also=_alike)
