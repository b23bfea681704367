"""Take a snapshot of the course's own prose: plain sentences, page by page, dealt to three parts.

`python -m introdl.data._snapshot docs 2026-11-27` writes `prose.txt` beside this module, which
`introdl.data.prose` loads. It was run once, by hand: the text stays when the pages change.
"""

from __future__ import annotations

import argparse
import re
import tomllib
import unicodedata
from pathlib import Path

PLACE = Path(__file__).with_name("prose.txt")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
#: What a sentence may be written in. One with another character is left out: formulas, and
#: quotations, which belong to their authors.
CHARACTERS = frozenset(f"{LETTERS}{LETTERS.upper()}0123456789 .,;:?!'()-/%")
_MAPPED = str.maketrans({"–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "…": "..."})
#: Stands where something that is no prose was cut out of a sentence, and is in no alphabet.
_HOLE = "\0"
#: What is cut out of a page, in this order, and what takes its place.
_CUT = [
    (r"(?s)\A---\n.*?\n---\n", ""),  # front matter
    (r"(?s)<!--.*?-->", ""),
    (r"(?ms)^( *)(```|~~~).*?^\1\2 *$", "\n\n"),
    (r"(?s)\$\$.*?\$\$", _HOLE),
    (r"(?m)^ *--8<-- .*$", _HOLE),
    (r"(?m)^ *(?:\||:::).*$", "\n\n"),  # tables, and the code's documentation
    (r"(?m)^ */// (?:quiz|predict) \| (.*)$", r"\n\n\1\n\n"),
    (r"(?m)^ *///.*$", "\n\n"),
    (r"(?m)^ +(?:label|data|level|minutes|check):.*$", "\n\n"),
    (r"(?m)^ *(?:\?{3}|!{3})\+? \w+(?: \"(.*)\")?$", r"\n\n\1\n\n"),
    (r"(?m)^ *#+ (.*?)(?: *\{.*\})?$", r"\n\n\1\n\n"),
    (r"(?m)^ *(?:[-*]|\d+\.|>)(?: \[[ x]\])? ", "\n\n"),  # items of lists, quotations
    (r" :: ", "\n\n"),  # between an option of a quiz and what is said of it
    (r" ?\[@[^\]]*\]", ""),
    (r"!\[[^\]]*\]\([^)]*\)|`[^`]*`|\$[^$]*\$", _HOLE),
    (r"\[([^\]]*)\]\([^)]*\)", r"\1"),
    (r"<[^>]*>|\*+", ""),
]
_END = re.compile(r"(?<=[.?!])(\)?) (?=\(?[A-Z0-9])")


def plain(text: str) -> str:
    """The text without accents, and with the typewriter's dashes and quotation marks."""
    apart = unicodedata.normalize("NFKD", text.translate(_MAPPED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def is_sentence(text: str) -> bool:
    """Whether a text begins and ends as a sentence, has three words, and no odd character."""
    whole = re.fullmatch(r"\(?[A-Z0-9].*[.?!]\)?", text) and text.count(" ") >= 2
    return bool(whole) and set(text) <= CHARACTERS and text.count("(") == text.count(")")


def paragraphs(page: str) -> list[list[str]]:
    """The whole sentences of a page in Markdown, as plain text, for each of its paragraphs."""
    for pattern, instead in _CUT:
        page = re.sub(pattern, instead, page)
    found = []
    for paragraph in re.split(r"\n\s*\n", page):
        line = plain(" ".join(paragraph.split()))
        found.append([text for text in _END.sub(r"\1\n", line).split("\n") if is_sentence(text)])
    return found


def definitions(glossary: str) -> list[list[str]]:
    """The definitions of a glossary in TOML, each behind its term."""
    lines = (
        plain(f"{term['term'][0].upper()}{term['term'][1:]}: {term['definition']}")
        for term in tomllib.loads(glossary)["term"]
    )
    return [[line] for line in lines if is_sentence(line)]


def take(docs: Path, date: str) -> str:
    """All prose of a folder of pages; each sentence stands where it is met first.

    The pages are ordered by their length, longest first. Of each eight, the fourth is for
    validation, the eighth for testing, and the others are for training.
    """
    pages, seen = [], set()
    for path in sorted([*docs.rglob("*.md"), *docs.rglob("glossary.toml")]):
        read = definitions if path.suffix == ".toml" else paragraphs
        lines = []
        for paragraph in read(path.read_text(encoding="utf-8")):
            new = [text for text in dict.fromkeys(paragraph) if text not in seen]
            seen.update(new)
            lines += [" ".join(new)] if new else []
        if lines:
            pages.append((path.relative_to(docs).as_posix(), "\n".join(lines)))
    pages.sort(key=lambda page: (-len(page[1]), page[0]))
    parts = {3: "validation", 7: "test"}
    return f"# The prose of Deep Learning, Executed, as of {date}. CC BY 4.0.\n" + "".join(
        f"# {parts.get(i % 8, 'train')}: {name}\n{text}\n" for i, (name, text) in enumerate(pages)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("docs", type=Path, help="the folder of the pages")
    parser.add_argument("date", help="the day of the snapshot, as 2026-11-27")
    chosen = parser.parse_args()
    PLACE.write_text(take(chosen.docs, chosen.date), encoding="ascii")
