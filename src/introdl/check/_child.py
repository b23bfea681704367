"""Runs as a process of its own: calls the reader's function, and writes down what came of it.

It imports nothing of the project. The folder that it is given holds `job.pickle`; beside it come
`events.jsonl`, one line for each thing that happened, and `answer-<case>.npz`. What the reader's
code prints goes elsewhere, so nothing printed is taken for a result.
"""

from __future__ import annotations

import contextlib
import difflib
import faulthandler
import inspect
import json
import os
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np


class Unfit(Exception):  # noqa: N818 - it is no error of this program
    """The reader's file has no function to call."""


def main(folder: Path) -> None:
    """Do the job in `folder`."""
    job = pickle.loads((folder / "job.pickle").read_bytes())
    path = job["path"]
    with (
        (folder / "events.jsonl").open("w", encoding="utf-8") as events,
        (folder / "hanging.txt").open("w", encoding="utf-8") as hanging,
    ):

        def note(**event: Any) -> None:
            events.write(json.dumps(event) + "\n")
            events.flush()

        faulthandler.dump_traceback_later(job["seconds"], exit=True, file=hanging)
        try:
            sys.path[:0] = [str(Path(path).parent)]
            sys.path += job["roots"]
            function = find(path, job["name"], job["usage"], len(job["parameters"]))
            code = getattr(function, "__code__", None)
            note(kind="found", line=code.co_firstlineno if code else None)
            for number, pickled in enumerate(job["calls"]):
                arguments = pickle.loads(pickled)
                before = [pickle.dumps(argument) for argument in arguments]
                value = function(*arguments)
                changed = [
                    name
                    for name, argument, was in zip(
                        job["parameters"], arguments, before, strict=True
                    )
                    if pickle.dumps(argument) != was
                ]
                arrays: list[np.ndarray] = []
                form = encode(value, arrays)
                np.savez(folder / f"answer-{number}.npz", *arrays)
                note(kind="answer", form=form, changed=changed)
            note(kind="done")
        except BaseException as error:  # whatever it is, the reader is told in one line
            line, text = explain(error, path)
            note(kind="failed", line=line, text=text)
        faulthandler.cancel_dump_traceback_later()
    with contextlib.suppress(Exception):  # the reader may have put anything there
        sys.stdout.flush()
    # Threads and exit handlers of the reader's have no say.
    os._exit(0)


def find(path: str, name: str, usage: str, count: int) -> Any:
    """Run the reader's file, once, and take the function out of it."""
    module = types.ModuleType("__answer__")
    module.__file__ = path
    sys.modules["__answer__"] = module  # a dataclass looks there
    exec(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True), module.__dict__)
    found = vars(module)
    if name not in found:
        ours = [
            key for key, value in found.items() if getattr(value, "__module__", "") == "__answer__"
        ]
        near = difflib.get_close_matches(name, ours, n=1, cutoff=0.5)
        hint = f"is {near[0]} what you mean? Then rename it" if near else "define it"
        raise Unfit(f"it has no function {name}: {hint}")
    function = found[name]
    if not callable(function):
        raise Unfit(f"{name} is no function but {a(type(function).__name__)}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return function
    try:
        signature.bind(*range(count))
    except TypeError:
        code = getattr(function, "__code__", None)
        raise Unfit(
            f"{name}{signature.replace(return_annotation=inspect.Signature.empty)} does not take "
            f"what it is called with: {usage}",
            code.co_firstlineno if code else None,
        ) from None
    return function


def encode(value: Any, arrays: list[np.ndarray]) -> dict[str, Any]:
    """The form of a value as JSON; its numbers go into `arrays`."""
    if value is None:
        return {"kind": "none"}
    if isinstance(value, str):
        return {"kind": "text", "text": value}
    if isinstance(value, (tuple, list)):
        if len(value) > 1000:
            return {"kind": "other", "text": f"a {type(value).__name__} of {len(value):,}"}
        return {"kind": type(value).__name__, "items": [encode(item, arrays) for item in value]}
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        array = np.asarray(value)
        if array.dtype.kind in "biufc":
            arrays.append(array)
            kind = "array" if isinstance(value, np.ndarray) else "number"
            return {"kind": kind, "index": len(arrays) - 1}
        if array.ndim:
            return {"kind": "other", "text": f"an array of {array.dtype.name}"}
    return {"kind": "other", "text": a(type(value).__name__)}


def a(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[0] in 'aeiouAEIOU' else 'a'} {noun}"


def explain(error: BaseException, path: str) -> tuple[int | None, str]:
    """The line of the reader's file where `error` came from, and what to tell of it."""
    line = None
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == path:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    if isinstance(error, Unfit):
        return (error.args[1] if len(error.args) > 1 else None), error.args[0]
    if isinstance(error, SyntaxError) and line is None:
        return error.lineno, f"this is no Python: {error.msg}"
    if isinstance(error, NotImplementedError):
        return line, "it still says NotImplementedError: write your code in its place"
    if isinstance(error, SystemExit):
        return line, "it ends the program: let the function return its result, without exit()"
    if isinstance(error, EOFError):
        return line, "it waits for input(): all it needs is in its arguments"
    try:
        said = " ".join(str(error).split())
    except Exception:
        said = ""
    said = said if len(said) <= 200 else f"{said[:200]} …"
    return line, f"it raises {type(error).__name__}" + (f": {said}" if said else "")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
