"""What the Markdown blocks of a page share: how they open and end, and how they complain."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from pymdownx.blocks.block import Block

from introdl_site.pages.outline import BLOCKS

#: An element of a block that has not been closed yet has this attribute.
OPEN = "data-open"


class BlockError(ValueError):
    """A block that cannot be shown.

    Args:
        kind: The block's name.
        title: What stands behind it, as written; "" where nothing does.
        message: What is wrong and the way out.
    """

    def __init__(self, kind: str, title: str, message: str) -> None:
        super().__init__(f"{kind} {title!r} {message}" if title else f"this {kind} {message}")
        self.kind = kind
        self.title = title

    def line(self, source: str) -> int:
        """The line of `source`, from 1, on which the block begins; 0 where it does not."""
        title = rf"\|[ \t]*{re.escape(self.title)}" if self.title else r"\|?"
        found = re.search(rf"^.*/{{3,}}[ \t]*{self.kind}[ \t]*{title}[ \t]*$", source, re.MULTILINE)
        return source.count("\n", 0, found.start()) + 1 if found else 0


def as_is(value: Any) -> Any:
    """Take an option as YAML reads it; the block itself says what is wrong with it."""
    return value


class CourseBlock(Block):  # type: ignore[misc]
    """A block of the course; a subclass writes `begin` and `finish`."""

    # Optional, so that a block without a title is reported and not printed as text.
    ARGUMENT = None

    def on_create(self, parent: Element) -> Element:
        """Open the block, and note that it is open."""
        element = self.begin(parent)
        element.set(OPEN, f"{self.NAME}|{self.argument or ''}")
        return element

    def on_end(self, block: Element) -> None:
        """Arrange what stood in the block, or say what is wrong with it."""
        self.finish(block)
        block.attrib.pop(OPEN)

    def begin(self, parent: Element) -> Element:
        """Make the block's element."""
        raise NotImplementedError

    def finish(self, block: Element) -> None:
        """Arrange what stood in the block; nothing to do unless a block says so."""

    def need_title(self) -> str:
        """The title, which this block must have."""
        if not self.argument:
            raise self.fault(f"has no title; begin it with '/// {self.NAME}{BLOCKS[self.NAME]}'")
        return str(self.argument)

    def fault(self, message: str) -> BlockError:
        """The complaint about this block."""
        return BlockError(self.NAME, self.argument or "", message)
