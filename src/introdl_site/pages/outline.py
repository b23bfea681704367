"""What each line of a page's Markdown belongs to, and what its marks leave open or empty."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import yaml

from introdl_site.sources import lines

#: The blocks that a page can have, with what follows their name.
BLOCKS = {
    "quiz": " | The question?",
    "predict": " | The question?",
    "outcome": "",
    "exercise": " | The title",
    "move": " | name",
}

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")
_BLOCK = re.compile(
    r"(?P<slashes>/{3,})[ \t]*(?:(?P<kind>[\w-]+)[ \t]*(?:\|[ \t]*(?P<title>.*))?)?$"
)
_FOLD = re.compile(r"\?{3}\+?[ ]?(?P<kind>[\w-]*)")
_HOLDS = {"???": "fold", "!!!": "box", "===": "tab"}
_HOLDER = re.compile(r'(?P<mark>\?{3}\+?|!{3}|={3})[!+]?[ ]*(?:[\w-]|")')
_OPTION = re.compile(r"[ ]{4,}[a-z]+:")


@dataclass(frozen=True)
class Line:
    """A line of a page, behind its front matter.

    Attributes:
        number: From 1, in the whole file.
        text: The line.
        fenced: Whether it stands in a fenced block; the fences do.
        block: The kind of `///` block that it stands in, or "".
        fold: The kind of the outermost fold that it stands in, or "".
        option: Whether it is an option of its block.
    """

    number: int
    text: str
    fenced: bool = False
    block: str = ""
    fold: str = ""
    option: bool = False


@dataclass(frozen=True)
class Opened:
    """A `///` block: where it begins, and what stands behind its name and in its options."""

    number: int
    kind: str
    title: str
    options: dict[str, str] = field(default_factory=dict)
    body: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Outline:
    """A page by its lines.

    Attributes:
        lines: Every line behind the front matter.
        faults: The line and the message of each mark that is left open or empty.
    """

    lines: tuple[Line, ...]
    faults: tuple[tuple[int, str], ...]

    @functools.cached_property
    def blocks(self) -> Sequence[Opened]:
        """The `///` blocks, in order."""
        return tuple(_blocks(self.lines))

    @property
    def core(self) -> Iterator[Line]:
        """The lines outside folds, exercises and quizzes: what every reader reads."""
        return (x for x in self.lines if not x.fold and x.block not in ("exercise", "quiz"))


@functools.lru_cache(maxsize=512)  # a preview asks at every edit
def outline(source: str) -> Outline:
    r"""Read a page.

    Examples:
        >>> outline("Text.\n/// quiz | Q?\n- [x] a\n").faults[0][0]
        2
    """
    return _Reader().read(source)


class _Reader:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.faults: list[tuple[int, str]] = []
        self.fence: tuple[str, int, int] | None = None  # its characters, its indent, its line
        self.block: tuple[str, int, str] | None = None  # its slashes, its line, its kind
        self.folds: list[tuple[int, str]] = []
        self.holder: tuple[int, int, str] | None = None  # its indent, its line, what it is
        self.options = False

    def read(self, source: str) -> Outline:
        texts = [line.rstrip("\r\n") for line in lines(source.removeprefix("\ufeff"))]
        start = 0
        if texts and texts[0].strip() == "---":
            ends = (n for n, text in enumerate(texts[1:], 1) if text.strip() in ("---", "..."))
            start = next(ends, -1) + 1
        for number, text in enumerate(texts[start:], start + 1):
            self._line(number, text)
        if self.holder:
            self._empty()
        if self.fence:
            self._unclosed(len(texts))
        if self.block:
            self._open_block("at the end of the page")
        return Outline(tuple(self.lines), tuple(self.faults))

    def _line(self, number: int, text: str) -> None:
        stripped = text.strip()
        indent = len(text.expandtabs(4)) - len(text.expandtabs(4).lstrip())
        if self.fence and self._inside_fence(number, text, stripped, indent):
            return
        if not stripped:
            self._keep(number, text)
            return
        if "\t" in text[: len(text) - len(text.lstrip())]:
            self.faults.append((number, "a tab indents this line; write four spaces for it"))
        self._leave(indent)
        if opening := _FENCE.match(stripped):
            self.fence = (opening["fence"], indent, number)
            self._keep(number, text, fenced=True)
            return
        if self.options and _OPTION.match(text):
            self._keep(number, text, option=True)
            return
        self.options = False
        if found := _BLOCK.match(stripped):
            self._block(number, text, found)
            return
        if found := _HOLDER.match(stripped):
            self.holder = (indent, number, _HOLDS[found["mark"][:3]])
        self._keep(number, text)
        if found and found["mark"].startswith("?"):
            fold = _FOLD.match(stripped)
            self.folds.append((indent, fold["kind"] if fold else ""))

    def _keep(self, number: int, text: str, *, fenced: bool = False, option: bool = False) -> None:
        block = self.block[2] if self.block else ""
        fold = self.folds[0][1] or "fold" if self.folds else ""
        self.lines.append(Line(number, text, fenced, block, fold, option))

    def _inside_fence(self, number: int, text: str, stripped: str, indent: int) -> bool:
        """Whether the line still belongs to the open fence; an unclosed one ends here."""
        assert self.fence is not None
        fence, depth, _ = self.fence
        closes = stripped.startswith(fence) and not stripped.strip(fence[0])
        opening = _FENCE.match(stripped)
        another = (
            opening is not None
            and opening["info"].strip()
            and opening["fence"].startswith(fence)
            and indent <= depth
        )
        if another or (stripped and indent < depth):
            self._unclosed(number)
            return False
        self._keep(number, text, fenced=True)
        if closes and indent == depth:
            self.fence = None
        return True

    def _unclosed(self, number: int) -> None:
        assert self.fence is not None
        fence, _, opened = self.fence
        self.faults.append(
            (
                opened,
                f"this fence is not closed before line {number}; end it with {fence} on a line of "
                "its own, indented as it is",
            )
        )
        self.fence = None

    def _leave(self, indent: int) -> None:
        """Leave the folds that this line does not belong to."""
        if self.holder and indent < self.holder[0] + 4:
            self._empty()
        self.holder = None
        while self.folds and indent < self.folds[-1][0] + 4:
            self.folds.pop()

    def _empty(self) -> None:
        assert self.holder is not None
        indent, number, what = self.holder
        message = f"this {what} is empty; indent what belongs into it by {indent + 4} spaces"
        self.faults.append((number, message))
        self.holder = None

    def _block(self, number: int, text: str, found: re.Match[str]) -> None:
        kind = found["kind"]
        if kind is None:
            self._keep(number, text)
            if self.block and self.block[0] == found["slashes"]:
                self.block = None
            else:
                message = f"{found['slashes']} closes nothing here; a block begins with '/// name'"
                self.faults.append((number, message))
            return
        if kind not in BLOCKS:
            known = ", ".join(f"'/// {name}{rest}'" for name, rest in BLOCKS.items())
            self.faults.append((number, f"there is no block {kind!r}; a page can have {known}"))
        if self.block:
            self._open_block(f"before line {number}")
        self.block = (found["slashes"], number, kind)
        self.options = True
        self._keep(number, text)

    def _open_block(self, where: str) -> None:
        assert self.block is not None
        slashes, number, kind = self.block
        message = f"this {kind} is not closed {where}; end it with '{slashes}' on a line of its own"
        self.faults.append((number, message))
        self.block = None


def _blocks(lines: Sequence[Line]) -> Iterator[Opened]:
    for place, line in enumerate(lines):
        found = _BLOCK.match(line.text.strip())
        if line.fenced or not found or not found["kind"]:
            continue
        body = []
        for below in lines[place + 1 :]:
            if below.block != line.block or (not below.fenced and _closes(below)):
                break
            body.append(below)
        options = "\n".join(x.text.strip() for x in body if x.option)
        yield Opened(
            line.number,
            found["kind"],
            (found["title"] or "").strip(),
            _options(options),
            tuple(x for x in body if not x.option),
        )


def _closes(line: Line) -> bool:
    return bool(_BLOCK.match(line.text.strip()))


def _options(text: str) -> dict[str, str]:
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError:  # the block itself says so
        return {}
    return {str(name): str(value) for name, value in found.items()}
