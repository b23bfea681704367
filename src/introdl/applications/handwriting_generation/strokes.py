"""From a picture of a digit to the strokes of a pen, and back to a picture."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from skimage.morphology import skeletonize

from introdl.arguments import takes

SHEET, STEP = 28, 4.0  # pixels of a sheet's side; pixels of one step of the pen
FAR = 1e4  # pixels: nothing is drawn beyond
DRAW, LIFT, STOP = 0, 1, 2  # what the pen does next
SHORT = 4  # pixels: a shorter stroke is a spur of the thinning, and dropped
SMALL = 14  # pixels of a side of the picture that a judge reads

Pixel = tuple[int, int]


def _beside(pixel: Pixel, among: set[Pixel]) -> list[Pixel]:
    y, x = pixel
    around = [(y + a, x + b) for a, b in product((-1, 0, 1), repeat=2) if a or b]
    return [p for p in around if p in among]


def trace(picture: np.ndarray) -> list[np.ndarray]:
    """Thin a digit to lines of one pixel, and order them as a pen might.

    The pen starts at the topmost end of a line, goes on as straight as it can, and is lifted where
    nothing is left to draw; then it goes to the nearest end that is left. How the writer moved is
    unknown: this order is a rule of ours.

    Args:
        picture: 0 is paper and 1 is ink, (H, W).

    Returns:
        Strokes, each places (x, y) in pixels, (P, 2); y grows downwards.
    """
    rows, columns = np.nonzero(skeletonize(picture > 0.5))
    left = set(zip(rows.tolist(), columns.tolist(), strict=True))
    ink, strokes, pen = set(left), [], None
    while left:
        ends = [p for p in left if len(_beside(p, left)) < 2] or list(left)
        here = min(ends, key=lambda p: p if pen is None else (_far(p, pen), *p))
        done = ink - left
        line = [*_beside(here, done)[:1], here]  # joined to what is drawn
        left.remove(here)
        while choices := _beside(line[-1], left):
            back = line[-min(len(line), 4)]
            here = max(choices, key=lambda p: (_straight(back, line[-1], p), p))
            line.append(here)
            left.remove(here)
        rest = [p for p in _beside(line[-1], ink) if p not in line[-3:]]
        line += rest[:1]  # a loop is closed
        if len(line) >= SHORT:
            strokes.append(np.array(line, dtype=float)[:, ::-1])
            pen = line[-1]
    return strokes


def _far(one: Pixel, other: Pixel) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))


def _straight(back: Pixel, here: Pixel, to: Pixel) -> float:
    """Tell how straight a line goes on: the cosine of its turn."""
    one = (here[0] - back[0], here[1] - back[1])
    two = (to[0] - here[0], to[1] - here[1])
    size = np.hypot(*one) * np.hypot(*two)
    return float(one[0] * two[0] + one[1] * two[1]) / float(size) if size else 0.0


def resample(line: np.ndarray, step: float = STEP) -> np.ndarray:
    """Walk along a line in equal steps of about a given length.

    Args:
        line: Places, (P, 2), two or more.
        step: The length, in the line's unit.

    Returns:
        Places with the same two ends, (Q, 2).
    """
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, along[-1], max(1, round(along[-1] / step)) + 1)
    return np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], axis=1)


def checked(several: list[Any], columns: int, name: str) -> list[np.ndarray]:
    """Give tables of numbers as float64, or refuse them: each (rows, columns), finite, not empty.

    With three columns, the last says what the pen does next: 0, 1 or 2.
    """
    if not len(several):
        raise ValueError(f"{name} is empty")
    found = [np.asarray(one, dtype=float) for one in several]
    for one in found:
        if one.ndim != 2 or one.shape[1] != columns or not len(one):
            raise ValueError(f"{name}: one has shape {one.shape}, expected (T, {columns}), T > 0")
        if not np.isfinite(one).all() or np.abs(one).max() > FAR:
            raise ValueError(f"{name}: a number is not finite, or beyond {FAR:g}")
        if columns == 3 and not np.isin(one[:, 2], (DRAW, LIFT, STOP)).all():
            raise ValueError(f"{name}: what the pen does next is 0, 1 or 2")
    return found


def to_steps(strokes: list[np.ndarray], step: float = STEP) -> np.ndarray:
    """Write strokes as steps of a pen that begins above the middle of the sheet.

    Returns:
        Steps (dx, dy, what the pen does next), (T, 3); dx and dy in units of `step` pixels. The
        first brings the lifted pen to the first stroke.
    """
    rows, pen = [], np.full(2, (SHEET - 1) / 2)
    for stroke in checked(strokes, 2, "strokes"):
        places = resample(stroke, step)
        moves = np.diff(places, axis=0, prepend=pen[None]) / step
        after = np.full((len(moves), 1), DRAW)
        after[-1] = LIFT
        rows.append(np.hstack([moves, after]))
        pen = places[-1]
    steps = np.concatenate(rows)
    steps[-1, 2] = STOP
    return steps


def to_lines(steps: np.ndarray, step: float = STEP) -> list[np.ndarray]:
    """Follow steps of a pen, up to the one after which it stops.

    Args:
        steps: As of `to_steps`, (T, 3).
        step: Pixels per unit.

    Returns:
        Strokes, each places (x, y) in pixels, (P, 2).
    """
    ends = np.flatnonzero(steps[:, 2] == STOP)
    steps = steps[: ends[0] + 1] if len(ends) else steps
    places = (SHEET - 1) / 2 + step * np.cumsum(steps[:, :2], axis=0)
    cuts = np.flatnonzero(steps[:, 2] != DRAW) + 1
    return [line for line in np.split(places, cuts) if len(line)]


def render(steps: np.ndarray, side: int = SMALL) -> np.ndarray:
    """Draw steps with a pen of constant width.

    Args:
        steps: As of `to_steps`, (T, 3).
        side: Pixels of the picture's side.

    Returns:
        0 is paper and 1 is ink, (side, side).
    """
    lines = to_lines(steps)
    if not lines:
        return np.zeros((side, side))
    a = np.concatenate([line[:-1] if len(line) > 1 else line for line in lines])
    b = np.concatenate([line[1:] if len(line) > 1 else line for line in lines])
    grid = (np.arange(side) + 0.5) * SHEET / side - 0.5
    p = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 1, 2)  # (side², 1, 2)
    way = b - a
    share = ((p - a) * way).sum(-1) / np.maximum((way**2).sum(-1), 1e-12)
    near = a + share.clip(0, 1)[..., None] * way
    gap = np.hypot(*np.moveaxis(p - near, -1, 0)).min(axis=1)
    return (2.2 - gap).clip(0, 1).reshape(side, side)


takes(trace, {"picture": "(H, W) in [0, 1]"})


def _near(line: np.ndarray, step: float) -> None:
    if step <= 0 or np.abs(line).max() > FAR:
        raise ValueError(f"resample(): line reaches beyond {FAR:g}, or step is not above 0")


takes(resample, {"line": "(P, 2), not empty", "step": "()"}, also=_near)
takes(to_lines, {"steps": "(T, 3)", "step": "()"})
takes(render, {"steps": "(T, 3)"})
