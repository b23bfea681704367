"""What the search indexes of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from typing import Any

from introdl_site.kinds import API, Kind

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
#: Sections of a lesson that teach nothing.
_ASKS = ("#try-it", "#check-yourself", "#sources")
_EXERCISE = re.compile(r'(<section class="exercise">.*?</h\d>).*?</section>', re.DOTALL)
_CHOICES = re.compile(r'<ul class="predict-choices">.*?</ul>', re.DOTALL)
_FOLD = re.compile(r'<details\b(?: class="([\w -]*)")?[^>]*>|</details>')
#: Folds that teach something; the others answer, hint, or plan an hour.
_TEACH = {"deeper", "lecture"}
_SUMMARY = re.compile("<summary>(.*?)</summary>", re.DOTALL)
_OPENS = re.compile(r"<(?:p|li)\b[^>]*>")
_FOLDED = "\ue001"  # stands before a paragraph of a fold until the search has its text
_TAG = re.compile("<[^>]+>")
_WORD = re.compile(r"[^\W\d_]?[\w./'’]*[^\W\d_]{2}[\w./'’]*")  # a formula is none
_SOURCE = re.compile('<span class="dl-source">.*?</span>', re.DOTALL)
_EMPTY = re.compile("<(p|li)>\\s*</\\1>")
_ENTRY = re.compile(r"(<li>.*?\(\d{4}[a-z]?\)\. .*?[.?!])(?=[ <]).*?</li>", re.DOTALL)


def searched(html: str) -> str:
    """Take what the search indexes of a page: nothing that stands elsewhere too, and no colours.

    So a reader who searches finds the lesson, and the index is half as large. What asks is found
    by its title. Without the spans of its colours, code is parsed in a fraction of the time.
    """
    html = _EXERCISE.sub(r"\1</section>", _folds(_SOURCE.sub("", html)))
    html = _CHOICES.sub("", html)
    html = _ACCENTED.sub(lambda match: f"<mi>{match[1]}{_ACCENTS[match[2]]}</mi>", html)
    return _SPAN.sub("", _AGAIN.sub(r"\1", html))


def _folds(html: str) -> str:
    """Leave out the folds that ask, and mark what stands in those that teach."""
    made: list[str] = []
    open_folds: list[bool] = []
    end = 0
    for match in _FOLD.finditer(html):
        text, end = html[end : match.start()], match.end()
        if not open_folds:
            made.append(text)
        elif all(open_folds):
            marked = _OPENS.sub(lambda found: found[0] + _FOLDED, text)
            made.append(_SUMMARY.sub(r"<p>\1</p>", marked))
        if match[0] != "</details>":
            open_folds.append(bool(_TEACH.intersection((match[1] or "").split())))
        elif open_folds:
            open_folds.pop()
    return "".join([*made, html[end:]])


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


def thin(entries: Sequence[dict[str, Any]], kind: Kind) -> None:
    """Leave of a page what a search is for.

    Of a lesson that is the prose, the classes and what it calls of PyTorch; of a fold, its question
    and each word that its section has not said before: a search finds them, and shows the section.
    Of what is looked up it is less: of the reference all but code, of an executed page its first
    paragraph, and of the code's documentation the names, which are titles.

    Args:
        entries: What the search has of one page, its title first.
        kind: Its kind.
    """
    for number, entry in enumerate(entries):
        text = _CODE.sub("", entry["text"])
        if entry["location"].startswith(API):
            text = ""
        elif kind is Kind.REFERENCE:
            text = _ENTRY.sub(r"\1</li>", text)
        elif kind is Kind.PAGE:
            code = " ".join(match[0] for match in _CODE.finditer(entry["text"]))
            names = " ".join(dict.fromkeys(_NAMES.findall(code)))
            found = [match[0] for match in _PROSE.finditer(_EMPTY.sub("", text))]
            names = f"<p><code>{names}</code></p>" if names else ""
            text = "" if entry["location"].endswith(_ASKS) else _said(found) + names
        else:
            first = _PROSE.search(text)
            text = first[0] if first and number < 2 else ""
        entry["text"] = text


def _said(parts: Sequence[str]) -> str:
    """The paragraphs of a section; of its folds each new word, where no result shows it."""
    shown = "".join(part for part in parts if _FOLDED not in part)
    said = set(_words(shown))
    folded = (word for part in parts if _FOLDED in part for word in _words(part))
    new = " ".join(dict.fromkeys(word for word in folded if word not in said))
    return f"{shown}<pre>{new}</pre>" if new else shown


def _words(html: str) -> Iterator[str]:
    for word in re.split(r"[\s–-]+", unescape(_TAG.sub(" ", html)).lower()):
        word = word.strip("\"'“”‘’.,:;?!()[]…" + _FOLDED)
        if _WORD.fullmatch(word):
            yield word
