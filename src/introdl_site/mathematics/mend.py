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

from latex2mathml.symbols_parser import convert_symbol

from introdl_site.mathematics.operators import classed, negate, place_limits, stretch_arrow
from introdl_site.mathematics.prepare import HYPHEN, RULE, show
from introdl_site.mathematics.space import ARITY, FENCES, space

#: Elements whose children stand in a row; those of others are arguments.
_ROWS = frozenset({"math", "mrow", "mtd", "msqrt", "mstyle", "mpadded", "mphantom"})
_GREEK = frozenset("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ")
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
    in_line = math.get("display") != "block"
    for element in math.iter():
        _decode(element)
    for element in list(math.iter()):
        _restyle(element)
        _widen(element)
        classed(element)
        negate(element)
        stretch_arrow(element)
        _accent(element)
        _table(element)
    for element in list(math.iter()):
        _group_base(element)
        place_limits(element, in_line)
        _lower_primes(element)
        _join(element)
        _flatten(element)
    space(math)
    return math


def _decode(element: Element) -> None:
    r"""Turn `&#x02264;` into its character; what was a letter in `\mathrm{d}` stays upright."""
    if element.text:
        text = show(html.unescape(element.text)).replace(HYPHEN, "-")
        if "minsize" in element.attrib:  # \big{ and its kin: the delimiter comes as it was
            symbol = convert_symbol(text)
            text = chr(int(symbol, 16)) if symbol else text
            element.set("stretchy", "true")
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
            upright = {c: bold for c, bold in alphabet("BOLD").items() if c not in letters}
            letters = upright | letters | {c: alphabet("BOLD")[c] for c in _GREEK & letters.keys()}
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
    elif width.endswith("mu"):
        element.set("width", f"{float(width[:-2]) / 18:.3f}em")


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
    columns = element.get("columnlines", "").split()
    for name in ("rowlines", "columnlines", "rowspacing", "columnspacing"):
        element.attrib.pop(name, None)
    for i, row in enumerate(list(element)):
        rule = next((e for e in row.iter("mtext") if e.text == RULE), None)
        if rule is not None:
            row[0].remove(rule)
            ruled, name = (element[i - 1], "rule-below") if i else (row, "rule-above")
            for cell in ruled:
                cell.set("class", f"{cell.get('class', '')} {name}".strip())
            if not len(row[0]) and len(row) == 1:
                element.remove(row)
        for j, cell in enumerate(row):
            names = [cell.attrib.pop("columnalign", "center"), cell.get("class", "")]
            names += ["rule-right"] * (j < len(columns) and columns[j] == "solid")
            if kept := " ".join(name for name in names if name not in ("center", "")):
                cell.set("class", kept)


def _group_base(element: Element) -> None:
    r"""Keep brackets with what they hold, as in `\begin{bmatrix}…\end{bmatrix}^\top`."""
    extra = len(element) - ARITY.get(element.tag, len(element))
    if extra > 0:
        base = Element("mrow")
        base.extend(element[: extra + 1])
        element[: extra + 1] = [base]


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


def _join(element: Element) -> None:
    r"""Write `\mathrm{ReLU}` as one name, not as four letters, and `:=` as one relation."""
    for child in list(element)[1:] if element.tag in _ROWS else []:
        before = element[list(element).index(child) - 1]
        if _upright(before) and _upright(child):
            before.text = f"{before.text}{child.text}"
            element.remove(child)
        elif before.text == ":" and child.text == "=":
            before.text, before.attrib = ":=", {}
            element.remove(child)
    for child in element:
        if child.tag == "mi" and len(child.text or "") > 1:
            child.attrib.pop("mathvariant", None)


def _upright(element: Element) -> bool:
    named = element.tag == "mi" and element.get("mathvariant") == "normal"
    return named and (element.text or "").isascii()


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
