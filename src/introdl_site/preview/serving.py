"""What `mkdocs serve` does otherwise: pages first, their outputs as they come, and quick edits."""

from __future__ import annotations

import contextlib
import html
from pathlib import Path

from mkdocs.livereload import LiveReloadServer

from introdl_site.preview.background import Background
from introdl_site.preview.beside import Batch, Beside
from introdl_site.preview.copies import Copies
from introdl_site.problems import Problem
from introdl_site.project import Project, Runnable
from introdl_site.running import cache
from introdl_site.running.run import Run


class Preview:
    """A preview of one checkout, from its first build to its last.

    Args:
        project: The checkout.

    Raises:
        CacheError: If the cache cannot be written to.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._stamp = project.cache / "preview" / "stamp"
        self._serving = False
        cache.write(self._stamp, b"0")
        self._batch = Batch(self._touch)
        self._beside: Beside | None = None
        self.copies = Copies()
        self._background = Background(project, self._batch.want)

    def folder(self, site: str) -> str:
        """The folder to build into, where that which is served is `site`."""
        return site if self._beside is None else str(self._beside.folder)

    @property
    def served(self) -> Path | None:
        """The folder of the last whole site, where the next one is built in another."""
        return None if self._beside is None else self._beside.served

    def current(self, items: list[Runnable]) -> tuple[dict[str, Run], list[Problem]]:
        """The runs that are current, and why others failed; the rest runs behind the pages.

        Raises:
            CacheError: If a run could not be kept.
        """
        if broken := self._background.take_broken():
            raise cache.CacheError(broken)
        found = {item.name: cache.load(item) for item in items}
        runs = {name: run for name, run in found.items() if run is not None}
        problems = [p for item in items for p in self._background.problems(item) or []]
        # The first pages come before the first example runs.
        if self._serving and len(runs) < len(items):
            self._background.wake()
        return runs, problems

    def serve(self, server: LiveReloadServer) -> None:
        """Have pages built anew when the code, an example or an output changes."""
        self._beside = Beside(server, self._batch)
        for folder in (self.project.root / "src/introdl", self.project.root / "examples"):
            server.watch(str(folder))
        server.watch(str(self._stamp.parent))
        self._serving = True
        self._background.wake()

    def stop(self) -> None:
        """End what runs behind the pages."""
        self._batch.stop()
        self._background.stop()
        if self._beside is not None:
            self._beside.remove()

    def waiting(self, item: Runnable) -> str:
        """HTML that says that outputs are missing, and why."""
        kind, title = "info", f"{item.label} is running"
        body = "<p>This page reloads when it ends.</p>"
        if problems := self.problems(item):
            kind, title = "danger", f"{item.label} failed"
            body = f"<pre><code>{html.escape(chr(10).join(map(str, problems)))}</code></pre>"
        return (
            f'\n<div class="admonition {kind}"><p class="admonition-title">{title}</p>'
            f"\n{body}\n</div>\n"
        )

    def problems(self, item: Runnable) -> list[Problem] | None:
        """Why it failed, as it now stands; None where it has not."""
        return self._background.problems(item)

    def _touch(self) -> None:
        with contextlib.suppress(cache.CacheError):  # the next edit builds anew as well
            cache.write(self._stamp, str(int(self._stamp.read_text()) + 1).encode())
