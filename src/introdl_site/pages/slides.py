"""The slide map: every slide of the lecture that the course began with, and where it is taught."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from introdl_site.pages.titles import sections, title_of
from introdl_site.problems import Problem
from introdl_site.sources import read

_TABLE = re.compile(r"^\[\[(slide|correction)\]\]", re.MULTILINE)


@dataclass(frozen=True)
class _Course:
    """The pages that there are, and the parts that are planned."""

    docs: Path
    planned: Mapping[str, Mapping[str, Any]]

    def find(self, lesson: str) -> str | None:
        """Markdown for the place where a slide is taught; None for a place that is neither."""
        lesson, mark, anchor = lesson.partition("#")
        path = self.docs / f"{lesson}.md"
        if lesson and path.is_file():
            text = read(path)
            title = title_of(text) or path.stem
            if not mark:
                return f"[{title}](../{lesson}.md)"
            section = sections(text).get(anchor)
            return f"[{title}: {section}](../{lesson}.md#{anchor})" if section else None
        if mark:
            return None
        part, _, name = lesson.partition("/")
        if part not in self.planned or (name and name not in self.planned[part]["lessons"]):
            return None
        title = html.escape(self.planned[part]["title"], quote=False)
        return f"planned: {title}" + (f", `{name}`" if name and name != "index" else "")


def page(path: Path) -> tuple[str, list[Problem]]:
    """Read the map and write it as Markdown.

    Args:
        path: The TOML file, in a folder of the site's documents: links are checked against these.

    Returns:
        The corrections and the table of its slides; and a problem for each slide
        without a text, without a note, or with a lesson that is neither written nor planned.
    """
    text, label = read(path), "/".join(path.parts[-3:])
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        return "", [Problem(label, int(found[1]) if found else 0, f"TOML cannot be read: {error}")]
    course = _Course(path.parents[1], data.get("planned", {}))
    lines: dict[str, list[int]] = {"slide": [], "correction": []}
    for match in _TABLE.finditer(text):
        lines[match[1]].append(text.count("\n", 0, match.start()) + 1)
    problems = []
    for kind, needed in (("correction", ("slide", "wrong", "right")), ("slide", ("text", "note"))):
        for entry, line in zip(data.get(kind, ()), lines[kind], strict=True):
            problems += [Problem(label, line, m) for m in _faults(kind, entry, needed, course)]
    corrections, slides = data.get("correction", []), data.get("slide", [])
    return "\n".join([*_corrections(corrections, course), *_table(slides, course), ""]), problems


def _faults(
    kind: str, entry: Mapping[str, Any], needed: Iterable[str], course: _Course
) -> Iterator[str]:
    missing = [name for name in (*needed, "lesson") if not entry.get(name, "").strip()]
    if missing:
        yield f"a [[{kind}]] has no {', no '.join(missing)}"
    for lesson in _places(entry):
        if not lesson or course.find(lesson) is not None:
            continue
        page, mark, anchor = lesson.partition("#")
        path = course.docs / f"{page}.md"
        if mark and path.is_file():
            known = ", ".join(sections(read(path)))
            yield f"lesson {lesson!r}: docs/{page}.md has no section #{anchor}; it has {known}"
        else:
            yield (
                f"lesson {lesson!r} is neither a page docs/{page}.md nor in [planned]; "
                "write one of these, or a planned part"
            )


def _places(entry: Mapping[str, Any]) -> list[str]:
    """The lessons of a slide: that of `lesson`, and those of `also` where it names more."""
    return [entry.get("lesson", ""), *entry.get("also", [])]


def _corrections(entries: Iterable[Mapping[str, str]], course: _Course) -> Iterator[str]:
    yield from ("## Corrections to the slides", "")
    for entry in entries:
        where = course.find(entry.get("lesson", ""))
        wrong, right = _cell(entry.get("wrong", "")), _cell(entry.get("right", ""))
        slide = _cell(entry.get("slide", ""))
        slide += "" if slide.endswith(("?", "!")) else "."
        yield f"- **{slide}** {wrong} {right} ({where})"
    yield ""


def _table(entries: list[Mapping[str, Any]], course: _Course) -> Iterator[str]:
    taught = sum("](" in (course.find(entry.get("lesson", "")) or "") for entry in entries)
    yield from ("## Every slide", "")
    yield f"{len(entries)} texts in the order of the lecture: {taught} are taught now, the others "
    yield from ("are planned.", "", "| The slide says | What is taught | Where |")
    yield "| --- | --- | --- |"
    for entry in entries:
        marks, _, text = entry.get("text", "").rpartition("# ")
        shown = (
            f"**{_cell(text)}**" if marks or entry.get("text", "").startswith("# ") else _cell(text)
        )
        where = " · ".join(filter(None, map(course.find, _places(entry))))
        yield f"| {shown} | {_cell(entry.get('note', ''))} | {where} |"


def _cell(text: str) -> str:
    """Plain text, with LaTeX between dollars, as it is shown inside a Markdown table."""
    parts = re.split(r"(\$[^$]+\$)", text)
    plain = [re.sub(r"([|*_`\[\]\\])", r"\\\1", html.escape(p, quote=False)) for p in parts[::2]]
    parts[::2] = plain
    return "".join(parts)
