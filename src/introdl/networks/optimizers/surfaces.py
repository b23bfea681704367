"""Runs of an optimiser on a surface of two weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from introdl.arguments import takes
from introdl.networks import gradient_descent
from introdl.networks.gradient_descent import Surface
from introdl.networks.optimizers.rules import Optimizer

#: Those of gradient descent, and the ravine turned by an eighth of a circle.
SURFACES = {
    **gradient_descent.SURFACES,
    "turned": Surface(
        lambda w: float(5.5 * w[0] ** 2 + 9 * w[0] * w[1] + 5.5 * w[1] ** 2),
        lambda w: np.array([11 * w[0] + 9 * w[1], 9 * w[0] + 11 * w[1]]),
    ),
}


def run(
    optimizer: Optimizer,
    slope: Callable[[np.ndarray], np.ndarray],
    w: np.ndarray,
    steps: int,
    schedule: Callable[[int], float] = lambda t: 1.0,
) -> np.ndarray:
    """Take steps with a new optimiser; its rate is multiplied by the schedule.

    Args:
        optimizer: A rule that has not stepped yet.
        slope: Takes weights, (D,), and returns the slope of the loss by each, (D,).
        w: Where to start, (D,).
        steps: How many steps to take.
        schedule: Takes the number of the step, from 0, and returns the factor of the rate.

    Returns:
        The weights before the first step and after each, (steps + 1, D).

    Raises:
        ValueError: If the number of steps is negative, or the rule has stepped already.
        FloatingPointError: If the weights grow past all bounds.
    """
    if steps < 0:
        raise ValueError(f"run(): steps must be 0 or more, got {steps}")
    optimizer.must_be_new("run")
    path, rate = [w], optimizer.rate
    try:
        for t in range(steps):
            optimizer.rate = rate * schedule(t)
            with np.errstate(over="ignore", invalid="ignore"):
                g = slope(w)
                w = optimizer.step(w, g) if np.isfinite(g).all() else g
            if not np.isfinite(w).all():
                raise FloatingPointError(
                    f"run(): diverged at step {t + 1}; rate {rate} is too large"
                )
            path.append(w)
    finally:
        optimizer.rate = rate
    return np.array(path)


takes(run, {"w": "(D,)"})
