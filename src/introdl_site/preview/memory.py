"""What a preview knows of each page from the last time, so that an edit renders one page anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from introdl_site.pages.includes import includes
from introdl_site.problems import Problem
from introdl_site.project import Project
from introdl_site.sources import scripts

_STATE = (
    "content",
    "toc",
    "title",
    "edit_url",
    "_title_from_render",
    "present_anchor_ids",
    "links_to_anchors",
)


@dataclass
class Remembered:
    """All that rendering a page gave."""

    key: str
    state: dict[str, Any]
    meta: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    characters: set[str] = field(default_factory=set)
    entries: list[dict[str, Any]] = field(default_factory=list)


class Memory:
    """Pages as they were, each under a digest of everything that went into it."""

    def __init__(self) -> None:
        self.pages: dict[str, Remembered] = {}
        self.recalled: set[str] = set()
        self._keys: dict[str, str] = {}
        self._common = ""

    def begin(self, project: Project, config: MkDocsConfig, places: Iterable[str]) -> None:
        """Start a build: take the digest of what every page may depend on."""
        self.recalled = set()
        self._keys = {}
        digest = hashlib.sha256("\n".join(sorted(places)).encode())
        for path in sorted(Path(config.docs_dir, "reference").glob("*.[tb][oi][mb]*")):
            digest.update(path.read_bytes())
        self._common = digest.hexdigest()
        code = hashlib.sha256()
        for path in scripts(project.root / "src" / "introdl"):
            code.update(path.read_bytes())
        self._code = code.hexdigest()
        self._snippets = project.snippets

    def recall(self, page: Page) -> Remembered | None:
        """Give a page back what it was, if nothing that it is made of has changed."""
        key = self._keys[page.file.src_uri] = self._key(page)
        known = self.pages.get(page.file.src_uri)
        if known is None or known.key != key:
            return None
        for name, value in known.state.items():
            setattr(page, name, value)
        page.meta.update(known.meta)
        self.recalled.add(page.file.src_uri)
        return known

    def keep(self, page: Page, problems: list[Problem], characters: set[str]) -> None:
        """Remember a page that was rendered."""
        state = {name: getattr(page, name) for name in _STATE if hasattr(page, name)}
        self.pages[page.file.src_uri] = Remembered(
            self._keys.get(page.file.src_uri, ""), state, dict(page.meta), problems, characters
        )

    def finish(self, pages: Iterable[Page | None]) -> None:
        """Remember pages as they are at the end, with every reference in them resolved."""
        for page in pages:
            known = self.pages.get(page.file.src_uri) if page is not None else None
            if known is not None and page is not None:
                known.state |= {"content": page.content, "title": page.title}
                known.meta = dict(page.meta)

    def _key(self, page: Page) -> str:
        markdown = page.markdown or ""
        digest = hashlib.sha256(f"{self._common}\n{markdown}\n{sorted(page.meta.items())}".encode())
        if "\n::: " in markdown:
            digest.update(self._code.encode())
        for include in includes(markdown):
            path = self._snippets / include.path
            digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.hexdigest()


def search_index(config: MkDocsConfig) -> Any:
    """The index that the search plugin fills, or None where there is no search."""
    plugins = [plugin for name, plugin in config.plugins.items() if name.endswith("search")]
    return getattr(plugins[0], "search_index", None) if plugins else None
