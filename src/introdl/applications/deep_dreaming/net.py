"""A small net that tells textures apart, and takes pictures of any size."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from introdl.arguments import takes


class TextureNet(nn.Module):
    """Three layers of kernels; what fires in the last one is averaged over the picture.

    Args:
        classes: How many textures it tells apart.
    """

    def __init__(self, classes: int = 8) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 12, 5, stride=2, padding=2)
        self.second = nn.Conv2d(12, 16, 3, padding=1)
        self.third = nn.Conv2d(16, 24, 3, padding=1)
        self.last = nn.Linear(24, classes)

    def maps(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Give what fires in each layer for pictures (N, 1, H, W), both sides divisible by 4.

        Returns:
            Maps (N, 12, H/2, W/2), (N, 16, H/2, W/2) and (N, 24, H/4, W/4).

        Raises:
            ValueError: If a side is not divisible by 4.
        """
        if x.shape[2] % 4 or x.shape[3] % 4:
            raise ValueError(f"maps(): x has shape {tuple(x.shape)}, sides must be divisible by 4")
        a = torch.relu(self.first(x))
        b = torch.relu(self.second(a))
        c = torch.relu(self.third(functional.avg_pool2d(b, 2)))
        return [a, b, c]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give one sum per class for pictures (N, 1, H, W): (N, classes)."""
        sums: torch.Tensor = self.last(self.maps(x)[-1].mean(dim=(2, 3)))
        return sums


def fit(
    squares: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    steps: int = 120,
    batch: int = 64,
    rate: float = 0.02,
    noise: float = 0.3,
) -> TextureNet:
    """Train a net with Adam on the cross-entropy, with noise added to the squares.

    Args:
        squares: Standardized, (N, H, W).
        labels: Their classes, (N,).
        seed: Of the first weights, of the squares drawn and of the noise.
        steps: Steps to take, 2 or more.
        batch: Squares per step, drawn at random.
        rate: The largest learning rate; it rises first, and then falls.
        noise: Spread of what is added to each pixel.

    Raises:
        ValueError: If there are too few steps, or a batch is empty.
    """
    x = torch.tensor(squares, dtype=torch.float32)[:, None]
    y = torch.tensor(labels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = TextureNet(int(labels.max()) + 1)
        optimizer = torch.optim.Adam(net.parameters(), lr=rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
        for _ in range(steps):
            drawn = torch.randint(len(x), (batch,))
            seen = x[drawn] + noise * torch.randn(batch, *x.shape[1:])
            loss = functional.cross_entropy(net(seen), y[drawn])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval().requires_grad_(False)


def shares(net: nn.Module, pictures: np.ndarray) -> np.ndarray:
    """Give each class's share, by softmax, for pictures (N, H, W): (N, classes) float64."""
    with torch.no_grad():
        sums = net(torch.tensor(pictures, dtype=torch.float32)[:, None]).double()
        return torch.softmax(sums, dim=1).numpy()


def _trainable(labels: np.ndarray, steps: int, batch: int, **_: object) -> None:
    if steps < 2 or batch < 1:
        raise ValueError(f"steps = {steps} must be 2 or more, batch = {batch} 1 or more")
    if labels.min() < 0:
        raise ValueError(f"fit(): label {labels.min()} is below 0")


takes(fit, {"squares": "(N, H, W), not empty", "labels": "(N,) of integers"}, also=_trainable)
takes(shares, {"pictures": "(N, H, W), not empty"})
