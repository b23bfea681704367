"""The MkDocs plugin: one short method per hook; what a hook does lives in the room of its stage.

A map for maintainers. The data flow from the first room to the last:

    running/      examples and pages' blocks are executed, several at once; the cache keeps each run
    publishing/   what runs showed and what `src/` defines become snippets and files, by name
    pages/        a page's Markdown: blocks, includes, citations, quiz, exercises, glossary, links
    mathematics/  formulas become MathML; what cannot be set is named
    examples/     the page of each executed example, and the files that readers take
    dress/        styles, cards, search, shorter HTML; the theme with its scripts
    preview/      what `mkdocs serve` does otherwise: pages first, outputs as they come

`build` holds the state of one build and the steps for the whole site, `making` the steps for one
page, `check` reads the built site; `project`, `kinds`, `repository` and `problems` serve all.
"""

from __future__ import annotations

import errno
import logging
import socket
from pathlib import Path
from typing import Any, Literal

from jinja2 import FileSystemBytecodeCache
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import CountHandler

from introdl_site import making, repository
from introdl_site.build import Build, abort
from introdl_site.dress import search
from introdl_site.dress.compact import compact
from introdl_site.examples.shelf import Shelf
from introdl_site.kinds import BIBLIOGRAPHY, kind_of
from introdl_site.preview.memory import Memory, search_index
from introdl_site.preview.serving import Preview
from introdl_site.preview.templates import Templates
from introdl_site.problems import MKDOCS, report
from introdl_site.project import Project
from introdl_site.running import cache, forking

log = get_plugin_logger("introdl")

_DISK = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT)


class NoOptions(Config):
    """The plugin has nothing to configure."""


class IntrodlPlugin(BasePlugin[NoOptions]):
    """Ties the examples to the pages; every hook is one step of the build."""

    def __init__(self) -> None:
        self.previews = False
        self.preview: Preview | None = None
        self.memory: Memory | None = None
        self.shelf = Shelf()
        self.templates = Templates()

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Note whether this is a preview, in which pages come before their outputs."""
        self.previews = command == "serve"

    def on_shutdown(self) -> None:
        """End what a preview has begun, and the process that starts kernels."""
        if self.preview is not None:
            self.preview.stop()
        forking.process.stop()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Find the checkout and its repository."""
        self.project = Project(Path(config.config_file_path).resolve().parent)
        self.repository = repository.find(self.project.root, config.repo_url)
        if self.previews and self.preview is None:
            _refuse_taken_port(config)
        if self.preview is not None:
            config.site_dir = self.preview.folder(config.site_dir)
        if self.previews:
            self.templates.list_once(config.theme)
        config.mdx_configs["pymdownx.snippets"]["base_path"] = [str(self.project.snippets)]
        return config

    def on_pre_build(self, config: MkDocsConfig) -> None:
        """Run what is out of date, and publish what it shows."""
        if self.previews and self.preview is None:
            try:
                self.preview = Preview(self.project)
            except cache.CacheError as error:
                raise Abort(f"error: {error}") from None
        if self.memory is None:
            self.memory = Memory(self.project.cache / "rendered")
        self.warnings = CountHandler()
        self.warnings.setLevel(logging.WARNING)
        MKDOCS.addHandler(self.warnings)
        self.build = Build(self.project, self.repository, self.shelf, self.preview, self.memory)
        self.build.run(config)
        self.build.read_reference(config)

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        """Build anew when the code, an example or an output changes."""
        assert self.preview is not None
        self.preview.serve(server)
        return server

    @event_priority(50)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add what is made."""
        self.build.add_files(files, config)
        if self.preview is not None:
            self.preview.copies.attach(files, self.preview.served)
        return files

    @event_priority(-50)
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Note the order of the course."""
        self.build.note_order(nav, config, files)
        return nav

    @event_priority(-50)
    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> Page:
        """Render only what must be, and name what cannot be."""
        making.guard(self.build, page)
        return page

    @event_priority(50)
    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Make of a page's text what Markdown renders."""
        return making.markdown(self.build, markdown, page, files)

    @event_priority(-50)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Make of what Markdown rendered what the theme shows."""
        return making.content(self.build, html, page, files)

    @event_priority(-50)
    def _fill(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Fill in what needs every page: the bibliography, the cards, the math font."""
        self.build.write_bibliography(files)
        if not self.previews:  # nobody shares a preview
            self.build.draw_cards(files, config)
        self.build.add_font(files, config)
        # MkDocs makes this anew for each build, and would compile every template again.
        compiled = self.project.cache / "templates"
        compiled.mkdir(parents=True, exist_ok=True)
        env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
        if self.previews:
            self.templates.attach(env, config)
        return env

    @event_priority(-100)
    def _remember(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Remember the pages as they now are, with every reference resolved."""
        pages = (f.page for f in files.documentation_pages() if f.src_uri != BIBLIOGRAPHY)
        self.build.memory.finish(pages)
        return env

    on_env = CombinedEvent(_fill, _remember)

    @event_priority(50)
    def _before_indexing(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> Any:
        """Show the search what it is to index of a page."""
        self._content = page.content
        if page.file.src_uri not in self.build.memory.recalled:
            page.content = search.searched(page.content or "")
        index = search_index(config)
        self._indexed = len(index.entries) if index else 0
        self.build.memory.before_indexing(page, config)
        return context

    @event_priority(-50)
    def _after_indexing(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> Any:
        """Show readers the whole page again."""
        page.content = self._content
        if index := search_index(config):
            terms = [
                *self.build.glossary.taught_in(page.file.src_uri),
                *page.meta.get("found_by", ()),
            ]
            added = index.entries[self._indexed :]
            search.tag(added, terms)
            search.thin(added, kind_of(page.file.src_uri))
        making.stand_in(self.build, page, active=True)
        self.build.memory.after_indexing(page, config)
        return context

    on_page_context = CombinedEvent(_before_indexing, _after_indexing)

    @event_priority(-50)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Put the commit in, and leave out what no reader sees."""
        making.stand_in(self.build, page, active=False)
        output = self.build.dated(output)
        return output if self.previews else compact(self.build.styles.replace(output, page.url))

    def on_build_error(self, *, error: Exception) -> None:
        """Say in one line what the disk did not take."""
        if hasattr(self, "build"):
            self.build.release()
        if isinstance(error, OSError) and error.errno in _DISK:
            where = f" {error.filename}" if error.filename else ""
            raise Abort(f"error: cannot write{where}: {error.strerror}") from None

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Check the built site, and fail the build of a site that is not right."""
        if not self.previews:
            self.build.check_site(config)
        self.build.release()
        MKDOCS.removeHandler(self.warnings)
        problems = self.build.unread + self.build.problems
        if not problems and not self.warnings.get_counts():
            self.build.memory.store()
        if self.previews:
            report(problems, log, logging.WARNING)
        elif problems:
            abort(problems)


def _refuse_taken_port(config: MkDocsConfig) -> None:
    host, port = config.dev_addr
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Abort(
                f"error: cannot serve at {host}:{port}: {error.strerror}; choose another port, "
                f"as in `make serve PORT={port + 1}` or `mkdocs serve -a {host}:{port + 1}`"
            ) from None
