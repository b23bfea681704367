"""LaTeX that the converter would misread is set as LaTeX sets it."""

import re
from xml.etree import ElementTree

import pytest

from introdl_site.mathematics import mathml


def shown(latex, block=False):
    """What a formula shows, with nothing lost."""
    formula = mathml.convert(latex, block)
    assert formula.unshown == ()
    markup = re.sub("<wbr>|</?div[^>]*>", "", formula.markup)
    return "".join(ElementTree.fromstring(f"<all>{markup}</all>").itertext())


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\text{val\_loss}", "val_loss"),
        (
            r"\text{50\%}, \text{\$5}, \text{\#1}, \text{a \& b}",
            "50%,$5,#1,a\u00a0&b".replace("&b", "&\u00a0b"),
        ),
        (r"\textrm{\{a, b\}}", "{a,\u00a0b}"),
        (r"\text{a {b} c}", "a\u00a0b\u00a0c"),
        (r"\textrm{for any $n$ here}", "for\u00a0any\u00a0n\u00a0here"),
        (r"\text{a \textbf{b} c}", "a\u00a0𝐛\u00a0c"),
        (r"\text{``so'' it's 1--2\dots}", "“so”\u00a0it’s\u00a01–2…"),
        (r"\mbox{if } x", "if\u00a0x"),
        (r"\text{arg min} \arg\min", "arg\u00a0minarg\u2009min"),
    ],
)
def test_a_box_of_text_shows_its_text(latex, text):
    assert shown(latex) == text


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\mathop{\mathrm{argmax}}_x f", "argmaxxf"),
        (r"\mathop{\text{arg sort}}_x f", "arg\u2009sortxf"),
        (r"\operatorname*{arg\,sort} x", "arg\u2009sortx"),
        (r"\operatorname{log-softmax} x", "log-softmaxx"),
        (r"\mathds{1}_A", "𝟙A"),
        (r"\pmb{x}", "𝒙"),
        (r"a \not= b \not< c \not> d \not\subset e \not\equiv f", "a≠b≮c≯d⊄e≢f"),
        (r"x \substack{a \\ b} y", "xaby"),
        (r"P(A \bigm| B)", "P(A|B)"),
        (r"\begin{array}{@{}l@{}} a \end{array}", "a"),
        (r"\begin{array}{*{2}{c}} a & b \end{array}", "ab"),
        (r"\begin{bmatrix*}[r] -1 \\ 2 \end{bmatrix*}", "[−12]"),
        (r"\begin{equation} a = b \end{equation}", "a=b"),
        (r"5 mm + 2 in", "5mm+2in"),
        (r"f_{*} + V^{\pi^*}", "f*+Vπ*"),
    ],
)
def test_it_is_set_as_latex_sets_it(latex, text):
    assert shown(latex) == text


def test_lines_of_a_displayed_formula_stand_one_below_the_other():
    for latex in (
        r"a = b \\ c = d",
        r"a = b \\ c = d \\",
        r"\begin{gather} a = b \\ c = d \end{gather}",
    ):
        assert mathml.convert(latex, True).markup.count("<mtr>") == 2
        assert shown(latex, block=True) == "a=bc=d"
    aligned = mathml.convert(r"a &= b \\ &= c", True).markup
    assert aligned.count('<mtd class="right">') == 2
    assert "mtable" not in mathml.convert(r"a = b \\", True).markup


def test_a_rule_stands_where_it_was_drawn():
    markup = mathml.convert(
        r"\begin{array}{cc} \hline {a} & {b} \\ {c} & {d} \\ \hline e & f \\ \hline \end{array}",
        True,
    ).markup
    rows = re.findall(r"<mtr>(.*?)</mtr>", markup)
    assert [re.findall(r"rule-\w+", row) for row in rows] == [
        ["rule-above"] * 2,
        ["rule-below"] * 2,
        ["rule-below"] * 2,
    ]
