"""The script that torchrun starts in each process: train, time, and write one record."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist

from introdl.hardware.data_parallel.processes import Place, process_group
from introdl.hardware.data_parallel.timings import (
    BATCHES,
    LENGTHS,
    WIDTHS,
    replicate,
    time_all_reduce,
    time_steps,
    time_threads,
)
from introdl.hardware.data_parallel.training import multilayer, predict, train


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="torchrun ... -m introdl.hardware.data_parallel",
        description="Train a small network on real digits, each process on its share of a batch.",
    )
    parser.add_argument("--out", type=Path, required=True, help="the record to write, as JSON")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--backend", help="gloo, nccl, ...; by default what suits the device")
    parser.add_argument("--batch", type=int, default=64, help="examples in a batch, over all")
    parser.add_argument("--epochs", type=int, default=6, help="passes through the data")
    parser.add_argument("--samples", type=int, default=5, help="samples of each time; 0: no times")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for a process")
    return parser.parse_args(arguments)


def digits_tensors() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, np.ndarray]:
    """Load the digits, a fifth of them held out: inputs and labels to train on, and to test."""
    # It loads scikit-learn, which takes a second: a wrong option is refused before.
    from introdl import data

    X, y = data.digits()
    part = data.split(X, y, seed=0)
    return (
        torch.from_numpy(np.vstack([part.X_train, part.X_val])),
        torch.from_numpy(np.append(part.y_train, part.y_val)),
        torch.from_numpy(part.X_test),
        part.y_test,
    )


def digits_run(place: Place, batch: int, epochs: int) -> dict[str, object]:
    """Train on the digits: once with shares weighted, and for one epoch by the mean of means."""
    X, y, X_test, _ = (torch.as_tensor(a, device=place.device) for a in digits_tensors())
    steps = -(-len(X) // batch)  # in one epoch, rounded up
    found: dict[str, object] = {}
    for name, passes in [("mean_of_means", 1), ("weighted", epochs)]:
        model = replicate(multilayer(64, 32, 10), place.device)
        losses, gradients = train(
            model,
            X,
            y,
            batch,
            passes,
            rank=place.rank,
            world=place.world,
            weighted=name == "weighted",
        )
        found[name] = {"losses": losses.tolist(), "gradients": gradients[:steps].tolist()}
    found["predictions"] = predict(model.module, X_test).tolist()
    # The copies must stay the same to the last bit: the largest and the smallest of each weight.
    high = torch.cat([p.detach().flatten() for p in model.parameters()])
    low = high.clone()
    dist.all_reduce(high, op=dist.ReduceOp.MAX)
    dist.all_reduce(low, op=dist.ReduceOp.MIN)
    found["copies_differ"] = float((high - low).abs().max())
    return found


def all_reduced(place: Place, n: int = 1000) -> list[float]:
    """Add up one random vector of each process, drawn with its rank as the seed."""
    x = torch.from_numpy(np.random.default_rng(place.rank).normal(size=n)).to(place.device)
    dist.all_reduce(x)
    return x.tolist()


def timed(place: Place, samples: int) -> dict[str, object]:
    """Time every network at every batch size, and an all-reduce of every length."""
    found: dict[str, object] = {
        "all_reduce": [
            {"bytes": 4 * n, "seconds": time_all_reduce(n, place, 2 * samples)} for n in LENGTHS
        ],
        "steps": [
            {"width": width, "batch": batch, **time_steps(width, batch, place, samples)}
            for width in WIDTHS
            for batch in BATCHES
        ],
    }
    if place.device.type == "cpu":
        found["threads"] = time_threads(WIDTHS[-1], BATCHES[-1], place, samples)
    return found


def run(options: argparse.Namespace) -> None:
    """Do in this process what the command line asks for."""
    rank = os.environ.get("RANK", "0")
    if rank == "0" and not os.access(options.out.absolute().parent, os.W_OK):
        raise ValueError(f"cannot write {options.out}: no such folder, or not writable")
    with process_group(options.device, options.backend, options.timeout) as place:
        record = {
            "world": place.world,
            "backend": dist.get_backend(),
            "device": platform.machine()
            if place.device.type == "cpu"
            else torch.cuda.get_device_name(place.device),
            "torch": torch.__version__,
            "all_reduced": all_reduced(place),
            "digits": digits_run(place, options.batch, options.epochs),
        }
        if options.samples > 0:
            record["times"] = timed(place, options.samples)
    if place.rank == 0:
        # Whole or not at all: a run that is cut off leaves the old record as it was.
        draft = options.out.with_name(options.out.name + ".part")
        draft.write_text(json.dumps(record), encoding="utf-8")
        draft.replace(options.out)


def main(arguments: list[str] | None = None) -> int:
    """Run, and say in one line why it could not be done; the exit status."""
    options = parse(arguments)
    try:
        run(options)
    except (ValueError, OSError, RuntimeError) as error:
        # A lost or silent process shows as a RuntimeError of the backend.
        line = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        # In one write, so that the lines of two processes do not mix.
        sys.stderr.write(f"data_parallel: process {os.environ.get('RANK', '0')}: {line}\n")
        return 1
    return 0
