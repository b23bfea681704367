"""Tables that set the operations of GPUs, as recorded, beside those of this CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from introdl.hardware.gpu_timing.record import script_hash, timed

Rows = list[list[str]]


def products(cpu: dict[int, float], gpus: list[dict[str, Any]]) -> tuple[list[str], Rows]:
    """The product of two n×n matrices in float32, on this CPU and on each GPU.

    Args:
        cpu: Seconds by n.
        gpus: Records.

    Returns:
        The heads of the columns, and a row for each n that the CPU has timed.
    """
    times = [by_size(gpu) for gpu in gpus]
    heads = ["n", "this CPU", *map(short_name, gpus)]
    rows = [
        [str(n), milliseconds(cpu[n]), *(milliseconds(t[n]) if n in t else "" for t in times)]
        for n in sorted(cpu)
    ]
    return heads, rows


def crossover(cpu: dict[int, float], gpu: dict[str, Any]) -> int | None:
    """The least n from which on the GPU is faster at every size that both have timed.

    Examples:
        >>> product = {"name": "matmul", "failed": None}
        >>> gpu = {"operations": [
        ...     product | {"config": {"n": n, "dtype": "float32"}, "median": 8.0}
        ...     for n in (64, 128, 256)
        ... ]}
        >>> crossover({64: 1.0, 128: 9.0, 256: 50.0}, gpu)
        128
    """
    theirs = by_size(gpu)
    found = None
    for n in sorted(cpu.keys() & theirs.keys(), reverse=True):
        if theirs[n] >= cpu[n]:
            break
        found = n
    return found


def by_size(record: dict[str, Any]) -> dict[int, float]:
    """Seconds of the float32 products of a record, by n."""
    return {
        entry["config"]["n"]: entry["median"]
        for entry in timed(record, "matmul")
        if entry["config"]["dtype"] == "float32"
    }


def costs(gpus: list[dict[str, Any]]) -> tuple[list[str], Rows]:
    """The other operations: the median of each on each GPU, and what it reaches.

    Returns:
        The heads of the columns, and a row for each operation that any GPU has timed.
    """
    found: dict[str, dict[int, str]] = {}
    for column, gpu in enumerate(gpus):
        for entry in timed(gpu):
            if entry["name"] != "matmul" or entry["config"]["dtype"] != "float32":
                reached = ", ".join(filter(None, [milliseconds(entry["median"]), rate(entry)]))
                found.setdefault(words(entry), {})[column] = reached
    rows = [[name, *(cells.get(c, "") for c in range(len(gpus)))] for name, cells in found.items()]
    return ["operation", *map(short_name, gpus)], rows


def ladder(
    gpus: list[dict[str, Any]], floor: Callable[[dict[str, Any], dict[str, Any]], float | None]
) -> tuple[list[str], Rows]:
    """Every rung on each GPU: seconds an epoch, the floor's share of them, and the loss reached.

    Args:
        gpus: Records.
        floor: For a record and one of its rungs, the least seconds that the GPU's peaks allow;
            None where they are unknown.

    Returns:
        The heads of the columns, and a row for each rung.
    """
    found: dict[str, dict[int, str]] = {}
    for column, gpu in enumerate(gpus):
        for rung in gpu["ladder"]:
            cell = "failed"
            if rung["failed"] is None:
                least = floor(gpu, rung)
                share = f", {least / rung['median']:.1%} of the roof" if least else ""
                cell = f"{rung['median']:.3g} s{share}"
                if gpu["data"] == "CIFAR-10":  # the loss on random pixels says nothing
                    cell += f", loss {rung['loss']:.3g}"
            found.setdefault(rung["title"], {})[column] = cell
    rows = [[name, *(cells.get(c, "") for c in range(len(gpus)))] for name, cells in found.items()]
    return ["rung", *map(short_name, gpus)], rows


def short_name(record: dict[str, Any]) -> str:
    """The device without its maker; marked if other code than today's measured it.

    Examples:
        >>> short_name({"device": {"name": "NVIDIA L4"}, "provenance": {"script": script_hash()}})
        'L4'
    """
    name = record["device"]["name"].removeprefix("NVIDIA ")
    current = record["provenance"]["script"] == script_hash()
    return name if current else f"{name}, measured by an earlier version"


def words(entry: dict[str, Any]) -> str:
    """An operation in words.

    Examples:
        >>> words({"name": "transfer", "config": {"pinned": False}})
        'transfer, pageable memory'
        >>> words({"name": "dense", "config": {"batch": 4}})
        'dense, batch 4'
    """
    said = {
        ("pinned", True): "pinned memory",
        ("pinned", False): "pageable memory",
        ("waits", True): "waiting for it",
        ("waits", False): "not waiting",
    }
    config = entry["config"].items()
    if entry["name"] == "triad":
        config = ()
    return ", ".join([entry["name"], *(said.get(pair, f"{pair[0]} {pair[1]}") for pair in config)])


def rate(entry: dict[str, Any]) -> str:
    """What an operation reaches: arithmetic where it computes much for each byte, else traffic."""
    if entry["name"] == "launch":
        return ""
    if entry["flops"] > 8 * entry["bytes"]:
        return f"{three_digits(entry['flops'] / entry['median'] / 1e12)} TFLOP/s"
    return f"{three_digits(entry['bytes'] / entry['median'] / 1e9)} GB/s"


def three_digits(value: float) -> str:
    """A number rounded to three digits, and written without an exponent if it is large.

    Examples:
        >>> three_digits(2796.2), three_digits(0.12345)
        ('2,800', '0.123')
    """
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 1000 else f"{value:.3g}"


def milliseconds(seconds: float) -> str:
    """Three digits of milliseconds."""
    return f"{three_digits(1e3 * seconds)} ms"
