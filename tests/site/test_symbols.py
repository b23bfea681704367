"""Code reaches a page by its name, and runs there."""

from __future__ import annotations

import ast

from introdl_site.symbols import lessons, symbols

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
    for lesson, path in lessons(request.config.rootpath / "src"):
        for name, code in symbols(path.read_text(encoding="utf-8")).items():
            ast.parse(code, filename=f"{lesson}/{name}")
            found += 1
    assert found > 20
