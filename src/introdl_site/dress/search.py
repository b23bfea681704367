"""What the search indexes of a page."""

from __future__ import annotations

import re

_CODE_AGAIN = re.compile(
    r'(<div class="jp-InputArea[^>]*>\s*<div[^>]*>)<pre\b.*?</pre>'
    r'|<details class="mkdocstrings-source">.*?</details>',
    re.DOTALL,
)
_SPAN = re.compile(r"</?span\b[^>]*>")


def searched(html: str) -> str:
    """Take what the search indexes of a page: no code that stands elsewhere too, and no colours.

    So a reader who searches finds the lesson, and the index is half as large. Without the spans
    of its colours, code is parsed in a fraction of the time.
    """
    return _SPAN.sub("", _CODE_AGAIN.sub(r"\1", html))
