"""Break a lesson's code in small ways, one at a time, and list what its own tests let live.

    python tests/mutants.py history/perceptron --sample 20

Each mutant changes one number, sign, operator, comparison, reduction or factor in a copy of the
package; text and docstrings stay. The lesson's test file runs against it until the first failure.
A survivor that changes nothing a test could see is explained in that file:

    SAME = {"if length < 2e-10:": "any tiny number will do"}

The key is the line after the change; the dictionary is a literal, written out. The tests that run
the changed line come first, the quickest before the others: most mutants end within half a second.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import coverage
import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parent.parent

OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARISONS: dict[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
NAMES = {
    **{"max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum"},
    **{"argmax": "argmin", "argmin": "argmax", "sum": "mean", "mean": "sum"},
    **{"any": "all", "all": "any", "floor": "ceil", "ceil": "floor"},
}
REDUCTIONS = {"max": "mean"}


class Mutant(NamedTuple):
    """One change: where, the line before and after, and the whole new text of the file."""

    path: Path
    line: int
    last: int
    before: str
    after: str
    text: str


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Each small change of one node, as the node to put in its place."""
    match node:
        case ast.Constant(value=bool() | str() | bytes() | None):
            return
        case ast.Constant(value=int(n)):
            yield ast.Constant(n + 1)
            yield ast.Constant(n - 1)
        case ast.Constant(value=float(x)):
            yield ast.Constant(2 * x if x else 1.0)
            yield ast.Constant(x / 2 if x else -1.0)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left, op, right):
            if type(op) in OPERATORS:
                yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.AugAssign(target, op, value):
            if type(op) in OPERATORS:
                yield ast.AugAssign(target, OPERATORS[type(op)](), value)
            yield ast.AugAssign(target, op, _twice(value))
        case ast.Assign(targets, ast.BinOp() as value):
            yield ast.Assign(targets, _twice(value), lineno=node.lineno)
        case ast.Return(ast.BinOp() as value):
            yield ast.Return(_twice(value))
        case ast.Compare(left, ops, comparators):
            for i, op in enumerate(ops):
                if type(op) in COMPARISONS:
                    new = [*ops[:i], COMPARISONS[type(op)](), *ops[i + 1 :]]
                    yield ast.Compare(left, new, comparators)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.Attribute(value, "T" | "mT"):
            yield value
        case ast.Call(ast.Name("abs") | ast.Attribute(attr="abs"), [operand]):
            yield operand
        case ast.Call(ast.Attribute(value, name), args, keywords):
            for new in {NAMES.get(name), REDUCTIONS.get(name)} - {None}:
                yield ast.Call(ast.Attribute(value, new), args, keywords)
        case ast.Call(ast.Name("max" | "min" | "any" | "all" as name), args, keywords):
            yield ast.Call(ast.Name(NAMES[name]), args, keywords)


def _twice(value: ast.expr) -> ast.expr:
    return ast.BinOp(ast.Constant(2), ast.Mult(), value)


def numeric(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of the code that computes: no annotation, message, decorator or check."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            skipped = ast.Raise | ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom
            if not isinstance(child, ast.AST) or isinstance(child, skipped):
                continue
            if isinstance(child, ast.Expr) and "takes(" in ast.unparse(child):
                continue  # the shared test of odd input tries these
            if isinstance(child, ast.FunctionDef) and child.name.startswith("_check"):
                continue
            yield from numeric(child)


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of one module, in the order of its lines."""
    text = path.read_text(encoding="utf-8")
    lines = text.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = text.encode()
    for node in numeric(ast.parse(text)):
        for new in changes(node):
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            code = ast.unparse(ast.fix_missing_locations(new))
            code = code if isinstance(new, ast.stmt | ast.Constant) else f"({code})"
            changed = (data[:begin] + code.encode() + data[end:]).decode()
            try:
                if ast.dump(ast.parse(changed)) == ast.dump(ast.parse(text)):
                    continue
            except SyntaxError:
                continue
            before = data[starts[node.lineno - 1] : starts[node.end_lineno]].decode()
            tail = data[end : starts[node.end_lineno]].decode()
            after = data[starts[node.lineno - 1] : begin].decode() + code + tail
            before, after = " ".join(before.split()), " ".join(after.split())
            yield Mutant(path, node.lineno, node.end_lineno, before, after, changed)


def modules(lesson: str) -> list[Path]:
    """The files of a lesson."""
    place = ROOT / "src/introdl" / lesson
    if place.is_dir():
        return [p for p in sorted(place.glob("*.py")) if not p.name.startswith("__")]
    if not place.with_suffix(".py").is_file():
        raise SystemExit(
            f"error: src/introdl/{lesson}.py is missing: name a lesson, as in history/xor"
        )
    return [place.with_suffix(".py")]


def explained(test: Path) -> dict[str, str]:
    """The dictionary `SAME` of a test file: what no test could see, and why."""
    for node in ast.parse(test.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SAME":
            with contextlib.suppress(ValueError):
                return ast.literal_eval(node.value)
            raise SystemExit(
                f"error: {test}:{node.lineno}: SAME must be a literal: write each line and its "
                "reason out as text, without a call, a name or a comprehension"
            )
    return {}


def import_libraries(paths: list[Path]) -> None:
    """Import what the files import, except the course itself, so that each child has it."""
    for path in [*paths, ROOT / "tests/conftest.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                if name.split(".")[0] not in ("introdl", "introdl_site", "conftest"):
                    with contextlib.suppress(ImportError):
                        importlib.import_module(name)
    if torch := sys.modules.get("torch"):  # its first step of an optimiser imports a compiler
        weight = torch.zeros(1, requires_grad=True)
        weight.sum().backward()
        torch.optim.SGD([weight]).step()


class Watch:
    """A pytest plugin that notes which lines of a lesson each test runs, and for how long."""

    def __init__(self, copy: Path, files: list[Path]) -> None:
        self.copy, self.seconds = copy, {}
        names = [str(copy / path.relative_to(ROOT / "src")) for path in files]
        self.coverage = coverage.Coverage(data_file=None, include=names)
        self.coverage.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        began = time.monotonic()
        self.coverage.switch_context(item.nodeid)
        yield
        self.seconds[item.nodeid] = time.monotonic() - began

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data, lines = self.coverage.get_data(), {}
        for file in data.measured_files():
            name = str(Path(file).relative_to(self.copy))
            for line, tests in data.contexts_by_lineno(file).items():
                lines[f"{name}:{line}"] = [test for test in tests if test]
        notes = {"seconds": self.seconds, "lines": lines}
        (self.copy / "watched.json").write_text(json.dumps(notes))


class Order:
    """A pytest plugin that puts the tests that run the changed statement first."""

    def __init__(self, mutant: Mutant, watched: dict[str, Any]) -> None:
        name = mutant.path.relative_to(ROOT / "src")
        keys = [f"{name}:{line}" for line in range(mutant.line, mutant.last + 1)]
        self.first = {test for key in keys for test in watched["lines"].get(key, ())}
        self.seconds = watched["seconds"]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.seconds.get(item.nodeid, 0))
        items.sort(key=lambda item: item.nodeid not in self.first)


def start(copy: Path, test: Path, plugin: Callable[[], object]) -> int:
    """Run a lesson's tests against a copy of the package in a child; its process number."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(copy), str(ROOT)]  # the second for the plugins of tests/conftest.py
    os.environ |= {
        "PYTHONPATH": os.pathsep.join([str(copy), str(ROOT / "src")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(copy / "hypothesis"),
    }
    status = 3
    try:
        # One failure is enough: no smaller example is sought for it.
        few = {"phases": [Phase.explicit, Phase.generate], "database": None}
        settings.register_profile("mutants", **few)
        options = [
            "-x",
            "-q",
            "--tb=no",
            "--hypothesis-profile=mutants",
            "-pno:cacheprovider",
            "-pno:xdist",
            "--seed=0",
            f"--rootdir={ROOT}",
        ]
        # Plugins were imported before pytest could rewrite their assertions.
        options.append("-Wignore::pytest.PytestAssertRewriteWarning")
        configuration = [
            f"--config-file={ROOT / 'pyproject.toml'}",
            f"--confcutdir={ROOT / 'tests'}",
        ]
        status = int(pytest.main([str(test), *options, *configuration], [plugin()]))
    finally:
        os._exit(status)


class Slot:
    """A copy of the package, in which one mutant at a time is tried."""

    def __init__(self, place: Path) -> None:
        self.copy = place
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "src/introdl", place / "introdl", ignore=ignored)
        self.mutant: Mutant | None = None
        self.child = 0
        self.began = 0.0

    def watch(self, files: list[Path], test: Path) -> dict[str, Any]:
        """Try the code as it is, and give what each test ran."""
        self.child = start(self.copy, test, lambda: Watch(self.copy, files))
        self.began = time.monotonic()
        while (failed := self.done(600)) is None:
            time.sleep(0.02)
        if failed:
            raise SystemExit(f"error: {test} fails before anything is broken: mend it first")
        return json.loads((self.copy / "watched.json").read_text())

    def begin(self, mutant: Mutant, test: Path, watched: dict[str, Any]) -> None:
        """Put a mutant in, and start the tests."""
        self.mutant, self.began = mutant, time.monotonic()
        self.file.write_text(mutant.text, encoding="utf-8")
        self.child = start(self.copy, test, lambda: Order(mutant, watched))

    @property
    def file(self) -> Path:
        """Where this copy has the mutant's module."""
        return self.copy / self.mutant.path.relative_to(ROOT / "src")

    def done(self, limit: float) -> bool | None:
        """Whether the tests failed; None while they run. What takes too long has failed."""
        finished, status = os.waitpid(self.child, os.WNOHANG)
        late = time.monotonic() - self.began > limit
        if not finished and not late:
            return None
        self.stop()
        if self.mutant is not None:
            shutil.copy(self.mutant.path, self.file)
        return late or os.waitstatus_to_exitcode(status) != 0

    def stop(self) -> None:
        """End the child and what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.child, 0)


def try_all(
    found: list[Mutant], files: list[Path], test: Path, jobs: int, least: float
) -> Iterator[Mutant]:
    """Yield the mutants that live."""
    with tempfile.TemporaryDirectory() as place:
        slots = [Slot(Path(place, str(i))) for i in range(jobs)]
        watched = slots[0].watch(files, test)
        limit = max(least, 5 * jobs * (time.monotonic() - slots[0].began))
        left, free, busy = list(reversed(found)), slots, []
        try:
            while left or busy:
                while left and free:
                    busy.append(free.pop())
                    busy[-1].begin(left.pop(), test, watched)
                for slot in list(busy):
                    if (killed := slot.done(limit)) is None:
                        continue
                    busy.remove(slot)
                    free.append(slot)
                    if not killed:
                        yield slot.mutant
                time.sleep(0.02)
        finally:
            for slot in busy:
                slot.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description="List what a lesson's tests let live.")
    parser.add_argument("lesson", help="such as history/perceptron")
    parser.add_argument("--sample", type=int, help="try so many mutants, drawn at random")
    parser.add_argument("--again", type=Path, help="try those that live in an earlier listing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--limit", type=float, default=20, help="seconds, at least, per mutant")
    options = parser.parse_args()
    files = modules(options.lesson)
    part, _, name = options.lesson.rpartition("/")
    test = ROOT / "tests" / part / f"test_{name}.py"
    found = [mutant for path in files for mutant in mutants(path)]
    everything = len(found)
    reasons = explained(test)
    for gone in reasons.keys() - {mutant.after for mutant in found}:
        print(f"{test.relative_to(ROOT)}: SAME explains what is no mutant any more: {gone}")
    if options.again:
        listed = {line[4:] for line in options.again.read_text().splitlines() if "→" in line[:4]}
        found = [mutant for mutant in found if mutant.after in listed]
    if options.sample and options.sample < len(found):
        chosen = sorted(random.sample(range(len(found)), options.sample))
        found = [found[i] for i in chosen]
    print(f"{options.lesson}: {len(found)} of {everything} mutants", flush=True)
    import_libraries([*files, test])
    living, began = 0, time.monotonic()
    tried = [mutant for mutant in found if mutant.after not in reasons]
    known = len(found) - len(tried)
    for mutant in try_all(tried, files, test, options.jobs, options.limit):
        living += 1
        place = f"{mutant.path.relative_to(ROOT)}:{mutant.line}"
        print(f"{place}: lives\n    {mutant.before}\n  → {mutant.after}", flush=True)
    seconds = time.monotonic() - began
    print(
        f"{options.lesson}: {len(found) - living - known} killed, {known} explained, "
        f"{living} live; {seconds:.0f} s"
    )
    return living > 0


if __name__ == "__main__":
    sys.exit(main())
