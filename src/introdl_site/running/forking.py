"""Start kernels as forks of one warm process, which has imported what examples import."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from introdl_site.running import warm


class WarmProcess:
    """The warm process of this one; at most one lives at a time, and it ends with this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def lives(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self, environment: Mapping[str, str], modules: Iterable[str] = ()) -> None:
        """Start it, unless it lives, with `modules` imported.

        Elsewhere than on Linux a fork of such a process may crash.
        """
        with self._lock:
            if self.lives or sys.platform != "linux":
                return
            self._end()
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    # -P: the folder of the script is no place to import from.
                    [sys.executable, "-P", warm.__file__, str(theirs.fileno()), *modules],
                    env=dict(environment),
                    cwd=Path(warm.__file__).parent,  # Matplotlib looks for settings where it is
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is for this process; it ends that one
                )
            self._control = ours
            self._answers = ours.makefile("rb")

    def fork(self, arguments: list[str], env: Mapping[str, str], cwd: str) -> int:
        """Fork a kernel; return its process id.

        Raises:
            RuntimeError: If the warm process has ended.
        """
        request = json.dumps({"arguments": arguments, "env": dict(env), "cwd": cwd})
        with self._lock:
            try:
                self._control.sendall(request.encode() + b"\n")
                answer = self._answers.readline()
            except OSError:
                answer = b""
        if not answer:
            raise RuntimeError("the process that starts kernels has ended; is memory short?")
        return int(answer)

    def stop(self) -> None:
        """End it, and with it every kernel that it forked."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._answers.close()
            self._control.close()
            self._process.wait()
            self._process = None


process = WarmProcess()


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by a fork; all else is as jupyter_client does it."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel that `cmd`, `python -m ipykernel_launcher ...`, would start."""
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        # The first answer comes when the packages have been imported.
        pid = await asyncio.to_thread(process.fork, arguments, kwargs["env"], kwargs["cwd"])
        self.process = _Kernel(pid)  # type: ignore[assignment]
        self.pid = self.pgid = pid
        return self.connection_info


class _Kernel:
    """A process that is no child of this one, with what a provisioner uses of a `Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._process: psutil.Process | None = psutil.Process(pid)
        except psutil.NoSuchProcess:
            self._process = None

    def poll(self) -> int | None:
        """None while it runs; its exit status is not known."""
        return None if self._process is not None and self._process.is_running() else 0

    def wait(self) -> int:
        """Wait for its end."""
        if self._process is not None:
            self._process.wait()
        return 0

    def send_signal(self, signum: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, signum)

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, 9)

    terminate = kill
