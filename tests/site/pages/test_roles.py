"""Roles lead to lessons by what these need; a planned lesson waits, a misspelt one is named."""

from __future__ import annotations

from pathlib import Path

from introdl_site.pages import roles
from introdl_site.pages.course import Course, Lesson, Part

ROLES = """\
# the roles

[[role]]
title = "Engineer"
week = "Builds."
coded = "none"
goals = [
  "two/c",
  "two/later",
]

[[role]]
title = "Researcher"
week = "Reads | writes."
coded = "none"
goals = ["one/b"]
"""
PLAN = {"two": {"title": "Two", "lessons": ["later"]}}


def lesson(name: str, *needs: str) -> Lesson:
    return Lesson(name, name.rpartition("/")[2].upper(), "", "", needs, 0, 7, 0, frozenset())


LESSONS = [lesson("one/a"), lesson("one/b", "one/a"), lesson("one/x")]
COURSE = Course(
    [Part("one", "One", "", (*LESSONS,)), Part("two", "", "", (lesson("two/c", "one/b"),))]
)


def write(root: Path, text: str = ROLES) -> Path:
    reference = root / "docs" / "reference"
    reference.mkdir(parents=True)
    for name in ("one/a", "one/b", "one/x", "two/c"):
        page = root / "docs" / f"{name}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text("# T\n\n" + "word " * 1200, encoding="utf-8")
    (reference / "slides.toml").write_text(
        '[planned]\ntwo = { title = "Two", description = "", lessons = ["later"] }\n'
    )
    (reference / "roles.toml").write_text(text, encoding="utf-8")
    return reference / "roles.toml"


def test_the_table_has_each_lesson_and_what_each_role_needs_of_it(tmp_path: Path) -> None:
    write(tmp_path)
    text = f"Before.\n\n    {roles.MATRIX}\n"
    found, problems = roles.fill(text, COURSE, tmp_path, "one/page.md")
    assert problems == []
    assert found.splitlines()[2:] == [
        "    | Lesson | Minutes | 1 | 2 |",
        "    | --- | ---: | --- | --- |",
        "    | [A](a.md) | 10 + 7 | ○ | ○ |",
        "    | [B](b.md) | 10 + 7 | ○ | ● |",
        "    | [X](x.md) | 10 + 7 |  |  |",
        "    | [C](../two/c.md) | 10 + 7 | ● |  |",
    ]


def test_the_list_has_each_role(tmp_path: Path) -> None:
    write(tmp_path)
    found, _ = roles.fill(roles.WEEKS, COURSE, tmp_path, "one/page.md")
    assert found.splitlines() == [
        "1. **Engineer**: Builds. <small>Counted as: none.</small>",
        "2. **Researcher**: Reads \\| writes. <small>Counted as: none.</small>",
    ]


def test_a_page_without_a_place_needs_no_file(tmp_path: Path) -> None:
    assert roles.fill("text", COURSE, tmp_path, "one/page.md") == ("text", [])


def test_a_misspelt_lesson_is_named_at_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, ROLES.replace("two/later", "two/latter"))
    found, problems = roles.load(path, COURSE, PLAN)
    assert [(p.path, p.line) for p in problems] == [("docs/reference/roles.toml", 9)]
    assert "'two/latter' is neither a lesson" in problems[0].message
    assert found[0].goals == ("two/c",)


def test_what_a_role_lacks_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, ROLES.replace('week = "Reads | writes."\n', ""))
    problems = roles.load(path, COURSE, PLAN)[1]
    assert [(p.line, p.message) for p in problems] == [(12, "a [[role]] has no week")]


def test_a_file_that_is_no_toml_is_named_at_its_line(tmp_path: Path) -> None:
    found, problems = roles.load(write(tmp_path, "[[role]]\ntitle = x\n"), COURSE, PLAN)
    assert found == []
    assert problems[0].line == 2
