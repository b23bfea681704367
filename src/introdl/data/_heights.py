"""How tall children are: the L, M and S of the CDC's growth charts."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

import numpy as np

SEXES = ("boys", "girls")


class Heights(NamedTuple):
    """Height for age, one entry per age.

    Attributes:
        months: Age in months, rising, (N,).
        L: The power that makes the heights of an age a normal distribution, (N,).
        M: The median height in cm, (N,).
        S: The spread, as a share of the median, (N,).
    """

    months: np.ndarray
    L: np.ndarray
    M: np.ndarray
    S: np.ndarray


def heights(sex: str) -> Heights:
    """Load L, M and S of the heights of children in the United States, 24 to 240 months.

    From the growth charts of 2000 by the Centers for Disease Control and Prevention (public
    domain), every third row of the table.

    Args:
        sex: `boys` or `girls`.

    Raises:
        ValueError: If there is no such table.

    Examples:
        >>> table = heights("girls")
        >>> float(table.months[0]), float(table.M[0])
        (24.0, 84.97555512)
    """
    if sex not in SEXES:
        raise ValueError(f"heights(): no table for {sex!r}; expected one of {', '.join(SEXES)}")
    text = (files("introdl.data") / "heights.txt").read_text(encoding="utf-8")
    rows = [line.split() for line in text.splitlines() if line.startswith(sex)]
    return Heights(*np.array([row[1:] for row in rows], dtype=float).T)
