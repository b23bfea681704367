"""Make of an executed example the notebook that its page shows, and the two that readers take."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import markdown
import nbformat
from nbformat import NotebookNode

from introdl_site.dependencies import imports, needed
from introdl_site.problems import Problem, line_of
from introdl_site.project import Example
from introdl_site.publishing.cells import read
from introdl_site.publishing.kinds import PREFIX
from introdl_site.publishing.terminal import fenced
from introdl_site.repository import Repository
from introdl_site.running.handing import requests
from introdl_site.sources import read as read_source

_MARK = "<!--introdl:cell:{}-->"
_INSTALL = '''\
# Where the course's package is missing, as on Colab, fetch it and what this notebook needs. What
# is there already stays as it is.
try:
    import introdl
except ModuleNotFoundError:
    %pip install --quiet {packages}
    %pip install --quiet --no-deps "{introdl}"'''
_KEEPS = 'import os\nos.environ["INTRODL_LESSON"] = {lesson!r}  # for what it hands on'
_FIRST = "# First run {notebooks}: this notebook goes on with what is kept there."


@dataclass
class ExamplePage:
    """A notebook for mkdocs-jupyter to render, and what it cannot say of itself.

    `html` is what a preview shows while the example waits to be executed: its prose and its code.
    mkdocs-jupyter would take seconds for the same.
    """

    notebook: NotebookNode
    title: str
    description: str
    toc_tokens: list[dict[str, Any]]
    html: str
    problems: list[Problem] = field(default_factory=list)


def page(
    example: Example, notebook: NotebookNode, lines: list[int], md: markdown.Markdown
) -> ExamplePage:
    """Render the prose and the outputs of a notebook the way a lesson is rendered.

    nbconvert's own Markdown knows no admonition, no anchor and no link between pages. So all
    of a notebook but its code goes through the site's Markdown, as one document.

    Args:
        example: The example.
        notebook: It executed; or not yet, while a preview waits.
        lines: The line on which each cell starts.
        md: The site's Markdown.

    Returns:
        The page. Its addresses are still those of the source.
    """
    parts = []
    for index, (cell, line) in enumerate(zip(notebook.cells, lines, strict=True)):
        if cell.cell_type == "markdown":
            shown = cell.source
        elif cell.execution_count is None:
            shown = fenced(cell.source, "python")
        else:
            shown = read(example, cell, line).markdown
        parts += [_MARK.format(index), shown]
    html = md.reset().convert("\n\n".join(parts))
    pieces = re.split(_MARK.format(r"(\d+)"), html)
    rendered = dict(zip(map(int, pieces[1::2]), pieces[2::2], strict=True))
    cells = []
    for index, cell in enumerate(notebook.cells):
        body = rendered.get(index, "").strip()
        if cell.cell_type == "markdown":
            cells.append(_raw(f"prose-{index}", body))
            continue
        if "name" in cell.metadata:
            cells.append(_raw(f"anchor-{index}", f'<a id="{cell.id}" class="dl-anchor"></a>'))
        code = nbformat.v4.new_code_cell(
            cell.source, id=cell.id, execution_count=cell.execution_count
        )
        if body and cell.execution_count is not None:
            code.outputs = [nbformat.v4.new_output("display_data", {"text/html": body})]
        cells.append(code)
    result = nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)
    tokens = md.toc_tokens
    prose = next((c.source for c in notebook.cells if c.cell_type == "markdown"), "")
    paragraphs = [part for part in prose.split("\n\n") if not part.startswith("#")]
    title = tokens[0]["name"] if tokens else example.name
    description = _plain(paragraphs[0] if paragraphs else title)
    found = ExamplePage(result, title, description, tokens, "".join(pieces[::2]))
    anchors = set(re.findall(r'\bid="([^"]+)"', html))
    for cell, line in zip(notebook.cells, lines, strict=True):
        if cell.metadata.get("name") in anchors:
            message = "has the anchor of a heading or a note, too: give it another name"
            found.problems.append(example.problem(cell, line, message))
    if not tokens or tokens[0]["level"] != 1:
        message = "the first cell must be Markdown that starts with a title, '# # Title'"
        found.problems.append(Problem(example.label, 1, message))
    return found


def download(
    example: Example,
    notebook: NotebookNode,
    repository: Repository | None,
    used: Iterable[str] = (),
) -> NotebookNode:
    """The notebook that readers take: executed, and able to install what it needs.

    Args:
        example: The example.
        notebook: It executed; or not yet, while a preview waits.
        repository: Where the course's package can be installed from.
        used: The files of the project that it used, relative to the root.
    """
    taken = copy.deepcopy(notebook)
    for cell in taken.cells:
        for output in cell.get("outputs", []):
            # Beside what the website alone reads, every output has a form for any notebook.
            for kind in [k for k in output.get("data", {}) if k.startswith(PREFIX)]:
                del output.data[kind]
            # Places of the site are not places of a notebook.
            if text := output.get("data", {}).get("text/markdown"):
                output.data["text/markdown"] = re.sub(r"\[([^\]]*)\]\(site:/[^)]*\)", r"\1", text)
            # A notebook viewer's paper may be dark, and it does not swap the ink.
            if "image/svg+xml" in output.get("data", {}):
                svg = output.data["image/svg+xml"]
                output.data["image/svg+xml"] = svg.replace(
                    "<svg ", '<svg style="background:#fff" ', 1
                )
    if first := _install(example, repository, used):
        taken.cells.insert(1, nbformat.v4.new_code_cell(first, id="install"))
    return taken


def _install(example: Example, repository: Repository | None, used: Iterable[str]) -> str:
    """What a notebook does first: names what must have run, and installs what is missing."""
    script = read_source(example.path)
    parts = []
    if givers := sorted({request.giver for request in requests(example)}):
        names = ", ".join(f"{giver.rpartition('/')[2]}.ipynb ({giver})" for giver in givers)
        parts.append(_FIRST.format(notebooks=names))
    if repository is not None:
        packages, _ = needed([script, *_modules(example, used)])
        parts.append(_INSTALL.format(packages=" ".join(packages), introdl=repository.install()))
    if "introdl.handed" in imports(script):
        parts.append(_KEEPS.format(lesson=example.name))
    return "\n".join(parts)


def unknown(example: Example, used: Iterable[str]) -> list[Problem]:
    """A problem for each module that an example needs and no package of the course's list has."""
    if example.name.startswith("reference/"):  # about the project itself: no reader runs it alone
        return []
    script = read_source(example.path)
    here = {Path(path).stem for path in used}
    message = (
        "which a reader may lack: add its package to 'dependencies' in pyproject.toml, or do "
        "without it"
    )
    return [
        Problem(example.label, line_of(script, module), f"imports {module}, {message}")
        for module in needed([script])[1]
        if module not in here
    ]


def _modules(example: Example, used: Iterable[str]) -> Iterator[str]:
    """The code of the course's own modules among the files that an example used."""
    for path in used:
        file = example.project.root / path
        if path.startswith("src/introdl/") and file.suffix == ".py" and file.is_file():
            yield read_source(file)


def _raw(identifier: str, html: str) -> NotebookNode:
    cell: NotebookNode = nbformat.v4.new_raw_cell(
        html, id=identifier, metadata={"raw_mimetype": "text/html", "format": "text/html"}
    )
    return cell


def _plain(text: str) -> str:
    """The first sentences of Markdown, as search results show them."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = text.replace('"', "")
    sentences = re.split(r"(?<=[.!?]) ", " ".join(re.sub(r"[`*$]", "", text).split()))
    kept = sentences[0]
    for sentence in sentences[1:]:
        if len(kept) + len(sentence) > 160:
            break
        kept = f"{kept} {sentence}"
    return kept
