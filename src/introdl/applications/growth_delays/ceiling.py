"""The chance of an illness, for one who knows how the children were made."""

import numpy as np

from introdl.applications.growth_delays.chart import lms
from introdl.applications.growth_delays.children import (
    FALL,
    ONSET,
    SHARES,
    SMALL,
    TAPE,
    WANDER,
    Children,
    drift,
)
from introdl.arguments import takes
from introdl.data import heights


def plans(steps: int, rates: int) -> list[tuple[str, float, float, float]]:
    """List what may lie behind a child: the kind, how much it falls, the onset, the probability.

    Args:
        steps: For how many onsets each illness is tried; they are spread evenly.
        rates: For how many sizes of a fall.
    """
    found = []
    for kind, share in SHARES.items():
        much = _middles(*FALL[kind], rates) if kind in FALL else [0.0]
        onsets = _middles(*ONSET, steps) if kind in FALL and kind != "late" else [0.0]
        part = share / (len(much) * len(onsets))
        found += [(kind, float(m), float(o), part) for m in much for o in onsets]
    return found


def _middles(low: float, high: float, n: int) -> np.ndarray:
    return low + (high - low) * (np.arange(n) + 0.5) / n


def log_likelihood(
    age: np.ndarray, z: np.ndarray, noise: np.ndarray, mean: float, spread: float
) -> np.ndarray:
    """Say how well a wandering z explains all visits so far.

    The true z begins anywhere (normal) and wanders by independent normal steps; each measured one
    has a normal error. That is a Kalman filter of one state (Kalman, 1960).

    Args:
        age: In months, (N, T).
        z: What is left of it without the plan of a kind, (N, T).
        noise: The variance of measuring z, (N, T).
        mean: Of the z at the first visit.
        spread: Its standard deviation.

    Returns:
        The logarithm of the density of z up to each visit, (N, T).
    """
    m, v = np.full(len(z), mean), np.full(len(z), spread**2)
    total, found = np.zeros(len(z)), np.empty(z.shape)
    for t in range(z.shape[1]):
        if t:
            v = v + WANDER**2 * (age[:, t] - age[:, t - 1]) / 12
        all_noise, gap = v + noise[:, t], z[:, t] - m
        total = total - 0.5 * (np.log(2 * np.pi * all_noise) + gap**2 / all_noise)
        m, v = m + v / all_noise * gap, v * noise[:, t] / all_noise
        found[:, t] = total
    return found


def true_odds(children: Children, steps: int = 10, rates: int = 3) -> np.ndarray:
    """Give the log-odds that each child is ill by now, after each visit, by Bayes' rule, (N, T).

    Exact up to the grid of onsets and falls, to the bend of the LMS curve over one measuring error,
    and to the rounding of heights. At a repeated visit it is that of the last one.
    """
    age, z = children.age, children.z()
    _, M, S = lms(age, *heights("boys"))
    noise = (TAPE / (M * S)) ** 2
    ill, well = np.full(z.shape, -np.inf), np.full(z.shape, -np.inf)
    for kind, much, onset, part in plans(steps, rates):
        off = drift(age, kind, np.full(len(z), much), np.full(len(z), onset))
        mean, spread = SMALL if kind == "small" else (0.0, 1.0)
        log = np.log(part) + log_likelihood(age, z - off, noise, mean, spread)
        now = (onset > 0) & (age >= onset)
        ill = np.where(now, np.logaddexp(ill, log), ill)
        well = np.where(now, well, np.logaddexp(well, log))
    odds = np.clip(ill - well, -50, 50)
    return np.where(children.there, odds, np.take_along_axis(odds, children.visits[:, None] - 1, 1))


def _spread(noise: np.ndarray, spread: float, **_: object) -> None:
    if (noise <= 0).any() or spread <= 0:
        raise ValueError("log_likelihood(): noise and spread must be above 0")


_ROWS = {"age": "(N, T)", "z": "(N, T)", "noise": "(N, T)"}
takes(log_likelihood, _ROWS | {"mean": "()", "spread": "()"}, also=_spread)
