"""Winding roads in a made-up world: where their middle is, and how far aside a place lies."""

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes

#: Half of a road's width, in metres.
HALF = 2.0


class Roads(NamedTuple):
    """N roads y = f(x), each a sum of three waves, in two greys.

    Attributes:
        height: How far each wave swings, in metres, (N, 3).
        pace: How fast each wave runs, in radians per metre, (N, 3).
        phase: Where each begins, in radians, (N, 3).
        road: Grey of the road, 0 black to 1 white, (N,).
        ground: Grey of the ground beside it, (N,).
    """

    height: np.ndarray
    pace: np.ndarray
    phase: np.ndarray
    road: np.ndarray
    ground: np.ndarray

    def part(self, chosen: slice) -> "Roads":
        """Give some of the roads."""
        return Roads(*(values[chosen] for values in self))


def random_roads(n: int, *, seed: int, contrast: float = 0.3) -> Roads:
    """Draw winding roads; in each, road and ground differ by the contrast or more, either way."""
    rng = np.random.default_rng(seed)
    length = rng.uniform([90, 50, 30], [160, 80, 45], (n, 3))
    height = rng.uniform([4, 1.5, 0.4], [10, 4, 1], (n, 3)) * rng.choice([-1, 1], (n, 3))
    phase = rng.uniform(0, 2 * np.pi, (n, 3))
    low = rng.uniform(0.1, 0.6, n)
    high = low + rng.uniform(contrast, contrast + 0.1, n)
    light = rng.random(n) < 0.5
    road, ground = np.where(light, high, low), np.where(light, low, high)
    return Roads(height, 2 * np.pi / length, phase, road, ground)


def middle(roads: Roads, x: np.ndarray, slopes: int = 0) -> np.ndarray:
    """Give the middle of each road, or a derivative of it.

    Args:
        roads: N roads.
        x: Places, (N, K).
        slopes: 0 for y = f(x), 1 for its slope, 2 for the slope of the slope.

    Returns:
        Values, (N, K).
    """
    angle = roads.pace[:, None] * x[..., None] + roads.phase[:, None]  # (N, K, 3)
    wave = np.sin(angle + slopes * np.pi / 2)  # its slope is a quarter turn ahead
    return (wave @ (roads.height * roads.pace**slopes)[..., None])[..., 0]


def offset(roads: Roads, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell how far left of the middle places lie, in metres, where the road is nearly straight.

    Args:
        roads: N roads.
        x: Places, (N, K).
        y: Places, (N, K).
    """
    return (y - middle(roads, x)) / np.sqrt(1 + middle(roads, x, 1) ** 2)


takes(middle, {"x": "(N, K)"})
takes(offset, {"x": "(N, K)", "y": "(N, K)"})
