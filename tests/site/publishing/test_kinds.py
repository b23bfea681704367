"""Each kind of output becomes Markdown and files; what no form describes is refused."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import IPython.display
import lxml.html
import markdown
import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode

from introdl import plot, show
from introdl_site.publishing import cells
from introdl_site.publishing.kinds import KINDS, PREFIX

if TYPE_CHECKING:
    from ..conftest import Course

GREY = np.linspace(0, 1, 64).reshape(8, 8)
ODD = 'A `code` with $L$ & <b> "quotes" | --8<-- "x" *stars*.'


def cell(*shown: Any) -> NotebookNode:
    made = nbformat.v4.new_code_cell("...", id="line", metadata={"name": "line"})
    for thing in shown:
        bundle = thing if isinstance(thing, dict) else thing._repr_mimebundle_()
        made.outputs.append(nbformat.v4.new_output("display_data", bundle))
    return made


def read(course: Course, *shown: Any) -> cells.Shown:
    return cells.read(course.example(), cell(*shown), 12)


def html_of(shown: cells.Shown) -> lxml.html.HtmlElement:
    """The page that the site's Markdown makes of it."""
    extensions = ["md_in_html", "pymdownx.arithmatex", "pymdownx.betterem", "pymdownx.inlinehilite"]
    made = markdown.markdown(
        shown.markdown,
        extensions=extensions,
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    return lxml.html.fragment_fromstring(made, create_parent="div")


def test_a_picture_is_a_file_with_its_alt_text(course: Course) -> None:
    picture = show.picture(GREY, alt=ODD, caption="A *caption*.")
    shown = read(course, picture)
    assert shown.files == {"line.png": picture.png}
    [image] = html_of(shown).xpath("//figure/p/img")
    assert image.get("alt") == ODD
    assert image.get("src") == "site:/examples/part/lesson/line.png"
    assert (image.get("width"), image.get("height")) == ("128", "128")
    assert html_of(shown).xpath("string(//figcaption/em)") == "caption"
    assert html_of(shown).xpath("//figcaption//a/@href") == [
        "site:/examples/part/lesson/#line",
        "source:/examples/part/lesson.py#L12",
    ]


def test_the_alt_text_of_a_figure_is_no_markdown(course: Course) -> None:
    shown = cells.read(course.example(), figure_cell(ODD), 12)
    assert html_of(shown).xpath("//img/@alt") == [ODD, ODD]


def figure_cell(alt: str) -> NotebookNode:
    made = nbformat.v4.new_code_cell("...", id="line")
    data, metadata = plot.figure(plot.subplots()[0], alt=alt)._repr_mimebundle_()
    made.outputs = [nbformat.v4.new_output("display_data", data, metadata=metadata)]
    return made


def test_a_strip_has_a_label_under_each(course: Course) -> None:
    shown = read(course, show.strip([GREY, GREY], labels=[ODD, "two"], alt=ODD, columns=3))
    assert set(shown.files) == {"line.0.png", "line.1.png"}
    page = html_of(shown)
    assert page.xpath("//li/img/@alt") == [ODD, "two"]
    assert [span.text_content() for span in page.xpath("//li/span")] == [ODD, "two"]
    assert page.xpath("//ul/@aria-label") == [ODD]
    assert page.xpath("//ul/@style") == ["--widest:96px;--columns:3"]


def test_a_sound_waits_for_its_reader(course: Course) -> None:
    sound = show.sound(np.zeros(8000), rate=8000, transcript=ODD)
    shown = read(course, sound)
    assert set(shown.files) == {"line.wav", "line.light.svg", "line.dark.svg"}
    assert shown.files["line.wav"] == sound.wav
    page = html_of(shown)
    [audio] = page.xpath("//audio")
    assert audio.get("src") == "site:/examples/part/lesson/line.wav"
    assert audio.get("preload") == "none"
    assert audio.get("autoplay") is None
    assert page.xpath("//p[@class='dl-heard']")[0].text_content() == f"Heard: {ODD}"


def test_an_animation_shows_its_first_and_last_frame(course: Course) -> None:
    labels = ["one", ODD, "three"]
    figures = [plot.subplots(width=2, height=1)[0] for _ in labels]
    shown = read(course, show.animation(figures, labels=labels, alt=ODD))
    assert set(shown.files) == {
        f"line.{n}.{palette}.svg" for n in range(3) for palette in ("light", "dark")
    }
    [figure] = html_of(shown).xpath("//figure")
    assert len(figure.xpath(".//img")) == 4
    assert figure.xpath(".//img[@class='dl-light']/@src") == [
        f"site:/examples/part/lesson/line.{n}.light.svg" for n in (0, 2)
    ]
    assert [p.text_content() for p in figure.xpath(".//div/p")] == ["one", "three"]
    assert figure.get("aria-label") == ODD
    assert ODD.replace('"', '\\"') in figure.get("data-labels")
    images = read(course, show.animation([GREY, GREY], labels="ab", alt="A"))
    assert set(images.files) == {"line.0.png", "line.1.png"}


def published(name: str, content: bytes = b"1") -> dict[str, Any]:
    packed = base64.b64encode(content).decode()
    file = {"name": name, "kind": "text/plain", "content": packed}
    return {f"{PREFIX}file+json": {"files": [file]}, "text/plain": name}


def test_a_file_is_published_and_linked(course: Course) -> None:
    shown = read(course, published("run.json", b"[1, 2]"))
    assert shown.files == {"run.json": b"[1, 2]"}
    assert 'href="site:/examples/part/lesson/run.json"' in shown.markdown
    assert "(6 bytes)" in shown.markdown


def test_two_outputs_of_a_cell_have_two_names(course: Course) -> None:
    picture = show.picture(GREY, alt="A.")
    shown = read(course, picture, published("run.json"), picture)
    assert set(shown.files) == {"line.png", "run.json", "line-2.png"}


def test_one_name_for_two_files_is_refused(course: Course) -> None:
    shown = read(course, published("run.json"), published("run.json"))
    [problem] = shown.problems
    assert str(problem) == (
        "examples/part/lesson.py:12: cell 'line' publishes 'run.json' twice; "
        "give each file its own name"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"text/html": "<audio>", "text/plain": "<IPython.lib.display.Audio object>"},
            "shows <IPython.lib.display.Audio object>: show a sound by introdl.show.sound",
        ),
        ({"image/png": "iVBORw0KGgo="}, "shows an image without alt text; show a picture by intr"),
        ({"text/plain": "<__main__.Net at 0x7f1b2c3d4e50>"}, "shows <__main__.Net at 0x7f1b2c3d4e"),
        ({"text/plain": "[<function f at 0x7f1b2c3d4e50>]"}, "shows <function f at 0x7f1b2c3d4e"),
        ({"text/plain": "(1, <generator object g at 0x7f00>)"}, "shows <generator object g at 0x7"),
        ({"text/plain": "<Figure size 640x480 with 1 Axes>"}, "shows <Figure size 640x480 with 1"),
    ],
)
def test_what_says_nothing_to_a_reader_is_refused(
    course: Course, data: dict[str, Any], message: str
) -> None:
    shown = read(course, data)
    [problem] = shown.problems
    assert str(problem).startswith(f"examples/part/lesson.py:12: cell 'line' {message}")
    assert not shown.files
    assert shown.markdown.strip() == ""


def test_the_audio_of_ipython_is_refused(course: Course) -> None:
    audio = IPython.display.Audio(np.ones(800), rate=8000)
    data = {"text/html": audio._repr_html_(), "text/plain": repr(audio)}
    [problem] = read(course, data).problems
    assert "show a sound by introdl.show.sound" in str(problem)


def test_every_kind_of_show_has_a_form(course: Course) -> None:
    shown = [
        show.picture(GREY, alt="A."),
        show.strip([GREY], labels="a", alt="A."),
        show.sound(np.zeros(8000), rate=8000, transcript="Nothing."),
        show.animation([GREY, GREY], labels="ab", alt="A."),
    ]
    kinds = {kind for thing in shown for kind in thing._repr_mimebundle_() if PREFIX in kind}
    assert kinds < set(KINDS)
    for thing in shown:  # and one for any notebook
        plain = [kind for kind in thing._repr_mimebundle_() if not kind.startswith(PREFIX)]
        assert {"text/plain"} < set(plain)
    assert re.fullmatch(r"application/vnd\.introdl\.", PREFIX)
