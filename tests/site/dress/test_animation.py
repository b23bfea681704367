"""An animation starts still, and moves by mouse, touch and keyboard; without a script it is two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from introdl import show
from introdl_site.publishing import cells

if TYPE_CHECKING:
    from ..conftest import Course

ASSETS = Path(__file__).resolve().parents[3] / "src/introdl_site/dress/theme/assets"
LABELS = ["dark", "dim", "grey", "light"]
SITE = "http://site.test/"

pytestmark = pytest.mark.browser


def opened(browser: Browser, course: Course, asked: list[str], **options: object) -> Page:
    """A page with one animation of four frames; `asked` gathers what it fetches."""
    frames = [np.full((8, 8), level) for level in (0.0, 0.3, 0.6, 0.9)]
    cell = nbformat.v4.new_code_cell("...", id="moving")
    bundle = show.animation(frames, labels=LABELS, alt="It gets light.")._repr_mimebundle_()
    cell.outputs = [nbformat.v4.new_output("display_data", bundle)]
    shown = cells.read(course.example(), cell, 1)
    html = shown.markdown.replace("site:/", "/")
    links = "<link rel=stylesheet href=/assets/outputs.css>"
    links += "<script type=module src=/assets/animation.js></script>"
    sources = {
        "/": f"<!doctype html>{links}<body class=md-typeset>{html}",
        **{f"/assets/{path.name}": path.read_bytes() for path in ASSETS.iterdir()},
        **{f"/examples/part/lesson/{name}": content for name, content in shown.files.items()},
    }

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE.rstrip("/"))
        asked.append(path.rpartition("/")[2])
        ending = {"js": "text/javascript", "css": "text/css", "png": "image/png"}
        kind = ending.get(path.rpartition(".")[2], "text/html")
        route.fulfill(body=sources[path], content_type=kind)

    page = browser.new_page(**options)
    page.route("**/*", answer)
    page.goto(SITE)
    page.wait_for_load_state("networkidle")
    return page


def seen(page: Page) -> str:
    return str(page.locator(".dl-stage img").get_attribute("src"))[-5]


def test_it_starts_still_and_a_slider_moves_it(browser: Browser, course: Course) -> None:
    asked: list[str] = []
    page = opened(browser, course, asked)
    slider = page.get_by_role("slider", name="Frame")
    assert "moving.1.png" not in asked, "frames come when a reader turns to them"
    assert (slider.input_value(), seen(page)) == ("0", "0")
    assert slider.get_attribute("aria-valuetext") == "dark"
    page.wait_for_timeout(600)
    assert seen(page) == "0"

    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert (slider.get_attribute("aria-valuetext"), seen(page)) == ("grey", "2")
    page.keyboard.press("End")
    assert (page.locator(".dl-scrub > span").inner_text(), seen(page)) == ("light", "3")
    page.keyboard.press("Home")
    assert seen(page) == "0"
    page.wait_for_load_state("networkidle")
    assert {f"moving.{n}.png" for n in range(4)} <= set(asked)


def test_a_touch_moves_it(browser: Browser, course: Course) -> None:
    page = opened(browser, course, [], has_touch=True, viewport={"width": 390, "height": 800})
    box = page.get_by_role("slider").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
    assert seen(page) == "3"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_play_runs_to_the_end_and_stops(browser: Browser, course: Course) -> None:
    page = opened(browser, course, [])
    page.get_by_role("button", name="Play").click()
    assert page.get_by_role("button", name="Pause").is_visible()
    page.get_by_role("button", name="Play").wait_for()
    assert seen(page) == "3"
    page.get_by_role("button", name="Play").click()  # from the start again
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Play").is_visible()
    stopped = seen(page)
    page.wait_for_timeout(600)
    assert seen(page) == stopped != "3"


@pytest.mark.parametrize("way", ["without a script", "on paper"])
def test_its_ends_stand_side_by_side(browser: Browser, course: Course, way: str) -> None:
    page = opened(browser, course, [], java_script_enabled=way == "on paper")
    if way == "on paper":
        assert not page.locator(".dl-frames").is_visible()
        page.emulate_media(media="print")
        assert not page.locator(".dl-scrub").is_visible()
        assert not page.locator(".dl-stage").is_visible()
    frames = page.locator(".dl-frames > div")
    assert frames.all_inner_texts() == ["dark", "light"]
    boxes = [image.bounding_box() for image in frames.locator("img").all()]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["width"] == boxes[1]["width"] > 200
