"""Sybil runs every Python block of the pages, and every example of a docstring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sybil import Document, Region, Sybil
from sybil.document import PythonDocStringDocument
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.rest import DocTestParser
from sybil.region import Lexeme

from introdl_site.pages.fences import python_blocks

ROOT = Path(__file__).parent


def python_fences(document: Document) -> Iterator[Region]:
    """Sybil's own parser takes one spelling of a fence and skips the others in silence."""
    for block in python_blocks(document.text, ROOT):
        if block.not_run is None:
            yield Region(block.start, block.end, Lexeme(block.code, 0, 0), PythonEvaluator())


pages = Sybil(
    parsers=[python_fences],
    # In a pattern, "**" is one folder.
    patterns=["docs/*.md", "docs/*/*.md", "docs/*/*/*.md", "README.md", "CONTRIBUTING.md"],
    path=str(ROOT),
)
docstrings = Sybil(
    parsers=[DocTestParser()],
    patterns=["*.py"],
    path=str(ROOT / "src"),
    document_types={".py": PythonDocStringDocument},
)
pytest_collect_file = (pages + docstrings).pytest()
