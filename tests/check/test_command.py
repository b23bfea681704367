"""The command: what it says and how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from introdl.check import load
from introdl.check.__main__ import main

LESSON = "history/perceptron"
SOLUTION = "from introdl.exercises.history.perceptron import averaged\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_right_answer_ends_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "my.py").write_text(SOLUTION + "for n in range(30): print(n)")
    assert main([LESSON, "my.py"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        f"{LESSON}: averaged(X, y, epochs) of my.py\n\nYour file printed:\n  | 0"
    )
    assert "  | 19\n  | and more\n\n  right    OR, one pass\n" in said
    assert said.endswith("\nAll 5 cases are right.\n")


def test_another_seed_draws_other_cases() -> None:
    exercise = load(LESSON)
    first, again, other = ([c.pickled for c in exercise.draw(seed)] for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_a_wrong_answer_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "my.py").write_text(SOLUTION.replace("averaged", "last as averaged"))
    assert main([LESSON, "my.py", "--seed", "3"]) == 1
    said = capsys.readouterr().out
    assert "\n  wrong    OR, five passes\n" in said or "\n  right    OR, five passes\n" in said
    assert "\nNot yet: right on 0 of 5 cases.\nThese are the last weights" in said


def test_a_starter_is_written_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LESSON, "--starter", "averaged.py"]) == 0
    assert capsys.readouterr().out == (
        "averaged.py: write your code where it says NotImplementedError\n"
    )
    text = (folder / "averaged.py").read_text()
    assert f"    python -m introdl.check {LESSON} averaged.py\n" in text
    (folder / "averaged.py").write_text("mine")
    assert main([LESSON, "--starter", "averaged.py"]) == 2
    assert capsys.readouterr().err == "averaged.py is there already: choose another name\n"
    assert (folder / "averaged.py").read_text() == "mine"


def test_without_a_lesson_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    said = capsys.readouterr().out
    assert f"{LESSON}: Calm it by averaging, averaged(X, y, epochs)\n" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["history/perceptrn", "my.py"], "no exercise 'history/perceptrn'; did you mean history/p"),
        (["perceptron", "my.py"], "no exercise 'perceptron'; did you mean history/perceptron?"),
        (["../x", "my.py"], "no exercise '../x'; there are "),
        (
            [LESSON],
            "which file? To begin with one: python -m introdl.check history/perceptron --st",
        ),
        ([LESSON, "no.py"], "no.py cannot be read: No such file or directory"),
        ([LESSON, "."], ". is a folder: name the Python file in it"),
        ([LESSON, "my.ipynb"], "my.ipynb is a notebook: copy the function into a file averaged.py"),
        ([LESSON, "\0"], "cannot be read"),
        (
            [LESSON, "my.py", "--starter", "a.py"],
            "either check a file or write a starter, not both",
        ),
        ([LESSON, "--starter", "no/a.py"], "no/a.py cannot be written: No such file or directory"),
        ([LESSON, "my.py", "--seed", "-1"], "--seed -1: take 0 or more"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_file_that_may_not_be_read_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (folder / "my.py").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read anything
    assert main([LESSON, "my.py"]) == 2
    assert capsys.readouterr().err == "my.py cannot be read: Permission denied\n"


def test_only_numpy_is_needed(folder: Path) -> None:
    code = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names | {{"introdl", "numpy"}}:
            raise ModuleNotFoundError(f"no {{name}}", name=name)
sys.meta_path.insert(0, Missing())
sys.path_hooks, sys.argv = sys.path_hooks, ["check", {LESSON!r}, "my.py"]
from introdl.check.__main__ import main
sys.exit(main())
"""
    (folder / "my.py").write_text("import numpy as np\ndef averaged(X, y, epochs): return X")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (1, "")
    assert re.search(r"Line 2: averaged returns an array .* \(4, 2\)", run.stdout)


def test_an_answer_hears_nothing_of_the_keyboard(folder: Path) -> None:
    (folder / "my.py").write_text("n = input()")
    command = [sys.executable, "-m", "introdl.check", LESSON, "my.py"]
    run = subprocess.run(command, input="5\n", capture_output=True, text=True)
    assert "Line 1: it waits for input(): all it needs is in its arguments." in run.stdout


def test_ctrl_c_ends_it_quietly_and_leaves_nothing_running(folder: Path) -> None:
    (folder / "my.py").write_text(
        "import os, time\nopen('pid', 'w').write(str(os.getpid()) + ' ')\ntime.sleep(60)"
    )
    command = [sys.executable, "-m", "introdl.check", LESSON, "my.py"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not ((folder / "pid").is_file() and (folder / "pid").read_text().endswith(" ")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "stopped\n")
    child = int((folder / "pid").read_text())
    assert not Path(f"/proc/{child}").exists()
