"""A net that adds to a learned filter what three layers of kernels can tell from the detail."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from introdl.applications.pixel_restoration.rules import learn_filter
from introdl.arguments import takes


class Restorer(nn.Module):
    """Four sums of 5 × 5 pixels, and what three layers of 3 × 3 kernels add to them.

    It looks at the small picture; each of its pixels becomes four. What the layers see is each
    pixel minus the mean of the 3 × 3 around it. The last layer begins at 0, so that the net begins
    as the filter.

    Source: Kim, Lee & Lee (2016), "Accurate image super-resolution using very deep convolutional
    networks", for learning the difference to a simple rule; Shi et al. (2016), "Real-time single
    image and video super-resolution", for working on the small picture. Made smaller.

    Args:
        weights: Of the filter, (25, 4).
        maps: Kernels in each of the first two layers.
    """

    def __init__(self, weights: np.ndarray, maps: int = 16) -> None:
        super().__init__()
        kernels = torch.tensor(weights.T.reshape(4, 1, 5, 5), dtype=torch.float32)
        self.register_buffer("filter", kernels)
        sizes = [1, maps, maps, 4]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(sizes))
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.layers[0].weight *= 4  # detail is small: its spread is far below 1
            self.layers[-1].weight *= 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Double small pictures, (N, 1, h, w): (N, 1, 2h, 2w)."""
        first = functional.conv2d(widened(x, 2), self.filter)
        z = x - functional.avg_pool2d(widened(x, 1), 3, 1)  # detail
        z = torch.relu(self.layers[0](z))  # (N, 16, h, w)
        z = torch.relu(self.layers[1](z))
        added = self.layers[2](z)  # (N, 4, h, w)
        return functional.pixel_shuffle(first + added, 2)


def widened(x: torch.Tensor, by: int) -> torch.Tensor:
    """Repeat the pixels at the edges of pictures, (N, C, h, w): (N, C, h + 2 by, w + 2 by)."""
    return functional.pad(x, (by, by, by, by), mode="replicate")


def fit(
    squares: np.ndarray,
    *,
    seed: int,
    rate: float = 0.01,
    steps: int = 300,
    batch: int = 16,
) -> Restorer:
    """Learn the filter, and then train the layers with Adam on the mean squared error.

    Args:
        squares: Parts of pictures in full size, (N, H, W), both sides even and at least 10.
        seed: Of the first weights and of the squares drawn.
        rate: The largest learning rate; it rises first, and then falls.
        steps: Steps to take, 2 or more.
        batch: Squares per step, drawn by lot.

    Raises:
        ValueError: If a side is odd or too small, or there are too few steps.
    """
    y = torch.tensor(squares, dtype=torch.float32)[:, None]
    x = functional.avg_pool2d(y, 2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Restorer(learn_filter(squares))
        optimizer = torch.optim.Adam(net.parameters(), lr=rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
        for _ in range(steps):
            drawn = torch.randint(len(x), (batch,))
            loss = functional.mse_loss(net(x[drawn]), y[drawn])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def restore(net: nn.Module, small: np.ndarray) -> np.ndarray:
    """Double one picture, (h, w), with a net: (2h, 2w) float64."""
    with torch.no_grad():
        seen = torch.tensor(small, dtype=torch.float32)[None, None]
        return net(seen)[0, 0].double().numpy()


def _trainable(steps: int, batch: int, **_: object) -> None:
    if steps < 2 or batch < 1:
        raise ValueError(f"steps = {steps} must be 2 or more, batch = {batch} 1 or more")


takes(fit, {"squares": "(N, H, W), not empty"}, also=_trainable)
takes(restore, {"small": "(h, w), not empty"})
