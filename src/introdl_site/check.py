"""Read the built site as its visitors' browsers will, and name what is wrong in the sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from introdl_site.problems import Problem, line_of
from introdl_site.project import Project
from introdl_site.publishing.symbols import modules
from introdl_site.sources import read

_TRACEBACK = re.compile(r"Traceback \(most recent call last\)|^\w*Error: ", re.MULTILINE)
_PLACEHOLDER_ALT = ("no description has been provided", "image", "figure", "plot", "png", "")


#: Where the address of what a browser fetches by itself stands.
_FETCHED = (
    "//script/@src|//img/@src|//iframe/@src|//audio/@src|//video/@src|//video/@poster"
    "|//source/@src|//track/@src|//embed/@src|//object/@data|//link[not(@rel='canonical')]/@href"
)


@dataclass
class _BuiltPage:
    path: Path
    tree: html.HtmlElement
    ids: set[str]


def check(project: Project, site: Path, base: str = "/") -> list[Problem]:
    """Find dead links and anchors, missing alt texts, tracebacks and requests to other hosts.

    Args:
        project: The checkout that the site was built from.
        site: The built site.
        base: The path under which the site is published, such as `/name/`.

    Returns:
        A problem for each, with the line of the source where it can be found.
    """
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    problems = []
    for page in pages.values():
        sources = _sources(project, site, page.path)
        found = [
            *_links(page, pages, site, base),
            *_images(page),
            *_outputs(page),
            *_requests(page),
            *_citations(page),
        ]
        for message, needle in found:
            lines = [(label, _line(text, needle)) for label, text in sources]
            label, line = next((place for place in lines if place[1]), lines[0])
            problems.append(Problem(label, line, message))
    return problems


def _read(path: Path) -> _BuiltPage:
    tree = html.fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    ids = {str(i) for i in tree.xpath("//@id")} | {str(i) for i in tree.xpath("//a/@name")}
    return _BuiltPage(path, tree, ids)


def _sources(project: Project, site: Path, path: Path) -> list[tuple[str, str]]:
    """The files that a page was made from, and their texts."""
    url = path.relative_to(site).as_posix().removesuffix("index.html").rstrip("/")
    root = project.root
    found = [
        (project.relative(candidate), read(candidate))
        for candidate in (
            root / "docs" / f"{url}.md",
            root / "docs" / url / "index.md",
            root / f"{url}.py",
            *modules(root / "src", url.removeprefix("reference/api/")),
        )
        if candidate.is_file()
    ]
    for name in re.findall(r"^::: ([\w.]+)", found[0][1] if found else "", re.MULTILINE):
        module = root / "src" / f"{name.replace('.', '/')}.py"
        if module.is_file():
            found.append((project.relative(module), read(module)))
    return found or [(f"site/{path.relative_to(site).as_posix()}", "")]


def _citations(page: _BuiltPage) -> list[tuple[str, str]]:
    text = "\n".join(page.tree.xpath("//article//text()[not(ancestor::pre or ancestor::code)]"))
    return [
        (f"{cited}] stands as it is: a citation belongs into a lesson's prose", cited)
        for cited in re.findall(r"\[@[A-Za-z][\w:.-]*", text)
    ]


def _line(text: str, needle: str) -> int:
    """The line with `needle`, or else with the last part of it that the source spells out."""
    if needle and (line := line_of(text, needle)):
        return line
    parts = [part for part in re.split(r"[/#]", needle) if part not in ("", ".", "..")]
    return next((line for part in reversed(parts) if (line := line_of(text, part))), 0)


def _links(
    page: _BuiltPage, pages: dict[Path, _BuiltPage], site: Path, base: str
) -> list[tuple[str, str]]:
    # The menus are the same on every page; one page is enough to name what is wrong in them.
    is_home = page.path == site / "index.html"
    found = []
    for attribute in ("href", "src", "poster", "data"):
        for element in page.tree.iter(etree.Element):
            address = element.get(attribute)
            if address is None or (element.xpath("ancestor::nav") and not is_home):
                continue
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = _target(page.path, parts.path, site, base)
            if not target.exists():
                found.append((f"dead link: {address!r} is not in the site", address))
            elif parts.fragment and target in pages:
                anchor = unquote(parts.fragment)
                if anchor not in pages[target].ids and not anchor.startswith("__"):
                    where = target.relative_to(site).as_posix()
                    found.append((f"dead link: {where} has no anchor #{anchor}", address))
    return found


def _target(page: Path, path: str, site: Path, base: str) -> Path:
    if not path:
        return page
    start = page.parent
    if path.startswith("/"):
        start, path = site, path.removeprefix(base)
    target = (start / unquote(path).lstrip("/")).resolve()
    return target / "index.html" if target.is_dir() else target


def _images(page: _BuiltPage) -> list[tuple[str, str]]:
    found = []
    for image in page.tree.iter("img"):
        alt = image.get("alt")
        if alt is None or alt.strip().lower() in _PLACEHOLDER_ALT:
            source = image.get("src", "")
            found.append((f"image without alt text: {source[:80]}", source.rpartition("/")[2]))
    return found


def _outputs(page: _BuiltPage) -> list[tuple[str, str]]:
    found = []
    for block in page.tree.xpath("//*[contains(@class, 'jp-OutputArea-output')]"):
        text = block.text_content()
        if not text.strip() and not block.xpath(".//img|.//svg|.//table"):
            found.append(("an output is empty", ""))
        if match := _TRACEBACK.search(text):
            found.append((f"a traceback is published: {match[0]}", match[0]))
    for block in page.tree.xpath("//*[contains(@class, 'language-text')]"):
        if match := _TRACEBACK.search(block.text_content()):
            found.append((f"a traceback is published: {match[0]}", match[0]))
    return found


def _requests(page: _BuiltPage) -> list[tuple[str, str]]:
    """What a browser fetches by itself must come from this site."""
    found = []
    addresses = page.tree.xpath(_FETCHED)
    for several in page.tree.xpath("//@srcset"):
        addresses += [one.split()[0] for one in several.split(",") if one.strip()]
    for address in addresses:
        if urlsplit(address).netloc:
            found.append((f"a request to another host: {address}", address))
    return found
