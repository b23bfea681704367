"""The sound of a hit: a few sine waves that die away, chosen by material."""

import numpy as np

from introdl.applications.silent_film.films import MATERIALS
from introdl.arguments import takes

# By material: (pitch in hertz, loudness, seconds until it has fallen to 37 %) of each sine wave.
PARTIALS = {
    "wood": ((420.0, 0.6, 0.05), (1140.0, 0.3, 0.03), (2010.0, 0.1, 0.02)),
    "metal": ((660.0, 0.4, 0.5), (1819.0, 0.35, 0.3), (3567.0, 0.25, 0.15)),
    "stone": ((1500.0, 0.5, 0.015), (2700.0, 0.3, 0.01), (3700.0, 0.2, 0.008)),
    "cloth": ((95.0, 0.8, 0.06), (150.0, 0.2, 0.04)),
}


def strike(material: str, seconds: float, rate: int) -> np.ndarray:
    """Make the sound of one hit.

    Args:
        material: A key of `PARTIALS`.
        seconds: How long.
        rate: Samples per second.

    Returns:
        Samples, -1 to 1, (seconds * rate,), rounded down.
    """
    t = np.arange(int(seconds * rate)) / rate
    waves = [
        loud * np.exp(-t / fades) * np.sin(2 * np.pi * pitch * t)
        for pitch, loud, fades in PARTIALS[material]
    ]
    return np.sum(waves, axis=0)


def track(
    starts: np.ndarray,
    materials: np.ndarray,
    seconds: float,
    rate: int = 8000,
) -> np.ndarray:
    """Lay the sounds of several hits over each other.

    Args:
        starts: When each begins, in seconds, (R,), 0 or more.
        materials: What each hit is on, 0 to 3, (R,).
        seconds: Length of the track.
        rate: Samples per second.

    Returns:
        Samples, (seconds * rate,), rounded down; divided by the peak
        where it is above 1.
    """
    mix = np.zeros(int(seconds * rate))
    for start, material in zip(starts, materials, strict=True):
        at = round(start * rate)
        heard = strike(MATERIALS[material], seconds, rate)[: max(0, len(mix) - at)]
        mix[at : at + len(heard)] += heard
    return mix / max(1.0, np.abs(mix).max(initial=0))


def _placed(starts: np.ndarray, materials: np.ndarray, **_: object) -> None:
    if starts.size and starts.min() < 0:
        raise ValueError(f"track(): starts must be 0 or more, got {starts.min():g}")
    if not np.isin(materials, range(len(MATERIALS))).all():
        raise ValueError(f"track(): materials must be 0 to 3, got {materials}")


takes(
    track,
    {"starts": "(R,)", "materials": "(R,) of integers", "seconds": "()", "rate": "() of integers"},
    also=_placed,
)
