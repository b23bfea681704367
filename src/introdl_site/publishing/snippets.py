"""Write what pages include: what runs showed and the code of `src/`, by name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from introdl_site.problems import Problem
from introdl_site.project import Project, Runnable
from introdl_site.publishing import symbols
from introdl_site.publishing.cells import Shown, read
from introdl_site.running.cache import CacheError, write
from introdl_site.running.run import Run

_written: dict[Path, str] = {}
_read: dict[str, tuple[Run, list[tuple[NotebookNode, Shown]]]] = {}


@dataclass
class Published:
    """What was published.

    Attributes:
        files: Content by its place in the site, such as `examples/history/xor/net.light.svg`.
        shown: What the cells of each run showed, in order, by the run's name.
        changed: Whether any snippet is new or different.
        problems: Outputs that cannot be published.
    """

    files: dict[str, str | bytes] = field(default_factory=dict)
    shown: dict[str, list[Shown]] = field(default_factory=dict)
    changed: bool = False
    problems: list[Problem] = field(default_factory=list)


def publish(project: Project, items: Iterable[Runnable], runs: Mapping[str, Run]) -> Published:
    """Write a snippet for every named cell of `runs` and every symbol of the lessons' modules.

    A snippet that nothing makes any longer is deleted, so that no page can include it.

    Raises:
        CacheError: If the cache cannot be written to.
    """
    published = Published()
    snippets = _code(project, published)
    for item in items:
        if (run := runs.get(item.name)) is None:
            continue
        outputs = _outputs(item, run)
        published.shown[item.name] = [shown for _, shown in outputs]
        for cell, shown in outputs:
            published.problems += shown.problems
            published.problems += _files(item, cell, shown, published)
            if (cell_name := cell.metadata.get("name")) is None:
                continue
            if shown.markdown.strip():
                snippets[f"outputs/{item.name}/{cell_name}.md"] = shown.markdown
            for key, value in shown.values.items():
                snippets[f"outputs/{item.name}/{cell_name}.{key}.txt"] = f"{value}\n"
    _write_all(project, snippets, published)
    return published


def _outputs(item: Runnable, run: Run) -> list[tuple[NotebookNode, Shown]]:
    """What each cell showed; a preview asks at every edit, and a run never changes."""
    if _read.get(item.name, (None, []))[0] is not run:
        _, places = item.read()
        cells = zip(run.notebook.cells, places, strict=True)
        _read[item.name] = (run, [(c, read(item, c, lines[0])) for c, lines in cells])
    return _read[item.name][1]


def _files(
    item: Runnable, cell: NotebookNode, shown: Shown, published: Published
) -> Iterator[Problem]:
    """Publish the files of a cell, each under a name that nothing else beside it has."""
    stem = Path(item.place).name
    for file, content in shown.files.items():
        place = f"{item.place}/{file}"
        if place in published.files or file in ("index.html", f"{stem}.py", f"{stem}.ipynb"):
            message = f"publishes {file!r}, which is there already; give it another name"
            yield item.problem(cell, shown.line, message)
        published.files[place] = content


def _code(project: Project, published: Published) -> dict[str, str]:
    snippets: dict[str, str] = {}
    for lesson, paths in symbols.lessons(project.root / "src"):
        try:
            found = symbols.of_lesson(paths)
        except SyntaxError as error:
            message = f"cannot be read as Python: {error.msg}"
            place = project.relative(Path(str(error.filename)))
            published.problems.append(Problem(place, error.lineno or 0, message))
            continue
        except ValueError as error:
            place = project.relative(paths[0].parent)
            published.problems.append(Problem(place, 0, str(error)))
            continue
        # An include adds its own end of line.
        snippets |= {f"code/{lesson}/{name}.py": code.rstrip() for name, code in found.items()}
    return snippets


def _write_all(project: Project, snippets: dict[str, str], published: Published) -> None:
    for name, text in snippets.items():
        path = project.snippets / name
        # A preview asks at every edit, for some thousand files of which none has changed.
        if _written.get(path) != text or not path.is_file():
            published.changed |= write(path, text.encode())
            _written[path] = text
    wanted = {project.snippets / name for name in snippets}
    try:
        for folder, _, files in os.walk(project.snippets, topdown=False):
            for path in {Path(folder, name) for name in files} - wanted:
                path.unlink()
                published.changed = True
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
    except OSError as error:
        raise CacheError(f"cannot delete under {project.snippets}: {error.strerror}") from None
