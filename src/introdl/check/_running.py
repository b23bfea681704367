"""Run a reader's file in a process of its own, and read what came of it."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from introdl.check._exercise import Case, Exercise

#: How much of what an answer prints is kept.
_KEPT = 100_000
#: A child that is past its own limit by this many seconds is stopped from here.
_GRACE = 60.0


@dataclass(frozen=True)
class Other:
    """A value that is no number, array, text or sequence of these; `text` says what it is."""

    text: str


@dataclass
class Outcome:
    """What came of running a reader's file.

    Attributes:
        answers: What the function returned for the cases, as far as it came.
        changed: The parameters that it changed in place, by name.
        found: Whether the file had the function.
        line: The line on which it begins; None where that is not known.
        problem: What ended the run early, with the line where there is one.
        printed: What the file printed.
    """

    answers: list[Any] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    found: bool = False
    line: int | None = None
    problem: tuple[int | None, str] | None = None
    printed: str = ""


def run(exercise: Exercise, cases: list[Case], path: Path) -> Outcome:
    """Call the function of the file at `path` once for each case."""
    path = path.resolve()
    job = {
        "path": str(path),
        "name": exercise.name,
        "usage": exercise.usage,
        "parameters": exercise.parameters,
        "calls": [case.pickled for case in cases],
        "seconds": exercise.seconds,
        "roots": [str(Path(__file__).parents[2])],
    }
    with tempfile.TemporaryDirectory(prefix="introdl-check-") as scratch:
        folder = Path(scratch)
        (folder / "job.pickle").write_bytes(pickle.dumps(job))
        printed, status = _process(folder, exercise.seconds + _GRACE)
        outcome = _read(folder)
        outcome.printed = printed
        if outcome.problem is None and len(outcome.answers) < len(cases):
            outcome.problem = _ended(folder, path, exercise.seconds, status)
    return outcome


def _process(folder: Path, limit: float) -> tuple[str, int | None]:
    """What the child printed, and its exit status; None where it had to be stopped."""
    child = str(Path(__file__).with_name("_child.py"))
    process = subprocess.Popen(
        # -P: what lies beside the child is not what the reader imports.
        [sys.executable, "-P", "-u", child, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    )
    assert process.stdout is not None
    kept: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(process.stdout, kept), daemon=True)
    reader.start()
    status: int | None = None
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = process.wait(limit)
    finally:
        _stop(process)
        reader.join(2)
    return b"".join(kept).decode("utf-8", "replace"), status


def _drain(stream: IO[bytes], kept: list[bytes]) -> None:
    """Keep the beginning of what comes and let the rest go, so that the child never waits."""
    size = 0
    with stream:
        while block := stream.read1(65536):  # type: ignore[attr-defined]
            if size < _KEPT:
                kept.append(block[: _KEPT - size])
            size += len(block)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the child, and with it whatever it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _read(folder: Path) -> Outcome:
    outcome = Outcome()
    events = folder / "events.jsonl"
    text = events.read_text(encoding="utf-8") if events.is_file() else ""
    # A child that was stopped may have written half a line.
    for line in text.rpartition("\n")[0].splitlines():
        event = json.loads(line)
        if event["kind"] == "found":
            outcome.found, outcome.line = True, event["line"]
        elif event["kind"] == "answer":
            with np.load(folder / f"answer-{len(outcome.answers)}.npz") as arrays:
                outcome.answers.append(_decode(event["form"], arrays))
            for name in event["changed"]:
                if name not in outcome.changed:
                    outcome.changed.append(name)
        elif event["kind"] == "failed":
            outcome.problem = (event["line"], event["text"])
    return outcome


def _decode(form: dict[str, Any], arrays: Any) -> Any:
    match form["kind"]:
        case "none":
            return None
        case "text":
            return form["text"]
        case "tuple":
            return tuple(_decode(item, arrays) for item in form["items"])
        case "list":
            return [_decode(item, arrays) for item in form["items"]]
        case "array":
            return arrays[f"arr_{form['index']}"]
        case "number":
            return arrays[f"arr_{form['index']}"][()]
    return Other(form["text"])


def _ended(folder: Path, path: Path, seconds: float, status: int | None) -> tuple[int | None, str]:
    """Why the child ended before it was done."""
    hanging = folder / "hanging.txt"
    trace = hanging.read_text("utf-8", "replace") if hanging.is_file() else ""
    if trace or status is None:
        # The innermost call comes first, and what is not ASCII is escaped.
        name = str(path).encode("ascii", "backslashreplace").decode()
        found = re.search(rf'File "{re.escape(name)}", line (\d+)', trace)
        text = f"it is not done after {seconds:g} s: is there a loop that never ends?"
        return (int(found[1]) if found else None), text
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return None, f"it ended Python itself ({how}) before the function returned"
