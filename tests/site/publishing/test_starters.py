"""A lesson's exercise gives the file that its reader begins with, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from introdl_site.publishing.starters import starters

if TYPE_CHECKING:
    from ..conftest import Course

# Stands for the checker: it writes what the exercise says, and counts how often it was asked.
CHECKER = """\
import sys
from pathlib import Path

_, lesson, _, out = sys.argv
text = Path(f"src/introdl/exercises/{lesson}.py").read_text()
with Path("asked").open("a") as asked:
    asked.write("x")
if "broken" in text:
    sys.exit("error: it is broken")
Path(out).write_text(text)
"""


def test_a_starter_is_made_once_for_each_exercise(course: Course) -> None:
    course.write("src/introdl/__init__.py", "")
    course.write("src/introdl/check/__init__.py", "")
    course.write("src/introdl/check/__main__.py", CHECKER)
    course.write("src/introdl/exercises/__init__.py", "")
    path = course.write("src/introdl/exercises/part/lesson.py", "def averaged(X):\n    ...\n")
    for _ in range(2):
        found, problems = starters(course.project)
        assert problems == []
        assert found == {"examples/part/lesson/averaged.py": "def averaged(X):\n    ...\n"}
    assert (course.root / "asked").read_text() == "x"
    path.write_text("def averaged(X, y):\n    ...\n")
    assert "X, y" in starters(course.project)[0]["examples/part/lesson/averaged.py"]


def test_an_exercise_that_gives_none_is_named(course: Course) -> None:
    course.write("src/introdl/check/__main__.py", CHECKER)
    course.write("src/introdl/__init__.py", "")
    course.write("src/introdl/check/__init__.py", "")
    path = course.write("src/introdl/exercises/part/lesson.py", "broken = 1\n")
    found, problems = starters(course.project)
    assert found == {}
    assert [str(problem) for problem in problems] == [
        "src/introdl/exercises/part/lesson.py: gives no starter file: error: it is broken"
    ]
    path.write_text("x = 1\n")
    assert "it defines no function" in str(starters(course.project)[1][0])
