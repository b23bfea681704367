"""Measure this machine: `python -m introdl.hardware.gpu_timing --device auto --out FILE`."""

from __future__ import annotations

import argparse
import functools
import os
import sys
import tempfile
from pathlib import Path

import torch

from introdl.hardware.gpu_timing import measuring, record
from introdl.hardware.gpu_timing.apart import apart, here
from introdl.hardware.gpu_timing.images import Images, cifar10, synthetic


def main(arguments: list[str] | None = None) -> int:
    """Measure or check; 0 if all went well, 1 if a record is bad or worse, 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m introdl.hardware.gpu_timing", description=__doc__
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--out", type=Path, help="the record to write, FILE.json")
    parser.add_argument("--cifar10", type=Path, metavar="FOLDER", help="real images to train on")
    parser.add_argument("--limit", type=float, default=540, help="end after this (s)")
    parser.add_argument("--check", type=Path, nargs="+", metavar="FILE", help="validate records")
    parser.add_argument("--adopt", type=Path, metavar="FILE", help="put a record in the course")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            return check(options.check)
        if options.adopt:
            return adopt(options.adopt)
        if options.out is None:
            raise ValueError("--out FILE is missing: say where to write the record")
        device = measuring.find_device(options.device)
        free(options.out)
        images = cifar10(options.cifar10) if options.cifar10 else synthetic()
        return run(device, images, "CIFAR-10" if options.cifar10 else "synthetic", options)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def check(paths: list[Path]) -> int:
    """Validate records, and name what is wrong with each."""
    wrong = [f"{path}: {fault}" for path in paths for fault in record.faults(record.load(path))]
    for line in wrong:
        print(f"error: {line}", file=sys.stderr)
    return 1 if wrong else 0


def adopt(path: Path) -> int:
    """Put a valid record among those that the course shows, unless a better one is there."""
    if wrong := check([path]):
        return wrong
    made = record.load(path)
    if not made["complete"]:
        print(
            f"error: {path} is not complete: measure again, with a larger --limit", file=sys.stderr
        )
        return 1
    if (
        made["provenance"]["commit"] is None
        and made["provenance"]["script"] == record.script_hash()
    ):
        made["provenance"] |= record.checkout()  # measured by these files, where there was no git
    there = record.RECORDS / record.file_name(made)
    if there.exists() and (reason := record.is_worse(made, record.load(there))):
        return refuse(path, reason)
    there.parent.mkdir(exist_ok=True)
    record.save(made, there)
    print(f"Wrote {there}")
    return 0


def refuse(path: Path, reason: str) -> int:
    """Say why a record is not put in place of a better one."""
    print(f"error: {path} is worse than the record that is there: {reason}", file=sys.stderr)
    return 1


def free(out: Path) -> None:
    """Find out before the work whether its result can be kept.

    Raises:
        OSError: If it cannot be written; the message names the file.
        ValueError: If a file is there that is no record.
    """
    if out.exists() and not record.is_record(record.load(out)):
        raise ValueError(f"--out {out}: is there, and is no record: choose another name")
    part = measuring.part_of(out)
    try:
        if out.is_dir():
            raise IsADirectoryError(None, "Is a directory")
        part.touch()
        if part.stat().st_size:  # what a run left that was cut off is kept
            part.rename(measuring.aside(part))
        else:
            part.unlink()
    except OSError as error:
        raise OSError(f"--out {out}: cannot be written: {error.strerror}") from None


def run(device: torch.device, images: Images, data: str, options: argparse.Namespace) -> int:
    """Measure, keeping what there is after each rung and operation."""
    if device.type == "cpu":
        known = hasattr(os, "sched_getaffinity")
        torch.set_num_threads(len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1)
    part, made = measuring.part_of(options.out), None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        # What is compiled is compiled here and now, also where a home cannot be written.
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", cache)
        for made in measuring.measure(
            device,
            images,
            data=data,
            limit=options.limit,
            operations=True,
            run=here if device.type == "cpu" else apart,
            report=functools.partial(print, flush=True),
        ):
            record.save(made, part)
    assert made is not None
    if not record.measured(made):
        print(f"error: no rung could be measured; the reasons are in {part}", file=sys.stderr)
        return 1
    if not made["complete"]:
        print(f"error: not all could be measured; what could is in {part}", file=sys.stderr)
        return 1
    reason = record.is_worse(made, record.load(options.out)) if options.out.exists() else None
    if reason is not None:
        return refuse(part, reason)
    part.replace(options.out)
    print(f"Wrote {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
