"""The facts that stand in a page's own text: its title, its description, the time to read it."""

from __future__ import annotations

import functools
import html
import re

import markdown
from markdown.extensions.toc import slugify, unique
from mkdocs.structure.pages import Page
from mkdocs.utils.meta import get_data

from introdl_site.problems import Problem

_HEADING = re.compile(r"^# (?P<title>.+?)\s*(?:\{[^{}]*\})?\s*$", re.MULTILINE)
_SECTION = re.compile(
    r"^(?:(?P<level>#{1,6})|/// exercise \|) (?P<title>.+?)\s*(?P<marks>\{[^{}]*\})?\s*$",
    re.MULTILINE,
)
_FENCED = re.compile(r"^([ \t]*)(`{3,}|~{3,}).*?^\1\2[`~]*[ \t]*$", re.DOTALL | re.MULTILINE)


@functools.cache  # a preview asks at every edit
def title_of(text: str) -> str | None:
    r"""The title of a page's Markdown as plain text; None where it has none.

    Examples:
        >>> title_of("---\ndescription: x\n# a note\n---\n# The *XOR* problem { #xor }\n\nText.")
        'The XOR problem'
        >>> title_of("```python\n# no title\n```\n") is None
        True
    """
    body, _ = get_data(text.removeprefix("\ufeff"))
    match = _HEADING.search(_FENCED.sub("", body))
    return plain(match["title"]) if match else None


@functools.cache  # a preview asks at every edit
def sections(text: str) -> dict[str, str]:
    r"""The anchors of a page's headings below its title, and what these say.

    Examples:
        >>> sections("# T\n\n## *One* two\n\n### One two\n\n## XOR { #x }\n")
        {'one-two': 'One two', 'one-two_1': 'One two', 'x': 'XOR'}
    """
    body, _ = get_data(text.removeprefix("\ufeff"))
    found: dict[str, str] = {}
    taken: set[str] = set()
    for match in _SECTION.finditer(_FENCED.sub("", body)):
        shown = plain(match["title"])
        given = re.search(r"#([\w-]+)", match["marks"] or "")
        anchor = given[1] if given else unique(slugify(shown, "-"), taken)
        taken.add(anchor)
        if match["level"] != "#":
            found[anchor] = shown
    return found


@functools.cache  # to make a parser takes longer than to use it
def plain(text: str) -> str:
    """Markdown of one line as the text that it shows."""
    return html.unescape(re.sub(r"<[^>]+>", "", markdown.markdown(text))).strip()


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


def reading_minutes(text: str) -> int:
    """Minutes to read a page's prose, at 200 words a minute; code and links do not count.

    Examples:
        >>> reading_minutes("word " * 500)
        3
    """
    prose = re.sub(r"^(\s*)(`{3,}).*?^\1\2", "", text, flags=re.DOTALL | re.MULTILINE)
    prose = re.sub(r"\]\([^)]*\)|<[^>]+>|^\s*-{2,}8<.*$", " ", prose, flags=re.MULTILINE)
    words = len(re.findall(r"[^\W_]{2,}", prose))
    return max(1, round(words / 200 + 0.01))
