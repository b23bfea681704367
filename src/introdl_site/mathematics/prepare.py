"""Write LaTeX so that latex2mathml, which reads it token by token, takes it as LaTeX does."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: The first of 128 code points of private use that stand for the characters of a text box.
_STAND_IN = 0xE100
#: Stands in the first cell of a row that has a rule above it.
RULE = "\ue010"
#: Stands for the hyphen in the name of an operator.
HYPHEN = "\u205f"
UNITS = "in|mm|cm|pt|em|ex|pc|bp|dd|cc|sp|mu"

_BOX = re.compile(r"\\(text(?:rm|normal|up|md|bf|it|sf|tt)?|[mh]box)(?![A-Za-z])\s*\{")
_STYLED = {"bf", "it", "sf", "tt"}
_ESCAPED = re.compile(r"\\([{}%$&#_ ])|\\(?:ldots|dots)(?![A-Za-z])\s*(?:\{\})?|~")
_QUOTES = {"---": "—", "--": "–", "``": "“", "''": "”", "`": "‘", "'": "’"}
_ENVIRONMENTS = {"aligned": "split", "align": "align*"}
_ENVIRONMENTS |= dict.fromkeys(("gather", "gather*", "gathered"), "displaylines")
_FENCED = {"p": "()", "b": "[]", "B": (r"\{", r"\}"), "v": "||", "V": (r"\|", r"\|")}
_STARRED = re.compile(r"\\(begin|end)\{([pbBvV])matrix\*\}(\s*\[[lcr]\])?")
_ARRAY = re.compile(r"\\begin\{array\}\s*(?:\[[tcb]\])?\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_LETTERS = r"((?:[A-Za-z-]|\\[,;: ]|\s)+)"
_REWRITTEN = (
    (re.compile(r"\\(dfrac|tfrac|cfrac|frac)(?=\\math)"), r"\\\1 "),
    (re.compile(r"\\arg\s*\\(min|max)(?![A-Za-z])"), r"\\arg\1"),
    (re.compile(r"\\operatorname\*\s*\{arg(?:\\[,;: ]|\s)*(min|max)\}"), r"\\arg\1"),
    (re.compile(r"\\mathop\s*\{\s*\\mathrm\s*\{" + _LETTERS + r"\}\s*\}"), r"\\operatorname*{\1}"),
    (re.compile(r"\\mathds(?![A-Za-z])"), r"\\mathbb"),
    (re.compile(r"\\pmb(?![A-Za-z])"), r"\\boldsymbol"),
    (re.compile(r"\\not\s*="), r"\\neq "),
    (re.compile(r"\\not\s*<"), r"\\nless "),
    (re.compile(r"\\not\s*>"), r"\\ngtr "),
    (re.compile(r"\\substack\s*(\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})"), r"{\\substack\1}"),
    (re.compile(r"\\(big|Big|bigg|Bigg)m\s*(\\[A-Za-z]+|\\.|.)"), r"\\;\\\1\2\\;"),
    (re.compile(r"\\hspace\*"), r"\\hspace"),
    (re.compile(r"\\(?:begin|end)\{equation\*?\}"), ""),
    (re.compile(r"(\\\\)\s*\[[^\]]*(?:em|ex|pt|mu)\]"), r"\1"),
    (re.compile(r"\\hline(?![A-Za-z])"), rf"\\text{{{RULE}}}"),
)
_OPERATOR = re.compile(r"\\operatorname(\*?)\s*\{" + _LETTERS + r"\}")
_LENGTH = re.compile(
    rf"\\(?:hspace|hskip|kern|mkern|mskip|mspace)\s*\{{?[^\\}}]*?(?:{UNITS})"
    rf"|(?P<digit>\d)(?P<unit>\s*(?:{UNITS}))"
)
_NESTED = re.compile(r"\\(begin|end)\{[^{}]*\}|\\\\|\\.|[{}&]", re.DOTALL)


def prepare(latex: str, block: bool) -> str:
    r"""Rewrite what latex2mathml would misread; what a text box holds stands as stand-ins.

    Args:
        latex: One formula.
        block: Whether it is displayed: then `\\` outside an environment parts lines.

    Examples:
        >>> prepare(r"\mathop{\mathrm{argmax}} x \not= 2", False)
        '\\operatorname*{argmax} x \\neq  2'
        >>> show(prepare(r"\textrm{50\% of $n$}", False))
        '{\\text{50% of }n}'
    """
    text = _boxes(latex)
    text = re.sub(r"\\mathop\s*\{\s*\\text\{([A-Za-z \u00a0]+)\}\s*\}", _named, text)
    for pattern, replacement in _REWRITTEN:
        text = pattern.sub(replacement, text)
    text = _OPERATOR.sub(_named_as, text)
    text = re.sub(
        r"\\(begin|end)\{(\w+\*?)\}",
        lambda match: rf"\{match[1]}{{{_ENVIRONMENTS.get(match[2], match[2])}}}",
        text,
    )
    text = _ARRAY.sub(_columns, text)
    text = _STARRED.sub(_fenced, text)
    text = _LENGTH.sub(lambda m: f"{m['digit']}{{}}{m['unit']}" if m["digit"] else m[0], text)
    return _lines(text) if block else text


def show(text: str) -> str:
    """Text with the characters for which stand-ins stand."""
    return "".join(
        chr(ord(letter) - _STAND_IN) if 0 <= ord(letter) - _STAND_IN < 128 else letter
        for letter in text
    )


def _hide(text: str) -> str:
    return "".join(chr(_STAND_IN + ord(c)) if c in "{}\\%&#_^~*<>'`$" else c for c in text)


def closing(text: str, start: int) -> int:
    r"""The place of the brace that closes the one before `start`; -1 where there is none.

    Examples:
        >>> closing(r"{a \} {b}} c", 1)
        9
    """
    depth = 1
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, start):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth == 0:
            return match.start()
    return -1


def _boxes(latex: str) -> str:
    """Let each box of text hold text alone: formulas and other boxes in it stand beside it."""
    made, place = [], 0
    while match := _BOX.search(latex, place):
        end = closing(latex, match.end())
        if end < 0:
            break
        style = match[1][-2:] if match[1][-2:] in _STYLED else ""
        pieces = [*_pieces(latex[match.end() : end], style)]
        box = "".join(pieces)
        made += [latex[place : match.start()], f"{{{box}}}" if len(pieces) > 1 else box or "{}"]
        place = end + 1
    return "".join(made) + latex[place:]


def _pieces(text: str, style: str) -> Iterator[str]:
    """What a text box holds, piece by piece, each as LaTeX for mathematics."""
    place = 0
    inner = re.compile(rf"(?<!\\)\$((?:[^$\\]|\\.)*)\$|{_BOX.pattern}|(?<!\\)[{{}}]")
    while match := inner.search(text, place):
        yield from _box(text[place : match.start()], style)
        place = match.end()
        if match[1] is not None:
            yield _boxes(match[1])
        elif match[2]:
            end = closing(text, match.end())
            end = len(text) if end < 0 else end
            deeper = match[2][-2:] if match[2][-2:] in _STYLED else style
            yield from _pieces(text[match.end() : end], deeper)
            place = end + 1
    yield from _box(text[place:], style)


def _box(text: str, style: str) -> Iterator[str]:
    if not text:
        return
    text = re.sub("|".join(_QUOTES), lambda match: _QUOTES[match[0]], text)
    kept = re.split(r"(?<!\\)(\$)", " ".join(text.split("\n")))  # a lone $ is named later
    text = "".join(part if part == "$" else _hide(_ESCAPED.sub(_escaped, part)) for part in kept)
    yield rf"\text{style}{{{text}}}"


def _escaped(match: re.Match[str]) -> str:
    return match[1] or {"~": "\u00a0"}.get(match[0], "…")


def _named(match: re.Match[str]) -> str:
    return rf"\operatorname*{{{_thin(match[1])}}}"


def _named_as(match: re.Match[str]) -> str:
    name = re.sub(r"\\[,;: ]", "\u2009", match[2]).replace("-", HYPHEN)
    return rf"\operatorname{match[1]}{{{name}}}"


def _thin(name: str) -> str:
    return "\u2009".join(name.split())


def _columns(match: re.Match[str]) -> str:
    """Spell out the columns of an array: `@{}` only takes space away."""
    columns = re.sub(r"[@!]\{\}|\s", "", match[1])
    columns = re.sub(r"\*\{(\d)\}\{([lcr|]+)\}", lambda m: int(m[1]) * m[2], columns)
    return rf"\begin{{array}}{{{columns}}}"


def _fenced(match: re.Match[str]) -> str:
    left, right = _FENCED[match[2]]
    if match[1] == "begin":
        return rf"\left{left}\begin{{matrix*}}{match[3] or ''}"
    return rf"\end{{matrix*}}\right{right}"


def _lines(latex: str) -> str:
    r"""Set a displayed formula with `\\` outside every environment as lines."""
    depth, parted, aligned = 0, False, False
    for match in _NESTED.finditer(latex):
        if match[1] or match[0] in "{}":
            depth += 1 if match[1] == "begin" or match[0] == "{" else -1
        elif depth == 0:
            parted |= match[0] == r"\\"
            aligned |= match[0] == "&"
    if not parted:
        return latex
    latex = re.sub(r"\\\\\s*$", "", latex)
    name = "align*" if aligned else "displaylines"
    return rf"\begin{{{name}}} {latex} \end{{{name}}}" if r"\\" in latex else latex
