"""Write one BibTeX entry as a reference: who, when, what, where, and how to get at it."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterator

from pybtex.database import Entry, Person
from pybtex.richtext import Text

_DOI = re.compile(r"10\.\d{4,9}/\S+")


@functools.cache
def _plain(latex: str) -> str:
    r"""A field without LaTeX: `{\"o}` is ö, `--` a dash, braces are gone."""
    return str(Text.from_latex(latex)).replace("---", "—").replace("--", "–")


def _people(entry: Entry) -> list[Person]:
    return list(entry.persons.get("author") or entry.persons.get("editor") or ())


def _family(person: Person) -> str:
    names = (*person.prelast_names, *person.last_names)
    return _plain(
        " ".join(names) + (f" {' '.join(person.lineage_names)}" * bool(person.lineage_names))
    )


def _initials(person: Person) -> str:
    """`Jean-Pierre Louis` gives `J.-P. L.`."""
    given = [_plain(name) for name in (*person.first_names, *person.middle_names)]
    parts = ["-".join(f"{part[0]}." for part in name.split("-") if part) for name in given if name]
    return " ".join(parts)


def label(entry: Entry) -> str:
    """How a page names the entry: `Widrow & Hoff, 1960`, from three on `Block et al., 1962`."""
    names = [_family(person) for person in _people(entry)]
    many = len(names) > 2 or names[-1:] == ["others"]
    who = f"{names[0]} et al." if many else " & ".join(names)
    return f"{who}, {entry.fields.get('year', 'no year')}"


def order(entry: Entry) -> tuple[str, str, str]:
    """What the bibliography is sorted by: authors without accents, year, title."""
    names = " ".join(f"{_family(person)} {_initials(person)}" for person in _people(entry))
    bare = unicodedata.normalize("NFKD", names).encode("ascii", "ignore").decode().casefold()
    return bare, entry.fields.get("year", ""), entry.fields.get("title", "")


def faults(entry: Entry) -> Iterator[str]:
    """What the entry lacks to be a reference, and the way out."""
    if not _people(entry):
        yield "no author; add author = {Family, Given and Family, Given}, or an editor"
    for field in ("title", "year"):
        if not entry.fields.get(field, "").strip():
            yield f"no {field}; add {field} = {{...}}"
    year = entry.fields.get("year", "").strip()
    if year and not re.fullmatch(r"\d{4}", year):
        yield f"year {year!r} is not four digits"
    doi, url = entry.fields.get("doi", ""), entry.fields.get("url", "")
    if doi and not _DOI.fullmatch(doi):
        yield f"doi {doi!r} does not start with 10.; leave https://doi.org/ out"
    if url and not re.fullmatch(r"https?://\S+", url):
        yield f"url {url!r} does not start with https://"


def reference(entry: Entry, year: str = "") -> str:
    """The entry as one line of HTML.

    Args:
        entry: A complete entry (`faults` finds nothing).
        year: The year as pages name it, where that is more than the field: `1986a`.
    """
    fields = {name: _escape(_plain(value)) for name, value in entry.fields.items()}
    when = _escape(year) or fields.get("year", "no year")
    title = fields.get("title", "")
    whole = entry.type in ("book", "phdthesis", "mastersthesis", "techreport", "proceedings")
    title = f"<cite>{title}</cite>" if whole else title
    parts = [f"{_authors(entry)} ({when})", title + _edition(fields), *_venue(entry.type, fields)]
    text = " ".join(
        part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part
    )
    return text + _access(entry)


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _authors(entry: Entry) -> str:
    names = []
    for person in _people(entry):
        initials = _initials(person)
        names.append(_escape(_family(person) + (f", {initials}" if initials else "")))
    if names and names[-1] == "others":
        who = f"{', '.join(names[:-1])} et al."
    else:
        who = " &amp; ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:]) or "Unknown"
    if "author" in entry.persons or not names:
        return who
    return f"{who} (Ed{'s' * (len(names) > 1)}.)"


def _edition(fields: dict[str, str]) -> str:
    return f" ({fields['edition']} edition)" if "edition" in fields else ""


def _venue(kind: str, fields: dict[str, str]) -> Iterator[str]:
    """Where it appeared."""
    pages = fields.get("pages", "").replace("-", "–").replace("––", "–")
    if "journal" in fields:
        volume = fields.get("volume", "")
        volume += f"({fields['number']})" if "number" in fields else ""
        yield ", ".join(
            part for part in (f"<cite>{fields['journal']}</cite>", volume, pages) if part
        )
    elif "booktitle" in fields:
        volume = f"Vol. {fields['volume']}" if "volume" in fields else ""
        place = [volume, f"pp. {pages}" if "–" in pages else f"p. {pages}" if pages else ""]
        inside = ", ".join(part for part in place if part)
        yield f"In <cite>{fields['booktitle']}</cite>" + (f" ({inside})" if inside else "")
    thesis = {"phdthesis": "PhD thesis", "mastersthesis": "Master's thesis"}.get(kind, "Report")
    report = [fields.get("type") or thesis, fields.get("number") if kind == "techreport" else None]
    if kind in ("techreport", "phdthesis", "mastersthesis"):
        yield " ".join(part for part in report if part)
    by = fields.get("school") or fields.get("institution") or fields.get("publisher")
    by = by or fields.get("organization") or fields.get("howpublished")
    if by and "://" not in by:
        yield by
    if note := fields.get("note"):
        yield note


def _access(entry: Entry) -> str:
    doi, url = entry.fields.get("doi", ""), entry.fields.get("url", "")
    if doi:
        return f' <a href="https://doi.org/{html.escape(doi)}">doi:{_escape(doi)}</a>'
    if url:
        host = re.sub(r"^https?://(?:www\.)?", "", url).split("/")[0]
        return f' <a href="{html.escape(url)}">{_escape(host)}</a>'
    return ""
