"""Leave out of a page's HTML what no reader sees."""

from __future__ import annotations

import re

import minify_html

# Names, punctuation and white space have the ink of the code around them.
_NEUTRAL = re.compile(r'<span class="(?:n|p|w|x|fm|vm|py)">([^<]*)</span>')
_SAME = re.compile(r'(<span class="(\w+)">)([^<]*)</span>([ \n]*)<span class="\2">')
_CODE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)


def compact(html: str) -> str:
    r"""Shorten a page without changing what it shows or what is copied from it.

    >>> compact('<p class="a">b</p>\n   <pre><span class="n">x</span>\n    y</pre>')
    '<p class=a>b<pre>x\n    y</pre>'
    """
    html = _CODE.sub(lambda match: _code(match[0]), html)
    return minify_html.minify(html)


def _code(html: str) -> str:
    """Drop the spans that colour nothing, and join neighbours of one colour."""
    html = _NEUTRAL.sub(r"\1", html.replace("<span></span>", ""))
    while (joined := _SAME.sub(r"\1\3\4", html)) != html:
        html = joined
    return html
