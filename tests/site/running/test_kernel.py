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
import IPython
sys.path.insert(0, {str(Path(kernel.__file__).parent)!r})
import kernel
root, answer = sys.argv[1:]
kernel.get_ipython = IPython.InteractiveShell.instance
kernel.start(root)
sys.path.insert(0, root + "/src")
import lesson
open(root + "/data.json").close()
open(root + "/.cache/x").close()
kernel.finish(root, {{}}, answer)
"""


@pytest.mark.parametrize("place", ["checkout", ".cache/checkout", ".git/.venv/checkout"])
def test_a_checkout_may_lie_below_a_folder_of_an_ignored_name(tmp_path: Path, place: str) -> None:
    root = tmp_path / place
    for name in ("src/lesson.py", "data.json", ".cache/x"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    answer = tmp_path / "answer.json"
    subprocess.run([sys.executable, "-c", CODE, str(root), str(answer)], check=True)
    assert json.loads(answer.read_text())["paths"] == ["data.json", "src/lesson.py"]
