"""Turn what a cell showed into Markdown, and its figures into one file for each palette."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from introdl.palette import DARK
from introdl_site.problems import Problem
from introdl_site.project import Example

_VALUES = "application/vnd.introdl.values+json"
# What Python says of an object that has no text of its own.
_OBJECT = re.compile(r"<Figure size|<IPython\.core|<[\w.]+ object at 0x")
_SIZE = re.compile(r'<svg[^>]*?\bwidth="([\d.]+)pt"[^>]*?\bheight="([\d.]+)pt"')
_COLOUR = re.compile("|".join(DARK), re.IGNORECASE)


@dataclass
class Shown:
    """What one cell showed.

    Attributes:
        markdown: All of it, in order, to be included by a page.
        values: Named numbers, each to be included on its own.
        figures: File name to SVG, to be published beside the example's page.
        problems: What must not be published.
    """

    markdown: str = ""
    values: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(example: Example, cell: NotebookNode, line: int) -> Shown:
    """Read the outputs of an executed cell that starts on `line` of the example's script."""
    shown = Shown()
    blocks = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            blocks.append(_fenced(output.text))
        elif output.output_type in ("display_data", "execute_result"):
            blocks.append(_display(example, cell, line, output, shown))
    shown.markdown = "\n\n".join(filter(None, blocks)) + "\n"
    return shown


def dark(svg: str) -> str:
    """The same figure for dark paper."""
    return _COLOUR.sub(lambda match: DARK[match[0].lower()], svg)


def _display(
    example: Example, cell: NotebookNode, line: int, output: NotebookNode, shown: Shown
) -> str:
    data, metadata = output.data, output.get("metadata", {})
    if "image/svg+xml" in data:
        described = metadata.get("image/svg+xml", {})
        return _figure(example, cell, line, data["image/svg+xml"], described, shown)
    if any(kind.startswith("image/") for kind in data):
        message = "shows an image without alt text; show it by introdl.plot.figure(fig, alt=...)"
        shown.problems.append(_complaint(example, cell, line, message))
        return ""
    if _VALUES in data:
        shown.values.update(data[_VALUES])
    text = data.get("text/plain", "")
    if "text/markdown" not in data and _OBJECT.match(text):
        first = text.splitlines()[0][:60]
        message = f"shows {first}: show a figure by introdl.plot.figure, and text by print"
        shown.problems.append(_complaint(example, cell, line, message))
        return ""
    if "text/markdown" in data:
        return str(data["text/markdown"]).strip()
    return _fenced(data.get("text/plain", ""))


def _figure(
    example: Example,
    cell: NotebookNode,
    line: int,
    svg: str,
    described: dict[str, str],
    shown: Shown,
) -> str:
    alt = described.get("alt", "").strip()
    if not alt:
        message = "shows a figure without alt text; pass alt=... to introdl.plot.figure"
        shown.problems.append(_complaint(example, cell, line, message))
        return ""
    size = _SIZE.search(svg)
    if size is None:
        shown.problems.append(_complaint(example, cell, line, "shows an SVG without a size"))
        return ""
    width, height = (round(float(points) * 4 / 3) for points in size.groups())
    number = len(shown.figures) // 2
    stem = cell.id + (f"-{number + 1}" if number else "")
    images = []
    for palette, drawing in (("light", svg), ("dark", dark(svg))):
        shown.figures[f"{stem}.{palette}.svg"] = drawing
        images.append(
            f'<img class="dl-{palette}" src="site:/examples/{example.name}/{stem}.{palette}.svg" '
            f'alt="{html.escape(alt)}" width="{width}" height="{height}" loading="lazy">'
        )
    links = (
        f'<span class="dl-source"><a href="site:/examples/{example.name}/#{cell.id}">How this '
        f'was made</a><a class="dl-repo" href="source:/{example.label}#L{line}">Source</a></span>'
    )
    caption = described.get("caption", "")
    return (
        f'<figure class="dl-figure" markdown="1">\n{images[0]}\n{images[1]}\n'
        f'<figcaption markdown="span">{caption} {links}</figcaption>\n</figure>'
    )


def _complaint(example: Example, cell: NotebookNode, line: int, message: str) -> Problem:
    name = cell.metadata.get("name")
    return Problem(example.label, line, f"{f'cell {name!r}' if name else 'this cell'} {message}")


def _fenced(text: str) -> str:
    text = text.rstrip("\n")
    if not text:
        return ""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`{3,}", text) or [""]))
    return f"{fence}text\n{text}\n{fence}"
