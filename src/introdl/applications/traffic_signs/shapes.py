"""Filled outlines and strokes, and the characters that signs need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes


class Shape(NamedTuple):
    """A filled outline, or a stroke along a line.

    Attributes:
        points: Its corners, (P, 2): x to the right, y down, both from -1 to 1.
        width: Of the stroke; 0 for a filled outline. A stroke with one point is a disc.
        colour: Red, green and blue, 0 to 1.
    """

    points: np.ndarray
    width: float
    colour: tuple[float, float, float]

    def covers(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Tell which places lie inside: x and y (M,), Booleans (M,)."""
        here = np.stack([x, y], axis=1)
        if self.width:
            return distance(here, self.points) <= self.width / 2
        return inside(here, self.points)


def inside(places: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Tell which places lie inside a polygon: a ray to the right crosses its edge an odd number.

    Args:
        places: (M, 2).
        corners: (P, 2), three or more.

    Returns:
        Booleans, (M,).
    """
    x, y = places[:, :1], places[:, 1:]
    (x1, y1), (x2, y2) = corners.T, np.roll(corners, -1, axis=0).T
    between = (y1 > y) != (y2 > y)
    flat = y1 == y2  # crossed by no ray
    at = x1 + (y - y1) * (x2 - x1) / np.where(flat, 1, y2 - y1)
    return (between & (x < at)).sum(axis=1) % 2 == 1


def distance(places: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Tell how far places lie from a line of straight pieces, or from one point.

    Args:
        places: (M, 2).
        line: Its points, (P, 2), one or more.

    Returns:
        Distances, (M,).
    """
    start, end = (line, line) if len(line) == 1 else (line[:-1], line[1:])
    way, off = end - start, places[:, None] - start  # (P - 1, 2), (M, P - 1, 2)
    length = (way**2).sum(axis=1)
    share = np.clip((off * way).sum(axis=2) / np.where(length == 0, 1, length), 0, 1)
    return np.sqrt(((off - share[..., None] * way) ** 2).sum(axis=2)).min(axis=1)


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> np.ndarray:
    """Give a piece of an ellipse as 13 points; angles in degrees, clockwise from the right."""
    angle = np.radians(np.linspace(start, end, 13))
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=1)


def polygon(n: int, radius: float, first: float) -> np.ndarray:
    """Give the corners of a regular polygon; the first stands at an angle in degrees."""
    angle = np.radians(first + 360 * np.arange(n) / n)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def join(*parts: object) -> np.ndarray:
    """Put points and lines one after the other, (P, 2)."""
    return np.concatenate([np.atleast_2d(np.asarray(part, dtype=float)) for part in parts])


#: Characters in a box from 0 to 1 across and 0 to 1 down, each one stroke.
GLYPHS = {
    "0": arc(0.5, 0.5, 0.42, 0.5, 0, 360),
    "3": join(arc(0.45, 0.25, 0.42, 0.25, -160, 90), arc(0.45, 0.75, 0.48, 0.25, -90, 160)),
    "5": join((0.9, 0), (0.15, 0), (0.1, 0.45), arc(0.45, 0.68, 0.47, 0.32, -120, 150)),
    "6": join(
        arc(0.6, 0.5, 0.55, 0.5, -70, -180),
        arc(0.5, 0.7, 0.42, 0.3, -180, 180),
    ),
    "8": join(arc(0.5, 0.24, 0.38, 0.24, 90, 450), arc(0.5, 0.74, 0.46, 0.26, -90, 270)),
    "S": join(arc(0.5, 0.25, 0.42, 0.25, -20, -270), arc(0.5, 0.75, 0.42, 0.25, -90, 160)),
    "T": join((0, 0), (1, 0), (0.5, 0), (0.5, 1)),
    "O": arc(0.5, 0.5, 0.45, 0.5, 0, 360),
    "P": join((0.1, 1), (0.1, 0), arc(0.5, 0.27, 0.42, 0.27, -90, 90), (0.1, 0.54)),
}


takes(inside, {"places": "(M, 2)", "corners": "(P, 2), not empty"})
takes(distance, {"places": "(M, 2)", "line": "(P, 2), not empty"})
