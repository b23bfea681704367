"""Run a part of the work in a process of its own, which may hang, crash or lose its device."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

Task = Callable[..., Iterator[Any]]


class TaskError(Exception):
    """What was raised in the other process, in one line."""


def reason(error: Exception) -> str:
    r"""An exception in one line of at most 300 characters: its kind, and the first line it says.

    Examples:
        >>> reason(RuntimeError("out of memory\nand more"))
        'RuntimeError: out of memory'
    """
    if isinstance(error, TaskError):
        return str(error)
    said = str(error).strip().split("\n")[0]
    return (f"{type(error).__name__}: {said}" if said else type(error).__name__)[:300]


def here(task: Task, *arguments: Any, limit: float) -> Iterator[Any]:
    """Yield what `task` yields, in this process: nothing can end it, so `limit` is ignored."""
    del limit
    yield from task(*arguments)


def apart(task: Task, *arguments: Any, limit: float) -> Iterator[Any]:
    """Yield what `task` yields in a new process, which ends after `limit` seconds.

    After one failed kernel a CUDA context refuses everything, a compiler can hang, and a driver
    can end its process. All of that stays there.

    Raises:
        TaskError: If `task` raises.
        TimeoutError: If it is not done in time.
        ChildProcessError: If its process ends before it is done.
    """
    context = multiprocessing.get_context("spawn")  # a CUDA context does not survive a fork
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_serve, args=(theirs, task, arguments))
    deadline = time.monotonic() + limit
    child.start()
    theirs.close()
    try:
        while True:
            # A process of its own may hold the pipe open after it has ended: so look at it, too.
            while not ours.poll(max(0.0, min(1.0, deadline - time.monotonic()))):
                if not child.is_alive() and not ours.poll():
                    raise ChildProcessError(f"its process ended with {child.exitcode}")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"not done after {limit:.0f} s")
            try:
                kind, value = ours.recv()
            except EOFError:
                child.join()
                raise ChildProcessError(f"its process ended with {child.exitcode}") from None
            if kind == "failed":
                raise TaskError(value)
            if kind == "done":
                return
            yield value
    finally:
        _end(child)


def _serve(pipe: Connection, task: Task, arguments: tuple[Any, ...]) -> None:
    os.setsid()  # so that its own processes, of loaders and compilers, end with it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        for value in task(*arguments):
            pipe.send(("value", value))
        pipe.send(("done", None))
    except Exception as error:  # whatever a driver or a compiler may raise
        pipe.send(("failed", reason(error)))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.killpg(0, signal.SIGKILL)


def _end(child: multiprocessing.process.BaseProcess) -> None:
    assert child.pid is not None
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:  # it has ended, or is not yet a group of its own
        child.kill()
    child.join(10)  # one that its driver holds may not end, and must not hold up the rest
