"""How large are the errors of forecasts, and how sure is a lead?"""

import numpy as np
from scipy import stats

from introdl.arguments import takes


def mase(forecasts: np.ndarray, came: np.ndarray, known: np.ndarray, season: int) -> float:
    """Divide the mean absolute error by that of "as one season ago" in the known part.

    Args:
        forecasts: (N, H).
        came: What came, (N, H).
        known: The series up to the first origin, (T,).
        season: How many numbers a season has.

    Returns:
        The mean absolute scaled error: below 1 is better than "as one season ago" was.

    Examples:
        >>> known = np.array([20, 24, 26, 22, 21, 24, 28, 22])
        >>> mase(np.array([[21, 27]]), np.array([[22, 25]]), known, 4)
        2.0
    """
    before = np.abs(known[season:] - known[:-season]).mean()
    return float(np.abs(forecasts - came).mean() / before)


def _two_seasons(forecasts: np.ndarray, came: np.ndarray, known: np.ndarray, season: int) -> None:
    if not 1 <= season < len(known):
        raise ValueError(f"mase(): season = {season} must be in 1 to {len(known) - 1}")
    if np.array_equal(known[season:], known[:-season]):
        raise ValueError("mase(): each known season equals the one before: there is no error")


takes(
    mase,
    {"forecasts": "(N, H), not empty", "came": "(N, H)", "known": "(T,)"},
    also=_two_seasons,
)


def block_interval(differences: np.ndarray, size: int) -> tuple[float, float]:
    """Give a 95 % t-interval of the mean, from the means of neighbours taken together.

    Args:
        differences: One per origin, in order, (N,).
        size: How many neighbours make a block. What is left over at the end is not counted.

    Examples:
        >>> low, high = block_interval(np.array([1, 1, 3, 3, 9]), 2)
        >>> round(low, 1), round(high, 1)
        (-10.7, 14.7)
    """
    count = len(differences) // size
    means = differences[: count * size].reshape(count, size).mean(axis=1)
    half = stats.t.ppf(0.975, count - 1) * stats.sem(means)
    return float(means.mean() - half), float(means.mean() + half)


def _two_blocks(differences: np.ndarray, size: int) -> None:
    if not 1 <= size <= len(differences) // 2:
        raise ValueError(
            f"block_interval(): blocks of {size} from {len(differences)} numbers: two are needed"
        )


takes(block_interval, {"differences": "(N,)"}, also=_two_blocks)
