"""Leave out of a page's HTML what no reader sees."""

from __future__ import annotations

import re

import minify_html

# Names, operators, punctuation and white space have the ink of the code around them.
_NEUTRAL = re.compile(r'<span class="(?:n|p|w|x|o|bp|fm|vm|py|kc)">([^<]*)</span>')
_SAME = re.compile(r'(<span class="(\w+)">)([^<]*)</span>([ \n]*)<span class="\2">')
# A page has hundreds of these spans: a tag that the stylesheet colours says it in a third.
_TAGS = {
    "b": ("k", "kd", "kn", "kp", "kr", "kt", "ow"),
    "i": ("il", "m", "mb", "mf", "mh", "mi", "mo"),
    "em": ("s", "s1", "s2", "sa", "sb", "sc", "si", "ss"),
    "small": ("c", "c1", "ch", "cm", "cs", "sd"),
    "var": ("nb", "no"),
    "dfn": ("nc", "ne", "nf", "nn"),
}
_TAG_OF = {name: tag for tag, names in _TAGS.items() for name in names}
_SPAN = re.compile(rf'<span class="({"|".join(_TAG_OF)})">([^<]*)</span>')
_IN_LINK = re.compile(
    r'(<a [^>]*class="md-nav__link\b[^>]*>\s*)<span class="md-ellipsis">\s*([^<]*?)\s*</span>'
)
_RIGHT = re.compile(r'(<t[dh]) style="text-align: right;"')
# Material's script for a toggle that follows the system; without such a toggle it never runs.
_FOLLOWS = re.compile(r'if\("\(prefers-color-scheme\)"===palette\.color\.media\)\{.*?\}(?=for\()')
_FOLLOWER = 'data-md-color-media="(prefers-color-scheme)"'
_STAND_IN = "\ue000"
_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
_CODE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)


def compact(html: str) -> str:
    r"""Shorten a page without changing what it shows or what is copied from it.

    Examples:
        >>> compact('<p class="a">b</p>\n   <pre><span class="k">if</span>\n    y</pre>')
        '<p class=a>b<pre><b>if</b>\n    y</pre>'
    """
    html = _CODE.sub(lambda match: _code(match[0]), html)
    html = _IN_LINK.sub(r"\1\2", html)
    html = _RIGHT.sub(r'\1 class="r"', html)
    if _FOLLOWER not in html:
        html = _FOLLOWS.sub("", html)
    # The minifier takes MathML's `<mspace/>` for an open tag; a letter of private use stands in.
    formulas = _MATH.findall(html)
    short = minify_html.minify(_MATH.sub(_STAND_IN, html))
    before, *after = short.split(_STAND_IN)
    if len(after) != len(formulas):
        raise ValueError(f"{len(formulas)} formulas became {len(after)}; is one in a comment?")
    return before + "".join(f + rest for f, rest in zip(formulas, after, strict=True))


def _code(html: str) -> str:
    """Drop the spans that colour nothing, join neighbours of one colour, and shorten the rest."""
    html = _NEUTRAL.sub(r"\1", html.replace("<span></span>", ""))
    while (joined := _SAME.sub(r"\1\3\4", html)) != html:
        html = joined
    return _SPAN.sub(lambda match: f"<{_TAG_OF[match[1]]}>{match[2]}</{_TAG_OF[match[1]]}>", html)
