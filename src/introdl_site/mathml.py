"""LaTeX in a page becomes MathML when the site is built: a reader's browser runs no script for it.

The Markdown extension `pymdownx.arithmatex` (with `generic: true`) leaves the LaTeX in the HTML,
latex2mathml converts it, `mathmend` mends the result, and whatever would show something else than
LaTeX does is a problem that names the page and the line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element, tostring

from latex2mathml.commands import MATRICES
from latex2mathml.converter import convert_to_element

from introdl_site.mathmend import mend
from introdl_site.mathspace import ARITY, breakable
from introdl_site.problems import Problem

_MARKED = re.compile(r'<(span|div) class="arithmatex">\s*\\([(\[])(.*?)\\[)\]]\s*</\1>', re.DOTALL)
_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
_REWRITTEN = (
    (re.compile(r"\\arg\s*\\(min|max)(?![A-Za-z])"), r"\\arg\1"),
    (re.compile(r"\\operatorname\*\{arg(?:\\[,;: ]|\s)*(min|max)\}"), r"\\arg\1"),
    (re.compile(r"\\(begin|end)\{aligned\}"), r"\\\1{split}"),
    (re.compile(r"\\(begin|end)\{align\}"), r"\\\1{align*}"),
    (re.compile(r"(\\\\)\s*\[[^\]]*(?:em|ex|pt|mu)\]"), r"\1"),
)
_SHOWN = {"math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msqrt", "mtable", "mtr", "mtd"}
_SHOWN |= {"mstyle", "mpadded", "mphantom", *ARITY}
_ADVICE = {
    r"\operatorname": r"write \argmax, \argmin or \operatorname{name} with letters only",
    r"\mathop": r"write \operatorname{name}",
    r"\\": r"put the lines into \begin{align*} or \begin{cases}",
    "&": r"put the columns into \begin{align*}, \begin{cases} or a matrix",
    "$": r"end \text{...} before the formula in it and start it again after",
    "*": r"write \ast or \cdot",
}
#: A line of text on a phone holds more than this many characters of a formula.
_NARROW = 22


class Formula(NamedTuple):
    """One formula as MathML, and what in it MathML cannot show."""

    markup: str
    unshown: tuple[str, ...]


def render(page: str, path: str, source: str) -> tuple[str, list[Problem]]:
    """Replace the LaTeX of a page by MathML.

    Args:
        page: HTML in which arithmatex has marked the formulas.
        path: The page's source file, as problems name it.
        source: What that file holds: there a problem's line is found.

    Returns:
        The HTML with MathML in it, and a problem for each construct that it cannot show.
    """
    problems: list[Problem] = []
    seen: dict[str, int] = {}

    def replace(match: re.Match[str]) -> str:
        latex = html.unescape(match[3]).strip()
        formula = convert(latex, match[2] == "[")
        line = _line(source, latex, seen) if formula.unshown else 0
        for construct in formula.unshown:
            advice = _ADVICE.get(construct, r"check its spelling or write \text{...} instead")
            short = " ".join(latex.split())
            short = short if len(short) <= 60 else f"{short[:57]}..."
            message = f'LaTeX that MathML cannot show: {construct} in "{short}"; {advice}'
            problems.append(Problem(path, line, message))
        return formula.markup

    return _MARKED.sub(replace, page), problems


def characters(page: str) -> set[str]:
    """Every character that stands in the formulas of a page: what the font must hold."""
    found: set[str] = set()
    for formula in _MATH.findall(page):
        found |= set(html.unescape(re.sub(r"<[^>]*>", "", formula)))
    return found


@lru_cache(maxsize=8192)
def convert(latex: str, block: bool) -> Formula:
    """Convert one formula.

    >>> convert("x_i", False).markup
    '<math alttext="x_i"><msub><mi>x</mi><mi>i</mi></msub></math>'
    """
    plain = latex
    for pattern, replacement in _REWRITTEN:
        plain = pattern.sub(replacement, plain)
    try:
        math = convert_to_element(plain, display="block" if block else "inline")
    except Exception as error:  # the converter raises whatever its parser stumbles over
        reason = re.sub("(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).removesuffix(" Error")
        return Formula(f"<code>{html.escape(latex)}</code>", (reason.lower(),))
    unshown = tuple(dict.fromkeys(_unshown(math, plain)))
    mend(math)
    if len(math) == 1 and math[0].tag == "mrow":
        math[:] = list(math[0])
    math.attrib = {"display": "block"} if block else {}
    math.set("alttext", latex)
    if block:
        return Formula(_box(math), unshown)
    return Formula("<wbr>".join(map(_write, _pieces(math))), unshown)


def _unshown(math: Element, latex: str) -> Iterator[str]:
    """Name the constructs of a formula that latex2mathml left as they were, lost or garbled."""
    bare = re.sub(r"\\[{}\\]", "", latex)
    if bare.count("{") != bare.count("}"):
        yield "unbalanced braces"
    for name in re.findall(r"\\begin\{([^}]*)\}", latex):
        if f"\\{name}" not in MATRICES:
            yield rf"\begin{{{name}}}"
    stars = len(re.findall(r"\*(?!\})|\\ast(?![A-Za-z])", re.sub(r"\\[a-z]+\*", "", latex)))
    for element in math.iter():
        text = html.unescape(element.text or "")
        command = re.search(r"\\[A-Za-z]+", text)
        stars -= text == "*"
        if command:
            yield command[0]
        if element.tag not in _SHOWN:
            yield {"menclose": r"a box or a stroke (\boxed, \cancel)"}.get(element.tag, element.tag)
        if 0 < len(element) < ARITY.get(element.tag, 0):
            yield "a missing argument"
        if "&" in text and r"\&" not in latex:
            yield "&"
        if element.tag == "mtext" and "$" in text:
            yield "$"
        if element.get("linebreak"):
            yield r"\\"
        if element.tag == "mn" and re.search("[a-z]", text):
            yield f"the length {text}"
        if element.get("mathcolor") or element.get("mathbackground"):
            yield "a colour, which cannot follow the palette"
        if element.tag == "mo" and len(element):
            yield r"\mathop"
        if element.tag == "mo" and not text and not len(element) and not element.get("fence"):
            yield r"\operatorname"
    if stars < 0:
        yield "*"


def _line(source: str, latex: str, seen: dict[str, int]) -> int:
    """The line of `source` on which the next formula with this LaTeX starts; 0 where none is."""
    words = r"\s+".join(re.escape(word) for word in latex.split())
    pattern = re.compile(rf"(?:\$|\\[(\[])\s*{words}\s*(?:\$|\\[)\]])|{words}")
    match = pattern.search(source, seen.get(latex, 0))
    if match is None:
        return 0
    seen[latex] = match.end()
    start = match.start() + re.match(r"[$\\(\[\s]*", match[0]).end()  # type: ignore[union-attr]
    return source.count("\n", 0, max(start - 1, match.start())) + 1


def _length(element: Element) -> int:
    """About how many letters wide a formula is."""
    if element.tag == "mtable":
        return max((sum(1 + _length(cell) for cell in row) for row in element), default=0)
    if element.tag in ("mfrac", "munder", "mover", "munderover"):
        return max(map(_length, element), default=0)
    own = 2 if element.tag in ("mo", "mspace") else 0
    return len(element.text or "") + own // 2 + sum(map(_length, element))


def _box(math: Element) -> str:
    """A displayed formula in a box that scrolls, by the keyboard too where it can need it."""
    focus = ' role="group" aria-label="Formula" tabindex="0"' if _length(math) > _NARROW else ""
    return f'<div class="math-block"{focus}>{_write(math)}</div>'


def _pieces(math: Element) -> Iterator[Element]:
    """A long formula in a line of text comes in pieces, so that the line can break between them."""
    ends = [*breakable(math), len(math)] if _length(math) > _NARROW else [len(math)]
    start = 0
    for end in ends:
        piece = Element("math", math.attrib if start == 0 else {})
        piece.extend(math[start:end])
        yield piece
        start = end


def _write(math: Element) -> str:
    # Elements are closed by a tag of their own: minifiers of HTML take <mi/> for an open one.
    return tostring(math, encoding="unicode", short_empty_elements=False)
