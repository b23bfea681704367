"""What an example depends on is noted, wherever the checkout lies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from introdl_site.running import kernel

CODE = f"""
import sys
sys.path.insert(0, {str(Path(kernel.__file__).parent)!r})
import kernel
root = sys.argv[1]
kernel.start(root)
sys.path.insert(0, root + "/src")
import lesson
open(root + "/data.json").close()
open(root + "/.cache/x").close()
kernel.finish(root, [])
"""


@pytest.mark.parametrize("place", ["checkout", ".cache/checkout", ".git/.venv/checkout"])
def test_a_checkout_may_lie_below_a_folder_of_an_ignored_name(tmp_path: Path, place: str) -> None:
    root = tmp_path / place
    for name in ("src/lesson.py", "data.json", ".cache/x"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    command = [sys.executable, "-c", CODE, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["paths"] == ["data.json", "src/lesson.py"]
