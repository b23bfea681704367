"""A baseline knows the training labels only: what it says is fixed before a test label is seen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from introdl_site.pages.fences import python_blocks

ROOT = Path(__file__).resolve().parent.parent
BASELINE = re.compile(r"baseline|majority|always|most frequent|commonest", re.IGNORECASE)
TEST_LABELS = re.compile(r"(y|labels|targets|T)_test|test_(y|labels|targets)|odd_test")


def is_test_labels(node: ast.AST) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return bool(TEST_LABELS.fullmatch(name))


def scored(node: ast.AST) -> Iterator[ast.AST]:
    """The test labels that a fixed answer is compared with, which is fair: `y_test == answer`.

    Not where the best of several answers is taken: `max(np.mean(y_test == k) for k in classes)`.
    """
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if re.fullmatch(r"max|min|argmax|argmin|maximum|minimum|amax|nanmax|mode", name):
            return
    if isinstance(node, ast.Compare) and [type(op) for op in node.ops] == [ast.Eq]:
        sides = [node.left, *node.comparators]
        plain = [_without_index(side) for side in sides]
        if sum(map(is_test_labels, plain)) == 1:
            yield from (side for side in plain if is_test_labels(side))
    for child in ast.iter_child_nodes(node):
        yield from scored(child)


def _without_index(node: ast.AST) -> ast.AST:
    return _without_index(node.value) if isinstance(node, ast.Subscript) else node


def statements(tree: ast.AST) -> Iterator[tuple[int, str, ast.AST]]:
    """What defines a baseline, with its line and name: an assignment, or an entry so labelled."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield node.lineno, ", ".join(map(ast.unparse, targets)), node.value
        elif isinstance(node, ast.FunctionDef):
            yield node.lineno, node.name, node
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg, node.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield value.lineno, key.value, value
        elif isinstance(node, ast.List | ast.Tuple | ast.Call):
            entries = node.args if isinstance(node, ast.Call) else node.elts
            label = entries[0] if entries else None
            if isinstance(label, ast.Constant) and isinstance(label.value, str):
                for entry in entries[1:]:
                    yield entry.lineno, label.value, entry


def unfair(code: str) -> Iterator[tuple[int, str]]:
    """Line and name of each baseline that reads test labels to find its answer."""
    for line, name, value in statements(ast.parse(code)):
        if not BASELINE.search(name):
            continue
        fair = set(map(id, scored(value)))
        if any(is_test_labels(node) and id(node) not in fair for node in ast.walk(value)):
            yield line, name


def sources() -> Iterator[tuple[str, int, str]]:
    """Every example, and every block of a page: its file, the line above it, its code."""
    for path in sorted((ROOT / "examples").rglob("*.py")):
        yield str(path.relative_to(ROOT)), 0, path.read_text(encoding="utf-8")
    for path in [
        *sorted((ROOT / "docs").rglob("*.md")),
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
    ]:
        for block in python_blocks(path.read_text(encoding="utf-8"), ROOT):
            yield str(path.relative_to(ROOT)), block.line, block.code


def test_no_baseline_knows_test_labels() -> None:
    found = []
    for path, above, code in sources():
        try:
            faults = [*unfair(code)]
        except SyntaxError:  # a block that is not run may hold a magic command
            continue
        found += [
            f"{path}:{above + line}: {name} reads test labels: choose what it answers by the "
            "training labels, and compare that with the test labels"
            for line, name in faults
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "baseline = np.bincount(part.y_test).max() / len(part.y_test)",
        "majority = max((part.y_test == label).mean() for label in (-1, 1))",
        "baseline = max(np.mean(y_test == 1), np.mean(y_test == -1))",
        "rows = [['always the majority', y_test.mean()]]",
        "scores = {'baseline': np.unique(y_test, return_counts=True)[1].max()}",
        "print('always the commoner digit:', max(y_test.mean(), 1 - y_test.mean()))",
        "values(baseline=stats.mode(y_test).count)",
        "def baseline(part):\n    return np.bincount(part.y_test).argmax()",
    ],
)
def test_a_baseline_that_looks_is_found(code: str) -> None:
    assert [*unfair(code)]


@pytest.mark.parametrize(
    "code",
    [
        "baseline = np.mean(part.y_test == np.bincount(part.y_train).argmax())",
        "rows = [['always the majority', (y_test == majority).mean()]]",
        "majority = 1 if part.y_train.sum() > 0 else -1",
        "accuracy = np.mean(model.predict(X_test) == y_test)",
        "best = max(np.mean(y_test == p) for p in predictions)",
    ],
)
def test_a_fair_baseline_is_let_through(code: str) -> None:
    assert not [*unfair(code)]


SETTINGS = re.compile(
    r"(?<![\w.,/$^])(?P<number>\d[\d,]*)[ -](?:random |other |more |training |test |hidden )*"
    r"(?P<unit>splits|draws|nets|runs|sweeps|steps|passes|seeds|epochs|images|starts|layers|units|"
    r"stacks|labels|updates|flowers)\b"
)


def typed_settings(page: str) -> Iterator[tuple[int, str, int]]:
    """Line, words and number of each setting in a page's prose, as in "50 random splits".

    The choices of a quiz or a prediction are invented, so they are skipped.
    """
    fenced = choices = False
    for line, text in enumerate(page.splitlines(), start=1):
        if text.lstrip().startswith("```"):
            fenced = not fenced
        elif text.startswith("///"):
            choices = text.startswith(("/// quiz", "/// predict"))
        elif not fenced and not choices and "--8<--" not in text:
            for found in SETTINGS.finditer(text):
                yield line, found[0], int(found["number"].replace(",", ""))


def literals(code: str) -> set[int]:
    """Every whole number that stands in a piece of code."""
    nodes = ast.walk(ast.parse(code))
    found = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return {int(v) for v in found if isinstance(v, int | float) and float(v).is_integer()}


def strays(page: str, known: set[int]) -> list[tuple[int, str]]:
    """The settings of a page that its code does not have."""
    return [(line, words) for line, words, number in typed_settings(page) if number not in known]


@pytest.mark.parametrize("name", ["README.md", "mkdocs.yml", "pyproject.toml", "docs/index.md"])
def test_no_page_promises_more_than_measured_numbers(name: str) -> None:
    """Settings and published numbers are typed, and some references are our own twins."""
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert "every figure and number" not in text
    assert "an independent reference" not in text


def lessons() -> list[str]:
    examples = (ROOT / "examples").rglob("*.py")
    names = sorted(
        path.relative_to(ROOT / "examples").with_suffix("").as_posix() for path in examples
    )
    return [name for name in names if not name.startswith("reference/")]


@pytest.mark.parametrize("lesson", lessons())
def test_a_setting_that_prose_types_is_one_of_the_code(lesson: str) -> None:
    """Change 50 splits to 20 in the example alone, and the page must not go on saying 50."""
    path = ROOT / "docs" / f"{lesson}.md"
    page, module = path.read_text(encoding="utf-8"), ROOT / "src" / "introdl" / lesson
    code = [ROOT / "examples" / f"{lesson}.py", module.with_suffix(".py"), *module.glob("*.py")]
    known = set[int]().union(
        *(literals(file.read_text(encoding="utf-8")) for file in code if file.is_file()),
        *(literals(block.code) for block in python_blocks(page, ROOT)),
    )
    assert not strays(page, known), "\n".join(
        f"docs/{lesson}.md:{line}: {words!r}: no such number stands in the example, the module or "
        "a block of the page: include the number, or assert it in the example"
        for line, words in strays(page, known)
    )


def test_a_setting_that_code_no_longer_has_is_found() -> None:
    known = literals("SPLITS = 20\nrate = 0.5")
    assert strays("Over 20 random splits.\n\n```\n7 runs\n```", known) == []
    assert strays("Over\n1,050 random splits of 3 kinds.", known) == [(2, "1,050 random splits")]
