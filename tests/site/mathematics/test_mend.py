"""What the converter writes is mended where browsers would show something else than LaTeX."""

import pytest

from introdl_site.mathematics import mathml


def inline(latex):
    formula = mathml.convert(latex, False)
    assert formula.unshown == ()
    return formula.markup


@pytest.mark.parametrize(
    ("latex", "markup"),
    [
        (
            r"\mathrm{W}_\mathrm{Q}",
            '<msub><mi mathvariant="normal">W</mi><mi mathvariant="normal">Q</mi></msub>',
        ),
        (
            r"\frac\mathrm{d}\mathrm{t}",
            '<mfrac><mi mathvariant="normal">d</mi><mi mathvariant="normal">t</mi></mfrac>',
        ),
        (r"\mathrm{a}\mathrm{b}", "<mi>ab</mi>"),
    ],
)
def test_upright_letters_join_in_a_row_alone(latex, markup):
    assert markup in inline(latex)


@pytest.mark.parametrize(
    ("latex", "left", "right"),
    [
        (r"\bigl\{ x \bigr\}", "{", "}"),
        (r"\Big\{ x \Big\}", "{", "}"),
        (r"\Bigl\langle x \Bigr\rangle", "⟨", "⟩"),
        (r"\big\| x \big\|", "‖", "‖"),
        (r"\biggl\lVert x \biggr\rVert", "‖", "‖"),
        (r"\big/ x \big/", "/", "/"),
    ],
)
def test_a_large_delimiter_is_the_one_that_was_asked_for(latex, left, right):
    markup = inline(latex)
    assert f">{left}</mo><mi>x</mi>" in markup
    assert f">{right}</mo></math>" in markup
    assert markup.count('stretchy="true"') == markup.count("minsize") == 2


def test_a_middle_bar_grows_with_its_fences():
    assert '<mo stretchy="true" fence="true" lspace="0.05em" rspace="0.05em">|</mo>' in inline(
        r"\left\{ x \middle| y \right\}"
    )


def test_a_colon_and_an_equals_sign_are_one_relation():
    assert "<mi>a</mi><mo>:=</mo><mi>b</mi>" in inline("a := b")


def test_bold_capital_greek_is_upright_and_small_greek_slanted():
    assert "<mi>𝚺</mi><mi>𝜽</mi><mn>𝟏</mn>" in inline(r"\boldsymbol{\Sigma\theta 1}")


def test_lengths_in_mu_are_lengths_that_browsers_know():
    assert '<mspace width="0.167em">' in inline(r"a \mkern3mu b")
