"""The site as it is published: every Python block ran, and a page's blocks run when copied."""

from __future__ import annotations

import ast
import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from lxml import html
from nbclient import NotebookClient

from introdl_site.pages.fences import is_python, python_blocks
from introdl_site.problems import line_of
from introdl_site.publishing import terminal

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LESSONS = [
    page
    for page in PAGES
    if page.relative_to(ROOT / "docs").parts[0] != "reference" and page.stem != "index"
]
WITH_BLOCKS = [
    page
    for page in PAGES
    if any(block.not_run is None for block in python_blocks(page.read_text("utf-8"), ROOT))
]
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def built_from(site: Path, page: Path) -> html.HtmlElement:
    place = page.relative_to(ROOT)
    place = place.relative_to("docs") if place.parts[0] == "docs" else place
    folder = place.parent if place.stem == "index" else place.with_suffix("")
    return parsed(site / folder / "index.html")


@cache
def parsed(path: Path) -> html.HtmlElement:
    return html.fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))


def copied(tree: html.HtmlElement) -> list[str]:
    """The text of every Python block of a page, as its copy button gives it."""
    blocks = []
    for block in tree.xpath("//*[contains(@class, 'highlight')]"):
        languages = re.findall(r"\blanguage-([\w+#-]+)", block.get("class"))
        outside = not block.xpath("ancestor::*[contains(@class, 'doc-contents')]")
        if any(map(is_python, languages)) and outside and block.tag == "div":
            [code] = block.xpath(".//code")
            blocks.append(code.text_content())
    return blocks


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_sybil_ran_every_python_block_of_the_built_page(site: Path, page: Path) -> None:
    ran = [block.code for block in python_blocks(page.read_text(encoding="utf-8"), ROOT)]
    shown = copied(built_from(site, page))
    known = {code.strip("\n") for code in ran}
    for code in shown:
        line = line_of(page.read_text(encoding="utf-8"), code.strip().splitlines()[0])
        message = (
            f"{name(page)}:{line}: Sybil does not run this Python block; fence it by ```python"
        )
        assert code.strip("\n") in known, f"{message}\n{code}"
    assert len(shown) == len(ran), f"{name(page)}: {len(shown)} blocks shown, {len(ran)} run"
    for seen, run in zip(shown, ran, strict=True):
        assert seen.strip("\n") == run.strip("\n")


def test_sybil_collects_every_block_of_every_page() -> None:
    """What the tests above compare with is what a run of the tests really runs."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    pages = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    done = subprocess.run(
        [*command, "docs", "README.md", "CONTRIBUTING.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    collected = Counter(
        line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line
    )
    expected = {
        name(page): sum(
            block.not_run is None for block in python_blocks(page.read_text(encoding="utf-8"), ROOT)
        )
        for page in pages
    }
    assert collected == {page: count for page, count in expected.items() if count}


def test_a_docstring_has_examples_and_no_fence() -> None:
    """What stands behind `>>>` is run; a fence in a docstring is not."""
    for path in sorted(ROOT.glob("src/introdl/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                line = getattr(node, "lineno", 1)
                message = f"{name(path)}:{line}: write the example behind >>>, not in a fence"
                assert not re.search("```|~~~", ast.get_docstring(node) or ""), message


def test_sybil_collects_every_docstring_that_has_an_example() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, "src"], cwd=ROOT, capture_output=True, text=True, check=False)
    collected = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    shown = {
        name(module)
        for module in (ROOT / "src").rglob("*.py")
        if re.search(r"^ *>>> ", module.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert collected == shown


def test_there_are_python_blocks_to_run() -> None:
    counts = {
        name(page): len(list(python_blocks(page.read_text(encoding="utf-8"), ROOT)))
        for page in LESSONS
    }
    assert counts
    assert [page for page, count in counts.items() if count < 4] == []


def test_what_does_not_run_says_why() -> None:
    """Each block that Sybil leaves out, with its reason; a new one is added here on purpose."""
    left_out = [
        (name(page), block.not_run)
        for page in [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
        for block in python_blocks(page.read_text(encoding="utf-8"), ROOT)
        if block.not_run is not None
    ]
    skeleton = (
        "it imports the module above, which this course lacks; tests/site/test_contributing.py "
        "runs it"
    )
    assert left_out == [("CONTRIBUTING.md", skeleton)] * 2


def boxes(tree: html.HtmlElement) -> list[html.HtmlElement | None]:
    """What stands beneath each Python block of a page; None where nothing does."""
    found: list[html.HtmlElement | None] = []
    for element in tree.iter("div"):
        classes = element.get("class", "")
        if any(map(is_python, re.findall(r"\blanguage-([\w+#-]+)", classes))):
            found.append(None)
        elif classes == "dl-output":
            assert found[-1] is None, "two boxes beneath one block"
            found[-1] = element
    return found


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name)
def test_a_pages_blocks_give_what_it_shows_when_copied_in_order(
    site: Path, page: Path, run_fresh: Callable[[list[str]], list[dict[str, Any]]]
) -> None:
    tree = built_from(site, page)
    # Sybil's items have the same code, and the run with them.
    results = run_fresh([f"{code.strip(chr(10))}\n" for code in copied(tree)])
    found = boxes(tree)
    assert len(results) == len(found) == len(copied(tree)), f"{name(page)}: {results[-1]}"
    for result, box in zip(results, found, strict=True):
        assert "error" not in result, f"{name(page)}, copied in order:\n{result['error']}"
        texts = [] if box is None else box.xpath(".//*[contains(@class, 'language-text')]//code")
        expected = [terminal.shown(result["printed"]), result["value"] or ""]
        assert [text.text_content().rstrip("\n") for text in texts] == [
            text.rstrip("\n") for text in expected if text.strip()
        ], name(page)
        assert (box is not None) == bool(result["printed"].strip() or result["value"] is not None)


@pytest.mark.parametrize("page", LESSONS, ids=name)
def test_a_lesson_is_light(site: Path, page: Path) -> None:
    folder = site / page.relative_to(ROOT / "docs").with_suffix("")
    html = (folder / "index.html").read_bytes()
    assert len(html) <= 67_000
    assert len(gzip.compress(html)) <= 20_000
    figures = built_from(site, page).xpath("//img[@class='dl-light']/@src")
    assert sum((folder / figure).stat().st_size for figure in figures) <= 200_000


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_an_example_page_shows_its_code_and_is_light(site: Path, example: Path) -> None:
    tree = built_from(site, example)
    script = jupytext.read(example)
    code = [cell.source for cell in script.cells if cell.cell_type == "code"]
    assert [block.strip("\n") for block in copied(tree)] == code
    path = site / example.relative_to(ROOT).with_suffix("") / "index.html"
    assert path.stat().st_size <= 95_000
    assert tree.xpath("//h1")


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_downloads_are_the_example(site: Path, example: Path) -> None:
    folder = site / example.relative_to(ROOT).with_suffix("")
    assert (folder / example.name).read_bytes() == example.read_bytes()
    notebook = nbformat.read(folder / f"{example.stem}.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.id != "install"]
    assert [cell.source for cell in cells] == [c.source for c in jupytext.read(example).cells]
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")


def test_a_downloaded_notebook_runs_by_itself(site: Path, tmp_path: Path) -> None:
    folder = site / "examples" / "history" / "mcculloch_pitts"
    notebook = nbformat.read(folder / "mcculloch_pitts.ipynb", as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()


def test_every_page_says_what_it_is_when_shared(site: Path) -> None:
    pages = sorted(site.rglob("index.html"))
    assert len(pages) > len(PAGES)
    for path in [*pages, site / "404.html"]:
        tree = parsed(path)
        meta = {
            element.get("property") or element.get("name"): element.get("content", "")
            for element in tree.xpath("//meta")
        }
        where = path.relative_to(site)
        assert 40 <= len(meta.get("description", "")) <= 300, where
        assert meta["og:description"] == meta["description"], where
        assert meta["og:title"], where
        card = meta["og:image"].rpartition("assets/")[2]
        assert (site / "assets" / card).is_file(), where


def test_no_latex_is_left_in_a_page(site: Path) -> None:
    for path in sorted(site.rglob("index.html")):
        tree = parsed(path)
        assert not tree.xpath("//*[contains(@class, 'arithmatex')]"), path
        text = "".join(tree.xpath("//article//text()[not(ancestor::pre|ancestor::code)]"))
        left = re.findall(r"\\[([][^\n]{0,40}|\$\$|\\(?:frac|sum|mathbf|text)\b", text)
        assert left == [], path.relative_to(site)


@pytest.mark.parametrize(
    ("place", "tab"),
    [("examples/history/xor", "History"), ("reference/api/history/xor", "Reference")],
)
def test_a_page_outside_the_nav_shows_where_it_belongs(site: Path, place: str, tab: str) -> None:
    tree = parsed(site / place / "index.html")
    active = tree.xpath("//*[contains(@class, 'md-tabs__item--active')]")
    assert [item.text_content().strip() for item in active] == [tab]
    home = parsed(site / "index.html").xpath("//*[contains(@class, 'md-tabs__item--active')]")
    assert [item.text_content().strip() for item in home] == ["Home"]


@pytest.mark.parametrize("folder", ["examples", "reference/api"])
def test_a_page_outside_the_nav_leads_to_its_neighbours(site: Path, folder: str) -> None:
    page = parsed(site / folder / "history/perceptron/index.html")
    links = page.xpath("//a[contains(@class, 'md-footer__link')]/@href")
    assert links == ["../mcculloch_pitts/", "../adaline/"]


def test_search_finds_the_lessons(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())
    places = {entry["location"].partition("#")[0] for entry in index["docs"]}
    for page in LESSONS:
        assert f"{page.relative_to(ROOT / 'docs').with_suffix('').as_posix()}/" in places


def test_search_has_names_of_code_where_they_are_taught(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())
    found = [entry["location"] for entry in index["docs"] if "class Value" in entry["text"]]
    assert any(place.startswith("networks/autograd/") for place in found)
    assert not any(place.startswith(("examples/", "reference/api/")) for place in found)
    assert not any("import numpy" in entry["text"] for entry in index["docs"])
