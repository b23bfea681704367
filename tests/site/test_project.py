"""What counts as an example, and where the cache lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from introdl_site.project import ExampleError, Project

if TYPE_CHECKING:
    from .conftest import Course


def test_hidden_files_are_no_examples(course: Course) -> None:
    course.example("part/lesson")
    for name in (".ipynb_checkpoints/lesson", "part/.ipynb_checkpoints/lesson", "part/._lesson"):
        course.example(name)
    (course.root / "examples/part/.#lesson.py").symlink_to("someone@somewhere.1")
    assert [example.name for example in course.project.examples()] == ["part/lesson"]


def test_a_byte_order_mark_is_no_part_of_an_example(course: Course) -> None:
    example = course.example()
    example.path.write_text(example.path.read_text(), encoding="utf-8-sig")
    notebook, lines = example.read()
    assert notebook.cells[0].source.startswith("# A title")
    assert lines == [1, 6]


@pytest.mark.parametrize("separator", ["\u2028", "\x0c", "\x85"])
def test_what_ends_a_line_for_some_tools_alone_is_refused(course: Course, separator: str) -> None:
    example = course.example(text=f"# %%\nx = 1\n# a{separator}b\n")
    with pytest.raises(ExampleError, match=rf"lesson.py:3: the character U\+{ord(separator):04X}"):
        example.read()


def test_the_cache_lies_where_it_was_put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    for value, place in (
        ("", tmp_path / ".cache"),
        ("~/x", Path("/home/someone/x")),
        ("/there", Path("/there")),
    ):
        monkeypatch.setenv("INTRODL_CACHE", value)
        assert Project(tmp_path).cache == place
