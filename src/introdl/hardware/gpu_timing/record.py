"""A machine's record: what was measured, on what, by which code, kept as JSON."""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).parent
SCHEMA = HERE / "record.schema.json"
#: Where the records lie that the course shows; a machine with a GPU adds one.
RECORDS = HERE.parent / "records"


def median_and_iqr(samples: list[float]) -> tuple[float, float]:
    """The median, and the width of the middle half.

    Examples:
        >>> median_and_iqr([1.0, 2.0, 3.0, 4.0, 9.0])
        (3.0, 2.0)
    """
    low, middle, high = np.quantile(samples, [0.25, 0.5, 0.75])
    return float(middle), float(high - low)


def script_hash() -> str:
    """A hash of the code that measures: a record of other code was measured by other code."""
    digest = hashlib.sha256()
    for path in sorted([*HERE.glob("*.py"), *(HERE.parent / "cpu_gpu_tpu").glob("*.py")]):
        if path.name in ("comparing.py", "roofline.py"):  # they read records, or none
            continue
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def new_record(device: torch.device, data: str) -> dict[str, Any]:
    """A record of this machine with nothing measured yet."""
    return {
        "format": 1,
        "provenance": {
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            **checkout(),
            "script": script_hash(),
            "source": "python -m introdl.hardware.gpu_timing",
        },
        "device": _device(device),
        "software": {
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "numpy": np.__version__,
            "cuda": torch.version.cuda,
        },
        "data": data,
        "complete": False,
        "ladder": [],
        "operations": [],
    }


def checkout() -> dict[str, Any]:
    """The commit of this code, and whether a file of it was changed since; None where unknown."""
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--untracked-files=no")
    return {
        "commit": commit,
        "dirty": None if commit is None or changes is None else changes != "",
    }


def _git(*arguments: str) -> str | None:
    command = ["git", "-C", str(HERE), *arguments]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None  # an installed copy, or a machine without git
    return run.stdout.strip()


def _device(device: torch.device) -> dict[str, Any]:
    if device.type == "cpu":
        return {"type": "cpu", "name": _processor(), "threads": torch.get_num_threads()}
    found = torch.cuda.get_device_properties(device)
    return {
        "type": "cuda",
        "name": found.name,
        "capability": f"{found.major}.{found.minor}",
        "multiprocessors": found.multi_processor_count,
        "memory_bytes": found.total_memory,
        "driver": _driver(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(filter(None, names), platform.processor() or platform.machine() or "unknown")


def _driver() -> str | None:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.split("\n")[0].strip() or None


def save(record: dict[str, Any], path: Path) -> None:
    """Write a record by a rename: a reader finds a whole one or none."""
    half = path.with_name(f".{path.name}.half")
    half.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    half.replace(path)


def load(path: Path) -> dict[str, Any]:
    """Read a record.

    Raises:
        ValueError: If the file cannot be read or is no JSON object; it names the file.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path}: is no JSON: {error}") from None
    if not isinstance(record, dict):
        raise ValueError(f"{path}: is no record: it holds a {type(record).__name__}")
    return record


def _no_number(name: str) -> None:
    raise ValueError(f"it holds {name}")


def is_record(found: dict[str, Any]) -> bool:
    """Whether there is what records are compared by; `faults` checks the whole form."""
    try:
        names = [label(entry) for entry in (*measured(found), *timed(found))]
        device, date = found["device"]["name"], found["provenance"]["date"]
        return "data" in found and all(isinstance(text, str) for text in (*names, device, date))
    except (KeyError, TypeError, AttributeError):
        return False


def file_name(record: dict[str, Any]) -> str:
    """What a record's file is called in the course: after its device.

    Examples:
        >>> file_name({"device": {"name": "NVIDIA H100 80GB HBM3"}})
        'nvidia-h100-80gb-hbm3.json'
    """
    return re.sub(r"[^a-z0-9]+", "-", record["device"]["name"].lower()).strip("-") + ".json"


def committed() -> list[dict[str, Any]]:
    """The records that the course ships with, in the order of their files' names."""
    try:
        paths = sorted(path for path in RECORDS.iterdir() if path.suffix == ".json")
    except FileNotFoundError:
        paths = []
    return [load(path) for path in paths]


def faults(record: dict[str, Any]) -> list[str]:
    """What is wrong with a record: its form, or a median that is not its samples'."""
    try:  # a machine that only measures needs no more than NumPy and PyTorch
        import jsonschema
    except ImportError:
        raise ValueError("records are checked with jsonschema: pip install jsonschema") from None

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found = [
        f"{error.json_path}: {error.message[:200]}"
        for error in jsonschema.Draft202012Validator(schema).iter_errors(record)
    ]
    if found:
        return found
    for entry in [*measured(record), *timed(record)]:
        for name, value in zip(("median", "iqr"), median_and_iqr(entry["samples"]), strict=True):
            if not np.isclose(entry[name], value, rtol=1e-9, atol=0):
                found.append(f"{label(entry)}: {name} is {entry[name]}, its samples give {value}")
    if not any(rung["config"]["same"] for rung in measured(record)):
        found.append("no rung of the lecture's algorithm was measured")
    found += [
        f"{rung['name']}: was measured though its check failed"
        for rung in measured(record)
        if not rung["check"]["passed"]
    ]
    found += [
        f"{label(operation)}: was measured though it is wrong"
        for operation in timed(record)
        if not operation["check"]["error"] <= operation["check"]["tolerance"]
    ]
    return found


def measured(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The rungs that were measured, in order."""
    return [rung for rung in record["ladder"] if rung["failed"] is None]


def timed(record: dict[str, Any], name: str | None = None) -> list[dict[str, Any]]:
    """The operations that were timed, in order; those of one name, if one is given."""
    done = [entry for entry in record["operations"] if entry["failed"] is None]
    return [entry for entry in done if name in (None, entry["name"])]


def label(entry: dict[str, Any]) -> str:
    """What a rung or an operation is called.

    Examples:
        >>> label({"name": "dense", "config": {"batch": 4}})
        'dense (batch 4)'
    """
    if "title" in entry:
        return str(entry["name"])
    particular = ", ".join(f"{name} {value}" for name, value in entry["config"].items())
    return f"{entry['name']} ({particular})"


def is_worse(new: dict[str, Any], old: dict[str, Any]) -> str | None:
    """Why `new` must not replace `old`; None if it may."""
    if new["device"]["name"] != old["device"]["name"]:
        return f"it is of another device, {new['device']['name']}, not {old['device']['name']}"
    has, had = ([label(e) for e in [*measured(r), *timed(r)]] for r in (new, old))
    if lost := set(had) - set(has):
        return f"it lacks what the old one measured: {', '.join(sorted(lost))}"
    if old["complete"] and not new["complete"]:
        return "it is not complete, and the old one is"
    if new["provenance"]["date"] < old["provenance"]["date"]:
        return "it is older"
    before = {rung["name"]: rung for rung in measured(old)}
    for rung in measured(new):
        then = before.get(rung["name"], rung)
        if rung["steps"] < then["steps"]:
            return f"{rung['name']} has fewer steps a sample than before"
        if rung["extrapolated"] and not then["extrapolated"]:
            return f"{rung['name']} is extrapolated, and was not before"
        # A short epoch is sampled for so many seconds, so the count varies.
        if 2 * len(rung["samples"]) < len(then["samples"]):
            return f"{rung['name']} has not half as many samples as before"
    if old["data"] == "CIFAR-10" != new["data"]:
        return "the old one trained on the real CIFAR-10"
    return None
