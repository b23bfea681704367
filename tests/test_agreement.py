"""The `agreement` fixture tells an independent reference from our own code by what ran."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEST = """
import numpy as np
import pytest
import torch

from introdl.history.adaline import correlation, least_squares

X, y = np.array([[0.0], [1.0], [3.0]]), np.array([1.0, 2.0, 4.5])
X1 = np.column_stack([X, np.ones(3)])


def through_a_library():
    return torch.vmap(lambda _: torch.tensor(correlation(X)))(torch.zeros(1))[0].numpy()


@pytest.mark.parametrize(("ours", "reference", "against"), [
    (least_squares(X, y), lambda: np.linalg.solve(X1.T @ X1, X1.T @ y), "NumPy"),
    (correlation(X), lambda: correlation(X), "our PyTorch twin"),
    (correlation(X), through_a_library, "our PyTorch twin"),
    (correlation(X), lambda: correlation(X), "NumPy"),
    (correlation(X), X1.T @ X1 / 3, "NumPy"),
    (correlation(X), lambda: X1.T @ X1, "NumPy"),
])
def test(agreement, ours, reference, against):
    agreement(ours, reference, what="a comparison", against=against, atol=1e-12)
"""


def test_what_ran_decides(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_lesson.py").write_text(TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = ["-m", "pytest", "-q", "-pno:cacheprovider", "-pno:xdist", "--agreement=records.json"]
    run = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        # Its conftest.py asks for a plugin of this checkout, and the path has the package.
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
        capture_output=True,
        text=True,
        check=False,
    )
    records = json.loads((tmp_path / "records.json").read_text())
    assert [record["twin"] for record in records] == [False, True, True], run.stdout
    assert "3 failed, 3 passed" in run.stdout
    for message in (
        r"the reference calls our correlation.*: write one that shares no code with ours",
        r"TypeError: agreement\(\), a comparison: the reference is a ndarray: give a function",
        r"a comparison: differs from NumPy by .*, more than 1e-12",
    ):
        assert re.search(message, run.stdout), run.stdout
