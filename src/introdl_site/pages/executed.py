"""The Python blocks of a page: run in order, with what they show beneath each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from introdl_site.pages.fences import Block, FenceError, python_blocks, python_fences
from introdl_site.pages.outline import outline
from introdl_site.problems import Problem
from introdl_site.project import ExampleError, Project, Runnable, describe

# A paragraph of its own, which every fold, tab and list of Markdown takes.
_MARK = "\ue001{}\ue001"
_FILLED = re.compile(r"<p>\ue001(\d+)\ue001</p>")


@dataclass(frozen=True)
class PageBlocks(Runnable):
    """The blocks of one page that are to run; `name` is like `docs/history/perceptron.md`."""

    part = "block"

    @property
    def path(self) -> Path:
        """The page."""
        return self.project.root / self.name

    @property
    def place(self) -> str:
        """The folder of the page."""
        return self.name.removeprefix("docs/").removesuffix(".md").removesuffix("/index")

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks.

        Raises:
            ExampleError: If one cannot be read; without a problem where another stage names it.
        """
        try:
            return self._read()
        except FenceError as error:
            told = [] if error.told else [Problem(self.label, error.line, error.reason)]
            raise ExampleError(*told) from None
        except (SyntaxError, ValueError):  # of the code that a block includes
            raise ExampleError from None

    @property
    def fault(self) -> Problem | None:
        """Why the blocks cannot be read, though in a build another stage names it."""
        try:
            self._read()
        except FenceError as error:
            return Problem(self.label, error.line, error.reason)
        except (SyntaxError, ValueError) as error:
            return Problem(self.label, 0, f"what a block includes cannot be read: {error}")
        return None

    def _read(self) -> list[Block]:
        text = self.path.read_text("utf-8-sig")
        list(python_fences(text))  # each is closed
        # Where one fence swallows the next, what follows is no code: one cause, one message.
        for line, message in outline(text).faults:
            if message.startswith("this fence"):
                raise FenceError(line, message, told=True)
        found = python_blocks(text, self.project.root)
        return [block for block in found if block.not_run is None]

    def number_at(self, line: int) -> int:
        """The number of the block in which a line stands, or of the first one."""
        try:
            return max(1, sum(block.line <= line for block in self.blocks))
        except ExampleError:
            return 1

    def fingerprint(self) -> str:
        """A digest of the code alone: an edit of the prose runs nothing."""
        code = "\0".join(block.code for block in self.blocks)
        return hashlib.sha256(code.encode()).hexdigest()

    def read(self) -> tuple[NotebookNode, list[list[int]]]:
        """The blocks as cells, and the lines of the page on which they stand."""
        cells, places = [], []
        for number, block in enumerate(self.blocks, start=1):
            cells.append(nbformat.v4.new_code_cell(block.code, id=f"block-{number}"))
            # IPython does not count the blank lines before the code.
            blank = len(block.code) - len(block.code.lstrip("\n"))
            places.append([block.line, *block.lines[blank:]])
        notebook: NotebookNode = nbformat.v4.new_notebook(cells=cells)
        describe(notebook)
        return notebook, places


def runnables(project: Project) -> list[Runnable]:
    """Everything of the course that is run: its examples, and the blocks of its pages."""
    return [*project.examples(), *pages(project)]


def pages(project: Project) -> Iterator[PageBlocks]:
    """The pages with blocks that are to run."""
    docs = project.root / "docs"
    for path in sorted(docs.rglob("*.md")):
        if any(part.startswith(".") for part in path.relative_to(docs).parts):
            continue
        try:
            fences = list(python_fences(path.read_text("utf-8-sig")))
            runs = any(fence.not_run is None for fence in fences)
        except FenceError:
            runs = True  # and fails, with the line named
        if runs:
            yield PageBlocks(project, project.relative(path))


def mark(text: str, numbers: set[int]) -> str:
    r"""Put a mark below the blocks that show something; they are numbered from 1.

    Examples:
        >>> mark("```python\n1 + 1\n```\nSo.\n", {1})
        '```python\n1 + 1\n```\n\n\ue0011\ue001\n\nSo.\n'
    """
    try:
        fences = [fence for fence in python_fences(text) if fence.not_run is None]
    except FenceError:  # named when the blocks are run
        return text
    for number in sorted(numbers, reverse=True):
        if number <= len(fences):
            fence = fences[number - 1]
            before = text[: fence.end].rstrip("\n")
            shown = f"{fence.indent}{_MARK.format(number)}"
            text = f"{before}\n\n{shown}\n\n{text[fence.end :]}"
    return text


def fill(html: str, shown: Mapping[int, str]) -> str:
    """Put a box with what a block showed, which is HTML, in the place of each mark."""
    return _FILLED.sub(
        lambda match: f'<div class="dl-output">\n{shown.get(int(match[1]), "")}\n</div>', html
    )
