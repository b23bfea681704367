"""Show a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from introdl.show._numbers import text


def _in_cell(entry: str) -> str:
    """Keep a bar from ending the cell; in code it does not, in a formula it cannot be kept."""
    if "\n" in entry:
        raise ValueError(f"table(): the cell {entry!r} has more than one line; format it as one")
    if "$" in entry and "|" in entry:
        raise ValueError(f"table(): a bar would split the cell {entry!r}; write \\vert or \\mid")
    return entry if "`" in entry else re.sub(r"(?<!\\)\|", r"\|", entry)


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
        lines = [self.columns, *([text(cell, self.digits) for cell in row] for row in self.rows)]
        lines = [[_in_cell(entry) for entry in line] for line in lines]
        lines.insert(1, ["---:" if right else "---" for right in numeric])
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    __repr__ = markdown

    def _repr_markdown_(self) -> str:
        return self.markdown()
