"""A page is rendered anew when something that it is made of has changed, and only then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mkdocs.config.base import load_config
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from introdl_site.preview.memory import Memory
from introdl_site.problems import Problem
from introdl_site.repository import Repository

PLACE = "part/lesson.md"


@pytest.fixture
def known(course: Any) -> Callable[..., Any]:
    """What a new process knows of the page, after another has kept it."""
    course.write("mkdocs.yml", "site_name: x\nplugins: []\n")
    course.write("docs/part/lesson.md", "# Title\n")
    course.write("docs/part/other.md", "# Other\n")
    course.write("docs/reference/glossary.toml", "")
    course.write("src/introdl/part/lesson.py", "ETA = 1\n")

    def look(markdown: str = "# Title\n", commit: str = "a", keep: bool = False) -> Any:
        config = load_config(str(course.root / "mkdocs.yml"))
        file = File(PLACE, config.docs_dir, config.site_dir, use_directory_urls=True)
        page = Page(None, file, config)
        page.markdown, page.meta = markdown, {}
        memory = Memory(course.root / ".cache/rendered")
        memory.begin(
            course.project,
            config,
            [PLACE],
            Repository("https://a.org/b/c", commit).undated(),
            lambda place: None,
        )
        found = memory.recall(page)
        if keep:
            page.content = "<p>made</p>"
            memory.keep(page, [Problem("a.md", 1, "odd")], {"x"})
            memory.finish([page])
            memory.store()
        return found and (page.content, found.problems, found.characters)

    return look


def test_another_process_is_given_the_page_back(known: Callable[..., Any]) -> None:
    assert known(keep=True) is None
    assert known() == ("<p>made</p>", [Problem("a.md", 1, "odd")], {"x"})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/reference/glossary.toml", "# new\n"),
        ("docs/part/other.md", "# Another title\n"),
        ("mkdocs.yml", "site_name: y\nplugins: []\n"),
    ],
)
def test_a_change_of_what_it_may_depend_on_makes_it_anew(
    course: Any, known: Callable[..., Any], path: str, text: str
) -> None:
    known(keep=True)
    course.write(path, text)
    assert known() is None


def test_a_change_of_its_text_makes_it_anew_and_a_commit_does_not(
    known: Callable[..., Any],
) -> None:
    known(keep=True)
    assert known("# Title\n\nMore.\n") is None
    assert known(commit="b") is not None


def test_a_page_of_docstrings_is_made_anew_when_code_changes(
    course: Any, known: Callable[..., Any]
) -> None:
    known("# T\n\n::: introdl.part.lesson\n", keep=True)
    assert known("# T\n\n::: introdl.part.lesson\n") is not None
    course.write("src/introdl/part/lesson.py", "ETA = 2\n")
    assert known("# T\n\n::: introdl.part.lesson\n") is None


def test_what_is_garbled_or_gone_is_no_page(course: Any, known: Callable[..., Any]) -> None:
    known(keep=True)
    [kept] = Path(course.root, ".cache/rendered").rglob("*.pickle")
    kept.write_bytes(kept.read_bytes()[:40])
    assert known() is None
    known(keep=True)
    Memory(course.root / ".cache/rendered").store()
    assert not kept.exists()


def test_an_editors_lock_stops_no_build(course: Any, known: Callable[..., Any]) -> None:
    (course.root / "src/introdl/part/.#lesson.py").symlink_to("someone@somewhere.1")
    known(keep=True)
    assert known() is not None
