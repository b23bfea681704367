"""LaTeX becomes MathML that browsers show as LaTeX does, or a problem that says where."""

import html
import re
from xml.etree import ElementTree

import pytest

from introdl_site.dress.compact import compact
from introdl_site.mathematics import mathml
from introdl_site.mathematics.mend import alphabet

MATHML = re.compile(r"<math.*?</math>", re.DOTALL)


def inline(latex):
    """The formula in a line of text, without its LaTeX."""
    formula = mathml.convert(latex, False)
    assert not formula.unshown, formula.unshown
    return re.sub(r' alttext="[^"]*"', "", formula.markup)


def text(markup):
    return "".join(ElementTree.fromstring(markup).itertext())


def problem_of(latex, block=False):
    left, right = (r"\[", r"\]") if block else (r"\(", r"\)")
    tag = "div" if block else "span"
    page = f'<{tag} class="arithmatex">{left}{html.escape(latex)}{right}</{tag}>'
    _, problems = mathml.render(page, "docs/history/svm.md", f"# SVM\n\nThen ${latex}$ holds.\n")
    return [str(problem) for problem in problems]


def test_a_page_gets_mathml_in_place_of_each_formula():
    page = (
        '<p>If <span class="arithmatex">\\(a &lt; b\\)</span> then</p>'
        '<div class="arithmatex">\\[\nx = 1\n\\]</div><pre><code>\\(x\\)</code></pre>'
    )
    shown, problems = mathml.render(page, "docs/a.md", "")
    assert problems == []
    assert shown == (
        "<p>If <math><mi>a</mi><mo>&lt;</mo><mi>b</mi></math> then</p>"
        '<div class="math-block"><math display="block" alttext="x = 1">'
        "<mi>x</mi><mo>=</mo><mn>1</mn></math></div><pre><code>\\(x\\)</code></pre>"
    )


def test_only_a_formula_that_can_be_wider_than_a_phone_takes_the_keyboards_focus():
    wide = mathml.convert(r"a + b + c + d + e + f + g + h = i + j + k + l + m", True).markup
    assert wide.startswith(
        '<div class="math-block" role="group" aria-label="Formula" tabindex="0">'
    )
    assert "tabindex" not in mathml.convert("a + b", True).markup
    assert (
        "tabindex"
        in mathml.convert(
            r"\begin{align*} \text{mean squared error} &= 1 \end{align*}", True
        ).markup
    )


def test_a_long_formula_in_a_line_can_break_after_a_relation_but_not_inside_brackets():
    latex = r"f(x_1, x_2) = w_1 x_1 + w_2 x_2 + b > 0"
    pieces = mathml.convert(latex, False).markup.split("<wbr>")
    assert [text(piece) for piece in pieces] == ["f(x1,x2)=", "w1x1+", "w2x2+", "b>", "0"]
    assert "<wbr>" not in inline("a = b")


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\foo{x}", r"\foo in"),
        (r"\operatorname{top2} x", r"\operatorname in"),
        (r"\operatorname{top2} x", r"write \operatorname{name} with letters only, or \text{...}"),
        (r"\mathop{x + y}_x", r"\mathop in"),
        (r"a & b", "& in"),
        (r"a \\ b", r"\\ in"),
        (r"\begin{multline} a \end{multline}", r"\begin{multline} in"),
        (r"\begin{pmatrix} a", "missing end in"),
        (r"\frac{a}", "a missing argument in"),
        (r"\left( x", "extra left or missing right in"),
        (r"{x", "unbalanced braces in"),
        (r"\boxed{x}", r"a box or a stroke (\boxed, \cancel) in"),
        (r"\color{red}{x}", "a colour, which cannot follow the palette in"),
        (r"\text{a $ b}", r"$ in"),
        (r"\text{数} + x", "数 (U+6570), which STIX Two Math lacks, in"),
    ],
)
def test_what_mathml_cannot_show_is_named_with_its_page_and_line(latex, message):
    problems = problem_of(latex)
    assert any(message in problem for problem in problems), problems
    for problem in problems:
        assert problem.startswith("docs/history/svm.md:3: LaTeX that MathML cannot show: ")
        assert "\n" not in problem


def test_a_formula_that_stands_twice_is_reported_on_both_lines():
    source = "one $\\foo$\n\n    two\n$$\n\\foo\n$$\n"
    page = (
        '<span class="arithmatex">\\(\\foo\\)</span>'
        '<div class="arithmatex">\\[\n\\foo\n\\]</div><span class="arithmatex">\\(\\foo\\)</span>'
    )
    _, problems = mathml.render(page, "docs/a.md", source)
    assert [problem.line for problem in problems] == [1, 5, 0]


def test_a_star_is_shown_where_one_was_meant():
    assert text(inline(r"x^* + a \ast b")) == "x*+a*b"
    assert text(inline(r"\begin{align*} a &= b \end{align*}")) == "a=b"


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"\mathbf{w}, \mathbf{AB}, \boldsymbol{\theta}, \mathbf{0}", "𝐰,𝐀𝐁,𝜽,𝟎"),
        (r"\mathbb{R}, \mathbb{1}, \mathcal{L}, \mathcal{N}", "ℝ,𝟙,ℒ,𝒩"),
        (r"\arg\min_w L, \operatorname*{argmax}_w L", "arg\u2009minwL,arg\u2009maxwL"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "a=b=c"),
        (r"\begin{align*} a &= 1 \\[4pt] b &= 2 \end{align*}", "a=1b=2"),
    ],
)
def test_what_browsers_or_the_converter_lose_is_mended(latex, shown):
    assert text(inline(latex).replace("<wbr>", "")) == shown


def test_no_attribute_is_left_that_browsers_ignore():
    markup = inline(r"\mathbf{\theta} \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}")
    for ignored in ('mathvariant="bold', "columnalign", "rowspacing", "columnlines"):
        assert ignored not in markup
    assert '<mtd class="left">' in markup
    ruled = inline(r"\begin{array}{c|c} a & y \\ \hline 0 & 1 \end{array}")
    assert ruled.count("rule-right") == 2
    assert ruled.count("rule-below") == 2


def test_the_minifier_of_the_pages_leaves_every_element_closed():
    markup = mathml.convert(r"\begin{align*} a &= b\,c \\ &= \log d \end{align*}", True).markup
    assert re.findall(r"</?m\w+", compact(markup)) == re.findall(r"</?m\w+", markup)


def test_upright_and_italic_letters():
    assert inline(r"\mathrm{d}x") == '<math><mi mathvariant="normal">d</mi><mi>x</mi></math>'
    assert inline(r"\mathrm{ReLU}") == "<math><mi>ReLU</mi></math>"
    assert inline(r"\Delta") == '<math><mi mathvariant="normal">Δ</mi></math>'


def test_functions_are_spaced_as_in_latex():
    assert '<mi>log</mi><mspace width="0.167em"></mspace><mi>p</mi>' in inline(r"\log p")
    assert "mspace" not in inline(r"\log(p)")
    assert '<mspace width="0.167em"></mspace><mi>log</mi>' in inline(r"a \log b")
    assert "<munder>" in inline(r"\max_i x")
    assert "<msub><mi>log</mi>" in inline(r"\log_2 x")


def test_a_minus_after_a_relation_is_a_sign():
    assert '<mo>=</mo><mo form="prefix">−</mo>' in inline("a = -1")
    assert "<mi>a</mi><mo>−</mo><mn>1</mn>" in inline("a - 1")
    assert '<mo form="prefix">−</mo>' in inline("(-1)")
    assert "form" not in re.sub(r"<mo[^>]*>[|]", "", inline("|x| - 1"))


def test_bars_come_in_pairs_and_do_not_stretch_unless_asked():
    for latex in (r"|x| + |y|", r"\lvert x \rvert + \lvert y \rvert"):
        assert re.findall(r'form="(\w+)"', inline(latex)) == ["prefix", "postfix"] * 2
    norm = inline(r"\lVert x \rVert_2^2")
    assert norm.count('stretchy="false"') == 2
    assert '<mo stretchy="true" fence="true" form="prefix">‖</mo>' in inline(r"\left\| x \right\|")


def test_a_matrix_keeps_its_brackets_under_a_superscript():
    root = ElementTree.fromstring(inline(r"\begin{bmatrix} a \\ b \end{bmatrix}^\top"))
    assert [child.tag for child in root[0]] == ["mrow", "mo"] or root[0].tag == "msup"
    assert len(root.find(".//msup")) == 2


def test_every_formula_is_well_formed_and_has_the_arguments_that_it_needs():
    formulas = (
        r"\hat{\mathbf{x}}, \widehat{xy}, \bar{x}, \overline{xy}, \vec{x}, \tilde{x}, f'(x), x_i''",
        r"\left.\frac{\partial L}{\partial w}\right|_{w = 0}",
        r"\langle v_i h_j \rangle_{\text{data}} \sim p, \quad x \in \{0, 1\}^D \!, 1{,}000",
        r"\underbrace{a + b}_{\text{sum}} \sqrt[3]{x} \binom{n}{k}^2",
    )
    for latex in formulas:
        for block in (False, True):
            for markup in MATHML.findall(mathml.convert(latex, block).markup):
                for element in ElementTree.fromstring(markup).iter():
                    needed = {"msub": 2, "msup": 2, "mfrac": 2, "mover": 2, "msubsup": 3}
                    assert len(element) == needed.get(element.tag, len(element)), markup


def test_accents_keep_the_glyphs_that_the_font_sets_well():
    assert '<mover accent="true"><mi>y</mi><mo stretchy="false">ˆ</mo></mover>' in inline(
        r"\hat{y}"
    )
    assert '<mo stretchy="true">‾</mo>' in inline(r"\overline{xy}")
    assert inline("f'") == '<math><mi>f</mi><mo lspace="0" rspace="0">′</mo></math>'


def test_a_column_of_bold_letters_has_a_name():
    page = (
        '<th><span class="arithmatex">\\(\\mathbf{v}\\)</span></th>'
        '<th>a <span class="arithmatex">\\(\\mathbf{v}\\)</span></th>'
        '<td><span class="arithmatex">\\(\\mathbf{v}\\)</span></td>'
        '<th><span class="arithmatex">\\(v_1\\)</span></th>'
    )
    shown, _ = mathml.render(page, "docs/a.md", "")
    assert shown.startswith('<th><math aria-label="v"><mi>𝐯</mi></math></th>')
    assert shown.count("aria-label") == 1


def test_the_comma_of_a_shape_takes_no_space_before_its_bracket():
    assert '<mi>N</mi><mo rspace="0">,</mo><mo' in inline("(N,)")
    assert "<mi>N</mi><mo>,</mo><mi>D</mi>" in inline("(N, D)")


def test_the_characters_of_a_page_are_those_of_its_formulas():
    page = "<p>Zebra " + inline(r"a < \mathbf{w}")
    assert mathml.characters(page) == set("a<𝐰")


def test_alphabets_have_their_letters_from_everywhere_in_unicode():
    assert len(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") & alphabet("DOUBLE-STRUCK").keys()) == 26
    assert alphabet("SCRIPT")["B"] == "ℬ"
    assert alphabet("FRAKTUR")["C"] == "ℭ"
    assert alphabet("ITALIC")["h"] == "ℎ"
    assert alphabet("ITALIC")["∂"] == "𝜕"
    assert alphabet("BOLD ITALIC")["θ"] == "𝜽"


def test_the_second_time_costs_nothing():
    mathml.convert.cache_clear()
    mathml.convert(r"\frac{1}{2}", False)
    mathml.convert(r"\frac{1}{2}", False)
    assert mathml.convert.cache_info().hits == 1


def test_a_formula_keeps_to_the_line_of_its_punctuation():
    page = "see ({0}), or {0} and {0}."
    page = page.format(r'<span class="arithmatex">\(x\)</span>')
    shown, _ = mathml.render(page, "docs/a.md", "")
    kept = re.sub(r"<math.*?</math>", "M", shown)
    assert kept == "see <n-b>(M),</n-b> or M and <n-b>M.</n-b>"
