"""Run stale examples behind `mkdocs serve`, and have the pages built anew as each one ends."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable

from introdl_site.problems import Problem
from introdl_site.project import Example, Project
from introdl_site.running import cache, runner
from introdl_site.sources import scripts


class Background:
    """One thread that brings examples up to date whenever it is woken.

    Args:
        project: The checkout.
        changed: Called from the thread after each example, and when the cache cannot be used.
    """

    def __init__(self, project: Project, changed: Callable[[], None]) -> None:
        self.project = project
        self.changed = changed
        self.broken: str | None = None
        self._failed: dict[str, tuple[str, list[Problem]]] = {}
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True, name="examples")

    def wake(self) -> None:
        """Look for stale examples soon."""
        if not self._thread.is_alive():
            self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """End what runs, and begin nothing more."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)  # it may wait for another build, and ends with this one

    def problems(self, example: Example) -> list[Problem]:
        """Why the example, as it now stands, failed; empty where it has not."""
        if example.name not in self._failed:
            return []
        state, problems = self._failed[example.name]
        return problems if state == _state(example) else []

    def _loop(self) -> None:
        while self._wake.wait() and not self._stop.is_set():
            self._wake.clear()
            pending = [e for e in self.project.examples() if not self.problems(e)]
            try:
                if all(cache.load(example) for example in pending):
                    continue
                with cache.lock(self.project):
                    runner.bring_up_to_date(pending, on_done=self._done, stop=self._stop)
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
        with contextlib.suppress(cache.CacheError):  # the next edit builds anew as well
            self.changed()

    def _done(self, example: Example, outcome: runner.Outcome) -> None:
        self._failed.pop(example.name, None)
        if problems := outcome.problems.get(example.name):
            self._failed[example.name] = (_state(example), problems)
        self.changed()


def _state(example: Example) -> str:
    """A digest of all that could mend the example: scripts and the code of the course."""
    digest = hashlib.sha256()
    root = example.project.root
    paths = [example.path]
    if example.path.is_file() and b"handed" in example.path.read_bytes():
        # Another one may have to keep first what this one gets.
        paths += scripts(root / "examples")
    for path in [*paths, *scripts(root / "src" / "introdl")]:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
