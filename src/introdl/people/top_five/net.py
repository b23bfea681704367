"""A small convolutional net for many classes, and its training."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from introdl.arguments import takes
from introdl.people.top_five.letters import CHARACTERS


def small_net(classes: int = len(CHARACTERS)) -> nn.Sequential:
    """Two layers of kernels and one sum for each class, for pictures (N, 1, 24, 24).

    Examples:
        >>> sum(p.numel() for p in small_net().parameters())
        71073
    """
    return nn.Sequential(
        nn.Conv2d(1, 12, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(384, classes),
    )


def fit(
    net: nn.Module,
    pictures: np.ndarray,
    labels: np.ndarray,
    *,
    rate: float,
    epochs: int,
    seed: int,
    batch: int = 64,
) -> None:
    """Train a net in place with Adam, whose rate rises to `rate` and falls again.

    Args:
        net: From (N, 1, H, H) to one sum for each class, in float32.
        pictures: (N, H, H).
        labels: (N,) of 0 to the number of classes − 1.
        rate: The largest rate.
        epochs: Passes through the pictures.
        seed: Of the order of the pictures.
        batch: Pictures per step.
    """
    x = torch.tensor(pictures, dtype=torch.float32)[:, None]
    y = torch.tensor(labels)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    steps = epochs * -(-len(x) // batch)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for part in torch.randperm(len(x), generator=order).split(batch):
            loss = nn.functional.cross_entropy(net(x[part]), y[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            pace.step()


def _trainable(net: nn.Module, labels: np.ndarray, epochs: int, **_: object) -> None:
    classes = [layer for layer in net.modules() if isinstance(layer, nn.Linear)][-1].out_features
    if labels.min() < 0 or labels.max() >= classes:
        span = f"{labels.min()} to {labels.max()}"
        raise ValueError(f"labels must be 0 to {classes - 1}, got {span}")
    if epochs < 1:
        raise ValueError(f"epochs must be 1 or more, got {epochs}")


takes(fit, {"pictures": "(N, H, H), not empty", "labels": "(N,) of integers"}, also=_trainable)
