"""Windows that do not look ahead, and forecasts that need no net.

An origin n is a place in a series: what stands before it is known, and the first month to be
forecast is number n. Horizon h is h months on from the last known one, so it is number n + h − 1.
"""

import numpy as np

from introdl.arguments import takes


def windows(
    series: np.ndarray, origins: np.ndarray, past: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut what stands before each origin, and what came after it.

    Args:
        series: (T,).
        origins: (N,), whole numbers from `past` to T - `horizon`.
        past: How many of the last known numbers, P.
        horizon: How many of the numbers to come, H.

    Returns:
        The past, (N, P), and the future, (N, H).

    Examples:
        >>> past, future = windows(np.arange(6), np.array([2, 3]), 2, 1)
        >>> past.tolist(), future.tolist()
        ([[0.0, 1.0], [1.0, 2.0]], [[2.0], [3.0]])
    """
    past_places = origins[:, None] + np.arange(-past, 0)
    future_places = origins[:, None] + np.arange(horizon)
    return series[past_places], series[future_places]


def _inside(series: np.ndarray, origins: np.ndarray, past: int, horizon: int) -> None:
    if past < 1 or horizon < 1:
        raise ValueError(f"windows(): past = {past} and horizon = {horizon} must be 1 or more")
    last = len(series) - horizon
    if origins.size and not past <= origins.min() <= origins.max() <= last:
        raise ValueError(
            f"windows(): origins {origins.min()} to {origins.max()} do not lie in {past} to {last}"
        )


takes(windows, {"series": "(T,)", "origins": "(N,) of integers"}, also=_inside)


def season_ago(series: np.ndarray, origins: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """Forecast what stood in the same place of the last known season, (N, horizon).

    Examples:
        >>> season_ago(np.array([20, 24, 26, 22, 21]), np.array([4, 5]), 4, 2).tolist()
        [[20.0, 24.0], [24.0, 26.0]]
    """
    steps = np.arange(horizon) % season - season
    return series[origins[:, None] + steps]


def _one_season(series: np.ndarray, origins: np.ndarray, season: int, horizon: int) -> None:
    if season < 1 or horizon < 1:
        raise ValueError(f"season_ago(): season = {season}, horizon = {horizon} must be 1 or more")
    if origins.size and not season <= origins.min() <= origins.max() <= len(series):
        raise ValueError(
            f"season_ago(): origins {origins.min()} to {origins.max()} do not lie in "
            f"{season} to {len(series)}"
        )


takes(season_ago, {"series": "(T,)", "origins": "(N,) of integers"}, also=_one_season)


def usual(series: np.ndarray, known: int, season: int) -> np.ndarray:
    """Give the mean of each place in the season, from the first `known` numbers alone: (season,).

    Examples:
        >>> usual(np.array([20, 24, 22, 26, 99]), 4, 2).tolist()
        [21.0, 25.0]
    """
    return np.array([series[place:known:season].mean() for place in range(season)])


def _some_season(series: np.ndarray, known: int, season: int) -> None:
    if not 1 <= season <= known <= len(series):
        raise ValueError(
            f"usual(): season = {season} and known = {known} must be in this order, "
            f"from 1 to {len(series)}"
        )


takes(usual, {"series": "(T,)"}, also=_some_season)


def departures(series: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Subtract from each number the mean of its place in the season: (T,)."""
    return series - means[np.arange(len(series)) % len(means)]


takes(departures, {"series": "(T,)", "means": "(S,), not empty"})


def fit_linear(past: np.ndarray, future: np.ndarray) -> np.ndarray:
    """Find weights with the least squared error, for each horizon its own.

    Args:
        past: (N, P).
        future: (N, H).

    Returns:
        (P + 1, H): the last row is added, whatever the past.
    """
    X = np.column_stack([past, np.ones(len(past))])
    return np.linalg.lstsq(X, future)[0]


takes(fit_linear, {"past": "(N, P), not empty", "future": "(N, H)"})


def linear(W: np.ndarray, past: np.ndarray) -> np.ndarray:
    """Forecast by weights, (P + 1, H), from what came before, (N, P): (N, H)."""
    return past @ W[:-1] + W[-1]


takes(linear, {"W": "(K, H), not empty", "past": "(N, P)"})
