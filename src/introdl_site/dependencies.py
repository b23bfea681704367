"""The packages that the course needs, from the one list of them: `dependencies` in pyproject.toml.

What decides whether a run is out of date, what kernels import beforehand and what a downloaded
notebook installs all come from here.
"""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from introdl_site.sources import scripts


@functools.cache
def declared() -> dict[str, tuple[str, ...]]:
    """The modules of each package that the course needs, such as scikit-learn's `sklearn`."""
    needed = importlib.metadata.requires("introdl") or []
    names = {_same(name): name for line in needed if (name := _package(line))}
    modules: dict[str, list[str]] = {name: [] for name in names.values()}
    for module, packages in importlib.metadata.packages_distributions().items():
        for package in {_same(package) for package in packages} & names.keys():
            modules[names[package]].append(module)
    # One that is not installed has the module that its name suggests.
    return {
        name: tuple(sorted(found)) or (name.replace("-", "_"),)
        for name, found in sorted(modules.items())
    }


def _package(requirement: str) -> str | None:
    """The package of a line of requirements; None for one that an extra asks for."""
    match = re.match(r"[\w.-]+", requirement)
    return match[0] if match and "extra ==" not in requirement else None


def _same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.lru_cache(maxsize=2048)  # a module is asked for by all that use it
def imports(source: str) -> frozenset[str]:
    r"""The full names that Python code imports, wherever in it; none of what cannot be read.

    What it can do without, in a `try` that goes on where it is missing, does not count.

    Examples:
        >>> sorted(imports("import a.b\ndef f():\n    from c import d"))
        ['a.b', 'c', 'c.d']
        >>> sorted(imports("try:\n    import a\nexcept ImportError:\n    a = None"))
        []
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return frozenset()
    optional = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and any(map(_catches_missing, node.handlers))
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = set()
    for node in ast.walk(tree):
        if node in optional:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    caught = ast.unparse(handler.type) if handler.type else "ImportError"
    return "ImportError" in caught or "ModuleNotFoundError" in caught


def needed(sources: Iterable[str]) -> tuple[list[str], list[str]]:
    """What has to be installed for code to run.

    Args:
        sources: All the code: an example's, and that of the course's modules which it uses.

    Returns:
        The packages in the list, and the modules that are of none of them.
    """
    owner = {module: package for package, of in declared().items() for module in of}
    tops = {name.partition(".")[0] for source in sources for name in imports(source)}
    tops -= sys.stdlib_module_names | {"introdl", "__future__"}
    known = {owner[top] for top in tops if top in owner}
    return sorted(known), sorted(top for top in tops if top not in owner)


def preloaded(root: Path) -> list[str]:
    """The modules of those packages that any code of the course imports."""
    tops = {module for modules in declared().values() for module in modules}
    found: set[str] = set()
    for path in [*scripts(root / "src" / "introdl"), *scripts(root / "examples")]:
        found |= imports(path.read_text(encoding="utf-8-sig", errors="replace"))
    return sorted(name for name in found if name.partition(".")[0] in tops)
