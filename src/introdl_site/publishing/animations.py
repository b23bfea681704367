"""Animations: frames, of which the first and the last stand in the page, and a script's slider."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from introdl_site.publishing.figures import palettes
from introdl_site.publishing.pictures import img
from introdl_site.publishing.pieces import Piece, Spot, plain


def animation(spot: Spot, shown: Mapping[str, Any], _described: Mapping[str, Any]) -> Piece:
    """What `introdl.show.animation` showed.

    `animation.js` of the theme finds the other frames by the number in the addresses of these.
    """
    labels = shown["labels"]
    files: dict[str, str | bytes] = {}
    images = []
    for (name, content), label in zip(spot.files(shown).items(), labels, strict=True):
        stem, _, ending = name.rpartition(".")
        alt = f"{shown['alt']} ({label})"
        if ending == "svg":
            image, drawings = palettes(spot, stem, content.decode(), alt)
            files |= drawings
        else:
            size = struct.unpack(">II", content[16:24])  # where a PNG says it
            image = img(spot, name, alt, size, sharp=False)
            files[name] = content
        images.append(f"<div>{image}<p>{plain(label)}</p></div>")
    return Piece(
        f'<figure class="dl-figure dl-animation" aria-label="{plain(shown["alt"])}" '
        f'data-labels="{plain(json.dumps(labels, ensure_ascii=False))}" markdown="1">\n'
        f'<div class="dl-frames">{images[0]}{images[-1]}</div>\n'
        f"{spot.caption(shown['caption'])}</figure>",
        files,
    )
