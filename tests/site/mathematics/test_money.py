"""Prices are no formulas."""

from __future__ import annotations

import markdown
import pytest


@pytest.mark.parametrize(
    ("text", "formulas", "kept"),
    [
        ("It costs $5-$10.", 0, "It costs $5-$10."),
        ("From $5/$10 to $15.", 0, "From $5/$10 to $15."),
        ("It costs $5-$10, where $x$ is.", 1, "It costs $5-$10, where "),
        ("Now $x$-$y$ and $5$.", 3, "Now "),
        ("Now $x_1$, $2x$ and \\$5.", 2, "and $5."),
        ("$$\na\n$$", 1, ""),
    ],
)
def test_a_formula_ends_before_no_digit(text: str, formulas: int, kept: str) -> None:
    html = markdown.markdown(
        text,
        extensions=["introdl_site.mathematics.money", "pymdownx.arithmatex"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    assert html.count('class="arithmatex"') == formulas
    assert kept in html
