"""Every lesson has its four files, its place in the course and its parts; nothing lies astray."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mkdocs.utils.meta import get_data
from mkdocs.utils.yaml import yaml_load

from introdl_site.pages import course, edition
from introdl_site.publishing.symbols import lessons

ROOT = Path(__file__).parents[1]

#: Where the files of a lesson lie beside its module, and which folders there hold no lessons.
PLACES = {
    "docs/{part}/{lesson}.md": {"reference", "assets"},
    "examples/{part}/{lesson}.py": {"reference"},
    "tests/{part}/test_{lesson}.py": {"check", "site"},
}
SOLUTION = re.compile(r'^ *\?\?\? success "Solution"\s*$', re.MULTILINE)
QUIZ = re.compile(r"^/// quiz \| \S", re.MULTILINE)


def files(root: Path) -> Iterator[str]:
    """Every lesson has four files, and no file is half a lesson."""
    names = [tuple(name.split("/")) for name, _ in lessons(root / "src")]
    for part in sorted({part for part, _ in names}):
        if not (root / f"src/introdl/{part}/__init__.py").is_file():
            yield f"src/introdl/{part}/__init__.py is missing: a part is a package, so add it"
    for place, others in PLACES.items():
        folder, _, pattern = place.partition("/{part}/")
        expected = {
            place.format(part=part, lesson=lesson): (part, lesson) for part, lesson in names
        }
        for path, (part, lesson) in expected.items():
            if not (root / path).is_file():
                yield f"{path} is missing: src/introdl/{part}/{lesson}.py is a lesson, so write it"
        suffix = Path(pattern).suffix
        for file in sorted((root / folder).glob(f"*/**/*{suffix}")):
            path = file.relative_to(root).as_posix()
            part = file.relative_to(root / folder).parts[0]
            if part not in others and file.name != "index.md" and path not in expected:
                lesson = file.stem.removeprefix("test_") if folder == "tests" else file.stem
                module = f"src/introdl/{part}/{lesson}.py"
                yield f"{path} belongs to no lesson: write {module}, or rename or delete the file"


def navigation(root: Path) -> Iterator[str]:
    """The nav names every page once, and leaves a lesson's title to its heading."""
    nav = yaml_load((root / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    entries = list(_entries(nav))
    listed = Counter(path for path, _ in entries)
    docs = root / "docs"
    pages = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    for page in sorted(pages - set(listed)):
        yield f"mkdocs.yml: docs/{page} is not in the nav: add the line '- {page}' in its place"
    for path in sorted(set(listed) - pages):
        yield f"mkdocs.yml: the nav lists {path}, but docs/{path} is missing: write it"
    for path, count in sorted(listed.items()):
        if count > 1:
            yield f"mkdocs.yml: the nav lists {path} {count} times: keep one"
    known = {f"{name}.md" for name, _ in lessons(root / "src")}
    for path, title in entries:
        if title is not None and path in known:
            yield f"mkdocs.yml: {path} has the title {title!r}: write '- {path}', its heading is it"


def _entries(nav: list[Any]) -> Iterator[tuple[str, str | None]]:
    for entry in nav:
        if isinstance(entry, str):
            yield entry, None
            continue
        [(title, below)] = entry.items()
        if isinstance(below, list):
            yield from _entries(below)
        else:
            yield below, title


def overviews(root: Path) -> Iterator[str]:
    """Lists of lessons are made, not typed: each page that has one has its mark."""
    parts = sorted({name.partition("/")[0] for name, _ in lessons(root / "src")})
    wanted = {"docs/index.md": course.PARTS, "docs/reference/index.md": course.PRACTICE}
    wanted |= {f"docs/{part}/index.md": course.LESSONS for part in parts}
    for path, mark in wanted.items():
        page = root / path
        if not page.is_file() or mark not in page.read_text(encoding="utf-8"):
            yield f"{path} has no line {mark!r}: add it where the list belongs"


def layers(root: Path) -> Iterator[str]:
    """A part may use the parts before it in the nav: import-linter's layers have that order."""
    nav = yaml_load((root / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    named = {name.partition("/")[0] for name, _ in lessons(root / "src")}
    order = list(dict.fromkeys(path.partition("/")[0] for path, _ in _entries(nav)))
    parts = [part for part in reversed(order) if part in named]
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    [rule] = [c for c in contracts if c["type"] == "layers" and c["containers"] == ["introdl"]]
    held = [layer for layer in rule["layers"] if layer in named]
    if held != parts:
        line = next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith("layers"))
        yield (
            f"pyproject.toml:{line}: the layers name the parts as {held}: write them as the nav "
            f"does, the last part first: {parts}"
        )


def anatomy(root: Path) -> Iterator[str]:
    """Every lesson's page has its description, title, solutions and quiz."""
    for name, _ in lessons(root / "src"):
        path = root / "docs" / f"{name}.md"
        if not path.is_file():
            continue
        text, data = get_data(path.read_text(encoding="utf-8"))
        length = len(str(data.get("description", "")).strip())
        if not 50 <= length <= 160:
            yield (
                f"docs/{name}.md: its description has {length} characters: begin the page with"
                " '---', 'description: ' and 50 to 160 characters, '---'"
            )
        if not text.lstrip().startswith("# "):
            yield f"docs/{name}.md: its text does not begin with a title: write '# Title' first"
        if (count := len(SOLUTION.findall(text))) < 3:
            yield (
                f"docs/{name}.md has {count} solutions: give three exercises, each with a folded"
                " '??? success \"Solution\"'"
            )
        if (count := len(QUIZ.findall(text))) < 3:
            yield f"docs/{name}.md has {count} quiz questions: ask three, '/// quiz | Question?'"


def pins(root: Path) -> Iterator[str]:
    """Constraints hold versions only, so that they work with any package index."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if "://" in line or line.lstrip().startswith("-") or " @ " in line:
            yield f"constraints.txt:{number}: {line.strip()!r}: write 'package==version'"


CHECKS = [files, navigation, overviews, layers, anatomy, pins]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_layout(check: Callable[[Path], Iterator[str]]) -> None:
    problems = list(check(ROOT))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", [name for name, _ in lessons(ROOT / "src")])
def test_a_lesson_is_of_the_second_edition(name: str) -> None:
    """Its core is short, and it has what a second-edition lesson must have."""
    source = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    message = f"docs/{name}.md:1: no question; add 'question: One question?' to the front matter"
    assert edition.is_second(source), message
    faults = edition.faults(source, f"docs/{name}.md", ROOT)
    assert not faults, "\n".join(map(str, faults))


PAGE = """\
---
description: One sentence of fifty characters or more, for those who search.
---
# Lesson

1. An exercise.

    ??? success "Solution"
        Text.

??? success "Solution"
    Text.

??? success "Solution"
    Text.

/// quiz | One?
/// quiz | Two?
/// quiz | Three?
"""


LAYERS = """\
[[tool.importlinter.contracts]]
type = "layers"
containers = ["introdl"]
layers = ["later", "part", "plot"]
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A course of two parts, with nothing wrong."""
    for path, text in {
        "src/introdl/part/__init__.py": "",
        "src/introdl/part/lesson.py": "",
        "src/introdl/part/data.toml": "",
        "docs/index.md": course.PARTS,
        "docs/part/index.md": course.LESSONS,
        "docs/part/lesson.md": PAGE,
        "docs/reference/index.md": course.PRACTICE,
        "pyproject.toml": LAYERS,
        "src/introdl/later/__init__.py": "",
        "src/introdl/later/lesson.py": "",
        "docs/later/index.md": course.LESSONS,
        "docs/later/lesson.md": PAGE,
        "examples/later/lesson.py": "",
        "tests/later/test_lesson.py": "",
        "examples/part/lesson.py": "",
        "examples/reference/agreement.py": "",
        "tests/conftest.py": "",
        "tests/part/test_lesson.py": "",
        "tests/site/test_machine.py": "",
        "constraints.txt": "numpy==2.4.6\n",
        "mkdocs.yml": """\
site_url: !ENV [SITE_URL, ""]
nav:
  - index.md
  - Part:
      - part/index.md
      - part/lesson.md
  - Later:
      - later/index.md
      - later/lesson.md
  - Reference:
      - reference/index.md
""",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def found(root: Path) -> list[str]:
    return [problem for check in CHECKS for problem in check(root)]


def test_a_whole_course_has_no_problem(tree: Path) -> None:
    assert found(tree) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("src/introdl/part/__init__.py", "{path} is missing: a part is a package"),
        ("docs/part/lesson.md", "{path} is missing: src/introdl/part/lesson.py is a lesson"),
        ("examples/part/lesson.py", "{path} is missing: src/introdl/part/lesson.py is a lesson"),
        ("tests/part/test_lesson.py", "{path} is missing: src/introdl/part/lesson.py is a"),
        ("docs/index.md", "mkdocs.yml: the nav lists index.md, but docs/index.md is missing"),
    ],
)
def test_a_missing_file_is_named(tree: Path, path: str, message: str) -> None:
    (tree / path).unlink()
    assert message.format(path=path) in "\n".join(found(tree))


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("docs/part/other.md", "src/introdl/part/other.py"),
        ("docs/part/deep/other.md", "src/introdl/part/other.py"),
        ("examples/part/other.py", "src/introdl/part/other.py"),
        ("tests/part/test_other.py", "src/introdl/part/other.py"),
        ("tests/part/other.py", "src/introdl/part/other.py"),
    ],
)
def test_an_extra_file_is_named(tree: Path, path: str, module: str) -> None:
    (tree / path).parent.mkdir(exist_ok=True)
    (tree / path).touch()
    message = f"{path} belongs to no lesson: write {module}, or rename or delete the file"
    assert message in found(tree)


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (
            "mkdocs.yml",
            "      - part/lesson.md\n",
            "",
            "docs/part/lesson.md is not in the nav: add",
        ),
        ("mkdocs.yml", "- index.md\n", "- index.md\n  - index.md\n", "lists index.md 2 times"),
        ("docs/part/index.md", "lessons", "parts", "{path} has no line '<!-- introdl:lessons -->'"),
        ("docs/index.md", "parts", "lessons", "{path} has no line '<!-- introdl:parts -->'"),
        (
            "docs/reference/index.md",
            "practice",
            "quiz",
            "{path} has no line '<!-- introdl:practice",
        ),
        (
            "pyproject.toml",
            '"later", "part"',
            '"part", "later"',
            "{path}:4: the layers name the parts as ['part', 'later']: write them as the nav does, "
            "the last part first: ['later', 'part']",
        ),
        ("pyproject.toml", '"later", ', "", "{path}:4: the layers name the parts as ['part']"),
        ("mkdocs.yml", "- part/lesson", "- A title: part/lesson", "has the title 'A title': write"),
        ("docs/part/lesson.md", "One sentence of fifty", "Few", "has 45 characters: begin the"),
        ("docs/part/lesson.md", "One", "One " * 40, "has 220 characters: begin the page with"),
        ("docs/part/lesson.md", "description", "summary", "has 0 characters: begin the page with"),
        ("docs/part/lesson.md", "# Lesson", "Lesson", "does not begin with a title: write"),
        ("docs/part/lesson.md", "    ??? success", "    ???+ note", "has 2 solutions: give three"),
        ("docs/part/lesson.md", "/// quiz | Two", "/// quiz", "has 2 quiz questions: ask three"),
        ("constraints.txt", "==", " @ https://host/", "constraints.txt:1: 'numpy @ https://host/"),
        ("constraints.txt", "numpy==2.4.6", "--index-url x", "constraints.txt:1: '--index-url x'"),
    ],
)
def test_a_wrong_line_is_named(tree: Path, path: str, old: str, new: str, message: str) -> None:
    text = (tree / path).read_text(encoding="utf-8")
    assert old in text
    (tree / path).write_text(text.replace(old, new), encoding="utf-8")
    assert message.format(path=path) in "\n".join(found(tree))
