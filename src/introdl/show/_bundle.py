"""What a kind of output hands to the website: files and words, under a type of the course's own.

It travels as an output of its cell, so that it is part of the example's run, whole or not at all.
Beside it stands a plain form, which every notebook can show.
"""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The website reads `application/vnd.introdl.<kind>+json`.
PREFIX = "application/vnd.introdl."


@dataclass(frozen=True)
class Part:
    """A file of an output.

    Attributes:
        name: Its name; one that starts with a dot is the ending that follows the cell's name.
        kind: Its MIME type.
        content: Its bytes.
    """

    name: str
    kind: str
    content: bytes

    @property
    def address(self) -> str:
        """The content as an address, for a notebook that has no files beside it."""
        return f"data:{self.kind};base64,{base64.b64encode(self.content).decode()}"


def bundle(
    kind: str, parts: Sequence[Part], plain: Mapping[str, str], **details: Any
) -> dict[str, Any]:
    """An output for Jupyter: `parts` and `details` for the website, `plain` for all others."""
    files = [
        {
            "name": part.name,
            "kind": part.kind,
            "content": base64.b64encode(part.content).decode(),
        }
        for part in parts
    ]
    return {f"{PREFIX}{kind}+json": {"files": files, **details}, **plain}


def emit(shown: Mapping[str, Any]) -> None:
    """Show a bundle from the middle of a cell; under plain Python, which shows nothing, do not."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(dict(shown), raw=True)


def said(call: str, what: str, text: str, purpose: str) -> str:
    """`text` on one line.

    Raises:
        ValueError: If it is no text or empty; the message names the call and says what is missing.
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{call}(): {what} is {text!r}; say in words {purpose}")
    return " ".join(text.split())


def labelled(call: str, labels: Sequence[object], count: int, what: str) -> list[str]:
    """One text for each of `count` things.

    Raises:
        ValueError: If there are more or fewer labels, or one is empty.
    """
    texts = [" ".join(str(label).split()) for label in labels]
    if len(texts) != count:
        raise ValueError(f"{call}(): {len(texts)} labels for {count} {what}s; give one to each")
    if "" in texts:
        raise ValueError(f"{call}(): the label of {what} {texts.index('')} is empty")
    return texts


def fits(place: str, size: int, limit: int, way_out: str) -> None:
    """Refuse what a reader on a phone would wait for.

    Raises:
        ValueError: If `size` is more than `limit` bytes; the message says what to do.
    """
    if size > limit:
        message = f"{size:,} bytes are more than {limit:,}"
        raise ValueError(f"{place}: {message}; {way_out}")


def beside(parts: Sequence[Part], labels: Sequence[str]) -> str:
    """HTML of pictures with their labels, which holds the pictures itself."""
    return "".join(
        '<figure style="display:inline-block;margin:4px;padding:4px;background:#fff;color:#000">'
        f'<img src="{part.address}" alt="{html.escape(label)}">'
        f"<figcaption>{html.escape(label)}</figcaption></figure>"
        for part, label in zip(parts, labels, strict=True)
    )
