"""The guide's lesson, followed to the letter in a copy of the project, passes every check."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from introdl_site.project import Project

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    "src/introdl/history/hebb.py",
    "examples/history/hebb.py",
    "docs/history/hebb.md",
    "tests/history/test_hebb.py",
]
# Where the guide's line of another file goes: behind what stands there.
PLACES = [("mkdocs.yml", "      - history/mcculloch_pitts.md\n", "      - history/hebb.md\n")]
_FILE = re.compile(r"^\*\*\d\. [^\n]*?\*\*: `(?P<path>[^`]+)`", re.MULTILINE)
_FENCE = re.compile(r"^(?P<fence>`{3,})\w+\n(?P<text>.*?)^(?P=fence)\n", re.MULTILINE | re.DOTALL)


def shown_files() -> Iterator[tuple[str, str]]:
    """Each file of the guide with the text of the block below its name."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for match in _FILE.finditer(guide):
        block = _FENCE.search(guide, match.end())
        assert block, match["path"]
        yield match["path"], block["text"]


@pytest.fixture(scope="module")
def followed(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with its cache, in which the guide was followed."""
    copy = tmp_path_factory.mktemp("guide") / "copy"
    for folder in (".github", "docs", "examples", "src", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    for name in ("conftest.py", "constraints.txt", "mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(Project(ROOT).cache, copy / ".cache")
    for path, text in shown_files():
        (copy / path).write_text(text, encoding="utf-8")
    for path, before, lines in PLACES:
        text = (copy / path).read_text(encoding="utf-8")
        assert text.count(before) == 1, path
        (copy / path).write_text(text.replace(before, before + lines), encoding="utf-8")
    return copy


def run(folder: Path, module: str, *arguments: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    environment.pop("INTRODL_CACHE", None)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_guide_shows_the_four_files() -> None:
    assert [path for path, _ in shown_files()] == FILES


def test_the_guide_shows_the_line_of_the_other_file() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path, _, lines in PLACES:
        assert path in guide
        for line in lines.split("\n"):
            assert line.strip() in guide, path


def test_its_code_is_formatted_and_clean(followed: Path) -> None:
    code = [path for path in FILES if path.endswith(".py")]
    run(followed, "ruff", "format", "--check", *code)
    run(followed, "ruff", "check", *code)


def test_its_snippets_and_tests_pass(followed: Path) -> None:
    paths = [path for path in FILES if not path.startswith("examples/")]
    run(followed, "pytest", "-p", "no:cacheprovider", *paths, "tests/test_layout.py")


def test_its_site_is_built(followed: Path) -> None:
    run(followed, "mkdocs", "build", "--strict")
    page = html.parse(followed / "site/history/hebb/index.html").getroot()
    text = " ".join(page.text_content().split())
    assert "The rule saw 213 digits, a 3 or an 8 each" in text
    assert "Needs McCulloch–Pitts neuron" in text
    assert [len(page.find_class(name)) for name in ("predict", "outcome", "exercise", "quiz")] == [
        1, 1, 3, 3,
    ]  # fmt: skip
    # What the course says of it elsewhere is derived.
    for place in ("history", "reference"):
        there = html.parse(followed / "site" / place / "index.html").getroot()
        assert there.xpath('//article//a[text()="Hebb\'s rule"]'), place
    before = html.parse(followed / "site/history/mcculloch_pitts/index.html").getroot()
    later = re.search(r"Used later by [^.]*\.", " ".join(before.text_content().split()))
    assert later is not None
    assert "Hebb's rule" in later[0]
    assert "weights on orthogonal inputs" in (
        followed / "site/reference/agreement/index.html"
    ).read_text(encoding="utf-8")
