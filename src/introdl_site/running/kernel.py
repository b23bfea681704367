"""Runs inside the kernel, around the cells of an example: notes what the example depends on.

The executor sends the source of this module to each kernel, calls `start` before the first cell
and `finish` after the last. It imports nothing of the project.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

_seen: dict[str, set[str]] = {"files": set(), "folders": set()}
_before: set[str] = set()
_there: set[str] = set()
_ignored = tuple(f"{os.sep}{name}{os.sep}" for name in (".venv", ".cache", ".git", "__pycache__"))


def start(root: str) -> None:
    """Turn warnings into errors and begin to note which files under `root` are read."""
    inside = os.path.realpath(root) + os.sep
    _before.update(sys.modules)
    _there.update(path.name for path in Path().iterdir())

    def note(kind: str, path: Any) -> None:
        if isinstance(path, (str, bytes, os.PathLike)):
            full = os.path.realpath(os.fsdecode(path))
            # What an installation wrote beside the code says nothing about the example.
            below = os.sep + full.removeprefix(inside) + os.sep
            written = ".egg-info" in below or any(part in below for part in _ignored)
            if full.startswith(inside) and not written:
                _seen[kind].add(full)

    def importing() -> bool:
        # An import lists the folders it searches, as does a look for installed packages; which
        # file an import found is noted in `finish`.
        return "importlib" in sys._getframe(2).f_code.co_filename

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            writes = isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
            if not writes:
                note("files", arguments[0])
        elif event in ("os.scandir", "os.listdir") and not importing():
            note("folders", arguments[0])

    sys.addaudithook(hook)
    warnings.simplefilter("error")
    for harmless in (ResourceWarning, ImportWarning):
        warnings.simplefilter("ignore", harmless)


def finish(root: str, packages: dict[str, tuple[str, ...]]) -> None:
    """Print as JSON which files, folders and package versions the example used, and what it left.

    `packages` has the modules of each package that counts.
    """
    warnings.simplefilter("ignore")
    inside = os.path.realpath(root) + os.sep
    for name, module in list(sys.modules.items()):
        path = os.path.realpath(getattr(module, "__file__", None) or "")
        if (
            name not in _before
            and path.startswith(inside)
            and Path(path).is_file()
            and not any(part in os.sep + path.removeprefix(inside) for part in _ignored)
        ):
            _seen["files"].add(path)
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package, modules in packages.items():
        if any(name in sys.modules for name in modules):
            versions[package] = importlib.metadata.version(package)
    files = sorted(os.path.relpath(path, inside) for path in _seen["files"])
    folders = sorted(os.path.relpath(path, inside) for path in _seen["folders"])
    handed = sys.modules.get("introdl.handed")
    found = {
        "paths": files + folders,
        "versions": versions,
        "asked": sorted(handed.asked) if handed else [],
        "left": sorted({path.name for path in Path().iterdir()} - _there),
    }
    print(json.dumps(found))
