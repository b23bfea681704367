"""The record of one run: what the cache keeps and every later stage reads."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbformat import NotebookNode


@dataclass(frozen=True)
class Run:
    """What came of running an example, or the blocks of a page.

    Attributes:
        notebook: The executed notebook.
        seconds: Wall time of the cells.
        paths: Fingerprint of every file and folder of the project that it used, as it was before
            the run; keys are relative to the root. The source's own is that of its code.
        versions: Version of Python and of each package of the course's that was imported.
        date: The day of the run, as in 2026-01-31.
        handed: Digest of what it kept for others and of what it got from them, by full name.
    """

    notebook: NotebookNode
    seconds: float
    paths: dict[str, str | None]
    versions: dict[str, str]
    date: str
    handed: dict[str, str] = field(default_factory=dict)


_SHOWN = {"python": "Python", "numpy": "NumPy", "torch": "PyTorch"}


def account(runs: Iterable[Run]) -> str:
    """When `runs` ran, with which versions and for how long, in one line; empty for no run.

    Examples:
        >>> versions = {"python": "3.11.7", "scipy": "1.17", "torch": "2.13.0+cpu"}
        >>> account([Run(NotebookNode(), 1.25, {}, versions, "2026-01-31")])
        'Ran on 31 January 2026 with Python 3.11.7, PyTorch 2.13.0 in 1.2 s'
    """
    runs = list(runs)
    if not runs:
        return ""
    day = datetime.date.fromisoformat(max(run.date for run in runs))
    versions = {name: version for run in runs for name, version in run.versions.items()}
    used = [
        f"{label} {versions[name].partition('+')[0]}"
        for name, label in _SHOWN.items()
        if name in versions
    ]
    seconds = sum(run.seconds for run in runs)
    return f"Ran on {day.day} {day:%B %Y} with {', '.join(used)} in {seconds:.1f} s"
