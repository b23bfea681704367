"""Time training with the engine's slopes beside training with PyTorch's."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from introdl.networks.autograd.training import fit, fit_torch


class Speed(NamedTuple):
    """Median seconds of one training.

    Attributes:
        engine: With slopes from the engine of this lesson.
        torch: With PyTorch's, from the same weights and with the same batches.
    """

    engine: float
    torch: float


def time_training(inputs: int, hidden: int, *, epochs: int = 2, rounds: int = 5) -> Speed:
    """Train a net of ten classes on 1,000 random examples, in batches of 50, in both ways.

    The ways take turns, so that a busy moment of the machine meets both.

    Args:
        inputs: Numbers of an example.
        hidden: Hidden units.
        epochs: Passes through the examples in one training.
        rounds: Trainings of each way, 1 or more.
    """
    X, y = np.random.default_rng(0).random((1000, inputs)), np.arange(1000) % 10
    samples: dict[str, list[float]] = {"engine": [], "torch": []}
    for _ in range(rounds):
        for name, train in (("engine", fit), ("torch", fit_torch)):
            began = time.perf_counter()
            train(X, y, hidden, epochs=epochs)
            samples[name].append(time.perf_counter() - began)
    return Speed(**{name: float(np.median(seconds)) for name, seconds in samples.items()})
