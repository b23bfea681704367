"""What is wrong, where, in one line: the form of every complaint of the build."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from logging import Logger, LoggerAdapter

MKDOCS = logging.getLogger("mkdocs")


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in a source file.

    Attributes:
        path: The file, relative to the repository.
        line: The line, from 1, or 0 where the whole file is meant.
        message: What is wrong and the way out.
    """

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


def line_of(source: str, needle: str, start: int = 0) -> int:
    r"""The line of `source`, from 1, on which `needle` first stands; 0 where it does not.

    Examples:
        >>> line_of("a\nb\nc", "c")
        3
    """
    position = source.find(needle, start)
    return 0 if position < 0 else source.count("\n", 0, position) + 1


def report(
    problems: Iterable[Problem],
    log: Logger | LoggerAdapter[Logger] = MKDOCS,
    level: int = logging.ERROR,
) -> int:
    """Log each problem once, in the order of files and lines; return how many there are."""
    once = sorted(set(problems))
    for problem in once:
        log.log(level, "%s", problem)
    return len(once)
