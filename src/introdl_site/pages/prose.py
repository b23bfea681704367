"""Tell a page's prose from its tags, its code, its formulas and its furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][\w-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
#: In these a link would nest in a link, change code, or stand where a reader clicks or scans.
_CLOSED = {
    "a",
    "abbr",
    "button",
    "code",
    "kbd",
    "label",
    "math",
    "option",
    "pre",
    "script",
    "select",
}
_CLOSED |= {"style", "summary", "svg", "template", "textarea", "th", "title"}
_CLOSED |= {f"h{level}" for level in range(1, 7)}
_CLOSED_CLASSES = re.compile(
    r"class=[\"'][^\"']*\b(?:quiz|predict|arithmatex|math-block|highlight|headerlink|admonition-title|"
    r"tabbed-labels|sources|bibliography|glossary|jp-CodeCell|jp-OutputArea|jp-InputPrompt|doc)\b"
)
_VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


def texts(page: str) -> Iterator[tuple[str, bool]]:
    """Cut a page into tags and text; say of each text whether it is prose."""
    closed: list[str] = []  # the open elements, from the one inside which nothing is explained
    place = 0
    for match in _TAG.finditer(page):
        if match.start() > place:
            yield page[place : match.start()], not closed
        yield match[0], False
        place = match.end()
        name = (match[2] or "").lower()
        if not name or name in _VOID or match[0].endswith("/>"):
            continue
        if match[1]:
            if closed and name in closed:
                while closed.pop() != name:
                    pass
        elif closed or name in _CLOSED or _CLOSED_CLASSES.search(match[3]):
            closed.append(name)
    yield page[place:], not closed
