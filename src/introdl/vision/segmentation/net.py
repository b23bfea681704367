"""A small U-Net in PyTorch: a picture shrinks twice, grows twice, and meets its earlier maps."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from introdl.arguments import takes


class UNet(nn.Module):
    """Five layers of kernels of 3 × 3, on maps that shrink to a quarter and grow again.

    Batch normalisation and ReLU follow each. Both sides of a picture are multiples of four.
    The first eight maps of the full size and the next eight of half the size are laid beside those
    that come back from below.

    Source: Ronneberger, Fischer & Brox (2015), "U-Net", made smaller, with padding.

    Args:
        skips: Whether the earlier maps are laid beside those that come back.
        stamp: How maps grow: 0 repeats each number; 3 or 4 is a transposed convolution with
            kernels of this size and stride 2.

    Raises:
        ValueError: If `stamp` is another number.

    Examples:
        >>> UNet()(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 1, 28, 28])
    """

    def __init__(self, skips: bool = True, stamp: int = 0) -> None:
        super().__init__()
        self.skips = skips
        self.fine, self.middle, self.coarse = look(1, 8), look(8, 8), look(8, 16)
        self.middle_again = look(16 + 8 * skips, 8)
        self.fine_again = look(8 + 8 * skips, 8)
        self.answer = nn.Conv2d(8, 1, 1)
        self.grow = nn.ModuleList([grow(16, stamp), grow(8, stamp)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Compute one number per pixel, (N, 1, H, W)."""
        fine = self.fine(x)  # (N, 8, H, W)
        middle = self.middle(functional.max_pool2d(fine, 2))  # (N, 8, H/2, W/2)
        y = self.coarse(functional.max_pool2d(middle, 2))  # (N, 16, H/4, W/4)
        y = self.middle_again(self.beside(self.grow[0](y), middle))
        y = self.fine_again(self.beside(self.grow[1](y), fine))
        return self.answer(y)

    def beside(self, y: torch.Tensor, earlier: torch.Tensor) -> torch.Tensor:
        """Lay the earlier maps beside those that come back, if the net has skips."""
        return torch.cat([y, earlier], dim=1) if self.skips else y


def look(maps: int, kernels: int) -> nn.Sequential:
    """Kernels of 3 × 3 on so many maps, batch normalisation, ReLU."""
    # The mean is taken off by the normalisation, and a bias with it.
    convolution = nn.Conv2d(maps, kernels, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(kernels), nn.ReLU())


def grow(maps: int, stamp: int) -> nn.Module:
    """Double height and width: repeat each number, or stamp kernels of this size."""
    if stamp not in (0, 3, 4):
        raise ValueError(f"grow(): stamp must be 0, 3 or 4, got {stamp}")
    if not stamp:
        return nn.Upsample(scale_factor=2)
    return nn.ConvTranspose2d(maps, maps, stamp, stride=2, padding=1, output_padding=4 - stamp)


def fit(
    x: np.ndarray,
    t: np.ndarray,
    *,
    skips: bool = True,
    rate: float = 0.03,
    steps: int = 50,
    batch: int = 16,
    seed: int = 0,
) -> UNet:
    """Train the net with Adam and the Dice loss; the rate rises first, and then falls.

    Args:
        x: Pictures, (N, H, W), both sides multiples of 4.
        t: Their masks, (N, H, W) of 0 and 1.
        skips: Whether the net has its connections.
        rate: The largest learning rate.
        steps: Steps to take, 2 or more.
        batch: Pictures per step, drawn by lot.
        seed: Of the first weights and of the pictures.

    Raises:
        ValueError: If a side is no multiple of 4, or there are too few steps.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = UNet(skips)
        optimizer = torch.optim.Adam(net.parameters(), lr=rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
        pictures, masks = _maps(x), _maps(t)
        for _ in range(steps):
            drawn = torch.randint(len(x), (batch,))
            p, masked = torch.sigmoid(net(pictures[drawn])), masks[drawn]
            both, sizes = (p * masked).sum(dim=(2, 3)), (p + masked).sum(dim=(2, 3))
            loss = 1 - ((2 * both + 1) / (sizes + 1)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def shares(net: UNet, x: np.ndarray) -> np.ndarray:
    """Ask a net, for each pixel of pictures (N, H, W), how sure it is of ink: 0 to 1."""
    with torch.no_grad():
        return torch.sigmoid(net(_maps(x)))[:, 0].numpy().astype(float)


def _maps(x: np.ndarray) -> torch.Tensor:
    # With the maps' numbers of one pixel side by side in memory, a step takes a quarter less.
    maps = torch.tensor(x, dtype=torch.float32)[:, None]
    return maps.to(memory_format=torch.channels_last)


def _trainable(x: np.ndarray, steps: int = 2, batch: int = 1, **_: object) -> None:
    if x.shape[1] % 4 or x.shape[2] % 4:
        raise ValueError(f"x has shape {x.shape}, but H and W must be multiples of 4")
    if steps < 2 or batch < 1:
        raise ValueError(f"steps = {steps} must be 2 or more, batch = {batch} 1 or more")


_PICTURES = {"x": "(N, H, W), not empty"}
takes(fit, {**_PICTURES, "t": "(N, H, W) of 0 and 1"}, also=_trainable)
takes(shares, _PICTURES, also=_trainable)
