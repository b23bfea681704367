"""A page's text is written again when something that it is made of has changed, and only then."""

from __future__ import annotations

from typing import Any

import pytest
from mkdocs.config.base import load_config
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from introdl_site.build import Build
from introdl_site.examples.shelf import Shelf
from introdl_site.making import markdown
from introdl_site.pages import course as course_
from introdl_site.preview.memory import Memory

BIB = """
@book{a1999, author = {A, Bee}, title = {First}, year = {1999}, publisher = {P}}
@book{b2000, author = {B, Cee}, title = {Second}, year = {2000}, publisher = {P}}
"""
PAGE = "---\ndescription: d\n---\n# Title\n\nIt is so [@a1999].\n"
OUTPUT = '--8<-- "outputs/part/lesson/n.txt"\n'


@pytest.fixture
def written(course: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a build of a preview makes of a page, and whether it wrote the page's text again."""
    course.write("mkdocs.yml", "site_name: x\nplugins: []\nnav: [part/lesson.md]\n")
    course.write("docs/reference/bibliography.bib", BIB)
    course.write("docs/reference/glossary.toml", "")
    course.write("src/introdl/__init__.py", "")
    course.example()
    memory = Memory(course.root / ".cache/rendered")
    expanded: list[str] = []
    expand = course_.Course.late

    def write(text: str, title: str = "Other", script: str = "", ran: bool = True) -> Any:
        place = course.write("docs/part/lesson.md", text)
        course.write("docs/part/other.md", f"---\ndescription: d\n---\n# {title}\n")
        course.write("docs/part/lesson.js", script)
        config = load_config(str(course.root / "mkdocs.yml"))
        build = Build(course.project, None, Shelf(), None, memory)
        build.runs = {"part/lesson": object()} if ran else {}  # type: ignore[dict-item]
        monkeypatch.setattr(Build, "runs_of", lambda self, place: [])
        monkeypatch.setattr(Build, "beneath", lambda self, place: {})
        monkeypatch.setattr(Build, "waiting", lambda self, examples: "")
        monkeypatch.setattr("introdl_site.pages.links.used_in", lambda *_: [])
        build.read_reference(config)
        names = ("part/lesson.md", "part/other.md", "part/lesson.js")
        files = Files([File(n, config.docs_dir, config.site_dir, True) for n in names])
        build.course = course_.read(place.parents[1], ["part/lesson.md", "part/other.md"])
        memory.begin(course.project, config, names, None, lambda place: None)
        page = Page(None, files.get_file_from_path("part/lesson.md"), config)
        page.read_source(config)
        expanded.clear()
        made = markdown(build, page.markdown or "", page, files)
        return made, build, page, bool(expanded)

    def noting(self: Any, *given: Any) -> Any:
        expanded.append("")
        return expand(self, *given)

    monkeypatch.setattr(course_.Course, "late", noting)
    return write


def test_a_text_that_is_known_is_given_with_all_that_was_noted(written: Any) -> None:
    wrong = PAGE.replace("It", "[@nobody1900] It")
    first, build, page, again = written(wrong)
    assert again
    problems, cited, meta = list(build.problems), dict(build.cited), dict(page.meta)
    assert [p.message for p in problems] == ["unknown citation key 'nobody1900'; add it to docs/"
                                             "reference/bibliography.bib"]  # fmt: skip
    second, build, page, again = written(wrong)
    assert not again
    assert second == first
    assert build.problems == problems
    assert build.cited == cited == {"a1999": [("Title", "part/lesson/")]}
    assert page.meta == meta


@pytest.mark.parametrize(
    "change",
    [
        {"text": PAGE + "\nMore.\n"},
        {"title": "Another"},
        {"script": "export const figures = {a: 1};"},
    ],
)
def test_what_has_changed_is_written_again(written: Any, change: dict[str, str]) -> None:
    given = {"text": PAGE, "title": "Other", "script": ""}
    written(**given)
    assert not written(**given)[3]
    assert written(**(given | change))[3]


def test_a_changed_source_or_output_is_written_again(course: Any, written: Any) -> None:
    course.write(".cache/snippets/outputs/part/lesson/n.txt", "7\n")
    assert "7" in written(PAGE + OUTPUT)[0]
    course.write(".cache/snippets/outputs/part/lesson/n.txt", "8\n")
    assert "8" in written(PAGE + OUTPUT)[0]
    course.write("docs/reference/bibliography.bib", BIB.replace("1999, p", "1998, p"))
    course.write("docs/reference/bibliography.bib", BIB.replace("year = {1999}", "year = {1998}"))
    assert "A, 1998" in written(PAGE + OUTPUT)[0]


def test_what_waits_for_a_run_is_written_until_it_is_there(course: Any, written: Any) -> None:
    assert "…" in written(PAGE + OUTPUT, ran=False)[0]
    assert written(PAGE + OUTPUT, ran=False)[3]
    course.write(".cache/snippets/outputs/part/lesson/n.txt", "7\n")
    assert "7" in written(PAGE + OUTPUT)[0]
    assert not written(PAGE + OUTPUT)[3]


def test_words_to_be_found_by_are_a_list(written: Any) -> None:
    asked = PAGE.replace("---\n#", "found_by: checklist\n---\n#")
    for _ in range(2):
        _, build, page, _ = written(asked)
        [problem] = build.problems
        assert (problem.line, page.meta["found_by"]) == (3, [])
        assert problem.message.startswith("found_by is no list: write it as in 'found_by: [")


def test_what_is_made_of_other_files_is_written_every_time(written: Any) -> None:
    marked = PAGE + "\n<!-- introdl:practice -->\n"
    written(marked)
    assert written(marked)[3]
