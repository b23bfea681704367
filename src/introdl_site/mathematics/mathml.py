"""LaTeX in a page becomes MathML when the site is built: a reader's browser runs no script for it.

The Markdown extension `pymdownx.arithmatex` (with `generic: true`) leaves the LaTeX in the HTML,
`prepare` writes it as latex2mathml reads it, `mend` mends what that makes of it, and `check` names,
with page and line, whatever would still show something else than LaTeX does.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

from introdl_site.mathematics.check import ADVICE, unshown
from introdl_site.mathematics.font import known
from introdl_site.mathematics.mend import mend
from introdl_site.mathematics.prepare import prepare
from introdl_site.mathematics.space import breakable
from introdl_site.problems import Problem

_MARKED = re.compile(r'<(span|div) class="arithmatex">\s*\\([(\[])(.*?)\\[)\]]\s*</\1>', re.DOTALL)
_BOLD = r"(?:<[^>]*>|[\U00010000-\U0010ffff])*"
_HEADING = re.compile(rf"(<th\b[^>]*>\s*<math\b)(>{_BOLD}</math>\s*</th>)")
_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
# A line may break between a formula and what stands beside it, even where that is a full stop.
_BESIDE = re.compile(r"(\(?)(<math\b(?:(?!</math>).)*</math>)([.,;:!?)]*)", re.DOTALL)
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
        source: What that file holds, for the lines of problems.

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
            advice = ADVICE.get(construct, r"check its spelling or write \text{...} instead")
            short = " ".join(latex.split())
            short = short if len(short) <= 60 else f"{short[:57]}..."
            message = f'LaTeX that MathML cannot show: {construct} in "{short}"; {advice}'
            problems.append(Problem(path, line, message))
        return formula.markup

    page = _BESIDE.sub(_keep, _MARKED.sub(replace, page))
    return _HEADING.sub(_name, page), problems


def _keep(match: re.Match[str]) -> str:
    """Keep a formula on the line of its punctuation."""
    return f"<n-b>{match[0]}</n-b>" if match[1] or match[3] else match[0]


def _name(heading: re.Match[str]) -> str:
    """Name a column whose heading is bold letters alone: to axe, these are no text."""
    plain = unicodedata.normalize("NFKC", re.sub("^>|<[^>]*>", "", heading[2]))
    return f'{heading[1]} aria-label="{plain}"{heading[2]}'


def characters(page: str) -> set[str]:
    """Every character that stands in the formulas of a page: what the font must hold."""
    found: set[str] = set()
    for formula in _MATH.findall(page):
        found |= set(html.unescape(re.sub(r"<[^>]*>", "", formula)))
    return found & known()  # what it lacks is named with its line


@lru_cache(maxsize=8192)
def convert(latex: str, block: bool) -> Formula:
    """Convert one formula.

    Examples:
        >>> convert("x_i", False).markup
        '<math><msub><mi>x</mi><mi>i</mi></msub></math>'
    """
    plain = prepare(latex, block)
    try:
        math = convert_to_element(plain, display="block" if block else "inline")
    except Exception as error:  # the converter raises whatever its parser stumbles over
        reason = re.sub("(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).removesuffix(" Error")
        return Formula(f"<code>{html.escape(latex)}</code>", (reason.lower(),))
    mend(math)
    lost = tuple(dict.fromkeys([*unshown(math, plain), *_lacking(math)]))
    if len(math) == 1 and math[0].tag == "mrow":
        math[:] = list(math[0])
    math.attrib = {"display": "block"} if block else {}
    if block:
        # In a line a formula is short, and what it holds says as much as its LaTeX.
        math.set("alttext", latex)
        return Formula(_box(math), lost)
    return Formula("<wbr>".join(map(_write, _pieces(math))), lost)


def _lacking(math: Element) -> Iterator[str]:
    for character in sorted(set("".join(math.itertext())) - known()):
        if character > " ":
            yield f"{character} (U+{ord(character):04X}), which STIX Two Math lacks,"


def _line(source: str, latex: str, seen: dict[str, int]) -> int:
    """The line of `source` on which the next formula with this LaTeX starts; 0 where none is."""
    words = r"\s+".join(re.escape(word) for word in latex.split())
    begin = seen.get(latex, 0)
    whole = re.compile(rf"(?:\$|\\[(\[])\s*{words}\s*(?:\$|\\[)\]])")
    match = whole.search(source, begin) or re.compile(words).search(source, begin)
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
