"""What one output becomes: Markdown and files; and where it stands, which both name."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from introdl_site.project import Runnable

#: What HTML, Markdown, an include or a formula would take for a mark.
_MARK = re.compile(r'["#$*<>\[\\\]^_`{|}~=@&]')


class RefusedError(Exception):
    """An output that must not be published; the message goes on from "this cell"."""


@dataclass
class Piece:
    """What one output becomes.

    Attributes:
        markdown: What stands in its place.
        files: File name to content, published beside the example's page.
        values: Named numbers, each to be included on its own.
    """

    markdown: str = ""
    files: dict[str, str | bytes] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spot:
    """Where an output stands.

    Attributes:
        item: The example, or the page.
        cell: The cell.
        line: The line of the source on which the cell starts.
        stem: What the names of the output's files start with.
    """

    item: Runnable
    cell: NotebookNode
    line: int
    stem: str

    def address(self, name: str) -> str:
        """Where a file is published, for `src` and `href`."""
        return f"site:/{self.item.place}/{name}"

    def files(self, shown: Mapping[str, Any]) -> dict[str, bytes]:
        """The files that came with an output; a name that starts with a dot follows the stem's."""
        return {
            (self.stem if file["name"].startswith(".") else "") + file["name"]: base64.b64decode(
                file["content"]
            )
            for file in shown["files"]
        }

    def caption(self, text: str) -> str:
        """The caption of a figure, with links to what made it where that stands elsewhere."""
        below = f"{text} {self._origin()}".strip()
        return f'<figcaption markdown="span">{below}</figcaption>\n' if below else ""

    def _origin(self) -> str:
        if self.item.shown_at is None:
            return ""
        return (
            f'<span class="dl-source"><a href="site:/{self.item.shown_at}#{self.cell.id}">How '
            f'this was made</a><a class="dl-repo" href="source:/{self.item.label}#L{self.line}">'
            "Source</a></span>"
        )


def plain(text: str) -> str:
    """Text for HTML inside Markdown, of which nothing is taken for a mark.

    Examples:
        >>> plain("a `b` of $x$")
        'a &#96;b&#96; of &#36;x&#36;'
    """
    return _MARK.sub(lambda match: f"&#{ord(match[0])};", text)
