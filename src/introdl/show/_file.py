"""Publish a file: what all other kinds of output stand on."""

from __future__ import annotations

import re

from introdl.show._bundle import Part, bundle, emit, fits

#: More than this in one file is not for a page.
LIMIT = 1_000_000

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9]+)+")
_KIND = re.compile(r"[a-z]+/[\w.+-]+")


def file(name: str, content: bytes, kind: str) -> None:
    r"""Publish `content` beside the example's page, for a reader or for what a page lets them move.

    A statement: it shows nothing where it stands, but the example's page links the file.

    Args:
        name: The file's name, such as `run.json`.
        content: Its bytes, at most 1 MB.
        kind: Its MIME type, such as `application/json`.

    Raises:
        ValueError: If the name or the type is none, or the file is empty or too large.

    Examples:
        >>> file("notes.txt", b"seven\n", "text/plain")
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"file(): {name!r} is no name like 'run.json', in lower case")
    if not _KIND.fullmatch(kind):
        raise ValueError(f"file({name!r}): kind {kind!r} is no MIME type like 'text/plain'")
    if not isinstance(content, bytes) or not content:
        raise ValueError(
            f"file({name!r}): content is {type(content).__name__} or empty; pass bytes"
        )
    fits(f"file({name!r})", len(content), LIMIT, "publish fewer numbers, or less exact ones")
    text = f"{name}: {len(content):,} bytes"
    emit(bundle("file", [Part(name, kind, content)], {"text/plain": text}))
