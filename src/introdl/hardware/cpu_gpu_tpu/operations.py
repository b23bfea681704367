"""The operations of deep learning to time: each with its work, its traffic and a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from introdl.hardware.cpu_gpu_tpu.timing import Timing, time_call

#: Beyond any cache: an array of the triad has 64 MB.
TRIAD = 16_000_000
WIDTH, HEADS, HEAD = 4096, 8, 64


@dataclass(frozen=True)
class Operation:
    """One operation at one size.

    Attributes:
        name: Its kind.
        config: What is particular to this one.
        flops: Additions and multiplications.
        bytes: What must be moved, if each input is read once and each output written once.
        call: Runs it.
        error: Its largest difference from float64 on the CPU, relative to the largest entry.
        tolerance: The largest that `error` may be.
        wait: Whether the clock waits for the device.
        events: Whether a GPU's own clock is read: its kernels alone, not their start.
    """

    name: str
    config: dict[str, Any]
    flops: float
    bytes: float
    call: Callable[[], torch.Tensor]
    error: Callable[[], float]
    tolerance: float = 1e-5
    wait: bool = True
    events: bool = False


def _error(found: torch.Tensor, reference: torch.Tensor) -> float:
    return float((found.double().cpu() - reference).abs().max() / reference.abs().max())


def matmul(n: int, device: torch.device, dtype: torch.dtype = torch.float32) -> Operation:
    """The product of two n×n matrices."""
    a, b = (torch.randn(n, n, device=device).to(dtype) for _ in range(2))
    size = a.element_size()
    return Operation(
        "matmul",
        {"n": n, "dtype": str(dtype).removeprefix("torch.")},
        2 * n**3,
        3 * n * n * size,
        lambda: a @ b,
        # A few rows tell as much as all of them.
        lambda: _error((a @ b)[:8], a[:8].double().cpu() @ b.double().cpu()),
        1e-5 if size == 4 else 2e-2,
    )


def triad(device: torch.device, n: int = TRIAD) -> Operation:
    """The triad, a = b + 3c, for long vectors: two operations for twelve bytes."""
    b, c = (torch.randn(n, device=device) for _ in range(2))
    a = torch.empty_like(b)
    reference = b[:1000].double().cpu() + 3 * c[:1000].double().cpu()
    return Operation(
        "triad",
        {"n": n},
        2 * n,
        12 * n,
        lambda: torch.add(b, c, alpha=3, out=a),
        lambda: _error(torch.add(b, c, alpha=3, out=a)[:1000], reference),
        events=True,
    )


def dense(batch: int, device: torch.device) -> Operation:
    """A dense layer of 4,096 units with 4,096 inputs, for a batch."""
    x, w = torch.randn(batch, WIDTH, device=device), torch.randn(WIDTH, WIDTH, device=device)
    return Operation(
        "dense",
        {"batch": batch},
        2 * batch * WIDTH**2,
        4 * (2 * batch * WIDTH + WIDTH**2),
        lambda: F.linear(x, w),
        lambda: _error(F.linear(x, w), F.linear(x.double().cpu(), w.double().cpu())),
        events=True,
    )


def naive_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Attention (H, L, d), step by step: all L×L scores are written to memory and read again."""
    scores = (q / q.shape[-1] ** 0.5) @ k.transpose(-2, -1)  # (H, L, L)
    return torch.softmax(scores, dim=-1) @ v


def attention(length: int, device: torch.device, *, fused: bool) -> Operation:
    """Attention over a sequence: step by step, or fused so that the scores stay in the cache."""
    q, k, v = (torch.randn(HEADS, length, HEAD, device=device) for _ in range(3))
    scores = 0 if fused else 4 * length**2  # written and read, before and after the softmax

    def call() -> torch.Tensor:
        if fused:
            return F.scaled_dot_product_attention(q[None], k[None], v[None])[0]
        return naive_attention(q, k, v)

    return Operation(
        "fused attention" if fused else "naive attention",
        {"length": length},
        4 * HEADS * length**2 * HEAD,
        4 * HEADS * (4 * length * HEAD + scores),
        call,
        lambda: _error(call(), naive_attention(*(t.double().cpu() for t in (q, k, v)))),
        events=True,
    )


def transfer(device: torch.device, *, pinned: bool) -> Operation:
    """64 MB from the host to a GPU, which can read pinned memory by itself."""
    host = torch.randn(TRIAD)
    host = host.pin_memory() if pinned else host
    there = torch.empty(TRIAD, device=device)
    return Operation(
        "transfer",
        {"pinned": pinned},
        0,
        4 * TRIAD,
        lambda: there.copy_(host, non_blocking=pinned),
        lambda: _error(there.copy_(host), host.double()),
    )


def launch(device: torch.device, *, wait: bool) -> Operation:
    """A kernel that does next to nothing, timed with and without waiting for it."""
    x = torch.zeros(1, device=device)
    one = torch.ones(1, dtype=torch.float64)
    return Operation(
        "launch",
        {"waits": wait},
        1,
        8,
        lambda: x.add_(1),
        lambda: _error(x * 0 + 1, one),
        wait=wait,
    )


def operations(device: torch.device) -> Iterator[Callable[[], Operation]]:
    """What is measured on a device, each to be made when its turn has come."""
    gpu = device.type == "cuda"
    for n in (64, 128, 256, 512, 1024, *((2048, 4096, 8192) if gpu else ())):
        yield lambda n=n: matmul(n, device)
    # A GPU moves the CPU's 192 MB in the time of a few starts.
    yield lambda: triad(device, 2**28 if gpu else TRIAD)
    for batch in (1, 4, 16, 64, 256):
        yield lambda batch=batch: dense(batch, device)
    for length in (128, 512, 1024, *((4096,) if gpu else ())):
        for fused in (False, True):
            yield lambda length=length, fused=fused: attention(length, device, fused=fused)
    if gpu:
        yield lambda: matmul(8192, device, torch.bfloat16)
        for flag in (False, True):
            yield lambda flag=flag: transfer(device, pinned=flag)
        for flag in (False, True):
            yield lambda flag=flag: launch(device, wait=flag)


def measure(
    device: torch.device, *, limit: float = 0.25, seed: int = 0
) -> Iterator[dict[str, Any]]:
    """Check and time every operation; one that fails is recorded with its reason.

    Args:
        device: Where.
        limit: Seconds for the samples of one operation, of which there are at least five.
        seed: Of the numbers.
    """
    torch.manual_seed(seed)
    # A GPU's cache is emptied before each sample by writing more than it holds.
    waste = torch.empty(64 * 2**20, device=device) if device.type == "cuda" else None
    for make in operations(device):
        entry: dict[str, Any] = {"name": "unknown", "config": {}, "failed": None}
        try:
            operation = make()
            entry |= {"name": operation.name, "config": operation.config}
            error = operation.error()
            if not error <= operation.tolerance:
                raise ArithmeticError(f"differs from float64 by {error:.2g}")
            timing = time_call(
                operation.call,
                device,
                limit=limit,
                before=None if waste is None else waste.zero_,
                wait=operation.wait,
                events=operation.events,
            )
            entry |= _measured(operation, timing, error)
        except Exception as reason:  # whatever a driver may raise: the others go on
            first = str(reason).strip().split("\n")[0]
            entry["failed"] = f"{type(reason).__name__}: {first}"[:300]
        yield entry


def _measured(operation: Operation, timing: Timing, error: float) -> dict[str, Any]:
    return {
        "samples": timing.samples,
        "median": timing.median,
        "iqr": timing.iqr,
        "warmup": timing.warmup,
        "flops": operation.flops,
        "bytes": operation.bytes,
        "check": {"error": error, "tolerance": operation.tolerance},
    }
