"""Gradient descent: steps against the slope, with momentum and on batches, and its border 2/λ."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from introdl.arguments import takes
from introdl.networks.neuron import sigmoid


class Surface(NamedTuple):
    """A loss of two weights.

    Attributes:
        loss: Takes the weights, (2,), and returns their loss.
        slope: Takes the weights, (2,), and returns the slope of the loss by each, (2,).
    """

    loss: Callable[[np.ndarray], float]
    slope: Callable[[np.ndarray], np.ndarray]


def _quadratic(a: float, b: float) -> Surface:
    return Surface(
        lambda w: float(a * w[0] ** 2 + b * w[1] ** 2),
        lambda w: np.array([2 * a * w[0], 2 * b * w[1]]),
    )


#: What the lesson lets its reader walk on.
SURFACES = {
    "bowl": _quadratic(1, 1),
    "ravine": _quadratic(1, 10),
    "valleys": Surface(
        lambda w: float((w[0] ** 2 - 4) ** 2 / 16 + w[0] / 4 + w[1] ** 2),
        lambda w: np.array([w[0] * (w[0] ** 2 - 4) / 4 + 0.25, 2 * w[1]]),
    ),
}


def descend(
    slope: Callable[[np.ndarray], np.ndarray],
    w: np.ndarray,
    *,
    rate: float,
    steps: int,
    momentum: float = 0.0,
) -> np.ndarray:
    """Take steps against the slope; with momentum, each step keeps a share of the one before.

    Source: Cauchy (1847) for the steps; Polyak (1964) for momentum.

    Args:
        slope: Takes weights, (D,), and returns the slope of the loss by each, (D,).
        w: Where to start, (D,).
        rate: Learning rate η.
        steps: How many steps to take.
        momentum: The share α of the last velocity that is kept.

    Returns:
        The weights before the first step and after each, (steps + 1, D).

    Raises:
        ValueError: If the number of steps is negative.
        FloatingPointError: If the weights grow past all bounds, or a slope is not a number.

    Examples:
        >>> descend(lambda w: 2 * w, np.array([4.0]), rate=0.25, steps=3)[:, 0]
        array([4. , 2. , 1. , 0.5])
    """
    if steps < 0:
        raise ValueError(f"descend(): steps must be 0 or more, got {steps}")
    path, velocity = [w], np.zeros(len(w))
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            velocity = momentum * velocity + slope(path[-1])
            path.append(path[-1] - rate * velocity)
    return _finite(np.array(path), "descend", rate)


def descend_batches(
    slope: Callable[[np.ndarray, np.ndarray], np.ndarray],
    w: np.ndarray,
    *,
    examples: int,
    batch: int,
    rate: float,
    passes: int,
    rng: np.random.Generator,
    momentum: float = 0.0,
) -> np.ndarray:
    """Take one step for each batch; a pass shuffles all examples and cuts them into batches.

    Source: Robbins & Monro (1951), for steps from noisy measurements.

    Args:
        slope: Takes weights, (D,), and the rows of a batch, (B,) int, and returns the slope of the
            mean loss of these rows, (D,).
        w: Where to start, (D,).
        examples: How many examples there are.
        batch: How many examples make a batch, B; the last batch of a pass may hold fewer.
        rate: Learning rate η.
        passes: How often to go through all examples.
        rng: Shuffles them, once per pass.
        momentum: The share α of the last velocity that is kept.

    Returns:
        The weights before the first step and after each, (steps + 1, D).

    Raises:
        ValueError: If a batch holds no example, there is none, or the passes are negative.
        FloatingPointError: If the weights grow past all bounds, or a slope is not a number.
    """
    if batch < 1:
        raise ValueError(f"descend_batches(): a batch needs 1 example or more, got {batch}")
    if examples < 1:
        raise ValueError(f"descend_batches(): examples must be 1 or more, got {examples}")
    if passes < 0:
        raise ValueError(f"descend_batches(): passes must be 0 or more, got {passes}")
    path, velocity = [w], np.zeros(len(w))
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(passes):
            order = rng.permutation(examples)
            for at in range(0, examples, batch):
                velocity = momentum * velocity + slope(path[-1], order[at : at + batch])
                path.append(path[-1] - rate * velocity)
    return _finite(np.array(path), "descend_batches", rate)


def _finite(path: np.ndarray, function: str, rate: float) -> np.ndarray:
    bad = np.flatnonzero(~np.isfinite(path).all(axis=1))
    if len(bad):
        # A walk that diverges passes huge weights first; a faulty slope strikes at modest ones.
        if np.abs(path[bad[0] - 1]).max() < 1e50:
            raise FloatingPointError(f"{function}(): the slope before step {bad[0]} is not finite")
        raise FloatingPointError(f"{function}(): diverged; rate {rate} is too large")
    return path


def curvature(
    slope: Callable[[np.ndarray], np.ndarray], w: np.ndarray, nudge: float = 1e-4
) -> np.ndarray:
    """Measure how the slopes change when one weight is nudged, both ways, at `w`.

    Args:
        slope: Takes weights, (D,), and returns the slope of the loss by each, (D,).
        w: Where to measure, (D,).
        nudge: How far each weight is moved; the error is of the order of its square.

    Returns:
        The symmetric matrix of the slopes' slopes, the Hessian, (D, D).

    Examples:
        >>> curvature(lambda w: 2 * w, np.array([4.0])).round(6)
        array([[2.]])
    """
    nudges = nudge * np.eye(len(w))
    changes = np.array([slope(w + d) - slope(w - d) for d in nudges]) / (2 * nudge)  # (D, D)
    return (changes + changes.T) / 2


def border(M: np.ndarray, momentum: float = 0.0) -> float:
    """Compute 2 (1 + α) / λ, the rate beyond which steps on a quadratic lead away.

    λ is the largest curvature, the largest eigenvalue of `M`.

    Source: Goh (2017), "Why momentum really works".

    Args:
        M: The curvature, symmetric, (D, D).
        momentum: The share α of the last velocity that is kept, from 0 to below 1.

    Raises:
        ValueError: If `M` is not symmetric, the momentum is outside its range, or there is no
            border: the surface bends upwards in no direction, or downwards in one.

    Examples:
        >>> border(np.array([[2.0, 0.0], [0.0, 20.0]]))
        0.1
    """
    if not 0 <= momentum < 1:
        raise ValueError(f"border(): momentum must be from 0 to below 1, got {momentum}")
    if not np.allclose(M, M.T):
        raise ValueError("border(): M is not symmetric")
    flattest, steepest = (float(v) for v in np.linalg.eigvalsh(M)[[0, -1]])
    if steepest <= 0:
        raise ValueError(f"border(): no direction bends upwards, the largest λ is {steepest}")
    if flattest < -1e-6 * steepest:
        raise ValueError(f"border(): a direction bends downwards, the smallest λ is {flattest}")
    return 2 * (1 + momentum) / steepest


def example_slopes(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute the slopes of each example's surprise: error times input; the bias comes last.

    Args:
        w: Weights of a neuron, bias last, (D + 1,).
        X: Inputs, (N, D) float.
        y: Labels 0 or 1, (N,).

    Returns:
        The slopes, (N, D + 1); their mean is the slope of the mean surprise.

    Raises:
        ValueError: If there is not one weight for each input and one for the bias.

    Examples:
        >>> example_slopes(np.zeros(2), np.array([[-1.0], [2.0]]), np.array([0, 1]))
        array([[-0.5,  0.5],
               [-1. , -0.5]])
    """
    if len(w) != X.shape[1] + 1:
        raise ValueError(
            f"example_slopes(): w has shape {w.shape}, expected ({X.shape[1] + 1},): bias last"
        )
    inputs = np.column_stack([X, np.ones(len(X))])  # (N, D + 1)
    return (sigmoid(inputs @ w) - y)[:, None] * inputs


def slope_noise(slopes: np.ndarray, batch: int) -> float:
    """Predict how far the slope of a batch lies from the slope of all, as a root mean square.

    The examples of the batch are drawn independently, so it may hold one twice: the noise of one
    example divided by √B.

    Args:
        slopes: The slopes of each example, (N, D).
        batch: How many examples make a batch, B.

    Raises:
        ValueError: If a batch holds no example.

    Examples:
        >>> slope_noise(np.array([[3.0], [-3.0]]), batch=9)
        1.0
    """
    if batch < 1:
        raise ValueError(f"slope_noise(): a batch needs 1 example or more, got {batch}")
    return float(np.sqrt(((slopes - slopes.mean(axis=0)) ** 2).sum(axis=1).mean() / batch))


# What each takes is checked apart from the code, so that a page can show the idea alone.

for _function in (descend, descend_batches, curvature):
    takes(_function, {"w": "(D,)"})
takes(border, {"M": "(D, D), not empty"})
takes(example_slopes, {"w": "(M,)", "X": "(N, D), not empty", "y": "(N,) of 0 and 1"})
takes(slope_noise, {"slopes": "(N, D), not empty"})
