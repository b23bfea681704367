"""Packages whose names are modules of their own, each imported when it is first asked for.

A name `thing` of such a package is `thing` of its module `_thing.py`, and listed in `__init__.pyi`,
where type checkers and the documentation find it. So a new name, or a change of one, re-runs no
example but those that use it.
"""

from __future__ import annotations

import difflib
import importlib
import re
import sys
from pathlib import Path


def find(package: str, name: str) -> object:
    """What `package` has by `name`, imported now.

    Raises:
        AttributeError: If there is no such name; the message has one that is near.
        ModuleNotFoundError: If the name needs a package that is not installed.
    """
    # The list is not read here: an example would depend on it, and so on every name.
    place = f"{package}._{name.lower()}"
    if not name.startswith("_"):
        try:
            found: object = getattr(importlib.import_module(place), name)
        except ModuleNotFoundError as error:
            if error.name != place:
                short = package.rpartition(".")[2]
                message = f"{short}.{name} needs the package {error.name}"
                raise ModuleNotFoundError(
                    f"{message}: install the course's packages", name=error.name
                ) from error
        except AttributeError:
            pass
        else:
            # What was found once is found without this function.
            setattr(sys.modules[package], name, found)
            return found
    known = names(package)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
    raise AttributeError(f"{package} has no {name!r}; {hint}")


def names(package: str) -> list[str]:
    """The names that a package lists."""
    listed = Path(str(sys.modules[package].__file__)).with_suffix(".pyi")
    return re.findall(r'"(\w+)"', listed.read_text(encoding="utf-8"))
