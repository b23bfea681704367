"""A kernel that is forked from the warm process shows and notes what one of its own does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from introdl_site.project import Example, Project
from introdl_site.running import cache, forking, isolation, runner

#: What the course imports, more or less.
MODULES = ["matplotlib", "numpy", "sklearn.svm", "torch"]

if TYPE_CHECKING:
    from ..conftest import Course

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux")

HEAD = '# %% [markdown]\n# # T\n\n# %% name="n"\n'


@pytest.fixture
def warm() -> Iterator[None]:
    forking.process.start(isolation.environment(Project(Path(__file__).parents[3])), MODULES)
    yield
    forking.process.stop()


def example(course: Course, code: str, name: str = "part/lesson") -> Example:
    return course.example(name, HEAD + textwrap.dedent(code))


def printed(example: Example) -> str:
    outcome = runner.bring_up_to_date([example], force=True)
    assert not outcome.problems
    return str(outcome.runs[example.name].notebook.cells[1].outputs[0].text)


def test_a_fork_shows_and_notes_what_a_fresh_kernel_does(course: Course) -> None:
    course.write("src/toy.py", "import numpy\nX = numpy.arange(3)\n")
    code = """\
        import os, sys
        import matplotlib, sklearn.svm, torch
        import toy
        print(toy.X, __name__, os.getcwd() in sys.path, os.environ["PYTHONPATH"])
        print(torch.manual_seed(0).initial_seed(), torch.rand(2), hash("a"), sys.stdin.read())
        print(torch.get_num_threads(), matplotlib.get_backend(), os.getpgrp() == os.getpid())
        print(__import__("subprocess").run(["false"]).returncode)
        """
    lesson = example(course, code)
    entries = []
    for forked in (False, True):
        if forked:
            forking.process.start(
                isolation.environment(Project(Path(__file__).parents[3])), MODULES
            )
        runner.bring_up_to_date([lesson], force=True)
        entry = cache.load(lesson)
        assert entry is not None
        entries.append((entry.notebook, entry.paths, set(entry.versions)))
    forking.process.stop()
    assert entries[0][:2] == entries[1][:2]
    # What the warm process has imported counts, whether the example used it or not.
    assert entries[0][2] <= entries[1][2]


@pytest.mark.usefixtures("warm")
def test_several_stale_examples_are_forked_and_one_is_not(course: Course) -> None:
    code = "import os\nprint(os.getppid())\n"
    pids = [printed(example(course, code)) for _ in range(2)]
    assert pids[0] == pids[1] != f"{os.getpid()}\n"
    forking.process.stop()
    assert printed(example(course, code)) == f"{os.getpid()}\n"
    assert not forking.process.lives, "one example is not worth a warm process"
    pair = [example(course, code, f"part/{name}") for name in ("one", "two")]
    runner.bring_up_to_date(pair)
    assert forking.process.lives


@pytest.mark.usefixtures("warm")
def test_a_missing_seed_shows(course: Course) -> None:
    code = "import numpy as np, random, torch\nprint({}())\n"
    for draw in ("np.random.rand", "random.random", "torch.randn(1).item"):
        lesson = example(course, code.format(draw))
        assert printed(lesson) != printed(lesson), draw


def test_kernels_end_with_the_build_that_asked_for_them(course: Course) -> None:
    log = course.root / "pids"
    code = f"""\
        import os, time
        with open({str(log)!r}, "a") as file:
            print(os.getpid(), os.getppid(), file=file)
        time.sleep(60)
        """
    for name in ("one", "two"):
        example(course, code, f"part/{name}")
    build = subprocess.Popen([sys.executable, "-m", "introdl_site"], cwd=course.root)
    wait_until(lambda: log.exists() and len(log.read_text().splitlines()) == 2)
    build.send_signal(signal.SIGKILL)
    build.wait()
    wait_until(lambda: not any(psutil.pid_exists(int(pid)) for pid in log.read_text().split()))


def wait_until(holds) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.usefixtures("warm")
def test_a_warm_process_that_ended_is_one_clear_line_or_started_anew() -> None:
    assert forking.process._process is not None
    forking.process._process.kill()
    forking.process._process.wait()
    with pytest.raises(RuntimeError, match="the process that starts kernels has ended"):
        forking.process.fork([], {}, "/")
    forking.process.start(isolation.environment(Project(Path(__file__).parents[3])), MODULES)
    assert forking.process.lives
