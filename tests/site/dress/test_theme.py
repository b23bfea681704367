"""The theme on a small site of its own: what each kind of page carries."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import lxml.html
import pytest
from lxml.html import HtmlElement
from playwright.sync_api import Browser, Page

THEME = Path(__file__).resolve().parents[3] / "src" / "introdl_site" / "dress" / "theme"
CONFIG = f"""\
site_name: Deep Learning, Executed
site_description: The description of the site.
site_url: https://example.org/course/
repo_url: https://github.com/owner/name
edit_uri: edit/main/docs/
theme:
  name: material
  custom_dir: {THEME}
  font: false
  favicon: assets/favicon.svg
  features: [navigation.footer, navigation.tabs]
markdown_extensions:
  - md_in_html
  - pymdownx.details
  - pymdownx.superfences
  - introdl_site.pages.extension
extra_css: [assets/site.css, assets/blocks.css]
plugins: [search]
hooks: [hook.py]
nav:
  - index.md
  - Part:
      - lesson.md
      - plain.md
      - second.md
      - glossary.md
"""
HOOK = """\
def on_page_content(html, page, config, files):
    if page.file.src_uri == "lesson.md":
        page.meta["reading_time"] = 7
        page.meta["og_image"] = "assets/cards/lesson.png"
        page.meta["used_in"] = [{"label": "Later", "url": "../later/"}]
        page.meta["lesson_links"] = [
            {"label": "Executed notebook", "url": "../n/", "icon": "notebook"},
            {"label": ".py", "url": "../n/lesson.py", "icon": "download"},
            {"label": "Other", "url": "../o/"},
        ]
    if page.file.src_uri == "second.md":
        page.meta["own_js"], page.meta["own_css"] = "second.js", "second.css"
        page.meta["later"] = [{"label": "Third", "url": "../third/"}]
        page.meta["before"] = {
            "lessons": [{"label": "First", "url": "../lesson/"}],
            "minutes": 15,
            "practice": 30,
            "packages": ["NumPy", "PyTorch"],
            "install": "pip install -e .",
            "checkout": True,
        }
    return html
"""
SECOND = """\
---
description: The description of the second.
---
# Second

A <a class="term" href="../glossary/#bias">bias</a> is met.

A <a class="term" href="../glossary/#weight">weight</a> too.

/// predict | Will *it* end?
- Yes
- [x] No
///

/// outcome
No, it will not.
///

/// quiz | Each?
- [ ] One. :: Not so.
- [x] Two. :: Right. It is.
///

/// quiz | More?
- [x] One. :: It is.
- [ ] Two. :: Not so.

And this.
///
"""
GLOSSARY = """\
# Glossary

<dl><dt id="bias">bias</dt><dd>A number. Taught in <a href="../lesson/">First</a>.</dd>
<dt id="weight">weight</dt><dd>A factor.</dd></dl>
"""
LESSON = """\
---
description: The description of the lesson.
---
# A "lesson" & more

First words.

/// quiz | Which?
- [x] this
- [ ] that

Because.
///

??? success "Solution"
    Folded words.

    ```text
    {wide}
    ```
""".replace("{wide}", "wide " * 60)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("theme")
    (root / "docs").mkdir()
    (root / "mkdocs.yml").write_text(CONFIG)
    (root / "hook.py").write_text(HOOK)
    home = "---\ntemplate: home.html\ntitle: Home\n---\n# Deep Learning, Executed\n"
    (root / "docs" / "index.md").write_text(home)
    (root / "docs" / "lesson.md").write_text(LESSON)
    (root / "docs" / "second.md").write_text(SECOND)
    (root / "docs" / "second.js").write_text("document.body.dataset.own = 'module';")
    (root / "docs" / "second.css").write_text("body { --own: style }")
    (root / "docs" / "glossary.md").write_text(GLOSSARY)
    (root / "docs" / "plain.md").write_text("No title of its own.\n")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return root / "site"


def read(built: Path, place: str) -> HtmlElement:
    return lxml.html.fromstring((built / place).read_text())


PAGES = ["index.html", "lesson/index.html", "plain/index.html", "404.html"]


def meta(page: HtmlElement, name: str) -> list[str]:
    return list(page.xpath(f"//meta[@name='{name}' or @property='{name}']/@content"))


@pytest.mark.parametrize("place", PAGES)
def test_every_page_describes_itself(built: Path, place: str) -> None:
    page = read(built, place)
    about = "the lesson" if "lesson" in place else "the site"
    assert meta(page, "description") == [f"The description of {about}."]
    assert meta(page, "og:description") == meta(page, "description")
    assert meta(page, "og:site_name") == ["Deep Learning, Executed"]
    assert len(meta(page, "twitter:card")) == 1


def test_shared_links_show_title_and_picture(built: Path) -> None:
    page = read(built, "lesson/index.html")
    assert meta(page, "og:title") == ['A "lesson" & more']
    assert meta(page, "og:url") == ["https://example.org/course/lesson/"]
    assert meta(page, "og:image") == ["https://example.org/course/assets/cards/lesson.png"]
    assert meta(page, "twitter:card") == ["summary_large_image"]
    # A page without a picture of its own does not promise one.
    assert meta(read(built, "plain/index.html"), "og:image") == []


def test_the_home_page_has_the_name_of_the_site(built: Path) -> None:
    page = read(built, "index.html")
    assert page.findtext("head/title") == "Deep Learning, Executed"
    assert meta(page, "og:title") == ["Deep Learning, Executed"]
    assert meta(page, "og:type") == ["website"]
    assert page.find_class("dl-head") == []


@pytest.mark.parametrize("place", PAGES)
def test_nothing_is_asked_of_another_host(built: Path, place: str) -> None:
    page = read(built, place)
    fetched = page.xpath("//script/@src | //img/@src | //link[@rel='stylesheet']/@href")
    assert fetched
    assert [url for url in fetched if re.match(r"(?:https?:)?//", url)] == []
    # With this attribute Material asks GitHub's servers for the number of stars.
    assert page.xpath("//*[@data-md-component='source']") == []


@pytest.mark.parametrize("place", PAGES)
def test_the_search_dialog_has_a_name(built: Path, place: str) -> None:
    (dialog,) = read(built, place).xpath("//*[@role='dialog']")
    assert dialog.get("aria-label") == "Search"


def test_what_is_known_of_a_lesson_stands_under_its_title(built: Path) -> None:
    page = read(built, "lesson/index.html")
    (title,) = page.xpath("//article//h1")
    head = title.getnext()
    assert head.get("class") == "dl-head"
    assert "7 min read" in head.text_content()
    assert head.xpath(".//a[@rel='edit']/@href") == [
        "https://github.com/owner/name/edit/main/docs/lesson.md"
    ]
    links = head.xpath(".//nav//a")
    assert [link.text_content().strip() for link in links] == ["Executed notebook", ".py", "Other"]
    assert [link.get("href") for link in links] == ["../n/", "../n/lesson.py", "../o/"]
    assert [link.get("download") is not None for link in links] == [False, True, False]
    assert [link.get("class") for link in links] == ["notebook", "download", ""]
    assert head.getnext().text == "First words."


def test_after_a_lesson_come_its_links_and_who_uses_it(built: Path) -> None:
    (foot,) = read(built, "lesson/index.html").find_class("dl-foot")
    assert foot.xpath(".//p/a/@href") == ["../later/"]
    assert len(foot.xpath(".//ul/li")) == 3
    assert read(built, "plain/index.html").find_class("dl-foot") == []


def test_what_a_lesson_needs_stands_below_its_first_paragraph(built: Path) -> None:
    page = read(built, "second/index.html")
    (before,) = page.find_class("dl-before")
    assert before.getprevious().text_content() == "A bias is met."
    assert [" ".join(span.text_content().split()) for span in before.iter("span")] == [
        "Needs First",
        "15 minutes, and 30 for the exercises",
        "NumPy, PyTorch",
    ]
    assert before.xpath(".//a/@href") == ["../lesson/"]
    assert before.xpath(".//code/text()") == ["introdl", "pip install -e ."]
    (later,) = page.find_class("dl-later")
    assert " ".join(later.text_content().split()) == "Used later by Third."
    assert read(built, "lesson/index.html").find_class("dl-before") == []


def test_a_lessons_own_files_are_on_its_page_alone(built: Path) -> None:
    page = read(built, "second/index.html")
    assert page.xpath("//script[@type='module']/@src")[-1] == "../second.js"
    assert page.xpath("//link[@class='dl-own']/@href") == ["../second.css"]
    for place in PAGES:
        assert "second." not in (built / place).read_text(encoding="utf-8")


def test_a_page_without_a_title_gets_one(built: Path) -> None:
    (title,) = read(built, "plain/index.html").xpath("//article//h1")
    assert title.text_content().strip() == "Plain"


def test_a_script_comes_only_where_it_has_work(built: Path) -> None:
    # A prediction needs it, too.
    assert read(built, "second/index.html").xpath("//script[contains(@src, 'quiz.js')]")

    def has_quiz(place: str) -> bool:
        return bool(read(built, place).xpath("//script[contains(@src, 'quiz.js')]"))

    assert [has_quiz(place) for place in PAGES] == [False, True, False, False]


def test_a_missing_page_offers_the_search_and_the_parts(built: Path) -> None:
    page = read(built, "404.html")
    assert "no page at this address" in page.xpath("//article//h1")[0].text_content()
    (form,) = page.xpath("//article//form")
    assert form.get("action").rstrip(".") == "/course/"
    assert form.xpath(".//label/@for") == form.xpath(".//input[@name='q']/@id")
    parts = page.xpath("//article//ul//a")
    assert [(a.text_content(), a.get("href")) for a in parts] == [
        ("Home", "/course/."),
        ("Part", "/course/lesson/"),
    ]
    assert meta(page, "robots") == ["noindex"]


def test_assets_are_small_and_ask_for_nothing() -> None:
    for path in (THEME / "assets").iterdir():
        # What a script may ask for, tests/site/test_scripts.py says.
        if path.suffix in {".css", ".svg"}:
            assert not re.search(r"url\(.?https?:|@import", path.read_text()), path.name
    assert (THEME / "assets" / "site.css").stat().st_size < 26_000


@pytest.fixture
def page(built: Path, browser: Browser, serve: Callable[..., str]) -> Iterator[Page]:
    """The lesson in a browser, on a phone."""
    page = browser.new_page(viewport={"width": 390, "height": 844}, base_url=serve(built))
    yield page
    page.close()


@pytest.mark.browser
def test_a_quiz_says_in_words_whether_a_choice_is_right(page: Page) -> None:
    page.goto("lesson/")
    group = page.get_by_role("group", name="Which?")
    said, answer = group.get_by_role("status"), page.locator(".quiz details")
    group.get_by_role("button", name="Check").click()
    assert said.inner_text() == "Choose an answer first."
    assert page.evaluate("document.activeElement.type") == "radio"
    group.get_by_role("radio").nth(1).check()
    group.get_by_role("button", name="Check").click()
    assert said.inner_text().startswith("✗ B is not right")
    assert answer.get_attribute("open") is None
    group.get_by_role("radio").nth(0).check()
    assert said.inner_text() == ""
    group.get_by_role("button", name="Check").click()
    assert said.inner_text().startswith("✓ A is right")
    assert answer.get_attribute("open") is not None


@pytest.mark.browser
def test_a_choice_is_answered_at_once_by_pointer_and_by_enter(page: Page) -> None:
    page.goto("second/")
    first, second = page.get_by_role("group", name="Each?"), page.get_by_role("group", name="More?")
    first.get_by_text("One.").click()
    said = first.get_by_role("status").filter(has_text=re.compile("."))
    assert said.inner_text() == "✗ Not this one. Not so."
    first.get_by_text("Two.").click()
    assert said.inner_text() == "✓ Right. It is."
    # All that is to say has been said.
    assert page.locator(".quiz-answer").nth(0).get_attribute("open") is None

    second.get_by_role("radio").nth(1).focus()
    page.keyboard.press("ArrowUp")
    said = second.get_by_role("status").filter(has_text=re.compile("."))
    assert said.count() == 0, "arrow keys walk through the choices and give nothing away"
    page.keyboard.press("Enter")
    assert said.inner_text() == "✓ Right. It is."
    assert page.locator(".quiz-answer").nth(1).get_attribute("open") is not None


@pytest.mark.browser
def test_a_prediction_is_remembered_until_its_outcome(page: Page) -> None:
    page.goto("second/")
    outcome = page.locator(".outcome")
    assert outcome.inner_text() == "No, it will not."
    group = page.get_by_role("group", name="Will it end?")
    group.get_by_text("Yes").click()
    assert group.get_by_role("status").inner_text() == "Noted. Read on, and see."
    said = page.locator(".outcome-said")
    assert said.text_content() == "You said: Yes. It turned out: No."
    page.reload()
    assert said.text_content() == "You said: Yes. It turned out: No."
    assert group.get_by_role("radio").nth(0).is_checked()
    group.get_by_role("radio").nth(0).focus()
    page.keyboard.press("ArrowDown")
    assert said.text_content() == "You said: No, and so it turned out."
    assert said.count() == 1


@pytest.mark.browser
def test_a_lessons_own_module_and_style_work(page: Page) -> None:
    page.goto("second/")
    page.wait_for_function("document.body.dataset.own === 'module'")
    assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--own')") == "style"


@pytest.mark.browser
@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_a_term_is_explained_beside_it(page: Page, way: str) -> None:
    page.goto("second/")
    term, pop = page.locator("a.term").first, page.locator(".dl-pop")
    if way == "mouse":
        term.hover()
    else:
        page.keyboard.press("Tab")
        term.focus()
    pop.wait_for()
    assert pop.inner_text() == "A number. Taught in First. Glossary"
    # Seen from the glossary and from here, a link leads to the same place.
    assert pop.locator("a").first.evaluate("link => new URL(link.href).pathname") == "/lesson/"
    assert term.get_attribute("aria-describedby") == pop.get_attribute("id")
    box = pop.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.keyboard.press("Escape")
    assert pop.is_hidden()
    assert term.get_attribute("aria-describedby") is None


@pytest.mark.browser
def test_a_term_is_explained_to_a_finger_and_its_second_tap_follows(page: Page) -> None:
    assert page.context.browser is not None
    touch = page.context.browser.new_page(has_touch=True, viewport={"width": 390, "height": 844})
    page.goto("second/")
    touch.goto(page.url)
    terms, pop = touch.locator("a.term"), touch.locator(".dl-pop")
    terms.nth(0).tap()
    pop.wait_for()
    assert touch.url == page.url
    terms.nth(1).tap()
    touch.wait_for_function("document.querySelector('.dl-pop').textContent.startsWith('A factor.')")
    touch.locator("h1").tap()
    assert pop.is_hidden()
    terms.nth(1).tap()
    pop.wait_for()
    terms.nth(1).tap()
    touch.wait_for_url("**/glossary/#weight")
    touch.close()


@pytest.mark.browser
def test_what_scrolls_is_reached_by_keyboard_and_has_a_name(page: Page) -> None:
    page.goto("lesson/")
    assert page.get_by_role("group", name="Code, scrolls sideways").count() == 0
    page.get_by_text("Solution").click()
    wide = page.get_by_role("group", name="Code, scrolls sideways")
    wide.wait_for()
    assert wide.get_attribute("tabindex") == "0"


@pytest.mark.browser
def test_paper_shows_what_is_folded(page: Page) -> None:
    page.goto("lesson/")
    folded = page.locator("details:not([open])")
    assert folded.count() == 2
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == 2


@pytest.mark.browser
def test_the_search_index_comes_when_a_reader_acts(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto("lesson/", wait_until="networkidle")
    assert "search_index.json" not in asked
    page.keyboard.press("/")
    page.keyboard.type("folded")
    page.locator(".md-search-result__link").first.wait_for()
    assert asked.count("search_index.json") == 1


@pytest.mark.browser
def test_the_first_visit_follows_the_system(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    # Before Material's own script has run, so that nothing flashes.
    page.route("**/bundle*.js", lambda route: route.abort())
    page.goto("lesson/")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
