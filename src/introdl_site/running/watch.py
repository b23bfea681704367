"""End what runs too long, by the processor time that it takes: a busy machine takes none of it."""

from __future__ import annotations

import asyncio
import time

import psutil
from jupyter_client.manager import AsyncKernelManager

#: How many times the limit may pass on the clock, where a machine is busy or a cell waits.
PATIENCE = 10
_PAUSE = 0.2
_GRACE = 5.0


class Watch:
    """Watches one kernel from its first cell to its last.

    Args:
        manager: The kernel's.
        limit: Seconds of processor time.

    Attributes:
        over: Why the kernel was interrupted; None while it keeps within its limits.
    """

    def __init__(self, manager: AsyncKernelManager, limit: float) -> None:
        self.manager = manager
        self.limit = limit
        self.over: str | None = None
        self._process = psutil.Process(manager.provisioner.pid)  # type: ignore[union-attr]
        self._before = self._used()
        self._task = asyncio.ensure_future(self._watch())

    def stop(self) -> None:
        """Watch no longer."""
        self._task.cancel()

    async def _watch(self) -> None:
        end = time.monotonic() + PATIENCE * self.limit
        while self.over is None:
            await asyncio.sleep(_PAUSE)
            if self._used() - self._before > self.limit:
                self.over = f"ran past the limit of {self.limit:g} s of processor time"
            elif time.monotonic() > end:
                self.over = f"had not ended after {PATIENCE * self.limit:g} s"
        await self.manager.interrupt_kernel()
        await asyncio.sleep(_GRACE)
        await self.manager.shutdown_kernel(now=True)  # it did not listen

    def _used(self) -> float:
        try:
            family = [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0.0
        return sum(map(_seconds, family))


def _seconds(process: psutil.Process) -> float:
    """Processor time of a process and of its children that have ended."""
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.NoSuchProcess:
        return 0.0
