"""Show what a cell computed, so that a page can include it: the kinds of output of the course.

Each kind is a module of its own, imported when it is first asked for, so that a new kind re-runs
no example but those that use it. A kind `name` is `name` of `_name.py`, and listed in
`__init__.pyi`, where type checkers and the documentation find it.
"""

from __future__ import annotations

from introdl import lazily


def __getattr__(name: str) -> object:
    return lazily.find(__name__, name)


def __dir__() -> list[str]:
    return lazily.names(__name__)
