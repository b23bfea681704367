"""Data that loads without a network: real sets that ship in a package, and generators.

Each is a module of its own, imported when it is first asked for, so that a new set re-runs no
example but those that use it. A set `name` is the function `name` of `_name.py`, and listed in
`__init__.pyi`, where type checkers and the documentation find it.
"""

from __future__ import annotations

import difflib
import importlib
import re
from pathlib import Path


def __getattr__(name: str) -> object:
    # The list is not read here: an example would depend on it, and so on every set.
    place = f"{__name__}._{name.lower()}"
    if not name.startswith("_"):
        try:
            found: object = getattr(importlib.import_module(place), name)
        except ModuleNotFoundError as error:
            if error.name != place:
                raise ModuleNotFoundError(
                    f"data.{name} needs the package {error.name}: install the course's packages",
                    name=error.name,
                ) from error
        except AttributeError:
            pass
        else:
            globals()[name] = found  # what was found once is found without this function
            return found
    names = __dir__()
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names)}"
    raise AttributeError(f"{__name__} has no {name!r}; {hint}")


def __dir__() -> list[str]:
    listed = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    return re.findall(r'"(\w+)"', listed)
