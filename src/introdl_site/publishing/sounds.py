"""Sounds: a player that waits for its reader, the waveform, and what is heard in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from introdl_site.publishing.figures import palettes
from introdl_site.publishing.pieces import Piece, Spot, plain


def sound(spot: Spot, shown: Mapping[str, Any], _described: Mapping[str, Any]) -> Piece:
    """What `introdl.show.sound` showed."""
    files: dict[str, str | bytes] = {**spot.files(shown)}
    [name] = files
    heard = shown["transcript"]
    images, drawings = palettes(spot, spot.stem, shown["svg"], f"Waveform of: {heard}")
    return Piece(
        f'<figure class="dl-figure dl-sound" markdown="1">\n{images}\n'
        f'<audio controls preload="none" src="{spot.address(name)}" '
        f'aria-label="Sound of {shown["seconds"]:.3g} seconds"></audio>\n'
        f'<p class="dl-heard"><b>Heard:</b> {plain(heard)}</p>\n'
        f"{spot.caption(shown['caption'])}</figure>",
        files | drawings,
    )
