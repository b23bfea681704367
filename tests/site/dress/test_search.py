"""What the search keeps of each kind of page."""

from __future__ import annotations

import pytest

from introdl_site.dress.search import searched, thin
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
    entries = [{"location": "vision/cnn/#f", "title": "f", "text": ""}]
    thin(entries, Kind.PAGE)
    assert entries == [{"location": "vision/cnn/#f", "title": "f", "text": ""}]


def test_of_the_codes_documentation_the_names_are_found() -> None:
    for place, kind in (("reference/api/a/b/#f", Kind.API), ("reference/api/#a", Kind.REFERENCE)):
        entries = [{"location": place, "title": "f", "text": TEXT}]
        thin(entries, kind)
        assert entries == [{"location": place, "title": "f", "text": ""}]


def test_an_executed_page_is_found_by_its_headings_and_its_first_paragraph() -> None:
    entries = [{"location": f"examples/a/b/#{n}", "title": "A", "text": TEXT} for n in range(3)]
    thin(entries, Kind.EXAMPLE)
    assert [entry["text"] for entry in entries] == ["<p>A <code>kernel</code> slides.</p>"] * 2 + [
        ""
    ]


def test_an_entry_of_the_bibliography_is_found_by_its_authors_and_its_title() -> None:
    text = (
        "<ul><li>Gage, P. (1994a). A new algorithm. Users Journal, 12(2). Cited on GPT.</li>"
        "<li>O. (2015). What is normal? Issue 1.</li></ul>"
    )
    entries = [{"location": "reference/bibliography/#g", "title": "G", "text": text}]
    thin(entries, Kind.REFERENCE)
    assert entries[0]["text"] == (
        "<ul><li>Gage, P. (1994a). A new algorithm.</li><li>O. (2015). What is normal?</li></ul>"
    )


FOLDED = """<p>The core says gap.</p>
<details class="deeper"><summary>How wide? A proof</summary>
<p>The gap is <strong>Novikoff's</strong>, of <code>np.linalg.norm</code> &amp; 1,425 y=x.</p>
<details class="hint"><summary>Where</summary><p>Inner.</p></details>
<ul><li>Self-taught gap.</li></ul></details>
<details class="class"><summary>Ten minutes</summary><ol><li>Predict.</li></ol></details>
<section class="exercise"><h3 id="t">Title</h3><p>Ask.</p></section>
<div class="predict"><p>Guess?</p><ul class="predict-choices"><li>Yes</li></ul></div>
<p>After it.</p>"""


def test_of_a_fold_that_teaches_every_word_is_found_and_none_of_one_that_asks() -> None:
    entries = [{"location": "history/perceptron/#a", "title": "A", "text": searched(FOLDED)}]
    thin(entries, Kind.PAGE)
    assert entries[0]["text"] == (
        "<p>The core says gap.</p><p>How wide? A proof</p><p>Guess?</p><p>After it.</p>"
        "<pre>is novikoff's of np.linalg.norm self taught</pre>"
    )
