"""Sybil runs every Python block of the pages, and every example of a docstring."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from sybil import Document, Example, Region, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.rest import DocTestParser

from introdl_site import project as course
from introdl_site.pages.fences import Block, python_blocks
from introdl_site.running import cache, handing, kept, runner

ROOT = Path(__file__).parent
Results = list[dict[str, Any]]


def handed_on(codes: list[str]) -> str:
    """Have the examples run whose work the blocks get; return the folder in which it then lies."""
    project = course.Project(ROOT)
    names = {name for code in codes for name in handing.names(code)}
    givers = {name.rpartition("/")[0] for name in names}
    if givers:
        with cache.lock(project):
            examples = [course.Example(project, giver) for giver in sorted(givers)]
            assert not runner.bring_up_to_date(examples).problems
    return str(kept.folder(project))


@pytest.fixture(scope="session")
def run_fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[str]], Results]:
    """Run the blocks of a page, copied in order into a fresh interpreter; see `tests/fresh.py`.

    The blocks of a page run once for all tests and all workers of a run of pytest.
    """
    # Workers of one run share the folder above their own.
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared

    def run(codes: list[str]) -> Results:
        given = json.dumps(codes)
        path = shared / f"blocks-{hashlib.sha256(given.encode()).hexdigest()[:16]}.json"
        with FileLock(f"{path}.lock"):
            if not path.is_file():
                folder = tmp_path_factory.mktemp("blocks")
                done = subprocess.run(
                    # -P: neither the folder of the script nor this one is imported from.
                    [sys.executable, "-P", "-W", "error", str(ROOT / "tests/fresh.py"), str(path)],
                    input=given,
                    cwd=folder,
                    env={
                        **os.environ,
                        "PYTHONPATH": str(ROOT / "src"),
                        "MPLBACKEND": "agg",
                        "KERAS_HOME": os.devnull,  # else it writes settings into the home folder
                        "OMP_NUM_THREADS": "1",
                        "INTRODL_HANDED": handed_on(codes),
                    },
                    stderr=subprocess.PIPE,
                    text=True,
                    check=False,
                )
                assert path.is_file(), f"the blocks ended their interpreter:\n{done.stderr}"
        results: Results = json.loads(path.read_text())
        return results

    return run


def python_fences(document: Document) -> Iterator[Region]:
    """Sybil's own parser takes one spelling of a fence and skips the others in silence."""
    blocks = [b for b in python_blocks(document.text, ROOT) if b.not_run is None]
    for index, block in enumerate(blocks):
        yield Region(block.start, block.end, (blocks, index), evaluate)


def evaluate(example: Example) -> None:
    """Fail with the line of the page where the block failed."""
    blocks: list[Block]
    blocks, index = example.parsed
    results = example.namespace["run_fresh"]([block.code for block in blocks])
    path = Path(example.path).relative_to(ROOT)
    assert index < len(results), f"{path}: not run, for an earlier block failed"
    if error := results[index].get("error"):
        line = blocks[index].lines[results[index]["at"] - 1]
        raise AssertionError(f"{path}:{line}: this block failed\n{error}")


pages = Sybil(
    parsers=[python_fences],
    # In a pattern, "**" is one folder.
    patterns=["docs/*.md", "docs/*/*.md", "docs/*/*/*.md", "README.md", "CONTRIBUTING.md"],
    path=str(ROOT),
    fixtures=["run_fresh"],
)
docstrings = Sybil(
    parsers=[DocTestParser()],
    patterns=["*.py"],
    path=str(ROOT / "src"),
    document_types={".py": PythonDocStringDocument},
)
pytest_collect_file = (pages + docstrings).pytest()
