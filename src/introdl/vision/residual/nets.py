"""Deep stacks of kernels, plain and with shortcuts, several nets side by side.

Source: He et al. (2016), "Deep residual learning for image recognition", section 3, made small and
without normalisation.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

#: Maps in each layer of the nets.
MAPS = 8
#: How much of its usual random start a kernel gets where a block starts near a copy.
SMALL = 0.1


class Nets(nn.Module):
    """Several nets of one depth side by side, one per seed, for digits of 14 × 14 pixels.

    A first layer makes 8 maps of 7 × 7; then `depth` layers of 8 kernels of 3 × 3, in blocks of
    two; then one sum per digit. Nets of the same seed and depth draw the same random numbers,
    whatever their kind.

    Args:
        seeds: One per net.
        depth: Layers after the first, an even number.
        shortcut: Add to each block's input what its two layers say.
        near_copy: Start each block near a copy of its input: with a shortcut the block's second
            kernels get a tenth of their random start; without, all kernels get a tenth and 1 is
            added in the middle of the kernel that looks at the map of the same place.

    Raises:
        ValueError: If the depth is odd or there is no block.
    """

    def __init__(
        self, seeds: Sequence[int], depth: int, *, shortcut: bool, near_copy: bool
    ) -> None:
        super().__init__()
        if depth < 2 or depth % 2:
            raise ValueError(f"depth must be 2, 4, 6 …, got {depth}")
        self.shortcut, self.count = shortcut, len(seeds)
        drawn = [np.random.default_rng(seed) for seed in seeds]

        def start(*shape: int, fan_in: float) -> np.ndarray:
            """(count, *shape), so wide that sums stay about as large (He et al., 2015)."""
            return np.stack([rng.normal(0, np.sqrt(2 / fan_in), shape) for rng in drawn])

        stem = start(MAPS, 1, 3, 3, fan_in=9)
        head = start(10, MAPS * 49, fan_in=2 * MAPS * 49)
        kernels = start(depth, MAPS, MAPS, 3, 3, fan_in=9 * MAPS)
        if near_copy and shortcut:
            kernels[:, 1::2] *= SMALL
        elif near_copy:
            kernels *= SMALL
            kernels[..., 1, 1] += np.eye(MAPS)
        wide = self.count * MAPS
        kernels = kernels.swapaxes(0, 1).reshape(depth, wide, MAPS, 3, 3)
        self.stem = _parameter(stem.reshape(wide, 1, 3, 3))
        self.kernels = _parameter(kernels)
        self.biases = _parameter(np.zeros((depth + 1, wide)))
        self.head, self.head_bias = _parameter(head), _parameter(np.zeros((self.count, 10)))

    def maps(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Look at digits (B, count, 14, 14): the maps after the first layer and each block."""
        first, *biases = self.biases.unbind()
        x = F.conv2d(x, self.stem, first, stride=2, padding=1, groups=self.count)
        found = [x.relu()]
        layers = list(zip(self.kernels.unbind(), biases, strict=True))
        for one, two in zip(layers[::2], layers[1::2], strict=True):
            x = F.conv2d(found[-1], *one, padding=1, groups=self.count).relu()
            x = F.conv2d(x, *two, padding=1, groups=self.count)
            found.append((found[-1] + x if self.shortcut else x).relu())
        return found

    def sums(self, maps: torch.Tensor) -> torch.Tensor:
        """Ten sums of the last maps, (B, count, 10)."""
        flat = maps.reshape(len(maps), self.count, -1)
        return torch.einsum("bnf,nkf->bnk", flat, self.head) + self.head_bias

    def losses(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The loss of each net on each of its digits, (B, count)."""
        said = self.sums(self.maps(x)[-1])
        return F.cross_entropy(said.flatten(0, 1), y.flatten(), reduction="none").view(y.shape)


def train(
    nets: Nets,
    x: torch.Tensor,
    y: torch.Tensor,
    seeds: Sequence[int],
    *,
    rate: float,
    epochs: int,
    batch: int = 50,
) -> None:
    """Train with Adam, each net on digits of its own.

    Args:
        nets: Are changed.
        x: A column of digits per net, (N, count, 14, 14).
        y: Their labels, (N, count).
        seeds: Of the order of each net's digits.
        rate: Learning rate of Adam.
        epochs: Passes through the digits.
        batch: Digits per update.

    Raises:
        ValueError: If there is not one seed per net.
    """
    if len(seeds) != nets.count:
        raise ValueError(f"train(): {nets.count} nets need as many seeds, got {len(seeds)}")
    rngs = [np.random.default_rng((seed, 1)) for seed in seeds]
    optimizer = torch.optim.Adam(nets.parameters(), lr=rate)
    column = torch.arange(nets.count)
    for _ in range(epochs):
        order = torch.tensor(np.stack([rng.permutation(len(x)) for rng in rngs], axis=1))
        for part in order.split(batch):
            loss = nets.losses(x[part, column], y[part, column]).mean(dim=0).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def right(nets: Nets, x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    """The share of its digits that each net reads, (count,)."""
    with torch.no_grad():
        said = nets.sums(nets.maps(x)[-1]).argmax(dim=2)
    return (said == y).float().mean(dim=0).numpy()


def sizes_and_slopes(nets: Nets, x: torch.Tensor, y: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """How large the maps are, and how steep the loss is in them, block by block.

    Returns:
        Two arrays (1 + depth / 2, count), for the maps after the first layer and each block: the
        root of the mean square of their numbers; and the length of the slope of a digit's loss
        for its maps, as the root of the mean square over the digits.
    """
    maps = nets.maps(x)
    loss = F.cross_entropy(nets.sums(maps[-1]).flatten(0, 1), y.flatten(), reduction="sum")
    slopes = torch.autograd.grad(loss, maps)

    def squares(of: Sequence[torch.Tensor]) -> np.ndarray:
        split = torch.stack([m.detach().view(len(x), nets.count, -1) for m in of])
        return split.square().sum(dim=3).mean(dim=1).numpy()

    return np.sqrt(squares(maps) / (MAPS * 49)), np.sqrt(squares(slopes))


def _parameter(values: np.ndarray) -> nn.Parameter:
    return nn.Parameter(torch.tensor(values, dtype=torch.float32))
