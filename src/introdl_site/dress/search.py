"""What the search indexes of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from introdl_site.kinds import Kind

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
_CODE = re.compile("<pre>.*?</pre>", re.DOTALL)
_NAMES = re.compile(r"class \w+|(?<!\.)\b(?:nn|optim|torch)\.[\w.]+(?=\()")
_PROSE = re.compile("<(p|li)>.*?</\\1>", re.DOTALL)
#: Sections of a lesson that ask, and teach nothing.
_ASKS = ("#try-it", "#check-yourself")


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


def thin(entries: Iterable[dict[str, Any]], kind: Kind) -> None:
    """Leave of a page what a search is for: prose, the classes, and what it calls of PyTorch.

    Of what is looked up the first paragraph is left, and of a table of the reference all.

    Args:
        entries: What the search has of one page.
        kind: Its kind.
    """
    for entry in entries:
        text = entry["text"]
        if kind is Kind.REFERENCE:
            entry["text"] = _CODE.sub("", text)
        elif kind is Kind.PAGE:
            asks = entry["location"].endswith(_ASKS)
            code = " ".join(match[0] for match in _CODE.finditer(text))
            names = " ".join(dict.fromkeys(_NAMES.findall(code)))
            prose = "".join(match[0] for match in _PROSE.finditer(_CODE.sub("", text)))
            names = f"<p><code>{names}</code></p>" if names else ""
            entry["text"] = "" if asks else prose + names
        else:
            first = _PROSE.search(_CODE.sub("", text))
            entry["text"] = first[0] if first else ""
