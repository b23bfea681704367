"""Synthetic silent films: a stick swings at an object of wood, metal, stone or cloth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

MATERIALS = ("wood", "metal", "stone", "cloth")
FRAMES, HEIGHT, WIDTH = 48, 16, 24
FPS = 12  # frames per second: a film lasts four seconds

# How an object moves when it is hit, by material: how far it yields and swings, in pixels, and how
# many frames a swing needs to fall to 37 %.
YIELDS = (0.0, 0.0, 0.0, 2.0)
SWINGS = (1.2, 1.2, 0.0, 0.0)
LASTS = (1.2, 6.0, 1.0, 1.0)


class Film(NamedTuple):
    """A film, and what happens in it.

    Attributes:
        frames: Grey values, 0 black to 255 white, (T, H, W) uint8.
        hits: Frames at which the stick touches the object, in order.
        misses: Frames at which it stops short and turns round.
        material: What the object is made of, 0 to 3.
        painted: Whether a coat of paint hides the object's texture.
        covered: Where something passes in front of the object, (T,) of Booleans.
        shaken: Where the camera is off its place, (T,) of Booleans.
    """

    frames: np.ndarray
    hits: tuple[int, ...]
    misses: tuple[int, ...]
    material: int
    painted: bool
    covered: np.ndarray
    shaken: np.ndarray


class _Stroke(NamedTuple):
    """Where a stick is over time, 0 on the object and 1 at rest, and when it turns round."""

    lift: np.ndarray
    hits: tuple[int, ...]
    misses: tuple[int, ...]


def _strokes(rng: np.random.Generator, speed: float) -> _Stroke:
    """Swing a stick several times; six swings in ten touch, the others stop short."""
    lift = np.ones(FRAMES)
    hits: list[int] = []
    misses: list[int] = []
    at = rng.uniform(4, 9)
    while at < FRAMES - 4:
        down, up = rng.uniform(2, 4) / speed, rng.uniform(3, 6) / speed
        turn, touches = round(at), rng.random() < 0.6
        low = 0.0 if touches else rng.uniform(0.25, 0.5)
        for t in range(max(0, int(turn - down - 1)), min(FRAMES, int(turn + up + 2))):
            part = (turn - t) / down if t <= turn else (t - turn) / up
            if part < 1:
                lift[t] = low + (1 - low) * np.sin(np.pi / 2 * part) ** (1 if t <= turn else 1.5)
        (hits if touches else misses).append(turn)
        at += down + up + rng.uniform(2, 7)
    return _Stroke(lift, tuple(hits), tuple(misses))


def _answer(
    material: int, hits: tuple[int, ...], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Let an object answer the hits: how far it is pressed down and swings aside, (T,) each."""
    pressed, aside = np.zeros(FRAMES), np.zeros(FRAMES)
    strength, pace, way = rng.uniform(0.7, 1.3), rng.uniform(0.2, 0.3), rng.choice([-1, 1])
    for hit in hits:
        since = np.arange(FRAMES) - hit
        later = since.clip(0)
        yields = YIELDS[material] * strength * np.exp(-later / 2)
        pressed = np.where(since >= 0, np.maximum(pressed, yields), pressed)
        ring = np.exp(-later / LASTS[material]) * np.cos(2 * np.pi * pace * later)
        aside = np.where(since >= 0, way * SWINGS[material] * strength * ring, aside)
    return pressed, aside


def _texture(
    material: int, x: np.ndarray, y: np.ndarray, scale: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw the lightness of a surface, about -1 to 1, at places measured from its middle."""
    a, b, c, d = rng.uniform(1.0, 2.6, size=4) / scale
    if material == 0:  # grain
        return np.sign(np.sin(np.pi * y / scale + 0.3 * np.sin(x)))
    if material == 1:  # a highlight on one side
        return 2 * np.exp(-(((x + 1.7 * scale) / (1.5 * scale)) ** 2)) - 0.6
    if material == 2:  # speckles
        return np.sign(np.sin(a * x + b * y + 1) * np.sin(c * x - d * y) - 0.2)
    squares = np.pi / (1.6 * scale)
    return np.sign(np.sin(squares * x) * np.sin(squares * y))


def film(rng: np.random.Generator, new: bool = False) -> Film:
    """Make one synthetic film of 48 frames of 16 × 24 pixels.

    Args:
        rng: Where the numbers come from.
        new: Whether shape, texture, wall and speed are of the kinds kept for the test: diamonds
            and boxes with round corners instead of ellipses and near-boxes, coarser textures,
            patterned walls, and sticks that are slower or faster.
    """
    material = int(rng.integers(4))
    slow, fast, usual = rng.uniform(0.65, 0.8), rng.uniform(1.2, 1.45), rng.uniform(0.8, 1.2)
    lift, hits, misses = _strokes(rng, float(rng.choice([slow, fast])) if new else usual)
    pressed, aside = _answer(material, hits, rng)
    shake = np.zeros((2, FRAMES))
    for _ in range(rng.poisson(1.5)):
        start, span = rng.integers(FRAMES), rng.integers(1, 4)
        shake[:, start : start + span] = rng.uniform(-1.2, 1.2, size=(2, 1))

    def each(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32)[:, None, None]  # (T, 1, 1)

    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    X, Y = x + each(shake[0]), y + each(shake[1])  # (T, H, W)
    middle, floor = rng.uniform(8, 12), rng.uniform(13, 14.5)

    base = rng.uniform(0.25, 0.75)
    picture = base + np.where(floor + 0.5 < Y, rng.uniform(-0.15, 0.15), 0)
    for _ in range(2):
        fx, fy = rng.uniform(-1, 1, size=2) * (0.9 if new else 0.35)
        picture += rng.uniform(0.02, 0.07) * np.cos(fx * X + fy * Y + rng.uniform(0, 6))

    wide, high = rng.uniform(3.4, 5.0), rng.uniform(2.4, 3.2)
    half = high - pressed / 2
    u = (X - middle - each(aside)) / (wide + 0.3 * each(pressed))
    v = (Y - each(floor - half)) / each(half)
    power = int(rng.choice([1, 3] if new else [2, 4]))
    inside = 1 - np.prod([np.abs(u)] * power, axis=0) - np.prod([np.abs(v)] * power, axis=0)
    cover = np.clip(0.5 + inside * high / power, 0, 1)
    painted = bool(rng.random() < 0.3)
    contrast = 0.0 if painted else rng.uniform(0.15, 0.3)
    scale = rng.uniform(0.8, 1.2) * (1.25 if new else 1)
    look = base + rng.choice([-1, 1]) * rng.uniform(0.18, 0.3)
    look = look + contrast * _texture(material, u * wide, v * high, scale, rng)
    picture += cover * (look - picture)

    reach = rng.uniform(4, 6.5)
    tip_x, tip_y = middle + rng.uniform(-1, 1), floor - 2 * half - 0.6 - reach * lift
    hand = floor - 2 * high - reach * rng.uniform(0.6, 1.4)
    dx, dy = WIDTH + 2 - tip_x, each(hand - tip_y)
    along = ((X - tip_x) * dx + (Y - each(tip_y)) * dy) / (dx**2 + dy**2)
    along = along.clip(0, 1)
    off = np.hypot(X - tip_x - along * dx, Y - each(tip_y) - along * dy)
    picture += np.clip(1.1 - off, 0, 1) * (rng.choice([0.05, 0.95]) - picture)

    t, covered, light = np.arange(FRAMES), np.zeros(FRAMES, dtype=bool), np.ones(FRAMES)
    if rng.random() < 0.5:
        pace, broad = rng.choice([-1, 1]) * rng.uniform(1.2, 3), rng.uniform(1.5, 2.5)
        place = middle + pace * (t - rng.integers(6, FRAMES - 6))
        bar = np.clip(broad + 0.5 - np.abs(x - each(place)), 0, 1)
        picture += bar * (rng.uniform(0.1, 0.9) - picture)
        covered = np.abs(place - middle) < broad + 1
    for _ in range(rng.poisson(0.7)):
        start, span = rng.integers(FRAMES), rng.integers(1, 6)
        light[start : start + span] *= rng.uniform(0.85, 1.15)
    grain = 0.025 * rng.standard_normal(picture.shape, dtype=np.float32)
    frames = np.clip(np.round(255 * (picture * each(light) + grain)), 0, 255).astype(np.uint8)
    return Film(frames, hits, misses, material, painted, covered, shake.any(axis=0))


def films(seed: int, count: int, new: bool = False) -> list[Film]:
    """Make several films; see `film`."""
    rng = np.random.default_rng([seed, int(new)])
    return [film(rng, new) for _ in range(count)]


def hit_table(some: list[Film]) -> np.ndarray:
    """Write 1 where the stick hits, else 0, (N, T)."""
    table = np.zeros((len(some), FRAMES), dtype=np.int64)
    for row, one in zip(table, some, strict=True):
        row[list(one.hits)] = 1
    return table


def clock(frame: int) -> str:
    """Write when a frame is, to a tenth of a second; what is halfway is rounded up, as in speech.

    Examples:
        >>> clock(6), clock(39)
        ('0.5 s', '3.3 s')
    """
    return f"{(20 * int(frame) + FPS) // (2 * FPS) / 10:.1f} s"
