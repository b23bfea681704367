"""What `mkdocs serve` does otherwise: pages first, their outputs as they come, and quick edits."""

from __future__ import annotations

import html

from mkdocs.livereload import LiveReloadServer

from introdl_site.preview.background import Background
from introdl_site.problems import Problem
from introdl_site.project import Example, Project
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
        self._background = Background(project, self._touch)

    def current(self, examples: list[Example]) -> tuple[dict[str, Run], list[Problem]]:
        """The runs that are current, and why others failed; the rest runs behind the pages.

        Raises:
            CacheError: If a run could not be kept.
        """
        if broken := self._background.take_broken():
            raise cache.CacheError(broken)
        found = {example.name: cache.load(example) for example in examples}
        runs = {name: run for name, run in found.items() if run is not None}
        problems = [p for example in examples for p in self._background.problems(example)]
        # The first pages come before the first example runs.
        if self._serving and len(runs) < len(examples):
            self._background.wake()
        return runs, problems

    def serve(self, server: LiveReloadServer) -> None:
        """Have pages built anew when the code, an example or an output changes."""
        for folder in (self.project.root / "src/introdl", self.project.root / "examples"):
            server.watch(str(folder))
        server.watch(str(self._stamp.parent))
        self._serving = True
        self._background.wake()

    def stop(self) -> None:
        """End what runs behind the pages."""
        self._background.stop()

    def waiting(self, example: Example) -> str:
        """HTML that says that an example's outputs are missing, and why."""
        kind, title = "info", f"{example.label} is running"
        body = "<p>This page reloads when it ends.</p>"
        if problems := self._background.problems(example):
            kind, title = "danger", f"{example.label} failed"
            body = f"<pre><code>{html.escape(chr(10).join(map(str, problems)))}</code></pre>"
        return (
            f'\n<div class="admonition {kind}"><p class="admonition-title">{title}</p>'
            f"\n{body}\n</div>\n"
        )

    def _touch(self) -> None:
        cache.write(self._stamp, str(int(self._stamp.read_text()) + 1).encode())
