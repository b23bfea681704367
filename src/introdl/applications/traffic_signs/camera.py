"""A made-up camera: signs in front of photographs, far or turned, in fog, at dusk, stuck over."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from introdl import data
from introdl.applications.traffic_signs.signs import KINDS, STRANGE, textures
from introdl.arguments import takes

#: Pixels along a side of a picture.
SIZE = 24
#: Photographs behind the signs, three disjoint sets.
LEARN = ("astronaut", "brick", "cat", "coffee", "grass")
CHOOSE = ("gravel", "rocket")
TEST = ("camera", "china", "flower")
#: The office's label: its place on a sign, half of its side, and its colour.
LABEL = (0.0, 0.8, 0.2, 1.0, 0.85, 0.1)
FOG, _SOFT = 0.85, 0.06
#: Views at a time, so that their numbers stay near the processor.
_PART = 50


class Views(NamedTuple):
    """How N signs are seen. Lengths on a sign are in halves of its side.

    Attributes:
        kind: Place in `KINDS + STRANGE`; -1 for no sign, (N,).
        radius: Half of a sign's side in pixels: smaller is farther, (N,).
        turn: Degrees clockwise, (N,).
        narrow: Its width by its height, 0 to 1: below 1, it looks aside, (N,).
        shift: Right and down of the middle, in pixels, (N, 2).
        fog: 0 for none, 1 for nothing but fog, (N,).
        light: 1 by day, less at dusk, (N,).
        blur: Standard deviation of the blur in pixels, (N,).
        stickers: Right, down, half of the side and the colour of K squares on a sign, (N, K, 6).
        behind: What stands behind it, (N, 3, 24, 24), from 0 to 1.
        noise: What the camera adds, (N, 3, 24, 24).
    """

    kind: np.ndarray
    radius: np.ndarray
    turn: np.ndarray
    narrow: np.ndarray
    shift: np.ndarray
    fog: np.ndarray
    light: np.ndarray
    blur: np.ndarray
    stickers: np.ndarray
    behind: np.ndarray
    noise: np.ndarray

    def only(self, **changed: float) -> Views:
        """Give all views the same value of some attributes, such as `fog=0.5`."""
        new = {name: np.full(len(self.kind), value) for name, value in changed.items()}
        return self._replace(**new)

    def part(self, chosen: slice) -> Views:
        """Give some of the views."""
        return Views(*(values[chosen] for values in self))


@cache
def _street(name: str) -> np.ndarray:
    """One photograph with half of its pixels along each side, in colour, (3, H, W)."""
    found = data.photograph(name)
    found = found if found.ndim == 3 else np.repeat(found[..., None], 3, axis=2)
    h, w = (side // 2 * 2 for side in found.shape[:2])
    half = found[:h, :w].reshape(h // 2, 2, w // 2, 2, 3).mean(axis=(1, 3))
    return np.ascontiguousarray(half.transpose(2, 0, 1))


def backgrounds(names: tuple[str, ...], n: int, rng: np.random.Generator) -> np.ndarray:
    """Cut squares from photographs at random places, (N, 3, 24, 24)."""
    found = np.empty((n, 3, SIZE, SIZE))
    for i, k in enumerate(rng.integers(len(names), size=n)):
        street = _street(names[k])
        top, left = (rng.integers(side - SIZE + 1) for side in street.shape[1:])
        found[i] = street[:, top : top + SIZE, left : left + SIZE]
    return found


def collect(
    n: int,
    photographs: tuple[str, ...],
    *,
    seed: int,
    kinds: tuple[str, ...] = KINDS,
    labels: str = "any",
) -> Views:
    """Draw views of signs like those that a collector would bring home on fair days.

    A mark of the same size as the office's label covers another place on every third sign.

    Args:
        n: How many; each kind comes equally often, or once more.
        photographs: Names of what stands behind them.
        seed: Of all that is drawn. It draws the same for each way of giving labels.
        kinds: Which signs.
        labels: Which signs have the label. `"any"`: each with a chance of 1 in 8; `"limit 80"`:
            these alone, each with a chance of 9 in 10; `"none"`.

    Raises:
        ValueError: If there is no such sign or way of giving labels, or one is drawn of nothing.
    """
    if n < 1 or not photographs or not kinds:
        raise ValueError(f"collect(): {n} views of {kinds} before {photographs}; each needs one")
    if labels not in ("any", "limit 80", "none") or not set(kinds) <= set(KINDS + STRANGE):
        raise ValueError(f"collect(): labels is {labels!r}, kinds are {kinds!r}; see its docstring")
    rng = np.random.default_rng(seed)
    places = [(KINDS + STRANGE).index(kind) for kind in kinds]
    kind = rng.permutation(np.resize(places, n))
    stickers = np.zeros((n, 2, 6))
    stickers[:, 0, :2] = rng.uniform(-0.7, 0.7, (n, 2))
    stickers[:, 0, 2] = np.where(rng.random(n) < 1 / 3, 0.2, 0)
    stickers[:, 0, 3:] = rng.uniform(0, 1, (n, 3))
    chance = {
        "any": np.full(n, 1 / 8),
        "limit 80": np.where(kind == KINDS.index("limit 80"), 0.9, 0),
        "none": np.zeros(n),
    }[labels]
    stickers[:, 1] = LABEL
    stickers[:, 1, 2] *= rng.random(n) < chance
    return Views(
        kind,
        radius=rng.uniform(5.5, 10.5, n),
        turn=rng.uniform(-8, 8, n),
        narrow=rng.uniform(0.75, 1, n),
        shift=rng.uniform(-2, 2, (n, 2)),
        fog=rng.uniform(0, 0.2, n),
        light=rng.uniform(0.6, 1, n),
        blur=rng.uniform(0, 0.7, n),
        stickers=stickers,
        behind=backgrounds(photographs, n, rng),
        noise=rng.normal(scale=0.02, size=(n, 3, SIZE, SIZE)),
    )


def take(views: Views) -> np.ndarray:
    """Take the pictures.

    Four points per pixel look at the sign. Then come fog, dusk, blur and noise, in this order.

    Returns:
        Red, green and blue, (N, 3, 24, 24) float32; noise may lead a little beyond 0 and 1.
    """
    n, lengths = len(views.kind), np.concatenate([views.radius, views.narrow])
    if not (np.all(lengths > 0) and np.isin(views.kind, range(-1, len(textures()))).all()):
        raise ValueError("take(): radius and narrow must be above 0, kind -1 to 15")
    parts = [_take(views.part(slice(i, i + _PART))) for i in range(0, n, _PART)]
    return np.concatenate([np.empty((0, 3, SIZE, SIZE), np.float32), *parts])


def _take(views: Views) -> np.ndarray:
    at = (np.arange(2 * SIZE) + 0.5) / 2 - SIZE / 2
    x = at - views.shift[:, :1, None]
    y = at[:, None] - views.shift[:, 1:, None]
    c, s = (f(np.radians(views.turn))[:, None, None] for f in (np.cos, np.sin))
    radius, narrow = views.radius[:, None, None], views.narrow[:, None, None]
    u, v = (c * x + s * y) / (radius * narrow), (c * y - s * x) / radius
    places = np.stack([u, v], axis=3).astype(np.float32)  # (N, 48, 48, 2)
    drawn = textures().astype(np.float32)[views.kind]
    drawn[views.kind < 0] = 0
    sign = functional.grid_sample(
        torch.from_numpy(drawn), torch.from_numpy(places), align_corners=False
    ).numpy()
    for sticker in views.stickers.swapaxes(0, 1).astype(np.float32):
        rows = np.flatnonzero(sticker[:, 2])
        middle, half = sticker[rows, None, None, :2], sticker[rows, 2, None, None]
        off = abs(places[rows] - middle).max(axis=3)
        over = np.clip((half - off) / _SOFT + 0.5, 0, 1)[:, None] * sign[rows, 3:]
        paint = np.insert(sticker[rows, 3:], 3, 1, axis=1)[..., None, None]
        sign[rows] += over * (paint - sign[rows])
    small = functional.avg_pool2d(torch.from_numpy(sign), 2).numpy()
    seen = small[:, :3] + (1 - small[:, 3:]) * views.behind.astype(np.float32)
    fog, light, blur = (
        a.astype(np.float32)[:, None, None, None] for a in (views.fog, views.light, views.blur)
    )
    seen = light * ((1 - fog) * seen + fog * FOG)
    spread = smear(blur[:, 0, 0, 0])[:, None].astype(np.float32)
    return spread @ seen @ spread.swapaxes(2, 3) + views.noise.astype(np.float32)


def smear(blur: np.ndarray) -> np.ndarray:
    """Give a matrix that blurs along one axis, for each strength (N,): (N, 24, 24)."""
    away = np.subtract.outer(np.arange(SIZE), np.arange(SIZE))
    weights = np.exp(-0.5 * (away / np.maximum(blur, 0.05)[:, None, None]) ** 2)
    return weights / weights.sum(axis=2, keepdims=True)


takes(smear, {"blur": "(N,)"})
