"""Taste vectors: a rating as the dot product of a person's and an item's, found from ratings."""

import numpy as np
from scipy.sparse import csr_array

from introdl.applications.recommendation.biases import Model, _known
from introdl.arguments import takes
from introdl.networks.optimizers.rules import Adam


def step(
    p: np.ndarray, q: np.ndarray, error: float, rate: float, shrink: float
) -> tuple[np.ndarray, np.ndarray]:
    """Move two taste vectors a step down the slope of one rating.

    Source: Koren, Bell & Volinsky (2009), "Stochastic gradient descent".

    Args:
        p: The person's vector, (K,).
        q: The item's vector, (K,).
        error: The rating minus what was predicted.
        rate: The learning rate.
        shrink: How strongly both are drawn towards 0.

    Returns:
        The new vectors, (K,) each.

    Examples:
        >>> p, q = step(np.array([1.0, 0.0]), np.array([0.5, 0.5]), 2.0, 0.1, 0.0)
        >>> p.round(2), q.round(2)
        (array([1.1, 0.1]), array([0.7, 0.5]))
    """
    return (
        p + rate * (error * q - shrink * p),
        q + rate * (error * p - shrink * q),
    )


def slopes(
    model: Model,
    person: np.ndarray,
    item: np.ndarray,
    rating: np.ndarray,
    shrink: tuple[float, float, float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give the slopes of the loss.

    The loss is half of all squared errors plus half of the penalties.

    Args:
        model: Of R people and D items.
        person: Who rated, (N,), in ascending order.
        item: What they rated, (N,).
        rating: How, (N,).
        shrink: The penalties on the squares of people's biases, of items'
            biases and of taste vectors.

    Returns:
        Slopes for `person`, `item`, `P` and `Q` of the model, in their shapes.
    """
    mean, b, c, P, Q = model
    taste = np.einsum("nk,nk->n", P[person], Q[item])
    error = rating - (mean + b[person] + c[item] + taste)
    begins = np.searchsorted(person, np.arange(len(b) + 1))
    error = csr_array((error, item, begins), shape=(len(b), len(c)))
    return (
        shrink[0] * b - error.sum(axis=1),
        shrink[1] * c - error.sum(axis=0),
        shrink[2] * P - error @ Q,
        shrink[2] * Q - error.T @ P,
    )


def fit_tastes(
    person: np.ndarray,
    item: np.ndarray,
    rating: np.ndarray,
    shape: tuple[int, int],
    *,
    seed: int,
    width: int = 4,
    shrink: tuple[float, float, float] = (12, 8, 17),
    steps: int = 60,
    rate: float = 0.05,
) -> Model:
    """Learn biases and taste vectors together with Adam, from all ratings at each step.

    Args:
        person: Who rated, 0 to R - 1, (N,).
        item: What they rated, 0 to D - 1, (N,).
        rating: How, (N,).
        shape: How many people and items there are, (R, D).
        seed: Of the first taste vectors; biases begin at 0.
        width: Numbers in a taste vector, K.
        shrink: As in `slopes`.
        steps: Of Adam.
        rate: Its learning rate.
    """
    order = np.argsort(person, kind="stable")
    person, item, rating = person[order], item[order], rating[order]
    rng = np.random.default_rng(seed)
    parts = [
        np.zeros(shape[0]),
        np.zeros(shape[1]),
        0.1 * rng.normal(size=(shape[0], width)),
        0.1 * rng.normal(size=(shape[1], width)),
    ]
    mean, rules = float(rating.mean()), [Adam(rate) for _ in parts]
    for _ in range(steps):
        g = slopes(Model(mean, *parts), person, item, rating, shrink)
        parts = [r.step(w, s) for r, w, s in zip(rules, parts, g, strict=True)]
    return Model(mean, *parts)


def fold_in(
    model: Model, item: np.ndarray, rating: np.ndarray, shrink: tuple[float, float]
) -> tuple[float, np.ndarray]:
    """Find the bias and the taste vector of a new person, while all items stay.

    They make half of the squared errors plus half of the penalties smallest: linear equations.

    Args:
        model: Of D items.
        item: What the new person rated, (N,).
        rating: How, (N,).
        shrink: The penalty on the squares of the bias and of the taste vector.

    Returns:
        The bias, and the taste vector, (K,).
    """
    X = np.hstack([np.ones((len(item), 1)), model.Q[item]])  # (N, 1 + K)
    left = X.T @ X + np.diag([shrink[0]] + [shrink[1]] * model.Q.shape[1])
    b, *p = np.linalg.solve(left, X.T @ (rating - model.mean - model.item[item]))
    return float(b), np.array(p)


def _ordered(model: Model, person: np.ndarray, item: np.ndarray, **_: object) -> None:
    _known(person, item, (len(model.person), len(model.item)))
    if (np.diff(person) < 0).any():
        raise ValueError("slopes(): person must be in ascending order")


def _new(model: Model, item: np.ndarray, shrink: tuple[float, float], **_: object) -> None:
    if item.size and (item.min() < 0 or item.max() >= len(model.item)):
        raise ValueError(f"fold_in(): item has numbers outside 0 to {len(model.item) - 1}")
    if not min(shrink) > 0:
        raise ValueError(f"fold_in(): shrink must be above 0, got {shrink}")


_GIVEN = {"person": "(N,) of integers, not empty", "item": "(N,) of integers", "rating": "(N,)"}
takes(step, {"p": "(K,), not empty", "q": "(K,)", "error": "()"})
takes(slopes, _GIVEN, also=_ordered)
takes(fit_tastes, _GIVEN, also=_known)
takes(fold_in, {"item": "(N,) of integers", "rating": "(N,)"}, also=_new)
