"""Traffic signs as shapes: filled outlines and strokes, drawn on small transparent squares."""

from __future__ import annotations

from functools import cache

import numpy as np

from introdl.applications.traffic_signs.shapes import GLYPHS, Shape, join, polygon

#: The twelve signs that a reader learns, and four that it never sees.
KINDS = (
    *("limit 30", "limit 50", "limit 80", "stop", "give way", "no entry"),
    *("priority road", "bend left", "bend right", "crossroads", "straight on", "turn right"),
)
STRANGE = ("limit 60", "other danger", "no parking", "parking")
#: Pixels along a side of a drawn sign.
SIDE = 40

_FINE = 4  # points per pixel and axis
RED, BLUE, YELLOW = (0.78, 0.07, 0.13), (0.05, 0.28, 0.66), (1.0, 0.77, 0.05)
WHITE, BLACK = (0.95, 0.95, 0.95), (0.07, 0.07, 0.07)


def _write(
    text: str, size: tuple[float, float], width: float, colour: tuple[float, float, float]
) -> list[Shape]:
    """Write characters of a size side by side, around the middle of the sign."""
    across, down = size
    left = -(len(text) * across + (len(text) - 1) * 1.6 * width) / 2
    steps = [left + i * (across + 1.6 * width) for i in range(len(text))]
    return [
        Shape(GLYPHS[c] * (across, down) + (at, -down / 2), width, colour)
        for c, at in zip(text, steps, strict=True)
    ]


def _disc(radius: float, colour: tuple[float, float, float]) -> Shape:
    return Shape(np.zeros((1, 2)), 2 * radius, colour)


def _limit(text: str) -> list[Shape]:
    """A red ring around a number."""
    return [_disc(0.95, RED), _disc(0.7, WHITE), *_write(text, (0.36, 0.66), 0.15, BLACK)]


def _danger(*strokes: np.ndarray) -> list[Shape]:
    """A red triangle, point upwards, with black strokes."""
    down = np.array([0, 0.22])
    frame = [Shape(polygon(3, r, -90) + down, 0, c) for r, c in ((1.1, RED), (0.68, WHITE))]
    return [*frame, *(Shape(line, 0.16, BLACK) for line in strokes)]


def _arrow(*line: tuple[float, float]) -> list[Shape]:
    """A white arrow on a blue disc."""
    path = join(*line)
    way = (path[-1] - path[-2]) / np.linalg.norm(path[-1] - path[-2])
    aside = np.array([-way[1], way[0]])
    head = np.stack(
        [path[-1] + 0.28 * way, *(path[-1] - 0.1 * way + s * aside for s in (0.32, -0.32))]
    )
    return [_disc(0.95, BLUE), Shape(path, 0.22, WHITE), Shape(head, 0, WHITE)]


def shapes(kind: str) -> list[Shape]:
    """Give the shapes of a sign, the lowest first.

    Raises:
        ValueError: If there is no such sign.
    """
    bend = join((-0.18, 0.62), (-0.18, 0.3), (0.14, 0.02), (0.14, -0.22))
    drawn = {
        "stop": [Shape(polygon(8, 0.98, 22.5), 0, RED), *_write("STOP", (0.25, 0.5), 0.1, WHITE)],
        "give way": [
            Shape(polygon(3, r, 90) - (0, 0.22), 0, c) for r, c in ((1.1, RED), (0.68, WHITE))
        ],
        "no entry": [_disc(0.95, RED), Shape(join((-0.5, 0), (0.5, 0)), 0.3, WHITE)],
        "priority road": [Shape(polygon(4, r, 0), 0, c) for r, c in ((1.0, WHITE), (0.68, YELLOW))],
        "bend left": _danger(bend * (-1, 1)),
        "bend right": _danger(bend),
        "crossroads": _danger(join((-0.24, 0.06), (0.24, 0.54)), join((0.24, 0.06), (-0.24, 0.54))),
        "straight on": _arrow((0, 0.6), (0, -0.3)),
        "turn right": _arrow((-0.35, 0.55), (-0.35, 0), (0.3, 0)),
        "other danger": _danger(join((0, -0.2), (0, 0.3)), join((0, 0.54))),
        "no parking": [
            _disc(0.95, RED),
            _disc(0.74, BLUE),
            Shape(join((-0.56, -0.56), (0.56, 0.56)), 0.2, RED),
        ],
        "parking": [
            Shape(polygon(4, 1.25, 45), 0, BLUE),
            *_write("P", (0.6, 1.1), 0.22, WHITE),
        ],
    }
    if kind in drawn:
        return drawn[kind]
    if kind.startswith("limit ") and kind[6:] and set(kind[6:]) <= set("03568"):
        return _limit(kind[6:])
    raise ValueError(f"shapes(): no sign {kind!r}; there are {', '.join(KINDS + STRANGE)}")


@cache
def textures(kinds: tuple[str, ...] = KINDS + STRANGE) -> np.ndarray:
    """Draw signs on transparent squares, each pixel the mean of 4 × 4 points.

    Returns:
        Red, green and blue, each times how far the pixel is covered, and that cover,
        (K, 4, 40, 40), from 0 to 1.
    """
    n = SIDE * _FINE
    at = (np.arange(n) + 0.5) * 2 / n - 1
    y, x = (axis.ravel() for axis in np.meshgrid(at, at, indexing="ij"))
    found = np.zeros((len(kinds), n * n, 4))
    for picture, kind in zip(found, kinds, strict=True):
        for shape in shapes(kind):
            picture[shape.covers(x, y)] = (*shape.colour, 1)
    fine = found.reshape(len(kinds), SIDE, _FINE, SIDE, _FINE, 4)
    drawn = np.rint(255 * fine.mean(axis=(2, 4))) / 255  # as a file with bytes has it
    return np.ascontiguousarray(drawn.transpose(0, 3, 1, 2))
