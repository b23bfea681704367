"""What the search indexes of a page."""

from __future__ import annotations

import re

_AGAIN = re.compile(
    r'(<div class="jp-InputArea[^>]*>\s*<div[^>]*>)<pre\b.*?</pre>'
    r'|<details class="mkdocstrings-source">.*?</details>'
    r'|<ul class="sources">.*?</ul>',
    re.DOTALL,
)
#: How much more a lesson weighs than what is looked up. A word in a heading weighs 1,000 times one
#: in the text, and the name of a function is a heading: a lesson's text outweighs it.
LESSON = 100_000

_SPAN = re.compile(r"</?span\b[^>]*>")


def searched(html: str) -> str:
    """Take what the search indexes of a page: nothing that stands elsewhere too, and no colours.

    That is code and sources. So a reader who searches finds the lesson, and the index is half as large. Without the spans
    of its colours, code is parsed in a fraction of the time.
    """
    return _SPAN.sub("", _AGAIN.sub(r"\1", html))
