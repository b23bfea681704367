"""Small convolutional nets that learn side by side, from plain or randomly changed pictures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from introdl.arguments import takes
from introdl.vision.augmentation.warping import Change, _warp


class Nets(NamedTuple):
    """R small convolutional nets side by side, for pictures of 28 × 28, in float32.

    Twelve kernels of 5 × 5 go in steps of four; then 32 units, and one sum per digit.

    Attributes:
        w1: One kernel per column, (R, 25, 12); b1 is (R, 1, 12).
        w2: Of the 32 units, (R, 432, 32), the twelve answers at a place next to each other; b2
            is (R, 1, 32).
        w3: Of the ten sums, (R, 32, 10); b3 is (R, 1, 10).
    """

    w1: torch.Tensor
    b1: torch.Tensor
    w2: torch.Tensor
    b2: torch.Tensor
    w3: torch.Tensor
    b3: torch.Tensor

    @classmethod
    def start(cls, seeds: list[int]) -> Nets:
        """Draw first weights, for each net by its seed; biases are 0."""
        weights = []
        for i, o in ((25, 12), (432, 32), (32, 10)):
            drawn = [np.random.default_rng([s, i]).normal(size=(i, o)) for s in seeds]
            weights += [np.stack(drawn) * np.sqrt(2 / i), np.zeros((len(seeds), 1, o))]
        return cls(*(torch.tensor(w, dtype=torch.float32, requires_grad=True) for w in weights))

    def sums(self, x: torch.Tensor) -> torch.Tensor:
        """Compute the ten sums for pictures (R, N, 28, 28), N for each net: (R, N, 10)."""
        patches = x.unfold(2, 5, 4).unfold(3, 5, 4).reshape(len(x), -1, 25)  # (R, N · 36, 25)
        a1 = torch.baddbmm(self.b1, patches, self.w1).relu().reshape(len(x), -1, 432)
        a2 = torch.baddbmm(self.b2, a1, self.w2).relu()
        return torch.baddbmm(self.b3, a2, self.w3)

    def shares(self, pictures: np.ndarray) -> np.ndarray:
        """Share out one whole among the ten digits, for pictures (R, N, 28, 28): (R, N, 10)."""
        with torch.no_grad():
            return self.sums(torch.tensor(pictures, dtype=torch.float32)).softmax(dim=2).numpy()

    def layers(self, r: int) -> dict[str, np.ndarray]:
        """Hand out the weights of net `r`, as PyTorch's `Conv2d` and `Linear` have them."""
        w1, b1, w2, b2, w3, b3 = (w[r].detach().numpy() for w in self)
        return {
            "w1": w1.T.reshape(12, 1, 5, 5),
            "b1": b1[0],
            "w2": w2.reshape(36, 12, 32).transpose(2, 1, 0).reshape(32, 432),
            "b2": b2[0],
            "w3": w3.T,
            "b3": b3[0],
        }


def fit(
    pictures: np.ndarray,
    y: np.ndarray,
    rows: np.ndarray,
    *,
    seeds: list[int],
    rate: float,
    steps: int,
    batch: int = 25,
    change: Change | None = None,
) -> Nets:
    """Train R nets at the same time, with Adam, each on examples of its own.

    A net depends on its examples and its seed alone, not on those beside it. With a change or
    without, a seed draws the same first weights, and the same examples for each update.

    Args:
        pictures: (M, 28, 28).
        y: Their digits, (M,).
        rows: Which of them each net learns from, (R, N).
        seeds: Of each net, (R,).
        rate: Learning rate of Adam at the first update; it falls in a line to 0.
        steps: Updates, 1 or more.
        batch: Examples per update, drawn with replacement.
        change: How far each picture is changed at random, anew in each update.

    Raises:
        ValueError: If a label is no digit, a row does not exist, or there is no update to make.
    """
    nets = Nets.start(seeds)
    optimizer = torch.optim.Adam(nets, lr=rate, fused=True)
    pictures = pictures.astype(np.float32)
    picks = [np.random.default_rng([seed, 0]) for seed in seeds]
    lots = [np.random.default_rng([seed, 1]) for seed in seeds]
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
        drawn = [
            own[rng.integers(len(own), size=batch)] for own, rng in zip(rows, picks, strict=True)
        ]
        seen = [pictures[i] for i in drawn]
        if change:
            seen = [_warp(x, **change.draw(batch, rng)) for x, rng in zip(seen, lots, strict=True)]
        sums = nets.sums(torch.from_numpy(np.stack(seen)))
        labels = torch.from_numpy(y[np.concatenate(drawn)])
        # A sum over the nets of a mean over the batch: no net feels the others.
        loss = nn.functional.cross_entropy(sums.flatten(0, 1), labels) * len(rows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return nets


def _one_part_each(self: Nets, pictures: np.ndarray) -> None:
    if len(pictures) != len(self.w1):
        raise ValueError(f"shares(): pictures for {len(pictures)} nets, there are {len(self.w1)}")


def _trainable(
    pictures: np.ndarray,
    y: np.ndarray,
    rows: np.ndarray,
    seeds: list[int],
    steps: int,
    change: Change | None = None,
    **_: object,
) -> None:
    if change and not (0 <= change.zoom < 1 and 0 <= change.mirror <= 1):
        raise ValueError(
            "fit(): zoom must be from 0 to below 1 (0.1 is 10 %), and mirror from 0 to 1, "
            f"got {change}"
        )
    if ((y < 0) | (y > 9)).any():
        raise ValueError(f"fit(): y must hold digits from 0 to 9, got {y.min()} to {y.max()}")
    if ((rows < 0) | (rows >= len(y))).any():
        raise ValueError(f"fit(): rows must be 0 to {len(y) - 1}, got {rows.min()} to {rows.max()}")
    if len(seeds) != len(rows):
        raise ValueError(f"fit(): {len(seeds)} seeds for {len(rows)} nets")
    if steps < 1:
        raise ValueError(f"fit(): steps must be 1 or more, got {steps}")


takes(Nets.shares, {"pictures": "(R, N, 28, 28), not empty"}, also=_one_part_each)
takes(
    fit,
    {
        "pictures": "(M, 28, 28), not empty",
        "y": "(M,) of integers",
        "rows": "(R, N) of integers, not empty",
    },
    also=_trainable,
)
