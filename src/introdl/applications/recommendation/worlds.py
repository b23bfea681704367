"""Made-up people with known tastes, and a made-up shop that shows what it thinks is liked."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from introdl.applications.recommendation.biases import Model, _known, shrunk
from introdl.arguments import takes

#: Two numbers of our own for each dish, from -1 to 1: how sweet, and how hot.
_DISHES = """
pancakes: 0.9 -0.8
ice cream: 1.0 -1.0
apple pie: 0.8 -0.4
carrot cake: 0.7 -0.2
ginger cake: 0.7 0.4
chilli chocolate: 0.9 0.9
mango curry: 0.4 0.6
sweet chilli rice: 0.5 0.9
pumpkin soup: 0.3 -0.4
tomato soup: 0.0 -0.2
fried rice: -0.1 0.1
peppered stew: -0.3 0.5
hot noodles: -0.4 0.9
chilli beans: -0.6 0.7
bean curry: -0.8 1.0
onion tart: -0.5 -0.3
cheese on toast: -0.8 -0.7
olives: -1.0 -0.5
pickled radish: -0.9 0.2
salted crackers: -0.7 -1.0
"""
DISHES: dict[str, tuple[float, float]] = {}
for _line in _DISHES.strip().splitlines():
    _name, _, _places = _line.partition(": ")
    _sweet, _hot = map(float, _places.split())
    DISHES[_name] = _sweet, _hot


class World(NamedTuple):
    """Synthetic ratings, and the truth behind them.

    Attributes:
        person: Who rated, (N,), in ascending order.
        item: What they rated, (N,).
        rating: 1 to 5, (N,).
        hidden: Which ratings are to be predicted, (N,) Boolean.
        truth: The model that made them.
    """

    person: np.ndarray
    item: np.ndarray
    rating: np.ndarray
    hidden: np.ndarray
    truth: Model


def rate(
    truth: Model, person: np.ndarray, item: np.ndarray, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Make up ratings: the model's sum, plus Gaussian noise, rounded to 1 to 5.

    Args:
        truth: The model of R people and D items.
        person: Who rates, (N,).
        item: What they rate, (N,).
        noise: The standard deviation of the noise.
        rng: Where the noise comes from.

    Returns:
        Ratings, (N,).
    """
    taste = np.einsum("nk,nk->n", truth.P[person], truth.Q[item])
    exact = truth.mean + truth.person[person] + truth.item[item] + taste
    return np.clip(np.rint(exact + noise * rng.normal(size=len(item))), 1, 5)


def made_up(
    per_person: int,
    *,
    seed: int,
    people: int = 300,
    items: int = 120,
    taste: float = 0.7,
    noise: float = 0.7,
    hidden: int = 10,
    places: Sequence[tuple[float, float]] | None = None,
) -> World:
    """Make up people with two tastes each, and let them rate items at random.

    Args:
        per_person: How many known ratings each person gives.
        seed: Of all that is random.
        people: How many people.
        items: How many items.
        taste: The standard deviation of what taste adds to a rating.
        noise: The standard deviation of what nothing explains.
        hidden: How many more ratings each person gives, to be predicted.
        places: The items' taste vectors, D of them; `items` random ones unless given.
    """
    rng = np.random.default_rng(seed)
    if places is None:
        Q = rng.normal(size=(items, 2)) * taste / np.sqrt(2)
    else:
        Q = np.array(places, dtype=float)
    truth = Model(
        3.2,
        0.4 * rng.normal(size=people),
        0.5 * rng.normal(size=len(Q)),
        rng.normal(size=(people, 2)),
        Q,
    )
    each = per_person + hidden
    person = np.repeat(np.arange(people), each)
    item = np.concatenate([rng.permutation(len(Q))[:each] for _ in range(people)])
    last = np.tile(np.arange(each) >= per_person, people)
    return World(person, item, rate(truth, person, item, noise, rng), last, truth)


class Shop(NamedTuple):
    """How a shop ended.

    Attributes:
        quality: What people think of each item on average, (D,).
        count: How many ratings each item has, (D,).
        shown: The items that it shows at the end, the best first, (S,).
    """

    quality: np.ndarray
    count: np.ndarray
    shown: np.ndarray


def shop(
    seed: int,
    *,
    at_random: int = 0,
    items: int = 40,
    places: int = 5,
    rounds: int = 30,
    people: int = 10,
    first: int = 2,
    strength: float = 4,
) -> Shop:
    """Let a shop show what is rated best so far; only what is shown is rated.

    Args:
        seed: Of all that is random; the same seed has the same items and the same first ratings.
        at_random: How many of the places show random other items.
        items: How many items there are, D.
        places: How many are shown at once, S.
        rounds: How often the shop chooses again.
        people: How many rate each shown item per round.
        first: How many ratings each item has at the start.
        strength: Of the shrinkage, see `shrunk`.
    """
    rng = np.random.default_rng(seed)
    quality = 0.5 * rng.normal(size=items)
    ids = np.repeat(np.arange(items), first)
    values = quality[ids] + rng.normal(size=len(ids))

    def ranked() -> np.ndarray:
        return np.argsort(-shrunk(ids, values, items, strength), kind="stable")

    for _ in range(rounds):
        order, best = ranked(), places - at_random
        chosen = np.r_[order[:best], rng.permutation(order[best:])[:at_random]]
        rated = np.repeat(chosen, people)
        ids = np.r_[ids, rated]
        values = np.r_[values, quality[rated] + rng.normal(size=len(rated))]
    return Shop(quality, np.bincount(ids, minlength=items), ranked()[:places])


def _asked(truth: Model, person: np.ndarray, item: np.ndarray, **_: object) -> None:
    _known(person, item, (len(truth.person), len(truth.item)))


takes(
    rate,
    {"person": "(N,) of integers, not empty", "item": "(N,) of integers", "noise": "()"},
    also=_asked,
)
