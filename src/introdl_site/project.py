"""Where everything of the project lies, and what an example is before it runs."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from introdl_site.problems import Problem
from introdl_site.sources import lines, read, scripts

_MARKER = re.compile(r"^# %%")
_TIMED = re.compile(r"^# %%.*\btimed=true\b")


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
        """Every example of the course, in the order of their names."""
        folder = self.root / "examples"
        return [
            Example(self, path.relative_to(folder).with_suffix("").as_posix())
            for path in scripts(folder)
        ]

    def relative(self, path: Path) -> str:
        """`path` as a reader of a message knows it: from the root of the checkout."""
        return path.relative_to(self.root).as_posix()


@dataclass(frozen=True)
class Example:
    """One percent-format script under `examples/`; `name` is like `history/perceptron`."""

    project: Project
    name: str

    @property
    def path(self) -> Path:
        """The script."""
        return self.project.root / "examples" / f"{self.name}.py"

    @property
    def label(self) -> str:
        """The script as a message names it."""
        return f"examples/{self.name}.py"

    @property
    def timed(self) -> bool:
        """Whether a cell is marked `timed=true`: what it shows depends on the clock."""
        return any(_TIMED.match(line) for line in lines(read(self.path)))

    def _refuse_separators(self, text: str) -> None:
        """Refuse what ends a line for the reader of notebooks, but not for Python."""
        if found := re.search("[\v\f\x1c-\x1e\x85\u2028\u2029]", text):
            line = text.count("\n", 0, found.start()) + 1
            message = f"the character U+{ord(found[0]):04X} ends a line for some tools; delete it"
            raise ExampleError(Problem(self.label, line, message))

    def read(self) -> tuple[NotebookNode, list[int]]:
        """Read the script as a notebook.

        Returns:
            The notebook, and the line on which each of its cells starts.

        Raises:
            ExampleError: If the script does not start with a cell, or uses a cell name twice.
        """
        text = read(self.path)
        self._refuse_separators(text)
        notebook = jupytext.reads(text, fmt="py:percent")
        starts = [n for n, line in enumerate(lines(text), start=1) if _MARKER.match(line)]
        if len(starts) != len(notebook.cells):
            message = (
                f"{len(starts)} lines start a cell with '# %%' but {len(notebook.cells)} cells "
                "were read; the first line must start a cell, and no string may hold '# %%'"
            )
            raise ExampleError(Problem(self.label, 1, message))
        first: dict[str, int] = {}
        for position, (cell, line) in enumerate(zip(notebook.cells, starts, strict=True)):
            name = cell.metadata.get("name")
            if name in first:
                message = f"cell name {name!r} is used twice, first on line {first[name]}"
                raise ExampleError(Problem(self.label, line, message))
            if name is not None:
                if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                    message = f"cell name {name!r} is not lower_case_with_underscores"
                    raise ExampleError(Problem(self.label, line, message))
                first[name] = line
            # jupytext draws an id at random; the name, or the place, repeats.
            cell.id = name or f"cell-{position}"
        notebook.metadata["kernelspec"] = {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        }
        notebook.metadata["language_info"] = {"name": "python", "file_extension": ".py"}
        return notebook, starts


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
