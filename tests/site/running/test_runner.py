"""Examples run, fail with their place named, and run again only when they must."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from introdl_site.project import Example, Project
from introdl_site.publishing import snippets
from introdl_site.running import cache, forking, isolation, runner

#: What the course imports, more or less.
MODULES = ["matplotlib", "numpy", "sklearn.svm", "torch"]

if TYPE_CHECKING:
    from ..conftest import Course


@pytest.fixture(scope="module", params=["a fresh kernel", "a fork"])
def kernels(request: pytest.FixtureRequest) -> Iterator[None]:
    """Kernels as one stale example gets them, and as several do."""
    if request.param == "a fork":
        forking.process.start(isolation.environment(Project(Path(__file__).parents[3])), MODULES)
        assert forking.process.lives or sys.platform != "linux"
    yield
    forking.process.stop()


def problem_of(example: Example, limit: float = 60) -> str:
    outcome = runner.bring_up_to_date([example], limit=limit)
    assert not outcome.runs
    assert cache.load(example) is None
    [problem] = outcome.problems[example.name]
    return str(problem)


@pytest.mark.usefixtures("kernels")
def test_raising_cell_is_named_with_its_line_and_traceback(cell: Callable[[str], Example]) -> None:
    message = problem_of(cell("x = 1\nx / 0\n"))
    assert message.startswith("examples/part/lesson.py:6: cell 'it' raised ZeroDivisionError: ")
    assert "----> 2 x / 0" in message


@pytest.mark.usefixtures("kernels")
def test_false_claim_fails(cell: Callable[[str], Example]) -> None:
    assert "raised AssertionError: the score" in problem_of(cell("assert 1 > 2, 'the score'"))


@pytest.mark.usefixtures("kernels")
def test_deprecation_warning_fails(cell: Callable[[str], Example]) -> None:
    code = "import warnings\nwarnings.warn('old way', DeprecationWarning)\n"
    assert "examples/part/lesson.py:6: cell 'it' raised DeprecationWarning: old way" in problem_of(
        cell(code)
    )


@pytest.mark.usefixtures("kernels")
def test_stderr_fails(cell: Callable[[str], Example]) -> None:
    message = problem_of(cell("import sys\nprint('deprecated', file=sys.stderr)\n"))
    assert "examples/part/lesson.py:4: cell 'it' wrote to stderr: deprecated" in message


@pytest.mark.usefixtures("kernels")
def test_hanging_cell_is_stopped(cell: Callable[[str], Example]) -> None:
    began = time.monotonic()
    message = problem_of(cell("import time\n\ndef nap():\n    time.sleep(60)\n\nnap()\n"), limit=1)
    first, *traceback = message.splitlines()
    assert first == (
        "examples/part/lesson.py:10: cell 'it' had not ended after 10 s: let it do less, or let it "
        "run by `python -m introdl_site --limit SECONDS examples/part/lesson.py`"
    )
    assert any("time.sleep(60)" in line for line in traceback)
    assert traceback[-1].startswith("KeyboardInterrupt")
    assert time.monotonic() - began < 30


@pytest.mark.usefixtures("kernels")
def test_dead_kernel_is_named(cell: Callable[[str], Example]) -> None:
    assert "cell 'it' killed its kernel" in problem_of(cell("import os\nos._exit(3)\n"))


def test_a_timed_example_runs_alone(course: Course, tmp_path: Path) -> None:
    text = """\
        # %% [markdown]
        # # T

        # %% name="it"{timed}
        import time
        from pathlib import Path
        log = Path({log!r})
        with log.open("a") as file:
            print("begin {name}", file=file)
        time.sleep(1)
        with log.open("a") as file:
            print("end {name}", file=file)
        """
    log = tmp_path / "log"
    examples = [
        course.example(
            f"part/{name}", textwrap.dedent(text).format(name=name, timed=timed, log=str(log))
        )
        for name, timed in (("a", " timed=true"), ("b", ""), ("c", ""))
    ]
    outcome = runner.bring_up_to_date(examples, jobs=2)
    assert not outcome.problems
    lines = log.read_text().splitlines()
    assert sorted(line.split()[1] for line in lines[:2]) == ["b", "c"], "the others run at once"
    assert lines[-2:] == ["begin a", "end a"]


def test_one_failure_does_not_lose_the_others(course: Course) -> None:
    good = course.example("part/good")
    bad = course.example("part/bad", "# %% [markdown]\n# # T\n\n# %%\n1 / 0\n")
    outcome = runner.bring_up_to_date([good, bad])
    assert list(outcome.runs) == ["part/good"]
    assert list(outcome.problems) == ["part/bad"]
    assert cache.load(good) is not None


def test_only_dependents_run_again(course: Course) -> None:
    for name in ("one", "two"):
        course.write(f"src/toy/{name}.py", f"NAME = {name!r}\n")
        course.example(f"part/{name}", f"# %% [markdown]\n# # T\n\n# %%\nfrom toy import {name}\n")
    course.write("src/toy/__init__.py", "")
    examples = course.project.examples()
    assert set(runner.bring_up_to_date(examples).executed) == {"part/one", "part/two"}
    assert runner.bring_up_to_date(examples).executed == []
    course.write("src/toy/one.py", "NAME = 'changed'\n")
    assert runner.bring_up_to_date(examples).executed == ["part/one"]
    course.write("src/toy/three.py", "")
    course.write("README.md", "changed")
    assert runner.bring_up_to_date(examples).executed == []


def test_a_data_file_and_a_listed_folder_are_dependencies(course: Course) -> None:
    data = course.write("src/toy/events.toml", "a = 1\n")
    code = f"""\
        from pathlib import Path
        folder = Path({str(data.parent)!r})
        print(Path(folder, 'events.toml').read_text(), len(list(folder.iterdir())))
        """
    lines = "\n".join(line.strip() for line in code.splitlines())
    example = course.example(text=f"# %% [markdown]\n# # T\n\n# %%\n{lines}")
    runner.bring_up_to_date([example])
    assert cache.load(example) is not None
    data.write_text("a = 2\n")
    assert cache.load(example) is None
    runner.bring_up_to_date([example])
    course.write("src/toy/more.py", "")
    assert cache.load(example) is None


def test_an_edit_during_the_run_is_not_taken_as_run(course: Course) -> None:
    module = course.write("src/toy.py", "X = 1\n")
    code = f"import toy\nfrom pathlib import Path\nPath({str(module)!r}).write_text('X = 2\\n')\n"
    example = course.example(text=f"# %% [markdown]\n# # T\n\n# %%\n{code}")
    runner.bring_up_to_date([example])
    assert cache.load(example) is None


def test_what_an_installation_wrote_beside_the_code_is_no_dependency(course: Course) -> None:
    entry_points = course.write("src/toy.egg-info/entry_points.txt", "[console_scripts]\n")
    course.write("src/toy.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: toy\nVersion: 1\n")
    code = (
        "from importlib.metadata import entry_points\n_ = entry_points(group='console_scripts')\n"
    )
    example = course.example(text=f"# %% [markdown]\n# # T\n\n# %%\n{code}")
    runner.bring_up_to_date([example])
    entry_points.unlink()
    course.write("src/another/__init__.py", "")
    assert cache.load(example) is not None


def test_another_version_runs_again(course: Course) -> None:
    example = course.example()
    runner.bring_up_to_date([example])
    entry_file = course.project.cache / "examples" / "part" / "lesson.json"
    entry = json.loads(entry_file.read_text())
    for change in ({"versions": {"python": "3.1"}}, {"format": -1}):
        entry_file.write_text(json.dumps(entry | change))
        assert cache.load(example) is None
    entry_file.write_text(json.dumps(entry))
    assert cache.load(example) is not None


@pytest.mark.parametrize("content", [b"", b'{"format": 1, "noteb', b"[]", b"\xff"])
def test_a_damaged_entry_is_run_again(course: Course, content: bytes) -> None:
    example = course.example()
    entry = course.project.cache / "examples" / "part" / "lesson.json"
    entry.parent.mkdir(parents=True)
    entry.write_bytes(content)
    assert cache.load(example) is None


def test_full_disk_leaves_no_half_written_entry(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = course.root / "out" / "entry.json"
    cache.write(target, b"whole")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(cache.CacheError, match=r"cannot write .*entry\.json: No space left.*INTRO"):
        cache.write(target, b"another")
    assert target.read_bytes() == b"whole"
    assert list(target.parent.iterdir()) == [target]


def test_a_cache_that_cannot_be_made_is_one_clear_line(course: Course) -> None:
    course.example()
    course.write(".cache", "a file where a folder should be")
    done = command(course)
    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if line]
    assert line.startswith("error: cannot write") or "File exists" in line
    assert "INTRODL_CACHE" in line


def test_a_killed_build_leaves_the_next_one_right(course: Course) -> None:
    course.example("part/quick")
    course.example(
        "part/slow",
        '# %% [markdown]\n# # T\n\n# %% name="n"\nimport time\ntime.sleep(3)\nprint("done")\n',
    )
    for kill in (signal.SIGKILL, signal.SIGINT):
        process = subprocess.Popen(
            [sys.executable, "-m", "introdl_site"],
            cwd=course.root,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        process.stderr.readline()  # the quick one has ended, the slow one runs
        process.send_signal(kill)
        process.wait(timeout=60)
        process.stderr.close()
    done = command(course)
    assert done.returncode == 0, done.stderr
    snippet = course.project.snippets / "outputs/part/slow/n.md"
    assert snippet.read_text() == "```text\ndone\n```\n"
    assert not list(course.project.cache.rglob(".half-*"))


SLOW = '# %% [markdown]\n# # T\n\n# %% name="n"\nimport time\ntime.sleep(60)\n'


def test_an_example_that_is_stopped_has_not_failed(course: Course) -> None:
    examples = [course.example(f"part/{name}", SLOW) for name in "abc"]
    stop, console = threading.Event(), Console(file=io.StringIO())
    threading.Timer(3, stop.set).start()
    began = time.monotonic()
    outcome = runner.bring_up_to_date(examples, jobs=2, console=console, stop=stop)
    assert time.monotonic() - began < 30
    assert (outcome.runs, outcome.problems, outcome.executed) == ({}, {}, [])
    assert console.file.getvalue() == ""


def test_an_interrupted_build_says_so_and_nothing_else(course: Course) -> None:
    for name in "abc":
        course.example(f"part/{name}", SLOW)
    build = subprocess.Popen(
        [sys.executable, "-m", "introdl_site"], cwd=course.root, stderr=subprocess.PIPE, text=True
    )
    time.sleep(8)
    build.send_signal(signal.SIGINT)
    said = build.communicate(timeout=60)[1]
    assert build.returncode == 130
    assert said.strip() == "Interrupted; the runs that had ended are kept."


def test_two_builds_at_once_run_each_example_once(course: Course) -> None:
    course.example(
        text=f'# %% [markdown]\n# # T\n\n# %% name="n"\nimport time\ntime.sleep(2)\n'
        f"with open({str(course.root / 'runs')!r}, 'a') as file:\n    _ = file.write('x')\n"
    )
    builds = [
        subprocess.Popen(
            [sys.executable, "-m", "introdl_site"],
            cwd=course.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [build.communicate(timeout=120)[0] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], said
    assert (course.root / "runs").read_text() == "x"
    assert any("waiting for it to end" in text for text in said)


def test_outputs_repeat_byte_for_byte(course: Course) -> None:
    code = """\
        from introdl import plot
        import numpy as np
        fig, ax = plot.subplots()
        ax.plot(np.random.default_rng(0).normal(size=50), label="x")
        ax.legend()
        plot.figure(fig, alt="Noise", caption="Noise.")
        """
    lines = "\n".join(line.strip() for line in code.splitlines())
    example = course.example(text=f'# %% [markdown]\n# # T\n\n# %% name="n"\n{lines}')
    entries = []
    for _ in range(2):
        outcome = runner.bring_up_to_date([example], force=True)
        entries.append(outcome.runs[example.name].notebook)
    assert entries[0] == entries[1]


def publish(course: Course, example: Example) -> None:
    snippets.publish(course.project, [example], runner.bring_up_to_date([example]).runs)


def test_snippets_that_nothing_makes_any_longer_go(course: Course) -> None:
    example = course.example()
    publish(course, example)
    old = course.project.snippets / "outputs/part/lesson/said.md"
    assert old.read_text() == "```text\nseven\n```\n"
    course.example(text=example.path.read_text().replace('"said"', '"told"'))
    publish(course, example)
    assert not old.exists()
    assert old.with_name("told.md").is_file()


def test_running_one_example_keeps_the_outputs_of_the_others(course: Course) -> None:
    for name in ("one", "two"):
        course.example(f"part/{name}")
    assert command(course).returncode == 0
    assert command(course, "--force", "examples/part/two.py").returncode == 0
    for name in ("one", "two"):
        assert (course.project.snippets / f"outputs/part/{name}/said.md").is_file()


def test_unknown_example_is_one_clear_line(course: Course) -> None:
    course.example()
    done = command(course, "examples/part/other.py")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "error: nothing to run in examples/part/other.py (examples lie under examples/, pages with "
        "Python blocks under docs/)"
    )


def command(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "introdl_site", *arguments],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_python_and_package_paths_are_those_of_the_checkout(course: Course) -> None:
    course.write("src/toy.py", "X = 'of this checkout'\n")
    example = course.example(
        text='# %% [markdown]\n# # T\n\n# %% name="n"\nimport toy\nprint(toy.X)\n'
    )
    run = runner.bring_up_to_date([example]).runs[example.name]
    assert run.notebook.cells[1].outputs[0].text == "of this checkout\n"
    assert "src/toy.py" in run.paths
    assert Path("examples/part/lesson.py").as_posix() in run.paths
