"""The file that a reader of an exercise begins with, from the exercise's own module."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from introdl_site.problems import Problem
from introdl_site.project import Project


def starters(project: Project) -> tuple[dict[str, str], list[Problem]]:
    """The starter file of every lesson with a checker.

    A module is asked for its starter once, by `python -m introdl.check`, as readers ask it.

    Returns:
        The texts by their places in the site, such as `examples/history/perceptron/averaged.py`,
        and a problem for each module that gives none.
    """
    found: dict[str, str] = {}
    problems = []
    checks = project.root / "src" / "introdl" / "check"
    machine = b"".join(path.read_bytes() for path in sorted(checks.glob("*.py")))
    for path in sorted((project.root / "src" / "introdl" / "exercises").glob("*/[!_]*.py")):
        lesson = f"{path.parent.name}/{path.stem}"
        digest = hashlib.sha256(machine + path.read_bytes()).hexdigest()[:32]
        kept = project.cache / "starters" / f"{digest}.py"
        failure = "" if kept.is_file() else _write(project, lesson, kept)
        text = kept.read_text(encoding="utf-8") if kept.is_file() else ""
        name = re.search(r"^def (\w+)", text, re.MULTILINE)
        if name is None:
            message = f"gives no starter file: {failure or 'it defines no function'}"
            problems.append(Problem(project.relative(path), 0, message))
        else:
            found[f"examples/{lesson}/{name[1]}.py"] = text
    return found, problems


def _write(project: Project, lesson: str, kept: Path) -> str:
    """Have an exercise's starter written; return why it was not."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    source = os.pathsep.join([str(project.root / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "introdl.check", lesson, "--starter", str(kept)],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": source.rstrip(os.pathsep)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else (said or ["it ended without a word"])[-1]
