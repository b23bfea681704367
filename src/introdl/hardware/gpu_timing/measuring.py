"""Measure every rung that a machine supports, and survive those that fail."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from introdl.hardware.cpu_gpu_tpu.operations import measure as measure_operations
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
SAMPLES = 5


def measure(
    device: torch.device,
    images: Images,
    *,
    data: str = "synthetic",
    limit: float = 480,
    steps: int | None = None,
    operations: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> Iterator[dict[str, Any]]:
    """Measure the ladder, and yield the machine's record after each rung and operation.

    Args:
        device: Where to train.
        images: What to train on.
        data: What the images are, for the record.
        limit: Seconds after which no further rung or operation begins.
        steps: Steps a sample; by default a whole epoch on a GPU, and 20 on a CPU, from which the
            epoch is extrapolated.
        operations: Whether to time single operations after the ladder, those of the lesson
            "CPU, GPU and TPU".
        report: Told each rung as it begins and ends.
    """
    record = new_record(device, data)
    deadline = time.monotonic() + limit
    rungs = [rung for rung in RUNGS if device.type in rung.devices]
    for number, rung in enumerate(rungs, start=1):
        report(f"[{number}/{len(rungs)}] {rung.name}: {rung.title}")
        entry = _outline(rung)
        try:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not begun: the limit of {limit:g} s was reached")
            entry |= measure_rung(rung, images, device, steps)
            report(f"    {entry['median']:.3g} s an epoch")
        except Exception as error:  # whatever a driver or a compiler may raise: the rest goes on
            reason = str(error).strip().split("\n")[0] or type(error).__name__
            entry["failed"] = f"{type(error).__name__}: {reason}"[:300]
            report(f"    failed: {entry['failed']}")
        record["ladder"].append(entry)
        record["complete"] = number == len(rungs) and not operations
        _forget(device)
        yield record
    if not operations:
        return
    set_precision("fp32")
    for entry in measure_operations(device):
        if time.monotonic() > deadline:
            return
        report(f"{label(entry)}: {entry['failed'] or format(entry['median'], '.3g') + ' s'}")
        record["operations"].append(entry)
        yield record
    record["complete"] = True
    yield record


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
            f"a step differs from float64: loss by {check.loss:.2g}, gradient by "
            f"{check.gradient:.2g}, allowed {check.tolerance:g}"
        )
    count = min(VALIDATION_IMAGES, len(images.validation), 8 * steps)
    trainer.epoch(min(WARMUP_STEPS, whole))
    loss = trainer.validate(count)
    samples = []
    for _ in range(SAMPLES):
        train = seconds(lambda: trainer.epoch(steps), device)
        validate = seconds(lambda: trainer.validate(count), device)
        samples.append(
            train * TRAIN_IMAGES / (steps * rung.batch) + validate * VALIDATION_IMAGES / count
        )
    median, iqr = median_and_iqr(samples)
    return {
        "samples": samples,
        "median": median,
        "iqr": iqr,
        "warmup_steps": min(WARMUP_STEPS, whole),
        "steps": steps,
        "extrapolated": steps < TRAIN_IMAGES // rung.batch,
        "prepare_seconds": prepare,
        "flops": flops_per_epoch(),
        "bytes": bytes_per_epoch(2 if rung.precision == "bf16" else 4),
        "peak_memory": torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None,
        "check": {**check._asdict(), "passed": check.passed},
        "loss": loss,
    }


def _forget(device: torch.device) -> None:
    """Give the next rung a clean start."""
    if device.type == "cuda":
        torch.compiler.reset()
        # Where the device is gone, the next rung says so.
        with contextlib.suppress(RuntimeError):
            torch.cuda.empty_cache()


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
