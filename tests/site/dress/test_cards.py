"""The picture of a shared page."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from introdl.plot import BLUE, INK, PAPER
from introdl_site.dress.cards import HEIGHT, WIDTH, card


def draw(folder: Path, title: str, part: str = "History") -> Image.Image:
    out = folder / "card.png"
    card(title, part, out)
    with Image.open(out) as image:
        assert image.format == "PNG"
        return image.convert("RGB")


def colours(image: Image.Image) -> set[str]:
    found = image.getcolors(WIDTH * HEIGHT)
    assert found is not None
    return {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in found}


def test_a_card_has_the_size_that_sites_ask_for_and_the_course_colours(tmp_path: Path) -> None:
    image = draw(tmp_path, "The perceptron")
    assert image.size == (WIDTH, HEIGHT) == (1200, 630)
    assert {INK, PAPER, BLUE} <= colours(image)
    assert (tmp_path / "card.png").stat().st_size < 60_000


def test_the_same_page_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    card("XOR", "History", one)
    card("XOR", "History", two)
    assert one.read_bytes() == two.read_bytes()


def test_title_and_part_are_both_drawn(tmp_path: Path) -> None:
    base = draw(tmp_path, "XOR", "History")
    for other in (draw(tmp_path, "Adaline", "History"), draw(tmp_path, "XOR", "Reference")):
        assert ImageChops.difference(base, other).getbbox() is not None


@pytest.mark.parametrize(
    "title",
    [
        "Backpropagation: learning representations by propagating errors through hidden layers",
        "word " * 60,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "",
    ],
    ids=["long", "longer", "one word", "none"],
)
def test_any_title_stays_inside_the_margins(tmp_path: Path, title: str) -> None:
    image = draw(tmp_path, title, "")
    # Between the mark above and the rule below there is the title and nothing else.
    text = image.crop((16, 200, WIDTH, 505))
    paper = Image.new("RGB", text.size, PAPER)
    box = ImageChops.difference(text, paper).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert left >= 60
    assert right <= WIDTH - 16 - 84
    assert 0 < top < bottom < text.height


def test_a_title_that_the_font_lacks_gives_the_name_of_the_course_not_boxes(tmp_path: Path) -> None:
    named = draw(tmp_path, "Deep Learning, Executed")
    assert draw(tmp_path, "深度学习") == named
    assert draw(tmp_path, "The XOR 问题") == named
    assert draw(tmp_path, "XOR \U0001f9e0") == draw(tmp_path, "XOR")
    assert draw(tmp_path, "XOR") != named
