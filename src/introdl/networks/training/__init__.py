"""Training as it is really done, bugs that train without an error, and checks that catch them."""

from introdl.networks.training.bugs import BUGS, CHECKS, Bug, checked
from introdl.networks.training.checks import (
    SilentBugError,
    batches_are_mixed,
    evaluation_is_steady,
    every_weight_moves,
    examples_do_not_mix,
    fits_one_batch,
    gradients_start_at_zero,
    inputs_are_scaled,
    nothing_is_shared,
    pairs_are_kept,
    steps_once_per_batch,
)
from introdl.networks.training.lab import Run, healthy, healthy_parity
from introdl.networks.training.loop import (
    Digits,
    Progress,
    bar,
    batches,
    evaluate,
    fit,
    load,
    save,
    train_epoch,
)

__all__ = [
    "BUGS",
    "CHECKS",
    "Bug",
    "Digits",
    "Progress",
    "Run",
    "SilentBugError",
    "bar",
    "batches",
    "batches_are_mixed",
    "checked",
    "evaluate",
    "evaluation_is_steady",
    "every_weight_moves",
    "examples_do_not_mix",
    "fit",
    "fits_one_batch",
    "gradients_start_at_zero",
    "healthy",
    "healthy_parity",
    "inputs_are_scaled",
    "load",
    "nothing_is_shared",
    "pairs_are_kept",
    "save",
    "steps_once_per_batch",
    "train_epoch",
]
