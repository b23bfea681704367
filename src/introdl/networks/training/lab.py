"""One healthy training of real digits, in pieces, so that a bug can change one of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from introdl.networks.training import loop
from introdl.networks.training.loop import Digits

#: How many digits are for training and for validation; the rest is the test part.
TRAIN, VAL = 1000, 500
#: Rates of the steps, for ten classes and for odd or even.
RATE, PARITY_RATE = 0.3, 0.1


@dataclass
class Run:
    """All that one training is made of; a bug changes one piece of it.

    Attributes:
        X: The pictures as loaded, (N, 784) float32.
        y: Their labels as loaded, (N,).
        train: What the net learns from.
        val: What it is watched on.
        test: Digits that no choice has seen, always prepared rightly.
        net: The net.
        optimizer: The optimizer.
        loss_of: Takes outputs and targets, and returns the mean loss.
        batches: Cuts the training part into batches, anew at each pass.
        pass_over: Trains for one pass, as `train_epoch` does.
        evaluate: Computes loss and share right, as `loop.evaluate` does.
    """

    X: Tensor
    y: Tensor
    train: Digits
    val: Digits
    test: Digits
    net: nn.Module
    optimizer: Optimizer
    loss_of: loop.LossOf
    batches: Callable[[Digits], Iterable] = loop.batches
    pass_over: Callable[..., float] = loop.train_epoch
    evaluate: Callable[..., tuple[float, float]] = loop.evaluate

    def epoch(self, batches: Iterable) -> float:
        """Train for one pass over any batches; returns the mean loss."""
        return self.pass_over(self.net, batches, self.loss_of, self.optimizer)

    def watched(self) -> tuple[float, float]:
        """Loss and share right on the validation part, as this run sees them."""
        val = loop.batches(self.val, 250, shuffle=False)
        return self.evaluate(self.net, val, self.loss_of)

    def truth(self) -> float:
        """The share right on the test part, evaluated rightly."""
        test = loop.batches(self.test, 500, shuffle=False)
        return loop.evaluate(self.net, test, self.loss_of)[1]

    def curve(self, epochs: int) -> list[dict[str, float]]:
        """Train, and say after each pass what a reader would see."""
        rows = []
        for _ in range(epochs):
            loss = self.epoch(self.batches(self.train))
            val_loss, val_right = self.watched()
            rows.append({"loss": loss, "val_loss": val_loss, "val_right": val_right})
        return rows


def _parts(X: Tensor, y: Tensor, order: Tensor) -> tuple[Digits, Digits, Digits]:
    return tuple(Digits(X[rows], y[rows]) for rows in order.tensor_split([TRAIN, TRAIN + VAL]))


def _net(outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, outputs))


def healthy(X: Tensor, y: Tensor, seed: int = 0, rate: float = RATE) -> Run:
    """Build the run that most bugs are put into: ten classes, cross-entropy, dropout.

    Args:
        X: Pictures in [0, 1], (N, 784) float32.
        y: Digits, (N,) int64.
        seed: Of the split, the first weights and the order of the examples.
        rate: The rate of the steps.
    """
    torch.manual_seed(seed)
    parts = _parts(X, y, torch.randperm(len(y)))
    net = _net(10)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    return Run(X, y, *parts, net, optimizer, nn.functional.cross_entropy)


def healthy_parity(X: Tensor, y: Tensor, seed: int = 0, rate: float = PARITY_RATE) -> Run:
    """Build a run of another kind: is the digit odd, 1, or even, 0? One output, squared error.

    Args:
        X: Pictures in [0, 1], (N, 784) float32.
        y: Digits, (N,) int64.
        seed: Of the split, the first weights and the order of the examples.
        rate: The rate of the steps.
    """
    torch.manual_seed(seed)
    odd = (y % 2).float()
    parts = _parts(X, odd, torch.randperm(len(y)))
    net = _net(1)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)

    def squared(outputs: Tensor, targets: Tensor) -> Tensor:
        return ((outputs.squeeze(1) - targets) ** 2).mean()

    return Run(X, odd, *parts, net, optimizer, squared)
