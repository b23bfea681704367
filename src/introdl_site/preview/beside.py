"""A preview answers while it builds: with the last whole site, until the next one is whole."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mkdocs.livereload import LiveReloadServer

#: Seconds between two builds for what runs behind the pages, at least.
PAUSE = 3.0


class Batch:
    """Asks for one build for several runs that end one soon after the other.

    Builds take half of the time at most, so that they do not keep the examples from running.

    Args:
        build: Asks for a build.
        pause: Seconds from the end of one build to asking for the next, at least.
    """

    def __init__(self, build: Callable[[], None], pause: float = PAUSE) -> None:
        self._ask = build
        self._least = self._pause = pause
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._wanted = self._hurried = self._building = False
        self._began = self._ended = float("-inf")

    def want(self, *, last: bool) -> None:
        """Have a build asked for, which shows all that has ended by then.

        Args:
            last: Nothing else runs: there is nothing to wait for.
        """
        with self._lock:
            # The last one has been told of already as the one that ended.
            self._wanted = self._wanted or not last
            self._hurried = last
            self._schedule()

    def begin(self) -> None:
        """A build begins."""
        with self._lock:
            self._building, self._began = True, time.monotonic()

    def end(self) -> None:
        """A build has ended."""
        with self._lock:
            self._building, self._ended = False, time.monotonic()
            self._pause = max(self._least, self._ended - self._began)
            self._schedule()

    def stop(self) -> None:
        """Ask for nothing more."""
        with self._lock:
            self._wanted = False
            if self._timer is not None:
                self._timer.cancel()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._wanted and not self._building:
            wait = 0.0 if self._hurried else max(0.0, self._ended + self._pause - time.monotonic())
            self._timer = threading.Timer(wait, self._fire)
            self._timer.daemon = True
            self._timer.start()

    def _fire(self) -> None:
        with self._lock:
            if not self._wanted or self._building:
                return
            self._wanted = False
        self._ask()


class Beside:
    """Builds beside the site that is served, and puts a whole site in its place.

    MkDocs has requests wait from the first moment of a build to its last, for it builds where it
    serves. They wait here while one folder takes another's place.

    Args:
        server: What serves.
        batch: What is told of each build.
    """

    def __init__(self, server: LiveReloadServer, batch: Batch) -> None:
        self.served = Path(server.root)
        self.folder = Path(f"{server.root}-next")
        self._server = server
        self._batch = batch
        self._build = server.builder
        server.builder = self.build

    def build(self) -> None:
        """Build anew."""
        server = self._server
        with server._epoch_cond:
            wanted, server._wanted_epoch = server._wanted_epoch, server._visible_epoch
            server._epoch_cond.notify_all()
        self._batch.begin()
        try:
            self._build()
            server._wanted_epoch = wanted
            self._swap()
        except BaseException:
            server._wanted_epoch = server._visible_epoch  # what was whole is still served
            raise
        finally:
            self._batch.end()

    def remove(self) -> None:
        """Delete what a build may have left."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _swap(self) -> None:
        root = self.served
        before = Path(f"{root}-before")
        root.rename(before)
        try:
            self.folder.rename(root)
        except OSError:
            before.rename(root)
            raise
        shutil.rmtree(before, ignore_errors=True)
