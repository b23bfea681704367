"""Printed text as a terminal shows it in the end, and as Markdown must not read it."""

from __future__ import annotations

import re

from pymdownx.snippets import SnippetPreprocessor as Snippets

# Colours and other sequences of control, as ECMA-48 writes them, and titles of windows.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_END_OF_LINE = re.compile("\r?\n|[\v\f\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x07\x0e-\x1f\x7f-\x9f]")


def shown(text: str) -> str:
    r"""What stays on the screen once `text` has been printed.

    Examples:
        >>> shown("10 %\r100 %\n\x1b[31mred\x1b[0m ab\bc\na\tb\n")
        '100 %\nred ac\na       b\n'
    """
    lines = _END_OF_LINE.split(_SEQUENCE.sub("", text))
    return "\n".join(_CONTROL.sub("", _overprinted(line)).expandtabs(8) for line in lines)


def _overprinted(line: str) -> str:
    """Let what follows a carriage return or a backspace take the place of what stood there."""
    if "\r" not in line and "\b" not in line:
        return line
    cells: list[str] = []
    place = 0
    for character in line:
        if character == "\r":
            place = 0
        elif character == "\b":
            place = max(0, place - 1)
        else:
            cells[place : place + 1] = [character]
            place += 1
    return "".join(cells)


def fenced(text: str, language: str = "text") -> str:
    r"""Markdown that shows `text` as it is; empty for no text.

    Examples:
        >>> print(fenced('--8<-- "a.md"\n```\n'))
        ````text
        ;--8<-- "a.md"
        ```
        ````
    """
    text = text.rstrip("\n")
    if not text.strip():
        return ""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`{3,}", text) or [""]))
    return f"{fence}{language}\n{chr(10).join(map(_escaped, text.splitlines()))}\n{fence}"


def _escaped(line: str) -> str:
    """Includes are replaced inside fences too; a semicolon keeps one, and is taken away."""
    for pattern in (Snippets.RE_ALL_SNIPPETS, Snippets.RE_SNIPPET_SECTION):
        if match := pattern.match(line):
            place = match.start("escape")
            return f"{line[:place]};{line[place:]}"
    return line
