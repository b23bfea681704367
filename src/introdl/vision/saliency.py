"""Maps of which pixels count for an answer: slopes, smoothed slopes, Grad-CAM, and their tests."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from introdl.arguments import takes
from introdl.vision.cnn import ConvNet
from introdl.vision.convolution import conv2d_gradients
from introdl.vision.pooling import max_pool2d_gradient


class Slopes(NamedTuple):
    """Slopes of one digit's sum.

    Attributes:
        x: By each pixel, (N, 28, 28).
        a2: By each number of the last convolution's maps, after ReLU, (N, 12, 8, 8).
    """

    x: np.ndarray
    a2: np.ndarray


def slopes(net: ConvNet, x: np.ndarray, k: np.ndarray) -> Slopes:
    """Walk back from one sum of the net to the pixels, at these pictures.

    Source: Simonyan, Vedaldi and Zisserman (2014), "Deep inside convolutional networks",
    section 3.

    Args:
        net: A trained net, or one with random weights.
        x: Pictures, (N, 1, 28, 28).
        k: Whose sum, per picture, (N,) of 0 to 9.

    Raises:
        ValueError: If `k` holds what is no digit.
    """
    maps = net.maps(x)
    by_p2 = net.w3[k].reshape(maps.p2.shape)
    by_a2 = max_pool2d_gradient(maps.a2, by_p2, 2)
    by_p1, _, _ = conv2d_gradients(maps.p1, net.w2, by_a2 * (maps.z2 > 0))
    by_z1 = max_pool2d_gradient(maps.a1, by_p1, 2) * (maps.z1 > 0)
    by_x, _, _ = conv2d_gradients(x, net.w1, by_z1)
    return Slopes(by_x[:, 0], by_a2)


def smooth(net: ConvNet, x: np.ndarray, k: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Take the mean of the slopes over noisy copies of each picture.

    Source: Smilkov et al. (2017), "SmoothGrad: removing noise by adding noise", section 3.

    Args:
        net: As for `slopes`.
        x: Pictures, (N, 1, 28, 28).
        k: Whose sum, per picture, (N,) of 0 to 9.
        noise: What is added for each copy, (M, 28, 28).

    Returns:
        (N, 28, 28).

    Raises:
        ValueError: If `k` holds what is no digit.
    """
    return np.mean([slopes(net, x + grain, k).x for grain in noise], axis=0)


def grad_cam(net: ConvNet, x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Add the last convolution's maps, each times its mean slope, and keep what is above zero.

    Source: Selvaraju et al. (2017), "Grad-CAM", equations 1 and 2.

    Args:
        net: As for `slopes`.
        x: Pictures, (N, 1, 28, 28).
        k: Whose sum, per picture, (N,) of 0 to 9.

    Returns:
        (N, 8, 8).

    Raises:
        ValueError: If `k` holds what is no digit.
    """
    weights = slopes(net, x, k).a2.mean(axis=(2, 3), keepdims=True)
    return np.maximum(0, (weights * net.maps(x).a2).sum(axis=1))


def enlarge(maps: np.ndarray) -> np.ndarray:
    """Lay maps of 8 × 8 places over the picture, straight lines between the places.

    Place i of the last convolution sees the pixels 2i to 2i + 13: its middle is 2i + 6.5. Beyond
    the outer middles the outer numbers go on.

    Args:
        maps: (N, 8, 8).

    Returns:
        (N, 28, 28).
    """
    at = np.clip((np.arange(28) - 6.5) / 2, 0, 7)
    # Row r holds how much each of the eight places counts for pixel r.
    share = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(8)))
    return share @ maps @ share.T


def integrated(net: ConvNet, x: np.ndarray, k: np.ndarray, steps: int = 50) -> np.ndarray:
    """Take the mean slope on the way from the empty sheet to each picture, times the pixels.

    Source: Sundararajan, Taly and Yan (2017), "Axiomatic attribution for deep networks",
    equations 1 and 3, at the middles of the steps.

    Args:
        net: As for `slopes`.
        x: Pictures, (N, 1, 28, 28).
        k: Whose sum, per picture, (N,) of 0 to 9.
        steps: How many slopes to take the mean of, 1 or more.

    Returns:
        (N, 28, 28); with many steps it adds up to the sum at the picture less that at zero.

    Raises:
        ValueError: If `k` holds what is no digit, or there is no step.
    """
    middles = (np.arange(steps) + 0.5) / steps
    return x[:, 0] * np.mean([slopes(net, part * x, k).x for part in middles], axis=0)


def painted(x: np.ndarray, maps: np.ndarray, count: int) -> np.ndarray:
    """Paint out, as paper, the pixels that a map names first; of equal ones, the upper left.

    Args:
        x: Pictures, (N, 1, 28, 28).
        maps: A number for each pixel, (N, 28, 28).
        count: How many pixels per picture, 0 or more.

    Returns:
        (N, 1, 28, 28).

    Raises:
        ValueError: If `count` is negative.
    """
    flat = x.reshape(len(x), -1).copy()
    first = np.argsort(-maps.reshape(len(x), -1), axis=1, kind="stable")[:, :count]
    np.put_along_axis(flat, first, 0, axis=1)
    return flat.reshape(x.shape)


def _fits(
    k: np.ndarray | None = None,
    steps: int = 1,
    count: int = 0,
    **_: object,
) -> None:
    if k is not None and ((k < 0) | (k > 9)).any():
        raise ValueError(f"k must hold digits from 0 to 9, got {k.min()} to {k.max()}")
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, got {steps}")
    if count < 0:
        raise ValueError(f"count must be 0 or more, got {count}")


_ASKED = {"x": "(N, 1, 28, 28), not empty", "k": "(N,) of integers"}
takes(slopes, _ASKED, also=_fits)
takes(smooth, {**_ASKED, "noise": "(M, 28, 28), not empty"}, also=_fits)
takes(grad_cam, _ASKED, also=_fits)
takes(integrated, _ASKED, also=_fits)
takes(enlarge, {"maps": "(N, 8, 8), not empty"})
takes(painted, {"x": _ASKED["x"], "maps": "(N, 28, 28)"}, also=_fits)
