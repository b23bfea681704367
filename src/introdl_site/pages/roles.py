"""The roles of the lecture: what each does in a week, and which lessons lead there."""

from __future__ import annotations

import html
import posixpath
import re
import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from introdl_site.pages import edition
from introdl_site.pages.course import REFERENCE, Course, planned
from introdl_site.pages.paths import leading
from introdl_site.problems import Problem
from introdl_site.sources import read

#: Where a page has the list of roles, and where it has the table of lessons.
WEEKS, MATRIX = "<!-- introdl:roles -->", "<!-- introdl:roles-lessons -->"

#: What stands in the table: a lesson that a role aims at, and one on its way there.
GOAL, WAY = "●", "○"

_TABLE = re.compile(r"^\[\[role\]\]", re.MULTILINE)


@dataclass(frozen=True)
class Role:
    """A role, and the lessons that serve it most; those that are still planned are left out."""

    title: str
    week: str
    coded: str
    goals: tuple[str, ...]


def load(
    path: Path, course: Course, plan: Mapping[str, Mapping[str, object]]
) -> tuple[list[Role], list[Problem]]:
    """Read the roles.

    Args:
        path: The TOML file.
        course: All lessons.
        plan: The planned parts, as `course.planned` reads them.

    Returns:
        The roles; and a problem for each that lacks a field, or names a lesson that is neither
        there nor planned.
    """
    text, label = read(path), "/".join(path.parts[-3:])
    try:
        entries = tomllib.loads(text).get("role", [])
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        return [], [Problem(label, int(found[1]) if found else 0, f"TOML cannot be read: {error}")]
    starts = [text.count("\n", 0, match.start()) for match in _TABLE.finditer(text)]
    lines = text.splitlines()
    roles, problems = [], []
    for entry, start, end in zip(entries, starts, [*starts[1:], len(lines)], strict=True):
        texts = {name: str(entry.get(name, "")).strip() for name in ("title", "week", "coded")}
        goals = [str(goal) for goal in entry.get("goals", ())]
        missing = [name for name, found in {**texts, "goals": goals}.items() if not found]
        if missing:
            problems.append(Problem(label, start + 1, f"a [[role]] has no {', no '.join(missing)}"))
        for goal in goals:
            if goal not in course.lessons and not _is_planned(goal, plan):
                line = next(n for n in range(start, end) if f'"{goal}"' in lines[n])
                problems.append(
                    Problem(
                        label,
                        line + 1,
                        f"goal {goal!r} is neither a lesson in the nav, docs/{goal}.md, "
                        "nor in [planned] of docs/reference/slides.toml",
                    )
                )
        kept = tuple(goal for goal in goals if goal in course.lessons)
        roles.append(Role(**texts, goals=kept))
    return roles, problems


def _is_planned(goal: str, plan: Mapping[str, Mapping[str, object]]) -> bool:
    part, _, name = goal.partition("/")
    lessons = plan.get(part, {}).get("lessons", ())
    return isinstance(lessons, list) and name in lessons


def weeks(roles: list[Role]) -> str:
    """The roles as a numbered list, in Markdown."""
    return "\n".join(
        f"{number}. **{_text(role.title)}**: {_text(role.week)} "
        f"<small>Counted as: {_text(role.coded)}.</small>"
        for number, role in enumerate(roles, start=1)
    )


def matrix(roles: list[Role], course: Course, docs: Path, root: Path, place: str) -> str:
    """The table of lessons by roles, in Markdown; its columns have the numbers of the roles.

    Args:
        roles: The roles.
        course: All lessons.
        docs: The folder of the documents, for how long a lesson's core takes.
        root: The checkout.
        place: The page's place among the documents, like `orientation/careers.md`.
    """
    head = ["Lesson", "Minutes", *(str(number) for number in range(1, len(roles) + 1))]
    rows = [head, ["---", "---:", *["---"] * len(roles)]]
    ways = [{lesson.name for lesson in leading(course, *role.goals)} for role in roles]
    for lesson in course.lessons.values():
        if lesson.part == REFERENCE:
            continue
        link = posixpath.relpath(lesson.name, posixpath.dirname(place))
        minutes = f"{_reading(docs / f'{lesson.name}.md', root)} + {lesson.minutes}"
        marks = [
            GOAL if lesson.name in role.goals else WAY if lesson.name in way else ""
            for role, way in zip(roles, ways, strict=True)
        ]
        rows.append([f"[{_text(lesson.title)}]({link}.md)", minutes, *marks])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _reading(page: Path, root: Path) -> int:
    try:
        return edition.reading_minutes(read(page), root)
    except ValueError:  # an include or a fence that is named where the page is made
        return 0


def fill(text: str, course: Course, root: Path, place: str) -> tuple[str, list[Problem]]:
    """Put the list and the table into a page that has a place for them."""
    if WEEKS not in text and MATRIX not in text:
        return text, []
    docs = root / "docs"
    found, problems = load(
        docs / REFERENCE / "roles.toml", course, planned(docs / REFERENCE / "slides.toml")
    )
    made = {WEEKS: weeks(found), MATRIX: matrix(found, course, docs, root, place)}

    def put(mark: re.Match[str]) -> str:
        return textwrap.indent(made[mark["name"]], mark["space"])

    return re.sub(rf"^(?P<space> *)(?P<name>{WEEKS}|{MATRIX})", put, text, flags=re.M), problems


def _text(text: str) -> str:
    return html.escape(text, quote=False).replace("|", "\\|")
