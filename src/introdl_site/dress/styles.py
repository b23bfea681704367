"""Put the stylesheets of all pages into one, which a page waits for once."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import minify_html
from mkdocs.utils import get_relative_url

BUNDLE = "assets/all.css"

_LINK = re.compile(r'<link\s+rel="stylesheet"\s+href="(?P<href>[^":]+)"\s*/?>\s*')
_ADDRESS = re.compile(r"""url\((?P<quote>["']?)(?!data:|#|/)(?P<path>[^)"':]+)(?P=quote)\)""")


class Styles:
    """The stylesheets that pages link, in the order in which they are first linked."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def replace(self, html: str, url: str) -> str:
        """Note the stylesheets of the page at `url`, and link the one that holds them all."""
        first = _LINK.search(html)
        if first is None:
            return html
        for match in _LINK.finditer(html):
            # A page in no folder, such as the one for a missing page, links from the root.
            joined = posixpath.normpath(posixpath.join("/", url, match["href"])).lstrip("/")
            if joined not in self.paths:
                self.paths.append(joined)
        link = f'<link rel="stylesheet" href="{get_relative_url(BUNDLE, url)}">'
        return html[: first.start()] + link + _LINK.sub("", html[first.start() :])

    def write(self, site: Path) -> None:
        """Write the bundle into a built site.

        Raises:
            FileNotFoundError: If a page links a stylesheet that is not in the site.
        """
        sheets = [self._read(site, path) for path in self.paths]
        styled = minify_html.minify(f"<style>{''.join(sheets)}</style>", minify_css=True)
        content = styled.removeprefix("<style>").removesuffix("</style>")
        (site / BUNDLE).write_text(content, encoding="utf-8")

    def _read(self, site: Path, path: str) -> str:
        def move(match: re.Match[str]) -> str:
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), match["path"]))
            return f'url("{posixpath.relpath(there, posixpath.dirname(BUNDLE))}")'

        text = (site / path).read_text(encoding="utf-8")
        return _ADDRESS.sub(move, re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text))
