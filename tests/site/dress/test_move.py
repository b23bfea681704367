"""`move.js` in a page: each part by mouse, by touch and by keyboard, as a reader uses it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import material
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Locator, Page, expect

from tests.browsing import ROOT, ROOTS, watch

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent / "page"
ASSETS = ROOT / "src/introdl_site/dress/theme/assets"
MATERIAL = next(Path(material.__file__).parent.glob("templates/assets/stylesheets/main.*.css"))
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(HERE, *ROOTS)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Open]:
    """`visit(place, touch=…)`: the page of the tests; at the end nothing has gone wrong on it."""
    opened = []

    def visit(place: str = "index.html", *, touch: bool = False, **options: object) -> Page:
        size = {"width": 390, "height": 844} if touch else {"width": 1280, "height": 900}
        extra = {"has_touch": True, "is_mobile": True} if touch else {}
        context = browser.new_context(**{"viewport": size, **extra, **options})
        page = context.new_page()
        page.route("**/stylesheets/main.css", lambda route: route.fulfill(path=MATERIAL))
        opened.append((context, watch(page, address)))
        page.goto(address + place)
        return page

    yield visit
    for context, wrong in opened:
        assert wrong == []
        context.close()


def figure(page: Page, name: str, nth: int = 0) -> Locator:
    """A figure that has started; it starts when it comes near the screen."""
    found = page.locator(f"figure[data-move={name}]").nth(nth)
    found.scroll_into_view_if_needed()
    expect(found).to_have_attribute("data-on", "ready")
    return found


def said(widget: Locator) -> Locator:
    return widget.locator(".move-say")


def middle(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def touch(page: Page, *points: tuple[float, float]) -> None:
    """A finger goes down at the first point, moves through the others, and goes up."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, at: list[tuple[float, float]]) -> None:
        fingers = [{"x": x, "y": y} for x, y in at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    send("touchStart", [points[0]])
    for point in points[1:]:
        send("touchMove", [point])
    send("touchEnd", [])


def drag(page: Page, *points: tuple[float, float]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def hand(page: Page, way: str) -> Callable[..., None]:
    return lambda *points: (touch if way == "touch" else drag)(page, *points)


def becomes(look: Callable[[], object], expected: object) -> None:
    """Wait for what a finger did: the browser hands it on when it likes."""
    until = time.monotonic() + 5
    while look() != expected and time.monotonic() < until:
        time.sleep(0.05)
    assert look() == expected


def freeze(page: Page) -> None:
    """From now on time passes only when a test says so."""
    page.clock.install(time=datetime(2030, 1, 1))
    page.clock.pause_at(datetime(2030, 1, 1, 1))


def press(button: Locator, way: str) -> None:
    """Press a button, also one that says that it does nothing now."""
    if way == "keyboard":
        button.press("Enter")
    elif way == "mouse":
        button.click(force=True)
    else:
        tap(button)


def tap(button: Locator) -> None:
    """Tap until the tap is heard: a busy browser takes one for a part of the gesture before it."""
    element = button.element_handle()  # its name may change as it is heard
    element.evaluate(
        "b => { b.dataset.waits = ''; b.addEventListener('click', () => delete b.dataset.waits) }"
    )
    for _ in range(4):
        element.tap(force=True)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            if element.get_attribute("data-waits") is None:
                return
            time.sleep(0.05)
    pytest.fail("four taps, and none was heard")


WAYS = pytest.mark.parametrize("way", ["mouse", "touch", "keyboard"])
HANDS = pytest.mark.parametrize("way", ["mouse", "touch"])


@WAYS
def test_steps(visit: Open, way: str) -> None:
    widget = figure(visit(touch=way == "touch"), "perceptron")
    back, forth = (widget.get_by_role("button", name=name) for name in ("Back", "Next"))
    expect(back).to_have_attribute("aria-disabled", "true")
    expect(said(widget)).to_have_text(re.compile("^Mistake 0 of "))
    press(forth, way)
    expect(said(widget)).to_have_text(re.compile("^Mistake 1 of "))
    press(back, way)
    press(back, way)
    expect(said(widget)).to_have_text(re.compile("^Mistake 0 of "))
    for _ in range(8):
        press(forth, way)
    expect(forth).to_have_attribute("aria-disabled", "true")
    expect(said(widget)).to_have_text(re.compile(r"^Mistake (\d+) of \1; wrong: 0. It stops.$"))


def test_steps_go_back_to_the_start(visit: Open, js: Callable, tmp_path: Path) -> None:
    module = tmp_path / "steps.js"
    module.write_text("""
        import { html, stepper } from "./assets/move.js";
        export const steps = (last, value, to) => {
          const shown = [];
          const part = stepper(html("div"), { last, value, show: (n) => shown.push(n) });
          to.forEach((n) => part.to(n));
          part.element.lastChild.click();
          return [shown, part.element.innerText || part.element.textContent];
        };""")
    assert js(module, "steps", 5, 9, [3, 7, -2, 2.6]) == [[3, 5, 0, 3, 0], "BackNextReset"]


@WAYS
def test_play_starts_still_and_stops_at_the_end(visit: Open, way: str) -> None:
    page = visit(touch=way == "touch")
    widget = figure(page, "perceptron")
    freeze(page)
    page.clock.run_for(5_000)
    expect(said(widget)).to_have_text(re.compile("^Mistake 0 of "))
    expect(said(widget)).to_have_attribute("aria-live", "polite")
    press(widget.get_by_role("button", name="Play"), way)
    page.clock.run_for(350)
    expect(said(widget)).to_have_text(re.compile("^Mistake 1 of "))
    expect(said(widget)).to_have_attribute("aria-live", "off")
    press(widget.get_by_role("button", name="Pause"), way)
    page.clock.run_for(5_000)
    expect(said(widget)).to_have_text(re.compile("^Mistake 1 of "))
    expect(said(widget)).to_have_attribute("aria-live", "polite")
    press(widget.get_by_role("button", name="Play"), way)
    page.clock.run_for(60_000)
    expect(said(widget)).to_have_text(re.compile(r"^Mistake (\d+) of \1;"))
    expect(widget.get_by_role("button", name="Play")).to_be_visible()


def test_play_pauses_for_a_step_and_a_page_that_is_hidden(visit: Open) -> None:
    page = visit()
    widget = figure(page, "perceptron")
    freeze(page)
    play = widget.get_by_role("button", name=re.compile("Play|Pause"))
    play.click()
    widget.get_by_role("button", name="Back").press("Enter")
    page.clock.run_for(5_000)
    expect(said(widget)).to_have_text(re.compile("^Mistake 0 of "))
    expect(play).to_have_text("Play")
    play.click()
    expect(play).to_have_text("Pause")
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    expect(play).to_have_text("Play")
    page.clock.run_for(5_000)
    expect(said(widget)).to_have_text(re.compile("^Mistake 0 of "))


def test_who_asks_for_less_motion_gets_a_slower_pace(visit: Open) -> None:
    page = visit(reduced_motion="reduce")
    widget = figure(page, "perceptron")
    freeze(page)
    widget.get_by_role("button", name="Play").click()
    page.clock.run_for(700)
    expect(said(widget)).to_have_text(re.compile("^Mistake 0 of "))
    page.clock.run_for(100)
    expect(said(widget)).to_have_text(re.compile("^Mistake 1 of "))
    moving = "e => getComputedStyle(e).transitionDuration"
    assert widget.get_by_role("button", name="Next").evaluate(moving) in ("0s", "")


@WAYS
def test_a_slider_says_its_value_in_words(visit: Open, way: str) -> None:
    page = visit(touch=way == "touch")
    widget = figure(page, "parts")
    slider = widget.get_by_role("slider", name="Width")
    expect(slider).to_have_attribute("aria-valuetext", "0 units")
    box = slider.bounding_box()
    assert box is not None
    if way == "keyboard":
        slider.press("End")
    else:
        # The locator waits until the page has stopped moving.
        place = {"x": box["width"] - 10, "y": box["height"] / 2}
        slider.tap(position=place) if way == "touch" else slider.click(position=place)
    expect(slider).to_have_attribute("aria-valuetext", "8 units")
    expect(widget.locator(".move-value")).to_have_text("8 units")


@WAYS
def test_a_choice(visit: Open, way: str) -> None:
    widget = figure(visit(touch=way == "touch"), "parts")
    group = widget.get_by_role("group", name="Rule")
    expect(group.get_by_role("radio", name="Any")).to_be_checked()
    if way == "keyboard":
        group.get_by_role("radio", name="Any").press("ArrowDown")
    else:
        press(group.get_by_text("Exactly one"), way)
    expect(said(widget)).to_have_text(re.compile("^Rule xor, optimiser SGD"))
    expect(group.get_by_role("radio", name="Exactly one")).to_be_checked()
    widget.get_by_label("Optimiser").select_option("Adam")
    expect(said(widget)).to_have_text(re.compile("^Rule xor, optimiser Adam"))


def place(handle: Locator) -> list[float]:
    words = handle.get_attribute("aria-valuetext") or ""
    return [float(number) for number in re.findall(r"-?[\d.]+", words)]


@HANDS
def test_a_point_is_dragged(visit: Open, way: str) -> None:
    page = visit(touch=way == "touch")
    widget = figure(page, "perceptron")
    handle = widget.get_by_role("slider", name="Circle 2")
    scale = widget.locator("svg").evaluate("e => e.getScreenCTM().a")
    before, scrolled = place(handle), page.evaluate("scrollY")
    x, y = middle(handle.locator(".move-ring"))
    reach = 18 if way == "touch" else 11  # a finger's breadth counts, whatever the drawing's size
    start = (x + reach, y - 2)
    dx, dy = -40 * scale, 80 * scale  # one unit is 80 of the 320
    hand(page, way)(start, (start[0] + dx / 2, start[1] + dy / 3), (start[0] + dx, start[1] + dy))
    becomes(lambda: place(handle), pytest.approx([before[0] - 0.5, before[1] - 1], abs=0.02))
    assert middle(handle.locator(".move-ring")) == pytest.approx((x + dx, y + dy), abs=1)
    assert page.evaluate("scrollY") == scrolled, "the page stays where it is"
    expect(handle).to_be_focused()
    # What is let go of stays, and what is dragged out of the drawing stops at its edge.
    page.mouse.move(x, y)
    assert place(handle) == pytest.approx([before[0] - 0.5, before[1] - 1], abs=0.02)
    hand(page, way)(middle(handle.locator(".move-ring")), (2, 2))
    becomes(lambda: place(handle), [-2, 2])


def test_a_finger_beside_a_point_scrolls(visit: Open) -> None:
    page = visit(touch=True)
    drawing = figure(page, "perceptron").locator("svg")
    page.evaluate("scrollTo(0, 0)")
    x, y = middle(drawing)
    touch(page, *[(x, y - 10 * n) for n in range(12)])
    page.wait_for_function("scrollY > 30")


def test_a_point_is_moved_by_keys(visit: Open) -> None:
    page = visit()
    widget = figure(page, "perceptron")
    handle = widget.get_by_role("slider", name="Square 1")
    before = place(handle)
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowUp", "ArrowLeft"):
        handle.press(key)
    assert place(handle) == pytest.approx([before[0] + 0.1, before[1] + 0.4])
    handle.press("Control+ArrowLeft")  # belongs to the browser
    assert place(handle) == pytest.approx([before[0] + 0.1, before[1] + 0.4])
    now = json.loads(handle.evaluate("e => e.ariaValueNow"))
    assert now == pytest.approx(before[0] + 0.1)
    mark = figure(page, "parts").get_by_role("slider", name="Mark")
    mark.press("ArrowUp")
    expect(mark).to_have_attribute("aria-valuetext", "at 5.0")  # along one axis alone
    mark.press("ArrowRight")
    expect(mark).to_have_attribute("aria-valuetext", "at 5.2")


def ink(widget: Locator) -> float:
    widget.get_by_role("button", name="Tell").click()
    return float(re.search(r"ink ([\d.]+)", said(widget).inner_text())[1])


@WAYS
def test_a_letter_is_drawn(visit: Open, way: str) -> None:
    page = visit(touch=way == "touch")
    widget = figure(page, "parts")
    paper = widget.get_by_role("application", name="Draw a letter")
    paper.scroll_into_view_if_needed()
    x, y = middle(paper)
    scrolled = page.evaluate("scrollY")
    if way == "keyboard":
        for key in ("ArrowLeft", "Space", "ArrowUp", "ArrowUp", "ArrowUp", "Space", "ArrowUp"):
            paper.press(key)
        expect(widget.get_by_text("Row 4, column 7, pen up.")).to_be_visible()
    else:
        hand(page, way)((x, y), (x, y - 30), (x, y - 60))
        assert page.evaluate("scrollY") == scrolled
    becomes(lambda: ink(widget) > 3, True)
    press(widget.get_by_role("button", name="Clear"), way)
    becomes(lambda: ink(widget), 0)


def test_a_pad_gives_pixels_between_0_and_1(js: Callable, tmp_path: Path) -> None:
    module = tmp_path / "pad.js"
    module.write_text("""
        import { drawPad } from "./assets/move.js";
        export const draw = (n, brush, keys) => {
          let got = null;
          const pad = drawPad(document.body, { n, brush, change: (pixels) => (got = pixels) });
          const paper = pad.element.querySelector(".move-paper");
          keys.forEach((key) => paper.dispatchEvent(new KeyboardEvent("keydown", { key })));
          const [image] = [pad.element.querySelector("canvas").getContext("2d")];
          const alpha = image.getImageData(0, 0, n, n).data.filter((_, i) => i % 4 === 3);
          pad.element.remove();
          return { got: got.slice(), alpha: Array.from(alpha) };
        };""")
    keys = [" ", "ArrowRight", "ArrowRight", "ArrowUp", " ", "ArrowUp"]
    drawn = js(module, "draw", 7, 0.5, keys)
    expected = np.zeros((7, 7))
    expected[3, 3:6] = expected[2, 5] = 1
    assert np.array_equal(drawn["got"].reshape(7, 7), expected)
    assert np.array_equal(np.reshape(drawn["alpha"], (7, 7)), 255 * expected)
    # A broad brush is full at its middle and thins out towards its edge.
    dot = js(module, "draw", 7, 1.7, [" "])["got"].reshape(7, 7)
    away = np.hypot(*(np.indices((7, 7)) - 3))
    np.testing.assert_allclose(dot, np.clip(2.2 - away, 0, 1), atol=1e-6)


def test_what_a_reader_did_is_in_the_address(visit: Open) -> None:
    page = visit()
    widget, other, third = (
        figure(page, *which) for which in [("perceptron",), ("parts", 0), ("parts", 1)]
    )
    widget.get_by_role("slider", name="Circle 2").press("ArrowLeft")
    widget.get_by_role("button", name="Next").click()
    other.get_by_text("Exactly one").click()
    third.get_by_text("Both").click()
    page.wait_for_function(
        "['perceptron.step=1', 'parts.', 'parts2.'].every((key) => location.hash.includes(key))"
    )
    before = said(widget).inner_text()
    assert page.evaluate("history.length") == 2, "the address is replaced, Back leaves the page"
    for _ in range(2):
        widget, other, third = (
            figure(page, *which) for which in [("perceptron",), ("parts", 0), ("parts", 1)]
        )
        expect(said(widget)).to_have_text(before)
        expect(widget.get_by_role("slider", name="Circle 2")).to_have_attribute(
            "aria-valuetext", "x 0.3, y 1.3"
        )
        expect(other.get_by_role("radio", name="Exactly one")).to_be_checked()
        expect(third.get_by_role("radio", name="Both")).to_be_checked()
        page.reload()
    widget = figure(page, "perceptron")
    widget.get_by_role("button", name="Reset").click()
    expect(said(widget)).to_have_text(re.compile("^Mistake 0 of "))
    page.wait_for_function("!location.hash.includes('perceptron')")
    assert "parts2.rule=and" in page.url
    expect(widget.get_by_role("button", name="Reset")).to_be_focused()


def test_an_address_that_is_left_at_once_is_kept(visit: Open) -> None:
    page = visit()
    figure(page, "perceptron").get_by_role("button", name="Next").click()
    page.reload()
    expect(said(figure(page, "perceptron"))).to_have_text(re.compile("^Mistake 1 of "))


def test_headings_are_still_reached(visit: Open) -> None:
    page = visit()
    widget = figure(page, "perceptron")
    widget.get_by_role("button", name="Next").click()
    page.get_by_role("link", name="Go below").click()
    page.wait_for_function("location.hash === '#below~perceptron.step=1'")
    expect(page.locator("#below")).to_be_in_viewport()
    # So is one in an address that someone was sent.
    page = visit("index.html#below~perceptron.step=2")
    expect(page.locator("#below")).to_be_in_viewport()
    assert page.evaluate("scrollY") > 200
    expect(said(figure(page, "perceptron"))).to_have_text(re.compile("^Mistake 2 of "))
    # And a state that comes while the page is open is shown.
    page.evaluate("location.hash = '#below~perceptron.step=1'")
    expect(said(figure(page, "perceptron"))).to_have_text(re.compile("^Mistake 1 of "))


@pytest.mark.parametrize(
    "part", ["perceptron.step=x", "perceptron.p1=3", "perceptron.step=%", "perceptron.step=1e9"]
)
def test_an_address_with_nonsense_starts(visit: Open, part: str) -> None:
    widget = figure(visit(f"index.html#~{part}~parts.rule=no"), "perceptron")
    expect(said(widget)).to_have_text(re.compile(r"^Mistake \d+ of "))
    expect(figure(widget.page, "parts").get_by_role("radio", name="Both")).to_be_checked()


def test_state_is_text_or_json(js: Callable, tmp_path: Path, rng: np.random.Generator) -> None:
    module = tmp_path / "state.js"
    module.write_text("""
        import { html, mount } from "./assets/move.js";
        const started = (name) => new Promise((resolve) => {
          const root = html("figure", { class: "move", "data-move": name }, document.body);
          html("div", { class: "move-stage" }, root);
          mount(name, ({ state }) => resolve({ state, root }));
        });
        export const round = async (values) => {
          const one = await started("one");
          values.forEach((value, i) => one.state.set(`k${i}`, value));
          await new Promise((done) => setTimeout(done, 400));
          one.root.remove();
          const two = await started("one");
          const firsts = { string: "", number: 0, boolean: false };
          const got = values.map((value, i) =>
            two.state.get(`k${i}`, firsts[typeof value] ?? (Array.isArray(value) ? [] : {})));
          two.state.clear();
          two.root.remove();
          return [got, location.hash];
        };""")
    values = ["a~b=c&d %#é", "12", 12, -0.25, True, [1, [2.5, "x~y"]], {"a": [1]}, 2**40]
    assert js(module, "round", values) == [values, ""]
    number = float(rng.normal())
    [[got], _] = js(module, "round", [number])
    assert got == pytest.approx(number, rel=1e-4)


def test_print_shows_the_still_picture(visit: Open) -> None:
    page = visit()
    widget = figure(page, "perceptron")
    still, stage = widget.locator(".move-still"), widget.locator(".move-stage")
    expect(still).to_be_hidden()
    expect(stage).to_be_visible()
    page.emulate_media(media="print")
    expect(still).to_be_visible()
    expect(stage).to_be_hidden()


def test_without_javascript_stands_the_still_picture(visit: Open) -> None:
    page = visit(java_script_enabled=False)
    expect(page.get_by_text("Still picture of a perceptron.")).to_be_visible()
    expect(page.locator(".move-stage").first).to_be_hidden()


def test_what_cannot_start_shows_its_still_picture(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.route("**/stylesheets/main.css", lambda route: route.fulfill(path=MATERIAL))
    wrong = watch(page, address)
    page.goto(address + "fails.html", wait_until="networkidle")
    widget = page.locator("figure")
    expect(widget.get_by_text("The interactive part could not start.")).to_be_visible()
    expect(widget.get_by_text("The still picture.")).to_be_visible()
    expect(widget.locator(".move-stage")).to_be_hidden()
    assert "on purpose" in " ".join(wrong), "who wrote it is told why"
    page.close()


def test_colours_follow_the_palette(visit: Open) -> None:
    page = visit()
    widget = figure(page, "parts")
    looks = """e => [
      getComputedStyle(e.querySelector(".move-handle circle:not([class])")).fill,
      [...e.querySelector(".probe").getContext("2d").getImageData(0, 0, 1, 1).data].join(),
    ]"""
    light = widget.evaluate(looks)
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    dark = widget.evaluate(looks)
    assert (light, dark) == (
        ["rgb(116, 72, 184)", "214,228,247,255"],
        ["rgb(194, 166, 247)", "36,57,90,255"],
    )


def test_it_works_again_when_the_content_is_replaced(visit: Open) -> None:
    page = visit()
    page.add_init_script("""
      window.pages = [];
      window.document$ = { subscribe: (act) => window.pages.push(act) };""")
    page.reload()
    figure(page, "perceptron").get_by_role("button", name="Play").click()
    page.evaluate("""() => {
      const article = document.querySelector("article");
      const next = article.cloneNode(true);
      for (const figure of next.querySelectorAll("figure")) {
        figure.removeAttribute("data-on");
        figure.querySelector(".move-stage").replaceChildren();
      }
      article.replaceWith(next);
      window.pages.forEach((act) => act());
      history.replaceState(null, "", location.pathname);
    }""")
    widget = figure(page, "perceptron")
    expect(said(widget)).to_have_text(re.compile("^Mistake 0 of "))
    page.wait_for_timeout(700)
    assert "#" not in page.url, "what has gone writes no address"
    widget.get_by_role("button", name="Next").click()
    expect(said(widget)).to_have_text(re.compile("^Mistake 1 of "))
    expect(widget.locator(".move-stage")).to_have_count(1)


@pytest.mark.parametrize("palette", ["default", "slate"])
@pytest.mark.parametrize("phone", [True, False])
def test_nothing_is_wrong_for_who_hears_or_zooms(visit: Open, palette: str, phone: bool) -> None:
    page = visit(touch=phone)
    page.evaluate("palette => { document.body.dataset.mdColorScheme = palette }", palette)
    for which in [("perceptron",), ("parts", 0), ("parts", 1)]:
        figure(page, *which)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if phone:
        for control in page.locator(".move :is(button, select, input[type=range])").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["width"] >= 44


def test_a_focused_handle_has_a_ring(visit: Open) -> None:
    page = visit()
    handle = figure(page, "perceptron").get_by_role("slider", name="Circle 3")
    shown = "e => getComputedStyle(e.querySelector('.move-ring')).stroke"
    page.mouse.move(0, 0)
    assert handle.evaluate(shown) == "none"
    page.keyboard.press("Tab")
    handle.focus()
    assert handle.evaluate(shown) == "rgb(181, 81, 13)"


def safetensors(arrays: dict[str, tuple[str, np.ndarray]]) -> bytes:
    head, data = {"__metadata__": {"from": "a test"}}, b""
    for name, (kind, array) in arrays.items():
        more = array.tobytes()
        offsets = [len(data), len(data) + len(more)]
        head[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": offsets}
        data += more
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + data


LOAD = """
export { axes, loadArrays, loadJSON } from "./assets/move.js";
import { axes } from "./assets/move.js";
export const there = (options, points) => {
  const scale = axes(options);
  return points.map(([x, y]) => {
    const [u, v] = [scale.x(x), scale.y(y)];
    return [u, v, scale.unx(u), scale.uny(v)];
  });
};
"""


def test_arrays_are_read(js: Callable, tmp_path: Path, rng: np.random.Generator) -> None:
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16).reshape(256, 256)
    whole = rng.integers(-100, 100, (int(rng.integers(1, 5)), 3))
    arrays = {
        # One byte first: what follows is not aligned.
        "u8": ("U8", np.array([200], dtype=np.uint8)),
        "f32": ("F32", rng.normal(size=(2, int(rng.integers(1, 9)), 3)).astype(np.float32)),
        "f16": ("F16", halves),
        "i8": ("I8", whole.astype(np.int8)),
        "i32": ("I32", whole.astype(np.int32) * 10**7),
        "i64": ("I64", whole.astype(np.int64) * 10**12),
        "scalar": ("F32", np.array(2.5, dtype=np.float32)),
        "none": ("F32", np.zeros((0, 4), dtype=np.float32)),
    }
    (tmp_path / "a.safetensors").write_bytes(safetensors(arrays))
    (tmp_path / "b.safetensors").write_bytes(safetensors({"z": ("BF16", np.zeros(1, np.int16))}))
    (tmp_path / "a.json").write_text('{"a": [1, null]}')
    (tmp_path / "load.js").write_text(LOAD)
    found = js(tmp_path / "load.js", "loadArrays", "/a.safetensors")
    assert list(found) == list(arrays)
    for name, (_, array) in arrays.items():
        np.testing.assert_array_equal(found[name], array, strict=False)
    assert found["f32"].dtype == np.float32
    assert js(tmp_path / "load.js", "loadJSON", "/a.json") == {"a": [1, None]}
    for message, name, place in [
        ("z is BF16", "loadArrays", "/b.safetensors"),
        ("/no.json: 404", "loadJSON", "/no.json"),
        ("Failed to fetch", "loadJSON", "http://127.0.0.1:9/other.json"),
    ]:
        with pytest.raises(Error, match=message):
            js(tmp_path / "load.js", name, place)


def test_axes_go_there_and_back(js: Callable, tmp_path: Path, rng: np.random.Generator) -> None:
    (tmp_path / "load.js").write_text(LOAD)
    points = rng.uniform(-3, 3, (5, 2))
    options = {"x": [-3, 3], "y": [-3, 5], "width": 200, "height": 100, "pad": 10}
    got = np.array(js(tmp_path / "load.js", "there", options, points.tolist()))
    expected = [10 + (points[:, 0] + 3) / 6 * 180, 90 - (points[:, 1] + 3) / 8 * 80]
    np.testing.assert_allclose(got[:, :2].T, expected)
    np.testing.assert_allclose(got[:, 2:], points)


CUT = """
import { clip } from "/assets/move.js";
export const cut = (polygon, [a, b, c]) => clip(polygon, ([x, y]) => a * x + b * y + c);
"""


def area(polygon: list[list[float]]) -> float:
    x, y = np.array(polygon).reshape(-1, 2).T
    return float(abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)


def test_a_polygon_is_cut_into_two_parts(
    js: Callable, tmp_path: Path, rng: np.random.Generator
) -> None:
    (tmp_path / "cut.js").write_text(CUT)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 7))
    polygon = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # on a circle, so convex
    inner = polygon.mean(axis=0)
    for _ in range(5):
        a, b = rng.normal(size=2)
        line = np.array([a, b, -(a * inner[0] + b * inner[1])])  # through the middle
        on, off = (
            js(tmp_path / "cut.js", "cut", polygon.tolist(), side)
            for side in (line.tolist(), (-line).tolist())
        )
        assert area(on) + area(off) == pytest.approx(area(polygon.tolist()))
        assert 0 < area(on) < area(polygon.tolist())
        assert (np.array(on) @ line[:2] + line[2] >= -1e-9).all()
    assert js(tmp_path / "cut.js", "cut", polygon.tolist(), [0, 0, -1]) == []


def test_a_call_of_what_is_not_there_is_named(js: Callable) -> None:
    with pytest.raises(FileNotFoundError, match=r"no module .*nothing\.js"):
        js("docs/nothing.js", "f")
    with pytest.raises(Error, match="exports no nothing"):
        js(ASSETS / "move.js", "nothing")


@pytest.mark.parametrize("name", ["move.js", "parts.js", "infer.js", "recurrent.js", "letters.js"])
def test_scripts_are_small(name: str) -> None:
    assert (ASSETS / name).stat().st_size <= 12 * 1024
