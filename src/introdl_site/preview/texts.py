"""What came of each page's Markdown, so that an edit in a preview rewrites that of one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mkdocs.structure.pages import Page

from introdl_site.problems import Problem

#: A source that a page cites, and the title and the address of the page.
Cited = tuple[str, tuple[str, str]]


@dataclass(frozen=True)
class Text:
    """The Markdown of a page as it is rendered, and all that was noted on the way there."""

    key: str
    markdown: str
    meta: dict[str, Any]
    edit_url: str | None
    problems: list[Problem]
    cited: list[Cited]


class Texts:
    """The texts of the last build, each under a digest of everything that went into it."""

    def __init__(self) -> None:
        self._known: dict[str, Text] = {}

    def recall(self, page: Page, key: str) -> Text | None:
        """What the page's text was, with the page told of it; None where something changed."""
        known = self._known.get(page.file.src_uri)
        if known is None or known.key != key:
            return None
        page.meta.update(known.meta)
        page.edit_url = known.edit_url
        return known

    def keep(
        self,
        page: Page,
        key: str,
        write: Callable[[], tuple[str, list[Cited]]],
        problems: list[Problem],
    ) -> Text:
        """Have a text written, and remember it with what it added to `problems`."""
        before = len(problems)
        markdown, cited = write()
        made = Text(key, markdown, dict(page.meta), page.edit_url, problems[before:], cited)
        self._known[page.file.src_uri] = made
        return made

    def forget(self, page: Page) -> None:
        """Have the page's text written again the next time."""
        self._known.pop(page.file.src_uri, None)
