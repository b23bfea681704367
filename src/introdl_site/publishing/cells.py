"""Turn what a cell showed into Markdown and files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from introdl_site.problems import Problem
from introdl_site.project import Runnable
from introdl_site.publishing import terminal
from introdl_site.publishing.kinds import KINDS
from introdl_site.publishing.pieces import RefusedError, Spot

_VALUES = "application/vnd.introdl.values+json"
# What Python says of an object that has no text of its own.
_OBJECT = re.compile(r"<Figure size.*|<IPython\..*|<[^<>\n]* at 0x[0-9a-f]+[^<>\n]*>")

#: What one cell may print.
LINES, TEXT = 200, 20_000


@dataclass
class Shown:
    """What one cell showed.

    Attributes:
        line: The line of the source on which the cell starts.
        markdown: All of it, in order, to be included by a page.
        values: Named numbers, each to be included on its own.
        files: File name to content, to be published in the place of the example or the page.
        problems: What must not be published.
        drawn: How many outputs have files that are named for the cell.
    """

    line: int
    markdown: str = ""
    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, str | bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    drawn: int = 0


def read(item: Runnable, cell: NotebookNode, line: int) -> Shown:
    """Read the outputs of an executed cell that starts on `line` of its source."""
    shown = Shown(line)
    blocks: list[str] = []
    printed = ""  # what stands between two other outputs is one text, however it came
    for output in [*cell.get("outputs", []), None]:
        if output is not None and output.output_type == "stream":
            printed += output.text
            continue
        blocks.append(_text(item, cell, line, printed, shown))
        printed = ""
        if output is not None and output.output_type in ("display_data", "execute_result"):
            blocks.append(_display(item, cell, line, output, shown))
    shown.markdown = "\n\n".join(filter(None, blocks)) + "\n"
    return shown


def _text(item: Runnable, cell: NotebookNode, line: int, text: str, shown: Shown) -> str:
    text = terminal.shown(text)
    lines, size = text.count("\n"), len(text.encode())
    if lines > LINES or size > TEXT:
        message = (
            f"shows {lines:,} lines, {size:,} bytes of text; a page takes {LINES} lines and "
            f"{TEXT:,} bytes: print fewer, such as every hundredth"
        )
        shown.problems.append(item.problem(cell, line, message))
        return ""
    return terminal.fenced(text)


def _display(
    item: Runnable, cell: NotebookNode, line: int, output: NotebookNode, shown: Shown
) -> str:
    data = output.data
    if kind := next((kind for kind in KINDS if kind in data), None):
        number = f"-{shown.drawn + 1}" if shown.drawn else ""
        spot = Spot(item, cell, line, f"{cell.id}{number}")
        described = output.get("metadata", {}).get(kind, {})
        try:
            piece = KINDS[kind](spot, data[kind], described)
        except RefusedError as refused:
            shown.problems.append(item.problem(cell, line, str(refused)))
            return ""
        for name in piece.files.keys() & shown.files.keys():
            message = f"publishes {name!r} twice; give each file its own name"
            shown.problems.append(item.problem(cell, line, message))
        shown.drawn += any(name.startswith(cell.id) for name in piece.files)
        shown.files |= piece.files
        return piece.markdown
    if message := _no_output(data):
        shown.problems.append(item.problem(cell, line, message))
        return ""
    shown.values.update(data.get(_VALUES, {}))
    if "text/markdown" in data:
        return str(data["text/markdown"]).strip()
    return _text(item, cell, line, f"{data.get('text/plain', '')}\n", shown)


def _no_output(data: Mapping[str, Any]) -> str:
    """Why an output that is of no kind of the course's is not for readers; empty if it is."""
    if any(kind.startswith("image/") for kind in data):
        return (
            "shows an image without alt text; show a picture by introdl.show.picture(image, "
            "alt=...), a drawing by introdl.plot.figure(fig, alt=...)"
        )
    text = data.get("text/plain", "")
    if "text/markdown" not in data and (found := _OBJECT.search(text)):
        first = found[0].splitlines()[0][:60]
        return (
            f"shows {first}: show a sound by introdl.show.sound, a picture by "
            "introdl.show.picture, a figure by introdl.plot.figure, and text by print"
        )
    return ""
