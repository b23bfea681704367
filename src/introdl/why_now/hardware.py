"""How fast something doubles, and what many workers gain."""

import numpy as np

from introdl.arguments import takes


def doublings(years: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Fit values = start · 2^(rate · (year - first)) by least squares.

    The logarithm to base 2 turns the curve into a line.

    Args:
        years: When each was, (N,), not all the same.
        values: How large it was, (N,), above 0.

    Returns:
        Doublings in a year, and the value on the line in the first year.

    Raises:
        ValueError: If a value is not positive, or all years are the same.

    Examples:
        >>> doublings(np.array([2000, 2002, 2004]), np.array([3.0, 6, 12]))
        (0.5, 3.0)
    """
    if not (values > 0).all():
        raise ValueError("doublings(): values must be above 0")
    first = years.min()
    x, y = years - first, np.log2(values)
    spread = ((x - x.mean()) ** 2).sum()
    if spread == 0:
        raise ValueError("doublings(): expected two different years")
    rate = ((x - x.mean()) * (y - y.mean())).sum() / spread
    return float(rate), float(2 ** (y.mean() - rate * x.mean()))


def redrawn(
    years: np.ndarray,
    values: np.ndarray,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Draw the points anew, with repeats: the middle 95 % of the rates.

    Args:
        years: When each was, (N,).
        values: How large it was, (N,), above 0.
        draws: How often.
        seed: Chooses the draws.

    Returns:
        The 2.5th and the 97.5th percentile of the doublings in a year.
    """
    rng = np.random.default_rng(seed)
    rates = []
    while len(rates) < draws:
        i = rng.integers(len(years), size=len(years))
        if np.ptp(years[i]) > 0:
            rates.append(doublings(years[i], values[i])[0])
    low, high = np.quantile(rates, [0.025, 0.975])
    return float(low), float(high)


def loop_dot(x: list[float], y: list[float]) -> float:
    """Multiply two lists number by number and add up, one after the other."""
    total = 0.0
    for a, b in zip(x, y, strict=True):
        total += a * b
    return total


takes(doublings, {"years": "(N,)", "values": "(N,)"})
takes(redrawn, {"years": "(N,)", "values": "(N,)", "draws": "()", "seed": "()"})
