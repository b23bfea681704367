"""Every page in a browser: both palettes, desk and phone, nothing wrong and nothing from elsewhere.

Needs the system's Chromium; without one these tests are skipped, except under CI.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from introdl_site.publishing.symbols import lessons
from tests.browsing import watch

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
DOCS = [p.relative_to(ROOT / "docs").with_suffix("") for p in sorted(ROOT.glob("docs/**/*.md"))]
EXAMPLES = [p.relative_to(ROOT).with_suffix("") for p in sorted(ROOT.glob("examples/**/*.py"))]
API = [Path("reference/api", lesson) for lesson, _ in lessons(ROOT / "src")]
PLACES = [
    "" if (url := (p.parent if p.stem == "index" else p).as_posix()) == "." else f"{url}/"
    for p in [*DOCS, *EXAMPLES, *API]
]
GLOSSARY = tomllib.loads((ROOT / "docs/reference/glossary.toml").read_text(encoding="utf-8"))[
    "term"
]


@pytest.fixture(scope="module")
def address(site: Path, serve: Callable[..., str]) -> str:
    return serve(site)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


# The workers of a run share the pages by these classes.
class TestDocs:
    @pytest.mark.parametrize("place", PLACES[: len(DOCS)], ids=lambda place: place or "home")
    def test_a_page_is_right(self, browser: Browser, address: str, place: str) -> None:
        look(browser, address, place)


class TestCode:
    @pytest.mark.parametrize("place", PLACES[len(DOCS) :])
    def test_a_page_is_right(self, browser: Browser, address: str, place: str) -> None:
        # Code and what it prints have the colours and the structure of every other such page, so
        # the other views of one page in eight stand for all.
        look(browser, address, place, rest=PLACES.index(place) % 8 == 0)


def look(browser: Browser, address: str, place: str, *, rest: bool = True) -> None:
    """Load a page once, and look at it in every view.

    Colours do not depend on the width, nor structure on the palette. So axe looks at each where it
    can differ, in a third of the time of all rules in all views. Without `rest` it looks once, and
    the other views are only measured.
    """
    page = browser.new_page(
        viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    wrong = watch(page, address)
    page.goto(address + place, wait_until="networkidle")
    structure = {"rules": {"color-contrast": {"enabled": False}}}
    for width, palette, rules in (
        (1280, "default", {}),
        (1280, "slate", {"runOnly": ["color-contrast"]}),
        (390, "slate", None),
        (390, "default", structure),
    ):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("palette => { document.body.dataset.mdColorScheme = palette }", palette)
        check(page, f"/{place} at {width} px, {palette}", rules if rest or rules == {} else None)
    assert wrong == [], f"/{place}"
    page.close()


def check(page: Page, view: str, rules: dict[str, object] | None) -> None:
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0, f"{view}: {overflow} px wider than the screen"
    if rules is not None:
        found = Axe().run(page, options={"resultTypes": ["violations"], **rules})
        assert found.violations_count == 0, f"{view}:\n{found.generate_report()}"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["", "history/perceptron/", "examples/history/perceptron/"])
def test_a_page_opens_right(
    browser: Browser, address: str, place: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    wrong = watch(page, address)
    page.goto(address + place, wait_until="networkidle")
    check(page, f"/{place} at {width} px, {scheme}", {})
    assert wrong == []
    page.close()


def test_figures_follow_the_palette(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(address + "history/perceptron/")
    light, dark = page.locator("img.dl-light").first, page.locator("img.dl-dark").first
    assert light.is_visible()
    assert not dark.is_visible()
    page.locator("label[title*='dark palette']").click()
    assert dark.is_visible()
    assert not light.is_visible()


def test_a_term_is_explained_to_who_points_at_it(page: Page, address: str) -> None:
    page.goto(address + "history/perceptron/")
    page.locator("a.term[href$='#bias']").hover()
    [entry] = [t for t in GLOSSARY if t["term"] == "bias"]
    pop = page.locator(".dl-pop")
    pop.wait_for()
    assert pop.inner_text().startswith(entry["definition"])


def test_the_class_view_shows_one_thing_as_large_as_the_screen(page: Page, address: str) -> None:
    page.goto(address + "history/perceptron/")
    page.get_by_role("link", name="Class view").click()
    run = page.locator(".move.dl-shown")  # what moves comes first
    run.locator("svg circle").first.wait_for()
    box = run.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    assert max(box["width"] / 1280, box["height"] / 900) > 0.85
    where = page.locator(".dl-room-where")
    number, count = map(int, where.inner_text().split(" of "))
    # What a figure keeps in its address stays, so that a link leads a class into a state.
    run.get_by_role("button", name="Next").click()
    assert page.evaluate("location.hash").startswith(f"#class={number}~run.")
    page.keyboard.press("PageDown")
    assert where.inner_text() == f"{number + 1} of {count}"
    assert page.locator(".dl-shown").count() == 1
    # What is behind cannot be reached.
    assert page.evaluate("document.querySelector('h1').closest('[inert]') !== null")
    page.keyboard.press("Escape")
    assert page.locator(".dl-shown, .dl-room, [inert]").count() == 0
    assert "class" not in page.evaluate("location.hash")


def test_the_class_view_has_a_key_and_an_address(page: Page, address: str) -> None:
    page.goto(address + "hardware/data_parallel/")  # nothing moves there
    page.keyboard.press("c")
    page.locator(".dl-figure.dl-shown").wait_for()
    page.locator(".dl-room").get_by_role("button", name="Next").click()
    assert page.evaluate("location.hash") == "#class=2"
    page.locator(".dl-room").get_by_role("button", name="Close").click()
    assert page.locator(".dl-shown").count() == 0
    page.goto("about:blank")
    page.goto(address + "hardware/data_parallel/#class=2")
    page.locator(".dl-shown").wait_for()
    assert page.locator(".dl-room-where").inner_text().startswith("2 of ")
    page.goto("about:blank")
    page.goto(address + "language/gpt/")
    page.locator(".move").first.scroll_into_view_if_needed()
    page.locator(".move input[type=text]").first.press("c")  # who writes a c wants a c
    assert page.locator(".dl-shown").count() == 0


def test_the_class_view_cuts_nothing_off_on_a_projector(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    for lesson in ("sequences/lstm", "applications/cancer_cells"):  # the tallest things to move
        page.goto("about:blank")
        page.goto(f"{address}{lesson}/#class=1")
        shown = page.locator(".dl-shown[data-on=ready]")
        shown.wait_for()
        page.wait_for_timeout(300)
        assert shown.evaluate("(thing) => thing.scrollHeight - thing.clientHeight") <= 1
        box = shown.bounding_box()
        assert box is not None
        assert box["x"] >= 20
        assert box["x"] + box["width"] <= 1260


def test_a_page_whose_figures_are_all_folded_has_no_class_view(page: Page, address: str) -> None:
    page.route("**/assets/class.js", lambda route: None)  # it waits until the page has changed
    page.goto(address + "hardware/data_parallel/", wait_until="commit")
    page.locator(".dl-foot, footer").first.wait_for(state="attached")
    page.evaluate(
        "document.querySelectorAll('.md-content :is(.move, .dl-figure)').forEach((figure) => {"
        " const fold = document.createElement('details'); figure.replaceWith(fold);"
        " fold.append(figure); })"
    )
    page.unroute("**/assets/class.js")
    page.evaluate("import(new URL('../../assets/class.js?anew', location.href).href)")
    assert page.get_by_role("link", name="Class view").count() == 0
    page.keyboard.press("c")
    assert page.locator(".dl-shown, .dl-room").count() == 0
    assert not page.evaluate("document.fullscreenElement")


def test_a_point_follows_the_pointer_in_the_class_view(page: Page, address: str) -> None:
    page.goto(address + "networks/gradient_descent/#class")
    point = page.locator(".dl-shown .move-stage [role=slider], .dl-shown svg g[tabindex]").first
    point.wait_for()
    box = point.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 20, steps=3)
    page.mouse.up()
    moved = point.bounding_box()
    assert moved is not None
    assert abs(moved["x"] - box["x"] + 60) < 8
    assert abs(moved["y"] - box["y"] - 20) < 8


def test_a_quiz_works_from_the_keyboard(page: Page, address: str) -> None:
    page.goto(address + "history/perceptron/")
    quiz = page.locator(".quiz").first
    quiz.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    assert quiz.get_by_role("radio").nth(1).is_checked()
    quiz.get_by_role("button", name="Check").focus()
    page.keyboard.press("Enter")
    said = quiz.locator("[role=status]").all_inner_texts()
    assert [text for text in said if text.strip()], said


def test_a_quiz_without_javascript_folds_its_answer(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "history/perceptron/")
    quiz = page.locator(".quiz").first
    assert quiz.locator("li").first.is_visible()
    answer = quiz.locator("details")
    assert answer.get_attribute("open") is None
    answer.locator("summary").click()
    assert len(answer.inner_text()) > 20
    context.close()


def test_the_copy_button_gives_the_code_that_ran(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address + "history/perceptron/")
    block = page.locator("div.language-python").first
    block.hover()
    block.locator(".md-clipboard, .md-code__button[data-md-type=copy]").first.click()
    taken = page.evaluate("navigator.clipboard.readText()")
    assert taken.strip() == block.locator("code").inner_text().strip()
    compile(taken, "copied", "exec")
    context.close()


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("perceptron", "history/perceptron/"),
        ("chain rule", "history/backpropagation/"),
        ("backprop", "history/backpropagation/"),
        ("loss", "history/adaline/"),
        ("softmax", "networks/activations/"),
        ("C\u0303", "sequences/lstm/"),
        ("checklist", "networks/diagnosis/"),
    ],
)
def test_search_finds_what_teaches_it(page: Page, address: str, words: str, place: str) -> None:
    page.goto(address)
    page.keyboard.press("/")
    page.keyboard.type(words)
    links = page.locator(".md-search-result__link")
    links.first.wait_for(timeout=15_000)
    found = [str(link.get_attribute("href")).split("?")[0] for link in links.all()]
    assert found[0].removeprefix(address) == place
    # Every lesson comes before everything that is looked up, and none is taller than a screen.
    lesson = re.compile(rf"{address}(?!reference/|examples/)\w+/")
    kinds = [bool(lesson.match(link)) for link in found]
    assert kinds == sorted(kinds, reverse=True)
    assert max(link.bounding_box()["height"] for link in links.all() if link.is_visible()) < 500
    # The words of a fold and the terms that a page teaches are found, and not read.
    assert not [
        unread
        for unread in page.locator(".md-search-result :is(pre, .md-tags)").all()
        if unread.is_visible()
    ]


def test_the_figure_of_the_home_page_starts_still_and_plays_when_asked(
    page: Page, address: str
) -> None:
    page.goto(address)
    figure = page.locator("figure.move")
    figure.scroll_into_view_if_needed()
    page.locator("figure.move[data-on=ready]").wait_for()
    said = figure.locator(".move-say")
    before = said.inner_text()
    assert before.startswith("No mistake yet.")
    page.mouse.move(300, 300)
    page.wait_for_timeout(300)
    assert said.inner_text() == before
    figure.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    assert said.inner_text().startswith("Mistake 1,")
    figure.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "() => document.querySelector('.move-say').textContent.startsWith('Mistake 2,')"
    )


def test_a_missing_page_says_what_to_do(site: Path) -> None:
    text = (site / "404.html").read_text()
    assert "history/" in text


def test_the_array_is_stepped_through_by_keyboard(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + "hardware/systolic_array/")
    page.locator(".move").scroll_into_view_if_needed()
    said = page.locator(".move-say")
    said.wait_for()
    before = said.inner_text()
    assert before.startswith("Cycle 7 of 12: 8 of 9 cells multiply; results out: 1")
    page.wait_for_timeout(1200)
    assert said.inner_text() == before, "it moves only when asked"
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    assert said.inner_text().startswith("Cycle 8 of 12")
    page.get_by_label("Cycle", exact=True).focus()
    page.keyboard.press("Home")
    waiting = page.locator(".systolic-queue").all_inner_texts()
    assert waiting == ["2 0 3 1", "0 1 1 2 ·", "3 1 2 0 · ·"]
    page.keyboard.press("End")
    ended = said.inner_text().replace("\u00a0", " ")
    assert ended.startswith("Cycle 12 of 12: 0 of 9 cells multiply; results out: 12.")
    assert ended.endswith("Used so far: 36 of 108 cell cycles, 33 %.")
    results = page.locator(".systolic-result .systolic-cell").all_inner_texts()
    assert results == ["5", "2", "2", "5", "7", "8", "2", "4", "1", "2", "9", "7"]
    page.close()


def test_without_javascript_the_array_is_a_still_picture(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "hardware/systolic_array/")
    assert not page.locator(".systolic").is_visible()
    assert page.locator("img.dl-light[src*='still']").is_visible()
    context.close()
