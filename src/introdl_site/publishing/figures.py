"""Figures: one SVG for each palette."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from introdl.palette import DARK
from introdl_site.publishing.pieces import Piece, RefusedError, Spot, plain

_SIZE = re.compile(r'<svg[^>]*?\bwidth="([\d.]+)pt"[^>]*?\bheight="([\d.]+)pt"')
#: What one drawing may weigh.
LIMIT = 300_000
_COLOUR = re.compile("|".join(DARK), re.IGNORECASE)


def figure(spot: Spot, svg: str, described: Mapping[str, Any]) -> Piece:
    """What `introdl.plot.figure` showed."""
    alt = described.get("alt", "").strip()
    if not alt:
        raise RefusedError("shows a figure without alt text; pass alt=... to introdl.plot.figure")
    images, files = palettes(spot, spot.stem, svg, alt)
    caption = spot.caption(described.get("caption", ""))
    return Piece(f'<figure class="dl-figure" markdown="1">\n{images}\n{caption}</figure>', files)


def palettes(spot: Spot, stem: str, svg: str, alt: str) -> tuple[str, dict[str, str | bytes]]:
    """The images of a drawing, of which a page shows the one for its palette, and their files."""
    size = _SIZE.search(svg)
    if size is None:
        raise RefusedError("shows an SVG without a size")
    if (weight := len(svg.encode())) > LIMIT:
        raise RefusedError(
            f"shows a figure of {weight:,} bytes; a page takes {LIMIT:,}: draw fewer points, or "
            "pass rasterized=True to the call that draws the many"
        )
    width, height = (round(float(points) * 4 / 3) for points in size.groups())
    files: dict[str, str | bytes] = {}
    images = []
    for palette, drawing in (("light", svg), ("dark", dark(svg))):
        name = f"{stem}.{palette}.svg"
        files[name] = drawing
        images.append(
            f'<img class="dl-{palette}" src="{spot.address(name)}" alt="{plain(alt)}" '
            f'width="{width}" height="{height}" loading="lazy">'
        )
    return "\n".join(images), files


def dark(svg: str) -> str:
    """The same figure for dark paper."""
    return _COLOUR.sub(lambda match: DARK[match[0].lower()], svg)
