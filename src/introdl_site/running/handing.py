"""Handed on: which example gets what another one kept, and so in which order they run.

`introdl.handed` has the calls; their names are read in the source, before anything runs.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mkdocs.utils.yaml import yaml_load

from introdl_site.problems import Problem
from introdl_site.project import Example, ExampleError, Project, Runnable
from introdl_site.running.cache import write
from introdl_site.running.kept import digest, folder

_FULL = re.compile(r"([a-z][a-z0-9_]*/[a-z][a-z0-9_]*)/[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Request:
    """A call of `handed.get`: what it asks for, and the line on which it stands."""

    name: str
    line: int

    @property
    def giver(self) -> str:
        """The example that keeps it, like `vision/cnn`."""
        return self.name.rpartition("/")[0]


def settle(item: Runnable, written: Path, got: Iterable[str]) -> dict[str, str]:
    """Keep what a run of `item` wrote into a folder, and nothing else of its own.

    Args:
        item: What ran.
        written: The folder.
        got: The names that it asked for.

    Returns:
        The digest of each that it kept or got, by full name.

    Raises:
        ExampleError: If it got what its source does not say, which nobody saw to.
        CacheError: If the cache cannot be written to.
    """
    unforeseen = sorted(set(got) - {request.name for request in requests(item)})
    if unforeseen:
        message = f"got {unforeseen[0]!r} by code elsewhere; call handed.get here, by its full name"
        raise ExampleError(Problem(item.label, 0, message))
    handed = {name: digest(item.project, name) or "" for name in got}
    place = folder(item.project) / item.name
    for path in sorted((written / item.name).glob("*.safetensors")):
        content = path.read_bytes()
        write(place / path.name, content)
        handed[f"{item.name}/{path.stem}"] = hashlib.sha256(content).hexdigest()
    for path in place.glob("*.safetensors"):
        if f"{item.name}/{path.stem}" not in handed:
            path.unlink()
    return handed


def requests(item: Runnable) -> list[Request]:
    """What an example or a page gets by `handed.get`.

    Raises:
        ExampleError: If an argument is no literal or has another form than part/lesson/name.
    """
    if b"handed" not in item.path.read_bytes():
        return []
    notebook, places = item.read()
    found, problems = [], []
    cells = [c for c in zip(notebook.cells, places, strict=True) if c[0].cell_type == "code"]
    names = _Names()
    for cell, lines in cells:
        try:
            tree = ast.parse(cell.source.lstrip("\n"))
        except SyntaxError:  # named when the cell is run
            continue
        for node in names.calls(tree):
            line = lines[min(node.lineno, len(lines) - 1)]
            argument = node.args[0] if len(node.args) == 1 and not node.keywords else None
            if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                message = (
                    "handed.get takes one name in quotes, such as handed.get('vision/cnn/net'): "
                    "it is read before anything runs"
                )
                problems.append(Problem(item.label, line, message))
            elif not _FULL.fullmatch(argument.value):
                message = f"handed.get({argument.value!r}): write part/lesson/name"
                problems.append(Problem(item.label, line, message))
            else:
                found.append(Request(argument.value, line))
    if problems:
        raise ExampleError(*problems)
    return found


def names(code: str) -> list[str]:
    r"""What Python code gets, where that stands in quotes.

    Examples:
        >>> names("from introdl import handed\nhanded.get('vision/cnn/net')")
        ['vision/cnn/net']
    """
    return [
        argument.value
        for call in _Names().calls(ast.parse(code))
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


class _Names:
    """The names under which code knows `introdl.handed` and its `get`."""

    def __init__(self) -> None:
        self.module = {"introdl.handed"}
        self.function: set[str] = set()

    def calls(self, tree: ast.AST) -> Iterator[ast.Call]:
        """Every call of `get`, in the order of lines."""
        nodes = sorted(ast.walk(tree), key=lambda node: getattr(node, "lineno", 0))
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and node.module == "introdl":
                self.module |= {a.asname or a.name for a in node.names if a.name == "handed"}
            elif isinstance(node, ast.ImportFrom) and node.module == "introdl.handed":
                self.function |= {a.asname or a.name for a in node.names if a.name == "get"}
            elif isinstance(node, ast.Import):
                self.module |= {
                    a.asname for a in node.names if a.name == "introdl.handed" and a.asname
                }
        for node in nodes:
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                module, _, name = called.rpartition(".")
                if called in self.function or (name == "get" and module in self.module):
                    yield node


@dataclass
class Plan:
    """In which order examples run.

    Attributes:
        items: Those asked for and those that they need, each after its givers.
        requests: What each gets.
        problems: What is wrong with those that cannot run.
    """

    items: list[Runnable]
    requests: dict[str, list[Request]]
    problems: dict[Runnable, list[Problem]]

    def givers(self, name: str) -> set[str]:
        """The examples that must have ended before this one begins."""
        return {request.giver for request in self.requests.get(name, [])}


def plan(items: Iterable[Runnable]) -> Plan:
    """Order examples so that each comes after those whose work it gets."""
    made = Plan([], {}, {})
    path: list[str] = []

    def visit(item: Runnable) -> None:
        if item.name in made.requests or item in made.problems:
            return
        try:
            asks = requests(item)
        except ExampleError as error:
            made.problems[item] = list(error.problems)
            return
        except Exception:  # named when it is run
            asks = []
        made.requests[item.name] = asks
        path.append(item.name)
        givers = {ask: Example(item.project, ask.giver) for ask in asks}
        for ask, giver in givers.items():
            if message := _wrong(item, ask, giver, path):
                problem = Problem(item.label, ask.line, message)
                made.problems.setdefault(item, []).append(problem)
            else:
                visit(giver)
        path.pop()
        failed = next((made.problems[g] for g in givers.values() if g in made.problems), None)
        if failed and item not in made.problems:
            made.problems[item] = failed
        if item not in made.problems:
            made.items.append(item)

    for item in items:
        visit(item)
    return made


def _wrong(item: Runnable, ask: Request, giver: Example, path: list[str]) -> str:
    """Why a request cannot be met; empty if it can."""
    call = f"handed.get({ask.name!r})"
    if giver.name in path:
        circle = " → ".join([*path[path.index(giver.name) :], giver.name])
        return f"{call} asks in a circle: {circle}"
    if not giver.path.is_file():
        return f"{call}: there is no {giver.label} to keep it"
    order = _order(item.project)
    lesson = item.name.removeprefix("docs/").removesuffix(".md")
    if order.get(giver.name, -1) > order.get(lesson, len(order)):
        return f"{call}: {giver.name} is a later lesson of the course; ask for an earlier one's"
    return ""


def missing(asks: Iterable[Request], item: Runnable) -> list[Problem]:
    """A problem for each request that no giver has met, once all givers have run."""
    problems = []
    for ask in asks:
        if digest(item.project, ask.name) is None:
            place = folder(item.project) / ask.giver
            kept = ", ".join(sorted(p.stem for p in place.glob("*.safetensors"))) or "nothing"
            message = f"handed.get({ask.name!r}): examples/{ask.giver}.py keeps {kept}"
            problems.append(Problem(item.label, ask.line, message))
    return problems


def _order(project: Project) -> dict[str, int]:
    """The place of each lesson in the course, from the nav."""
    config = project.root / "mkdocs.yml"
    nav = yaml_load(config.read_text(encoding="utf-8")).get("nav") if config.is_file() else None
    pages = _pages(nav or [])
    return {page.removesuffix(".md"): position for position, page in enumerate(pages)}


def _pages(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list | dict):
        for below in entry if isinstance(entry, list) else entry.values():
            yield from _pages(below)
