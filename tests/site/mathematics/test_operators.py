"""Operators are set as LaTeX sets them, where the converter's way is not that of browsers."""

from introdl_site.mathematics import mathml


def inline(latex):
    formula = mathml.convert(latex, False)
    assert formula.unshown == ()
    return formula.markup


def test_what_is_not_so_is_struck():
    assert "<mo>⊄</mo>" in inline(r"a \not\subset b")
    assert "<mo>≢</mo>" in inline(r"a \not\equiv b")


def test_an_arrow_grows_with_what_stands_on_it():
    markup = inline(r"\xrightarrow[b]{\text{long}}")
    assert '<munderover><mo stretchy="true" lspace="0.278em" rspace="0.278em">→</mo>' in markup
    assert "mpadded" not in markup


def test_limits_that_were_asked_for_stand_below_in_a_line_too():
    assert 'movablelimits="false"' in inline(r"\sum\limits_i x")
    assert "munder" not in inline(r"\sum_i x")


def test_a_relation_keeps_its_space():
    assert '<mo stretchy="false" lspace="0.278em" rspace="0.278em">|</mo>' in inline(
        r"a \mathrel{|} b"
    )
    assert inline(r"a \mathrel{\overset{d}{=}} b").count('<mspace width="0.278em">') == 2
