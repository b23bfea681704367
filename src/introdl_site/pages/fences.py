"""Find the Python blocks of a page, however their fence is spelled, as a reader will see them."""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from introdl_site import sources
from introdl_site.publishing.symbols import modules, of_lesson

_OPENING = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")
_LANGUAGE = re.compile(r"\s*\{?\s*\.?(?P<name>[\w+#-]+)")
_INCLUDE = re.compile(r"""^[ \t]*-{2,}8<-{2,}[ \t]+["'](?P<path>.+?)["'][ \t]*$""")
_NOT_RUN = re.compile(r"<!--\s*not run:\s*(?P<reason>.+?)\s*-->")


class FenceError(ValueError):
    """A fence that cannot be read: `line` says where, and `told` whether the build names it too."""

    def __init__(self, line: int, reason: str, *, told: bool = False) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason
        self.told = told


@dataclass(frozen=True)
class Fence:
    """A fence of Python on a page.

    Attributes:
        line: The line of its opening, from 1.
        start: Where it starts in the page's text.
        end: Where it ends.
        indent: The white space before it.
        body: The lines between, as written.
        not_run: Why it cannot run; None for one that must.
    """

    line: int
    start: int
    end: int
    indent: str
    body: tuple[str, ...]
    not_run: str | None


@dataclass(frozen=True)
class Block(Fence):
    """A Python block of a page.

    Attributes:
        code: What a reader copies: dedented, with its includes replaced by the code.
        lines: The line of the page from which each line of the code comes.
    """

    code: str
    lines: tuple[int, ...]


@functools.cache
def is_python(language: str) -> bool:
    """Whether a fence's language is Python by any of its names.

    Examples:
        >>> [is_python(name) for name in ("python", "py3", "pycon", "numpy", "text", "none")]
        [True, True, True, True, False, False]
    """
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return False
    return bool(lexer.name.startswith(("Python", "IPython", "NumPy")))


def python_blocks(text: str, root: Path) -> Iterator[Block]:
    """The Python blocks of a page's Markdown, in order.

    Args:
        text: The page.
        root: The checkout, whose `src/` has the code that blocks include.

    Raises:
        FenceError: If a block includes what is no code of a lesson, or is not closed.
    """
    for fence in python_fences(text):
        inside = enumerate(fence.body, start=fence.line + 1)
        body = [(_expand(line, at, root), at) for at, line in inside]
        code = textwrap.dedent("".join(part for part, _ in body))
        lines = tuple(at for part, at in body for _ in part.splitlines())
        yield Block(**vars(fence), code=code, lines=lines)


def python_fences(text: str) -> Iterator[Fence]:
    """The fences of Python in a page's Markdown, in order, with their includes as written.

    Raises:
        FenceError: If a fence is not closed.
    """
    fences, unclosed = _fences(text)
    yield from fences
    if unclosed is not None:
        raise FenceError(*unclosed)


@functools.lru_cache(maxsize=1024)  # a preview asks for every page at every edit
def _fences(text: str) -> tuple[tuple[Fence, ...], tuple[int, str] | None]:
    """The fences of Python up to one that is not closed, and what to say of that one."""
    found: list[Fence] = []
    lines = sources.lines(text)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    number = 0
    while number < len(lines):
        opening = _OPENING.match(lines[number].rstrip("\n"))
        if opening is None:
            number += 1
            continue
        last = _closing(lines, number, opening["fence"])
        if last is None:
            message = f"this fence is never closed: end it by {opening['fence']} on its own line"
            return tuple(found), (number + 1, message)
        language = _LANGUAGE.match(opening["info"])
        if language and is_python(language["name"]):
            before = lines[number - 1] if number else ""
            reason = _NOT_RUN.search(before)
            fence = Fence(
                line=number + 1,
                start=offsets[number],
                end=offsets[min(last + 1, len(lines))],
                indent=opening["indent"],
                body=tuple(lines[number + 1 : last]),
                not_run=reason["reason"] if reason else None,
            )
            found.append(fence)
        number = last + 1
    return tuple(found), None


def _closing(lines: list[str], opening: int, fence: str) -> int | None:
    for number in range(opening + 1, len(lines)):
        line = lines[number].strip()
        if line.startswith(fence) and not line.strip(fence[0]):
            return number
    return None


def _expand(line: str, number: int, root: Path) -> str:
    include = _INCLUDE.match(line)
    if include is None:
        return line
    kind, _, rest = include["path"].partition("/")
    lesson, _, name = rest.rpartition("/")
    paths = modules(root / "src", lesson)
    if kind != "code" or not paths:
        told = kind == "code"
        raise FenceError(number, f"{include['path']!r} is no code of a lesson", told=told)
    code = of_lesson(paths).get(name.removesuffix(".py"))
    if code is None:
        module = paths[0] if len(paths) == 1 else paths[0].parent
        raise FenceError(number, f"{module.relative_to(root)} has no {name!r}", told=True)
    return textwrap.indent(code, line[: len(line) - len(line.lstrip())])
