"""The tool that breaks a lesson: what it changes, and what it says of tests that do not see it."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
mutants = SimpleNamespace(**runpy.run_path(str(HERE / "mutants.py")))
LESSON = '''"""Text: 1 + 1."""


def largest(values: list[int], least: int = -5) -> int:
    """Give the largest of `values`, and 3 more."""
    if not values:
        raise ValueError(f"no values below {2 * least}")
    best = max(values)  # 4 and more
    return best + 3
'''
TESTS = """
from introdl.part.lesson import largest

SAME = {"def largest(values: list[int], least: int = -6) -> int:": "the message alone has it"}


def test_the_largest():
    assert largest([1, 2]) == 5
    assert len([largest([i]) for i in range(3)]) == 3
"""


def test_code_changes_and_text_does_not(tmp_path: Path) -> None:
    path = tmp_path / "lesson.py"
    path.write_text(LESSON)
    found = [(mutant.line, mutant.after) for mutant in mutants.mutants(path)]
    assert found == [
        (4, "def largest(values: list[int], least: int = 5) -> int:"),
        (4, "def largest(values: list[int], least: int = -6) -> int:"),
        (4, "def largest(values: list[int], least: int = -4) -> int:"),
        (6, "if (values):"),
        (8, "best = (min(values)) # 4 and more"),
        (9, "return 2 * (best + 3)"),
        (9, "return (best - 3)"),
        (9, "return best + 4"),
        (9, "return best + 2"),
    ]
    for mutant in mutants.mutants(path):
        compile(mutant.text, "lesson.py", "exec")
        assert mutant.text.count("\n") == LESSON.count("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = a * b", {"x = 2 * (a * b)", "x = (a / b)"}),
        ("x += a", {"x -= a", "x += 2 * a"}),
        ("x = a < b <= c", {"x = (a <= b <= c)", "x = (a < b < c)"}),
        ("x = a.max(axis=1)", {"x = (a.min(axis=1))", "x = (a.mean(axis=1))",
                               "x = a.max(axis=2)", "x = a.max(axis=0)"}),
        ("x = a.T[1]", {"x = (a)[1]", "x = a.T[2]", "x = a.T[0]"}),
        ("x = np.abs(a)", {"x = (a)"}),
        ("x = 0.5", {"x = 1.0", "x = 0.25"}),
        ("x = a and b", {"x = (a or b)"}),
        ("x = True, 'one', None", set()),
        ("assert a + b == 1", set()),
    ],
)  # fmt: skip
def test_each_kind_of_change(before: str, after: set[str], tmp_path: Path) -> None:
    path = tmp_path / "lesson.py"
    path.write_text(before + "\n")
    assert {mutant.after for mutant in mutants.mutants(path)} == after


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one lesson, whose test does not see the default of an argument."""
    for folder in ("src/introdl/part", "tests/part"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "src/introdl/__init__.py").touch()
    (tmp_path / "src/introdl/part/__init__.py").touch()
    (tmp_path / "src/introdl/part/lesson.py").write_text(LESSON)
    (tmp_path / "tests/part/test_lesson.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    for name in ("conftest.py", "mutants.py"):
        shutil.copy(HERE / name, tmp_path / "tests")
    return tmp_path


def run(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tests/mutants.py", *arguments]
    # Its conftest.py asks for a plugin of this checkout; what that imports is of this one, too.
    path = os.pathsep.join([str(HERE.parent), str(HERE.parent / "src")])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, check=False
    )


def test_what_lives_is_listed_and_the_checkout_is_left_alone(course: Path) -> None:
    done = run(course, "part/lesson", "--jobs", "2")
    said = done.stdout.splitlines()
    assert said[0] == "part/lesson: 9 of 9 mutants", done.stderr
    lives = [line.strip() for line in said if "→" in line]
    assert sorted(lives) == [
        "→ def largest(values: list[int], least: int = -4) -> int:",
        "→ def largest(values: list[int], least: int = 5) -> int:",
    ]
    assert "src/introdl/part/lesson.py:4: lives" in said
    assert said[-1].startswith("part/lesson: 6 killed, 1 explained, 2 live; ")
    assert done.returncode == 1
    assert (course / "src/introdl/part/lesson.py").read_text() == LESSON


def test_what_lived_is_tried_again(course: Path) -> None:
    listing = course / "listing.txt"
    listing.write_text(run(course, "part/lesson").stdout)
    tests = course / "tests/part/test_lesson.py"
    tests.write_text(TESTS + "    assert largest.__defaults__ == (-5,)\n")
    said = run(course, "part/lesson", "--again", str(listing)).stdout.splitlines()
    assert said[0] == "part/lesson: 2 of 9 mutants"
    assert said[-1].startswith("part/lesson: 2 killed, 0 explained, 0 live; ")


def test_the_tests_that_run_the_changed_line_come_first(tmp_path: Path) -> None:
    path = mutants.ROOT / "src/introdl/part/lesson.py"
    items = [SimpleNamespace(nodeid=name) for name in "abcd"]
    watched = {
        "seconds": {"a": 1.0, "b": 0.5, "c": 3.0, "d": 2.0},
        "lines": {"introdl/part/lesson.py:8": ["c"], "introdl/part/lesson.py:9": ["d", "c"]},
    }
    mutant = mutants.Mutant(path, 8, 9, "", "", "")
    mutants.Order(mutant, watched).pytest_collection_modifyitems(items)
    assert [item.nodeid for item in items] == ["d", "c", "b", "a"]


def test_an_explanation_that_no_line_needs_any_more_is_named(course: Path) -> None:
    tests = course / "tests/part/test_lesson.py"
    tests.write_text(TESTS.replace("SAME = {", 'SAME = {"x = 3": "gone",'))
    said = run(course, "part/lesson", "--sample", "1").stdout
    gone = "tests/part/test_lesson.py: SAME explains what is no mutant any more: x = 3\n"
    assert gone in said
    assert said.count("no mutant any more") == 1


def test_what_cannot_be_tried_is_one_line(course: Path) -> None:
    done = run(course, "part/other")
    assert "error: src/introdl/part/other.py is missing: name a lesson" in done.stderr
    (course / "tests/part/test_lesson.py").write_text('\nSAME = {"x = {}".format(2): "any"}\n')
    done = run(course, "part/lesson")
    assert done.stderr.startswith("error: ")
    assert "part/test_lesson.py:2: SAME must be a literal: write each line" in done.stderr
    (course / "tests/part/test_lesson.py").write_text("def test(): assert 0")
    done = run(course, "part/lesson", "--sample", "1")
    assert "test_lesson.py fails before anything is broken: mend it first" in done.stderr
