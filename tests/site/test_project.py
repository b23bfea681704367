"""An example is read as it is written, each cell, each comment, each line; and where all lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from introdl_site.project import ExampleError, Project

if TYPE_CHECKING:
    from .conftest import Course

TITLE = "# %% [markdown]\n# # T\n\n"


@pytest.mark.parametrize("comment", ["# rm keep.txt", "# !ls", "# cd x", "# %%time", "# %pip x"])
def test_a_comment_stays_a_comment(course: Course, comment: str) -> None:
    notebook, _ = course.example(text=f"{TITLE}# %%\n{comment}\n1\n").read()
    assert [cell.source for cell in notebook.cells] == ["# T", f"{comment}\n1"]


def test_the_line_of_each_line_of_a_cell_is_known(course: Course) -> None:
    text = f'{TITLE}# %% name="a"\n\n\nx = 1\n\ny = 2\n\n# %%\n'
    _, places = course.example(text=text).read()
    assert places == [[1, 2], [4, 7, 8, 9], [11]]


def test_a_marker_in_a_string_starts_no_cell(course: Course) -> None:
    text = f'{TITLE}# %%\nx = """\n# %% no cell\n"""\n\n# %%\n2\n'
    notebook, places = course.example(text=text).read()
    assert [cell.source for cell in notebook.cells[1:]] == ['x = """\n# %% no cell\n"""', "2"]
    assert [lines[0] for lines in places] == [1, 4, 9]


def test_a_header_of_jupytext_is_no_cell(course: Course) -> None:
    spec = "#   kernelspec:\n#     display_name: Python 3\n#     name: python3\n"
    header = f"# ---\n# jupyter:\n{spec}# ---\n\n"
    notebook, places = course.example(text=f"{header}{TITLE}# %%\n1 / 0\n").read()
    assert len(notebook.cells) == 2
    assert places[1] == [11, 12]


def test_a_byte_order_mark_is_no_text(course: Course) -> None:
    example = course.example()
    example.path.write_bytes(b"\xef\xbb\xbf" + example.path.read_bytes())
    notebook, _ = example.read()
    assert len(notebook.cells) == 2


def test_hidden_files_are_no_examples(course: Course) -> None:
    course.example("part/lesson")
    for name in (".ipynb_checkpoints/x", "part/.x", "part/.ipynb_checkpoints/y"):
        course.example(name)
    (course.root / "examples/part/.#lesson.py").symlink_to("nobody@nowhere")
    assert [example.name for example in course.project.examples()] == ["part/lesson"]


def test_twice_used_cell_name_is_refused(course: Course) -> None:
    text = f'{TITLE}# %% name="a"\n1\n\n# %% name="a"\n2\n'
    with pytest.raises(ExampleError, match=r"lesson\.py:7: cell name 'a' is used twice, first on"):
        course.example(text=text).read()


def test_text_before_the_first_cell_is_refused(course: Course) -> None:
    with pytest.raises(ExampleError, match="the first line must start a cell"):
        course.example(text="import os\n\n# %%\n1\n").read()


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
