"""Show what a cell computed, so that a page can include it: the kinds of output of the course.

Each kind is a module of its own, imported when it is first asked for, so that a new kind re-runs
no example but those that use it. A kind `name` is `name` of `_name.py`, and listed in
`__init__.pyi`, where type checkers and the documentation find it.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path


def __getattr__(name: str) -> object:
    # The list is not read here: an example would depend on it, and so on every kind.
    place = f"{__name__}._{name}"
    if not name.startswith("_"):
        try:
            module = importlib.import_module(place)
        except ModuleNotFoundError as error:
            if error.name != place:
                raise
        else:
            if hasattr(module, name):
                globals()[name] = getattr(module, name)
                return globals()[name]
    raise AttributeError(f"{__name__} has no {name!r}; it has {', '.join(__dir__())}")


def __dir__() -> list[str]:
    listed = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    return re.findall(r'"(\w+)"', listed)
