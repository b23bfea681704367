"""Pictures, one or several side by side: PNG files on a neutral border, alike on any paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from introdl_site.publishing.pieces import Piece, Spot, plain


def picture(spot: Spot, shown: Mapping[str, Any], _described: Mapping[str, Any]) -> Piece:
    """What `introdl.show.picture` showed."""
    files = spot.files(shown)
    [name] = files
    image = img(spot, name, shown["alt"], (shown["width"], shown["height"]), shown["sharp"])
    return Piece(
        f'<figure class="dl-figure dl-picture" markdown="1">\n{image}\n'
        f"{spot.caption(shown['caption'])}</figure>",
        {**files},
    )


def strip(spot: Spot, shown: Mapping[str, Any], _described: Mapping[str, Any]) -> Piece:
    """What `introdl.show.strip` showed: the images wrap where there is no room."""
    files = spot.files(shown)
    items = [
        # The label is the image's name, which would else be read twice.
        f"<li>{img(spot, name, label, size, shown['sharp'])}"
        f'<span aria-hidden="true">{plain(label)}</span></li>'
        for name, label, size in zip(files, shown["labels"], shown["sizes"], strict=True)
    ]
    widest = max(width for width, _ in shown["sizes"])
    columns = f";--columns:{shown['columns']}" if shown["columns"] else ""
    return Piece(
        f'<figure class="dl-figure dl-strip" markdown="1">\n'
        f'<ul aria-label="{plain(shown["alt"])}" style="--widest:{widest}px{columns}">'
        f"{''.join(items)}</ul>\n{spot.caption(shown['caption'])}</figure>",
        {**files},
    )


def img(spot: Spot, name: str, alt: str, size: tuple[int, int], sharp: bool) -> str:
    """An image; a `sharp` one shows its pixels as squares at any size."""
    kind = ' class="dl-sharp"' if sharp else ""
    return (
        f'<img{kind} src="{spot.address(name)}" alt="{plain(alt)}" width="{size[0]}" '
        f'height="{size[1]}" loading="lazy">'
    )
