"""A sea's temperature, month by month: a real series with a season."""

from __future__ import annotations

from importlib.resources import files

import numpy as np


def sea_temperature() -> np.ndarray:
    """Load 732 real monthly means of the sea's temperature off Peru, January 1950 to December 2010.

    The surface between 10° south and the equator, 90° to 80° west, which is called Niño 1+2, from
    NOAA's reconstruction ERSST v3b. The data is in the public domain, and ships in the package
    statsmodels (BSD-3).

    Returns:
        Degrees Celsius, (732,) float64, month after month.

    Examples:
        >>> sea_temperature()[:3].tolist()
        [23.11, 24.2, 25.37]
    """
    table = files("statsmodels") / "datasets" / "elnino" / "elnino.csv"
    with table.open(encoding="ascii") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1)[:, 1:].ravel()
