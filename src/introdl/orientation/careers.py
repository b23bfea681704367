"""Percentiles, and what public statistics say of pay in occupations near to deep learning."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from scipy.special import ndtri

from introdl.arguments import takes


def percentile(x: np.ndarray, p: float) -> float:
    """Find the smallest value that at least p % of all values do not exceed.

    Args:
        x: Values in any order, (N,).
        p: From 0 to 100.

    Returns:
        One of the values; the smallest for p = 0.

    Examples:
        >>> [float(percentile([350, 30, 45, 35, 40], p)) for p in (20, 50, 90)]
        [30.0, 40.0, 350.0]
    """
    return weighted_percentile(x, np.ones(len(x)), p)


def weighted_percentile(x: np.ndarray, w: np.ndarray, p: float) -> float:
    """Find a percentile where each value stands for several people.

    Args:
        x: Values in any order, (N,).
        w: How many people each stands for, at least 0, (N,).
        p: From 0 to 100.

    Returns:
        The smallest value with at least p % of the weight at or below it.

    Examples:
        >>> float(weighted_percentile([30, 40, 90], [1, 1, 4], 50))
        90.0
    """
    order = np.argsort(x, kind="stable")
    order = order[w[order] > 0]  # whoever stands for nobody is not there
    below = np.cumsum(w[order])  # (N,), weight at or below each value
    return x[order][np.argmax(100 * below >= p * below[-1])]


def fit_lognormal(p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
    """Fit a normal curve to the logarithm of pay, by least squares through percentiles.

    Args:
        p: Which percentiles, between 0 and 100, (K,).
        q: Their values, above 0, (K,).

    Returns:
        Mean and standard deviation of the logarithm.

    Examples:
        >>> mu, sigma = fit_lognormal([25, 50, 75], [50, 100, 200])
        >>> round(float(np.exp(mu)), 6), round(float(sigma), 3)
        (100.0, 1.028)
    """
    z, y = ndtri(p / 100), np.log(q)
    away = z - z.mean()
    sigma = (away * y).sum() / (away**2).sum()
    return y.mean() - sigma * z.mean(), sigma


def lognormal_percentile(p: np.ndarray, mu: float, sigma: float) -> np.ndarray:
    """Find percentiles of a log-normal curve.

    Args:
        p: Which, between 0 and 100, (K,).
        mu: Mean of the logarithm.
        sigma: Its standard deviation.

    Returns:
        Their values, (K,).

    Examples:
        >>> lognormal_percentile([50], np.log(100), 0.5).round(6)
        array([100.])
    """
    return np.exp(mu + sigma * ndtri(p / 100))


def _refuse(*, p: object, **others: object) -> None:
    if not (np.min(p) >= 0 and np.max(p) <= 100):
        raise ValueError(f"p must be from 0 to 100, got {p}")
    w = others.get("w")
    if w is not None and (np.min(w) < 0 or not np.sum(w) > 0):
        raise ValueError("w must be at least 0, and not 0 everywhere")
    q = others.get("q")
    if q is not None and (np.min(q) <= 0 or len(np.unique(p)) < 2):
        raise ValueError("q must be above 0, at two different percentiles at least")
    if ("q" in others or "sigma" in others) and not (np.min(p) > 0 and np.max(p) < 100):
        raise ValueError(f"p must be between 0 and 100, got {p}")


takes(percentile, {"x": "(N,), not empty", "p": "()"}, _refuse)
takes(weighted_percentile, {"x": "(N,), not empty", "w": "(N,), not empty", "p": "()"}, _refuse)
takes(fit_lognormal, {"p": "(K,), not empty", "q": "(K,), not empty"}, _refuse)
takes(lognormal_percentile, {"p": "(K,), not empty", "mu": "()", "sigma": "()"}, _refuse)


@dataclass(frozen=True)
class Source:
    """A public statistic: what was published, for which year, in which money, and how checked."""

    key: str
    country: str
    name: str
    table: str
    year: str
    currency: str
    per: str
    cite: str
    checked: str


@dataclass(frozen=True)
class Pay:
    """What one occupation earns: the mean, percentiles, and the error of the mean in percent."""

    source: Source
    code: str
    title: str
    mean: float
    percentiles: Mapping[int, float]
    error: float | None = None


def parse(text: str) -> list[Pay]:
    """Read sources and pay from TOML, and check them.

    Raises:
        ValueError: If an entry lacks a field, has an unknown one, names no source, comes twice, or
            its percentiles do not rise; the entry is named.
    """
    data = tomllib.loads(text)
    found: list[Pay] = []
    sources: dict[str, Source] = {}
    entry: dict[str, object] = {}
    try:
        for entry in data.get("source", ()):
            sources[str(entry["key"])] = Source(**entry)
        for entry in data.get("pay", ()):
            values = {int(p): float(v) for p, v in entry["percentiles"].items()}
            known = {"source": sources[entry["source"]], "percentiles": values}
            found.append(Pay(**entry | known))
            _check(found)
    except (KeyError, TypeError, ValueError) as error:
        name = entry.get("code") or entry.get("key") or "an entry without a code"
        raise ValueError(f"{name}: {error}") from None
    if not found:
        raise ValueError("no [[pay]] in the data")
    return found


def _check(found: list[Pay]) -> None:
    *before, pay = found
    place, values = list(pay.percentiles), list(pay.percentiles.values())
    if place != sorted(set(place)) or values != sorted(values) or 50 not in place:
        raise ValueError("percentiles must rise, and the 50th must be among them")
    if not all(0 < p < 100 for p in place) or not 0 < values[0] < pay.mean < values[-1]:
        raise ValueError("the mean must lie between the percentiles, and these between 0 and 100")
    if any((pay.source, pay.code) == (other.source, other.code) for other in before):
        raise ValueError("listed twice")


def load() -> list[Pay]:
    """Read the course's own figures, from `salaries.toml` beside this module.

    Examples:
        >>> load()[2].title
        'Data scientists'
    """
    return parse(files("introdl.orientation").joinpath("salaries.toml").read_text("utf-8"))
