"""Show a handful of named numbers."""

from __future__ import annotations

import re
from typing import Any

from introdl.show._numbers import text


def _plain(text: str) -> str:
    """Text in a cell of a table, of which Markdown makes nothing else."""
    return re.sub(r"[^\w\s.,:;()/+%'…-]", lambda match: f"&#{ord(match[0])};", text)


class values:  # noqa: N801 - reads as a verb in a cell: values(...)
    """Show named numbers: a page can include each by its name in the middle of a sentence.

    Args:
        digits: Significant digits for floats.
        **named: Numbers or text. Format a number yourself where `digits` does not suit.

    Raises:
        ValueError: If a value has more than one line.

    Examples:
        >>> values(mistakes=7, bound=81.234)
        mistakes = 7
        bound = 81.2
    """

    def __init__(self, *, digits: int = 3, **named: object) -> None:
        self.named = {name: text(value, digits) for name, value in named.items()}
        for name, shown in self.named.items():
            if "\n" in shown:
                raise ValueError(f"values(): {name}={shown!r} has more than one line; print it")

    def __repr__(self) -> str:
        return "\n".join(f"{name} = {value}" for name, value in self.named.items())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        shown = {n: v if len(v) <= 60 else f"{v[:48]} …" for n, v in self.named.items()}
        rows = "\n".join(f"| {name} | {_plain(value)} |" for name, value in shown.items())
        return {
            "text/plain": repr(self),
            "text/markdown": f"| name | value |\n| --- | ---: |\n{rows}",
            "application/vnd.introdl.values+json": self.named,
        }
