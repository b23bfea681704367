"""Percent signs of running text stand in one way; code, formulas and addresses stay."""

from __future__ import annotations

import pytest

from introdl_site.dress.percent import percent


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>43%</p>", "<p>43\u00a0%</p>"),
        ("<td>43 %</td>", "<td>43\u00a0%</td>"),
        ("<p>43\u00a0%, 5%.</p>", "<p>43\u00a0%, 5\u00a0%.</p>"),
        ("<li>a 95% interval</li>", "<li>a 95\u00a0% interval</li>"),
    ],
)
def test_a_percent_sign_stays_with_its_number(before: str, after: str) -> None:
    assert percent(before) == after


@pytest.mark.parametrize(
    "kept",
    [
        '<pre><span class="k">7</span> 5% <code>3 % 2</code> 4%</pre>',
        "<code>17 % 5</code>",
        '<a href="x?q=5%20a" title="5%">five</a>',
        '<svg viewBox="0 0 9 9"><rect width="100%"/><text>5%</text></svg>',
        "<style>p { width: 50%; }</style><script>const x = 7 % 2;</script>",
        "<math><mn>5</mn><mi>%</mi></math>",
        "<p>%d of 7 %timeit, 3 %s</p>",
        "<p>a % of the whole</p>",
    ],
)
def test_what_is_not_running_text_stays(kept: str) -> None:
    assert percent(kept) == kept
