"""Let the processes that torchrun started find each other, and part them again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import torch
import torch.distributed as dist


class Place(NamedTuple):
    """Where a process stands: its number, how many there are, and the device it computes on."""

    rank: int
    world: int
    device: torch.device


def choose_backend(device: str = "auto", backend: str | None = None) -> tuple[str, str]:
    """Choose the device, and the library that sends messages between such devices.

    Args:
        device: `cpu`, `cuda`, or `auto`: a GPU where there is one.
        backend: `nccl`, `gloo`, ...; None takes NCCL for GPUs and gloo for CPUs.

    Returns:
        Device and backend.

    Raises:
        ValueError: If this machine or this build of PyTorch lacks one.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device not in ("cpu", "cuda"):
        raise ValueError(f"unknown device {device!r}: choose auto, cpu or cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"PyTorch {torch.__version__} finds no CUDA device: use --device cpu")
    backend = backend or {"cpu": "gloo", "cuda": "nccl"}[device]
    if backend == "nccl" and device == "cpu":
        raise ValueError("backend 'nccl' sends between GPUs only: use gloo for --device cpu")
    if not dist.is_available() or not dist.is_backend_available(backend):
        raise ValueError(f"PyTorch {torch.__version__} was built without the backend {backend!r}")
    return device, backend


@contextmanager
def process_group(
    device: str = "auto", backend: str | None = None, timeout: float = 60.0
) -> Iterator[Place]:
    """Join the processes that torchrun started; in a `with` statement.

    Args:
        device: See `choose_backend`.
        backend: See `choose_backend`.
        timeout: Seconds to wait for another process before giving up.

    Raises:
        ValueError: If the process was not started by torchrun, or a device is missing.
    """
    device, backend = choose_backend(device, backend)
    for name in ("WORLD_SIZE", "RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        if name not in os.environ:
            raise ValueError(
                f"{name} is not set: start me with 'torchrun --standalone --nproc-per-node 2 "
                "-m introdl.hardware.data_parallel', which sets it"
            )
    mine = torch.device(device)
    if device == "cuda":
        local = int(os.environ["LOCAL_RANK"])
        if local >= torch.cuda.device_count():
            raise ValueError(
                f"process {local} of this machine needs a GPU of its own, and there are "
                f"{torch.cuda.device_count()}: lower --nproc-per-node"
            )
        mine = torch.device("cuda", local)
        torch.cuda.set_device(mine)
    dist.init_process_group(
        backend,
        timeout=timedelta(seconds=timeout),
        device_id=mine if device == "cuda" else None,
    )
    yield Place(dist.get_rank(), dist.get_world_size(), mine)
    # Not after an error: to part in good order takes all processes.
    dist.destroy_process_group()
