"""The Markdown block `/// move | name`: the place of a thing to move, and its still picture."""

from __future__ import annotations

import html as html_module
import json
import re
from collections.abc import Collection
from typing import ClassVar
from xml.etree.ElementTree import Element, SubElement

from mkdocs.utils import get_relative_url

from introdl_site.pages.blocks import BlockError, CourseBlock, as_is

_FIGURE = re.compile(r'<figure\b(?=[^>]* class="move")[^>]*>')
_MOUNT = re.compile(r"""\bmount\(\s*["'`]([\w-]+)["'`]""")
_NAME, _FILES = re.compile(r' data-move="([^"]*)"'), re.compile(r' data-files="([^"]*)"')


class Move(CourseBlock):
    """A place in which the lesson's module mounts something that the reader can move.

    What stands in the block is a still picture of it, for readers without JavaScript and on paper.
    """

    NAME = "move"
    OPTIONS: ClassVar = {"label": (None, as_is), "data": ("", as_is)}

    def begin(self, parent: Element) -> Element:
        """Open the figure, with a stage that is empty and its data as written."""
        name = self.need_title()
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
            raise self.fault("has a name that is not lower case; as in '/// move | run'")
        label, data = self.options["label"], self.options["data"]
        if not isinstance(label, str) or not label.strip():
            raise self.fault("has no label; write '    label: What it shows' below its first line")
        listed = data if isinstance(data, list) else str(data or "").split(",")
        files = ",".join(str(file).strip() for file in listed if str(file).strip())
        attributes = {"class": "move", "data-move": name, "data-files": files, "aria-label": label}
        figure = SubElement(parent, "figure", attributes)
        SubElement(figure, "div", {"class": "move-stage"})
        SubElement(figure, "div", {"class": "move-still"})
        return figure

    def on_add(self, block: Element) -> Element:
        """What stands in the block is its still picture."""
        return block[1]

    def finish(self, block: Element) -> None:
        """Demand a still picture."""
        if not len(block[1]):
            message = "has no still picture; include one, or say in words what it shows"
            raise self.fault(message)


def mounted(module: str) -> list[str]:
    """The names that a lesson's JavaScript module mounts.

    Examples:
        >>> mounted('mount("run", async ({ stage }) => {});')
        ['run']
    """
    return _MOUNT.findall(module)


def fill(
    html: str,
    lesson: str,
    url: str,
    published: Collection[str],
    mounts: Collection[str] | None,
    waits: Collection[str] = (),
) -> str:
    """Write the address of each file into the figures of a page.

    Args:
        html: The page.
        lesson: Its lesson, like `history/perceptron`.
        url: Its address.
        published: The addresses of all files of the site.
        mounts: The names that the lesson's module mounts, or None where it has no module.
        waits: Examples that a preview has not run yet; their files are not asked for.

    Raises:
        BlockError: If a file is not published, or nothing mounts the figure.
    """

    def write(match: re.Match[str]) -> str:
        name, listed = _NAME.findall(match[0])[0], _FILES.findall(match[0])[0]
        if mounts is None:
            message = f"is never mounted: there is no docs/{lesson}.js; write it"
            raise BlockError(Move.NAME, name, message)
        if name not in mounts:
            message = f'is never mounted: docs/{lesson}.js has no mount("{name}", …)'
            raise BlockError(Move.NAME, name, message)
        files: dict[str, str] = {}
        for file in filter(None, html_module.unescape(listed).split(",")):
            place = f"examples/{file if '/' in file else f'{lesson}/{file}'}"
            short = file.rpartition("/")[2]
            if place.removeprefix("examples/").rpartition("/")[0] in waits:
                continue
            if place not in published:
                raise BlockError(Move.NAME, name, _missing(file, place, published))
            if short in files:
                raise BlockError(Move.NAME, name, f"has two files that are called {short!r}")
            files[short] = get_relative_url(place, url)
        written = html_module.escape(json.dumps(files))
        return _FILES.sub(lambda _: f' data-files="{written}"', match[0])

    return _FIGURE.sub(write, html)


def _missing(file: str, place: str, published: Collection[str]) -> str:
    folder = place.rpartition("/")[0]
    ends = (".json", ".safetensors", ".wav", ".png", ".webp")
    there = [p.rpartition("/")[2] for p in published if p.rpartition("/")[0] == folder]
    known = ", ".join(sorted(name for name in there if name.endswith(ends))) or "nothing"
    return f"asks for {file!r}, but {folder}.py publishes {known}"
