"""What a cell does to its kernel is told with its place, and the user's settings stay outside."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from introdl_site.project import Example, Project
from introdl_site.publishing.cells import read
from introdl_site.running import cache, forking, isolation, runner

if TYPE_CHECKING:
    from ..conftest import Course


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    """Kernels start in no time; how a fresh one does the same is tested beside the runner."""
    forking.process.start(isolation.environment(Project(Path(__file__).parents[3])))
    yield
    forking.process.stop()


pytestmark = pytest.mark.usefixtures("warm")
PLACE = "examples/part/lesson.py"


def message_of(example: Example, limit: float = 60) -> str:
    outcome = runner.bring_up_to_date([example], limit=limit)
    assert not outcome.runs
    [problem] = outcome.problems[example.name]
    return str(problem)


def printed(example: Example) -> str:
    outcome = runner.bring_up_to_date([example], force=True)
    assert not outcome.problems
    return read(example, outcome.runs[example.name].notebook.cells[-1], 4).markdown


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import io, sys\nsys.stdout = io.StringIO()\n", "replaced sys.stdout or sys.stderr: use"),
        (
            "import threading, time\n"
            "threading.Thread(target=lambda: (time.sleep(3), print('late'))).start()\n",
            "left Thread-",
        ),
        (
            "import warnings\nwarnings.simplefilter('ignore')\n",
            "switched warnings off for the cells that follow",
        ),
        (
            "import warnings\nwarnings.filterwarnings('ignore', category=DeprecationWarning)\n",
            "switched warnings off for the cells that follow",
        ),
        ("import warnings\nwarnings.resetwarnings()\n", "switched warnings off for the cells"),
    ],
    ids=["stdout", "thread", "simplefilter", "filterwarnings", "resetwarnings"],
)
def test_what_later_cells_would_not_survive_is_named(
    cell: Callable[[str], Example], code: str, message: str
) -> None:
    assert message_of(cell(code)).startswith(f"{PLACE}:4: cell 'it' wrote to stderr: {message}")


def test_a_warning_may_be_silenced_where_it_arises(cell: Callable[[str], Example]) -> None:
    code = """\
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.warn("old", DeprecationWarning)
        warnings.filterwarnings("ignore", message="known and harmless")
        print("done")
        """
    assert printed(cell(code)) == "```text\ndone\n```\n"


def test_all_names_may_be_deleted(course: Course) -> None:
    course.write("src/toy.py", "X = 1\n")
    example = course.example(text="# %% [markdown]\n# # T\n\n# %%\nimport toy\n%reset -f\n")
    outcome = runner.bring_up_to_date([example])
    assert "src/toy.py" in outcome.runs[example.name].paths


def test_cells_see_no_name_of_the_machinery(cell: Callable[[str], Example]) -> None:
    names = printed(cell("print([n for n in dir() if n in ('sys', 'types', '_introdl')])\n"))
    assert names == "```text\n[]\n```\n"


def test_plt_show_is_told_with_the_way_out(cell: Callable[[str], Example]) -> None:
    message = message_of(cell("import matplotlib.pyplot as plt\n_ = plt.plot([1])\nplt.show()\n"))
    assert message.startswith(f"{PLACE}:7: cell 'it' raised UserWarning: ")
    assert "; end the cell with plot.figure(fig, alt=...)" in message


def test_a_file_beside_the_example_is_told_with_the_way_out(
    course: Course, cell: Callable[[str], Example]
) -> None:
    course.write("examples/part/points.csv", "1\n")
    message = message_of(cell("\nopen('points.csv')\n"))
    assert message.startswith(f"{PLACE}:6: cell 'it' raised FileNotFoundError: ")
    assert "'points.csv'; no file beside the source is there when it runs: read" in message


def test_text_that_comes_in_pieces_is_one_output(cell: Callable[[str], Example]) -> None:
    code = "import time\nfor i in range(3):\n    print(i, flush=True)\n    time.sleep(0.5)\n"
    outcome = runner.bring_up_to_date([cell(code)])
    [output] = outcome.runs["part/lesson"].notebook.cells[-1].outputs
    assert output.text == "0\n1\n2\n"


def test_a_busy_machine_takes_nothing_of_the_limit(cell: Callable[[str], Example]) -> None:
    assert printed(cell("import time\ntime.sleep(3)\nprint('slept')\n")) is not None
    outcome = runner.bring_up_to_date([cell("import time\ntime.sleep(2.5)\n")], limit=1)
    assert not outcome.problems


def test_what_works_too_long_is_told_with_the_way_out(cell: Callable[[str], Example]) -> None:
    message = message_of(cell("def f():\n    while True:\n        pass\n\nf()\n"), limit=1)
    first = message.splitlines()[0]
    assert first == (
        f"{PLACE}:9: cell 'it' ran past the limit of 1 s of processor time: let it do less, or "
        f"let it run by `python -m introdl_site --limit SECONDS {PLACE}`"
    )


def test_what_ignores_the_interrupt_is_ended(cell: Callable[[str], Example]) -> None:
    code = """\
        while True:
            try:
                while True:
                    pass
            except KeyboardInterrupt:
                pass
        """
    assert message_of(cell(code), limit=1).startswith(
        f"{PLACE}:4: cell 'it' ran past the limit of 1 s of processor time: let it do less"
    )


def test_the_users_environment_stays_outside(
    course: Course, cell: Callable[[str], Example], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forking.process.stop()  # it was started in another environment
    home = tmp_path / "home"
    (home / ".config/matplotlib").mkdir(parents=True)
    (home / ".config/matplotlib/matplotlibrc").write_text("lines.marker: o\n")
    course.write("matplotlibrc", "lines.marker: s\n")
    startup = course.write("startup.py", "STARTED = 1\nprint('started')\n")
    home.chmod(0o500)
    for name, value in {
        "HOME": str(home),
        "MATPLOTLIBRC": str(home / ".config/matplotlib/matplotlibrc"),
        "PYTHONSTARTUP": str(startup),
        "PYTHONOPTIMIZE": "1",
        "IPYTHONDIR": str(home),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(course.root)
    code = """\
        import matplotlib
        print(matplotlib.rcParams["lines.marker"], __debug__, "STARTED" in globals())
        """
    examples = [cell(code), course.example("part/other", cell(code).path.read_text())]
    for some in (examples[:1], examples):  # a kernel of its own, and forks
        outcome = runner.bring_up_to_date(some, force=True)
        assert not outcome.problems
        for run in outcome.runs.values():
            assert run.notebook.cells[-1].outputs[0].text == "None True False\n"


def test_a_long_folder_for_temporary_files_will_do(
    cell: Callable[[str], Example], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert printed(cell("print(1)\n")) == "```text\n1\n```\n"


def test_what_breaks_the_machinery_is_a_problem_of_its_example(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = course.example("part/good"), course.example("part/bad")
    bad.path.write_bytes(b"# %% [markdown]\n# # T\n\n# %%\nx = '\xff'\n")
    outcome = runner.bring_up_to_date([bad, good])
    assert list(outcome.runs) == ["part/good"]
    [problem] = outcome.problems["part/bad"]
    assert str(problem).startswith("examples/part/bad.py: cannot be run: UnicodeDecodeError: ")
    assert cache.load(good) is not None
