"""What a reader must have before a lesson: other lessons, time, and packages."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.utils import get_relative_url
from mkdocs.utils.meta import get_data

from introdl_site.pages.course import Course
from introdl_site.pages.edition import is_second, reading_minutes
from introdl_site.pages.fences import python_blocks
from introdl_site.repository import Repository

#: How a package is spelled, where that is not how it is imported.
_SPELLED = {
    "matplotlib": "Matplotlib",
    "numpy": "NumPy",
    "scipy": "SciPy",
    "keras": "Keras",
    "sklearn": "scikit-learn",
    "torch": "PyTorch",
}
_OURS = "introdl"


def head(
    source: str, name: str, url: str, course: Course, root: Path, repository: Repository | None
) -> dict[str, Any] | None:
    """What the theme writes below the first paragraph of a second-edition page; else None.

    Args:
        source: The page.
        name: Its lesson, like `history/perceptron`.
        url: Its address.
        course: All lessons.
        root: The checkout.
        repository: Where its sources are published, if they are.

    Returns:
        `lessons`, each `{label, url}`; `minutes` and `practice`; `packages` as readers know them;
        and `install`, the command that installs `introdl`, or "" where no block imports it.
    """
    if not is_second(source) or name not in course.lessons:
        return None
    lesson = course.lessons[name]
    try:
        imported = list(imports(source, root))
        minutes = reading_minutes(source, root)
    except ValueError:  # an include or a fence that is named elsewhere
        return None
    given = get_data(source)[1].get("packages")
    others = (_SPELLED.get(module, module) for module in imported if module != _OURS)
    install = ""
    if _OURS in imported:
        install = f'pip install "{repository.install()}"' if repository else "pip install -e ."
    return {
        "lessons": [
            {"label": course.lessons[need].title, "url": get_relative_url(f"{need}/", url)}
            for need in lesson.needs
            if need in course.lessons
        ],
        "minutes": minutes,
        "practice": lesson.minutes,
        "packages": [str(package) for package in given] if isinstance(given, list) else [*others],
        "install": install,
        "checkout": repository is None,
    }


def later(name: str, url: str, course: Course) -> list[dict[str, str]]:
    """Links to the lessons that build on this one."""
    return [
        {"label": lesson.title, "url": get_relative_url(f"{lesson.name}/", url)}
        for lesson in course.users(name)
    ]


def imports(source: str, root: Path) -> Iterator[str]:
    """The packages that the Python blocks of a page import, without Python's own, in order.

    Raises:
        ValueError: If a block includes what is no code.
    """
    seen: set[str] = set()
    for block in python_blocks(source, root):
        for package in _packages(block.code):
            if package not in sys.stdlib_module_names and package not in seen:
                seen.add(package)
                yield package


@functools.lru_cache(maxsize=4096)  # a preview asks for every page at every edit
def _packages(code: str) -> tuple[str, ...]:
    try:
        tree = ast.parse(code)
    except SyntaxError:  # named where the block runs
        return ()
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return tuple(name.partition(".")[0] for name in names)
