"""Mend the operators of a formula: classes given by hand, strokes, long arrows, limits."""

from __future__ import annotations

import unicodedata
from xml.etree.ElementTree import Element

from introdl_site.mathematics.space import LARGE, is_name

_SCRIPTS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_LIMITS = {"max", "min", "sup", "inf", "lim", "det", "gcd", "Pr", "argmax", "argmin"}


def classed(element: Element) -> None:
    r"""Let `\mathrel{|}` be the one operator that stands in it."""
    if element.tag != "mo" or not len(element):
        return
    inner = element
    while inner.tag in ("mo", "mrow") and len(inner) == 1:
        inner = inner[0]
    space = {None: "0.278em", "0.22em": "0.222em"}.get(element.get("lspace"), "0")
    if inner.tag in ("mo", "mi") and not len(inner):
        element.text, element[:] = inner.text, []
        element.attrib.update(inner.attrib | {"lspace": space, "rspace": space})
    else:
        element.tag, element.attrib = "mrow", {}
        if space != "0":
            element[:] = [_gap(space), *element, _gap(space)]


def negate(element: Element) -> None:
    r"""Strike the operator after `\not`."""
    for i in range(len(element) - 2, -1, -1):
        stroke, struck = element[i], element[i + 1]
        if stroke.tag == "mpadded" and len(stroke) == 1 and stroke[0].text == "⧸":
            text = unicodedata.normalize("NFC", f"{struck.text}\u0338")
            if struck.tag in ("mo", "mi") and len(text) == 1:
                struck.tag, struck.text = "mo", text
                element.remove(stroke)


def stretch_arrow(element: Element) -> None:
    """Let the arrow of `xrightarrow` grow with what stands on it."""
    if element.tag not in ("mover", "munder", "munderover") or len(element) < 2:
        return
    base, marks = element[0], element[1:]
    if base.tag != "mstyle" or any(m.get("width") != "+0.833em" for m in marks):
        return
    element[0] = base[0]
    base[0].attrib.update(stretchy="true", lspace="0.278em", rspace="0.278em")
    for i, mark in enumerate(marks, start=1):
        element[i] = Element("mrow")
        element[i].extend([_gap("0.4em"), *mark[:-1], _gap("0.4em")])


def place_limits(element: Element, in_line: bool) -> None:
    r"""Set what stands under `max` below it in a displayed formula, beside it in a line.

    After `\limits` it stands below everywhere.
    """
    if element.tag in _SCRIPTS and len(element) and is_name(element[0]):
        name = element[0].text or ""
        if element[0].get("movablelimits") or name in _LIMITS:
            element.tag = _SCRIPTS[element.tag]
            element[0].set("movablelimits", "true")
    elif in_line and element.tag in _SCRIPTS.values() and element[0].text in LARGE:
        element[0].set("movablelimits", "false")


def _gap(width: str) -> Element:
    return Element("mspace", width=width)
