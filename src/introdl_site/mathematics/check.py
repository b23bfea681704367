"""Find what latex2mathml left as it was, lost or garbled, before a reader does."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from latex2mathml.commands import DIACRITICS, EXTENSIBLE_ARROWS, FUNCTIONS, MATRICES
from latex2mathml.converter import MOVABLE_LIMIT_TEXTS
from latex2mathml.symbols_parser import convert_symbol

from introdl_site.mathematics.prepare import RULE, UNITS, show
from introdl_site.mathematics.space import ARITY

_SHOWN = {"math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msqrt", "mtable", "mtr", "mtd"}
_SHOWN |= {"mstyle", "mpadded", "mphantom", *ARITY}
#: How to write what cannot be shown.
ADVICE = {
    r"\operatorname": r"write \operatorname{name} with letters only, or \text{...}",
    r"\mathop": r"write \operatorname{name}",
    r"\tag": "name the equation in the text instead",
    r"\verb": "write `code` outside the formula",
    r"\def": "write it out",
    r"\newcommand": "write it out",
    "%": r"LaTeX takes the rest of the line for a comment; write \%",
    r"\\": r"put the lines into \begin{align*} or \begin{cases}, or display the formula",
    "&": r"put the columns into \begin{align*}, \begin{cases} or a matrix",
    "$": r"end \text{...} before the formula in it and start it again after",
    "*": r"write \ast or \cdot",
}
_COMMANDS = """
sqrt frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel choose over
mathbb mathbf mathcal mathfrak mathit mathrm mathscr mathsf mathtt mathnormal
boldsymbol bm rm bf it sf tt cal limits nolimits displaystyle textstyle scriptstyle
scriptscriptstyle phantom hphantom vphantom smash mathstrut left right middle
mathbin mathrel mathopen mathclose mathpunct nonumber notag not
quad qquad enspace thinspace thickspace negthinspace negmedspace negthickspace
space nobreakspace hspace hskip kern mkern mskip mspace substack bmod pmod mod pod
big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr
"""
_STRUCTURE = {f"\\{name}" for name in _COMMANDS.split()} | set(DIACRITICS) | set(EXTENSIBLE_ARROWS)
_STRUCTURE |= {r"\,", r"\;", r"\:", r"\!", r"\>", r"\ ", r"\|", r"\\"}
_ADDED = {r"\binom": "()", r"\dbinom": "()", r"\tbinom": "()", r"\choose": "()", r"\pod": "()"}
_ADDED |= {r"\pmod": "(mod)", r"\mod": "mod", r"\bmod": "mod", "pmatrix": "()", "cases": "{"}
_ADDED |= {"bmatrix": "[]", "Bmatrix": "{}", "vmatrix": "||"}
_ADDED |= {name: name[1:] for name in FUNCTIONS}
_ADDED |= {name: re.sub("&.*;", "", text) for name, text in MOVABLE_LIMIT_TEXTS.items()}
_ADDED |= {rf"\{name}": name for name in ("lim", "sup", "inf", "max", "min")}
_ADDED |= {r"\intop": "", r"\underline": "_", r"\underbar": "_"}
_COUNTED = frozenset(
    'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789()[]{}|/,;:.!?<>=+@"%&#$_*\\'
)
_LETTER = re.compile("[\u2100-\u214f\U0001d400-\U0001d7ff]")
_NAME = re.compile(r"[A-Za-z\s]+")
_TOKEN = re.compile(
    rf"""
    \\text(?:bf|it|sf|tt)?\{{(?P<text>[^{{}}]*)\}}
    | \\begin\{{array\}}\{{(?P<columns>[lcr|]*)\}}
    | \\begin\{{(?P<starred>[A-Za-z]*matrix)\*\}}\s*\[[lcr]\]
    | (?P<optional>\\(?:sqrt|x[A-Za-z]+)\s*\[)
    | \\(?P<ends>begin|end)\{{(?P<environment>[^{{}}]*)\}}
    | \\operatorname\*?\s*\{{(?P<name>[^{{}}\\]*)\}}
    | \\(?:hspace|hskip|kern|mkern|mskip|mspace)\s*\{{?\s*-?[\d.]+\s*(?:{UNITS})\s*\}}?
    | \\(?:left|right|middle)\s*\.
    | (?P<command>\\[A-Za-z]+|\\.)
    | (?P<character>\S)
    """,
    re.VERBOSE | re.DOTALL,
)


def unshown(math: Element, latex: str) -> Iterator[str]:
    """Name the constructs of a formula that were left as they were, lost or garbled.

    Args:
        math: The formula as it will be shown.
        latex: What was converted: the formula as `prepare` wrote it.
    """
    bare = re.sub(r"\\[{}\\]", "", latex)
    if bare.count("{") != bare.count("}"):
        yield "unbalanced braces"
    expected: Counter[str] = Counter()
    refused = False
    for construct in _account(latex, expected):
        refused = True
        yield construct
    for element in math.iter():
        text = element.text or ""
        if element.tag not in _SHOWN:
            refused = True
            yield {"menclose": r"a box or a stroke (\boxed, \cancel)"}.get(element.tag, element.tag)
        if len(element) != ARITY.get(element.tag, len(element)):
            yield "a missing argument"
        if element.tag == "mtext" and (command := re.search(r"\\[A-Za-z]+", text)):
            refused = True
            yield command[0]
        if element.get("linebreak"):
            yield r"\\"
        if element.get("mathcolor") or element.get("mathbackground"):
            yield "a colour, which cannot follow the palette"
        if element.tag == "mo" and len(element):
            refused = True
            yield r"\mathop"
    found = Counter(_plain("".join(math.itertext())))
    for character in sorted(_COUNTED):
        if not refused and found[character] != expected[character]:
            change = "lost" if found[character] < expected[character] else "added"
            yield character if character in ADVICE else f"{character!r} is {change}"


def _account(latex: str, expected: Counter[str]) -> Iterator[str]:
    """Count into `expected` what a formula shows; name what has no known way to be shown."""
    for token in _TOKEN.finditer(latex):
        environment, command = token["environment"], token["command"]
        if token["text"] is not None:
            if "$" in token["text"]:
                yield "$"
            expected.update(_plain(show(token["text"].replace(RULE, ""))))
        elif environment is not None:
            if f"\\{environment}" not in MATRICES:
                yield rf"\begin{{{environment}}}"
            if environment == "array" and token["ends"] == "begin":
                yield "a column of an array other than l, c, r and |"
            if token["ends"] == "begin":
                expected.update(_ADDED.get(environment.removesuffix("*"), ""))
        elif token["name"] is not None:
            if not _NAME.fullmatch(token["name"]):
                yield r"\operatorname"
            expected.update(_plain(token["name"]))
        elif token["starred"]:
            expected.update(_ADDED.get(token["starred"], ""))
        elif token["optional"]:
            expected.subtract("]")
        elif token["columns"] is not None:
            if token["columns"].startswith("|") or "||" in token["columns"]:
                yield "a rule beside an array or a double one"
        elif command:
            if command in (r"\{", r"\}", r"\%", r"\$", r"\&", r"\#", r"\_"):
                expected.update(command[1])
            elif command in _ADDED:
                expected.update(_ADDED[command])
            elif symbol := None if command in _STRUCTURE else convert_symbol(command):
                expected.update(_plain(chr(int(symbol, 16))))
            elif command not in _STRUCTURE:
                yield command
        elif token["character"] == "%":
            yield "%"
        elif token["character"] and token["character"] not in "{}^_&~$":
            expected.update(_plain(token["character"]))


def _plain(text: str) -> str:
    """The counted characters of a text; a letter of any alphabet counts as the letter."""
    plain = "".join(unicodedata.normalize("NFKC", c) if _LETTER.match(c) else c for c in text)
    return "".join(c for c in plain.replace("∗", "*") if c in _COUNTED)
