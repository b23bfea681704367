"""A small convolutional network after LeNet: two layers of kernels, and ten sums, from scratch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from scipy.special import log_softmax, softmax
from torch import nn

from introdl.arguments import takes
from introdl.vision.convolution import conv2d, conv2d_gradients
from introdl.vision.pooling import max_pool2d, max_pool2d_gradient

#: The shape of each array of weights, laid out as PyTorch has them.
SHAPES = {
    "w1": (6, 1, 5, 5),
    "b1": (6,),
    "w2": (12, 6, 5, 5),
    "b2": (12,),
    "w3": (10, 192),
    "b3": (10,),
}


class Maps(NamedTuple):
    """All that the net makes of pictures on the way to its answer.

    Attributes:
        z1: Sums of the first six kernels, (N, 6, 24, 24).
        a1: The same, 0 instead of what is negative.
        p1: The largest of each 2 × 2 of those, (N, 6, 12, 12).
        z2: Sums of the twelve kernels of the second layer, (N, 12, 8, 8).
        a2: The same, 0 instead of what is negative.
        p2: The largest of each 2 × 2 of those, (N, 12, 4, 4).
        z3: One sum per digit, (N, 10).
    """

    z1: np.ndarray
    a1: np.ndarray
    p1: np.ndarray
    z2: np.ndarray
    a2: np.ndarray
    p2: np.ndarray
    z3: np.ndarray


class ConvNet:
    """Convolution, ReLU and max pooling, twice, then one sum per digit.

    Source: LeCun et al. (1998), "Gradient-based learning applied to document recognition",
    section II, made smaller.

    Args:
        seed: Of the random weights; biases begin at zero.

    Attributes:
        w1, b1: Kernels of the first layer, (6, 1, 5, 5), and their biases, (6,).
        w2, b2: Kernels of the second layer, (12, 6, 5, 5), and their biases, (12,).
        w3, b3: Weights of the ten sums, (10, 192), and their biases, (10,).

    Examples:
        >>> ConvNet().maps(np.zeros((1, 1, 28, 28))).p2.shape
        (1, 12, 4, 4)
    """

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        for name, shape in SHAPES.items():
            # So wide that sums are about as large in each layer (He et al., 2015).
            wide = np.sqrt(2 / np.prod(shape[1:])) if len(shape) > 1 else 0.0
            setattr(self, name, wide * rng.normal(size=shape))

    def maps(self, x: np.ndarray) -> Maps:
        """Look at pictures, (N, 1, 28, 28), 0 is paper and 1 is ink."""
        z1 = conv2d(x, self.w1, self.b1)
        a1 = np.maximum(0, z1)
        p1 = max_pool2d(a1, 2)
        z2 = conv2d(p1, self.w2, self.b2)
        a2 = np.maximum(0, z2)
        p2 = max_pool2d(a2, 2)
        z3 = p2.reshape(len(x), 192) @ self.w3.T + self.b3
        return Maps(z1, a1, p1, z2, a2, p2, z3)

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Share out one whole among the ten digits, for pictures (N, 1, 28, 28): (N, 10)."""
        return softmax(self.maps(x).z3, axis=1)

    def gradients(
        self,
        x: np.ndarray,
        y: np.ndarray,
    ) -> tuple[float, dict[str, np.ndarray]]:
        """Compute the loss and its slopes, from the last layer to the first.

        Args:
            x: Pictures, (N, 1, 28, 28).
            y: Their digits, (N,) of 0 to 9.

        Returns:
            The mean of minus the logarithm of what the right digit got, and the
            slopes by name, each in the shape of its weights.

        Raises:
            ValueError: If a label is no digit.
        """
        maps, rows = self.maps(x), np.arange(len(x))
        loss = -log_softmax(maps.z3, axis=1)[rows, y].mean()
        dz3 = softmax(maps.z3, axis=1)
        dz3[rows, y] -= 1
        dz3 /= len(x)
        dp2 = (dz3 @ self.w3).reshape(maps.p2.shape)
        dz2 = max_pool2d_gradient(maps.a2, dp2, 2) * (maps.z2 > 0)
        dp1, dw2, db2 = conv2d_gradients(maps.p1, self.w2, dz2)
        dz1 = max_pool2d_gradient(maps.a1, dp1, 2) * (maps.z1 > 0)
        _, dw1, db1 = conv2d_gradients(x, self.w1, dz1)
        dw3, db3 = dz3.T @ maps.p2.reshape(len(x), 192), dz3.sum(axis=0)
        slopes = (dw1, db1, dw2, db2, dw3, db3)
        return float(loss), dict(zip(SHAPES, slopes, strict=True))

    def descend(self, x: np.ndarray, y: np.ndarray, *, rate: float, steps: int) -> np.ndarray:
        """Take steps against the gradient over all pictures given.

        Args:
            x: Pictures, (N, 1, 28, 28).
            y: Their digits, (N,) of 0 to 9.
            rate: Learning rate η.
            steps: How many steps to take, 1 or more.

        Returns:
            The loss before each step, (steps,).

        Raises:
            ValueError: If a label is no digit, or there is no step to take.
        """
        losses = []
        for _ in range(steps):
            loss, slopes = self.gradients(x, y)
            losses.append(loss)
            for name, slope in slopes.items():
                setattr(self, name, getattr(self, name) - rate * slope)
        return np.array(losses)


def torch_net() -> nn.Sequential:
    """Make the same net in PyTorch, with random weights of its own, float32.

    Examples:
        >>> sum(p.numel() for p in torch_net().parameters())
        3898
    """
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 12, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 10),
    )


def fit_torch(
    x: np.ndarray,
    y: np.ndarray,
    *,
    rate: float = 0.01,
    epochs: int = 8,
    batch: int = 50,
    seed: int = 0,
) -> ConvNet:
    """Train the net in PyTorch, with Adam and in float32, and hand its weights back.

    Args:
        x: Pictures, (N, 1, 28, 28).
        y: Their digits, (N,) of 0 to 9.
        rate: Learning rate of Adam.
        epochs: Passes through the pictures, 1 or more.
        batch: Pictures per step.
        seed: Of the first weights and of the order of the pictures.

    Raises:
        ValueError: If a label is no digit, or there is no pass to make.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = torch_net()
        optimizer = torch.optim.Adam(net.parameters(), lr=rate)
        pictures, labels = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
        for _ in range(epochs):
            for part in torch.randperm(len(x)).split(batch):
                loss = nn.functional.cross_entropy(net(pictures[part]), labels[part])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    trained = ConvNet()
    for name, values in zip(SHAPES, net.parameters(), strict=True):
        setattr(trained, name, values.detach().numpy().astype(float))
    return trained


def _trainable(y: np.ndarray, steps: int = 1, epochs: int = 1, **_: object) -> None:
    if ((y < 0) | (y > 9)).any():
        raise ValueError(f"y must hold digits from 0 to 9, got {y.min()} to {y.max()}")
    for name, count in (("steps", steps), ("epochs", epochs)):
        if count < 1:
            raise ValueError(f"{name} must be 1 or more, got {count}")


_PICTURES = {"x": "(N, 1, 28, 28), not empty"}
takes(ConvNet.maps, _PICTURES)
takes(ConvNet.probabilities, _PICTURES)
for _function in (ConvNet.gradients, ConvNet.descend, fit_torch):
    takes(_function, {**_PICTURES, "y": "(N,) of integers"}, also=_trainable)
