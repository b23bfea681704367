"""Schedules: the factor of the rate at each step, counted from 0."""

import math


def warm_up(t: int, steps: int, first: float = 1 / 3) -> float:
    """Rise evenly from `first` to 1 within a number of steps, and stay there.

    Examples:
        >>> [warm_up(t, steps=4, first=0.5) for t in range(6)]
        [0.5, 0.625, 0.75, 0.875, 1.0, 1.0]
    """
    _whole("warm_up", t, steps)
    return first + (1 - first) * min(t / steps, 1)


def stairs(t: int, every: int, share: float = 0.1) -> float:
    """Keep a share of the factor after every so many steps.

    Examples:
        >>> [stairs(t, every=2, share=0.5) for t in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    _whole("stairs", t, every)
    return float(share ** (t // every))


def cosine(t: int, steps: int, last: float = 0.0) -> float:
    """Fall from 1 to `last` along half a wave, and stay there.

    Source: Loshchilov & Hutter (2017), without restarts.

    Examples:
        >>> [round(cosine(t, steps=4), 3) for t in range(6)]
        [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    _whole("cosine", t, steps)
    return last + (1 - last) * (1 + math.cos(math.pi * min(t / steps, 1))) / 2


def _whole(name: str, t: int, steps: int) -> None:
    if t < 0 or steps < 1:
        raise ValueError(f"{name}(): t counts from 0 and steps from 1, got {t} and {steps}")
