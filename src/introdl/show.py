"""Show a table or a handful of named numbers, so that a page can include them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


def _text(value: object, digits: int) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    if isinstance(value, (float, np.floating)):
        return f"{value:.{digits}g}"
    return str(value)


def _in_cell(text: str) -> str:
    """Keep a bar from ending the cell; in code it does not, in a formula it cannot be kept."""
    if "$" in text and "|" in text:
        raise ValueError(f"table(): a bar would split the cell {text!r}; write \\vert or \\mid")
    return text if "`" in text else re.sub(r"(?<!\\)\|", r"\|", text)


class table:  # noqa: N801 - reads as a verb in a cell: table(...)
    """Show rows as a table: the last line of the cell that computes them.

    Args:
        columns: The headings.
        rows: One sequence of cells a row. Text is taken as Markdown, in which a `|` is no border
            of a cell; whole numbers get thousands separators, floats `digits` significant digits.
        digits: Significant digits for floats.

    Raises:
        ValueError: If a row has not one cell for each column, or a formula holds a `|`.

    Examples:
        >>> table(["n", "error"], [[1000, 0.03125]])
        | n | error |
        | ---: | ---: |
        | 1,000 | 0.0312 |
    """

    def __init__(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, digits: int = 3
    ) -> None:
        self.columns = list(columns)
        self.rows = [list(row) for row in rows]
        self.digits = digits
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table(): row {number} has {len(row)} cells for {len(self.columns)} columns"
                )
        self.markdown()  # what it refuses is told where the table is made

    def markdown(self) -> str:
        """The table in Markdown; a column of numbers is aligned to the right."""
        numeric = [
            all(isinstance(row[i], (int, float, np.number)) for row in self.rows)
            for i in range(len(self.columns))
        ]
        lines = [self.columns, *([_text(cell, self.digits) for cell in row] for row in self.rows)]
        lines = [[_in_cell(text) for text in line] for line in lines]
        lines.insert(1, ["---:" if right else "---" for right in numeric])
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    __repr__ = markdown

    def _repr_markdown_(self) -> str:
        return self.markdown()


class values:  # noqa: N801 - reads as a verb in a cell: values(...)
    """Show named numbers: a page can include each by its name in the middle of a sentence.

    Args:
        digits: Significant digits for floats.
        **named: Numbers or text. Format a number yourself where `digits` does not suit.

    Examples:
        >>> values(mistakes=7, bound=81.234)
        mistakes = 7
        bound = 81.2
    """

    def __init__(self, *, digits: int = 3, **named: object) -> None:
        self.named = {name: _text(value, digits) for name, value in named.items()}

    def __repr__(self) -> str:
        return "\n".join(f"{name} = {value}" for name, value in self.named.items())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        shown = {n: v if len(v) <= 60 else f"{v[:48]} …" for n, v in self.named.items()}
        rows = "\n".join(f"| {name} | {value} |" for name, value in shown.items())
        return {
            "text/plain": repr(self),
            "text/markdown": f"| name | value |\n| --- | ---: |\n{rows}",
            "application/vnd.introdl.values+json": self.named,
        }
