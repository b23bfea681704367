"""Keep what a run gave until something that it depends on changes.

One run is one file, put in place by a rename: a reader finds a whole entry or none.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
from filelock import FileLock, Timeout

from introdl_site.project import ExampleError, Project, Runnable, fingerprint
from introdl_site.running import kept
from introdl_site.running.run import Run

#: Entries of another number are run again. Raise it when what is stored changes.
FORMAT = 2

#: What was read of each entry, with the file's state then: a preview asks at every edit.
_known: dict[Path, tuple[tuple[int, int, int], Any]] = {}


class CacheError(Exception):
    """The cache cannot be used; the message says why and the way out."""


def _entry(item: Runnable) -> Path:
    return (item.project.cache / item.label).with_suffix(".json")


def load(item: Runnable) -> Run | None:
    """The stored run of `item`, or None where there is none or it is out of date."""
    entry = _read(item)
    if entry is None or not _is_current(item, entry):
        return None
    # The same entry gives the same run, so that what was made of it need not be made again.
    if "run" not in entry:
        notebook = nbformat.from_dict(entry["notebook"])
        entry["run"] = Run(
            notebook,
            entry["seconds"],
            entry["paths"],
            entry["versions"],
            entry["date"],
            entry.get("handed", {}),
        )
    run: Run = entry["run"]
    return run


def digest(item: Runnable) -> str:
    """A digest of the stored run of `item`; empty where there is none."""
    path = _entry(item)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def known_seconds(item: Runnable) -> float:
    """How long `item` took when it last ran, current or not; infinite where unknown."""
    entry = _read(item)
    return float(entry["seconds"]) if entry else float("inf")


def store(item: Runnable, run: Run) -> None:
    """Keep `run`, whole or not at all.

    Raises:
        CacheError: If the disk is full or cannot be written to.
    """
    entry = {"format": FORMAT, **asdict(run)}
    write(_entry(item), json.dumps(entry, indent=None, sort_keys=True).encode())


def drop(item: Runnable) -> None:
    """Delete the stored run of `item`, and what it kept for others.

    Raises:
        CacheError: If the cache cannot be written to.
    """
    try:
        for path in [_entry(item), *(kept.folder(item.project) / item.name).glob("*.safetensors")]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise CacheError(_reason(error, item.project.cache)) from None


def _read(item: Runnable) -> dict[str, Any] | None:
    path = _entry(item)
    try:
        stat = path.stat()
        state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if _known.get(path, (None, None))[0] != state:
            _known[path] = (state, json.loads(path.read_bytes()))
        entry = _known[path][1]
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if not isinstance(entry, dict) or entry.get("format") != FORMAT:
        return None
    return entry


def _is_current(item: Runnable, entry: dict[str, Any]) -> bool:
    if not kept.current(item.project, entry.get("handed", {})):
        return False
    for package, version in entry["versions"].items():
        if version != _installed(package):
            return False
    paths = dict(entry["paths"])
    try:
        if paths.pop(item.label) != item.fingerprint():
            return False
    except ExampleError:
        return False
    return all(fingerprint(item.project.root / path) == was for path, was in paths.items())


@functools.cache  # a preview asks at every edit
def _installed(package: str) -> str | None:
    if package == "python":
        return platform.python_version()
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def write(path: Path, content: bytes) -> bool:
    """Put `content` at `path` by a rename; leave a file that holds it already untouched.

    Returns whether the file changed.

    Raises:
        CacheError: If the disk is full or cannot be written to.
    """
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".half-", suffix=path.suffix)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CacheError(_reason(error, path)) from None
    return True


def _reason(error: OSError, path: Path) -> str:
    return (
        f"cannot write {path}: {error.strerror}; free the disk, "
        "or set INTRODL_CACHE to a folder that can be written to"
    )


def hold(project: Project, site: Path) -> FileLock:
    """Let one build at a time write into a folder; another waits and says so.

    Raises:
        CacheError: If the cache folder cannot be written to.
    """
    name = hashlib.sha256(str(site.resolve()).encode()).hexdigest()[:16]
    return _acquire(project, f"site-{name}.lock", f"Another build is writing to {site}")


@contextlib.contextmanager
def lock(project: Project) -> Iterator[None]:
    """Let one build at a time run examples and publish; a second waits and says so.

    Raises:
        CacheError: If the cache folder cannot be written to.
    """
    guard = _acquire(project, "lock", "Another build is running examples")
    try:
        # What a killed build left behind; nobody else writes here while the lock is held.
        for folder in ("examples", "docs"):
            for leftover in (project.cache / folder).rglob(".half-*"):
                leftover.unlink(missing_ok=True)
        yield
    finally:
        guard.release()


def _acquire(project: Project, name: str, busy: str) -> FileLock:
    path = project.cache / name
    try:
        project.cache.mkdir(parents=True, exist_ok=True)
        guard = FileLock(path)
        try:
            guard.acquire(timeout=0.5)
        except Timeout:
            print(f"{busy}; waiting for it to end.", flush=True)
            guard.acquire()
    except OSError as error:
        raise CacheError(_reason(error, path)) from None
    return guard
