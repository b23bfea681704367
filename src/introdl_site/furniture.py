"""What stands around a page's text: links to its code, its card, its description."""

from __future__ import annotations

import hashlib
import html as html_module
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from introdl_site import social
from introdl_site.execute import Run
from introdl_site.pages import heading
from introdl_site.problems import Problem, line_of
from introdl_site.project import Example, Project
from introdl_site.repository import Repository
from introdl_site.symbols import modules

Link = dict[str, str]

_PAGE_LINK = re.compile(r'(?<=href=")(?P<path>[^":#?]+\.(?:md|ipynb|py))(?P<rest>#[^"]*)?(?=")')
_SITE = re.compile(r'(?<=")site:/(?P<path>[^"]*)(?=")')
_SOURCE = re.compile(
    r'<a (?P<only>class="dl-repo" )?href="source:/(?P<path>[^"#]*)(?P<line>#[^"]*)?">'
    r"(?P<text>.*?)</a>"
)

_CODE_AGAIN = re.compile(
    r'(<div class="jp-InputArea[^>]*>\s*<div[^>]*>)<pre\b.*?</pre>'
    r'|<details class="mkdocstrings-source">.*?</details>',
    re.DOTALL,
)
_SPAN = re.compile(r"</?span\b[^>]*>")


def check_description(page: Page, path: str) -> list[Problem]:
    """Demand the sentence that search engines and shared links show."""
    description = str(page.meta.get("description", "")).strip()
    if '"' in description:
        return [
            Problem(path, 1, 'a " in the description would end it in the page; write it without')
        ]
    if description:
        return []
    return [Problem(path, 1, "no description; begin the page with ---\ndescription: ...\n---")]


def title(text: str, page: Page) -> str:
    """The first heading of a page's Markdown."""
    return heading(text) or str(page.meta.get("title", page.file.name))


def lesson_links(lesson: str, url: str, repository: Repository | None, root: Path) -> list[Link]:
    """Links from a lesson to its notebook, its downloads, its tests and its module's API."""
    part, _, name = lesson.partition("/")
    base = get_relative_url(f"examples/{lesson}/", url)
    links = [{"label": "Executed notebook", "url": base, "icon": "notebook"}]
    links += _downloads(base, name, lesson, repository)
    if repository is not None:
        tests = f"tests/{part}/test_{name}.py"
        links.append({"label": "Tests", "url": repository.source(tests), "icon": "test"})
    if modules(root / "src", lesson):
        api = get_relative_url(f"reference/api/{lesson}/", url)
        links.append({"label": "API", "url": api, "icon": "api"})
    return links


def api_links(lesson: str, url: str, files: Files) -> list[Link]:
    """Links from the documentation of a lesson's code to the lesson, its notebook and the list."""
    return [
        {"label": label, "url": get_relative_url(file.url, url), "icon": icon}
        for label, place, icon in (
            ("The lesson", f"{lesson}.md", "lesson"),
            ("Executed notebook", f"examples/{lesson}.ipynb", "notebook"),
            ("All of the API", "reference/api/index.md", "api"),
        )
        if (file := files.get_file_from_path(place)) is not None
    ]


def example_links(
    example: Example, url: str, repository: Repository | None, files: Files
) -> list[Link]:
    """Links from an example's page to its lesson and its downloads."""
    links = []
    lesson = files.get_file_from_path(f"{example.name}.md")
    if lesson is not None:
        link = get_relative_url(lesson.url, url)
        links.append({"label": "The lesson", "url": link, "icon": "lesson"})
    return links + _downloads("", Path(example.name).name, example.name, repository)


def _downloads(base: str, name: str, example: str, repository: Repository | None) -> list[Link]:
    links = [
        {"label": ".ipynb", "url": f"{base}{name}.ipynb", "icon": "download"},
        {"label": ".py", "url": f"{base}{name}.py", "icon": "download"},
    ]
    # What is about the project itself needs its tests, which no installation brings.
    whole = example.startswith("reference/")
    place = f"examples/{example}/{name}.ipynb"
    colab = repository.colab(place) if repository and not whole else None
    if colab:
        links.append({"label": "Open in Colab", "url": colab, "icon": "colab"})
    return links


def used_in(lesson: str, runs: Mapping[str, Run], url: str) -> list[Link]:
    """The other examples that really imported the lesson's module when they ran."""
    module, package = f"src/introdl/{lesson}.py", f"src/introdl/{lesson}/__init__.py"
    return [
        {"label": name, "url": get_relative_url(f"examples/{name}/", url)}
        for name, run in sorted(runs.items())
        if {module, package} & run.paths.keys()
        and name != lesson
        and not name.startswith("reference/")
    ]


def resolve_links(html: str, example: Example, url: str, files: Files) -> tuple[str, list[Problem]]:
    """Turn an example's links to source files into links to their pages."""
    problems = []
    folder = posixpath.dirname(f"examples/{example.name}")

    def resolve(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, match["path"]))
        file = files.get_file_from_path(target.removeprefix("docs/"))
        if file is None and target.endswith(".py"):
            file = files.get_file_from_path(target.removesuffix(".py") + ".ipynb")
        if file is None:
            text = example.path.read_text(encoding="utf-8")
            message = f"dead link: there is no {match['path']!r} beside docs/{folder}"
            problems.append(Problem(example.label, line_of(text, match["path"]), message))
            return match[0]
        return get_relative_url(file.url, url) + (match["rest"] or "")

    return _PAGE_LINK.sub(resolve, html), problems


def addresses(html: str, url: str, repository: Repository | None) -> str:
    """Fill in `site:/…`, a place of this site, and `source:/…`, a file of the repository.

    A checkout that belongs to no repository has no link to a source: of such a link in a sentence
    the words stay.
    """

    def source(match: re.Match[str]) -> str:
        if repository is None:
            return "" if match["only"] else match["text"]
        address = repository.source(match["path"], match["line"] or "")
        return f'<a href="{html_module.escape(address)}">{match["text"]}</a>'

    def site(match: re.Match[str]) -> str:
        path, hash_, anchor = match["path"].partition("#")
        return get_relative_url(path, url) + hash_ + anchor

    return _SITE.sub(site, _SOURCE.sub(source, html))


def searched(html: str) -> str:
    """Take what the search indexes of a page: no code that stands elsewhere too, and no colours.

    So a reader who searches finds the lesson, and the index is half as large. Without the spans
    of its colours, code is parsed in a fraction of the time.
    """
    return _SPAN.sub("", _CODE_AGAIN.sub(r"\1", html))


def open_graph(project: Project, page: Page, files: Files, config: MkDocsConfig) -> None:
    """Draw the card that shows when the page is shared, once for each title."""
    part = page.url.split("/")[0] if page.url.count("/") > 1 else ""
    name = str(page.title or config.site_name)
    digest = hashlib.sha256(f"{name}\n{part}".encode()).hexdigest()[:16]
    drawn = project.cache / "cards" / f"{digest}.png"
    if not drawn.is_file():
        drawn.parent.mkdir(parents=True, exist_ok=True)
        social.card(name, part.replace("_", " ").title(), drawn)
    uri = f"assets/cards/{digest}.png"
    if files.get_file_from_path(uri) is None:
        files.append(File.generated(config, uri, abs_src_path=str(drawn)))
    page.meta["og_image"] = uri
