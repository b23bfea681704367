"""What a step and an all-reduce cost, measured by all processes together."""

import contextlib
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from introdl.hardware.data_parallel.processes import Place
from introdl.hardware.data_parallel.training import multilayer, share

#: Units in each of the two hidden layers of the networks that are timed; and batch sizes.
WIDTHS, BATCHES = (32, 256, 1024), (16, 64, 256, 1024)

#: How many float32 numbers are added up: 4 bytes to 16.8 MB.
LENGTHS = (*(8**k for k in range(8)), 4**11)


def seconds(call: Callable[[], object], repeats: int, device: torch.device) -> float:
    """Time `repeats` calls, and on a GPU all the work that they started; seconds for one."""

    def clock() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    start = clock()
    for _ in range(repeats):
        call()
    return (clock() - start) / repeats


def replicate(model: torch.nn.Module, device: torch.device) -> DistributedDataParallel:
    """Wrap this process's copy of a network so that `backward()` averages its gradients."""
    return DistributedDataParallel(
        model.to(device), device_ids=[device.index] if device.type == "cuda" else None
    )


def time_all_reduce(length: int, place: Place, samples: int) -> list[float]:
    """Time an all-reduce of `length` float32 numbers; the first, a warm-up, is not counted."""
    x = torch.zeros(length, device=place.device)
    times = []
    for _ in range(samples + 1):
        dist.barrier()
        times.append(seconds(lambda: dist.all_reduce(x), 2 if length > 100_000 else 5, x.device))
    return times[1:]


def time_steps(width: int, batch: int, place: Place, samples: int) -> dict[str, list[float]]:
    """Time one step of training, in rounds that take each way in turn.

    Args:
        width: Units in each of the two hidden layers.
        batch: Examples in a batch, all processes together.
        place: This process.
        samples: Rounds, after one for warm-up.

    Returns:
        Seconds by way. `alone`: process 0 takes the whole batch while the others wait. `apart`:
        each takes its share, and they do not communicate. `together`: each takes its share, and
        gradients are averaged.
    """
    single = multilayer(64, width, width, 10, dtype=torch.float32).to(place.device)
    replica = replicate(multilayer(64, width, width, 10, dtype=torch.float32), place.device)
    optimizers = {
        model: torch.optim.SGD(model.parameters(), lr=0.01) for model in (single, replica)
    }
    X = torch.rand(batch, 64, device=place.device)
    y = torch.arange(batch, device=place.device) % 10
    mine = share(batch, place.rank, place.world)

    def step(model: torch.nn.Module, rows: slice) -> None:
        optimizers[model].zero_grad()
        torch.nn.functional.cross_entropy(model(X[rows]), y[rows]).backward()
        optimizers[model].step()

    parameters = sum(p.numel() for p in single.parameters())
    # The same in every process, or one would wait for steps that the other never takes.
    repeats = int(np.clip(5e8 / (6 * parameters * batch), 1, 6))
    times: dict[str, list[float]] = {"alone": [], "apart": [], "together": []}
    for _ in range(samples + 1):
        for way, model, rows in [
            ("alone", single, slice(None)),
            ("apart", replica, mine),
            ("together", replica, mine),
        ]:
            dist.barrier()
            if way == "alone" and place.rank > 0:
                continue
            with replica.no_sync() if way == "apart" else contextlib.nullcontext():
                elapsed = seconds(lambda m=model, r=rows: step(m, r), repeats, place.device)
            times[way].append(elapsed)
    dist.barrier()
    return {way: sampled[1:] for way, sampled in times.items()}


def time_threads(width: int, batch: int, place: Place, samples: int) -> list[float]:
    """Time a step of process 0 with one thread for each process, while the others wait."""
    times = []
    if place.rank == 0:
        model = multilayer(64, width, width, 10, dtype=torch.float32)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        X, y = torch.rand(batch, 64), torch.arange(batch) % 10

        def step() -> None:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(X), y).backward()
            optimizer.step()

        torch.set_num_threads(place.world)
        times = [seconds(step, 1, torch.device("cpu")) for _ in range(samples + 1)][1:]
        torch.set_num_threads(1)
    dist.barrier()
    return times
