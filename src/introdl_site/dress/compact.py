"""Leave out of a page's HTML what no reader sees."""

from __future__ import annotations

import json
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
# What every page repeats of Material's menus: no part of the course shall cost a page much.
_IN_LINK = re.compile(
    r'(<a [^>]*class="md-(?:nav|tabs)__link\b[^>]*>)\s*(?:<span class="md-ellipsis">)?\s*'
    r"([^<]*[^<\s])\s*(?:</span>)?\s*(?=<)"
)
_PART = re.compile(
    r'<li class="md-nav__item md-nav__item--pruned md-nav__item--nested">'
    r'(\s*<a [^>]*>[^<]*)<span class="md-nav__icon md-icon"></span>\s*</a>'
)
_SVG = re.compile(r'<svg xmlns="http://www\.w3\.org/2000/svg"')  # HTML knows what an svg is
_CONFIG = re.compile(
    r'(<script id="__config" type="application/json">)(.*?)(?=</script>)', re.DOTALL
)
# Material's scripts for tabs, on a page without any.
_OF_TABS = re.compile(
    r'<script>var (?:tabs=__md_get\("__tabs"\)|target=document\.getElementById\(location\.hash)'
    r".*?</script>",
    re.DOTALL,
)
# Asks the Markdown inside to be read, and stays where a fold has read it already.
_ASKED = re.compile(r'(<(?:figure|figcaption|div)\b[^>]*?) markdown="\w+"')
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
    html = _PART.sub(r'<li class="md-nav__item dl-part">\1</a>', html)
    html = _CONFIG.sub(lambda match: match[1] + _dense(match[2]), _SVG.sub("<svg", html))
    if 'class="tabbed-set' not in html:
        html = _OF_TABS.sub("", html)
    html = _ASKED.sub(r"\1", html)
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


def _dense(text: str) -> str:
    """JSON without white space, and safe in a script as it was."""
    return json.dumps(json.loads(text), separators=(",", ":")).replace("</", "<\\/")


def _code(html: str) -> str:
    """Drop the spans that colour nothing, join neighbours of one colour, and shorten the rest."""
    html = _NEUTRAL.sub(r"\1", html.replace("<span></span>", ""))
    while (joined := _SAME.sub(r"\1\3\4", html)) != html:
        html = joined
    return _SPAN.sub(lambda match: f"<{_TAG_OF[match[1]]}>{match[2]}</{_TAG_OF[match[1]]}>", html)
