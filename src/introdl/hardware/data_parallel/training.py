"""What each process does: take its share of every batch, and train its copy of the network."""

from itertools import pairwise

import numpy as np
import torch
import torch.distributed as dist
from torch.nn import functional as F


def share(n: int, rank: int, world: int) -> slice:
    """Choose which of `n` examples belong to process `rank` of `world`.

    The shares are contiguous, and differ by one example at most; the first
    are the larger.

    Args:
        n: Number of examples, 0 or more.
        rank: Which process, from 0.
        world: How many processes there are.

    Raises:
        ValueError: If there is no such process.

    Examples:
        >>> share(29, 0, 2), share(29, 1, 2)
        (slice(0, 15, None), slice(15, 29, None))
    """
    if not 0 <= rank < world:
        raise ValueError(f"share(): rank {rank}, expected 0 to {world - 1}")
    size, larger = divmod(n, world)
    start = rank * size + min(rank, larger)
    return slice(start, start + size + (rank < larger))


def multilayer(*widths: int, dtype: torch.dtype = torch.float64) -> torch.nn.Sequential:
    """Build a dense ReLU network from the number of units in each layer, with weights of seed 0.

    Examples:
        >>> sum(p.numel() for p in multilayer(64, 32, 10).parameters())
        2410
    """
    torch.manual_seed(0)
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [torch.nn.Linear(n_in, n_out, dtype=dtype), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def train(
    model: torch.nn.Module,
    X: torch.Tensor,
    y: torch.Tensor,
    batch: int = 64,
    epochs: int = 1,
    rate: float = 0.5,
    rank: int = 0,
    world: int = 1,
    weighted: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Train by SGD; each of `world` processes takes its share.

    Every process shuffles with seed 0, so that all cut the same batches.

    Args:
        model: With more than one process, in DistributedDataParallel: in
            `backward()` it replaces each gradient by the mean over them.
        X: All training inputs, (N, D).
        y: All labels, (N,) int64.
        batch: Examples in a batch, all processes together.
        epochs: Passes through the data.
        rate: Learning rate.
        rank: Which process this is.
        world: How many there are.
        weighted: Whether a share counts by its number of examples. If not,
            each process takes the mean over its share, and the mean of
            those means is wrong for uneven shares.

    Returns:
        The loss of each step over the whole batch, (steps,), and the
        gradient with which each step was made, (steps, parameters).

    Raises:
        ValueError: If `batch` is not a positive multiple of `world`,
            `epochs` is below 1, or examples and labels do not match.
    """
    if batch < 1 or batch % world:
        rule = f"choose a multiple of {world}"
        what = f"batch {batch} is not divisible by {world} processes"
        raise ValueError(f"{what}: {rule}")
    if epochs < 1:
        raise ValueError(f"epochs {epochs}: expected 1 or more")
    if not len(X) == len(y) > 0:
        shapes = f"{tuple(X.shape)}, {tuple(y.shape)}"
        raise ValueError(f"train(): expected (N, D) and (N,), got {shapes}")
    shuffle = np.random.default_rng(0)
    losses, gradients = [], []
    for _ in range(epochs):
        order = torch.from_numpy(shuffle.permutation(len(X))).to(X.device)
        for rows in order.split(batch):
            mine = rows[share(len(rows), rank, world)]
            logits, labels = model(X[mine]), y[mine]
            total = F.cross_entropy(logits, labels, reduction="sum")
            # The mean over processes of this is the sum over the batch
            # divided by its examples.
            by_size, by_share = total * world / len(rows), total / len(mine)
            loss = by_size if weighted else by_share
            model.zero_grad()
            loss.backward()
            with torch.no_grad():
                for weight in model.parameters():
                    weight -= rate * weight.grad
            losses.append(loss.detach())
            slopes = (p.grad.flatten() for p in model.parameters())
            gradients.append(torch.cat(list(slopes)))
    mean = torch.stack(losses)
    if world > 1:
        dist.all_reduce(mean)
        mean /= world
    every = torch.stack(gradients)
    return mean.cpu().double().numpy(), every.cpu().double().numpy()


def predict(model: torch.nn.Module, X: torch.Tensor) -> np.ndarray:
    """Choose the class with the largest logit for each row of `X` (N, D): (N,) int."""
    with torch.no_grad():
        return model(X).argmax(dim=1).cpu().numpy()
