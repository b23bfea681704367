"""Fifty years of microprocessors: transistors, clock and threads of real chips."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

QUANTITIES = ("transistors", "clock", "cores")


def processors(quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """Load one number about each of some hundred microprocessors, 1971 to 2021.

    From "Microprocessor trend data" by Karl Rupp (CC BY 4.0). The values up to 2010 were collected
    by M. Horowitz, F. Labonte, O. Shacham, K. Olukotun, L. Hammond and C. Batten, and read off
    their picture, so they are rough in the third digit.

    Args:
        quantity: `transistors` (in thousands), `clock` (in MHz), or `cores` (hardware threads,
            programs that run at the same time).

    Returns:
        When each appeared, in years, (N,), and the number, (N,); in order of time.

    Raises:
        ValueError: If there is no such quantity.

    Examples:
        >>> years, thousands = processors("transistors")
        >>> float(years[0]), float(thousands[0])
        (1971.875, 2.308)
    """
    if quantity not in QUANTITIES:
        known = ", ".join(QUANTITIES)
        raise ValueError(f"processors(): no quantity {quantity!r}; expected one of {known}")
    text = (files("introdl.data") / "processors.txt").read_text(encoding="utf-8")
    rows = [line.split() for line in text.splitlines() if line.startswith(quantity)]
    years, values = np.array([row[1:] for row in rows], dtype=float).T
    return years, values
