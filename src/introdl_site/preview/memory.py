"""What is known of each page from the last time, so that an edit renders one page anew.

A preview keeps the pages in memory. A build without a mistake keeps them in the cache as well, so
that the next build, or the first of a preview, renders only what has changed.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from introdl_site.kinds import BIBLIOGRAPHY
from introdl_site.pages.includes import includes
from introdl_site.pages.titles import title_of
from introdl_site.preview import inventory
from introdl_site.preview.texts import Texts
from introdl_site.problems import Problem
from introdl_site.project import Project
from introdl_site.remembered import machine
from introdl_site.repository import Repository
from introdl_site.running.cache import write
from introdl_site.sources import read, scripts

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
    documented: list[inventory.Entry] = field(default_factory=list)


class Memory:
    """Pages as they were, each under a digest of everything that went into it.

    Args:
        folder: Where they are kept between builds.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages: dict[str, Remembered] = {}
        self.texts = Texts()
        self.recalled: set[str] = set()
        self._keys: dict[str, str] = {}
        self._indexed = 0
        self._common = ""

    def begin(
        self,
        project: Project,
        config: MkDocsConfig,
        places: Iterable[str],
        repository: Repository | None,
        ran: Callable[[str], object],
    ) -> None:
        """Start a build: take the digest of what every page may depend on.

        `ran` says of the page in a place what came of its runs.
        """
        self._ran = ran
        self._config = config
        self.recalled = set()
        self._keys = {}
        said = f"{machine()}\n{repository}\n"
        digest = hashlib.sha256((said + "\n".join(sorted(places))).encode())
        docs = Path(config.docs_dir)
        for path in [
            Path(config.config_file_path),
            *sorted(docs.glob("reference/*.[tb][oi][mb]*")),
        ]:
            digest.update(path.read_bytes())
        for path in sorted(docs.rglob("*.md")):
            digest.update(f"{title_of(read(path))}\n".encode())
        self._common = digest.hexdigest()
        code = hashlib.sha256()
        for path in scripts(project.root / "src" / "introdl"):
            code.update(path.read_bytes())
        self._code = code.hexdigest()
        self._snippets = project.snippets

    def recall(self, page: Page) -> Remembered | None:
        """Give a page back what it was, if nothing that it is made of has changed."""
        key = self._keys[page.file.src_uri] = self._key(page)
        known = self.pages.get(page.file.src_uri) or self._load(page.file.src_uri)
        if known is None or known.key != key or page.file.src_uri == BIBLIOGRAPHY:
            return None
        self.pages[page.file.src_uri] = known
        for name, value in known.state.items():
            setattr(page, name, value)
        page.meta.update(known.meta)
        inventory.note(known.documented, page, self._config)
        self.recalled.add(page.file.src_uri)
        return known

    def keep(self, page: Page, problems: list[Problem], characters: set[str]) -> None:
        """Remember a page that was rendered."""
        state = {name: getattr(page, name) for name in _STATE if hasattr(page, name)}
        self.pages[page.file.src_uri] = Remembered(
            self._keys.get(page.file.src_uri, ""),
            state,
            dict(page.meta),
            problems,
            characters,
            documented=inventory.noted(page, self._config),
        )

    def finish(self, pages: Iterable[Page | None]) -> None:
        """Remember pages as they are at the end, with every reference in them resolved."""
        for page in pages:
            known = self.pages.get(page.file.src_uri) if page is not None else None
            if known is not None and page is not None:
                known.state |= {"content": page.content, "title": page.title}
                known.meta = dict(page.meta)

    def store(self) -> None:
        """Keep the pages for the next build; the build must have been without a mistake.

        Raises:
            CacheError: If the disk is full or cannot be written to.
        """
        kept = {uri: page for uri, page in self.pages.items() if uri in self._keys}
        for uri, page in kept.items():
            if uri not in self.recalled:
                # A link knows its target's file and page; `check` looks at links anyhow.
                state = {name: v for name, v in page.state.items() if name != "links_to_anchors"}
                write(self._file(uri), pickle.dumps(replace(page, state=state)))
        for path in self.folder.rglob("*.pickle"):
            if path.relative_to(self.folder).as_posix().removesuffix(".pickle") not in kept:
                path.unlink(missing_ok=True)

    def before_indexing(self, page: Page, config: MkDocsConfig) -> None:
        """Leave a page out of the search's parsing that is known already."""
        index = search_index(config)
        self._indexed = len(index.entries) if index else 0
        if page.file.src_uri in self.recalled:
            page.meta["search"] = {"exclude": True}

    def after_indexing(self, page: Page, config: MkDocsConfig) -> None:
        """Give the search the entries of a page that it left out."""
        index = search_index(config)
        known = self.pages.get(page.file.src_uri)
        if index is None or known is None:
            return
        if page.file.src_uri in self.recalled:
            index.entries += known.entries
            page.meta["search"] = known.meta.get("search", {})
        else:
            known.entries = index.entries[self._indexed :]

    def _file(self, uri: str) -> Path:
        return self.folder / f"{uri}.pickle"

    def _load(self, uri: str) -> Remembered | None:
        try:
            known = pickle.loads(self._file(uri).read_bytes())
        except (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError):
            return None
        return known if isinstance(known, Remembered) else None

    def _key(self, page: Page) -> str:
        return self.digest(page, page.markdown or "", sorted(page.meta.items()))

    def digest(self, page: Page, markdown: str, more: object) -> str:
        """A digest of what a page is made of: its Markdown, what that includes, and `more`."""
        digest = hashlib.sha256(f"{self._common}\n{markdown}\n{more}".encode())
        if "\n::: " in markdown:
            digest.update(self._code.encode())
        for include in includes(markdown):
            path = self._snippets / include.path
            digest.update(path.read_bytes() if path.is_file() else b"")
        digest.update(repr(self._ran(page.file.src_uri)).encode())
        return digest.hexdigest()


def search_index(config: MkDocsConfig) -> Any:
    """The index that the search plugin fills, or None where there is no search."""
    plugins = [plugin for name, plugin in config.plugins.items() if name.endswith("search")]
    return getattr(plugins[0], "search_index", None) if plugins else None
