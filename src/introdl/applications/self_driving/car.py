"""A car with a camera, the expert that drives it, and a rule of a few lines."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from introdl.applications.self_driving.road import HALF, Roads, middle, offset
from introdl.arguments import takes

#: The length of a drive in metres, and the sharpest turn in radians per metre.
METRES, SHARPEST = 200, 0.25
#: The camera: where its rows meet the ground ahead, in metres, and its columns' sideways slopes.
AHEAD = np.array([3, 4.5, 6.5, 9, 12, 16, 21, 27])
ASIDE = np.linspace(0.9, -0.9, 16)
ROWS, COLUMNS = len(AHEAD), len(ASIDE)
_FORWARD = np.repeat(AHEAD, COLUMNS)
_LEFT = np.outer(AHEAD, ASIDE).ravel()
_WIDTH = _FORWARD * 0.12  # of the ground that one pixel sees: 1.8 / 15 for each metre ahead


class Cars(NamedTuple):
    """One car on each road: place in metres, heading in radians, the last turn per metre, (N,)."""

    x: np.ndarray
    y: np.ndarray
    heading: np.ndarray
    turn: np.ndarray


class Drive(NamedTuple):
    """What happened on N roads.

    Attributes:
        metres: How far each car got before it left the road, (N,).
        views: What the camera saw, and the last turn, (T · N, 129), one metre after the other.
        wanted: How the expert would have turned, (T · N,).
        path: x, y and heading, before each of T metres and at the end, (T + 1, 3, N). T is METRES,
            or less if all cars have left the road.
    """

    metres: np.ndarray
    views: np.ndarray
    wanted: np.ndarray
    path: np.ndarray


def look(roads: Roads, cars: Cars) -> np.ndarray:
    """Give what each camera sees: 8 rows, the nearest first, of 16 greys, and the last turn.

    Returns:
        Greys, and the last turn times ten, (N, 129).
    """
    c, s = np.cos(cars.heading)[:, None], np.sin(cars.heading)[:, None]
    x = cars.x[:, None] + c * _FORWARD - s * _LEFT
    y = cars.y[:, None] + s * _FORWARD + c * _LEFT
    share = np.clip((HALF - np.abs(offset(roads, x, y))) / _WIDTH + 0.5, 0, 1)
    grey = roads.ground[:, None] + (roads.road - roads.ground)[:, None] * share
    return np.hstack([grey, 10 * cars.turn[:, None]])


def expert(roads: Roads, cars: Cars) -> np.ndarray:
    """Turn as the road does, and back to its middle; it knows the road.

    Returns:
        Turns in radians per metre, left is positive, (N,).
    """
    x = cars.x[:, None]
    slope, next_slope = (middle(roads, at, 1)[:, 0] for at in (x, x + 0.5))
    bend = middle(roads, x + 0.5, 2)[:, 0] / (1 + next_slope**2) ** 1.5
    aside = offset(roads, x, cars.y[:, None])[:, 0]
    astray = np.sin(cars.heading - np.arctan(slope))
    turn = bend - 0.06 * aside - 0.35 * astray
    return np.clip(turn, -SHARPEST, SHARPEST)


def rule(views: np.ndarray) -> np.ndarray:
    """Find the grey in front of the car again, further ahead.

    Args:
        views: Greys and last turns, (N, 129).

    Returns:
        Sideways slope towards the middle of the road 6.5 m ahead, left is positive, (N,).
    """
    grey = views[:, : ROWS * COLUMNS].reshape(-1, ROWS, COLUMNS)
    here = grey[:, 0, COLUMNS // 2 - 1 : COLUMNS // 2 + 1].mean(axis=1)
    alike = np.clip(1 - np.abs(grey[:, 2] - here[:, None]) / 0.2, 0, 1)
    return alike @ ASIDE / np.maximum(alike.sum(axis=1), 1e-9)


def pushes(n: int, *, seed: int) -> np.ndarray:
    """Draw pushes: at 1 metre in 20, up to 1 m sideways and 0.15 rad around, (METRES, 2, N)."""
    rng = np.random.default_rng(seed)
    hit = rng.random((METRES, 1, n)) < 0.05
    return hit * rng.uniform(-1, 1, (METRES, 2, n)) * np.array([[1], [0.15]])


def drive(
    roads: Roads,
    driver: Callable[[np.ndarray], np.ndarray] | None = None,
    *,
    push: np.ndarray | None = None,
    put_back: bool = False,
) -> Drive:
    """Drive each road from its beginning, metre by metre.

    Args:
        roads: N roads.
        driver: From what is seen, (N, 129), to turns, (N,); the expert if None.
        push: Metres sideways and radians before each metre, (METRES, 2, N).
        put_back: Put a car that has left the road back on its middle.
    """
    x = np.zeros(len(roads.road))
    start = middle(roads, x[:, None])[:, 0], np.arctan(middle(roads, x[:, None], 1)[:, 0])
    cars, on = Cars(x, *start, x), np.ones(len(x), bool)
    cars = cars._replace(turn=expert(roads, cars))  # it is in motion
    metres, views, wanted, path = np.zeros(len(x)), [], [], [np.stack([x, *start])]
    for step in range(METRES):
        if push is not None:
            aside, around = push[step]
            cars = cars._replace(y=cars.y + aside, heading=cars.heading + around)
        views.append(look(roads, cars))
        wanted.append(expert(roads, cars))
        turn = wanted[-1] if driver is None else driver(views[-1])
        turn = np.clip(turn, -SHARPEST, SHARPEST)
        heading = cars.heading + turn
        x, y = cars.x + np.cos(heading), cars.y + np.sin(heading)
        off = np.abs(offset(roads, x[:, None], y[:, None])[:, 0]) > HALF
        on &= ~off
        metres += on
        if put_back:
            y = np.where(off, middle(roads, x[:, None])[:, 0], y)
            along = np.arctan(middle(roads, x[:, None], 1)[:, 0])
            heading, turn = np.where(off, along, heading), np.where(off, 0, turn)
        cars = Cars(x, y, heading, turn)
        path.append(np.stack([x, y, heading]))
        if not (on.any() or put_back):
            break
    return Drive(metres, np.concatenate(views), np.concatenate(wanted), np.array(path))


def _fits(roads: Roads, push: np.ndarray | None, **_: object) -> None:
    if push is not None and push.shape != (METRES, 2, len(roads.road)):
        wanted = (METRES, 2, len(roads.road))
        raise ValueError(f"drive(): push has shape {push.shape}, expected {wanted}")
    if push is not None and not np.isfinite(push).all():
        raise ValueError("drive(): push holds a value that is not finite")


takes(rule, {"views": "(N, 129), not empty"})
takes(drive, {}, also=_fits)
