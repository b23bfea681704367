"""Gradient ascent on the pixels: which picture makes a part of a net fire?

Source: Erhan, Bengio, Courville & Vincent (2009), "Visualizing higher-layer features of a deep
network"; Mordvintsev, Olah & Tyka (2015), "Inceptionism", for the octaves and the shifts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from introdl.applications.deep_dreaming.net import TextureNet
from introdl.arguments import takes

MOST = 2.5  # a pixel stays within this many spreads of the mean
CLASSES = 4  # the number of the layer that names the texture


def excitement(
    net: TextureNet, x: torch.Tensor, layer: int, unit: int | Sequence[int] | None
) -> torch.Tensor:
    """Say how strongly a part of a net fires for each picture: (N,).

    Args:
        net: The net.
        x: Pictures, (N, 1, H, W).
        layer: 1, 2 or 3, or 4 for the classes.
        unit: A map of the layer: its mean. A class, or one per picture: the log of its share.
            None: the whole layer, half the mean of its squares.
    """
    if layer == CLASSES:
        logs = functional.log_softmax(net(x), dim=1)
        which = torch.as_tensor(unit).expand(len(x))
        return logs.gather(1, which[:, None])[:, 0]
    maps = net.maps(x)[layer - 1]
    if unit is None:
        return maps.square().mean(dim=(1, 2, 3)) / 2
    return maps[:, unit].mean(dim=(1, 2))


def slope(
    net: TextureNet, x: torch.Tensor, layer: int, unit: int | Sequence[int] | None
) -> torch.Tensor:
    """Say how the excitement changes with each pixel of pictures (N, 1, H, W): the same shape."""
    x = x.detach().requires_grad_()
    return torch.autograd.grad(excitement(net, x, layer, unit).sum(), x)[0]


def soften(g: torch.Tensor, times: int) -> torch.Tensor:
    """Average each pixel with its neighbours, weighted ¼, ½, ¼ across and down; edges repeat.

    Args:
        g: (N, 1, H, W).
        times: How often.
    """
    row = torch.tensor([0.25, 0.5, 0.25], dtype=g.dtype)
    kernel = (row[:, None] * row)[None, None]
    for _ in range(times):
        g = functional.conv2d(functional.pad(g, (1, 1, 1, 1), mode="replicate"), kernel)
    return g


def ascend(
    net: TextureNet,
    x: torch.Tensor,
    layer: int,
    unit: int | Sequence[int] | None,
    *,
    rate: float = 0.2,
    blur: int = 0,
    shift: tuple[int, int] = (0, 0),
) -> torch.Tensor:
    """Take one step: shift the pictures, find the slope, shift it back, soften it, add it."""
    g = slope(net, x.roll(shift, (2, 3)), layer, unit)
    g = soften(g.roll((-shift[0], -shift[1]), (2, 3)), blur)
    size = g.abs().mean(dim=(1, 2, 3), keepdim=True)
    return (x + rate * g / (size + 1e-12)).clamp(-MOST, MOST)


def dream(
    net: TextureNet,
    start: torch.Tensor,
    layer: int,
    unit: int | Sequence[int] | None,
    *,
    steps: int = 24,
    octaves: int = 1,
    jitter: int = 0,
    seed: int = 0,
    rate: float = 0.2,
    blur: int = 0,
) -> torch.Tensor:
    """Change pictures (N, 1, H, W) until a part of a net fires more.

    With octaves, the first steps change a smaller copy; what they changed is enlarged and added to
    the next one.

    Args:
        net: The net.
        start: The pictures, both sides divisible by 2 to the power of octaves + 1.
        layer: See `excitement`.
        unit: See `excitement`.
        steps: In all, divisible by octaves: the same number in each.
        octaves: Sizes; each is twice the one before.
        jitter: The largest shift of a step, across and down.
        seed: Of the shifts.
        rate: Mean change of a pixel in a step, before `MOST` cuts it off.
        blur: How often the slope is softened.
    """
    rng = np.random.default_rng(seed)
    bases = [start]
    for _ in range(octaves - 1):
        bases.insert(0, functional.avg_pool2d(bases[0], 2))
    x = bases[0]
    for k, base in enumerate(bases):
        if k:
            changed = functional.interpolate(x - bases[k - 1], scale_factor=2, mode="bilinear")
            x = base + changed
        for _ in range(steps // octaves):
            down, across = rng.integers(-jitter, jitter + 1, size=2)
            shift = int(down), int(across)
            x = ascend(net, x, layer, unit, rate=rate, blur=blur, shift=shift)
    return x


def roughness(pictures: np.ndarray) -> np.ndarray:
    """Measure how neighbouring pixels differ: the mean of |a - b| over all pairs.

    Args:
        pictures: (N, H, W), both sides 2 or more.

    Returns:
        (N,). Also called the total variation, per pair.

    Examples:
        >>> roughness(np.array([[[0.0, 1.0], [0.0, 1.0]]]))
        array([0.5])
    """
    across = np.abs(np.diff(pictures, axis=2)).reshape(len(pictures), -1)
    down = np.abs(np.diff(pictures, axis=1)).reshape(len(pictures), -1)
    return np.hstack([across, down]).mean(axis=1)


def _part(net: TextureNet, layer: int, unit: int | Sequence[int] | None, **_: object) -> None:
    if layer not in (1, 2, 3, CLASSES):
        raise ValueError(f"excitement(): layer = {layer} is none of 1, 2, 3 and 4")
    if unit is None:
        if layer == CLASSES:
            raise ValueError("excitement(): unit = None, but layer 4 needs a class")
        return
    last = (net.first, net.second, net.third, net.last)[layer - 1].bias.numel() - 1
    if np.min(unit) < 0 or np.max(unit) > last:
        raise ValueError(f"excitement(): unit = {unit} must lie in 0 to {last}")


def _softenings(times: int, **_: object) -> None:
    if times < 0:
        raise ValueError(f"soften(): times = {times} is below 0")


def _divisible(start: torch.Tensor, steps: int, octaves: int, jitter: int, **_: object) -> None:
    if octaves < 1 or steps < 0 or steps % octaves:
        raise ValueError(f"dream(): steps = {steps} must be divisible by octaves = {octaves}")
    if jitter < 0:
        raise ValueError(f"dream(): jitter = {jitter} is below 0")
    if any(side % 2 ** (octaves + 1) for side in start.shape[2:]):
        raise ValueError(
            f"dream(): start has shape {tuple(start.shape)}, sides must be divisible by "
            f"{2 ** (octaves + 1)}"
        )


def _pairs(pictures: np.ndarray) -> None:
    if min(pictures.shape[1:]) < 2:
        raise ValueError(f"roughness(): pictures has shape {pictures.shape}, sides need 2 or more")


takes(excitement, {}, also=_part)
takes(soften, {}, also=_softenings)
takes(dream, {}, also=_divisible)
takes(roughness, {"pictures": "(N, H, W), not empty"}, also=_pairs)
