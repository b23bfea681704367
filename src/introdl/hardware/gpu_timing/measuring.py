"""Measure every rung that a machine supports, and survive those that fail."""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from introdl.hardware.cpu_gpu_tpu.operations import measure as measure_operations
from introdl.hardware.gpu_timing.apart import here, reason
from introdl.hardware.gpu_timing.images import Images
from introdl.hardware.gpu_timing.network import (
    TRAIN_IMAGES,
    VALIDATION_IMAGES,
    bytes_per_epoch,
    flops_per_epoch,
)
from introdl.hardware.gpu_timing.record import label, median_and_iqr, new_record
from introdl.hardware.gpu_timing.rungs import RUNGS, Rung, set_precision
from introdl.hardware.gpu_timing.training import Trainer, seconds

WARMUP_STEPS = 10
#: Samples of an epoch: at least so many, and more of a short one, up to so many seconds.
SAMPLES, MOST_SAMPLES, FOR_SAMPLES = 5, 30, 10
#: Seconds that a sample on a CPU may take: a slow or a busy machine takes fewer steps, not longer.
FOR_A_SAMPLE, FEWEST_STEPS = 3, 3
#: Seconds that a rung may take, and those that are kept for the operations after the ladder.
FOR_A_RUNG, FOR_OPERATIONS = 150, 100


def measure(
    device: torch.device,
    images: Images,
    *,
    data: str = "synthetic",
    limit: float = 480,
    steps: int | None = None,
    operations: bool = False,
    run: Callable[..., Iterator[Any]] = here,
    report: Callable[[str], None] = lambda line: None,
) -> Iterator[dict[str, Any]]:
    """Measure the ladder, and yield the machine's record after each rung and operation.

    Args:
        device: Where to train.
        images: What to train on.
        data: What the images are, for the record.
        limit: Seconds after which nothing further begins, and what runs `apart` ends.
        steps: Steps per sample; by default a whole epoch on a GPU, and 20 on a CPU, from which the
            epoch is extrapolated. A CPU takes fewer where a sample would last too long.
        operations: Whether to time single operations after the ladder, those of the lesson
            "CPU, GPU and TPU".
        run: `here`, or `apart` to give each rung a process of its own.
        report: Told each rung as it begins and ends.

    Raises:
        OSError: If the device cannot be used at all.
    """
    deadline = time.monotonic() + limit
    try:
        [record] = run(_empty_record, device, data, limit=FOR_A_RUNG)
    except Exception as error:
        raise OSError(f"the device cannot be used: {reason(error)}") from None
    kept = FOR_OPERATIONS if operations else 0
    rungs = [rung for rung in RUNGS if device.type in rung.devices]
    for number, rung in enumerate(rungs, start=1):
        report(f"[{number}/{len(rungs)}] {rung.name}: {rung.title}")
        entry = _outline(rung)
        left = deadline - kept - time.monotonic()
        try:
            if left < 0:
                raise TimeoutError(f"not begun: the limit of {limit:g} s was reached")
            [found] = run(_measured, rung, images, device, steps, limit=min(left, FOR_A_RUNG))
            entry |= found
            report(f"    {entry['median']:.3g} s an epoch")
        except Exception as error:  # whatever a driver or a compiler may raise: the rest goes on
            entry["failed"] = reason(error)
            report(f"    failed: {entry['failed']}")
        record["ladder"].append(entry)
        record["complete"] = number == len(rungs) and not operations
        yield record
    if not operations:
        return
    left = deadline - time.monotonic()
    if left < 0:
        return
    try:
        for entry in run(_operations, device, limit=left):
            report(f"{label(entry)}: {entry['failed'] or format(entry['median'], '.3g') + ' s'}")
            record["operations"].append(entry)
            yield record
            if time.monotonic() > deadline:
                return
    except Exception as error:  # those that were timed stay
        report(f"operations: {reason(error)}")
        return
    record["complete"] = True
    yield record


def _empty_record(device: torch.device, data: str) -> Iterator[dict[str, Any]]:
    torch.ones(1, device=device).item()  # a device that is there may still be lost, or full
    yield new_record(device, data)


def _measured(
    rung: Rung, images: Images, device: torch.device, steps: int | None
) -> Iterator[dict[str, Any]]:
    yield measure_rung(rung, images, device, steps)


def _operations(device: torch.device) -> Iterator[dict[str, Any]]:
    set_precision("fp32")
    yield from measure_operations(device)


def _outline(rung: Rung) -> dict[str, Any]:
    config = dataclasses.asdict(rung) | {"same": rung.same}
    for name in ("name", "title", "devices"):
        del config[name]
    return {"name": rung.name, "title": rung.title, "config": config, "failed": None}


def measure_rung(
    rung: Rung, images: Images, device: torch.device, steps: int | None = None
) -> dict[str, Any]:
    """Check one rung, warm it up and time it.

    Raises:
        ArithmeticError: If its step is not the network's, within the precision's tolerance.
    """
    whole = len(images.train) // rung.batch
    steps = min(steps or (20 if device.type == "cpu" else whole), whole)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    made: list[Trainer] = []
    prepare = seconds(lambda: made.append(Trainer(rung, images, device)), device)
    trainer = made[0]
    check = trainer.check()
    if not check.passed:
        raise ArithmeticError(
            f"a step differs from float64: loss by {check.loss:.2g}, last layer's gradient by "
            f"{check.last:.2g}, allowed {check.tolerance:g}; whole gradient by "
            f"{check.gradient:.2g}, allowed {check.switched:g}"
        )
    # A GPU raises its clock and takes its memory in the first epoch.
    warmup = steps if device.type == "cuda" else min(WARMUP_STEPS, whole)
    step = seconds(lambda: trainer.epoch(warmup), device) / warmup
    if device.type == "cpu":
        steps = min(steps, max(FEWEST_STEPS, int(FOR_A_SAMPLE / step)))
    count = min(VALIDATION_IMAGES, len(images.validation))
    if steps < whole:
        count = min(count, 8 * steps)
    trainer.validate(count)
    samples: list[float] = []
    losses: list[float] = []
    most = MOST_SAMPLES if device.type == "cuda" else SAMPLES
    began = time.monotonic()
    while len(samples) < SAMPLES or (
        len(samples) < most and time.monotonic() - began < FOR_SAMPLES
    ):
        train = seconds(lambda: trainer.epoch(steps), device)
        validate = seconds(lambda: losses.append(trainer.validate(count)), device)
        samples.append(
            train * TRAIN_IMAGES / (steps * rung.batch) + validate * VALIDATION_IMAGES / count
        )
    if not math.isfinite(losses[-1]):
        raise ArithmeticError(f"the loss on validation images is {losses[-1]}")
    median, iqr = median_and_iqr(samples)
    return {
        "samples": samples,
        "median": median,
        "iqr": iqr,
        "warmup_steps": warmup,
        "steps": steps,
        "extrapolated": steps < TRAIN_IMAGES // rung.batch or count < VALIDATION_IMAGES,
        "prepare_seconds": prepare,
        "flops": flops_per_epoch(),
        "bytes": bytes_per_epoch(2 if rung.precision == "bf16" else 4),
        "peak_memory": torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None,
        "check": {**check._asdict(), "passed": check.passed},
        "loss": losses[-1],
    }


def find_device(name: str) -> torch.device:
    """The device by name: `auto` is a GPU where there is one.

    Raises:
        ValueError: If there is no such device here.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name not in ("cpu", "cuda"):
        raise ValueError(f"--device {name}: unknown; choose auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda: PyTorch finds no CUDA device here; try --device cpu")
    return torch.device(name)


def part_of(path: Path) -> Path:
    """Where a record lies while it is being measured."""
    return path.with_name(path.stem + ".part" + path.suffix)


def aside(part: Path) -> Path:
    """A free name for what an earlier run left."""
    names = (part.with_stem(f"{part.stem}-{number}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())
