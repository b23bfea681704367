"""Every script that the site carries, checked without Node: a contributor needs Chromium alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browsing import ROOT, ROOTS

SCRIPTS = sorted([*ROOT.glob("docs/**/*.js"), *ROOT.glob("src/introdl_site/**/*.js")])
NAMES = [path.relative_to(ROOT).as_posix() for path in SCRIPTS]
LARGEST = 15 * 1024  # bytes

_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*(["'`])(?P<address>.*?)\1""")
_DYNAMIC = re.compile(r"""\bimport\s*\(\s*(?!["'`\s])""")
_HOST = re.compile(r"""["'`](?:[a-z]+:)?//(?!www\.w3\.org/)[^"'`]*""")
_HTML = re.compile(
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|createContextualFragment"
    r"|document\.write(?:ln)?|eval|new Function)\b"
)
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)


def faults(text: str) -> list[str]:
    """What is wrong with a script, each with its line."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    code = _COMMENT.sub(blank, text)
    found = []

    def at(match: re.Match[str], message: str) -> None:
        found.append((code.count("\n", 0, match.start()) + 1, message))

    for match in _IMPORT.finditer(code):
        if not match["address"].startswith(("./", "../")):
            at(match, f'imports "{match["address"]}": start with ./ or ../')
    for match in _DYNAMIC.finditer(code):
        at(match, "imports what a run decides: write the address out")
    for match in _HOST.finditer(code):
        at(match, f"names another host, {match[0][1:]}: no request leaves the site")
    for match in _HTML.finditer(code):
        at(match, f"{match[0]} makes code of text: use textContent, append or replaceChildren")
    size = len(text.encode())
    if size > LARGEST:
        found.append((1, f"has {size} bytes, more than {LARGEST}"))
    return [f"line {line}: {message}" for line, message in sorted(found)]


def parse(browser: Browser, address: str, text: str) -> str:
    """What Chromium says of a module at an address; "" if it parses and its imports are there.

    The module's first import throws, so that nothing of it runs.
    """
    page = browser.new_page()
    try:
        stop = "import \"data:text/javascript,throw 'parsed'\";"
        page.route(address, lambda r: r.fulfill(body=stop + text, content_type="text/javascript"))
        blank = re.sub(r"(//[^/]+/).*", r"\1blank", address)
        page.route(blank, lambda r: r.fulfill(body="<!doctype html>", content_type="text/html"))
        page.goto(blank)
        said = page.evaluate(
            """(src) => new Promise((resolve) => {
              const say = ({ message, lineno }) => resolve(`line ${lineno}: ${message}`);
              addEventListener("error", say);
              const script = document.createElement("script");
              Object.assign(script, { type: "module", src });
              script.onerror = () => resolve("line 1: an import is not there");
              document.head.append(script);
            })""",
            address,
        )
        return "" if said.endswith("Uncaught parsed") else said
    finally:
        page.close()


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(*ROOTS)


def test_there_are_scripts() -> None:
    assert "src/introdl_site/dress/theme/assets/move.js" in NAMES
    assert len(NAMES) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_a_script_asks_for_nothing_and_is_small(name: str) -> None:
    found = faults((ROOT / name).read_text(encoding="utf-8"))
    assert not found, "\n".join(f"{name}, {fault}" for fault in found)


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_a_script_is_a_module_that_parses(browser: Browser, address: str, name: str) -> None:
    root = next(root for root in ROOTS if (ROOT / name).is_relative_to(root))
    place = address + (ROOT / name).relative_to(root).as_posix()
    found = parse(browser, place, (ROOT / name).read_text(encoding="utf-8"))
    assert not found, f"{name}, {found}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('import { a } from "../assets/move.js";\n// see https://example.org\n', []),
        ('const NS = "http://www.w3.org/2000/svg";', []),
        ('/* from "d3" */ export { a } from "./b.js";', []),
        ('\nimport { a } from "d3";', ['line 2: imports "d3": start with ./ or ../']),
        ('import "/assets/x.js";', ['line 1: imports "/assets/x.js": start with ./ or ../']),
        ('await import("d3");', ['line 1: imports "d3": start with ./ or ../']),
        (
            "await import(name);",
            ["line 1: imports what a run decides: write the address out"],
        ),
        (
            '\n\nfetch("https://a.org/b");',
            ["line 3: names another host, https://a.org/b: no request leaves the site"],
        ),
        (
            "fetch(`//a.org/${b}`);",
            ["line 1: names another host, //a.org/${b}: no request leaves the site"],
        ),
        (
            "e.innerHTML = data;",
            ["line 1: innerHTML makes code of text: use textContent, append or replaceChildren"],
        ),
        (" " * (LARGEST + 1), [f"line 1: has {LARGEST + 1} bytes, more than {LARGEST}"]),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, found: list[str]) -> None:
    assert faults(text) == found


@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\n\nexport const a = () => 1;\n", ""),
        ('import { mount } from "./assets/move.js";\nthrow new Error("not run");', ""),
        ("const a = 1;\nconst b = ;\n", "line 2: Uncaught SyntaxError: Unexpected token ';'"),
        (
            'import { nothing } from "./assets/move.js";',
            "line 1: Uncaught SyntaxError: The requested module './assets/move.js' "
            "does not provide an export named 'nothing'",
        ),
        ('import "./nothing.js";', "line 1: an import is not there"),
    ],
)
def test_a_module_that_does_not_parse_is_named(
    browser: Browser, address: str, text: str, found: str
) -> None:
    assert parse(browser, address + "some.js", text) == found
