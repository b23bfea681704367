"""First names with how common they are, in the two tables of one census."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

import numpy as np


class FirstNames(NamedTuple):
    """Names, and the share of the people of each table who have it, in percent.

    Attributes:
        names: In the letters a to z and in their order, N of them.
        female: Percent of the people in the female table, (N,); 0 where the name is not listed.
        male: The same of the male table, (N,).
    """

    names: list[str]
    female: np.ndarray
    male: np.ndarray


def firstnames() -> FirstNames:
    """Load 5,163 real first names of the United States census of 1990.

    They ship in the package `names` (MIT). The census published two tables, female and male, each
    of which names about 90 % of its people. The female one goes down to 0.001 %, the male one to
    0.004 %, so 0 here means "not listed".

    Examples:
        >>> found = firstnames()
        >>> i = found.names.index("leslie")
        >>> found.female[i], found.male[i]
        (np.float64(0.154), np.float64(0.081))
    """
    tables = []
    for kind in ("female", "male"):
        text = (files("names") / f"dist.{kind}.first").read_text(encoding="ascii")
        rows = (line.split() for line in text.splitlines() if line.strip())
        tables.append({name.lower(): float(share) for name, share, *_ in rows})
    names = sorted(set(tables[0]) | set(tables[1]))
    return FirstNames(names, *(np.array([table.get(n, 0.0) for n in names]) for table in tables))
