"""The pages of the code's documentation: one for each lesson, and the list of them all."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from introdl_site.kinds import API
from introdl_site.pages.titles import title_of
from introdl_site.problems import Problem
from introdl_site.project import Project
from introdl_site.publishing.symbols import lessons, modules, of_lesson
from introdl_site.sources import read

#: Where the list stands in the page that has it.
MARK = "<!-- introdl:api -->"

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def pages(project: Project) -> Iterator[tuple[str, str]]:
    """The place and the Markdown of each lesson's page."""
    for lesson, paths in lessons(project.root / "src"):
        title = _title(project, lesson)
        said = title.replace('"', "")  # one would end the description in the page
        body = (
            f"::: introdl.{lesson.replace('/', '.')}\n"
            "    options:\n      heading_level: 2\n      show_root_full_path: true\n"
        )
        try:
            of_lesson(paths)
            if not _package(project, lesson).is_file():
                raise ValueError(lesson)
        except (SyntaxError, ValueError):  # named where its code is published
            body = "This code cannot be read; the build says why.\n"
        yield (
            f"{API}/{lesson}.md",
            f"---\ndescription: >-\n  The code of the lesson {said}, from its docstrings: every "
            "class and function, with shapes, errors, sources and examples.\n---\n"
            f"# API: {title}\n\n{body}",
        )


def unpackaged(project: Project) -> list[Problem]:
    """A problem for each part that is no package, whose code nobody could import."""
    missing = {_package(project, lesson) for lesson, _ in lessons(project.root / "src")}
    message = "is missing: a part is a package, so add it, with one line that says what the part is"
    return [
        Problem(project.relative(path), 0, message)
        for path in sorted(missing)
        if not path.is_file()
    ]


def _package(project: Project, lesson: str) -> Path:
    return project.root / "src" / "introdl" / lesson.partition("/")[0] / "__init__.py"


def sources(project: Project, lesson: str) -> list[tuple[str, str]]:
    """The modules that a lesson's page is made of, as messages name them, and their text."""
    return [(project.relative(path), read(path)) for path in modules(project.root / "src", lesson)]


def overview(project: Project, order: Sequence[str]) -> tuple[str, list[Problem]]:
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
    problems: list[Problem] = []
    for lesson, paths in known:
        if lesson.partition("/")[0] != part:
            part = lesson.partition("/")[0]
            text += (
                f"\n## {_title(project, f'{part}/index')}\n\n| Lesson | Names |\n| --- | --- |\n"
            )
        try:
            names = ", ".join(_names(project, lesson, paths, problems))
        except SyntaxError:  # named where its code is published
            continue
        text += f"| [{_title(project, lesson)}]({lesson}.md) | {names} |\n"
    return text, problems


def _names(
    project: Project, lesson: str, paths: list[Path], problems: list[Problem]
) -> Iterator[str]:
    for path in paths:
        if path.name == "__main__.py":  # a command, not something to import
            continue
        module = f"introdl.{lesson.replace('/', '.')}"
        if len(paths) > 1 and path.name != "__init__.py":
            module += f".{path.stem}"
        for name, line, said in _public(read(path)):
            if not said:
                message = f"{name} has no docstring: say what it does, or begin its name with _"
                problems.append(Problem(project.relative(path), line, message))
                continue
            yield f"[`{name}`]({lesson}.md#{module}.{name})"


@functools.lru_cache(maxsize=1024)  # a preview asks at every edit
def _public(code: str) -> tuple[tuple[str, int, bool], ...]:
    """The name and the line of each public definition, and whether it has a docstring."""
    return tuple(
        (node.name, node.lineno, ast.get_docstring(node) is not None)
        for node in ast.parse(code).body
        if isinstance(node, _DEFINITIONS) and not node.name.startswith("_")
    )


def _title(project: Project, page: str) -> str:
    path = project.root / "docs" / f"{page}.md"
    return (title_of(read(path)) if path.is_file() else None) or page
