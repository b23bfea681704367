"""A number and its percent sign: written in one way, and never torn apart at the end of a line."""

from __future__ import annotations

import re

# What a reader copies, what a machine reads, and formulas stay as they are.
_KEPT = r"<(pre|code|kbd|script|style|svg|math|textarea|template)\b.*?</\2>|<[^>]*>"
_PIECES = re.compile(rf"({_KEPT})|(\d)[ \u00a0]?%(?!\w)", re.DOTALL)


def percent(html: str) -> str:
    r"""Set a space that does not break before each percent sign of a page's running text.

    >>> percent("<p>5% of <code>x % 2</code>, 95 % of <b>7</b></p>")
    '<p>5\xa0% of <code>x % 2</code>, 95\xa0% of <b>7</b></p>'
    """
    return _PIECES.sub(lambda match: match[1] or f"{match[3]}\u00a0%", html)
