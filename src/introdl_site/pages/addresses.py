"""The addresses in a page: of files beside a source, of the site, and of the repository."""

from __future__ import annotations

import html as html_module
import posixpath
import re

from mkdocs.structure.files import Files
from mkdocs.utils import get_relative_url

from introdl_site.problems import Problem, line_of
from introdl_site.project import Example
from introdl_site.repository import Repository
from introdl_site.sources import read

_PAGE_LINK = re.compile(r'(?<=href=")(?P<path>[^":#?]+\.(?:md|ipynb|py))(?P<rest>#[^"]*)?(?=")')
_SITE = re.compile(r'(?<=")site:/(?P<path>[^"]*)(?=")')
_SOURCE = re.compile(
    r'<a (?P<only>class="dl-repo" )?href="source:/(?P<path>[^"#]*)(?P<line>#[^"]*)?">'
    r"(?P<text>.*?)</a>"
)


def resolve(html: str, example: Example, url: str, files: Files) -> tuple[str, list[Problem]]:
    """Turn an example's links to source files into links to their pages."""
    problems = []
    folder = posixpath.dirname(f"examples/{example.name}")

    def resolve(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, match["path"]))
        file = files.get_file_from_path(target.removeprefix("docs/"))
        if file is None and target.endswith(".py"):
            file = files.get_file_from_path(target.removesuffix(".py") + ".ipynb")
        if file is None:
            text = read(example.path)
            message = f"dead link: there is no {match['path']!r} beside docs/{folder}"
            problems.append(Problem(example.label, line_of(text, match["path"]), message))
            return "#"  # named here, so the check of the built site need not
        return get_relative_url(file.url, url) + (match["rest"] or "")

    return _PAGE_LINK.sub(resolve, html), problems


def fill(html: str, url: str, repository: Repository | None) -> str:
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
