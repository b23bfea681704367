"""A training loop as it is really used: on any device, stopped early, resumed bit for bit."""

import copy
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

LossOf = Callable[[Tensor, Tensor], Tensor]


class Digits(Dataset):
    """Pictures and labels; asked for a list of rows it gives a batch.

    Args:
        X: Pictures, (N, ...) float.
        y: Labels, (N,).
    """

    def __init__(self, X: Tensor, y: Tensor) -> None:
        if len(X) != len(y):
            raise ValueError(f"Digits(): {len(X)} pictures, and {len(y)} labels")
        self.X, self.y = X, y

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, rows: int | list[int]) -> tuple[Tensor, Tensor]:
        return self.X[rows], self.y[rows]


def batches(part: Dataset, size: int = 50, *, shuffle: bool = True) -> DataLoader:
    """Load a part by batches, each with one look-up: a `DataLoader` joins single examples."""
    order = (RandomSampler if shuffle else SequentialSampler)(part)  # type: ignore[arg-type]
    return DataLoader(part, sampler=BatchSampler(order, size, False), batch_size=None)


def device_of(net: nn.Module) -> torch.device:
    """Where the weights of a net are: there its inputs must go."""
    return next(net.parameters()).device


def train_epoch(
    net: nn.Module,
    batches: Iterable,
    loss_of: LossOf,
    optimizer: Optimizer,
) -> float:
    """Train for one pass; returns the mean of the batches' losses."""
    net.train()
    device, losses = device_of(net), []
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = loss_of(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.no_grad()
def evaluate(net: nn.Module, batches: Iterable, loss_of: LossOf) -> tuple[float, float]:
    """Compute the mean loss and the share right; more than one output per example is one per class.

    A single output per example, (B,) or (B, 1), is right on the same side of ½ as its target.
    """
    net.eval()
    device = device_of(net)
    loss = right = total = 0.0
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        outputs = net(x)
        single = outputs.ndim == 1 or outputs.shape[1] == 1
        said = outputs.flatten() > 0.5 if single else outputs.argmax(dim=1)
        loss += loss_of(outputs, y).item() * len(x)
        right += (said == (y.flatten() > 0.5 if single else y)).sum().item()
        total += len(x)
    return loss / total, right / total


@dataclass
class Progress:
    """How far a training is: enough to stop it early, and to go on with it."""

    curve: list[dict[str, float]] = field(default_factory=list)
    best: float = float("inf")
    waited: int = 0
    best_weights: dict[str, Tensor] | None = None


def fit(
    net: nn.Module,
    optimizer: Optimizer,
    loss_of: LossOf,
    train: Iterable,
    val: Iterable,
    *,
    epochs: int,
    patience: int | None = None,
    progress: Progress | None = None,
    after: Callable[[Progress], Any] = lambda progress: None,
) -> Progress:
    """Train until `epochs` are done, or `patience` is over.

    Args:
        net: The net; with `patience` it ends with the weights of its lowest validation loss.
        optimizer: The optimizer of its parameters.
        loss_of: Takes outputs and targets, and returns the mean loss.
        train: Gives the batches of the training part anew at each pass.
        val: Likewise of the validation part.
        epochs: How many passes in all, those of `progress` included.
        patience: How many passes to wait for a new low of the loss in validation; without it,
            none is too many.
        progress: Where to go on; a fresh one if there is none.
        after: Called after each pass, to show it or to keep a checkpoint.
    """
    progress = progress or Progress()
    wait = patience or epochs
    while len(progress.curve) < epochs and progress.waited < wait:
        loss = train_epoch(net, train, loss_of, optimizer)
        val_loss, right = evaluate(net, val, loss_of)
        row = {"loss": loss, "val_loss": val_loss, "val_right": right}
        progress.curve.append(row)
        progress.waited += 1
        if val_loss < progress.best:
            progress.best, progress.waited = val_loss, 0
            progress.best_weights = copy.deepcopy(net.state_dict())
        after(progress)
    if patience and progress.best_weights:
        net.load_state_dict(progress.best_weights)
    return progress


def save(
    path: Path,
    net: nn.Module,
    optimizer: Optimizer,
    progress: Progress,
) -> None:
    """Keep all that the next pass depends on, the dice included."""
    has_cuda = torch.cuda.is_available()
    torch.save(
        {
            "net": net.state_dict(),
            "optimizer": optimizer.state_dict(),
            "progress": asdict(progress),
            "dice": torch.get_rng_state(),
            "dice_cuda": torch.cuda.get_rng_state_all() if has_cuda else [],
        },
        path,
    )


def load(path: Path, net: nn.Module, optimizer: Optimizer) -> Progress:
    """Put back what `save` kept into a net built as before."""
    kept = torch.load(path, map_location="cpu", weights_only=True)
    net.load_state_dict(kept["net"])
    optimizer.load_state_dict(kept["optimizer"])
    torch.set_rng_state(kept["dice"])
    if torch.cuda.is_available() and kept["dice_cuda"]:
        torch.cuda.set_rng_state_all(kept["dice_cuda"])
    return Progress(**kept["progress"])


def bar(
    items: Iterable,
    *,
    out: TextIO | None = None,
    width: int = 20,
) -> Iterator:
    """Hand on the items, and draw on one line how many are done."""
    out = out or sys.stderr
    total = len(items) if isinstance(items, Sized) else None
    for done, item in enumerate(items, start=1):
        yield item
        drawn = f"{done}" if total is None else f"{done}/{total}".rjust(9)
        if total:
            full = width * done // total
            drawn = "█" * full + "·" * (width - full) + drawn
        out.write(f"\r{drawn}")
    out.write("\n")
