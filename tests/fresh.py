"""Runs a page's blocks in this fresh interpreter, in order, as a reader does who copies them.

It takes the blocks as JSON on standard input and writes what came of each into the file that is
its argument: `printed`, the `value` of a last expression as text (None where there is none, empty
where a notebook draws it), or the `error` with the line `at` which it was raised.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import linecache
import sys
import traceback
from pathlib import Path
from typing import Any

from IPython.lib.pretty import pretty


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Let a block reach this machine alone: what it needs ships with the project."""
    if event == "socket.connect" and isinstance(address := arguments[1], tuple):
        host = address[0]
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"a block may not reach {host}")


def execute(code: str, number: int, namespace: dict[str, Any]) -> dict[str, Any]:
    file = f"block {number}"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    printed = io.StringIO()
    value = None
    try:
        body = ast.parse(code, file).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed):
            exec(compile(ast.Module(body, []), file, "exec"), namespace)
            if last is not None and not code.rstrip().endswith(";"):
                value = eval(compile(ast.Expression(last.value), file, "eval"), namespace)
    except BaseException as error:
        frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
        at = frames[0] if frames else getattr(error, "lineno", 1)
        return {"error": "".join(traceback.format_exception(error)), "at": at}
    drawn = any(hasattr(value, name) for name in ("_repr_mimebundle_", "_repr_markdown_"))
    text = None if value is None else "" if drawn else pretty(value)
    return {"printed": printed.getvalue(), "value": text}


if __name__ == "__main__":
    sys.addaudithook(guard)
    blocks = json.load(sys.stdin)
    main = type(sys)("__main__")
    sys.modules["__main__"] = main
    results: list[dict[str, Any]] = []
    for number, code in enumerate(blocks, start=1):
        results.append(execute(code, number, vars(main)))
        if "error" in results[-1]:
            break
    Path(sys.argv[1]).write_text(json.dumps(results))
