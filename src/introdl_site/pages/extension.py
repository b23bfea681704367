"""The extension of Python-Markdown that knows the blocks of a page."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksExtension

from introdl_site.pages.blocks import OPEN, BlockError, CourseBlock
from introdl_site.pages.exercise import Exercise
from introdl_site.pages.move import Move
from introdl_site.pages.outline import BLOCKS
from introdl_site.pages.predict import Outcome, Predict
from introdl_site.pages.quiz import Quiz

KINDS: tuple[type[CourseBlock], ...] = (Quiz, Predict, Outcome, Exercise, Move)


class Leftovers(Treeprocessor):  # type: ignore[misc]
    """Finds what the block parser passed over in silence."""

    def __init__(self, md: Markdown, options: dict[str, list[str]]) -> None:
        super().__init__(md)
        self.options = options

    def run(self, root: Element) -> None:
        """Refuse a block that is still open, and a line of slashes that is still text."""
        for element in root.iter():
            if opened := element.get(OPEN):
                kind, _, title = opened.partition("|")
                raise BlockError(kind, title, "is not closed; end it with '///' on its own line")
            text = (element.text or "").lstrip()
            if element.tag == "p" and text.startswith("///"):
                raise self._unread(text.partition("\n")[0])

    def _unread(self, line: str) -> BlockError:
        found = re.match(r"/+\s*([\w-]*)\s*\|?\s*(.*?)\s*$", line)
        kind, title = (found[1], found[2]) if found else ("", "")
        if kind not in self.options:
            known = ", ".join(f"'/// {name}{rest}'" for name, rest in BLOCKS.items())
            return BlockError(kind or "line", title, f"is no block; a page can have {known}")
        if names := self.options[kind]:
            message = (
                f"has an option that cannot be read; it can have {', '.join(names)}, each indented "
                "by four spaces, with quotes around a value that holds a colon"
            )
        else:
            message = "has no options; begin its text at the margin"
        return BlockError(kind, title, message)


class CourseBlocks(BlocksExtension):  # type: ignore[misc]
    """Teaches Python-Markdown the blocks."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:  # noqa: N802
        """Register the blocks; the name is pymdownx's."""
        for kind in KINDS:
            block_mgr.register(kind, self.getConfigs())
        options = {kind.NAME: list(kind.OPTIONS) for kind in KINDS}
        # Before the inline patterns, at 20, turn a question into elements.
        md.treeprocessors.register(Leftovers(md, options), "block-leftovers", 30)


def makeExtension(**options: Any) -> CourseBlocks:  # noqa: N802
    """What Python-Markdown calls for an extension given by its module's name."""
    return CourseBlocks(**options)
