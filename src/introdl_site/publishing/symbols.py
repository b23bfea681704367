"""Find every symbol of a module by name, so that a page can include its code."""

from __future__ import annotations

import ast
import functools
import textwrap
from collections.abc import Iterator
from pathlib import Path

from introdl_site import sources


@functools.cache  # a preview asks at every edit
def symbols(source: str) -> dict[str, str]:
    r"""The code of each class, function, method and constant at the top of a module.

    Of a docstring a page shows the first paragraph; the API page has the arguments, errors and
    sources, and so has the module.

    Args:
        source: The module's text.

    Returns:
        Code by name; a method's name is `Class.method`, and its code is dedented.

    Examples:
        >>> code = symbols("ETA = 0.1\nclass Net:\n    def f(self):\n        return 1\n")
        >>> sorted(code)
        ['ETA', 'Net', 'Net.f']
        >>> print(code["Net.f"])
        def f(self):
            return 1
        <BLANKLINE>
    """
    module = ast.parse(source)
    lines = _with_short_docstrings(sources.lines(source), module)
    return {
        name: textwrap.dedent("".join(lines[first - 1 : last]))
        for name, first, last in _places(module.body)
    }


def _with_short_docstrings(lines: list[str], module: ast.Module) -> list[str]:
    """Empty the lines that follow the first paragraph of each docstring, and close it there."""
    for node in ast.walk(module):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if ast.get_docstring(node) is None:
            continue
        first, last = node.body[0].lineno, node.body[0].end_lineno or 0
        blank = next((n for n in range(first, last) if not lines[n - 1].strip()), None)
        if blank is None:
            continue
        lines[blank - 2] = lines[blank - 2].rstrip() + '"""\n'
        # The lines stay, empty of text, so that those of the code keep their numbers.
        lines[blank - 1 : last] = [""] * (last - blank + 1)
    return lines


def _places(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, int, int]]:
    for node in body:
        last = node.end_lineno or node.lineno
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            yield prefix + node.name, first, last
            if isinstance(node, ast.ClassDef):
                yield from _places(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not prefix:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.lineno, last


def lessons(source_root: Path) -> Iterator[tuple[str, list[Path]]]:
    """Every lesson under `source_root/introdl/<part>/`, as (`part/lesson`, its modules).

    A lesson is a module, or a package of small ones.
    """
    for path in sorted((source_root / "introdl").glob("*/*")):
        if path.name.startswith(("_", ".")) or path.parent.name.startswith("."):
            continue
        if path.suffix == ".py" and path.is_file():
            yield f"{path.parent.name}/{path.stem}", [path]
        elif (path / "__init__.py").is_file():
            yield f"{path.parent.name}/{path.name}", _own(path)


def _own(package: Path) -> list[Path]:
    return [path for path in sources.scripts(package) if path.parent == package]


def modules(source_root: Path, lesson: str) -> list[Path]:
    """The modules of one lesson, `part/lesson`; none where there is no such lesson."""
    path = source_root / "introdl" / lesson
    module = path.with_name(path.name + ".py")
    if module.is_file():
        return [module]
    return _own(path) if (path / "__init__.py").is_file() else []


def of_lesson(paths: list[Path]) -> dict[str, str]:
    """The symbols of all modules of a lesson, in one namespace.

    Of a package, that is its public symbols.

    Raises:
        SyntaxError: If a module is no Python; its `filename` is the module's.
        ValueError: If two modules define the same public name.
    """
    found: dict[str, str] = {}
    where: dict[str, str] = {}
    for path in paths:
        try:
            here = symbols(sources.read(path))
        except SyntaxError as error:
            error.filename = str(path)
            raise
        for name, code in here.items():
            if len(paths) > 1 and name.startswith("_"):
                continue
            if name in found:
                message = f"defines {name!r}, as {where[name]} does: a lesson has each name once"
                raise ValueError(f"{path.name} {message}")
            found[name], where[name] = code, path.name
    return found
