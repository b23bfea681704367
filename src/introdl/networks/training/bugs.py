"""The silent-bug lab: ten ways to break a healthy training, and the check that catches each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from introdl.networks.training import checks, loop
from introdl.networks.training.lab import TRAIN, VAL, Run, healthy, healthy_parity
from introdl.networks.training.loop import Digits


def _no_zero_grad(run: Run) -> None:
    def pass_over(
        net: nn.Module, batches: Iterable, loss_of: loop.LossOf, optimizer: Optimizer
    ) -> float:
        net.train()
        losses = []
        for x, y in batches:
            loss = loss_of(net(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    run.pass_over = pass_over


def _softmax(run: Run) -> None:
    run.net.append(nn.Softmax(dim=1))  # type: ignore[operator]


def _broadcast(run: Run) -> None:
    run.loss_of = lambda outputs, targets: ((outputs - targets) ** 2).mean()


def _leak(run: Run) -> None:
    rest = TRAIN + VAL
    X, y = torch.cat([run.train.X, run.val.X]), torch.cat([run.train.y, run.val.y])
    twice = torch.arange(rest // 2).repeat(2)[torch.randperm(rest)]
    run.train, run.val = (Digits(X[rows], y[rows]) for rows in twice.tensor_split([TRAIN]))


def _no_eval(run: Run) -> None:
    def evaluate(net: nn.Module, batches: Iterable, loss_of: loop.LossOf) -> tuple[float, float]:
        loss = right = total = 0.0
        with torch.no_grad():
            for x, y in batches:
                outputs = net(x)
                loss += loss_of(outputs, y).item() * len(x)
                right += (outputs.argmax(dim=1) == y).sum().item()
                total += len(x)
        return loss / total, right / total

    run.evaluate = evaluate


def _pairs(run: Run) -> None:
    order = torch.randperm(len(run.X))
    wrong = Digits(run.X[order], run.y)
    rows = torch.randperm(len(order))[: TRAIN + VAL]
    run.train, run.val = (Digits(*wrong[part]) for part in rows.tensor_split([TRAIN]))


def _frozen(run: Run) -> None:
    last = run.net[-1]  # type: ignore[index]
    run.optimizer = torch.optim.SGD(last.parameters(), lr=run.optimizer.param_groups[0]["lr"])


def _step_outside(run: Run) -> None:
    def pass_over(
        net: nn.Module, batches: Iterable, loss_of: loop.LossOf, optimizer: Optimizer
    ) -> float:
        net.train()
        losses = []
        for x, y in batches:
            optimizer.zero_grad()
            loss = loss_of(net(x), y)
            loss.backward()
            losses.append(loss.item())
        optimizer.step()
        return sum(losses) / len(losses)

    run.pass_over = pass_over


def _sorted(run: Run) -> None:
    order = run.train.y.argsort(stable=True)
    run.train = Digits(*run.train[order])
    run.batches = lambda part: loop.batches(part, shuffle=False)


def _unscaled(run: Run) -> None:
    run.X = run.X * 255
    for part in (run.train, run.val, run.test):
        part.X = part.X * 255


@dataclass(frozen=True)
class Bug:
    """One silent bug.

    Attributes:
        title: Its name.
        wrong: The line with the bug.
        right: The line as it should be.
        caught_by: The check that is made for it.
        put_into: Breaks a healthy run.
        base: Builds the healthy run that it is put into.
    """

    title: str
    wrong: str
    right: str
    caught_by: str
    put_into: Callable[[Run], None]
    base: Callable[..., Run] = healthy

    def run(self, X: Tensor, y: Tensor, seed: int = 0) -> Run:
        """Build a healthy run, and break it."""
        run = self.base(X, y, seed)
        self.put_into(run)
        return run


BUGS = {
    "zero_grad": Bug(
        "zero_grad() is missing",
        "# optimizer.zero_grad() is not called",
        "optimizer.zero_grad()",
        "gradients_start_at_zero",
        _no_zero_grad,
    ),
    "step": Bug(
        "step() is outside the loop",
        "optimizer.step()  # after the loop over the batches",
        "    optimizer.step()  # in the loop",
        "steps_once_per_batch",
        _step_outside,
    ),
    "frozen": Bug(
        "the optimizer gets only the last layer",
        "SGD(net[-1].parameters(), lr=0.3)",
        "SGD(net.parameters(), lr=0.3)",
        "every_weight_moves",
        _frozen,
    ),
    "softmax": Bug(
        "softmax before the cross-entropy",
        "cross_entropy(net(x).softmax(dim=1), y)",
        "cross_entropy(net(x), y)",
        "fits_one_batch",
        _softmax,
    ),
    "broadcast": Bug(
        "(N, 1) minus (N,)",
        "((net(x) - y) ** 2).mean()",
        "((net(x).squeeze(1) - y) ** 2).mean()",
        "examples_do_not_mix",
        _broadcast,
        healthy_parity,
    ),
    "pairs": Bug(
        "pictures shuffled, labels not",
        "X = X[order]",
        "X, y = X[order], y[order]",
        "pairs_are_kept",
        _pairs,
    ),
    "sorted": Bug(
        "the training part is sorted by class",
        "DataLoader(train, batch_size=50)  # in the order of the classes",
        "DataLoader(train, batch_size=50, shuffle=True)",
        "batches_are_mixed",
        _sorted,
    ),
    "unscaled": Bug(
        "inputs from 0 to 255",
        "X = X.float()",
        "X = X.float() / 255",
        "inputs_are_scaled",
        _unscaled,
    ),
    "leak": Bug(
        "each digit doubled before the split",
        "train, val = split(doubled(digits))",
        "train, val = split(digits)",
        "nothing_is_shared",
        _leak,
    ),
    "eval": Bug(
        "eval() is forgotten",
        "# net.eval() is not called",
        "net.eval()",
        "evaluation_is_steady",
        _no_eval,
    ),
}


def _some(run: Run) -> tuple[Tensor, Tensor]:
    """Eight examples from all over the training part."""
    return run.train[list(range(0, len(run.train), len(run.train) // 8))[:8]]


#: Each check, as it is run on a fresh `Run`.
CHECKS: dict[str, Callable[[Run], Any]] = {
    "inputs_are_scaled": lambda run: checks.inputs_are_scaled(run.batches(run.train)),
    "pairs_are_kept": lambda run: checks.pairs_are_kept(run.batches(run.train), run.X, run.y),
    "nothing_is_shared": lambda run: checks.nothing_is_shared(run.train.X, run.val.X),
    "batches_are_mixed": lambda run: checks.batches_are_mixed(run.batches(run.train)),
    "examples_do_not_mix": lambda run: checks.examples_do_not_mix(
        run.loss_of, run.net(_some(run)[0]), _some(run)[1]
    ),
    "fits_one_batch": lambda run: checks.fits_one_batch(run.epoch, _some(run)),
    "every_weight_moves": lambda run: checks.every_weight_moves(
        run.epoch, run.net, run.batches(run.train)
    ),
    "steps_once_per_batch": lambda run: checks.steps_once_per_batch(
        run.epoch, run.optimizer, [_some(run)] * 2
    ),
    "gradients_start_at_zero": lambda run: checks.gradients_start_at_zero(
        run.epoch, run.optimizer, _some(run)
    ),
    "evaluation_is_steady": lambda run: checks.evaluation_is_steady(
        lambda: run.watched()[0], run.net
    ),
}


def checked(make: Callable[[], Run]) -> dict[str, str]:
    """Run each check on a run of its own; returns what was caught, by the name of the check."""
    caught = {}
    for name, check in CHECKS.items():
        try:
            check(make())
        except checks.SilentBugError as error:
            caught[name] = str(error)
    return caught
