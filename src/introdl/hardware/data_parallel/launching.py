"""Start this lesson's script in several processes on this machine, by torchrun."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def launch(processes: int, *arguments: str, timeout: float = 60.0) -> dict:
    """Run this lesson's script by torchrun on this machine alone, and return its record.

    Args:
        processes: How many to start.
        *arguments: For the script, such as `"--samples", "5"`.
        timeout: Seconds after which all are stopped.

    Returns:
        The record that process 0 wrote, and as `stderr` what went to standard error.

    Raises:
        RuntimeError: If a process fails, with its message, or the time is over.
    """
    package = str(Path(__file__).parents[3])
    # Nothing leaves the machine: gloo and NCCL would otherwise use its network, too.
    names = (name for _, name in socket.if_nameindex())
    loopback = next((name for name in names if name.startswith("lo")), "lo")
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": loopback,
        "NCCL_SOCKET_IFNAME": loopback,
        "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")])),
    }
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "record.json")
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        command += ["--local-addr", "127.0.0.1", "--nproc-per-node", str(processes)]
        command += ["-m", "introdl.hardware.data_parallel", "--out", str(out), *arguments]
        with subprocess.Popen(
            command,
            cwd=scratch,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child:
            try:
                _, errors = child.communicate(timeout=timeout)
            except BaseException as error:
                # torchrun stops its processes when it is asked to end, not when it is killed.
                child.terminate()
                _, errors = child.communicate()
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                raise RuntimeError(f"launch(): not done after {timeout:g} s: {errors}") from None
        if child.returncode:
            raise RuntimeError(_reason(errors))
        return {**json.loads(out.read_text(encoding="utf-8")), "stderr": errors}


def _reason(errors: str) -> str:
    """Find in what torchrun wrote which process failed first, and what the processes said."""
    said = [line for line in errors.splitlines() if line.startswith("data_parallel: ")]
    first = re.search(r"Root Cause.*?rank +: (\d+).*?exitcode +: (-?\d+)", errors, re.DOTALL)
    if first is None:
        return f"torchrun failed:\n{errors[-4000:]}"
    reason = f"process {first[1]} failed first, with exit status {first[2]}"
    return "\n".join([reason, *(said or [errors[-4000:]])])
