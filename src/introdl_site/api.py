"""The pages of the code's documentation: one for each lesson, and the list of them all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from introdl_site.project import Project
from introdl_site.symbols import lessons, modules, of_lesson, symbols

#: Where the list stands in the page that has it.
MARK = "<!-- introdl:api -->"
FOLDER = "reference/api"

_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_CODE = ("def ", "async def ", "class ", "@")


def pages(project: Project) -> Iterator[tuple[str, str]]:
    """The place and the Markdown of each lesson's page."""
    for lesson, paths in lessons(project.root / "src"):
        title = _title(project, lesson)
        body = (
            f"::: introdl.{lesson.replace('/', '.')}\n"
            "    options:\n      heading_level: 2\n      show_root_full_path: true\n"
        )
        try:
            of_lesson(paths)
        except (SyntaxError, ValueError):  # named where its code is published
            body = "This code cannot be read; the build says why.\n"
        yield (
            f"{FOLDER}/{lesson}.md",
            f"---\ndescription: >-\n  The code of the lesson {title}, from its docstrings: every "
            "class and function, with shapes, errors, sources and examples.\n---\n"
            f"# API: {title}\n\n{body}",
        )


def lesson_of(place: str) -> str | None:
    """The lesson whose page has this place, like `history/perceptron`; None for any other page."""
    match = re.fullmatch(rf"{FOLDER}/([^/]+/[^/]+)\.md", place)
    return match[1] if match else None


def source(project: Project, lesson: str) -> Path:
    """The file that a mistake in a lesson's page is looked for in."""
    paths = modules(project.root / "src", lesson)
    return next((path for path in paths if path.name == "__init__.py"), paths[0])


def overview(project: Project, order: Sequence[str]) -> str:
    """Markdown with every lesson's public names, each linked to its documentation.

    Args:
        project: The checkout.
        order: The pages of the course, in its order.
    """
    place = {page: number for number, page in enumerate(order)}
    known = sorted(
        lessons(project.root / "src"),
        key=lambda lesson: place.get(f"{lesson[0]}.md", len(place)),
    )
    text, part = "", ""
    for lesson, paths in known:
        if lesson.partition("/")[0] != part:
            part = lesson.partition("/")[0]
            text += (
                f"\n## {_title(project, f'{part}/index')}\n\n| Lesson | Names |\n| --- | --- |\n"
            )
        try:
            names = ", ".join(_names(lesson, paths))
        except SyntaxError:
            continue
        text += f"| [{_title(project, lesson)}]({lesson}.md) | {names} |\n"
    return text


def _names(lesson: str, paths: list[Path]) -> Iterator[str]:
    for path in paths:
        module = f"introdl.{lesson.replace('/', '.')}"
        if len(paths) > 1 and path.name != "__init__.py":
            module += f".{path.stem}"
        for name, code in symbols(path.read_text(encoding="utf-8")).items():
            if "." not in name and not name.startswith("_") and code.startswith(_CODE):
                yield f"[`{name}`]({lesson}.md#{module}.{name})"


def _title(project: Project, page: str) -> str:
    path = project.root / "docs" / f"{page}.md"
    match = _TITLE.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    return match[1].strip() if match else page
