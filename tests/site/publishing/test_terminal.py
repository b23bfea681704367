"""Printed text is what a terminal would show, and Markdown leaves it alone."""

from __future__ import annotations

from pathlib import Path

import markdown
import pytest
from lxml import html

from introdl_site.publishing.terminal import fenced, shown


@pytest.mark.parametrize(
    ("printed", "screen"),
    [
        ("10 %\r50 %\r100 %\n", "100 %\n"),
        ("loss 0.123\rend\n", "ends 0.123\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("abc\b\bX\n", "aXc\n"),
        ("\x1b[1;31mred\x1b[0m \x1b[Kplain \x1b]0;title\x07\n", "red plain \n"),
        ("a\tb\nlonger word\tc\n", "a       b\nlonger word     c\n"),
        ("\x02wzxhzdk:0\x03\x00\n", "wzxhzdk:0\n"),
        ("a\u2028b\x0cc\n", "a\nb\nc\n"),
    ],
)
def test_the_screen_shows_what_stays(printed: str, screen: str) -> None:
    assert shown(printed) == screen


@pytest.mark.parametrize(
    "text",
    [
        '--8<-- "secret.md"',
        '  --8<-- "secret.md"',
        ';--8<-- "secret.md"',
        "--8<--\nsecret.md\n--8<--",
        "-8<-",
        "# --8<-- [start: part]",
        "x ;--8<-- [end: part] y",
        'x --8<-- "secret.md" y',
        "```\n~~~~\n````",
        "$x$ `a` *b* [c](d) &amp; <b>e</b> \\(f\\)",
        "<!-- not run: x -->",
        "/// quiz | x\n///",
    ],
)
def test_markdown_shows_printed_text_as_it_is(text: str, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("SECRET")
    (tmp_path / "out.md").write_text(fenced(text))
    md = markdown.Markdown(
        extensions=["pymdownx.snippets", "pymdownx.superfences", "pymdownx.arithmatex"],
        extension_configs={"pymdownx.snippets": {"base_path": [str(tmp_path)]}},
    )
    for page in (fenced(text), '--8<-- "out.md"'):
        [block] = html.fromstring(f"<div>{md.reset().convert(page)}</div>").iter("code")
        assert block.text_content().rstrip("\n") == text


def test_no_text_is_no_fence() -> None:
    assert fenced("\n \n") == ""
