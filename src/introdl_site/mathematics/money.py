"""A Markdown extension: a dollar sign before a price begins no formula."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor

# A formula ends before a dollar sign that no digit follows: `$5-$10` are two prices.
_PRICE = r"(?<![\\$])\$(?=[^\s$](?:\\.|[^\\$])*(?<!\s)\$\d)"


class _Price(InlineProcessor):  # type: ignore[misc]
    def handleMatch(  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str, int, int]:
        return self.md.htmlStash.store("$"), m.start(0), m.end(0)


class MoneyExtension(Extension):  # type: ignore[misc]
    """Teaches Python-Markdown to tell prices from formulas."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register before arithmatex, at 189.9, takes the sign."""
        md.inlinePatterns.register(_Price(_PRICE, md), "price", 189.95)


def makeExtension(**options: Any) -> MoneyExtension:  # noqa: N802
    """What Python-Markdown calls for an extension given by its module's name."""
    return MoneyExtension(**options)
