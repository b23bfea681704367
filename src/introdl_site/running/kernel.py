"""Runs inside the kernel, around the cells: notes what they depend on, and what they undo.

The executor sends the source of this module to each kernel, calls `start` before the first cell
and `finish` after the last. It imports nothing of the project.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_seen: dict[str, set[str]] = {"files": set(), "folders": set()}
_before: set[str] = set()
_there: set[str] = set()
_ignored = tuple(f"{os.sep}{name}{os.sep}" for name in (".venv", ".cache", ".git", "__pycache__"))

_ERROR = ("error", None, Warning, None, 0)
_BROAD = (FutureWarning, PendingDeprecationWarning, RuntimeWarning, UserWarning)


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
    _watch(get_ipython())  # type: ignore[name-defined]  # noqa: F821 - IPython's own


def _watch(shell: Any) -> None:
    """After each cell say on stderr, which fails the run, what later cells would not survive."""
    streams = sys.stdout, sys.stderr
    threads = set(threading.enumerate())

    def check(result: Any) -> None:
        undone = list(_undone(threads))
        if (sys.stdout, sys.stderr) != streams:
            sys.stdout, sys.stderr = streams
            undone.append("replaced sys.stdout or sys.stderr: use contextlib.redirect_stdout")
        if result.success and undone:
            print("\n".join(undone), file=sys.stderr)

    shell.events.register("post_run_cell", check)


def _undone(threads: set[threading.Thread]) -> Iterator[str]:
    for thread in set(threading.enumerate()) - threads:
        if not thread.daemon and not thread.name.startswith(("asyncio_", "ThreadPoolExecutor")):
            thread.join(0.05)
            if thread.is_alive():
                yield f"left {thread.name} running, whose output would be lost: join the thread"
        threads.add(thread)
    standing = list(warnings.filters)
    place = standing.index(_ERROR) if _ERROR in standing else len(standing)
    switched_off = [
        entry
        for entry in standing[:place]
        if entry[0] != "error"
        and entry[1] is entry[3] is None
        and (issubclass(DeprecationWarning, entry[2]) or entry[2] in _BROAD)
    ]
    if switched_off or place == len(standing):
        warnings.filters[:] = [e for e in standing if e not in switched_off]  # type: ignore[index]
        warnings.simplefilter("error")
        yield (
            "switched warnings off for the cells that follow: mend their cause, or put the call "
            "into `with warnings.catch_warnings():`"
        )


def finish(root: str, packages: dict[str, tuple[str, ...]], answer: str) -> None:
    """Write into the file `answer`, as JSON, what was used, and what was left.

    `packages` has the modules of each package that counts.
    """
    inside = os.path.realpath(root) + os.sep
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some modules warn where they are asked for their file
        files = {
            name: os.path.realpath(getattr(module, "__file__", None) or "")
            for name, module in list(sys.modules.items())
        }
    _seen["files"].update(
        path
        for name, path in files.items()
        if name not in _before
        and path.startswith(inside)
        and Path(path).is_file()
        and not any(part in os.sep + path.removeprefix(inside) for part in _ignored)
    )
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package, modules in packages.items():
        if any(name in sys.modules for name in modules):
            versions[package] = importlib.metadata.version(package)
    paths = [
        os.path.relpath(path, inside)
        for kind in ("files", "folders")
        for path in sorted(_seen[kind])
    ]
    handed = sys.modules.get("introdl.handed")
    found = {
        "paths": paths,
        "versions": versions,
        "asked": sorted(handed.asked) if handed else [],
        "left": sorted({path.name for path in Path().iterdir()} - _there),
    }
    Path(answer).write_text(json.dumps(found))
