"""A backtest of "as one season ago", and the ways in which it looks ahead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("A backtest of one rule")


@exercise.solution
def season_errors(series: np.ndarray, first: int, season: int, horizon: int) -> np.ndarray:
    """Score "as one season ago" from each origin, without looking ahead.

    Args:
        series: The numbers in time, (T,).
        first: The first origin: so many numbers are known there. At least one season.
        season: How many numbers a season has.
        horizon: How many numbers are forecast from each origin.

    Returns:
        Absolute errors: a row per origin, as long as all that comes is in the series, and a column
        per horizon.
    """
    rows = []
    for origin in range(first, len(series) - horizon + 1):
        last = series[origin - season : origin]
        came = series[origin : origin + horizon]
        rows.append(np.abs(np.resize(last, horizon) - came))
    return np.array(rows)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "20, 24, 26, 22, 21, 24, 28 and 22, a season of four, from origin 4, two ahead",
        np.array([20.0, 24.0, 26.0, 22.0, 21.0, 24.0, 28.0, 22.0]),
        4,
        4,
        2,
        hint="From origin 4, 20 and 24 are forecast, and 21 and 24 came: errors of 1 and 0.",
    )
    for count, first, season, horizon in ((12, 5, 3, 2), (15, 6, 4, 1)):
        yield Case(
            f"{count} numbers, a season of {season}, from origin {first}, {horizon} ahead",
            rng.normal(size=count).round(2),
            first,
            season,
            horizon,
            hint="Take one origin, write down what is known there, and continue by hand.",
        )
    yield Case(
        "a horizon of five, beyond a season of three",
        rng.normal(size=11).round(2),
        4,
        3,
        5,
        hint="At horizon 4 the last known season begins again: nothing after the origin is known.",
    )


@exercise.wrong(
    "Beyond one season you look ahead: at the origin, numbers after it are not known. Repeat the "
    "last known season."
)
def looking_ahead(series: np.ndarray, first: int, season: int, horizon: int) -> np.ndarray:
    """Take the number one season before each target, known or not."""
    rows = []
    for origin in range(first, len(series) - horizon + 1):
        places = np.arange(origin, origin + horizon)
        rows.append(np.abs(series[places - season] - series[places]))
    return np.array(rows)


@exercise.wrong("The last origin is missing: it has exactly `horizon` numbers after it.")
def one_too_few(series: np.ndarray, first: int, season: int, horizon: int) -> np.ndarray:
    """Stop one origin early."""
    return season_errors(series, first, season, horizon)[:-1]


@exercise.wrong("Your errors have signs: return absolute errors.")
def signed(series: np.ndarray, first: int, season: int, horizon: int) -> np.ndarray:
    """Leave out the absolute value."""
    rows = []
    for origin in range(first, len(series) - horizon + 1):
        last = series[origin - season : origin]
        rows.append(np.resize(last, horizon) - series[origin : origin + horizon])
    return np.array(rows)


@exercise.wrong('You forecast the last known number, "as yesterday": take the last known season.')
def yesterday(series: np.ndarray, first: int, season: int, horizon: int) -> np.ndarray:
    """Repeat the last known number."""
    origins = range(first, len(series) - horizon + 1)
    return np.array([np.abs(series[o - 1] - series[o : o + horizon]) for o in origins])


@exercise.wrong("Rows and columns have changed places: a row is an origin, a column a horizon.")
def transposed(series: np.ndarray, first: int, season: int, horizon: int) -> np.ndarray:
    """Give a row per horizon."""
    return season_errors(series, first, season, horizon).T


@exercise.wrong("You average over the origins: return one error for each origin and horizon.")
def averaged(series: np.ndarray, first: int, season: int, horizon: int) -> np.ndarray:
    """Take the mean of each column."""
    return season_errors(series, first, season, horizon).mean(axis=0)
