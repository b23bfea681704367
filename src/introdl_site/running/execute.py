"""Run one example, or the blocks of one page, in a kernel of its own."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from introdl_site.dependencies import declared
from introdl_site.problems import Problem, line_of
from introdl_site.project import Example, ExampleError, Runnable, fingerprint
from introdl_site.running import forking, handing, isolation, kept, kernel
from introdl_site.running.run import Run
from introdl_site.running.watch import Watch

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
#: The folder of a run in which it keeps what it hands on.
_KEPT = "kept"
_CELL_FRAME = re.compile(r"Cell In\[\d+\], line (\d+)")


async def run(item: Runnable, limit: float) -> Run:
    """Execute `item` within `limit` seconds of processor time.

    Raises:
        ExampleError: If a cell raises, warns, writes to stderr or runs past the limit.
    """
    before = _snapshot(item) | {item.label: item.fingerprint()}
    notebook, places = item.read()
    with isolation.folder() as folder:
        # Files, not ports: nothing else on the machine can reach or disturb the kernel.
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            transport="ipc",
            ip=f"{folder}/socket",
            connection_file=f"{folder}/kernel.json",
        )
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
            resources={"metadata": {"path": f"{folder}/work"}},
        )
        setup = client.async_setup_kernel(env=_environment(item, folder), cleanup_kc=True)
        async with _whole(setup):
            source = Path(kernel.__file__).read_text(encoding="utf-8")
            root, answer = str(item.project.root), f"{folder}/used.json"
            await _hidden(client, _START.format(source=source, root=root))
            # The limit is for the cells; what it takes to start a kernel is not theirs.
            watch, began = Watch(manager, limit), time.monotonic()
            try:
                last = await _cells(client, item, places, watch)
            finally:
                watch.stop()
            seconds = time.monotonic() - began
            late = await _hidden(client, _FINISH.format(arguments=(root, declared(), answer)))
            if late.strip():
                message = f"printed after it had ended: {late.strip()}"
                raise ExampleError(item.problem(notebook.cells[last], places[last][0], message))
            used = json.loads(Path(answer).read_text())
        _refuse_lost(item, used["left"])
        handed = handing.settle(item, folder / _KEPT, used["asked"])
    paths = {
        path: before.get(path) or fingerprint(item.project.root / path)
        for path in [*used["paths"], item.label]
    }
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Run(notebook, seconds, paths, used["versions"], today, handed)


async def _cells(
    client: NotebookClient, item: Runnable, places: list[list[int]], watch: Watch
) -> int:
    """Execute the cells in order; return which was the last."""
    count, last = 0, 0
    for index, cell in enumerate(client.nb.cells):
        if cell.cell_type != "code":
            continue
        count, last = count + 1, index
        try:
            await client.async_execute_cell(cell, index, execution_count=count)
        except CellExecutionError as error:
            raise _failed(item, cell, places[index], error, watch.over) from None
        except DeadKernelError:
            message = _over(item, watch.over) or "killed its kernel"
            raise ExampleError(item.problem(cell, places[index][0], message)) from None
        if watch.over:  # it took the interrupt for something of its own
            raise ExampleError(item.problem(cell, places[index][0], _over(item, watch.over)))
        _join_streams(cell)
        _refuse_stderr(item, cell, places[index][0])
    return last


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


def _snapshot(item: Runnable) -> dict[str, str | None]:
    """Fingerprint the project's code, so that an edit during the run is not taken as run."""
    root = item.project.root
    return {
        path.relative_to(root).as_posix(): fingerprint(path)
        for folder in ("src", "examples", "tests")
        for path in (root / folder).rglob("*.[jpt][syo]*")
        if path.suffix in (".py", ".toml", ".json")
    }


def _environment(item: Runnable, folder: Path) -> dict[str, str]:
    """Nothing is read from the user's folders, and nothing is left there."""
    return {
        **isolation.environment(item.project),
        "HOME": f"{folder}/home",
        "IPYTHONDIR": f"{folder}/home/.ipython",
        "TMPDIR": str(folder),
        "INTRODL_LESSON": item.name if isinstance(item, Example) else "",
        "INTRODL_HANDED": str(kept.folder(item.project)),
        "INTRODL_KEPT": f"{folder}/{_KEPT}",
    }


# The module of the kernel is known to `sys` alone: the cells' names are the cells', and `%reset`
# deletes them.
_START = """\
import sys, types
sys.modules["_introdl"] = types.ModuleType("_introdl")
exec({source!r}, sys.modules["_introdl"].__dict__)
sys.modules["_introdl"].get_ipython = get_ipython
sys.modules["_introdl"].start({root!r})
del sys, types"""
_FINISH = "__import__('_introdl').finish(*{arguments!r})"


async def _hidden(client: NotebookClient, code: str) -> str:
    """Run code that is no cell of the notebook, and return what was printed meanwhile."""
    cell = nbformat.v4.new_code_cell(code)
    client.nb.cells.append(cell)
    try:
        await client.async_execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    finally:
        client.nb.cells.pop()
    return "".join(output.get("text", "") for output in cell.outputs)


def _over(item: Runnable, why: str | None) -> str:
    command = f"python -m introdl_site --limit SECONDS {item.label}"
    return f"{why}: let it do less, or let it run by `{command}`" if why else ""


def _failed(
    item: Runnable,
    cell: NotebookNode,
    places: list[int],
    error: CellExecutionError,
    over: str | None,
) -> ExampleError:
    """An error on the line of the source that the traceback of a cell leads to."""
    outputs = [output for output in cell.outputs if output.output_type == "error"]
    traceback = _ANSI.sub("", "\n".join(outputs[-1].traceback if outputs else [str(error)]))
    frames = _CELL_FRAME.findall(traceback)
    line = places[min(int(frames[0]), len(places) - 1)] if frames else places[0]
    raised = f"raised {error.ename}: {error.evalue}{_way_out(item, error)}"
    message = f"{_over(item, over) or raised}\n{traceback}".strip()
    return ExampleError(item.problem(cell, line, message))


def _way_out(item: Runnable, error: CellExecutionError) -> str:
    """What to do about an error whose own words do not say it."""
    if "is non-interactive, and thus cannot be shown" in error.evalue:
        return "; end the cell with plot.figure(fig, alt=...)"
    if error.ename == "FileNotFoundError":
        missing = re.search(r"'([^']+)'$", error.evalue)
        if missing and (item.path.parent / missing[1]).is_file():
            return "; no file beside the source is there when it runs: read data by introdl.data"
    return ""


def _join_streams(cell: NotebookNode) -> None:
    """Make one output of what was printed without another output between."""
    joined: list[NotebookNode] = []
    for output in cell.outputs:
        stream = output.output_type == "stream"
        if stream and joined and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    cell.outputs = joined


def _refuse_lost(item: Runnable, left: list[str]) -> None:
    """Name what was written into the working folder, which is gone after the run."""
    text = item.path.read_text(encoding="utf-8-sig")
    message = (
        "is written into the working folder, and lost when the run ends: publish it by "
        "introdl.show.file, keep it for later examples by introdl.handed.keep, or write into "
        "a tempfile.TemporaryDirectory()"
    )
    if left:
        found = (Problem(item.label, line_of(text, name), f"{name!r} {message}") for name in left)
        raise ExampleError(*found)


def _refuse_stderr(item: Runnable, cell: NotebookNode, line: int) -> None:
    text = "".join(
        output.text
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )
    if text.strip():
        message = f"wrote to stderr: {text.strip()}\n(print results; mend the cause of a warning)"
        raise ExampleError(item.problem(cell, line, message))
