"""One build: what every stage finds and leaves, from the examples to the checked site."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import markdown
from filelock import FileLock
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from introdl_site import check
from introdl_site.dress import cards
from introdl_site.dress.styles import Styles
from introdl_site.examples.shelf import Shelf
from introdl_site.kinds import API, BIBLIOGRAPHY, documented
from introdl_site.mathematics import font
from introdl_site.pages import api, course, executed, links
from introdl_site.pages.citations import Bibliography
from introdl_site.pages.glossary import Glossary
from introdl_site.preview.memory import Memory
from introdl_site.preview.serving import Preview
from introdl_site.problems import Problem, report
from introdl_site.project import Project
from introdl_site.publishing import snippets, starters
from introdl_site.repository import Repository
from introdl_site.running import cache, runner
from introdl_site.running.run import Run


class Build:
    """The state of one build, and the steps that concern the site as a whole.

    Args:
        project: The checkout.
        repository: Where its sources are published, if they are.
        shelf: The places of the examples in the site.
        preview: What `mkdocs serve` keeps from build to build; None for a site to publish.
        memory: The pages as they were.
    """

    def __init__(
        self,
        project: Project,
        repository: Repository | None,
        shelf: Shelf,
        preview: Preview | None,
        memory: Memory,
    ) -> None:
        self.project = project
        self.published_at = repository
        #: Pages are made without the commit: it is put in at the end.
        self.repository = repository and repository.undated()
        self.shelf = shelf
        self.preview = preview
        self.memory = memory
        self.problems: list[Problem] = []
        #: What keeps a page from being read; such a page is empty, and links to it lead nowhere.
        self.unread: list[Problem] = []
        self.characters: set[str] = set()
        self.styles = Styles()
        self.cited: dict[str, list[tuple[str, str]]] = {}
        self.nav_pages: dict[str, Page] = {}
        self.examples = project.examples()
        self.blocks = {page.name: page for page in executed.pages(project)}
        self._guard: FileLock | None = None

    def run(self, config: MkDocsConfig) -> None:
        """Bring the examples and the pages' blocks up to date, and publish what they show.

        Raises:
            Abort: If one fails, or the cache cannot be used.
        """
        items = [*self.examples, *self.blocks.values()]
        try:
            if self.preview is not None:
                self.runs, self.problems = self.preview.current(items)
                self.published = snippets.publish(self.project, items, self.runs)
            else:
                self._guard = cache.hold(self.project, Path(config.site_dir))
                with cache.lock(self.project):
                    outcome = runner.bring_up_to_date(items)
                    self.runs = outcome.runs
                    self.published = snippets.publish(self.project, items, self.runs)
                failed = [problem for found in outcome.problems.values() for problem in found]
                if failed:
                    abort(failed)
        except cache.CacheError as error:
            raise Abort(f"error: {error}") from None
        self.problems += self.published.problems
        self._markdown = markdown.Markdown(
            extensions=config.markdown_extensions, extension_configs=config.mdx_configs or {}
        )

    def beneath(self, place: str) -> dict[int, str]:
        """Markdown of what stands beneath the blocks of a page, by their numbers.

        In a preview that is why a block failed, or that the first one waits.
        """
        item = self.blocks.get(f"docs/{place}")
        if item is None:
            return {}
        if item.name in self.published.shown:
            shown = enumerate(self.published.shown[item.name], start=1)
            return {number: one.markdown for number, one in shown if one.markdown.strip()}
        if self.preview is None:
            return {}
        problems = self.preview.problems(item)
        if problems == []:  # another stage names it
            return {}
        line = problems[0].line if problems else 0
        return {item.number_at(line): self.preview.waiting(item)}

    def render(self, text: str) -> str:
        """The HTML of Markdown that belongs to a page and is no part of its source."""
        return str(self._markdown.reset().convert(text))

    def runs_of(self, place: str) -> list[Run]:
        """The runs behind a page: its example's, and that of its blocks."""
        names = (place.removesuffix(".md"), f"docs/{place}")
        return [self.runs[name] for name in names if name in self.runs]

    def read_reference(self, config: MkDocsConfig) -> None:
        """Read the bibliography and the glossary."""
        reference = Path(config.docs_dir) / "reference"
        self.bibliography = Bibliography.load(reference / "bibliography.bib")
        self.glossary = Glossary.load(reference / "glossary.toml")
        self.problems += [*self.bibliography.problems, *self.glossary.problems]

    def add_files(self, files: Files, config: MkDocsConfig) -> None:
        """Add each example's page, its downloads and its figures; leave data files out."""
        repository = self.published_at
        for name in ("glossary", "roles", "slides"):
            path = f"reference/{name}.toml"
            if (file := files.get_file_from_path(path)) is not None:
                files.remove(file)
        self.problems += self.shelf.fill(self.examples, self.runs, repository, files, config)
        for path, content in self.published.files.items():
            files.append(File.generated(config, path, content=content))
        for path, text in api.pages(self.project):
            files.append(File.generated(config, path, content=text))
        files_to_take, problems = starters.starters(self.project)
        for path, text in files_to_take.items():
            files.append(File.generated(config, path, content=text))
        self.problems += [*problems, *api.unpackaged(self.project)]

    def note_order(self, nav: Navigation, config: MkDocsConfig, files: Files) -> None:
        """Note the order of the course, and which pages there are."""
        self.nav_pages = {page.file.src_uri: page for page in nav.pages}
        self.course = course.read(Path(config.docs_dir), self.nav_pages)
        for folder, suffix in (("examples", "ipynb"), (API, "md")):
            _link([f"{folder}/{lesson}.{suffix}" for lesson in self.course.lessons], files)
        for file in files.documentation_pages(inclusion=InclusionLevel.is_in_nav):
            if file.src_uri in self.nav_pages or not Path(config.docs_dir, file.src_uri).is_file():
                continue
            message = f"the nav lacks this page: add '- {file.src_uri}' in its place"
            self.problems.append(Problem("mkdocs.yml", 0, message))
        places = (file.src_uri for file in files)
        self.memory.begin(self.project, config, places, self.repository, self._ran)

    def _ran(self, place: str) -> object:
        """What the page in a place shows of its runs."""
        runs = [(r.date, r.seconds, sorted(r.versions.items())) for r in self.runs_of(place)]
        return self.beneath(place), runs

    @functools.cached_property
    def pending(self) -> set[str]:
        """The examples that have no current run."""
        return {example.name for example in self.examples} - self.runs.keys()

    def text_key(self, page: Page, files: Files) -> str:
        """A digest of everything that a page's text is made of."""
        lesson = page.file.src_uri.removesuffix(".md")
        script = files.get_file_from_path(f"{lesson}.js")
        used = links.used_in(lesson, self.runs, page.url)
        more = (self.course.digest, used, script and script.content_bytes, self.preview is None)
        return self.memory.digest(page, page.file.content_string, more)

    def write_bibliography(self, files: Files) -> None:
        """Fill in the bibliography, which needs every page."""
        file = files.get_file_from_path(BIBLIOGRAPHY)
        if file is None or file.page is None:
            return
        page = file.page
        cited = {
            key: [(title, get_relative_url(url, page.url)) for title, url in places]
            for key, places in self.cited.items()
        }
        lists, problems = self.bibliography.page(cited)
        self.problems += problems
        for letter, entries in lists.items():
            mark = self.bibliography.mark(letter)
            page.content = (page.content or "").replace(mark, entries)

    def draw_cards(self, files: Files, config: MkDocsConfig) -> None:
        """Draw the cards of shared pages."""
        for file in files.documentation_pages():
            if file.page is not None:
                cards.give_card(self.project.cache, file.page, files, config)
        # The page for a missing address is no page of MkDocs: it has the home page's card.
        home = files.get_file_from_path("index.md")
        if home is not None and home.page is not None:
            config.extra["og_image"] = home.page.meta["og_image"]

    def add_font(self, files: Files, config: MkDocsConfig) -> None:
        """Cut the math font down to the characters that the pages use."""
        if not self.characters:
            return
        letters = "".join(sorted(self.characters))
        digest = hashlib.sha256(letters.encode()).hexdigest()[:16]
        path = self.project.cache / "fonts" / f"{digest}.woff2"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            font.write_font(self.characters, path)
        made = File.generated(config, "assets/fonts/math.woff2", abs_src_path=str(path))
        files.append(made)

    def check_site(self, config: MkDocsConfig) -> None:
        """Write what all pages share, and check the built site where every page could be read."""
        site = Path(config.site_dir)
        self.styles.write(site)
        base = urlsplit(config.site_url or "/").path
        if not self.unread:
            self.problems += check.check(self.project, site, base)
        (site / ".nojekyll").touch()

    def dated(self, html: str) -> str:
        """A made page with the commit of this build in its addresses."""
        return self.published_at.dated(html) if self.published_at else html

    def release(self) -> None:
        """Let another build write into the folder of this one."""
        if self._guard is not None:
            self._guard.release()
            self._guard = None

    def label(self, page: Page) -> str:
        """The source of a page as messages name it."""
        place = page.file.src_uri
        if found := self.shelf.pages.get(place):
            return found[0].label
        if lesson := documented(place):
            return api.sources(self.project, lesson)[0][0]
        return f"docs/{place}"

    def waiting(self, sources: Iterator[str | None]) -> str:
        """For a preview: a notice for each example among `sources` without a current run."""
        if self.preview is None:
            return ""
        wanted = set(sources) - self.runs.keys()
        pending = [example for example in self.examples if example.name in wanted]
        return "".join(map(self.preview.waiting, pending))


def _link(places: list[str], files: Files) -> None:
    """Have pages that the nav lacks lead to the one before and the one after."""
    found = [files.get_file_from_path(place) for place in places]
    pages = [file.page for file in found if file is not None and file.page is not None]
    for before, after in itertools.pairwise(pages):
        before.next_page, after.previous_page = after, before


def abort(problems: list[Problem]) -> Any:
    """Name every problem and end the build.

    Raises:
        Abort: Always.
    """
    count = report(problems)
    raise Abort(f"The site was not built: {count} problem{'s' * (count > 1)}, named above.")
