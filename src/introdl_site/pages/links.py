"""The links around a page: from a lesson to its code in all its forms, and back."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from mkdocs.structure.files import Files
from mkdocs.utils import get_relative_url

from introdl_site.pages.outline import Outline
from introdl_site.project import Example
from introdl_site.publishing.symbols import modules
from introdl_site.repository import Repository
from introdl_site.running.run import Run

Link = dict[str, str]

_PAGE_LINK = re.compile(r"\]\((?P<path>[^)#\s:]+\.md)(?:#[^)\s]*)?\)")


def dead(page: Outline, place: str, files: Files) -> Iterator[tuple[int, str]]:
    """The line and the message of each link of a page's Markdown that leads to no page."""
    for line in page.lines:
        for match in () if line.fenced else _PAGE_LINK.finditer(line.text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(place), match["path"]))
            if files.get_file_from_path(target) is None:
                yield line.number, f"dead link: there is no docs/{target}"


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
