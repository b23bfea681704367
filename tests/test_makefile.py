"""The first command that a contributor types, on a machine that lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_an_old_python_is_one_clear_line(checkout: Path) -> None:
    old = checkout / "old-python"
    # A Python that says that it is 3.9, to whatever -c asks.
    old.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c "
        '"import sys; sys.version_info = (3, 9); exec(sys.argv[1])" "$2"\n'
    )
    old.chmod(0o755)
    done = make(checkout, "serve", "PYTHON=./old-python")
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert lines == [
        "error: Python 3.11 or newer is needed, ./old-python is 3.9; name another, as in: "
        "make serve PYTHON=python3.12"
    ]
    assert not (checkout / ".venv").exists()


def test_help_lists_every_target(checkout: Path) -> None:
    said = make(checkout).stdout
    for target in ("serve", "site", "test", "mutants", "lint", "bench", "clean"):
        assert f"make {target} " in said


def test_the_tests_of_one_lesson_are_its_own_and_those_of_its_exercise(checkout: Path) -> None:
    said = make(checkout, "-n", "test", "LESSON=history/xor").stdout
    for name in ("docs/history/xor.md", "tests/history/test_xor.py", "tests/test_layout.py"):
        assert name in said
    assert "tests/test_exercises.py tests/test_odd_input.py -k history/xor" in said
    assert "test_exercises" not in make(checkout, "-n", "test").stdout


def test_without_chromium_the_browser_tests_say_what_to_install(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": str(tmp_path), "CI": ""}
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
    test = ROOT / "tests/site/test_browser.py::test_figures_follow_the_palette"
    for ci, word in (("", "1 skipped"), ("true", "1 error")):
        done = subprocess.run(
            [*command, str(test)],
            cwd=ROOT,
            env=environment | {"CI": ci},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert word in done.stdout
        assert "no Chromium found; on Debian or Ubuntu: apt install chromium" in done.stdout
