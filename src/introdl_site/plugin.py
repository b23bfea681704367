"""The MkDocs plugin: execute the examples, publish what they show, check what was built."""

from __future__ import annotations

import errno
import hashlib
import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from filelock import FileLock
from jinja2 import FileSystemBytecodeCache
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url

from introdl_site import (
    api,
    cache,
    check,
    forking,
    furniture,
    mathfont,
    mathml,
    notebook_html,
    pages,
    publish,
    repository,
    runner,
    slides,
)
from introdl_site.citations import Bibliography
from introdl_site.compact import compact
from introdl_site.glossary import Glossary
from introdl_site.preview import Preview
from introdl_site.problems import Problem, line_of
from introdl_site.project import Project
from introdl_site.quiz import QuizError
from introdl_site.shelf import Shelf
from introdl_site.styles import Styles

log = get_plugin_logger("introdl")

_DISK = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT)

BIBLIOGRAPHY, GLOSSARY = "reference/bibliography.md", "reference/glossary.md"


class NoOptions(Config):
    """The plugin has nothing to configure."""


class IntrodlPlugin(BasePlugin[NoOptions]):
    """Ties the examples to the pages; every hook is one step of the build."""

    def __init__(self) -> None:
        self.previews = False
        self.preview: Preview | None = None
        self.guard: FileLock | None = None
        self.shelf = Shelf()

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
        config.mdx_configs["pymdownx.snippets"]["base_path"] = [str(self.project.snippets)]
        return config

    def on_pre_build(self, config: MkDocsConfig) -> None:
        """Bring the examples up to date, and publish what they show."""
        self.problems: list[Problem] = []
        self.characters: set[str] = set()
        self.styles = Styles()
        self.cited: dict[str, list[tuple[str, str]]] = {}
        self.examples = self.project.examples()
        try:
            if self.previews:
                self.preview = self.preview or Preview(self.project)
                self.runs, self.problems = self.preview.current(self.examples)
                self.published = publish.publish(self.project, self.runs)
            else:
                self.guard = cache.hold(self.project, Path(config.site_dir))
                with cache.lock(self.project):
                    outcome = runner.bring_up_to_date(self.examples)
                    self.runs = outcome.runs
                    self.published = publish.publish(self.project, self.runs)
                failed = [problem for found in outcome.problems.values() for problem in found]
                if failed:
                    _abort(failed)
        except cache.CacheError as error:
            raise Abort(f"error: {error}") from None
        self.problems += self.published.problems
        docs = Path(config.docs_dir)
        self.bibliography = Bibliography.load(docs / "reference" / "bibliography.bib")
        self.glossary = Glossary.load(docs / "reference" / "glossary.toml")
        self.problems += [*self.bibliography.problems, *self.glossary.problems]

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        """Build anew when the code, an example or an output changes."""
        assert self.preview is not None
        self.preview.serve(server)
        return server

    @event_priority(50)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add each example's page, its downloads and its figures; leave data files out."""
        for path in ("reference/glossary.toml", "reference/slides.toml"):
            if (file := files.get_file_from_path(path)) is not None:
                files.remove(file)
        self.problems += self.shelf.fill(self.examples, self.runs, self.repository, files, config)
        for path, svg in self.published.figures.items():
            files.append(File.generated(config, path, content=svg))
        for path, markdown in api.pages(self.project):
            files.append(File.generated(config, path, content=markdown))
        return files

    @event_priority(-50)
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Note the order of the course, and tell a preview which pages there are."""
        self.nav_pages = {page.file.src_uri: page for page in nav.pages}
        self.order = list(self.nav_pages)
        for file in files.documentation_pages(inclusion=InclusionLevel.is_in_nav):
            if file.src_uri not in self.order and Path(config.docs_dir, file.src_uri).is_file():
                message = f"the nav lacks this page: add '- {file.src_uri}' in its place"
                self.problems.append(Problem("mkdocs.yml", 0, message))
        if self.preview is not None:
            places = (file.src_uri for file in files)
            self.preview.memory.begin(self.project, config, places)
        return nav

    @event_priority(-50)
    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> Page:
        """Name the page and the line of a quiz that cannot be asked."""
        render = page.render

        def guarded(config: MkDocsConfig, files: Files) -> None:
            found = self.shelf.pages.get(page.file.src_uri)
            if self.preview and found and found[0].name not in self.runs:
                example, made = found
                notice = f"</h1>\n{self.preview.waiting(example)}"
                page.content, page.toc = made.html.replace("</h1>", notice, 1), get_toc([])
                return
            if self.preview and (known := self.preview.memory.recall(page)):
                self.problems += known.problems
                self.characters |= known.characters
                return
            try:
                render(config, files)
            except QuizError as error:
                line = line_of(
                    page.file.content_string, f"/// quiz | {error.question}".rstrip(" |")
                )
                self.problems.append(Problem(self._label(page), line, str(error)))
                page.content, page.toc = "", get_toc([])

        page.render = guarded  # type: ignore[method-assign]
        return page

    @event_priority(50)
    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Check includes, put citations and generated parts in, and gather what the theme shows."""
        if page.file.src_uri in self.shelf.pages:
            return markdown
        path = self._label(page)
        page.edit_url = self.repository.edit(path) if self.repository else None
        source = page.file.content_string
        current = set(self.runs)
        pending = {example.name for example in self.examples} - current
        text, problems = pages.expand(self.project, markdown, path, source, pending)
        self.problems += problems
        self.problems += furniture.check_description(page, path)
        link = get_relative_url("reference/bibliography/", page.url)
        text, keys, _ = self.bibliography.render(text, path, link)
        self.problems += self.bibliography.render(source, path, link)[2]  # with the file's lines
        title = furniture.title(text, page)
        for key in keys:
            self.cited.setdefault(key, []).append((title, page.url))
        text = self._generate(text, page)
        if keys and page.file.src_uri != BIBLIOGRAPHY:
            text += f"\n## Sources\n\n{self.bibliography.sources(keys, link)}\n"
        self._describe(page, text, files)
        if self.preview is None:
            return text
        wanted = {include.example for include in pages.includes(source)} & pending
        waiting = [example for example in self.examples if example.name in wanted]
        return text + "".join(map(self.preview.waiting, waiting))

    def _generate(self, text: str, page: Page) -> str:
        if page.file.src_uri == GLOSSARY:
            text = text.replace("<!-- introdl:glossary -->", self.glossary.page())
        if "<!-- introdl:slides -->" in text:
            table, problems = slides.page(self.project.root / "docs" / "reference" / "slides.toml")
            self.problems += problems
            text = text.replace("<!-- introdl:slides -->", table)
        if api.MARK in text:
            names, problems = api.overview(self.project, self.order)
            self.problems += problems
            text = text.replace(api.MARK, names)
        return text

    def _describe(self, page: Page, text: str, files: Files) -> None:
        if not page.file.src_uri.startswith("reference/"):  # what is looked up is not read through
            page.meta["reading_time"] = pages.reading_minutes(text)
        if documented := api.lesson_of(page.file.src_uri):
            page.meta["lesson_links"] = furniture.api_links(documented, page.url, files)
        lesson = page.file.src_uri.removesuffix(".md")
        example = f"examples/{lesson}.ipynb"
        if example in self.shelf.pages:
            page.meta["lesson_links"] = furniture.lesson_links(
                lesson, page.url, self.repository, self.project.root
            )
            page.meta["used_in"] = furniture.used_in(lesson, self.runs, page.url)

    @event_priority(-50)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Math, addresses, glossary links; for an example's page also its title and contents."""
        if self.preview and page.file.src_uri in self.preview.memory.recalled:
            return html
        before = len(self.problems)
        path, source = self._label(page), ""
        documented = api.lesson_of(page.file.src_uri)
        if found := self.shelf.pages.get(page.file.src_uri):
            example, made = found
            source = example.path.read_text(encoding="utf-8")
            html = notebook_html.slim(html)
            html, problems = furniture.resolve_links(html, example, page.url, files)
            self.problems += problems
            page.title = made.title
            page.toc = get_toc(made.toc_tokens)  # type: ignore[arg-type]
            page.meta["description"] = made.description
            # A reader who searches wants the lesson first.
            page.meta["search"] = {"boost": 0.5}
            page.meta["reading_time"] = pages.reading_minutes(re.sub("<[^>]+>", " ", html))
            page.meta["lesson_links"] = furniture.example_links(
                example, page.url, self.repository, files
            )
            page.edit_url = self.repository.edit(example.label) if self.repository else None
        elif documented:
            # A reader who searches wants the lesson first.
            page.meta["search"] = {"boost": 0.5}
        elif page.file.content_string:
            source = page.file.content_string
        plain_html = html
        html, problems = mathml.render(html, path, source)
        if problems and documented:  # it may stand in any module of the lesson
            problems = [
                problem
                for module, text in api.sources(self.project, documented)
                for problem in mathml.render(plain_html, module, text)[1]
                if problem.line
            ] or problems
        self.problems += problems
        characters = mathml.characters(html)
        self.characters |= characters
        if self.preview:
            self.preview.memory.keep(page, self.problems[before:], characters)
        html = furniture.addresses(html, page.url, self.repository)
        to_glossary = get_relative_url("reference/glossary/", page.url)
        plain = page.file.src_uri == GLOSSARY or page.meta.get("glossary") is False
        return self.glossary.link(html, to_glossary, plain)

    @event_priority(-50)
    def _fill(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Fill in what needs every page: the bibliography, the cards, the math font."""
        page_file = files.get_file_from_path(BIBLIOGRAPHY)
        if page_file is not None and page_file.page is not None:
            page = page_file.page
            cited = {
                key: [(title, get_relative_url(url, page.url)) for title, url in places]
                for key, places in self.cited.items()
            }
            body, problems = self.bibliography.page(cited)
            self.problems += problems
            page.content = (page.content or "").replace("<!-- introdl:bibliography -->", body)
        if not self.previews:
            self._draw_cards(files, config)
        self._add_font(files, config)
        # MkDocs makes this anew for each build, and would compile every template again.
        compiled = self.project.cache / "templates"
        compiled.mkdir(parents=True, exist_ok=True)
        env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
        return env

    @event_priority(-100)
    def _remember(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Remember the pages as they now are, with every reference resolved."""
        if self.preview:
            self.preview.memory.finish(
                file.page for file in files.documentation_pages() if file.src_uri != BIBLIOGRAPHY
            )
        return env

    on_env = CombinedEvent(_fill, _remember)

    @event_priority(50)
    def _before_indexing(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> Any:
        self._content, page.content = page.content, furniture.searched(page.content or "")
        if self.preview:
            self.preview.before_indexing(page, config)
        return context

    @event_priority(-50)
    def _after_indexing(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> Any:
        page.content = self._content
        self._stand_in(page, active=True)
        if self.preview:
            self.preview.after_indexing(page, config)
        return context

    on_page_context = CombinedEvent(_before_indexing, _after_indexing)

    def _draw_cards(self, files: Files, config: MkDocsConfig) -> None:
        """Draw the cards of shared pages; nobody shares a preview."""
        for file in files.documentation_pages():
            if file.page is not None:
                furniture.open_graph(self.project, file.page, files, config)
        # The page for a missing address is no page of MkDocs: it has the home page's card.
        home = files.get_file_from_path("index.md")
        if home is not None and home.page is not None:
            config.extra["og_image"] = home.page.meta["og_image"]

    def _add_font(self, files: Files, config: MkDocsConfig) -> None:
        """Cut the math font down to the characters that the pages use."""
        if not self.characters:
            return
        letters = "".join(sorted(self.characters))
        digest = hashlib.sha256(letters.encode()).hexdigest()[:16]
        font = self.project.cache / "fonts" / f"{digest}.woff2"
        if not font.is_file():
            font.parent.mkdir(parents=True, exist_ok=True)
            mathfont.write_font(self.characters, font)
        made = File.generated(config, "assets/fonts/math.woff2", abs_src_path=str(font))
        files.append(made)

    @event_priority(-50)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Leave out what no reader sees."""
        self._stand_in(page, active=False)
        if self.previews:
            return output
        return compact(self.styles.replace(output, page.url))

    def on_build_error(self, *, error: Exception) -> None:
        """Say in one line what the disk did not take."""
        self._release()
        if isinstance(error, OSError) and error.errno in _DISK:
            where = f" {error.filename}" if error.filename else ""
            raise Abort(f"error: cannot write{where}: {error.strerror}") from None

    def _release(self) -> None:
        if self.guard is not None:
            self.guard.release()
            self.guard = None

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Check the built site, and fail the build of a site that is not right."""
        if not self.previews:
            self.styles.write(Path(config.site_dir))
            base = urlsplit(config.site_url or "/").path
            self.problems += check.check(self.project, Path(config.site_dir), base)
            (Path(config.site_dir) / ".nojekyll").touch()
        self._release()
        if self.problems and not self.previews:
            _abort(self.problems)
        for problem in _ordered(self.problems):
            log.warning("%s", problem)

    def _stand_in(self, page: Page, *, active: bool) -> None:
        """Show where a page is that the nav lacks: at its lesson, or at the list of the API."""
        place = page.file.src_uri
        if found := self.shelf.pages.get(place):
            place = f"{found[0].name}.md"
        elif api.lesson_of(place):
            place = f"{api.FOLDER}/index.md"
        else:
            return
        if place in self.nav_pages:
            self.nav_pages[place].active = active

    def _label(self, page: Page) -> str:
        if found := self.shelf.pages.get(page.file.src_uri):
            return found[0].label
        if documented := api.lesson_of(page.file.src_uri):
            return api.sources(self.project, documented)[0][0]
        return f"docs/{page.file.src_uri}"


def _ordered(problems: list[Problem]) -> Iterator[Problem]:
    yield from sorted(set(problems))


def _abort(problems: list[Problem]) -> None:
    for problem in _ordered(problems):
        logging.getLogger("mkdocs").error("%s", problem)
    count = len(set(problems))
    raise Abort(f"The site was not built: {count} problem{'s' * (count > 1)}, named above.")


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
