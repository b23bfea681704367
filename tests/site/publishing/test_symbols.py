"""Code reaches a page by its name, and runs there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from introdl_site.publishing.symbols import lessons, modules, of_lesson, symbols

SOURCE = '''\
"""A module."""
import numpy as np

ETA: float = 0.1


def sign(x: np.ndarray) -> np.ndarray:
    """Say which side."""
    return np.sign(x)


@staticmethod
class Net:
    """A net
    of units.

    Args:
        n: How many.

    >>> Net(1)
    """

    n: int = 3

    def fit(
        self,
    ) -> int:
        r"""Fit \\alpha.

        Returns:
            Three.
        """
        return 3
'''


def test_symbols_are_found_by_name() -> None:
    assert list(symbols(SOURCE)) == ["ETA", "sign", "Net", "Net.fit"]


def test_a_docstring_is_its_first_paragraph() -> None:
    code = symbols(SOURCE)
    assert code["Net.fit"] == (
        'def fit(\n    self,\n) -> int:\n    r"""Fit \\alpha."""\n    return 3\n'
    )
    assert code["Net"].startswith('@staticmethod\nclass Net:\n    """A net\n    of units."""\n\n')
    assert '"""Say which side."""' in code["sign"]


def test_every_symbol_of_the_course_is_python(request) -> None:
    found = 0
    for lesson, paths in lessons(request.config.rootpath / "src"):
        for name, code in of_lesson(paths).items():
            ast.parse(code, filename=f"{lesson}/{name}")
            found += 1
    assert found > 20


def test_a_package_is_a_lesson_whose_modules_share_their_names(tmp_path) -> None:
    folder = tmp_path / "introdl" / "part" / "lesson"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""A lesson."""\n')
    (folder / "net.py").write_text("def net():\n    return _half()\n\n\ndef _half(): ...\n")
    (folder / "step.py").write_text("def step(): ...\n\n\ndef _half(): ...\n")
    [(name, paths)] = lessons(tmp_path)
    assert name == "part/lesson"
    assert paths == modules(tmp_path, name)
    assert sorted(of_lesson(paths)) == ["net", "step"]
    (folder / "step.py").write_text("net = 1\n")
    with pytest.raises(ValueError, match=r"step\.py defines 'net', as net\.py does"):
        of_lesson(paths)


def test_a_lesson_that_is_not_there_has_no_modules(tmp_path) -> None:
    assert modules(tmp_path, "part/lesson") == []


@pytest.mark.parametrize("separator", ["\u2028", "\x0c", "\x85", "\x1c"])
def test_only_a_line_feed_ends_a_line(separator: str) -> None:
    code = symbols(f"# one{separator}two\n\nclass Net:\n    def f(self):\n        return 1\n")
    assert code["Net"] == "class Net:\n    def f(self):\n        return 1\n"


def test_a_byte_order_mark_is_no_part_of_a_module(tmp_path: Path) -> None:
    path = tmp_path / "lesson.py"
    path.write_text("ETA = 0.1\n", encoding="utf-8-sig")
    assert of_lesson([path]) == {"ETA": "ETA = 0.1\n"}


def test_hidden_files_are_no_sources(tmp_path: Path) -> None:
    part = tmp_path / "introdl/part"
    for name in ("net.py", "._net.py", ".ipynb_checkpoints/net.py", "deep/__init__.py"):
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        (part / name).write_text("ETA = 0.1\n")
    (part / ".#net.py").symlink_to("someone@somewhere.1")
    (part / "deep/.#net.py").symlink_to("someone@somewhere.1")
    hidden = tmp_path / "introdl/.ipynb_checkpoints/net.py"
    hidden.parent.mkdir()
    hidden.write_text("")
    assert [name for name, _ in lessons(tmp_path)] == ["part/deep", "part/net"]
    assert modules(tmp_path, "part/deep") == [part / "deep/__init__.py"]
