"""What the search indexes of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

_AGAIN = re.compile(
    r'(<div class="jp-InputArea[^>]*>\s*<div[^>]*>)<pre\b.*?</pre>'
    r'|<details class="mkdocstrings-source">.*?</details>'
    r'|<ul class="sources">.*?</ul>',
    re.DOTALL,
)
#: How much more a lesson weighs than what is looked up. A word in a heading weighs 1,000 times one
#: in the text, and the name of a function is a heading: a lesson's text outweighs it.
LESSON = 100_000

_ACCENTS = {
    "~": "\u0303",
    "˜": "\u0303",
    "^": "\u0302",
    "ˆ": "\u0302",
    "¯": "\u0304",
    "˙": "\u0307",
}
_ACCENTED = re.compile(
    rf"<mover[^>]*><mi[^>]*>(\w)</mi><mo[^>]*>([{re.escape(''.join(_ACCENTS))}])</mo></mover>"
)
_SPAN = re.compile(r"</?span\b[^>]*>")


def searched(html: str) -> str:
    """Take what the search indexes of a page: nothing that stands elsewhere too, and no colours.

    So a reader who searches finds the lesson, and the index is half as large. Without the spans
    of its colours, code is parsed in a fraction of the time.
    """
    html = _ACCENTED.sub(lambda match: f"<mi>{match[1]}{_ACCENTS[match[2]]}</mi>", html)
    return _SPAN.sub("", _AGAIN.sub(r"\1", html))


def tag(entries: Sequence[dict[str, Any]], terms: Iterable[str]) -> None:
    """Give each term to the section that teaches it: a search for the term finds it first.

    Args:
        entries: What the search has of one page, its title first.
        terms: The words of the glossary that the page teaches.
    """
    for term in terms:
        word = re.compile(rf"<(?:strong|b)>\s*{re.escape(term)}\s*</", re.IGNORECASE)
        places = (entry for entry in entries if word.search(entry["text"]))
        if entries:
            next(places, entries[0]).setdefault("tags", []).append(term)
