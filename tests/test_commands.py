"""Every command that README and CONTRIBUTING show is one that exists; the first two run."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest
from mkdocs.__main__ import cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "CONTRIBUTING.md")
#: What stands as code: fenced, or in a line.
_CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^[ \t]*(?:\S*/)?(make|python -m|mkdocs) ([^\n#;|&]+)", re.MULTILINE)


def commands(text: str) -> set[tuple[str, str]]:
    """The program and the first words of each command."""
    code = "\n".join(fenced or inline for fenced, inline in _CODE.findall(text))
    found = set()
    for program, rest in _COMMAND.findall(code):
        words = [word for word in rest.split() if "=" not in word]
        found |= {(program, word) for word in (words if program == "make" else words[:1])}
    return found


def unknown(text: str) -> list[str]:
    """The commands that do not exist."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    exists = {
        "make": targets.__contains__,
        "python -m": lambda module: importlib.util.find_spec(module) is not None,
        "mkdocs": cli.commands.__contains__,
    }
    return [f"{program} {word}" for program, word in commands(text) if not exists[program](word)]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert commands(text)
    assert unknown(text) == []


def test_a_command_that_does_not_exist_is_found() -> None:
    text = "| `make tset` | x |\n```sh\nmake site foo  # make this\nmkdocs srve\n```\n"
    assert sorted(unknown(text)) == ["make foo", "make tset", "mkdocs srve"]
    assert unknown("`python -m introdl_sight x`") == ["python -m introdl_sight"]


@pytest.mark.parametrize("program", ["mkdocs", "python"])
def test_the_commands_of_the_first_screen_run(tmp_path: Path, program: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.findall(r"^make (\w+)", readme.split("\n## ")[0], re.MULTILINE)
    assert first == ["serve", "test"]
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    folder = tmp_path / ".venv/bin"
    folder.mkdir(parents=True)
    (tmp_path / ".venv/installed").touch()
    said = tmp_path / "said"
    for fake in ("mkdocs", "python"):
        (folder / fake).write_text(f'#!/bin/sh\necho {fake} "$@" >> {said}\n')
        (folder / fake).chmod(0o755)
    for target in first:
        subprocess.run(["make", target], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    ran = dict(line.split(" ", 1) for line in said.read_text().splitlines())
    expected = {
        "mkdocs": ["serve", "--dev-addr", "127.0.0.1:8000"],
        "python": ["-m", "pytest", "--numprocesses", "2", "--dist", "loadscope"],
    }
    assert ran[program].split() == expected[program]
