"""The kinds of output that are more than text: a line here and a module for each.

A new kind is one module in `introdl/show/`, which makes the output in the example; one function
like those imported here, which makes of it what a page shows; and its line in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from introdl_site.publishing.animations import animation
from introdl_site.publishing.figures import figure
from introdl_site.publishing.files import file
from introdl_site.publishing.pictures import picture, strip
from introdl_site.publishing.pieces import Piece, Spot
from introdl_site.publishing.sounds import sound

#: The types of the course's own, which no other reader of notebooks knows.
PREFIX = "application/vnd.introdl."

#: By MIME type, what makes a piece of an output's content and metadata.
KINDS: dict[str, Callable[[Spot, Any, Mapping[str, Any]], Piece]] = {
    "image/svg+xml": figure,
    f"{PREFIX}animation+json": animation,
    f"{PREFIX}file+json": file,
    f"{PREFIX}picture+json": picture,
    f"{PREFIX}sound+json": sound,
    f"{PREFIX}strip+json": strip,
}
