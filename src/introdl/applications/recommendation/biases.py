"""Ratings predicted by averages: how generous a person is, and how well liked an item."""

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes


class Model(NamedTuple):
    """What predicts a rating: a mean, two biases and, if K > 0, two taste vectors.

    Attributes:
        mean: Of all known ratings.
        person: How far each person's ratings lie above it, (R,).
        item: How far each item's ratings lie above it, (D,).
        P: The taste vector of each person, (R, K).
        Q: The taste vector of each item, (D, K).
    """

    mean: float
    person: np.ndarray
    item: np.ndarray
    P: np.ndarray
    Q: np.ndarray


def shrunk(
    group: np.ndarray,
    value: np.ndarray,
    groups: int,
    strength: float,
) -> np.ndarray:
    """Give each group's mean, drawn towards 0 where values are few.

    Args:
        group: The group of each value, 0 to `groups` - 1, (N,).
        value: The values, (N,).
        groups: How many groups, G.
        strength: As if each group had so many more values, all 0.

    Returns:
        One number per group, (G,); 0 for a group without values.

    Examples:
        >>> shrunk(np.array([0, 0, 0, 1]), np.array([1.8, 0.8, 0.8, 1.8]), 3, 2)
        array([0.68, 0.6 , 0.  ])
    """
    total = np.bincount(group, value, groups)
    count = np.bincount(group, minlength=groups)
    return total / np.maximum(count + strength, 1e-300)


def fit_biases(
    person: np.ndarray,
    item: np.ndarray,
    rating: np.ndarray,
    shape: tuple[int, int],
    shrink: tuple[float, float] = (12, 8),
    sweeps: int = 10,
) -> Model:
    """Find both kinds of bias, in turn, each from what the other leaves.

    Source: Koren, Bell & Volinsky (2009), "Adding biases", without taste vectors.

    Args:
        person: Who rated, 0 to R - 1, (N,).
        item: What they rated, 0 to D - 1, (N,).
        rating: How, (N,).
        shape: How many people and items there are, (R, D).
        shrink: The strength for people and for items.
        sweeps: How often each kind is computed.
    """
    mean = rating.mean()
    b, c = np.zeros(shape[0]), np.zeros(shape[1])
    for _ in range(sweeps):
        b = shrunk(person, rating - mean - c[item], shape[0], shrink[0])
        c = shrunk(item, rating - mean - b[person], shape[1], shrink[1])
    P, Q = (np.zeros((size, 0)) for size in shape)
    return Model(float(mean), b, c, P, Q)


def predict(model: Model, person: np.ndarray, item: np.ndarray) -> np.ndarray:
    """Predict what people give to items, from 1 to 5.

    Args:
        model: Of R people and D items.
        person: Numbers of people, (N,).
        item: Numbers of items, (N,).

    Returns:
        Ratings, (N,).
    """
    taste = np.einsum("nk,nk->n", model.P[person], model.Q[item])
    said = model.mean + model.person[person] + model.item[item] + taste
    return said.clip(1, 5)


def rmse(said: np.ndarray, rating: np.ndarray) -> float:
    """Give the root mean square error: the square root of the mean of (said - rating)².

    Args:
        said: What was predicted, (N,).
        rating: What was given, (N,).

    Examples:
        >>> rmse(np.array([3.0, 4.0]), np.array([4, 1])) ** 2
        5.000000000000001
    """
    return float(np.sqrt(np.mean((said - rating) ** 2)))


def right_pairs(person: np.ndarray, said: np.ndarray, rating: np.ndarray) -> float:
    """Give the share of pairs that are predicted in the right order.

    A pair is two ratings by one person that differ. Equal predictions count one half.

    Args:
        person: Who rated, (N,).
        said: What was predicted, (N,).
        rating: What was given, (N,).

    Examples:
        >>> right_pairs(np.array([0, 0, 1, 1]), np.array([3, 4, 3, 3]), np.array([1, 5, 2, 4]))
        0.75
    """
    right = pairs = 0.0
    for one in np.unique(person):
        s, r = said[person == one], rating[person == one]
        i, j = np.nonzero(r[:, None] > r)  # i is rated higher than j
        right += (1 + np.sign(s[i] - s[j])).sum() / 2
        pairs += len(i)
    if not pairs:
        raise ValueError("right_pairs(): no person has two ratings that differ")
    return float(right / pairs)


def _known(person: np.ndarray, item: np.ndarray, shape: tuple[int, int], **_: object) -> None:
    """Refuse numbers of people or items outside the table."""
    for name, given, size in zip(("person", "item"), (person, item), shape, strict=True):
        if given.min() < 0 or given.max() >= size:
            raise ValueError(f"{name} has numbers outside 0 to {size - 1}")


def _groups(group: np.ndarray, groups: int, strength: float, **_: object) -> None:
    if strength < 0:
        raise ValueError(f"shrunk(): strength must be 0 or more, got {strength}")
    if group.size and (group.min() < 0 or group.max() >= groups):
        raise ValueError(f"shrunk(): group has numbers outside 0 to {groups - 1}")


def _asked(model: Model, person: np.ndarray, item: np.ndarray) -> None:
    _known(person, item, (len(model.person), len(model.item)))


_WHO = {"person": "(N,) of integers, not empty", "item": "(N,) of integers"}
takes(shrunk, {"group": "(N,) of integers", "value": "(N,)"}, also=_groups)
takes(fit_biases, _WHO | {"rating": "(N,)"}, also=_known)
takes(predict, _WHO, also=_asked)
takes(rmse, {"said": "(N,), not empty", "rating": "(N,)"})
takes(
    right_pairs,
    {"person": "(N,) of integers, not empty", "said": "(N,)", "rating": "(N,)"},
)
