"""What a net that does not learn can be asked, cheap questions first; copy this file."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

Batch = tuple[Tensor, Tensor]
Epoch = Callable[[Iterable[Batch]], float]
LossOf = Callable[[Tensor, Tensor], Tensor]


@torch.no_grad()
def first_loss(net: nn.Module, loss_of: LossOf, batch: Batch) -> float:
    """Compute the loss before the first step: near log K for K classes, the loss of a guess."""
    net.eval()
    X, y = batch
    return loss_of(net(X), y).item()


def one_batch_loss(
    epoch: Epoch,
    batch: Batch,
    passes: int = 100,
) -> float:
    """Train on one small batch only: where does the loss end?

    Returns the mean of the last ten losses; it should be near 0.

    Args:
        epoch: Trains a fresh net for one pass; returns the mean loss.
        batch: A few examples, 8 say.
        passes: How often to train on them, 10 or more.
    """
    losses = [epoch([batch]) for _ in range(passes)]
    return sum(losses[-10:]) / 10


def neighbours_agree(X: Tensor, y: Tensor) -> float:
    """Compute the share of examples whose nearest other example has the same label.

    Args:
        X: Inputs, (N, D) float, 2 or more.
        y: Class labels, (N,).
    """
    far = torch.cdist(X, X)  # (N, N)
    far.fill_diagonal_(torch.inf)
    return (y[far.argmin(dim=1)] == y).double().mean().item()


def input_scale(X: Tensor) -> tuple[float, float]:
    """Compute mean and standard deviation of all inputs."""
    return X.mean().item(), X.std().item()


def gradient_norms(net: nn.Module, loss_of: LossOf, batch: Batch) -> list[float]:
    """Compute the length of the gradient of each layer's weights, the first layer first."""
    net.eval()
    X, y = batch
    weights = [p for p in net.parameters() if p.ndim > 1]
    slopes = torch.autograd.grad(loss_of(net(X), y), weights)
    return [slope.norm().item() for slope in slopes]


@torch.no_grad()
def dead_units(net: nn.Sequential, X: Tensor) -> float:
    """Compute the share of ReLU units that are 0 for each input.

    Without ReLU it is 0.
    """
    net.eval()
    dead = []
    for layer in net:
        X = layer(X)
        if isinstance(layer, nn.ReLU):
            dead.append((X == 0).all(dim=0).double())
    return torch.cat(dead).mean().item() if dead else 0.0


@torch.no_grad()
def twin_units(net: nn.Sequential) -> float:
    """Compute the share of hidden units that share all incoming weights."""
    twins = []
    layers = [layer for layer in net if isinstance(layer, nn.Linear)]
    for layer in layers[:-1]:
        rows = torch.cat([layer.weight, layer.bias[:, None]], dim=1)
        count = (rows[:, None] == rows).all(dim=2).sum(dim=1)
        twins.append((count > 1).double())
    return torch.cat(twins).mean().item() if twins else 0.0


def rate_sweep(loss_at: Callable[[float], float], rates: Iterable[float]) -> dict[float, float]:
    """Train a fresh net a little at each rate, and keep the loss; not finite counts as infinite.

    Args:
        loss_at: Trains a fresh net at a rate, and returns the loss that it ends with.
        rates: The rates.
    """
    ends = {rate: loss_at(rate) for rate in rates}
    return {rate: end if end < torch.inf else torch.inf for rate, end in ends.items()}


def two_looks(look: Callable[[], float], net: nn.Module) -> float:
    """Evaluate twice, straight from training: the difference should be 0.

    Args:
        look: Your evaluation of `net`; returns its loss.
        net: The net.
    """
    net.train()
    return abs(look() - look())


def share_seen(train: Tensor, held_out: Tensor) -> float:
    """Compute the share of held-out inputs, (M, D), that equal one in training, (N, D)."""
    if train.dtype != held_out.dtype:
        raise TypeError(f"share_seen(): expected one dtype, got {train.dtype}, {held_out.dtype}")
    seen = {x.tobytes() for x in train.numpy(force=True)}
    return sum(x.tobytes() in seen for x in held_out.numpy(force=True)) / len(held_out)
