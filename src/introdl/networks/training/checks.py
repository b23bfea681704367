"""Ten checks for a training loop that is wrong, and trains. Copy this file: it needs PyTorch.

A check returns nothing, or raises `SilentBugError` with what it saw. Your loop is a function
`epoch(batches)` that trains for one pass over any iterable of batches `(x, y)` and returns the
mean loss. Checks that train move the weights: give them a net of their own.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Batch = tuple[Tensor, Tensor]
Epoch = Callable[[Iterable[Batch]], float]


class SilentBugError(AssertionError):
    """A check saw a bug; the message says what, and where to look."""


def inputs_are_scaled(batches: Iterable[Batch]) -> None:
    """Refuse inputs whose mean or spread is far from 0 and 1.

    Args:
        batches: Pairs of inputs, (B, ...) float, and targets.
    """
    x = torch.cat([x.flatten() for x, _ in batches])
    mean, spread = x.mean().item(), x.std().item()
    if abs(mean) > 3 or not 0.1 < spread < 3:
        raise SilentBugError(
            f"the inputs have mean {mean:.3g} and standard deviation "
            f"{spread:.3g}: bring them near 0 and 1"
        )


def pairs_are_kept(batches: Iterable[Batch], X: Tensor, y: Tensor) -> None:
    """Look each example up in the data: its target must be the same.

    Args:
        batches: Pairs of inputs, (B, ...), and targets, (B,).
        X: All inputs, (N, ...), as they are before they become batches.
        y: Their targets, (N,).
    """
    known: dict[bytes, set[float]] = {}
    for x, target in zip(X, y, strict=True):
        known.setdefault(row_bytes(x), set()).add(target.item())
    wrong = unknown = total = 0
    for inputs, targets in batches:
        for x, target in zip(inputs, targets, strict=True):
            total += 1
            right = known.get(row_bytes(x))
            unknown += right is None
            wrong += right is not None and target.item() not in right
    for count, what in (
        (wrong, "have another target in the data"),
        (unknown, "are not in the data: give X as the batches have it"),
    ):
        if count:
            raise SilentBugError(f"{count} of {total} examples {what}")


def nothing_is_shared(train: Tensor, held_out: Tensor) -> None:
    """Refuse held-out inputs that are also in training.

    Inputs are the same if they are so number for number.

    Args:
        train: Inputs of the training part, (N, ...).
        held_out: Inputs of the validation or test part, (M, ...).
    """
    if train.dtype != held_out.dtype:
        both = f"{train.dtype} and {held_out.dtype}"
        raise ValueError(f"nothing_is_shared() cannot compare {both}")
    seen = {row_bytes(x) for x in train}
    shared = sum(row_bytes(x) in seen for x in held_out)
    if shared:
        count = f"{shared} of {len(held_out)}"
        seen = f"{count} held-out examples are also in training"
        raise SilentBugError(seen)


def batches_are_mixed(batches: Iterable[Batch]) -> None:
    """Refuse an order in which neighbours agree in class too often.

    In a shuffled order two neighbours agree by chance, about as often as two examples drawn at
    random. Five standard deviations more are refused.

    Args:
        batches: Pairs of inputs and class labels, (B,) int.
    """
    y = torch.cat([y.flatten() for _, y in batches])
    share = torch.unique(y, return_counts=True)[1] / len(y)
    if len(share) < 2:
        raise SilentBugError(f"all {len(y)} examples have the same class")
    by_chance = (share**2).sum().item()
    alike = (y[1:] == y[:-1]).float().mean().item()
    deviation = (by_chance * (1 - by_chance) / len(y)) ** 0.5
    if alike > by_chance + 5 * deviation:
        raise SilentBugError(
            f"{alike:.0%} of the neighbours have the same class, "
            f"{by_chance:.0%} would by chance: shuffle the training part"
        )


def examples_do_not_mix(
    loss_of: Callable[[Tensor, Tensor], Tensor],
    outputs: Tensor,
    targets: Tensor,
) -> None:
    """Change one target: the gradients of the others must stay.

    Args:
        loss_of: Takes outputs and targets, and returns one number.
        outputs: What the net answers to a batch, its first axis (B,).
        targets: Their targets, (B,), not all equal.
    """

    def gradient(targets: Tensor) -> Tensor:
        free = outputs.detach().clone().requires_grad_()
        return torch.autograd.grad(loss_of(free, targets), free)[0]

    others = targets[targets != targets[-1]]
    if not len(others):
        raise ValueError("examples_do_not_mix(): all targets are equal")
    other = targets.clone()
    other[-1] = others[0]
    if not torch.allclose(gradient(targets)[:-1], gradient(other)[:-1]):
        raise SilentBugError(
            "the target of one example changes the gradients of others: "
            f"outputs have the shape {tuple(outputs.shape)}, targets "
            f"{tuple(targets.shape)}"
        )


def fits_one_batch(
    epoch: Epoch,
    batch: Batch,
    *,
    passes: int = 100,
    share: float = 0.2,
) -> None:
    """Learn one small batch by heart: its loss must fall far.

    Args:
        epoch: Your loop, for one pass, with a fresh net.
        batch: A few examples, 8 say.
        passes: How often to train on them, 10 or more.
        share: The part of the first loss below which the last ten must be, in the mean.
    """
    losses = [epoch([batch]) for _ in range(passes)]
    end = sum(losses[-10:]) / 10
    if not end < share * losses[0]:
        raise SilentBugError(
            f"on one batch the loss goes from {losses[0]:.3g} to {end:.3g} "
            f"in {passes} passes, not towards 0: do outputs, loss and "
            "targets fit each other?"
        )


def every_weight_moves(
    epoch: Epoch,
    net: nn.Module,
    batches: Iterable[Batch],
) -> None:
    """Train for one pass: no array of weights may stay as it was.

    Args:
        epoch: Your loop, for one pass, that trains `net`.
        net: The net.
        batches: Some batches.
    """
    now = dict(net.named_parameters())
    before = {name: p.detach().clone() for name, p in now.items()}
    epoch(batches)
    still = [name for name in now if torch.equal(now[name], before[name])]
    if still:
        names = ", ".join(still)
        seen = f"a pass does not move {names}: are they in the optimizer?"
        raise SilentBugError(seen)
    lost = [name for name in now if not torch.isfinite(now[name]).all()]
    if lost:
        raise SilentBugError(f"after a pass {', '.join(lost)}: not finite")


def steps_once_per_batch(
    epoch: Epoch,
    optimizer: Optimizer,
    batches: list[Batch],
) -> None:
    """Count the steps of one pass: as many as batches.

    Args:
        epoch: Your loop, for one pass, that uses `optimizer`.
        optimizer: The optimizer.
        batches: Two batches or more.
    """
    steps = len(step_gradients(epoch, optimizer, batches))
    if steps != len(batches):
        raise SilentBugError(f"{len(batches)} batches, but {steps} step(s)")


def gradients_start_at_zero(
    epoch: Epoch,
    optimizer: Optimizer,
    batch: Batch,
) -> None:
    """Take two steps of size 0 on one batch: the gradients must agree.

    The dice, which dropout throws, are the same for both.

    Args:
        epoch: Your loop, for one pass, that uses `optimizer`.
        optimizer: The optimizer; its rates are 0 while this runs.
        batch: Some examples.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    seen = []
    try:
        for _ in range(2):
            with torch.random.fork_rng():
                torch.manual_seed(0)
                seen += step_gradients(epoch, optimizer, [batch])
    finally:
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
    if not seen:
        raise SilentBugError("a pass takes no step")
    if not torch.allclose(seen[0], seen[-1]):
        longer = (seen[-1].norm() / seen[0].norm()).item()
        raise SilentBugError(
            "the same batch gives another gradient the second time, "
            f"{longer:.3g} times as long: is zero_grad() missing?"
        )


def evaluation_is_steady(
    evaluate: Callable[[], float],
    net: nn.Module,
) -> None:
    """Evaluate twice: the same number, and a net that stays as it was.

    Args:
        evaluate: Your evaluation of `net`; returns its loss.
        net: The net, straight from training.
    """
    net.train()
    before = {name: t.clone() for name, t in net.state_dict().items()}
    first, second = evaluate(), evaluate()
    if first != second:
        both = f"{first:.4f} and {second:.4f}"
        seen = f"two evaluations give {both}: is eval() missing?"
        raise SilentBugError(seen)
    after = net.state_dict()
    changed = [k for k in after if not torch.equal(after[k], before[k])]
    if changed:
        names = ", ".join(changed)
        seen = f"an evaluation changes {names}: is eval() missing?"
        raise SilentBugError(seen)


def row_bytes(x: Tensor) -> bytes:
    """Give one example as bytes, which a set can look up."""
    return x.detach().cpu().contiguous().numpy().tobytes()


def step_gradients(
    epoch: Epoch,
    optimizer: Optimizer,
    batches: Iterable[Batch],
) -> list[Tensor]:
    """Run a pass, and keep the gradient of each step as one row."""
    seen: list[Tensor] = []

    def look(optimizer: Optimizer, *_: object) -> None:
        known = [p for g in optimizer.param_groups for p in g["params"]]
        slopes = [p.grad.flatten() for p in known if p.grad is not None]
        seen.append(torch.cat(slopes))

    hook = optimizer.register_step_pre_hook(look)
    try:
        epoch(batches)
    finally:
        hook.remove()
    return seen
