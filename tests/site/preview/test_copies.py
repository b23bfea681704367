"""A preview links the files that it serves already, and writes those that have changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.structure.files import File, Files

from introdl_site.preview.copies import Copies


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "part").mkdir(parents=True)
    (folder / "part/a.js").write_text("one")
    return folder


def site(copies: Copies, docs: Path, served: Path | None, into: str, made: str = "m") -> Path:
    """Copy a source and a generated file into a folder."""
    folder = docs.parent / into
    made_here = File("part/b.txt", None, str(folder), True)
    made_here.content_string = made
    files = Files([File("part/a.js", str(docs), str(folder), True), made_here])
    copies.attach(files, served)
    files.copy_static_files()
    return folder


def same(one: Path, two: Path, name: str) -> bool:
    return (one / "part" / name).samefile(two / "part" / name)


def test_what_is_the_same_is_linked_and_what_changed_is_written(docs: Path) -> None:
    copies = Copies()
    first = site(copies, docs, None, "first")
    second = site(copies, docs, first, "second")
    assert same(first, second, "a.js")
    assert same(first, second, "b.txt")
    assert not (docs / "part/a.js").samefile(second / "part/a.js"), "a source is linked"
    (docs / "part/a.js").write_text("other")
    third = site(copies, docs, second, "third", made="n")
    assert (third / "part/a.js").read_text() == "other"
    assert (third / "part/b.txt").read_text() == "n"
    assert (second / "part/a.js").read_text() == "one"
    assert (second / "part/b.txt").read_text() == "m"


def test_what_the_last_site_lacks_is_copied(docs: Path) -> None:
    copies = Copies()
    first = site(copies, docs, None, "first")
    (first / "part/a.js").unlink()
    second = site(copies, docs, first, "second")
    assert (second / "part/a.js").read_text() == "one"
    assert not (first / "part/a.js").exists()
