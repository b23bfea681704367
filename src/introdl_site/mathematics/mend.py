"""Mend what latex2mathml writes where browsers would show something else than LaTeX does.

Browsers implement MathML Core: they ignore `mathvariant`, `columnalign` and `columnlines`, and they
space an operator by its place among its siblings. Each step below names what it mends.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache
from xml.etree.ElementTree import Element

from introdl_site.mathematics.space import ARITY, FENCES, is_name, space

_SCRIPTS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_LIMITS = {"max", "min", "sup", "inf", "lim", "det", "gcd", "Pr", "argmax", "argmin"}
#: latex2mathml takes these for operators; they are spaced like letters.
_ORDINARY = frozenset("∞∅∇∂∀∃¬…⋯⋮⋱∠⊤⊥∘⋆∎")
_SPACES = {"thinmathspace": "0.167em", "mediummathspace": "0.222em", "thickmathspace": "0.278em"}
_SPACES |= {f"negative{name}": f"-{width}" for name, width in _SPACES.items()}


@cache
def alphabet(style: str) -> dict[str, str]:
    """The letters and digits of a mathematical alphabet, as `BOLD`, by their plain letter.

    Examples:
        >>> alphabet("DOUBLE-STRUCK")["R"], alphabet("BOLD")["w"]
        ('ℝ', '𝐰')
    """
    found: dict[str, str] = {"h": "ℎ"} if style == "ITALIC" else {}
    kinds = "CAPITAL|SMALL|DIGIT|PARTIAL|NABLA|EPSILON|THETA|KAPPA|PHI|RHO|PI"
    pattern = re.compile(rf"(?:MATHEMATICAL )?{style} (?:{kinds})\b")
    for code in (*range(0x1D400, 0x1D800), *range(0x2100, 0x2150)):
        letter = chr(code)
        if pattern.match(unicodedata.name(letter, "").replace("BLACK-LETTER", "FRAKTUR")):
            found.setdefault(unicodedata.normalize("NFKC", letter), letter)
    return found


def mend(math: Element) -> Element:
    """Mend `math`, as `latex2mathml.converter.convert_to_element` makes it, in place."""
    for element in math.iter():
        _decode(element)
    for element in math.iter():
        _restyle(element)
        _widen(element)
        _accent(element)
        _table(element)
    for element in list(math.iter()):
        _group_base(element)
        _place_limits(element)
        _lower_primes(element)
        _join_upright(element)
        _flatten(element)
    space(math)
    return math


def _decode(element: Element) -> None:
    r"""Turn `&#x02264;` into its character; what was a letter in `\mathrm{d}` stays upright."""
    if element.text:
        text = html.unescape(element.text)
        if element.tag == "mi" and text != element.text and text.isascii() and text.isalpha():
            element.set("mathvariant", "normal")
        if element.text == ":":  # a relation, where \colon is punctuation
            element.attrib.update(lspace="0.278em", rspace="0.278em")
        element.text = text


def _restyle(element: Element) -> None:
    """Write bold and other alphabets as characters, set what is a symbol as an operator."""
    text = element.text or ""
    style = element.get("mathvariant", "normal")
    if style != "normal":
        words = style.upper().replace("-", " ")
        words = re.sub("(DOUBLE|SANS) ", r"\1-", words)
        letters = alphabet(words)
        if style == "bold-italic":  # \boldsymbol leaves digits and capital Greek upright
            letters = alphabet("BOLD") | letters
        element.text = "".join(letters.get(letter, letter) for letter in text)
        del element.attrib["mathvariant"]
    elif element.tag == "mi" and len(text) == 1:
        if text in "~:" or text in FENCES or unicodedata.category(text) == "Sm":
            element.tag, element.text = "mo", {"~": "∼", "⟂": "⊥"}.get(text, text)
            if text in FENCES:
                element.set("stretchy", "false")
        elif "Α" <= text <= "Ω":
            element.set("mathvariant", "normal")
    if element.tag == "mo" and element.text in _ORDINARY and not element.attrib:
        element.tag = "mi"
        if text == "∇":
            element.set("mathvariant", "normal")


def _widen(element: Element) -> None:
    """Give a space its width in em: the names of MathML 3 are no longer known."""
    width = element.get("width", "")
    if width in _SPACES:
        element.set("width", _SPACES[width])


def _accent(element: Element) -> None:
    """Set accents close to their letter, with the glyphs that the font has for them."""
    if element.tag not in ("mover", "munder") or len(element) != 2 or element[1].tag != "mo":
        return
    mark = element[1]
    name, stretchy = mark.text or "", mark.get("stretchy") == "true"
    if name == "^":
        name, stretchy = ("ˆ", False) if element.get("accent") else ("\u0302", True)
    elif name == "~":
        name, stretchy = ("˜", False) if mark.get("stretchy") else ("\u0303", True)
    elif name == "―":
        name, stretchy = ("‾" if element.tag == "mover" else "_"), True
    elif name in "→¯":  # \vec and \bar, where \overrightarrow and \overline stretch
        stretchy = not stretchy
    elif name not in "´˘ˇ˙¨`˚":
        return
    mark.attrib.clear()
    mark.text = name
    mark.set("stretchy", "true" if stretchy else "false")
    element.set("accent" if element.tag == "mover" else "accentunder", "true")


def _table(element: Element) -> None:
    """Align and rule the cells of a table by classes of `math.css`."""
    if element.tag != "mtable":
        return
    if element.get("columnspacing", "").startswith("0em"):
        element.set("class", "align")
    rows = element.get("rowlines", "").split()
    columns = element.get("columnlines", "").split()
    for name in ("rowlines", "columnlines", "rowspacing", "columnspacing"):
        element.attrib.pop(name, None)
    for i, row in enumerate(element):
        for j, cell in enumerate(row):
            names = [cell.attrib.pop("columnalign", "center")]
            names += ["rule-below"] * (i < len(rows) and rows[i] == "solid")
            names += ["rule-right"] * (j < len(columns) and columns[j] == "solid")
            if names != ["center"]:
                cell.set("class", " ".join(name for name in names if name != "center"))


def _group_base(element: Element) -> None:
    r"""Keep brackets with what they hold, as in `\begin{bmatrix}…\end{bmatrix}^\top`."""
    extra = len(element) - ARITY.get(element.tag, len(element))
    if extra > 0:
        base = Element("mrow")
        base.extend(element[: extra + 1])
        element[: extra + 1] = [base]


def _place_limits(element: Element) -> None:
    """Set what stands under `max` below it in a displayed formula, beside it in a line."""
    if element.tag in _SCRIPTS and len(element) and is_name(element[0]):
        name = element[0].text or ""
        if element[0].get("movablelimits") or name in _LIMITS:
            element.tag = _SCRIPTS[element.tag]
            element[0].set("movablelimits", "true")


def _lower_primes(element: Element) -> None:
    """Set a prime on the line: the font's prime is high already."""
    last = element[-1] if len(element) else element
    if element.tag in ("msup", "msubsup") and set(last.text or "x") <= set("′″‴⁗"):
        element.remove(last)
        base = Element("msub", element.attrib) if len(element) == 2 else Element("mrow")
        base.extend(element)
        element[:] = [base, last]
        element.tag, last.tag = "mrow", "mo"
        last.attrib.update(lspace="0", rspace="0")


def _join_upright(element: Element) -> None:
    r"""Write `\mathrm{ReLU}` as one name, not as four letters."""
    for child in list(element)[1:]:
        before = element[list(element).index(child) - 1]
        upright = [
            part.tag == "mi" and part.get("mathvariant") == "normal" for part in (before, child)
        ]
        if all(upright) and (before.text or "").isascii() and (child.text or "").isascii():
            before.text = (before.text or "") + (child.text or "")
            element.remove(child)
    for child in element:
        if child.tag == "mi" and len(child.text or "") > 1:
            child.attrib.pop("mathvariant", None)


def _flatten(element: Element) -> None:
    r"""Drop a row that holds one thing, and the invisible fence of `\left.`."""
    for i, child in enumerate(list(element)):
        if child.tag == "mo" and not child.text and not len(child):
            element[i] = Element("mrow")
        if child.tag == "mrow" and len(child) == 1 and not child.attrib:
            if child[0].tag != "mo":
                element[i] = child[0]
            elif element.tag not in ARITY:  # braces take an operator's space: 1{,}000
                child[0].attrib.update(lspace="0", rspace="0")
