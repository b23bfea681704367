"""How sure a difference is: the mean of paired differences with its 95 % interval.

Two nets that learned from the same seed, or that read the same digits, share much of their luck.
So take their difference pair by pair, and ask how far the mean of these differences may be off.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy import stats

from introdl.arguments import takes

__all__ = ["Interval", "mean_interval", "paired", "seen"]

LEVEL = 0.95


class Interval(NamedTuple):
    """A mean, and how far its interval reaches on each side.

    Attributes:
        mean: The middle of the interval.
        half: Half of its width, 0 or more.
    """

    mean: float
    half: float

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self.half

    @property
    def sign(self) -> int:
        """1 or -1 if the whole interval lies above or below zero; 0 if it holds zero."""
        return int(self.low > 0) - int(self.high < 0)

    def text(self, digits: int = 1) -> str:
        """Both numbers in one line that does not break, with a true minus sign.

        >>> Interval(-1.25, 0.5).text(2) == "−1.25\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.50"
        True
        """
        found = f"{self.mean:+.{digits}f}\u00a0±\u00a0{self.half:.{digits}f}"
        return found.replace("-", "−")


def mean_interval(values: np.ndarray) -> Interval:
    """Give the mean of independent numbers with Student's 95 % t-interval.

    Source: Student (1908), "The probable error of a mean".

    Args:
        values: One per seed, split or block, (N,), two or more.

    Raises:
        ValueError: If there are fewer than two numbers, or one is not finite.

    >>> mean, half = mean_interval(np.array([1.0, 2.0, 3.0]))
    >>> round(mean, 2), round(half, 2)
    (2.0, 2.48)
    """
    n = len(values)
    half = stats.t.ppf((1 + LEVEL) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return Interval(float(values.mean()), float(half))


def paired(one: np.ndarray, other: np.ndarray) -> Interval:
    """Give the mean of `one` minus `other`, pair by pair, with Student's 95 % t-interval.

    Args:
        one: One per pair, (N,), two or more.
        other: The same pairs' other side, (N,).

    Raises:
        ValueError: If there are fewer than two pairs, the lengths differ, or a number is not
            finite.

    >>> mean, half = paired(np.array([3, 5, 4]), np.array([2, 3, 1]))
    >>> round(mean, 2), round(half, 2)
    (2.0, 2.48)
    """
    return mean_interval(one - other)


def seen(blocks: Iterable[tuple[float, float]]) -> int:
    """Tell whether a difference is seen: each block's interval leaves out zero, on the same side.

    Args:
        blocks: Intervals, as mean and half width, of blocks that share no seed.

    Returns:
        1 or -1, the side of zero on which all of them lie; 0 for no difference seen.

    Raises:
        ValueError: If there is no block.

    >>> seen([(2.0, 1.0), (3.0, 2.5)]), seen([(2.0, 1.0), (-3.0, 2.5)])
    (1, 0)
    """
    signs = {Interval(*block).sign for block in blocks}
    if not signs:
        raise ValueError("seen(): blocks is empty")
    return signs.pop() if len(signs) == 1 else 0


def _two(**given: np.ndarray) -> None:
    for name, values in given.items():
        if len(values) < 2:
            raise ValueError(f"{name} holds {len(values)} number, two or more are needed")


takes(mean_interval, {"values": "(N,), not empty"}, also=_two)
takes(paired, {"one": "(N,), not empty", "other": "(N,), not empty"}, also=_two)
