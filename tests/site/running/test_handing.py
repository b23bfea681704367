"""What an example gets is kept by another first, and made again when that changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from introdl_site.project import Example
from introdl_site.running import cache, forking, kept, runner

if TYPE_CHECKING:
    from ..conftest import Course

HEAD = "# %% [markdown]\n# # T\n\n# %%\nfrom introdl import handed\n"


@pytest.fixture(autouse=True, scope="module")
def warm() -> Iterator[None]:
    yield
    forking.process.stop()


def giver(course: Course, value: float = 7.0, more: str = "", name: str = "part/one") -> Example:
    return course.example(name, f'{HEAD}handed.keep("net", w=[{value}])\n{more}')


def getter(course: Course, asks: str = '"part/one/net"', name: str = "part/two") -> Example:
    return course.example(name, f'{HEAD}print(handed.get({asks})["w"])\n')


def printed(outcome: runner.Outcome, name: str = "part/two") -> str:
    return str(outcome.runs[name].notebook.cells[1].outputs[0].text)


def problems(outcome: runner.Outcome) -> set[str]:
    return {str(problem) for found in outcome.problems.values() for problem in found}


def test_the_giver_runs_first_and_a_change_of_it_makes_the_getter_stale(course: Course) -> None:
    one, two = giver(course), getter(course)
    outcome = runner.bring_up_to_date([two])  # the giver is not even asked for
    assert not outcome.problems
    assert outcome.executed == ["part/one", "part/two"]
    assert printed(outcome) == "[7.]\n"

    assert runner.bring_up_to_date([two, one]).executed == []

    giver(course, more="# A comment changes nothing that is kept.\n")
    assert runner.bring_up_to_date([two, one]).executed == ["part/one"]

    giver(course, value=8.0)
    outcome = runner.bring_up_to_date([two, one])
    assert outcome.executed == ["part/one", "part/two"]
    assert printed(outcome) == "[8.]\n"

    kept_file = kept.folder(course.project) / "part/one/net.safetensors"
    kept_file.unlink()
    assert cache.load(one) is None, "what is kept is part of the run"
    assert runner.bring_up_to_date([two, one]).executed == ["part/one"]
    assert kept_file.is_file()


def test_what_is_no_longer_kept_is_gone(course: Course) -> None:
    one, two = giver(course), getter(course)
    runner.bring_up_to_date([one, two])
    course.example("part/one", f'{HEAD}handed.keep("other", w=[1])\n')
    outcome = runner.bring_up_to_date([one, two])
    message = "examples/part/two.py:6: handed.get('part/one/net'): examples/part/one.py keeps other"
    assert problems(outcome) == {message}


@pytest.mark.parametrize(
    ("asks", "message"),
    [
        ('"part/" + "one/net"', "two.py:6: handed.get takes one name in quotes, such as"),
        ('"net"', "two.py:6: handed.get('net'): write part/lesson/name"),
        ('"part/none/net"', "two.py:6: handed.get('part/none/net'): there is no examples/part/n"),
        ('"part/two/net"', "asks in a circle: part/two → part/two"),
    ],
)
def test_what_cannot_be_had_is_named_before_anything_runs(
    course: Course, asks: str, message: str
) -> None:
    outcome = runner.bring_up_to_date([getter(course, asks)])
    assert outcome.executed == []
    [problem] = problems(outcome)
    assert message in problem


def test_a_circle_is_named(course: Course) -> None:
    three = getter(course, '"part/two/net"', "part/three")
    two = getter(course, '"part/three/net"')
    outcome = runner.bring_up_to_date([three, two])
    assert outcome.executed == []
    [problem] = problems(outcome)
    assert re.search(r"circle: part/(\w+) → part/(\w+) → part/\1$", problem)


def test_a_later_lesson_keeps_nothing_for_an_earlier_one(course: Course) -> None:
    course.write("mkdocs.yml", "nav:\n  - Part:\n      - part/two.md\n      - part/one.md\n")
    outcome = runner.bring_up_to_date([giver(course), getter(course)])
    [problem] = problems(outcome)
    assert "two.py:6: handed.get('part/one/net'): part/one is a later lesson" in problem
    course.write("mkdocs.yml", "nav:\n  - Part:\n      - part/one.md\n      - part/two.md\n")
    assert not runner.bring_up_to_date([giver(course), getter(course)]).problems


def test_one_cause_is_told_once(course: Course) -> None:
    one = giver(course, more="1 / 0\n")
    waiting = [getter(course, name=f"part/{name}") for name in ("two", "three")]
    outcome = runner.bring_up_to_date([*waiting, one])
    assert outcome.executed == ["part/one"]
    assert set(outcome.problems) == {"part/one", "part/two", "part/three"}
    [problem] = problems(outcome)
    assert "examples/part/one.py:7: this cell raised ZeroDivisionError" in problem


def test_who_waits_for_a_timed_example_runs_after_it(course: Course) -> None:
    text = f'{HEAD}handed.keep("net", w=[1])\n\n# %% timed=true\n1\n'
    one, two = course.example("part/one", text), getter(course)
    other = course.example("part/other")
    outcome = runner.bring_up_to_date([two, one, other])
    assert not outcome.problems
    assert outcome.executed == ["part/other", "part/one", "part/two"]


def test_what_is_got_elsewhere_is_refused(course: Course) -> None:
    code = "from introdl import handed\n\n\ndef net():\n    return handed.get('part/one/net')\n"
    course.write("src/toy.py", code)
    text = "# %% [markdown]\n# # T\n\n# %%\nimport toy\ntoy.net()\n"
    runner.bring_up_to_date([giver(course)])
    outcome = runner.bring_up_to_date([course.example("part/two", text)])
    [problem] = problems(outcome)
    assert "examples/part/two.py: got 'part/one/net' by code elsewhere; call handed.get" in problem


def test_every_spelling_of_the_call_is_read(course: Course) -> None:
    giver(course)
    text = """\
# %% [markdown]
# # T

# %%
import introdl.handed as h
from introdl.handed import get as got

# %%
print(h.get("part/one/net")["w"], got("part/one/net")["w"])
"""
    outcome = runner.bring_up_to_date([course.example("part/two", text)])
    assert outcome.executed == ["part/one", "part/two"]


def test_what_is_written_into_the_working_folder_is_named(course: Course) -> None:
    text = "# %% [markdown]\n# # T\n\n# %%\nopen('notes.txt', 'w').close()\n"
    [problem] = problems(runner.bring_up_to_date([course.example("part/two", text)]))
    assert problem.startswith("examples/part/two.py:5: 'notes.txt' is written into the working")
    assert "introdl.show.file" in problem
