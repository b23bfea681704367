"""Citations by key: `[@rosenblatt1958]` in a page, BibTeX entries in one file.

`references.py` writes an entry out; this module finds the keys in the pages and reports what does
not fit: an unknown key, an incomplete entry, an entry that no page cites.
"""

from __future__ import annotations

import difflib
import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pybtex.errors
from pybtex.database import BibliographyData, BibliographyDataError, Entry
from pybtex.database.input.bibtex import Parser
from pybtex.scanner import PybtexSyntaxError

from introdl_site.pages import references
from introdl_site.problems import Problem
from introdl_site.sources import read

_ENTRY = re.compile(r"^[ \t]*@(?!comment|string|preamble)\w+\s*\{\s*([^,\s]+)\s*,", re.M | re.I)
_KEY = re.compile(r"[a-z]+\d{4}[a-z]*")
_ITEM = re.compile(r"@([\w:.+-]*\w)(?:,\s*(.+))?")
# What is no prose comes first, so that a key inside it is left alone.
_PROSE = re.compile(
    r"""
    \A---\n.*?\n---\n                                               # front matter
    | ^[ \t>]*(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?^[ \t>]*(?P=fence)[`~]*[ \t]*$|.*\Z)
    | (?P<ticks>(?<!`)`+(?!`))(?:(?!\n\n).)+?(?<!`)(?P=ticks)(?!`)  # inline code
    | <!--.*?-->
    | \$\$.*?\$\$ | (?<!\\)\$(?!\s)[^$\n]+?(?<!\s)\$ | \\\(.*?\\\) | \\\[.*?\\\]
    | \\\[@                                                         # an escaped bracket
    | \[(?P<items>[^\[\]\n]*(?<![\w.])@[A-Za-z][^\[\]\n]*)\](?![(\[])
    | (?<![\w./-])@(?P<bare>[a-z]+\d{4}[a-z]*)\b
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Bibliography:
    """Every source of the course.

    Attributes:
        entries: The entries by key, in the order of authors and years.
        labels: How a page names each, such as `Widrow & Hoff, 1960`.
        lines: The line of the file on which each starts.
        path: The file, as problems name it.
        problems: What is wrong in the file.
    """

    entries: Mapping[str, Entry]
    labels: Mapping[str, str]
    lines: Mapping[str, int]
    path: str
    problems: Sequence[Problem]

    @classmethod
    def load(cls, path: Path) -> Bibliography:
        """Read a BibTeX file and check each entry."""
        return cls._load(read(path), "/".join(path.parts[-3:]))

    @classmethod
    @lru_cache(maxsize=1)  # a preview asks at every edit
    def _load(cls, text: str, label: str) -> Bibliography:
        problems: list[Problem] = []
        lines: dict[str, int] = {}
        for match in _ENTRY.finditer(text):
            key, line = match[1], text.count("\n", 0, match.start(1)) + 1
            if key in lines:
                message = f"key {key!r} is used twice, first on line {lines[key]}; keep one entry"
                problems.append(Problem(label, line, message))
            lines.setdefault(key, line)
        data, problem = _parse(text, label)
        problems += [problem] if problem else []
        for key, entry in data.entries.items():
            line = lines.get(key, 0)
            if not _KEY.fullmatch(key):
                message = f"key {key!r} is not the first author and the year, as rosenblatt1958"
                problems.append(Problem(label, line, message))
            problems += [Problem(label, line, f"{key}: {m}") for m in references.faults(entry)]
        entries = dict(sorted(data.entries.items(), key=lambda item: references.order(item[1])))
        return cls(entries, _labels(entries), lines, label, problems)

    def render(self, markdown: str, path: str, link: str) -> tuple[str, list[str], list[Problem]]:
        """Write each citation of a page's prose as a link.

        Args:
            markdown: The page. `[@key]`, `[@one; @two]` and `[@key, p. 3]` are citations.
            path: The page as problems name it.
            link: The address of the bibliography, as seen from the page.

        Returns:
            The page, the keys that it cites in the order in which they appear, and a problem for
            each key that the bibliography lacks.
        """
        keys: list[str] = []
        problems: list[Problem] = []

        def replace(match: re.Match[str]) -> str:
            line = markdown.count("\n", 0, match.start()) + 1
            if bare := match["bare"]:
                problems.append(Problem(path, line, f"write the citation @{bare} as [@{bare}]"))
            if not match["items"]:
                return match[0]
            shown = []
            for item in match["items"].split(";"):
                found = _ITEM.fullmatch(item.strip())
                if found is None:
                    message = f"a citation is [@key], [@one; @two] or [@key, p. 3]; not {match[0]}"
                    problems.append(Problem(path, line, message))
                elif found[1] not in self.entries:
                    problems.append(Problem(path, line, self._unknown(found[1])))
                    shown.append(found[1])
                else:
                    keys.append(found[1])
                    shown.append(self._cite(found[1], link, found[2] or ""))
            return f"({'; '.join(shown)})" if shown else match[0]

        return _PROSE.sub(replace, markdown), list(dict.fromkeys(keys)), problems

    def _cite(self, key: str, link: str, place: str) -> str:
        label = html.escape(self.labels[key], quote=False)
        after = f", {place}" if place else ""
        return f'<a class="cite" href="{html.escape(link)}#{key}">{label}</a>{after}'

    def _unknown(self, key: str) -> str:
        near = difflib.get_close_matches(key, self.entries, n=3, cutoff=0.75)
        hint = f"did you mean {' or '.join(near)}?" if near else f"add it to {self.path}"
        return f"unknown citation key {key!r}; {hint}"

    def sources(self, keys: Iterable[str], link: str) -> str:
        """The references of one page, as an HTML list.

        Raises:
            ValueError: If a key is not in the bibliography.
        """
        wanted = set(keys)
        if unknown := sorted(wanted - self.entries.keys()):
            raise ValueError(f"sources(): not in the bibliography: {', '.join(unknown)}")
        items = [f"<li>{text}</li>" for key, text in self.written.items() if key in wanted]
        more = f'<p>All sources: <a href="{html.escape(link)}">the bibliography</a>.</p>'
        return '<ul class="sources">\n' + "\n".join(items) + f"\n</ul>\n\n{more}\n"

    @cached_property
    def written(self) -> Mapping[str, str]:
        """The reference of each entry, as one line of HTML."""
        years = {key: label.rpartition(", ")[2] for key, label in self.labels.items()}
        return {key: references.reference(x, years[key]) for key, x in self.entries.items()}

    @cached_property
    def letters(self) -> Mapping[str, Sequence[str]]:
        """The keys of the entries under the first letter of each, in order."""
        found: dict[str, list[str]] = {}
        for key, entry in self.entries.items():
            found.setdefault(references.order(entry)[0][:1].upper() or "#", []).append(key)
        return found

    def headings(self) -> str:
        """The bibliography page as Markdown: a heading and a mark for each letter's entries."""
        links = " ".join(f"[{letter}](#{letter.lower()})" for letter in self.letters)
        sections = (f"## {letter}\n\n{self.mark(letter)}\n" for letter in self.letters)
        return "\n".join([links, "", *sections])

    def mark(self, letter: str) -> str:
        """Where the entries of a letter stand in the page."""
        return f"<!-- introdl:bibliography {letter} -->"

    def page(
        self, cited: Mapping[str, Sequence[tuple[str, str]]]
    ) -> tuple[dict[str, str], list[Problem]]:
        """The bibliography as HTML, each entry with links to the pages that cite it.

        Args:
            cited: For each key the titles and addresses of those pages.

        Returns:
            The list of each letter, and a problem for each entry that no page cites.
        """
        problems = []
        for key in self.entries:
            if not cited.get(key):
                message = f"no page cites {key}; cite it as [@{key}] or take it out"
                problems.append(Problem(self.path, self.lines.get(key, 0), message))
        lists = {
            letter: '<ul class="bibliography">\n'
            + "\n".join(self._item(key, cited.get(key, ())) for key in keys)
            + "\n</ul>\n"
            for letter, keys in self.letters.items()
        }
        return lists, problems

    def _item(self, key: str, cited: Sequence[tuple[str, str]]) -> str:
        pages = [
            f'<a href="{html.escape(url)}">{html.escape(title, quote=False)}</a>'
            for title, url in dict.fromkeys(cited)
        ]
        where = f' <span class="cited-on">Cited on {", ".join(pages)}.</span>' if pages else ""
        return f'<li id="{html.escape(key)}">{self.written[key]}{where}</li>'


def _parse(text: str, label: str) -> tuple[BibliographyData, Problem | None]:
    """Parse as far as the file goes; duplicate keys are found by their lines."""
    parser = Parser()
    with pybtex.errors.capture() as errors:
        try:
            data = parser.parse_string(text)
        except PybtexSyntaxError as error:
            errors.append(error)
            data = parser.data
    for fault in errors:
        if not isinstance(fault, BibliographyDataError):
            line = getattr(fault, "lineno", 0) or 0
            return data, Problem(label, line, f"BibTeX cannot be read: {fault.args[0]}")
    return data, None


def _labels(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Name each entry by authors and year; `1986a` and `1986b` where two would be the same."""
    plain = {key: references.label(entry) for key, entry in entries.items()}
    count, seen = Counter(plain.values()), Counter[str]()
    labels = {}
    for key, label in plain.items():
        seen[label] += 1
        labels[key] = f"{label}{chr(96 + seen[label])}" if count[label] > 1 else label
    return labels
