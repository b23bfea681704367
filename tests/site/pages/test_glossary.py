"""The first use of a term in a page's prose gets a tooltip that leads to the glossary."""

import re
from pathlib import Path

import markdown
import pytest
from lxml import html

from introdl_site.pages.glossary import Glossary

TERMS = """\
[[term]]
term = "perceptron"
aliases = ["perceptrons"]
definition = "A threshold unit that learns from its \\"mistakes\\" & stops."
page = "history/perceptron.md"

[[term]]
term = "margin"
aliases = ["margins"]
definition = "A distance."

[[term]]
term = "soft margin"
definition = "A margin that may be violated."

[[term]]
term = "XOR"
definition = "Exactly one of two."
"""
LINK = "../../reference/glossary/"


@pytest.fixture
def load(tmp_path):
    def load(text: str) -> Glossary:
        path = tmp_path / "docs" / "reference" / "glossary.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        lesson = tmp_path / "docs" / "history" / "perceptron.md"
        lesson.parent.mkdir(exist_ok=True)
        lesson.write_text("---\ndescription: x\n---\n# The Perceptron\n\ntext\n")
        return Glossary.load(path)

    return load


@pytest.fixture
def glossary(load):
    loaded = load(TERMS)
    assert not loaded.problems
    return loaded


def linked(glossary, page):
    shown = glossary.link(page, LINK, False)
    return re.findall(r'<a class="term" [^>]*#([\w-]+)"[^>]*>([^<]*)</a>', shown)


def test_the_first_use_of_each_term_is_explained(glossary):
    shown = glossary.link("<p>A Perceptron; two perceptrons.</p>", LINK, False)
    assert shown == (
        f'<p>A <a class="term" href="{LINK}#perceptron">Perceptron</a>; two perceptrons.</p>'
    )


def test_the_longest_term_wins_and_an_alias_counts_as_its_term(glossary):
    page = "<p>Soft\nmargins? A soft margin, then margins and a margin.</p>"
    assert linked(glossary, page) == [("margin", "margins"), ("soft-margin", "soft margin")]
    assert linked(glossary, "<p>a soft\n margin</p>") == [("soft-margin", "soft\n margin")]


def test_only_whole_words_count(glossary):
    assert linked(glossary, "<p>marginal, XORs, a-margin, margin-like, &margin;, _margin</p>") == []
    assert linked(glossary, "<p>(margin), <em>xor</em>.</p>") == [
        ("margin", "margin"),
        ("xor", "xor"),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<h2>Margin</h2>",
        '<p><a href="margin.html" title="margin">the <b>margin</b></a></p>',
        "<pre><code>margin = 1</code></pre>",
        '<div class="highlight"><table><tr><td>margin</td></tr></table></div>',
        "<p><code>margin</code></p>",
        "<p><math><mtext>margin</mtext></math></p>",
        '<span class="arithmatex">\\(\\text{margin}\\)</span>',
        "<button>margin</button>",
        "<details><summary>margin</summary></details>",
        '<figure><figcaption><a href="#">margin</a></figcaption></figure>',
        '<div class="quiz"><p>margin</p><ol><li>margin<br>margin</li></ol></div>',
        '<div class="admonition note"><p class="admonition-title">margin</p></div>',
        "<script>var margin = '<p>margin</p>';</script>",
        "<style>p { margin: 0 }</style>",
        "<svg><text>margin</text></svg>",
        "<!-- margin <p>margin</p> -->",
        '<img alt="a > margin" src="margin.svg">',
        '<div class="jp-Cell jp-CodeCell"><div><p>margin</p></div></div>',
        '<div class="doc doc-object doc-function"><p>margin</p></div>',
        "<table><thead><tr><th>margin</th></tr></thead></table>",
    ],
)
def test_what_is_no_prose_is_left_alone(glossary, page):
    assert glossary.link(page, LINK, False) == page
    # ... and closes where it closes: the prose after it is explained.
    assert linked(glossary, f"{page}<p>one<br>margin</p>") == [("margin", "margin")]


def test_prose_of_a_caption_a_list_and_a_notebook_is_explained(glossary):
    for tag in ("figcaption", "li", "td", "dd", "blockquote"):
        assert linked(glossary, f"<{tag}>a margin</{tag}>")
    assert linked(glossary, '<div class="jp-Cell jp-MarkdownCell"><p>a margin</p></div>')


def test_the_glossary_itself_is_left_alone(glossary):
    assert glossary.link("<p>margin</p>", LINK, True) == "<p>margin</p>"


def test_its_page_lists_the_terms_by_letter_with_the_lesson_that_teaches_each(glossary):
    body = glossary.page()
    made = html.fromstring(markdown.markdown(body, extensions=["attr_list", "md_in_html"]))
    assert [h.get("id") for h in made.iter("h2")] == ["m", "p", "s", "x"]
    assert [dt.get("id") for dt in made.iter("dt")] == [
        "margin",
        "perceptron",
        "soft-margin",
        "xor",
    ]
    definitions = [dd.text_content() for dd in made.iter("dd")]
    assert definitions[1] == (
        'A threshold unit that learns from its "mistakes" & stops. Taught in The Perceptron.'
    )
    links = [a.get("href") for a in made.iter("a")]
    assert links == ["#m", "#p", "#s", "#x", "../../history/perceptron/"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            'term = "Margin"\ndefinition = "D."',
            "'margin' is already an entry or an alias of 'margin'",
        ),
        (
            'term = "gap"\naliases = ["XOR"]\ndefinition = "D."',
            "'xor' is already an entry or an alias of 'XOR'",
        ),
        ('term = "gap"\naliases = ["Gap"]\ndefinition = "D."', "gap: 'gap' is given twice"),
        ('term = "gap"\naliases = [""]\ndefinition = "D."', "gap: an alias is empty"),
        ('term = "gap"\ndefinition = " "', "gap: no definition; write one or two sentences"),
        ('term = "gap"\ndefinition = "no end"', "gap: the definition does not end as a sentence"),
        ('definition = "D."', 'a [[term]] has no term; add term = "..."'),
        (
            'term = "gap"\ndefinition = "D."\npage = "history/nowhere.md"',
            "gap: there is no page docs/history/nowhere.md",
        ),
        ('term = "gap"\ndefinition = "D."\nalias = "x"', "gap: unknown key alias"),
    ],
)
def test_an_entry_that_is_none_is_named_with_its_line(load, entry, message):
    problems = load(f"{TERMS}\n[[term]]\n{entry}\n").problems
    assert len(problems) == 1
    assert str(problems[0]).startswith(f"docs/reference/glossary.toml:20: {message}")


def test_a_file_that_is_no_toml_is_named_with_its_line(load):
    problems = load(TERMS + '\n[[term]]\nterm = "gap\n').problems
    assert str(problems[0]).startswith("docs/reference/glossary.toml:21: TOML cannot be read")


def test_the_glossary_of_the_course_is_right():
    docs = Path(__file__).parents[3] / "docs"
    glossary = Glossary.load(docs / "reference" / "glossary.toml")
    assert [str(problem) for problem in glossary.problems] == []
    assert len(glossary.terms) >= 80
    for term in glossary.terms:
        assert len(term.definition) <= 220, f"{term.term}: a tooltip of {len(term.definition)}"
