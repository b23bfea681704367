"""Time the loop, the matrix product and PyTorch on the same pictures, in turn."""

import time
from typing import NamedTuple

import numpy as np
import torch

from introdl.vision.convolution.loop import conv2d_naive
from introdl.vision.convolution.product import conv2d


class Speed(NamedTuple):
    """Median seconds of one convolution.

    Attributes:
        naive: Of `conv2d_naive`.
        product: Of `conv2d`.
        torch64: Of PyTorch's in float64, as ours.
        torch32: Of PyTorch's in float32, its own default.
    """

    naive: float
    product: float
    torch64: float
    torch32: float


def time_convolutions(
    channels: int, kernels: int, side: int, *, rounds: int = 5, repeats: int = 5
) -> Speed:
    """Time a 3×3 convolution of one square picture, padding 1, in each of the ways.

    The ways take turns, so that a busy moment of the machine meets them all.

    Args:
        channels: Channels of the picture, C.
        kernels: Kernels, K.
        side: Height and width of the picture.
        rounds: Turns of each way.
        repeats: Calls of each fast way in a turn.
    """
    rng = np.random.default_rng(0)
    x = rng.random((1, channels, side, side))
    w, b = rng.normal(size=(kernels, channels, 3, 3)), rng.normal(size=kernels)
    double = [torch.tensor(array) for array in (x, w, b)]
    single = [tensor.float() for tensor in double]
    ways = [
        (lambda: conv2d_naive(x, w, b, padding=1), 1),
        (lambda: conv2d(x, w, b, padding=1), repeats),
        (lambda: torch.nn.functional.conv2d(*double, padding=1), repeats),
        (lambda: torch.nn.functional.conv2d(*single, padding=1), repeats),
    ]
    samples: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for seconds, (call, times) in zip(samples, ways, strict=True):
            for _ in range(times):
                began = time.perf_counter()
                call()
                seconds.append(time.perf_counter() - began)
    return Speed(*(float(np.median(seconds)) for seconds in samples))
