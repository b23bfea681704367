"""Traffic signs: read by a net and by a simple rule, on fair days and on others."""

from introdl.applications.traffic_signs.camera import (
    CHOOSE,
    FOG,
    LABEL,
    LEARN,
    SIZE,
    TEST,
    Views,
    collect,
    take,
)
from introdl.applications.traffic_signs.readers import (
    chances,
    cheapest,
    colours,
    edges,
    fit,
)
from introdl.applications.traffic_signs.signs import KINDS, SIDE, STRANGE, textures

__all__ = [
    "CHOOSE",
    "FOG",
    "KINDS",
    "LABEL",
    "LEARN",
    "SIDE",
    "SIZE",
    "STRANGE",
    "TEST",
    "Views",
    "chances",
    "cheapest",
    "collect",
    "colours",
    "edges",
    "fit",
    "take",
    "textures",
]
