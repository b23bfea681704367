"""Shards agree without talking to each other, and their caches together are a whole one."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from introdl_site.__main__ import main
from introdl_site.pages.executed import runnables
from introdl_site.project import Project
from introdl_site.running import cache, forking, kept, runner
from introdl_site.running.shards import Shard, share

if TYPE_CHECKING:
    from ..conftest import Course

ROOT = Path(__file__).resolve().parents[3]
HEAD = "# %% [markdown]\n# # T\n\n# %%\nfrom introdl import handed\n"


@pytest.fixture(autouse=True, scope="module")
def warm() -> Iterator[None]:
    yield
    forking.process.stop()


def fill(course: Course, seconds: str = "") -> None:
    """Three examples and two pages; one example and one page get what another example keeps."""
    course.example("part/giver", f'{HEAD}handed.keep("net", w=[7.0])\n')
    course.example("part/getter", f'{HEAD}print(handed.get("part/giver/net")["w"])\n')
    course.example("part/other")
    code = 'from introdl import handed\nprint(handed.get("part/giver/net")["w"])'
    course.write("docs/part/getter.md", f"# T\n\n```python\n{code}\n```\n")
    course.write("docs/part/other.md", "# T\n\n```python\nprint(1)\n```\n")
    if seconds:
        course.write("examples/seconds.toml", seconds)


def shares(project: Project, of: int) -> list[list[str]]:
    items = runnables(project)
    return [[i.name for i in share(project, items, Shard(n, of))] for n in range(1, of + 1)]


CHAIN = ["part/getter", "part/giver", "docs/part/getter.md"]


def test_a_chain_stays_together_and_all_is_shared_out(course: Course) -> None:
    fill(course, '"part/other" = 1\n')
    assert shares(course.project, 1) == [[*CHAIN[:2], "part/other", CHAIN[2], "docs/part/other.md"]]
    assert shares(course.project, 2) == [CHAIN, ["part/other", "docs/part/other.md"]]
    assert shares(course.project, 4) == [CHAIN, ["docs/part/other.md"], ["part/other"], []]


def test_the_seconds_decide(course: Course) -> None:
    fill(
        course, '"part/other" = 9\n"part/giver" = 1\n"part/getter" = 1\n"docs/part/other.md" = 1\n'
    )
    assert shares(course.project, 2) == [["part/other"], [*CHAIN, "docs/part/other.md"]]


def test_what_runs_alone_counts_twice(course: Course) -> None:
    for name in "abcd":
        course.example(f"part/{name}")
    course.write(
        "examples/seconds.toml", '"part/a" = 4\n"part/b" = 3\n"part/c" = 3\n"part/d" = 3\n'
    )
    assert shares(course.project, 2) == [["part/a", "part/d"], ["part/b", "part/c"]]
    course.example("part/a", f"{HEAD}\n# %% timed=true\n1\n")
    assert shares(course.project, 2) == [["part/a"], ["part/b", "part/c", "part/d"]]


def test_the_caches_of_two_folders_make_one_in_which_nothing_runs(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(course)
    roots = [course.root / name for name in ("one", "two", "whole")]
    for root in roots:
        for folder in ("examples", "docs"):
            shutil.copytree(course.root / folder, root / folder)
    # The second folder has the runs of an older state, whose chain kept something else.
    old = Project(roots[1]).examples()[1]
    assert old.name == "part/giver"
    text = old.path.read_text()
    old.path.write_text(text.replace("7.0", "6.0"))
    assert not runner.bring_up_to_date(runnables(old.project)).problems
    old.path.write_text(text)

    ran = []
    for number, root in enumerate(roots[:2], start=1):
        monkeypatch.chdir(root)
        assert main(["--shard", f"{number}/2"]) == 0
        ran.append(capsys.readouterr().err.splitlines()[-1])
    assert ran == ["3 run, 0 current, 0 failed", "0 run, 2 current, 0 failed"]
    assert cache.load(old) is None
    assert not list(kept.folder(old.project).rglob("*.safetensors"))

    for root in roots[:2]:
        shutil.copytree(root / ".cache", roots[2] / ".cache", dirs_exist_ok=True)
    monkeypatch.chdir(roots[2])
    assert main([]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "0 run, 5 current, 0 failed"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--shard", "5/4"], "there is no shard 5/4: the first number goes from 1 to the second"),
        (["--shard", "0/2"], "there is no shard 0/2: the first number goes from 1 to the second"),
        (["--shard", "x"], "'x' is no shard: write 2/4 for the second of four"),
        (["--shard", ""], "'' is no shard: write 2/4 for the second of four"),
        (["--shard", "1/2", "examples/part/other.py"], "name files or a shard, not both"),
    ],
)
def test_what_is_no_shard_is_one_line(
    course: Course, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    fill(course)
    monkeypatch.chdir(course.root)
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == f"error: {message}"


@pytest.mark.parametrize("text", ["not TOML", "part = {}", '"part/other" = "long"'])
def test_seconds_that_cannot_be_read_are_one_line(
    course: Course, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    fill(course, text)
    monkeypatch.chdir(course.root)
    with pytest.raises(SystemExit, match=r"^error: examples/seconds\.toml: .*; make it anew by "):
        main(["--shard", "1/2"])


def test_what_runs_took_is_written_and_the_rest_is_left(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(course, '"part/giver" = 5.0\n"part/gone" = 5.0\n"part/other" = 500.0\n')
    monkeypatch.chdir(course.root)
    assert main(["examples/part/other.py"]) == 0
    assert main(["--weigh"]) == 0
    seconds = tomllib.loads((course.root / "examples/seconds.toml").read_text())
    assert seconds.pop("part/other") < 100
    assert seconds == {"part/giver": 5.0}


def test_the_seconds_of_the_course_are_of_what_it_runs() -> None:
    listed = tomllib.loads((ROOT / "examples/seconds.toml").read_text())
    assert listed.keys() <= {item.name for item in runnables(Project(ROOT))}


def test_networks_and_vision_take_at_most_four_minutes_on_two_cores() -> None:
    listed = tomllib.loads((ROOT / "examples/seconds.toml").read_text())
    theirs = re.compile(r"(docs/)?(networks|vision)/")
    assert sum(seconds for name, seconds in listed.items() if theirs.match(name)) / 2 <= 240
