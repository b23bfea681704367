"""What the search keeps of each kind of page."""

from __future__ import annotations

import pytest

from introdl_site.dress.search import thin
from introdl_site.kinds import Kind

TEXT = (
    "<p>A <code>kernel</code> slides.</p> a table 1 2 3"
    "<pre><code>class Net:\n    x = nn.Conv2d(1, 6)(nn.Conv2d(2))\n    print(x)</code></pre>"
    "<ul><li>first</li><li>second</li></ul>"
)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        (
            Kind.PAGE,
            "<p>A <code>kernel</code> slides.</p><li>first</li><li>second</li>"
            "<p><code>class Net nn.Conv2d</code></p>",
        ),
        (Kind.API, "<p>A <code>kernel</code> slides.</p>"),
        (Kind.EXAMPLE, "<p>A <code>kernel</code> slides.</p>"),
        (
            Kind.REFERENCE,
            "<p>A <code>kernel</code> slides.</p> a table 1 2 3"
            "<ul><li>first</li><li>second</li></ul>",
        ),
    ],
)
def test_each_kind_of_page_keeps_what_a_search_is_for(kind: Kind, kept: str) -> None:
    entries = [{"location": "vision/cnn/#a", "title": "A", "text": TEXT}]
    thin(entries, kind)
    assert entries == [{"location": "vision/cnn/#a", "title": "A", "text": kept}]


@pytest.mark.parametrize("section", ["try-it", "check-yourself"])
def test_what_asks_is_found_by_its_title_alone(section: str) -> None:
    entries = [{"location": f"vision/cnn/#{section}", "title": "A", "text": TEXT}]
    thin(entries, Kind.PAGE)
    assert entries[0]["text"] == ""


def test_a_section_without_prose_stays() -> None:
    entries = [{"location": "reference/api/a/b/#f", "title": "f", "text": ""}]
    thin(entries, Kind.API)
    assert entries[0]["text"] == ""
