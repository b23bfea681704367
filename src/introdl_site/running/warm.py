"""Runs as a process of its own: imports once what examples import, and forks their kernels.

Importing PyTorch, Matplotlib and the like takes a kernel some seconds; a fork of a process that has
them takes none. `forking` starts this script and asks it. It imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import warnings
from typing import Any

#: What a kernel imports whatever the example; the rest, that the course imports, is asked for.
KERNEL = [
    "matplotlib_inline.backend_inline",
    "torch._dynamo",  # the first optimizer imports it
    "ipykernel.kernelapp",
]


def main(descriptor: int, modules: list[str]) -> None:
    """Import `modules`, and answer requests on the socket `descriptor` until its end closes."""
    preload([*modules, *KERNEL])
    control = socket.socket(fileno=descriptor)
    request = serve(control)
    control.close()
    if request is not None:
        become_kernel(**request)


def preload(modules: list[str]) -> None:
    """Import what is there. What is not, or warns, is left to the example that imports it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for harmless in (ResourceWarning, ImportWarning):
            warnings.simplefilter("ignore", harmless)
        for name in modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    # The objects of now live as long as each kernel; its collector need not look at them.
    gc.collect()
    gc.freeze()


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Fork for each line that comes, and answer with the child's process id.

    Returns:
        In a child: what was asked for. In the parent, when no more comes: None.
    """
    # Children that end leave no zombies, so that whoever looks for one sees that it is gone.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with control.makefile("rb") as requests:
        for line in requests:
            pid = os.fork()
            if pid == 0:
                return dict(json.loads(line))
            with contextlib.suppress(BrokenPipeError):  # who asked was killed
                control.sendall(f"{pid}\n".encode())
    return None


def become_kernel(arguments: list[str], env: dict[str, str], cwd: str) -> None:
    """Turn this process into the kernel that `python -m ipykernel_launcher` would have been."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    parent = os.getppid()
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.path[:0] = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.argv = ["ipykernel_launcher", *arguments]
    # Else the global generators would begin alike in all kernels, and hide a missing seed.
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed()
    if (torch := sys.modules.get("torch")) is not None:
        torch.seed()
    from ipykernel.kernelapp import IPKernelApp

    # It ends when the process that forked it does.
    IPKernelApp.launch_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={parent}"])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
