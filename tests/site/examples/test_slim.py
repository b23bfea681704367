"""What is left of mkdocs-jupyter's page, on its real output."""

from __future__ import annotations

import re
from pathlib import Path

import lxml.html
import nbformat
import pytest
from mkdocs_jupyter.convert import nb2html

from introdl_site.examples.slim import slim

CODE = '''\
import numpy as np


def step(w: np.ndarray) -> np.ndarray:
    """Say <b> & "so"."""
    return w @ w  # a comment\
'''
FRAME = (
    '<table border="1" class="dataframe"><thead><tr><th></th><th>x</th></tr></thead>'
    "<tbody><tr><th>0</th><td>1.5</td></tr></tbody></table>"
)
FIGURE = (
    '<figure class="dl-figure"><img class="dl-light" src="site:/a.light.svg" alt="A &lt; B">'
    '<figcaption>Words. <a href="source:/examples/a.py#L3">Source</a></figcaption></figure>'
)


def notebook() -> nbformat.NotebookNode:
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell("# A title\n\nProse with `code`, $a < b$ and [a link](../lesson.md)."),
        v4.new_code_cell(CODE, execution_count=1),
        v4.new_raw_cell(
            '<h2 id="raw">Raw</h2><p>\\(a &lt; b\\)</p>', metadata={"raw_mimetype": "text/html"}
        ),
        v4.new_code_cell(
            "show()",
            execution_count=2,
            id="shown",
            outputs=[
                v4.new_output("stream", text="epoch 1\nepoch  2 <done>\n"),
                v4.new_output("display_data", {"text/html": FRAME}),
                v4.new_output("display_data", {"text/html": FIGURE}),
                v4.new_output("display_data", {"text/markdown": "| a | b |\n|---|--:|\n| 1 | 2 |"}),
            ],
        ),
        v4.new_code_cell(
            "fetch()",
            execution_count=3,
            outputs=[
                v4.new_output("display_data", {"text/html": html})
                for html in (
                    '<img src="https://elsewhere.org/a.png" alt="A cat"> after',
                    '<iframe src="https://elsewhere.org/b"></iframe>',
                    '<link rel="stylesheet" href="//elsewhere.org/c.css">',
                    '<p style="background:url(http://elsewhere.org/d.png)">kept</p>',
                    '<script src="https://elsewhere.org/e.js"></script>',
                    '<p>See <a href="https://elsewhere.org/f">this</a>.</p>',
                )
            ],
        ),
    ]
    return v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"display_name": "P", "language": "python", "name": "python3"}},
    )


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("notebook") / "demo.ipynb"
    nbformat.write(notebook(), path)
    html: str = nb2html(str(path), execute=False, allow_errors=False)
    return html


@pytest.fixture(scope="module")
def page(full: str) -> lxml.html.HtmlElement:
    return lxml.html.fragment_fromstring(slim(full), create_parent="div")


def test_the_bulk_is_gone(full: str) -> None:
    assert len(full) > 500_000
    assert len(slim(full)) < 12_000


def test_nothing_runs_and_nothing_is_styled_inline(page: lxml.html.HtmlElement) -> None:
    assert page.xpath("//script | //style | //link | //iframe | //comment()") == []


def test_nothing_is_asked_of_another_host(full: str, page: lxml.html.HtmlElement) -> None:
    assert "cdnjs" in full
    assert re.findall(r"(?:src|url\()\W*(?:https?:)?//", slim(full)) == []
    # A link is followed only by a reader who wants to; the image leaves its words.
    assert page.xpath("//a/@href[starts-with(., 'http')]") == ["https://elsewhere.org/f"]
    assert "A cat" in page.text_content()
    assert "kept" in page.text_content()


def test_code_is_kept_to_the_letter_and_once(page: lxml.html.HtmlElement) -> None:
    codes = page.xpath("//div[@class='language-python highlight']/pre/code")
    assert [code.text_content().rstrip("\n") for code in codes] == [CODE, "show()", "fetch()"]
    assert page.text_content().count("import numpy") == 1
    assert codes[0].xpath("span[@class='kn']/text()") == ["import"]


def test_prompts_and_copy_machinery_are_gone(page: lxml.html.HtmlElement) -> None:
    assert "In [" not in page.text_content()
    assert page.xpath("//clipboard-copy | //*[contains(@class, 'clipboard')]") == []
    assert page.xpath("//*[@tabindex]") == []


def test_one_cell_is_one_element(page: lxml.html.HtmlElement) -> None:
    assert len(page.find_class("jp-CodeCell")) == 3
    assert page.xpath("//*[starts-with(@id, 'cell-id=')]") == []


def test_outputs_are_kept(page: lxml.html.HtmlElement) -> None:
    assert "epoch 1\nepoch  2 <done>\n" in [pre.text_content() for pre in page.iter("pre")]
    frame, table = page.iter("table")
    assert frame.attrib == {}
    # An empty heading says nothing to a screen reader.
    assert [cell.tag for cell in frame.xpath(".//tr[1]/*")] == ["td", "th", "th", "td"]
    assert table.xpath(".//td/text()") == ["1", "2"]


def test_markup_that_the_build_fills_in_later_is_kept(full: str) -> None:
    html = slim(full)
    assert '<a href="source:/examples/a.py#L3">Source</a>' in html
    assert 'src="site:/a.light.svg"' in html
    assert 'alt="A &lt; B"' in html
    assert '<h2 id="raw">Raw</h2><p>\\(a &lt; b\\)</p>' in html
    assert '<a href="../lesson.md">a link</a>' in html


def test_headings_have_the_links_of_a_lesson(page: lxml.html.HtmlElement) -> None:
    (anchor,) = page.xpath("//h1/a")
    assert (anchor.get("class"), anchor.get("href")) == ("headerlink", "#a-title")


def test_slimming_twice_changes_nothing(full: str) -> None:
    once = slim(full)
    assert slim(once) == once


def test_the_stylesheet_that_takes_its_place_is_small() -> None:
    theme = Path(__file__).resolve().parents[3] / "src" / "introdl_site" / "dress" / "theme"
    assert (theme / "assets" / "notebook.css").stat().st_size < 12_000
