"""Take out of an example's page what mkdocs-jupyter brings along, and keep what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable

import lxml.html
from lxml.html import HtmlElement

# The bulk, half a megabyte of it, goes before anything is parsed.
_BULK = re.compile(r"<(style|script)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ELSEWHERE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
_FETCHED = ("src", "srcset", "data", "poster", "background")

_UNUSED = (
    "jp-Collapser",
    "jp-InputPrompt",
    "jp-OutputPrompt",
    "zeroclipboard-container",
    "clipboard-copy-txt",
    "celltoolbar",
)
_WRAPPERS = (
    "jp-Cell-inputWrapper",
    "jp-Cell-outputWrapper",
    "jp-InputArea-editor",
    "CodeMirror",
    "jp-OutputArea-child",
)


def slim(html: str) -> str:
    """Reduce a notebook's page to its content, in the markup of the lessons' pages.

    Styles, scripts, prompts and the second copy of each cell's code go; so does all that would
    be asked of another host, where an image leaves its alternative text. Code becomes the
    site's own code block (Pygments' classes, copy button), a table a plain table.

    Args:
        html: The content that `mkdocs_jupyter.convert.nb2html` made of a notebook.

    Returns:
        The content, without a style, a script or a link to a stylesheet.
    """
    root = lxml.html.fragment_fromstring(_BULK.sub("", html), create_parent="div")
    for comment in root.xpath("//comment()"):
        comment.drop_tree()
    _drop(root.iter("link", "meta", "base", "iframe", "object", "embed"))
    for name in _UNUSED:
        _drop(_having(root, name))
    for cell in _having(root, "jp-CodeCell"):
        _one_of_two(cell)
    for name in _WRAPPERS:
        for element in _having(root, name):
            element.drop_tag()
    for element in list(root.iter()):
        _mend_attributes(element)
    for block in _having(root, "highlight-ipynb"):
        _as_code_block(block)
    for anchor in _having(root, "anchor-link"):
        anchor.set("class", "headerlink")
    for table in _having(root, "dataframe"):
        for name in ("class", "border"):
            table.attrib.pop(name, None)
        for heading in table.iter("th"):
            if not heading.text_content().strip():
                heading.tag = "td"
    for element in root.iter("div"):
        if "jp-" in element.get("class", ""):
            _close_gaps(element)
    inner = (root.text or "") + "".join(
        lxml.html.tostring(child, encoding="unicode") for child in root
    )
    return inner.strip() + "\n"


def _having(root: HtmlElement, name: str) -> list[HtmlElement]:
    return list(root.find_class(name))


def _drop(elements: Iterable[HtmlElement]) -> None:
    for element in list(elements):
        element.drop_tree()


def _one_of_two(cell: HtmlElement) -> None:
    """The template puts each code cell into another one."""
    parent = cell.getparent()
    if parent is not None and "jp-CodeCell" in parent.get("class", "").split():
        cell.drop_tag()


def _mend_attributes(element: HtmlElement) -> None:
    # Where something scrolls, the site's script makes it reachable by keyboard.
    if "jp-" in element.get("class", ""):
        element.attrib.pop("tabindex", None)
    if element.get("id", "").startswith("cell-id="):
        del element.attrib["id"]
    if "url(" in element.get("style", ""):
        del element.attrib["style"]
    if any(_ELSEWHERE.match(element.get(name, "")) for name in _FETCHED):
        if alternative := element.get("alt"):
            element.tail = f"{alternative}{element.tail or ''}"
        element.drop_tree()


def _close_gaps(element: HtmlElement) -> None:
    """Keep one line break of the blank lines that were around what has gone."""
    if element.text and element.text.isspace():
        element.text = "\n"
    for child in element:
        if child.tail and child.tail.isspace():
            child.tail = "\n"


def _as_code_block(block: HtmlElement) -> None:
    """Give Pygments' output the form in which pymdownx.highlight writes it."""
    block.set("class", "language-python highlight")
    for pre in block.iter("pre"):
        code = lxml.html.Element("code")
        code.text, pre.text = pre.text, None
        for child in list(pre):
            code.append(child)
        pre.append(code)
