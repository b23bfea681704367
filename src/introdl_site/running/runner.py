"""Bring examples and pages up to date: run what is stale, several at once; show the progress."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from introdl_site.dependencies import preloaded
from introdl_site.problems import Problem
from introdl_site.project import ExampleError, Runnable
from introdl_site.running import cache, forking, handing, isolation
from introdl_site.running.execute import run
from introdl_site.running.run import Run

#: Seconds of processor time after which an example counts as hung.
LIMIT = 120.0


@dataclass
class Outcome:
    """What has a current run, and what is wrong with the others; by name."""

    runs: dict[str, Run] = field(default_factory=dict)
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)


def bring_up_to_date(
    items: Iterable[Runnable],
    *,
    limit: float = LIMIT,
    jobs: int | None = None,
    force: bool = False,
    console: Console | None = None,
    on_done: Callable[[Runnable, Outcome], None] | None = None,
    stop: threading.Event | None = None,
) -> Outcome:
    """Load the run of everything that is current, and run the others.

    Those whose work one of them gets by `handed.get` are brought up to date before it.

    Args:
        items: The examples and pages to look at.
        limit: Seconds of processor time that one may take.
        jobs: How many run at once; as many as there are cores if not given.
        force: Run the current ones, too.
        console: Where progress is shown; standard error if not given.
        on_done: Called after each that was run.
        stop: Once it is set, what runs is ended, and no other begins.

    Returns:
        The runs, and the problems of those that failed.
    """
    outcome = Outcome()
    plan = handing.plan(items)
    for item, problems in plan.problems.items():
        outcome.problems[item.name] = problems
        if on_done is not None:
            on_done(item, outcome)
    stale: dict[str, Runnable] = {}
    for item in plan.items:
        current = None if force else cache.load(item)
        if current is None or plan.givers(item.name) & stale.keys():
            stale[item.name] = item
        else:
            outcome.runs[item.name] = current
    if stale:
        if len(stale) > 1:
            project = plan.items[0].project
            forking.process.start(isolation.environment(project), preloaded(project.root))
        with _Display(console or Console(stderr=True), len(stale)) as display:
            work = _Work(plan, stale, limit, jobs or _cores(), force, outcome, display, on_done)
            _in_thread(work.all(), stop)
    return outcome


def _in_thread(work: Coroutine[Any, Any, None], stop: threading.Event | None) -> None:
    """Run `work` on a thread of its own, so that Ctrl-C reaches this one.

    nbclient takes the signal for itself where it can, and would count the interrupted item as
    failed.
    """
    failure: list[BaseException] = []
    done = threading.Event()
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)

    def body() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            failure.append(error)
        finally:
            # nbclient leaves what watched a kernel.
            left = asyncio.all_tasks(loop)
            for other in left:
                other.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.close()
            done.set()

    def end() -> None:
        # What watched an ended kernel complains of it.
        loop.set_exception_handler(lambda *_: None)
        with contextlib.suppress(RuntimeError):  # the loop may have closed by now
            loop.call_soon_threadsafe(task.cancel)
        done.wait()

    threading.Thread(target=body, name="examples").start()
    try:
        # Not `join`: Python 3.11 takes a thread for ended once Ctrl-C came while it was joined.
        while not done.wait(0.1):
            if stop is not None and stop.is_set():
                end()
    except KeyboardInterrupt:
        end()
        raise
    if failure:
        error = failure[0]
        raise error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Work:
    """The running of what is stale, each after those whose work it gets."""

    plan: handing.Plan
    stale: dict[str, Runnable]
    limit: float
    jobs: int
    force: bool
    outcome: Outcome
    display: _Display
    on_done: Callable[[Runnable, Outcome], None] | None

    async def all(self) -> None:
        """Run all of them."""
        self.free = asyncio.Semaphore(self.jobs)
        self.ended = {name: asyncio.Event() for name in self.stale}
        # What measures time has the machine to itself, after the others; who waits for it, too.
        alone: dict[str, Runnable] = {}
        for name, item in self.stale.items():
            if item.timed or self.plan.givers(name) & alone.keys():
                alone[name] = item
        together = [item for name, item in self.stale.items() if name not in alone]
        # The longest first, so that none of them is left to run alone at the end.
        together.sort(key=cache.known_seconds, reverse=True)
        async with asyncio.TaskGroup() as group:
            for item in together:
                group.create_task(self._one(item))
        for item in alone.values():
            await self._one(item)

    async def _one(self, item: Runnable) -> None:
        for giver in self.plan.givers(item.name) & self.stale.keys():
            await self.ended[giver].wait()
        async with self.free:
            self.display.start(item)
            self.display.end(item, await self._run(item))
            self.ended[item.name].set()
            if self.on_done is not None:
                self.on_done(item, self.outcome)

    async def _run(self, item: Runnable) -> str:
        """Run one whose givers have ended; return how it went in a word."""
        problems, runs = self.outcome.problems, self.outcome.runs
        for giver in self.plan.givers(item.name) & problems.keys():
            # One cause, one message: it is told once, however many wait for it.
            problems[item.name] = problems[giver]
            return "waits for another that failed"
        if missing := handing.missing(self.plan.requests[item.name], item):
            problems[item.name] = missing
            return "failed"
        current = None if self.force else cache.load(item)
        if current is not None:
            runs[item.name] = current
            return "current: what it gets has not changed"
        try:
            result = await run(item, self.limit)
        except cache.CacheError:
            raise
        except Exception as error:
            this = asyncio.current_task()
            if this is not None and this.cancelling():
                # nbclient says of an item that was ended that its kernel died.
                raise asyncio.CancelledError from None
            self.outcome.executed.append(item.name)
            problems[item.name] = _problems(item, error)
            return "failed"
        self.outcome.executed.append(item.name)
        cache.store(item, result)
        runs[item.name] = result
        return f"{result.seconds:.1f} s"


def _problems(item: Runnable, error: Exception) -> list[Problem]:
    """What to say of a run that failed; it may have broken the kernel itself, the others go on."""
    if isinstance(error, ExampleError):
        return list(error.problems)
    message = f"cannot be run: {type(error).__name__}: {error}"
    return [Problem(item.label, 0, message)]


class _Display:
    """A bar with the names of what runs; on something that is no terminal, a line each."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.total = total
        self.ended = 0
        self.tasks: dict[str, int] = {}
        self.progress = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> _Display:
        self.progress.start()
        self.all = self.progress.add_task(
            f"Running {self.total} examples and pages", total=self.total, note=""
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def start(self, item: Runnable) -> None:
        task = self.progress.add_task(f"  {item.name}", total=None, note="")
        self.tasks[item.name] = task

    def end(self, item: Runnable, note: str) -> None:
        self.ended += 1
        self.progress.remove_task(self.tasks.pop(item.name))  # type: ignore[arg-type]
        self.progress.update(self.all, completed=self.ended)
        self.console.print(f"  [{self.ended}/{self.total}] {item.name}: {note}", markup=False)
