"""A small course of its own for each test of the machinery."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from introdl_site.project import Example, Project

EXAMPLE = """\
# %% [markdown]
# # A title
#
# A paragraph.

# %% name="said"
print("seven")
"""


class Course:
    """A checkout with nothing in it but what a test puts there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = Project(root)

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def example(self, name: str = "part/lesson", text: str = EXAMPLE) -> Example:
        self.write(f"examples/{name}.py", text)
        return Example(self.project, name)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.delenv("INTRODL_CACHE", raising=False)
    return Course(tmp_path)


@pytest.fixture
def cell(course: Course) -> Callable[[str], Example]:
    """An example whose one code cell holds the given lines, on line 4 of the script."""

    def make(code: str, marker: str = '# %% name="it"') -> Example:
        text = f"# %% [markdown]\n# # Title\n\n{marker}\n{textwrap.dedent(code)}"
        return course.example(text=text)

    return make


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this checkout, built strictly as published, once for all workers of a run."""
    root = Path(__file__).resolve().parents[2]
    # Workers of one run share the folder above their own.
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    folder, done = shared / "built-site", shared / "built-site.done"
    with FileLock(shared / "built-site.lock"):
        if not done.exists():
            build = subprocess.run(
                [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
                cwd=root,
                # With the links that a public repository and an address bring.
                env={
                    "GITHUB_SERVER_URL": "https://github.com",
                    "GITHUB_REPOSITORY": "some-owner/deep-learning-executed",
                    "SITE_URL": "https://some-owner.example.org/",
                    **os.environ,
                },
                capture_output=True,
                text=True,
                check=False,
                timeout=3000,
            )
            done.write_text("" if build.returncode == 0 else build.stdout + build.stderr)
    if message := done.read_text():
        pytest.fail(f"the site cannot be built:\n{message}", pytrace=False)
    return folder
