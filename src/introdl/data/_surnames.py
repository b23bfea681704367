"""Family names, as a task whose sequences are short and real."""

from __future__ import annotations

from importlib.resources import files


def surnames() -> list[str]:
    """Load 88,799 real family names of the United States census of 1990, commonest first.

    They ship in the package `names` (MIT). Each stands there once, in the letters a to z; how
    often it was counted is left out.

    Returns:
        The names, lower case.

    Examples:
        >>> surnames()[:3]
        ['smith', 'johnson', 'williams']
    """
    lines = (files("names") / "dist.all.last").read_text(encoding="ascii").splitlines()
    return [line.split()[0].lower() for line in lines]
