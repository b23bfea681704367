"""The glossary: each page explains the first use of a term by a tooltip that leads to its entry."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from introdl_site.pages import prose
from introdl_site.pages.titles import title_of
from introdl_site.problems import Problem
from introdl_site.sources import read


@dataclass(frozen=True)
class Term:
    """One entry.

    Attributes:
        term: The term, as a sentence would have it.
        aliases: Other words for it, plurals too.
        definition: One or two plain sentences.
        page: The lesson that teaches it, as `history/perceptron.md`, or none.
        taught: That lesson's title.
    """

    term: str
    aliases: tuple[str, ...]
    definition: str
    page: str = ""
    taught: str = ""

    @property
    def anchor(self) -> str:
        """The entry's place on the glossary page: `learning-rate`."""
        return re.sub(r"[^a-z0-9]+", "-", self.term.casefold()).strip("-")


@dataclass(frozen=True)
class Glossary:
    """Every term of the course.

    Attributes:
        terms: The entries, from A to Z.
        problems: What is wrong in the file.
    """

    terms: Sequence[Term]
    problems: Sequence[Problem]

    @classmethod
    def load(cls, path: Path) -> Glossary:
        """Read `[[term]]` tables and check that each can be told from the others."""
        text, label = read(path), "/".join(path.parts[-3:])
        try:
            tables = tomllib.loads(text).get("term", [])
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) if found else 0
            return cls([], [Problem(label, line, f"TOML cannot be read: {error}")])
        terms, problems = [], []
        taken: dict[str, str] = {}
        place = 0
        for table in tables:
            start = text.find("[[term]]", place)
            line, place = text.count("\n", 0, start) + 1, start + 1
            term = _term(table, path.parents[1])
            problems += [Problem(label, line, m) for m in _faults(term, table, taken)]
            taken |= {word.casefold(): term.term for word in (term.term, *term.aliases)}
            terms.append(term)
        return cls(sorted(terms, key=lambda term: term.term.casefold()), problems)

    @cached_property
    def _words(self) -> Mapping[str, Term]:
        return {word.casefold(): term for term in self.terms for word in (term.term, *term.aliases)}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        first: dict[str, list[str]] = {}  # by its first letter a word is passed over quickly
        for word in sorted(self._words, key=len, reverse=True):
            rest = r"[\s\u00a0]+".join(map(re.escape, word[1:].split(" ")))
            first.setdefault(re.escape(word[0]), []).append(rest)
        words = "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in first.items())
        return re.compile(rf"(?<![\w&#/-])(?:{words})(?![\w/-])", re.IGNORECASE)

    def link(self, page: str, path_to_glossary: str, skip_page: bool) -> str:
        """Explain the first use of each term in the prose of a page.

        Args:
            page: The page's HTML.
            path_to_glossary: The address of the glossary, as seen from the page.
            skip_page: Leave the page as it is: it is the glossary itself.
        """
        if skip_page or not self.terms:
            return page
        address = html.escape(path_to_glossary)
        used: set[str] = set()

        def explain(match: re.Match[str]) -> str:
            term = self._words[" ".join(match[0].split()).casefold()]
            if term.term in used:
                return match[0]
            used.add(term.term)
            # site.js fetches the definitions when a reader first points at something: a page
            # that carried its own would be several kilobytes heavier.
            return f'<a class="term" href="{address}#{term.anchor}">{match[0]}</a>'

        parts = []
        for text, is_prose in prose.texts(page):
            parts.append(self._pattern.sub(explain, text) if is_prose else text)
        return "".join(parts)

    def taught_in(self, place: str) -> list[str]:
        """The terms that the page `place`, like `history/xor.md`, teaches; their aliases, too."""
        return [
            word for term in self.terms if term.page == place for word in (term.term, *term.aliases)
        ]

    def page(self) -> str:
        """The body of the glossary page, as Markdown: a heading and a list for each letter."""
        letters: dict[str, list[Term]] = {}
        for term in self.terms:
            letters.setdefault(term.term[0].upper(), []).append(term)
        lines = [" ".join(f"[{letter}](#{letter.lower()})" for letter in letters), ""]
        for letter, terms in letters.items():
            lines += [f"## {letter} {{ #{letter.lower()} }}", "", '<dl class="glossary">']
            for term in terms:
                more = html.escape(term.definition, quote=False)
                if term.taught:
                    address = f"../../{term.page.removesuffix('.md')}/"
                    more += f' Taught in <a href="{address}">{html.escape(term.taught)}</a>.'
                name = f"<strong>{html.escape(term.term)}</strong>"
                lines.append(f'<dt id="{term.anchor}">{name}</dt>')
                lines.append(f"<dd>{more}</dd>")
            lines += ["</dl>", ""]
        return "\n".join(lines)


def _term(table: Mapping[str, object], docs: Path) -> Term:
    """One entry of the file; the title of its lesson is that page's first heading."""
    text = {
        name: " ".join(str(table.get(name, "")).split()) for name in ("term", "definition", "page")
    }
    listed = table.get("aliases", ())
    aliases = tuple(str(alias).strip() for alias in listed) if isinstance(listed, list) else ()
    path, taught = docs / text["page"], ""
    if text["page"] and path.is_file():
        taught = title_of(read(path)) or path.stem
    return Term(text["term"], aliases, text["definition"], text["page"], taught)


def _faults(term: Term, table: Mapping[str, object], taken: Mapping[str, str]) -> Iterator[str]:
    """What keeps a term from being one entry of its own."""
    if not term.term:
        yield 'a [[term]] has no term; add term = "..."'
        return
    if not term.definition:
        yield f"{term.term}: no definition; write one or two sentences"
    elif not term.definition.endswith("."):
        yield f"{term.term}: the definition does not end as a sentence does"
    if unknown := table.keys() - {"term", "aliases", "definition", "page"}:
        yield f"{term.term}: unknown key {', '.join(sorted(unknown))}"
    words = [word.casefold() for word in (term.term, *term.aliases)]
    for word in dict.fromkeys(words):
        if not word:
            yield f"{term.term}: an alias is empty"
        elif word in taken:
            yield f"{word!r} is already an entry or an alias of {taken[word]!r}"
        elif words.count(word) > 1:
            yield f"{term.term}: {word!r} is given twice"
    if term.page and not term.taught:
        yield f"{term.term}: there is no page docs/{term.page}"
