"""Find what latex2mathml left as it was, lost or garbled, before a reader does."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from latex2mathml.commands import MATRICES

from introdl_site.mathematics.space import ARITY

_SHOWN = {"math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msqrt", "mtable", "mtr", "mtd"}
_SHOWN |= {"mstyle", "mpadded", "mphantom", *ARITY}
#: How to write what cannot be shown.
ADVICE = {
    r"\operatorname": r"write \argmax, \argmin or \operatorname{name} with letters only",
    r"\mathop": r"write \operatorname{name}",
    r"\\": r"put the lines into \begin{align*} or \begin{cases}",
    "&": r"put the columns into \begin{align*}, \begin{cases} or a matrix",
    "$": r"end \text{...} before the formula in it and start it again after",
    "*": r"write \ast or \cdot",
}


def unshown(math: Element, latex: str) -> Iterator[str]:
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
