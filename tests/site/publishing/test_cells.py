"""What a cell showed becomes Markdown; what lacks a description is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import markdown
import nbformat
import numpy as np
import pytest
from lxml import html
from nbformat import NotebookNode

from introdl import plot, show
from introdl_site.publishing import cells
from introdl_site.publishing.cells import Shown

if TYPE_CHECKING:
    from ..conftest import Course


def read(course: Course, *shown: object) -> Shown:
    return cells.read(course.example(), cell(*shown), 12)


def cell(*shown: object) -> NotebookNode:
    made = nbformat.v4.new_code_cell("...", id="line", metadata={"name": "line"})
    for thing in shown:
        if isinstance(thing, str):
            made.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=thing))
        else:
            bundle = thing if isinstance(thing, tuple) else thing._repr_mimebundle_()
            data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
            made.outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))
    return made


def drawing(alt: str = "A line that rises.", caption: str = "It *rises*.") -> plot.figure:
    fig, ax = plot.subplots()
    ax.plot([0, 1], [0, 1], color=plot.BLUE)
    return plot.figure(fig, alt=alt, caption=caption)


def test_printed_text_is_fenced(course: Course) -> None:
    assert read(course, "a\n```\nb\n").markdown == "````text\na\n```\nb\n````\n"


def test_a_figure_has_a_file_for_each_palette_and_says_where_it_comes_from(course: Course) -> None:
    shown = read(course, drawing())
    assert set(shown.files) == {"line.light.svg", "line.dark.svg"}
    assert shown.markdown.count('alt="A line that rises."') == 2
    assert 'width="672" height="346"' in shown.markdown
    assert '<figcaption markdown="span">It *rises*. ' in shown.markdown
    assert 'href="site:/examples/part/lesson/#line"' in shown.markdown
    assert 'href="source:/examples/part/lesson.py#L12"' in shown.markdown


def test_every_colour_of_a_figure_has_its_dark_twin(course: Course) -> None:
    shown = read(course, drawing())
    light, dark = (shown.files[f"line.{palette}.svg"] for palette in ("light", "dark"))
    assert plot.BLUE in light
    assert plot.DARK[plot.BLUE] in dark
    assert not [colour for colour in plot.DARK if colour in dark]


def test_two_figures_of_one_cell_have_two_names(course: Course) -> None:
    shown = read(course, drawing(), drawing())
    assert {"line.light.svg", "line-2.light.svg"} < set(shown.files)


def test_a_figure_without_alt_text_is_refused(course: Course) -> None:
    with pytest.raises(ValueError, match="alt is empty; say in words what the figure shows"):
        drawing(alt=" ")
    svg = ({"image/svg+xml": '<svg width="1pt" height="1pt">'}, {})
    png = ({"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480>"}, {})
    for bundle in (svg, png):
        shown = read(course, bundle)
        [problem] = shown.problems
        assert str(problem).startswith("examples/part/lesson.py:12: cell 'line' shows a")
        assert "without alt text" in str(problem)
        assert not shown.files


def test_values_are_published_one_by_one(course: Course) -> None:
    shown = read(course, show.values(mistakes=1234, bound=81.234, solved=True))
    assert shown.values == {"mistakes": "1,234", "bound": "81.2", "solved": "yes"}


def test_a_table_stays_markdown(course: Course) -> None:
    shown = show.table(["model", "accuracy"], [["majority", 0.5], ["net", 0.9876]])
    bundle = ({"text/markdown": shown.markdown(), "text/plain": repr(shown)}, {})
    assert read(course, bundle).markdown == (
        "| model | accuracy |\n| --- | ---: |\n| majority | 0.5 |\n| net | 0.988 |\n"
    )


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="row 2 has 1 cells for 2 columns"):
        show.table(["a", "b"], [[1, 2], [1]])


def test_a_bar_in_a_cell_is_no_border() -> None:
    row = show.table(["what"], [[r"p(h | v), p(v \| h)"]]).markdown().splitlines()[-1]
    assert row == r"| p(h \| v), p(v \| h) |"
    assert show.table(["code"], [["`a | b`"]]).markdown().endswith("| `a | b` |")
    with pytest.raises(ValueError, match=r"a bar would split the cell '\$\|x\|\$'; write"):
        show.table(["norm"], [["$|x|$"]])


@pytest.mark.parametrize(
    "alt", ["Loss $L$ falls", "`fit` and *this*", r"\(x\) <b> & \[y\] [a](b)", 'says "no" ~a~ {x}']
)
def test_markdown_makes_nothing_of_an_alt_text(course: Course, alt: str) -> None:
    md = markdown.Markdown(
        extensions=["md_in_html", "pymdownx.arithmatex", "pymdownx.betterem", "attr_list"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    tree = html.fromstring(md.convert(read(course, drawing(alt)).markdown))
    assert tree.xpath("//img/@alt") == [alt, alt]
    assert " ".join(tree.xpath("string(.)").split()) == "It rises. How this was madeSource"


def test_pieces_of_one_text_are_one_box(course: Course) -> None:
    assert read(course, "10 %", "\r50 %", "\r100 %\n", "end\n").markdown == (
        "```text\n100 %\nend\n```\n"
    )


@pytest.mark.parametrize("text", ["x\n" * 201, "x" * 20_001])
def test_too_much_text_is_refused_with_the_way_out(course: Course, text: str) -> None:
    [problem] = read(course, text).problems
    assert str(problem).startswith("examples/part/lesson.py:12: cell 'line' shows ")
    assert "print fewer" in problem.message
    assert not read(course, "x\n" * 200).problems


def test_a_figure_of_too_many_points_is_refused_with_the_way_out(course: Course) -> None:
    def scatter(**options: object) -> Shown:
        fig, ax = plot.subplots()
        ax.scatter(*np.random.default_rng(0).normal(size=(2, 6_000)), **options)
        return read(course, plot.figure(fig, alt="Dots."))

    [problem] = scatter().problems
    assert "rasterized=True" in problem.message
    shown = scatter(rasterized=True)
    assert not shown.problems
    assert shown.files


def test_values_are_shown_as_they_are(course: Course) -> None:
    bundle = (show.values(a="|w|", b="`x` $y$")._repr_mimebundle_(), {})
    md = markdown.Markdown(extensions=["tables", "pymdownx.arithmatex"])
    cells = html.fromstring(md.convert(read(course, bundle).markdown)).xpath("//td/text()")
    assert cells == ["a", "|w|", "b", "`x` $y$"]


def test_what_needs_more_than_one_line_is_refused_where_it_is_made() -> None:
    with pytest.raises(ValueError, match=r"table\(\): the cell .* has more than one line"):
        show.table(["w"], [[np.eye(2)]])
    with pytest.raises(ValueError, match=r"values\(\): b='x\\ny' has more than one line"):
        show.values(a=1, b="x\ny")
