"""Space the operators of a formula as TeX does: MathML leaves it to their place in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

#: How many children these elements have.
ARITY = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2}
ARITY |= {"msubsup": 3, "munderover": 3}
_SCRIPTED = ARITY.keys() - {"mfrac", "mroot"}
_OPEN, _CLOSE = frozenset("([{⟨⌊⌈"), frozenset(")]}⟩⌋⌉!")
FENCES = _OPEN | _CLOSE
LARGE = frozenset("∑∏∐∫∬∭∮⋃⋂⋁⋀⨁⨂⨀⨄")
_BARS, _SIGNS = frozenset("|‖"), frozenset("+−±∓-")
_THIN = "0.167em"


def space(math: Element) -> None:
    """Space every row of `math`, in place."""
    for element in list(math.iter()):
        if element.tag not in ARITY and element.tag != "mtable":
            _pair_bars(element)
            _space_operators(element)


def is_name(element: Element) -> bool:
    """Whether the element is the name of a function: `log`, `sign`, `max`."""
    text = re.sub("[\u2009\u2006-]", "", element.text or "")
    return element.tag in ("mi", "mo") and len(text) > 1 and text.isascii() and text.isalpha()


def _core(element: Element) -> Element:
    """What decides the spacing of an element with scripts or in a row of its own."""
    while element.tag in _SCRIPTED and len(element):
        element = element[0]
    return element


def _kind(element: Element) -> str:
    """The class of an element in TeX's table of spacing."""
    core = _core(element)
    text = core.text or ""
    if core.tag == "mspace":
        return "space"
    if is_name(core) or (core.tag == "mo" and text in LARGE):
        return "operator"
    if core.tag != "mo":
        return "ordinary"
    if text in _BARS or core.get("fence") == "true":
        return "open" if core.get("form") == "prefix" else "close"
    if text in _OPEN or text in _CLOSE:
        return "open" if text in _OPEN else "close"
    return "relation"


def _pair_bars(row: Element) -> None:
    r"""Let bars come in pairs, unstretched: `|x| + |y|`, `\lVert x \rVert`."""
    inside: dict[str, bool] = {}
    for i, child in enumerate(row):
        bar = _core(child)
        if bar.tag != "mo" or bar.text not in _BARS or "form" in bar.attrib:
            continue
        if bar.get("lspace") in ("0.05em", "0.278em"):  # \middle| and \mathrel{|}
            continue
        inside[bar.text] = not inside.get(bar.text, False)
        around = [row[j].tag for j in (i - 1, i + 1) if 0 <= j < len(row)]
        if "minsize" not in bar.attrib and "mtable" not in around:
            bar.set("stretchy", "false")
        bar.attrib.pop("fence", None)
        bar.attrib.update(form="prefix" if inside[bar.text] else "postfix", lspace="0", rspace="0")


def _space_operators(row: Element) -> None:
    """Space names of functions, sums and signs as TeX does."""
    before = ""
    last: Element | None = None
    for child in list(row):
        core, kind = _core(child), _kind(child)
        text = core.text or ""
        if kind == "operator":
            if is_name(core) and core.tag == "mo":
                core.attrib.update(lspace="0", rspace="0")
            elif text in LARGE and before in ("", "open", "relation"):
                core.set("lspace", "0")
        if text in _CLOSE and last is not None and last.text == ",":
            last.set("rspace", "0")  # the shape (N,)
        fenced = child.tag == "mrow" and len(child) > 0 and _kind(child[0]) == "open"
        named = kind == "operator" and is_name(core)
        solid = kind in ("ordinary", "operator") or fenced or (kind == "open" and text in _BARS)
        if (before == "name" and solid) or (named and before in ("ordinary", "close", "name")):
            row.insert(list(row).index(child), Element("mspace", width=_THIN))
        if text in _SIGNS and child is core and before in ("", "open", "relation", "operator"):
            core.set("form", "prefix")
        before = "name" if named else kind if kind != "space" else before
        last = child


def breakable(math: Element) -> Iterator[int]:
    """Where a formula in a line of text may break: the places after a relation or a comma."""
    depth = 0
    for i, child in enumerate(math):
        kind = _kind(child)
        depth += (kind == "open") - (kind == "close" and (_core(child).text or "") != "!")
        if kind == "relation" and child.tag == "mo" and depth <= 0 and 0 < i < len(math) - 1:
            yield i + 1
