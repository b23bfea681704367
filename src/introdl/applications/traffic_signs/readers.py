"""Readers of signs: a small convolutional net, edges and colours for a sum, and what to answer."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from introdl.applications.traffic_signs.camera import SIZE
from introdl.applications.traffic_signs.signs import KINDS
from introdl.arguments import takes

#: Directions of edges, pixels along a side of a cell, and cells along a side of a block.
BINS, CELL, BLOCK = 8, 4, 2
#: Keeps a block with hardly any edges small.
FLOOR = 0.1
_CELLS = SIZE // CELL


def start(*, seed: int) -> nn.Sequential:
    """Build a net of two convolutions and two full layers; its first weights are PyTorch's."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(3, 8, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(16 * (SIZE // 4) ** 2, 64),
            nn.ReLU(),
            nn.Linear(64, len(KINDS)),
        )


def fit(
    pictures: np.ndarray,
    kinds: np.ndarray,
    *,
    seed: int,
    passes: int = 12,
    rate: float = 0.01,
    batch: int = 50,
) -> nn.Sequential:
    """Train a net with Adam on the cross-entropy; the rate falls in a line to 0.

    Args:
        pictures: (N, 3, 24, 24), about 0 to 1.
        kinds: Places in `KINDS`, (N,).
        seed: Of the first weights and of the order.
        passes: Through all pictures, 1 or more.
        rate: Of Adam, in the first update.
        batch: Pictures per update.

    Raises:
        ValueError: If a kind is not one of the twelve, or passes or batch is below 1.
    """
    net = start(seed=seed)
    order = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate, fused=True)
    x, y = torch.tensor(pictures - 0.5, dtype=torch.float32), torch.tensor(kinds)
    parts = [p for _ in range(passes) for p in torch.tensor(order.permutation(len(x))).split(batch)]
    for step, part in enumerate(parts):
        optimizer.param_groups[0]["lr"] = rate * (1 - step / len(parts))
        loss = nn.functional.cross_entropy(net(x[part]), y[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net


def chances(net: nn.Module, pictures: np.ndarray) -> np.ndarray:
    """Share out one whole among the twelve signs, for pictures (N, 3, 24, 24): (N, 12)."""
    with torch.no_grad():
        sums = net(torch.tensor(pictures - 0.5, dtype=torch.float32))
        return sums.double().softmax(dim=1).numpy()


def edges(pictures: np.ndarray) -> np.ndarray:
    """Describe pictures by histograms of oriented gradients, in cells of 4 × 4 pixels.

    At each pixel, the colour with the steepest slope counts. Blocks of 2 × 2 cells are divided by
    their length.

    Source: Dalal & Triggs (2005), "Histograms of oriented gradients for human detection",
    sections 4 and 6; here without their weights around a pixel and without clipping.

    Args:
        pictures: (N, 3, 24, 24).

    Returns:
        5 × 5 blocks of 2 × 2 cells of 8 directions, (N, 800).
    """
    right, down = np.zeros_like(pictures), np.zeros_like(pictures)
    right[..., 1:-1] = pictures[..., 2:] - pictures[..., :-2]
    down[..., 1:-1, :] = pictures[..., 2:, :] - pictures[..., :-2, :]
    steepest = np.hypot(right, down).argmax(axis=1)[:, None]
    right, down = (np.take_along_axis(a, steepest, 1)[:, 0] for a in (right, down))
    size, angle = np.hypot(right, down), np.arctan2(down, right) % np.pi
    which = np.minimum((angle / (np.pi / BINS)).astype(int), BINS - 1)
    by_direction = size[..., None] * (which[..., None] == np.arange(BINS))
    cells = by_direction.reshape(-1, _CELLS, CELL, _CELLS, CELL, BINS).mean(axis=(2, 4))
    windows = np.lib.stride_tricks.sliding_window_view(cells, (BLOCK, BLOCK), axis=(1, 2))
    blocks = windows.transpose(0, 1, 2, 4, 5, 3).reshape(len(cells), -1, BLOCK**2 * BINS)
    length = np.sqrt((blocks**2).sum(axis=2, keepdims=True) + FLOOR**2)
    return (blocks / length).reshape(len(cells), -1)


def colours(pictures: np.ndarray) -> np.ndarray:
    """Describe pictures by the mean colour of each cell of 4 × 4: (N, 3, 24, 24) to (N, 108)."""
    return pictures.reshape(-1, 3, _CELLS, CELL, _CELLS, CELL).mean(axis=(3, 5)).reshape(-1, 108)


def cheapest(chances: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """Give the answer whose expected cost is least; of equal ones the first.

    Args:
        chances: Of each truth, (N, K).
        costs: Of each answer (column) for each truth (row), (K, A).

    Returns:
        Answers, (N,) of 0 to A - 1.
    """
    return (chances @ costs).argmin(axis=1)


def _known(kinds: np.ndarray, passes: int, batch: int, **_: object) -> None:
    if passes < 1 or batch < 1:
        raise ValueError(f"fit(): passes = {passes} and batch = {batch} must be 1 or more")
    if kinds.size and not 0 <= kinds.min() <= kinds.max() < len(KINDS):
        raise ValueError(f"fit(): kinds hold {kinds.min()} to {kinds.max()}, not 0 to 11")


_PICTURES = f"(N, 3, {SIZE}, {SIZE}), not empty"
takes(fit, {"pictures": _PICTURES, "kinds": "(N,) of integers"}, also=_known)
takes(chances, {"pictures": _PICTURES})
takes(edges, {"pictures": _PICTURES})
takes(colours, {"pictures": _PICTURES})
takes(cheapest, {"chances": "(N, K), not empty", "costs": "(K, A), not empty"})
