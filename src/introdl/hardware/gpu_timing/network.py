"""The network that the lecture timed, and the optimiser it was trained with."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn
from torch.nn import functional as F

#: Images in CIFAR-10: for training, and for validation after each epoch.
TRAIN_IMAGES, VALIDATION_IMAGES = 50_000, 10_000

#: The share of units that each of the three dropout layers keeps.
KEEP = (0.75, 0.75, 0.5)


class DeckNetwork(nn.Module):
    """Four convolutions and two dense layers: (N, 3, 32, 32) to (N, 10).

    Source: the example `cifar10_cnn.py` of Keras 0.3 to 1.0 (2016),
    channels first. Weights are Glorot-uniform and biases zero, as they were
    in Keras. Dropout takes its masks as an input, so that a step can be
    repeated in other arithmetic with the same units dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 32, 3)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv4 = nn.Conv2d(64, 64, 3)
        self.dense1 = nn.Linear(64 * 6 * 6, 512)
        self.dense2 = nn.Linear(512, 10)
        for layer in self.children():
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        x: torch.Tensor,
        masks: list[torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """Compute logits (N, 10) from pixels (N, 3, 32, 32) in [0, 1].

        Args:
            x: Pixels.
            masks: For training, zeros and ones for the three dropout layers,
                see `mask_shapes`; None keeps every unit.
        """

        def drop(x: torch.Tensor, i: int) -> torch.Tensor:
            return x if masks is None else x * masks[i] / KEEP[i]

        x = F.relu(self.conv1(x))  # (N, 32, 32, 32)
        x = F.relu(self.conv2(x))  # (N, 32, 30, 30)
        x = drop(F.max_pool2d(x, 2), 0)  # (N, 32, 15, 15)
        x = F.relu(self.conv3(x))  # (N, 64, 15, 15)
        x = F.relu(self.conv4(x))  # (N, 64, 13, 13)
        x = drop(F.max_pool2d(x, 2), 1)  # (N, 64, 6, 6)
        x = drop(F.relu(self.dense1(x.flatten(1))), 2)  # (N, 512)
        return self.dense2(x)


def mask_shapes(n: int) -> list[tuple[int, ...]]:
    """Shapes of the dropout masks for `n` images."""
    return [(n, 32, 15, 15), (n, 64, 6, 6), (n, 512)]


#: For each layer: the side of its output, its output channels, and the inputs of one output.
LAYERS = [(32, 32, 27), (30, 32, 288), (15, 64, 288), (13, 64, 576), (1, 512, 2304), (1, 10, 512)]


def flops_per_image(*, training: bool = True) -> int:
    """Multiplications and additions for one image.

    The forward pass needs two operations for each weight used. The backward pass needs as many
    for the weights' gradient and as many for the input's, which the first layer does not compute.
    """
    forward = [2 * side**2 * channels * inputs for side, channels, inputs in LAYERS]
    return 3 * sum(forward) - forward[0] if training else sum(forward)


def flops_per_epoch() -> int:
    """Training on 50,000 images and validation on 10,000, as the lecture's log timed them."""
    train = TRAIN_IMAGES * flops_per_image()
    return train + VALIDATION_IMAGES * flops_per_image(training=False)


def bytes_per_epoch(bytes_per_number: int = 4) -> int:
    """What an epoch must move through memory if each layer's output is too large for the caches.

    Each number of an activation is written once and read twice, and so is its gradient; in
    validation it is written and read once. Weights stay in the cache.
    """
    convolutions = sum(side**2 * channels for side, channels, _ in LAYERS)
    pooled = sum(channels * side**2 for channels, side in ((32, 15), (64, 6)))
    numbers = convolutions + pooled
    return bytes_per_number * numbers * (6 * TRAIN_IMAGES + 2 * VALIDATION_IMAGES)


class NesterovSGD:
    """Stochastic gradient descent with Nesterov momentum and Keras's decay of the learning rate.

    Update number t has the rate η/(1 + 10⁻⁶ t). All parameters are views of one vector, and all
    gradients of another, so an update is a few operations however many layers there are, and
    nothing of it leaves the device.

    Source: `SGD` of Keras 1.0 (2016); Sutskever et al. (2013), section 2.
    """

    def __init__(
        self, network: nn.Module, rate: float = 0.01, momentum: float = 0.9, decay: float = 1e-6
    ) -> None:
        parameters = list(network.parameters())
        self.momentum, self.decay, self.first_rate = momentum, decay, rate
        self.weights = torch.cat([p.detach().flatten() for p in parameters])
        self.gradient = torch.zeros_like(self.weights)
        self.velocity = torch.zeros_like(self.weights)
        self.updates = torch.zeros((), dtype=torch.float64, device=self.weights.device)
        for p, place in zip(parameters, self._places(parameters), strict=True):
            p.data = self.weights[place].view(p.shape)
            p.grad = self.gradient[place].view(p.shape)

    @staticmethod
    def _places(parameters: list[nn.Parameter]) -> Iterator[slice]:
        start = 0
        for p in parameters:
            yield slice(start, start + p.numel())
            start += p.numel()

    @torch.no_grad()
    def step(self) -> None:
        """Move the weights; v ← μv − ηg, then w ← w + μv − ηg."""
        rate = (self.first_rate / (1 + self.decay * self.updates)).to(self.weights.dtype)
        step = rate * self.gradient
        self.velocity.mul_(self.momentum).sub_(step)
        self.weights.add_(self.velocity, alpha=self.momentum).sub_(step)
        self.updates.add_(1)
