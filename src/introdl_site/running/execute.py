"""Run one example in a kernel of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from introdl_site.dependencies import declared
from introdl_site.problems import Problem, line_of
from introdl_site.project import Example, ExampleError, fingerprint
from introdl_site.running import forking, handing, kept, kernel
from introdl_site.running.run import Run

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
#: The folder of a run in which it keeps what it hands on.
_KEPT = "handed-on"
_CELL_FRAME = re.compile(r"Cell In\[\d+\], line (\d+)")


async def run(example: Example, limit: float) -> Run:
    """Execute `example` within `limit` seconds.

    Raises:
        ExampleError: If a cell raises, warns, writes to stderr or runs past the limit.
    """
    began = time.monotonic()
    before = _snapshot(example)
    notebook, lines = example.read()
    with tempfile.TemporaryDirectory(prefix="introdl-") as scratch:
        # Files, not ports: nothing else on the machine can reach or disturb the kernel.
        manager = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{scratch}/kernel")
        if forking.process.lives:
            manager.provisioner = forking.ForkProvisioner(
                kernel_spec=manager.kernel_spec, parent=manager
            )
        client = NotebookClient(
            notebook,
            km=manager,
            record_timing=False,
            startup_timeout=120,
            shutdown_kernel="immediate",
            extra_arguments=["--HistoryManager.enabled=False"],
            resources={"metadata": {"path": scratch}},
        )
        setup = client.async_setup_kernel(env=_environment(example, scratch), cleanup_kc=True)
        async with _whole(setup):
            source = Path(kernel.__file__).read_text(encoding="utf-8")
            root = str(example.project.root)
            await _hidden(client, f"{_module('_introdl', source)}\n_introdl.start({root!r})")
            # The limit is for the example; what a busy machine takes to start a kernel is not its.
            deadline = time.monotonic() + limit
            count = 0
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type != "code":
                    continue
                count += 1
                client.timeout = max(1, int(deadline - time.monotonic()))
                try:
                    await client.async_execute_cell(cell, index, execution_count=count)
                except CellExecutionError as error:
                    raise _failed(example, cell, lines[index], error) from None
                except CellTimeoutError:
                    message = f"ran past the limit of {limit:g} s"
                    traceback = await _interrupted(manager, cell)
                    raise _placed(example, cell, lines[index], message, traceback) from None
                except DeadKernelError:
                    problem = _problem(example, cell, lines[index], "killed its kernel")
                    raise ExampleError(problem) from None
                _refuse_stderr(example, cell, lines[index])
            client.timeout = 60
            used = json.loads(await _hidden(client, f"_introdl.finish({root!r}, {declared()!r})"))
        _refuse_lost(example, used["left"])
        handed = handing.settle(example, Path(scratch, _KEPT), used["asked"])
    paths = {
        path: before.get(path) or fingerprint(example.project.root / path)
        for path in [*used["paths"], example.label]
    }
    return Run(notebook, time.monotonic() - began, paths, used["versions"], handed)


@contextlib.asynccontextmanager
async def _whole(setup: AbstractAsyncContextManager[None]) -> AsyncIterator[None]:
    """Enter `setup` even if that is cancelled, and leave it: half a kernel would hang at exit."""
    entering = asyncio.ensure_future(setup.__aenter__())
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        await entering
        await setup.__aexit__(None, None, None)
        raise
    try:
        yield
    finally:
        await setup.__aexit__(None, None, None)


def _snapshot(example: Example) -> dict[str, str | None]:
    """Fingerprint the project's code, so that an edit during the run is not taken as run."""
    root = example.project.root
    return {
        path.relative_to(root).as_posix(): fingerprint(path)
        for folder in ("src", "examples", "tests")
        for path in (root / folder).rglob("*.[jpt][syo]*")
        if path.suffix in (".py", ".toml", ".json")
    }


def _environment(example: Example, scratch: str) -> dict[str, str]:
    """This checkout's code comes first, and nothing is written beside it."""
    path = [str(example.project.root / "src"), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        **forking.ENVIRONMENT,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "INTRODL_ROOT": str(example.project.root),
        "IPYTHONDIR": scratch,
        "INTRODL_LESSON": example.name,
        "INTRODL_HANDED": str(kept.folder(example.project)),
        "INTRODL_KEPT": str(Path(scratch, _KEPT)),
    }


def _module(name: str, source: str) -> str:
    """Code that defines module `name` from `source`, and leaves nothing else behind."""
    return f"import types; {name} = types.ModuleType({name!r}); exec({source!r}, {name}.__dict__)"


async def _hidden(client: NotebookClient, code: str) -> str:
    """Run code that is no cell of the notebook, and return what it printed."""
    cell = nbformat.v4.new_code_cell(code)
    client.nb.cells.append(cell)
    try:
        await client.async_execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    finally:
        client.nb.cells.pop()
    return "".join(output.get("text", "") for output in cell.outputs)


def _problem(example: Example, cell: NotebookNode, line: int, message: str) -> Problem:
    name = cell.metadata.get("name")
    return Problem(example.label, line, f"{f'cell {name!r}' if name else 'this cell'} {message}")


def _failed(
    example: Example, cell: NotebookNode, start: int, error: CellExecutionError
) -> ExampleError:
    outputs = [output for output in cell.outputs if output.output_type == "error"]
    traceback = "\n".join(outputs[-1].traceback if outputs else [str(error)])
    return _placed(example, cell, start, f"raised {error.ename}: {error.evalue}", traceback)


def _placed(
    example: Example, cell: NotebookNode, start: int, message: str, traceback: str
) -> ExampleError:
    """An error on the line of the script that the traceback of a cell leads to."""
    traceback = _ANSI.sub("", traceback)
    frames = _CELL_FRAME.findall(traceback)
    line = start + int(frames[0]) if frames else start
    return ExampleError(_problem(example, cell, line, f"{message}\n{traceback}".strip()))


async def _interrupted(manager: AsyncKernelManager, cell: NotebookNode) -> str:
    """Interrupt what hangs, and return the traceback that says where; empty if it says nothing."""
    await manager.interrupt_kernel()
    end = time.monotonic() + 5
    while time.monotonic() < end:  # the client goes on to gather what the cell shows
        await asyncio.sleep(0.05)
        for output in cell.outputs:
            if output.output_type == "error":
                return "\n".join(output.traceback)
    return ""


def _refuse_lost(example: Example, left: list[str]) -> None:
    """Name what an example wrote into its working folder, which is gone after the run."""
    text = example.path.read_text(encoding="utf-8-sig")
    lost = [name for name in left if name != _KEPT]
    if lost:
        message = (
            "is written into the working folder, and lost when the run ends: publish it by "
            "introdl.show.file, keep it for later examples by introdl.handed.keep, or write into "
            "a tempfile.TemporaryDirectory()"
        )
        found = (
            Problem(example.label, line_of(text, name), f"{name!r} {message}") for name in lost
        )
        raise ExampleError(*found)


def _refuse_stderr(example: Example, cell: NotebookNode, line: int) -> None:
    text = "".join(
        output.text
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )
    if text.strip():
        message = f"wrote to stderr: {text.strip()}\n(print results; mend the cause of a warning)"
        raise ExampleError(_problem(example, cell, line, message))
