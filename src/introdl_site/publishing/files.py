"""Files that an example publishes: a link, for a reader who wants the numbers themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from introdl_site.publishing.pieces import Piece, Spot


def file(spot: Spot, shown: Mapping[str, Any], _described: Mapping[str, Any]) -> Piece:
    """What `introdl.show.file`, `data` and `arrays` published."""
    files = spot.files(shown)
    links = (
        f'<a href="{spot.address(name)}" download><code>{name}</code></a> ({_size(content)})'
        for name, content in files.items()
    )
    return Piece(f'<p class="dl-file">File: {", ".join(links)}</p>', {**files})


def _size(content: bytes) -> str:
    return f"{len(content):,} bytes" if len(content) < 1000 else f"{len(content) / 1000:,.0f} kB"
