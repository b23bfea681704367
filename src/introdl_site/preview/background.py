"""Run what is stale behind `mkdocs serve`, and have the pages built anew as each run ends."""

from __future__ import annotations

import hashlib
import threading
from typing import Protocol

from introdl_site.pages.executed import runnables
from introdl_site.problems import Problem
from introdl_site.project import Project, Runnable
from introdl_site.running import cache, runner
from introdl_site.sources import scripts


class Changed(Protocol):
    """Takes note that a run has ended, or that all have."""

    def __call__(self, *, last: bool) -> None:
        """Take note."""


class Background:
    """One thread that brings examples and pages up to date whenever it is woken.

    Args:
        project: The checkout.
        changed: Called from the thread after each run, and with `last` when no other runs; when
            the cache cannot be used, too.
    """

    def __init__(self, project: Project, changed: Changed) -> None:
        self.project = project
        self.changed = changed
        self.broken: str | None = None
        self._failed: dict[str, tuple[str, list[Problem]]] = {}
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True, name="examples")

    def wake(self) -> None:
        """Look soon for what is stale."""
        if not self._thread.is_alive():
            self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """End what runs, and begin nothing more."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)  # it may wait for another build, and ends with this one

    def problems(self, item: Runnable) -> list[Problem] | None:
        """Why it failed, as it now stands; None where it has not."""
        state, problems = self._failed.get(item.name, ("", []))
        return problems if state and state == _state(item) else None

    def _loop(self) -> None:
        while self._wake.wait() and not self._stop.is_set():
            self._wake.clear()
            pending = [item for item in runnables(self.project) if self.problems(item) is None]
            try:
                if all(cache.load(item) for item in pending):
                    continue
                with cache.lock(self.project):
                    runner.bring_up_to_date(pending, on_done=self._done, stop=self._stop)
                self.changed(last=True)
            except cache.CacheError as error:
                self.broken = str(error)
                self._tell()
            except Exception as error:  # a preview outlives every mistake that can be mended
                self.broken = f"{type(error).__name__}: {error}"
                self._tell()

    def take_broken(self) -> str | None:
        """Why the examples could not be looked at; asked once, so that the next build tries."""
        broken, self.broken = self.broken, None
        return broken

    def _tell(self) -> None:
        self.changed(last=False)
        self.changed(last=True)

    def _done(self, item: Runnable, outcome: runner.Outcome) -> None:
        self._failed.pop(item.name, None)
        if (problems := outcome.problems.get(item.name)) is not None:
            self._failed[item.name] = (_state(item), problems)
        self.changed(last=False)


def _state(item: Runnable) -> str:
    """A digest of all that could mend it: sources and the code of the course."""
    digest = hashlib.sha256()
    root = item.project.root
    sources = [item.path]
    if item.path.is_file() and b"handed" in item.path.read_bytes():
        # Another one may have to keep first what this one gets.
        sources += scripts(root / "examples")
    for path in [*sources, *scripts(root / "src" / "introdl")]:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
