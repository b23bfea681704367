"""The course's own prose, to train language models on."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import NamedTuple


class Prose(NamedTuple):
    """A text cut in three: fit on train, choose on validation, score once on test."""

    train: str
    val: str
    test: str


def prose() -> Prose:
    """Load 118,332 characters of this course's own prose, as it stood on 2026-11-27.

    Real English of one style, under CC BY 4.0. It is a snapshot: it stays when the pages change.
    Code, formulas, tables and quotations are cut out, with the sentences that they stand in, and
    no sentence stands there twice. A line is a paragraph; a character is a letter, a digit, a
    space, a line end or one of `.,;:?!'()-/%`.

    Each page is in one part as a whole: of the pages ordered by length, every eighth from the
    fourth on is for validation, every eighth from the eighth on for testing. The script is
    `introdl.data._snapshot`.

    Returns:
        The three parts, each ending with a line end.

    Examples:
        >>> [len(part) for part in prose()]
        [93364, 14375, 10593]
    """
    lines = files("introdl.data").joinpath("prose.txt").read_text(encoding="ascii")
    parts = {"train": "", "validation": "", "test": ""}
    for part, page in re.findall(r"^# (\w+): .*\n((?:[^#].*\n)+)", lines, flags=re.MULTILINE):
        parts[part] += page
    return Prose(*parts.values())
