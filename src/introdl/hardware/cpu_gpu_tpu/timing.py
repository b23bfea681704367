"""Time a call fairly: warmed up, many times, with the device's work included."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch


class Timing(NamedTuple):
    """What a clock said.

    Attributes:
        samples: Seconds of each call.
        warmup: Calls before the first that counts.
    """

    samples: list[float]
    warmup: int

    @property
    def median(self) -> float:
        """The middle sample: half took longer."""
        return float(np.median(self.samples))

    @property
    def iqr(self) -> float:
        """The width of the middle half of the samples."""
        low, high = np.quantile(self.samples, [0.25, 0.75])
        return float(high - low)


def synchronize(device: torch.device) -> None:
    """Wait for the device; a CPU is done when a call returns."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def time_call(
    call: Callable[[], object],
    device: torch.device,
    *,
    warmup: int = 10,
    samples: int = 30,
    limit: float = float("inf"),
    before: Callable[[], object] | None = None,
    wait: bool = True,
    events: bool = False,
) -> Timing:
    """Time a call.

    Args:
        call: What to time.
        device: Where it computes.
        warmup: Calls that do not count: they allocate memory and choose algorithms.
        samples: Calls that count.
        limit: Seconds after which no more are made, once there are five.
        before: Called before each sample, untimed, such as to empty a cache.
        wait: Whether to wait for the device before the clock is read; False is the mistake.
        events: On a GPU, whether its own clock is read, before and after the call. Then neither
            the start of the call nor the wait counts, as long as `before` keeps the GPU busy.
    """
    began = time.perf_counter()
    warmed = 0
    while warmed < warmup and (warmed < 2 or time.perf_counter() - began < limit):
        call()
        synchronize(device)
        warmed += 1
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < samples and (len(taken) < 5 or time.perf_counter() - began < limit):
        if before is not None:
            before()
        if events and device.type == "cuda":
            taken.append(_by_events(call, device))
            continue
        synchronize(device)
        start = time.perf_counter()
        call()
        if wait:
            synchronize(device)
        taken.append(time.perf_counter() - start)
    return Timing(taken, warmed)


def _by_events(call: Callable[[], object], device: torch.device) -> float:
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    call()
    end.record()
    synchronize(device)
    return start.elapsed_time(end) / 1000
