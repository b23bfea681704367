"""Synthetic children: healthy, small, late, or ill from some age on."""

from typing import NamedTuple

import numpy as np

from introdl.applications.growth_delays.chart import height_at, lms, z_score
from introdl.arguments import takes
from introdl.data import heights

FIRST, LAST = 24.0, 120.0  # months
SHARES = {"usual": 0.5, "small": 0.1, "late": 0.1, "sudden stop": 0.15, "slow fading": 0.15}
KINDS = tuple(SHARES)
WANDER = 0.15  # the standard deviation of how far a healthy z moves in a year
TAPE = 0.5  # that of a measured height, in cm
SMALL = (-2.2, 0.3)  # the mean and the standard deviation of z in small families
LATE_UNTIL = 54.0  # months
ONSET = (36.0, 96.0)  # when an illness begins
#: How far a late child falls in all, and how fast an ill one does, in z per year: from, to.
FALL = {"late": (0.6, 1.4), "sudden stop": (0.7, 1.2), "slow fading": (0.25, 0.5)}


class Children(NamedTuple):
    """Children and their visits. Where a row is longer than a child's visits, the last is repeated.

    Attributes:
        age: In months, (N, T).
        height: As measured, in cm, (N, T).
        visits: How many each child has, (N,).
        kind: The place in `KINDS`, (N,).
        onset: The age at which an illness begins, 0 for the others, (N,).
    """

    age: np.ndarray
    height: np.ndarray
    visits: np.ndarray
    kind: np.ndarray
    onset: np.ndarray

    @property
    def ill(self) -> np.ndarray:
        """Whether each child has an illness of growth, (N,) Boolean."""
        return self.onset > 0

    @property
    def there(self) -> np.ndarray:
        """Whether an entry is a visit of its own, (N, T) Boolean."""
        return np.arange(self.age.shape[1]) < self.visits[:, None]

    def z(self, sex: str = "boys") -> np.ndarray:
        """The z of each visit by a table, (N, T)."""
        return z_score(self.height, *lms(self.age, *heights(sex)))

    def without(self, share: float, seed: int) -> "Children":
        """The same children, each of whose later visits is missed with this probability."""
        rng = np.random.default_rng(seed)
        kept = self.there & (rng.uniform(size=self.age.shape) >= share)
        kept[:, 0] = True
        return self._replace(
            age=_packed(self.age, kept), height=_packed(self.height, kept), visits=kept.sum(axis=1)
        )


def _packed(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Move what is kept to the front of each row, and repeat the last of it."""
    order = np.argsort(~kept, axis=1, kind="stable")
    last = kept.sum(axis=1, keepdims=True) - 1
    place = np.minimum(np.arange(values.shape[1]), last)
    return np.take_along_axis(values, np.take_along_axis(order, place, axis=1), axis=1)


def drift(age: np.ndarray, kind: str, much: np.ndarray, onset: np.ndarray) -> np.ndarray:
    """Say how far z has moved from where it began, by the plan of a kind.

    Args:
        age: In months, (N, T).
        kind: One of `KINDS`.
        much: How far a late child falls in all, or how fast an ill one falls per year, (N,).
        onset: When an illness begins, in months, (N,).

    Returns:
        (N, T), 0 or less.
    """
    if kind == "late":
        return -much[:, None] * np.clip((age - FIRST) / (LATE_UNTIL - FIRST), 0, 1)
    if kind in FALL:
        return -much[:, None] * np.maximum(age - onset[:, None], 0) / 12
    return 0 * age


def make_children(
    n: int, seed: int, *, tape: float = TAPE, taller: float = 0.0, healthy: bool = False
) -> Children:
    """Make children with irregular visits from 2 to 10 years; usual heights are the boys' table.

    Args:
        n: How many.
        seed: Of all that is random.
        tape: The standard deviation of measuring, in cm.
        taller: By what share of the height this population is taller than the table at 10 years;
            at 2 years it is as tall, and between in proportion to the time.
        healthy: Whether to leave out the ill.

    Raises:
        ValueError: If `n` is below 1.
    """
    if n < 1:
        raise ValueError("make_children(): n must be at least 1")
    rng = np.random.default_rng(seed)
    T = int((LAST - FIRST) / 4) + 1
    gap = rng.uniform(4, 11, size=(n, T))
    gap[:, 0] = rng.uniform(0, 4, size=n)
    age = FIRST + np.cumsum(gap, axis=1)
    share = np.array([0 if healthy and k in KINDS[3:] else v for k, v in SHARES.items()])
    kind = rng.choice(len(KINDS), size=n, p=share / share.sum())
    onset = np.where(kind >= 3, rng.uniform(*ONSET, size=n), 0)
    low, high = np.array([FALL.get(name, (0, 0)) for name in KINDS])[kind].T
    much = rng.uniform(low, high)
    z = rng.normal(size=n)
    z = np.where(kind == 1, SMALL[0] + SMALL[1] * z, z)[:, None]
    step = WANDER * np.sqrt(gap / 12) * rng.normal(size=(n, T))
    step[:, 0] = 0
    z = z + np.cumsum(step, axis=1)
    for k, name in enumerate(KINDS):
        own = kind == k
        z[own] += drift(age[own], name, much[own], onset[own])
    inside = np.minimum(age, LAST)
    tall = height_at(z, *lms(inside, *heights("boys")))
    tall *= 1 + taller * (inside - FIRST) / (LAST - FIRST)
    measured = np.round(tall + tape * rng.normal(size=(n, T)), 1)
    kept = age <= LAST
    visits = kept.sum(axis=1)
    longest = int(visits.max())
    age, measured = (_packed(v, kept)[:, :longest] for v in (age, measured))
    return Children(age, measured, visits, kind, onset)


takes(drift, {"age": "(N, T)", "much": "(N,)", "onset": "(N,)"})
