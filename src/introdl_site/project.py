"""Where everything of the project lies, and what an example is before it runs."""

from __future__ import annotations

import copy
import functools
import hashlib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import jupytext
from jupytext.cell_reader import DoublePercentScriptCellReader
from jupytext.header import header_to_metadata_and_cell
from nbformat import NotebookNode

from introdl_site.problems import Problem
from introdl_site.remembered import remembered
from introdl_site.sources import lines, read, scripts

_MARKER = re.compile(r"^\s*#\s*%%(\s|$)")
_TIMED = re.compile(r"^# %%.*\btimed=true\b")
# A comment such as `# !ls` or `# %%time` is a comment, not a command in hiding.
_PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}


class ExampleError(Exception):
    """An example that cannot be used, with every reason found."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Project:
    """The folders of one checkout."""

    root: Path

    @cached_property
    def cache(self) -> Path:
        """Everything that can be deleted and made again; `INTRODL_CACHE` puts it elsewhere."""
        return Path(os.environ.get("INTRODL_CACHE") or self.root / ".cache").expanduser()

    @property
    def snippets(self) -> Path:
        """What pages include by name: `outputs/…` and `code/…`."""
        return self.cache / "snippets"

    def examples(self) -> list[Example]:
        """Every example of the course, in the order of their names; hidden files are none."""
        folder = self.root / "examples"
        return [
            Example(self, path.relative_to(folder).with_suffix("").as_posix())
            for path in scripts(folder)
        ]

    def relative(self, path: Path) -> str:
        """`path` as a reader of a message knows it: from the root of the checkout."""
        return path.relative_to(self.root).as_posix()


@dataclass(frozen=True)
class Runnable(ABC):
    """What can be run cell by cell: an example, or the blocks of a page.

    Attributes:
        project: The checkout.
        name: What the progress calls it and its run is known by, such as `history/perceptron`.
    """

    project: Project
    name: str

    #: What a message calls one of its parts.
    part: ClassVar[str]

    @property
    @abstractmethod
    def path(self) -> Path:
        """The source."""

    @property
    @abstractmethod
    def place(self) -> str:
        """The folder of the site in which what it shows lies."""

    @property
    def shown_at(self) -> str | None:
        """The page of the site that says how a figure was made; None where it stands below."""
        return None

    @property
    def label(self) -> str:
        """The source as a message names it."""
        return self.project.relative(self.path)

    @property
    def timed(self) -> bool:
        """Whether what it shows depends on the clock, so that it must run alone."""
        return False

    @abstractmethod
    def fingerprint(self) -> str | None:
        """A digest of the code: a run is out of date once this is another."""

    @abstractmethod
    def read(self) -> tuple[NotebookNode, list[list[int]]]:
        """Read the source as a notebook.

        Returns:
            The notebook; and for each cell the line on which it starts, then the line of the
            source for each line of its code, as a traceback counts them.

        Raises:
            ExampleError: If it cannot be read.
        """

    def problem(self, cell: NotebookNode, line: int, message: str) -> Problem:
        """What is wrong with a cell, where `message` goes on from its name."""
        name = cell.metadata.get("name")
        called = f"{self.part} {name!r}" if name else f"this {self.part}"
        return Problem(self.label, line, f"{called} {message}")


@dataclass(frozen=True)
class Example(Runnable):
    """One percent-format script under `examples/`; `name` is like `history/perceptron`."""

    part = "cell"

    @property
    def path(self) -> Path:
        """The script."""
        return self.project.root / "examples" / f"{self.name}.py"

    @property
    def place(self) -> str:
        """The folder of its own page."""
        return f"examples/{self.name}"

    @property
    def shown_at(self) -> str:
        """Its own page."""
        return f"{self.place}/"

    @property
    def timed(self) -> bool:
        """Whether a cell is marked `timed=true`."""
        text = self.path.read_text("utf-8-sig", errors="replace")
        return any(_TIMED.match(line) for line in lines(text))

    def text(self) -> str:
        """The script's text."""
        return read(self.path)

    def fingerprint(self) -> str | None:
        """That of the script: its prose is part of the notebook."""
        return fingerprint(self.path)

    def read(self) -> tuple[NotebookNode, list[list[int]]]:
        """Read the script as a notebook.

        Raises:
            ExampleError: If the script does not start with a cell, or uses a cell name twice.
        """
        text = self.text()
        path = self.project.cache / "parsed" / f"{self.name}.pickle"
        notebook, places = _parsed(text, self.label, path)
        return copy.deepcopy(notebook), places


@functools.lru_cache(maxsize=512)
def _parsed(text: str, label: str, path: Path) -> tuple[NotebookNode, list[list[int]]]:
    """What `Example.read` gives of a script's text: several stages ask, and parsing is slow."""
    return remembered(path, (text, label), lambda: _parse(text, label))


def _parse(text: str, label: str) -> tuple[NotebookNode, list[list[int]]]:
    _refuse_separators(text, label)
    notebook = jupytext.reads(text, fmt=_PERCENT)
    written = text.splitlines()
    starts = list(_starts(written))
    if not starts or not _MARKER.match(written[starts[0] - 1]):
        message = "the first line must start a cell with '# %%'"
        raise ExampleError(Problem(label, 1, message))
    if len(starts) != len(notebook.cells):
        message = (
            f"{len(starts)} lines start a cell with '# %%' but {len(notebook.cells)} cells "
            "were read; leave out the header"
        )
        raise ExampleError(Problem(label, 1, message))
    places = []
    first: dict[str, int] = {}
    for position, (cell, start) in enumerate(zip(notebook.cells, starts, strict=True)):
        # IPython does not count the blank lines before a cell's code.
        blank = len(cell.source) - len(cell.source.lstrip("\n"))
        code = range(start + 1 + blank, start + 1 + len(cell.source.splitlines()))
        places.append([start, *code])
        name = cell.metadata.get("name")
        if name in first:
            message = f"cell name {name!r} is used twice, first on line {first[name]}"
            raise ExampleError(Problem(label, start, message))
        if name is not None:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                message = f"cell name {name!r} is not lower_case_with_underscores"
                raise ExampleError(Problem(label, start, message))
            first[name] = start
        # jupytext draws an id at random; the name, or the place, repeats.
        cell.id = name or f"cell-{position}"
    describe(notebook)
    return notebook, places


def _refuse_separators(text: str, label: str) -> None:
    """Refuse what ends a line for the reader of notebooks, but not for Python."""
    if found := re.search("[\v\f\x1c-\x1e\x85\u2028\u2029]", text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"the character U+{ord(found[0]):04X} ends a line for some tools; delete it"
        raise ExampleError(Problem(label, line, message))


def _starts(lines: list[str]) -> Iterator[int]:
    """The line, from 1, on which each cell of a percent script starts."""
    position = header_to_metadata_and_cell(lines, "#", "", ".py")[3]
    while position < len(lines):
        yield position + 1
        position += DoublePercentScriptCellReader(_PERCENT).read(lines[position:])[1]


def describe(notebook: NotebookNode) -> None:
    """Say in a notebook's metadata that it is Python."""
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python", "file_extension": ".py"}


def fingerprint(path: Path) -> str | None:
    """The content of a file in 64 hex digits, or the names of a folder's Python and JSON files.

    Returns None where there is nothing.
    """
    if path.is_dir():
        names = sorted(
            child.name for child in path.iterdir() if child.suffix in ("", ".py", ".json")
        )
        names = [name for name in names if not name.startswith(("__pycache__", "."))]
        return hashlib.sha256("\n".join(names).encode()).hexdigest()
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
