"""Nets that were made ill on purpose, and the checklist: each check with what it says of a net."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, repeat

import torch
from torch import Tensor, nn

from introdl.networks.diagnosis import checks
from introdl.networks.training import BUGS, Run, healthy, loop

#: The loss of a net that only guesses among ten classes.
GUESS = math.log(10)
#: The rates of the sweep, as factors of the patient's own.
FACTORS = (0.01, 0.1, 1.0, 10.0, 100.0)


def _rate(run: Run, factor: float) -> None:
    for group in run.optimizer.param_groups:
        group["lr"] *= factor


def _new_net(run: Run, net: nn.Sequential) -> None:
    run.net = net
    run.optimizer = torch.optim.SGD(net.parameters(), lr=run.optimizer.param_groups[0]["lr"])


def _few(run: Run) -> None:
    """Keep 50 digits, and go through them 20 times in a pass: as many steps as with 1,000."""
    run.train = loop.Digits(*run.train[list(range(50))])
    run.batches = lambda part: chain.from_iterable(repeat(loop.batches(part), 20))
    _new_net(run, nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)))


def _small(run: Run) -> None:
    _new_net(run, nn.Sequential(nn.Linear(784, 3), nn.ReLU(), nn.Linear(3, 10)))


def _deep(run: Run) -> None:
    layers: list[nn.Module] = [nn.Linear(784, 64), nn.Sigmoid()]
    for _ in range(6):
        layers += [nn.Linear(64, 64), nn.Sigmoid()]
    _new_net(run, nn.Sequential(*layers, nn.Linear(64, 10)))


@torch.no_grad()
def _equal(run: Run) -> None:
    for p in run.net.parameters():
        p.fill_(0.01)
    del run.net[2]  # type: ignore[attr-defined]  # dropout would make the units differ


@torch.no_grad()
def _dead(run: Run) -> None:
    run.net[0].bias -= 10  # type: ignore[index, operator]


@dataclass(frozen=True)
class Patient:
    """One net that is ill, or is not.

    Attributes:
        title: The name of the illness.
        cause: What was done to a healthy training.
        cure: What to do about it.
        put_into: Makes a healthy run ill.
    """

    title: str
    cause: str
    cure: str
    put_into: Callable[[Run], None]

    def run(self, X: Tensor, y: Tensor, seed: int = 0) -> Run:
        """Build a healthy run from digits, and make it ill."""
        run = healthy(X, y, seed)
        self.put_into(run)
        return run


PATIENTS = {
    "healthy": Patient("healthy", "nothing", "leave it alone", lambda run: None),
    "small": Patient(
        "underfits: the net is too small",
        "three hidden units",
        "a larger net",
        _small,
    ),
    "few": Patient(
        "overfits: too few examples",
        "50 digits to learn from, no dropout",
        "more examples, or a remedy against overfitting",
        _few,
    ),
    "fast": Patient(
        "the rate is too high", "the rate times 100", "a lower rate", lambda run: _rate(run, 100)
    ),
    "slow": Patient(
        "the rate is too low", "the rate over 100", "a higher rate", lambda run: _rate(run, 0.01)
    ),
    "labels": Patient(
        "labels do not belong to the inputs",
        "the pictures shuffled, the labels not",
        "shuffle both in one order",
        BUGS["pairs"].put_into,
    ),
    "zero_grad": Patient(
        "old gradients are never cleared",
        "no zero_grad()",
        "zero_grad() before each backward()",
        BUGS["zero_grad"].put_into,
    ),
    "softmax": Patient(
        "softmax applied twice",
        "a softmax before the cross-entropy, which has one",
        "give the loss the ten sums as they are",
        BUGS["softmax"].put_into,
    ),
    "unscaled": Patient(
        "inputs are not scaled",
        "pixels from 0 to 255",
        "bring the inputs near 0 and 1",
        BUGS["unscaled"].put_into,
    ),
    "equal": Patient(
        "all first weights are equal",
        "each weight and bias 0.01",
        "first weights at random",
        _equal,
    ),
    "dead": Patient(
        "dead ReLU units",
        "10 subtracted from each hidden bias",
        "biases of 0 at the start, a lower rate",
        _dead,
    ),
    "deep": Patient(
        "the gradient does not reach the first layers",
        "seven hidden layers with sigmoid",
        "ReLU, or fewer layers",
        _deep,
    ),
    "eval": Patient(
        "dropout stays on in validation",
        "no eval()",
        "eval() before each look",
        BUGS["eval"].put_into,
    ),
    "leak": Patient(
        "validation digits leak into training",
        "each digit doubled before the split",
        "split first, then copy",
        BUGS["leak"].put_into,
    ),
}


@dataclass(frozen=True)
class Finding:
    """What a check says: its number or numbers in words, and whether that is a symptom."""

    said: str
    symptom: bool


def _batch(run: Run, size: int) -> checks.Batch:
    return run.train[list(range(min(size, len(run.train))))]


def _first(make: Callable[[], Run]) -> Finding:
    run = make()
    loss = checks.first_loss(run.net, run.loss_of, _batch(run, 200))
    return Finding(f"{loss:.2f}", not abs(loss - GUESS) <= 0.5)  # NaN is one, too


def _one_batch(make: Callable[[], Run]) -> Finding:
    run = make()
    end = checks.one_batch_loss(run.epoch, _batch(run, 8))
    return Finding(f"{end:.3f}", not end < 0.2)


def _labels(make: Callable[[], Run]) -> Finding:
    share = checks.neighbours_agree(*_batch(make(), 500))
    return Finding(f"{share:.0%}", share < 0.3)


def _scale(make: Callable[[], Run]) -> Finding:
    mean, spread = checks.input_scale(make().train.X)
    return Finding(f"{mean:.2f} and {spread:.2f}", abs(mean) > 3 or not 0.1 < spread < 3)


def _gradient(make: Callable[[], Run]) -> Finding:
    run = make()
    norms = checks.gradient_norms(run.net, run.loss_of, _batch(run, 200))
    return Finding(f"{norms[0]:.1g} and {norms[-1]:.1g}", not norms[0] > norms[-1] / 1000)


def _units(make: Callable[[], Run]) -> Finding:
    run = make()
    dead, twins = checks.dead_units(run.net, _batch(run, 200)[0]), checks.twin_units(run.net)
    return Finding(f"{dead:.0%} and {twins:.0%}", max(dead, twins) > 0.5)


def _sweep(make: Callable[[], Run]) -> Finding:
    def loss_at(factor: float) -> float:
        run = make()
        _rate(run, factor)
        run.epoch(run.batches(run.train))
        return loop.evaluate(run.net, loop.batches(run.train, 500, shuffle=False), run.loss_of)[0]

    ends = checks.rate_sweep(loss_at, FACTORS)
    best = min(ends, key=ends.__getitem__)
    lowest, own = (f"{loss:.2f}" if loss < 100 else "over 100" for loss in (ends[best], ends[1.0]))
    return Finding(f"{own}; {lowest} at {best:g} times", not ends[1.0] < ends[best] + 0.5)


def _looks(make: Callable[[], Run]) -> Finding:
    run = make()
    gap = checks.two_looks(lambda: run.watched()[0], run.net)
    return Finding(f"{gap:.4f}", gap > 0)


def _leak(make: Callable[[], Run]) -> Finding:
    run = make()
    share = checks.share_seen(run.train.X, run.val.X)
    return Finding(f"{share:.0%}", share > 0)


#: The checks in the order in which to run them; each makes fresh runs of a patient.
CHECKLIST: dict[str, Callable[[Callable[[], Run]], Finding]] = {
    "loss at the start": _first,
    "loss on one batch, learned by heart": _one_batch,
    "nearest neighbours with the same label": _labels,
    "mean and spread of the inputs": _scale,
    "gradient of first and last layer": _gradient,
    "dead and twin units": _units,
    "rate sweep": _sweep,
    "difference of two looks": _looks,
    "held-out examples seen in training": _leak,
}
