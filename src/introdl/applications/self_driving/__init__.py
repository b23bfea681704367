"""Self-driving cars: a net that copies a driver, in a small made-up world, and leaves the road."""

from introdl.applications.self_driving.car import (
    AHEAD,
    ASIDE,
    COLUMNS,
    METRES,
    ROWS,
    SHARPEST,
    Cars,
    Drive,
    drive,
    expert,
    look,
    pushes,
    rule,
)
from introdl.applications.self_driving.net import Net, dagger, fit, weighted_sum
from introdl.applications.self_driving.road import HALF, Roads, middle, offset, random_roads

__all__ = [
    "AHEAD",
    "ASIDE",
    "COLUMNS",
    "HALF",
    "METRES",
    "ROWS",
    "SHARPEST",
    "Cars",
    "Drive",
    "Net",
    "Roads",
    "dagger",
    "drive",
    "expert",
    "fit",
    "look",
    "middle",
    "offset",
    "pushes",
    "random_roads",
    "rule",
    "weighted_sum",
]
