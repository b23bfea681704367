"""What one example keeps another gets; what cannot be had is told in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from introdl import handed

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INTRODL_HANDED", str(tmp_path))
    monkeypatch.setenv("INTRODL_LESSON", "part/one")
    monkeypatch.delenv("INTRODL_KEPT", raising=False)
    return tmp_path


def test_arrays_come_back_bit_for_bit(rng: np.random.Generator) -> None:
    given = {
        "W": rng.normal(size=(3, 4)).T,  # not in the order of memory
        "b": np.array([np.nan, -0.0, np.inf], np.float32),
        "n": np.arange(5, dtype=np.int64),
        "yes": np.array([True, False]),
        "one": np.float16(0.1),
    }
    handed.keep("net", **given)
    got = handed.get("part/one/net")
    assert sorted(got) == sorted(given)
    for name, array in given.items():
        assert got[name].dtype == np.asarray(array).dtype
        assert got[name].shape == np.shape(array)
        assert got[name].tobytes() == np.ascontiguousarray(array).tobytes()


@pytest.mark.parametrize(
    ("name", "arrays", "message"),
    [
        ("Net", {"W": np.ones(2)}, r"keep\('Net'\): the name is not lower_case"),
        ("net", {}, r"keep\('net'\): no array is given"),
        ("net", {"W": np.array(["a"])}, r"keep\('net'\): W is <U1; pass arrays of numbers"),
        ("net", {"W": np.zeros(2_600_000)}, r"keep\('net'\): 20.8 MB are more than 20 MB"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    name: str, arrays: dict[str, np.ndarray], message: str, folder: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        handed.keep(name, **arrays)
    assert not list(folder.rglob("*.safetensors"))


def test_what_is_not_there_says_what_to_run(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"get\('vision/cnn/net'\).* python examples/vis"):
        handed.get("vision/cnn/net")
    with pytest.raises(ValueError, match=r"get\('net'\): write part/lesson/name"):
        handed.get("net")
    (folder / "part/one").mkdir(parents=True)
    (folder / "part/one/net.safetensors").write_bytes(b"half")
    with pytest.raises(ValueError, match="is damaged"):
        handed.get("part/one/net")


def test_plain_scripts_meet_in_the_users_cache(tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("INTRODL_")
    }
    environment |= {"PYTHONPATH": str(ROOT / "src"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment |= {"HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    (tmp_path / "examples/vision").mkdir(parents=True)
    giver, getter = (tmp_path / f"examples/vision/{name}.py" for name in ("cnn", "gan"))
    giver.write_text("from introdl import handed\nhanded.keep('net', n=[7.0])\n")
    getter.write_text("from introdl import handed\nprint(handed.get('vision/cnn/net')['n'])\n")

    def run(script: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(script)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    last = run(getter).stderr.splitlines()[-1]
    assert last.endswith("run this first: python examples/vision/cnn.py, or its notebook cnn.ipynb")
    assert run(giver).returncode == 0
    assert run(getter).stdout == "[7.]\n"
    moved = tmp_path / "cnn.py"
    moved.write_text(giver.read_text())
    assert "run the example as examples/<part>/<lesson>.py" in run(moved).stderr
