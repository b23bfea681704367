"""The course as its own files tell it: parts and lessons in the nav's order, and their facts."""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.utils.meta import get_data

from introdl_site.pages.outline import outline
from introdl_site.pages.titles import title_of
from introdl_site.sources import read as read_source

#: Where the lists stand in the pages that have them.
LESSONS = "<!-- introdl:lessons -->"
PARTS = "<!-- introdl:parts -->"
PRACTICE = "<!-- introdl:practice -->"

#: The folder of what is looked up; what lies in it is no lesson.
REFERENCE = "reference"


@dataclass(frozen=True)
class Lesson:
    """What a lesson's page says of itself.

    Attributes:
        name: Like `history/perceptron`.
        title: Its heading.
        summary: Its question, or its description where it has none.
        year: As in its front matter, or "".
        needs: The names of the lessons that it builds on.
        exercises: How many it has.
        minutes: What they take together; 0 where the page does not say.
        questions: How many its quiz has.
        anchors: The places in the page that others link to.
    """

    name: str
    title: str
    summary: str
    year: str
    needs: tuple[str, ...]
    exercises: int
    minutes: int
    questions: int
    anchors: frozenset[str]

    @property
    def part(self) -> str:
        """The folder that it lies in."""
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Part:
    """A folder of lessons, and what its first page says of it."""

    name: str
    title: str
    description: str
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True)
class Course:
    """The parts of the course, in the order of the nav; the reference is the last of them."""

    parts: Sequence[Part]

    @functools.cached_property
    def lessons(self) -> Mapping[str, Lesson]:
        """Every lesson by its name, in the order of the course."""
        return {lesson.name: lesson for part in self.parts for lesson in part.lessons}

    @functools.cached_property
    def digest(self) -> str:
        """The same for the same course, and another where a page says otherwise of itself."""
        lessons = [
            (replace(x, anchors=frozenset()), sorted(x.anchors)) for x in self.lessons.values()
        ]
        parts = [replace(part, lessons=()) for part in self.parts]
        return hashlib.sha256(repr((lessons, parts)).encode()).hexdigest()

    def users(self, name: str) -> list[Lesson]:
        """The lessons that build on this one, in the order of the course."""
        return [lesson for lesson in self.lessons.values() if name in lesson.needs]

    def late(self, lesson: str, needs: Iterable[str]) -> Iterator[str]:
        """What is wrong with the lessons that a lesson says it needs."""
        order = list(self.lessons)
        for need in needs:
            if need not in self.lessons:
                yield f"needs {need!r}, and there is no docs/{need}.md in the nav"
            elif lesson in order and order.index(need) >= order.index(lesson):
                yield f"needs {need!r}, which does not come before it in the nav"


def read(docs: Path, order: Iterable[str]) -> Course:
    """Read the course.

    Args:
        docs: The folder of the site's documents.
        order: The pages of the nav, such as `history/xor.md`, in its order.
    """
    pages: dict[str, list[str]] = {}
    for place in order:
        part, slash, _ = place.partition("/")
        if slash and (docs / place).is_file():
            pages.setdefault(part, []).append(place)
    return Course([_part(docs, part, places) for part, places in pages.items()])


def _part(docs: Path, name: str, places: Sequence[str]) -> Part:
    first = docs / name / "index.md"
    source = read_source(first) if first.is_file() else ""
    data = get_data(source)[1]
    lessons = [
        _lesson(place.removesuffix(".md"), read_source(docs / place))
        for place in places
        if name != REFERENCE and not place.endswith("/index.md")
    ]
    description = " ".join(str(data.get("description", "")).split())
    return Part(name, title_of(source) or name, description, tuple(lessons))


@functools.lru_cache(maxsize=512)  # a preview asks at every edit
def _lesson(name: str, source: str) -> Lesson:
    data = get_data(source)[1]
    page = outline(source)
    cards = [block for block in page.blocks if block.kind == "exercise"]
    solutions = sum(
        bool(re.match(r'\s*\?{3}\+? success "Solution"', line.text))
        for line in page.lines
        if not line.fenced and line.block != "exercise"
    )
    minutes = [block.options.get("minutes", "") for block in cards]
    needs = data.get("needs") or ()
    return Lesson(
        name=name,
        title=title_of(source) or name,
        summary=" ".join(str(data.get("question") or data.get("description") or "").split()),
        year=str(data.get("year", "")),
        needs=tuple(map(str, needs)) if isinstance(needs, list) else (),
        exercises=len(cards) + solutions,
        minutes=sum(int(text) for text in minutes if text.isdecimal()),
        questions=sum(block.kind == "quiz" for block in page.blocks),
        anchors=frozenset(
            anchor
            for anchor, heading in (
                ("try-it", "## Try it"),
                ("check-yourself", "## Check yourself"),
            )
            if any(line.text.strip() == heading for line in page.lines)
        ),
    )


def planned(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """The parts that the slide map plans; none where it cannot be read, which the map says."""
    try:
        found = tomllib.loads(read_source(path)).get("planned", {})
    except (OSError, tomllib.TOMLDecodeError):
        return {}
    return dict(found)


def lessons_table(part: Part) -> str:
    """A table of a part's lessons, as Markdown; with their years where they have them."""
    dated = any(lesson.year for lesson in part.lessons)
    head = ["Year"] * dated + ["Lesson", "What you find out"]
    rows = [head, ["---"] * len(head)]
    for lesson in part.lessons:
        link = f"[{_cell(lesson.title)}]({lesson.name.partition('/')[2]}.md)"
        rows.append([lesson.year] * dated + [link, _cell(lesson.summary)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def part_cards(course: Course, plan: Mapping[str, Mapping[str, Any]]) -> str:
    """The parts of the course as cards, as HTML; those that are planned stand behind the others."""
    known = {part.name for part in course.parts}
    cards = [_card(part) for part in course.parts if part.name != REFERENCE]
    cards += [
        f"<li><p><strong>{escape(str(part.get('title', name)))}</strong> <em>planned</em></p>\n"
        f"<p>{escape(str(part.get('description', '')))}</p></li>"
        for name, part in plan.items()
        if name not in known
    ]
    cards += [_card(part) for part in course.parts if part.name == REFERENCE]
    return "<ul>\n" + "\n".join(cards) + "\n</ul>"


def _card(part: Part) -> str:
    count = len(part.lessons)
    lessons = f" <em>{count} lesson{'s' * (count != 1)}</em>" if part.name != REFERENCE else ""
    return (
        f'<li><p><strong><a href="site:/{part.name}/">{escape(part.title)}</a></strong>{lessons}'
        f"</p>\n<p>{escape(part.description)}</p></li>"
    )


def practice(course: Course) -> str:
    """Where each lesson's exercises and quiz stand, as a Markdown table for the reference."""
    rows = ["| Lesson | Exercises | Quiz |", "| --- | --- | --- |"]
    for lesson in course.lessons.values():
        minutes = f", {lesson.minutes} minutes" if lesson.minutes else ""
        exercises = _count(lesson, lesson.exercises, "exercise", "try-it") + minutes
        questions = _count(lesson, lesson.questions, "question", "check-yourself")
        rows.append(f"| [{_cell(lesson.title)}](../{lesson.name}.md) | {exercises} | {questions} |")
    return "\n".join(rows)


def _count(lesson: Lesson, count: int, what: str, anchor: str) -> str:
    text = f"{count} {what}{'s' * (count != 1)}"
    return f"[{text}](../{lesson.name}.md#{anchor})" if anchor in lesson.anchors else text


def _cell(text: str) -> str:
    return escape(text, quote=False).replace("|", "\\|")
