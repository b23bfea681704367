"""What would be shown otherwise than LaTeX shows it is refused."""

import pytest

from introdl_site.mathematics import mathml
from introdl_site.mathematics.check import unshown
from introdl_site.mathematics.mend import mend


@pytest.mark.parametrize(
    ("latex", "named"),
    [
        (r"x \tag{1}", r"\tag"),
        (r"\begin{array}{|c|} a \end{array}", "a rule beside an array or a double one"),
        (r"\begin{array}{p{2cm}} a \end{array}", "a column of an array other than l, c, r and |"),
        (r"x % y", "%"),
        (r"\verb|x|", r"\verb"),
        (r"\unicode{x41}", r"\unicode"),
        (r"\mathfoo{x}", r"\mathfoo"),
        (r"\def\a{x} \a", r"\def"),
        (r"\style{color:red}{x}", r"\style"),
        (r"\href{a}{x}", r"\href"),
        (r"\text{a \foo b}", r"\foo"),
        (r"a & b", "&"),
    ],
)
def test_it_is_named(latex, named):
    assert named in mathml.convert(latex, False).unshown


def test_what_is_lost_or_added_on_the_way_is_named():
    math = mend(mathml.convert_to_element("x + 12"))
    assert [*unshown(math, "x + 12")] == []
    assert [*unshown(math, "x + 123")] == ["'3' is lost"]
    assert [*unshown(math, "x + 1")] == ["'2' is added"]
    assert [*unshown(math, r"x + 12\}")] == ["'}' is lost"]


@pytest.mark.parametrize(
    "latex",
    [
        r"\sqrt[3]{x} \xrightarrow[a]{b} \underline{x} \left. x \right]",
        r"\ell \hbar \mathcal{l} \mathbb{1} \mathbf{0} \underbrace{a}_{b}",
        r"\{ \} \% \& \# \_ \$ \| \quad a * b \ast c \hspace{2em} 10^{-3}",
        r"\binom{n}{k} {n \choose k} \begin{pmatrix} a \\ b \end{pmatrix} a \bmod b \pmod{c}",
    ],
)
def test_what_is_shown_right_is_not_refused(latex):
    assert mathml.convert(latex, False).unshown == ()
