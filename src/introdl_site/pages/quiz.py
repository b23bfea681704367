"""The Markdown block `/// quiz | Question`: choices, the right answer, and why it is right."""

from __future__ import annotations

import re
from string import ascii_uppercase
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

_MARK = re.compile(r"\s*\[(?P<mark>[ xX])\]\s+")


class QuizError(ValueError):
    """A quiz that cannot be asked; `question` is its text as written."""

    def __init__(self, question: str, message: str) -> None:
        super().__init__(f"quiz {question!r} {message}" if question else f"a quiz {message}")
        self.question = question


class Quiz(Block):  # type: ignore[misc]
    """One question with its choices, of which one is right, and an explanation.

    Without JavaScript a reader sees the question, the lettered choices and a folded answer;
    `quiz.js` makes a group of radio buttons of them.
    """

    NAME = "quiz"
    # Optional, so that a quiz without a question is reported and not printed as text.
    ARGUMENT = None

    def on_create(self, parent: Element) -> Element:
        """Open the quiz with its question."""
        if not self.argument:
            raise QuizError("", "has no question; begin it with '/// quiz | The question?'")
        quiz = SubElement(parent, "div", {"class": "quiz"})
        SubElement(quiz, "p", {"class": "quiz-question"}).text = self.argument
        return quiz

    def on_end(self, block: Element) -> None:
        """Arrange what stood in the block, or say what is wrong with it."""
        _, *children = list(block)
        if not children or children[0].tag != "ul":
            raise QuizError(self.argument, "must begin with its choices, '- [ ] …' and '- [x] …'")
        choices, *explanation = children
        right = self._right(choices)
        if not any("".join(part.itertext()).strip() for part in explanation):
            raise QuizError(self.argument, "has no explanation; say below the choices why")
        letter = ascii_uppercase[right]
        block.set("data-answer", str(right))
        choices.tag = "ol"
        choices.attrib.update({"class": "quiz-choices", "type": "A"})
        details = SubElement(block, "details", {"class": "quiz-answer"})
        SubElement(details, "summary").text = "Answer"
        # A paragraph of its own, so that the explanation may begin with a list or code.
        said = SubElement(details, "p", {"class": "quiz-right"})
        said.text = "The right answer is "
        SubElement(said, "strong").text = letter
        said[0].tail = "."
        for part in explanation:
            block.remove(part)
            details.append(part)

    def _right(self, choices: Element) -> int:
        """Take the marks off the choices; return the place of the right one."""
        marks = []
        for choice in choices:
            # In a list with blank lines between its items, each item holds a paragraph.
            holder = choice[0] if len(choice) and not (choice.text or "").strip() else choice
            match = _MARK.match(holder.text or "")
            if match is None:
                text = "".join(choice.itertext()).strip()
                message = f"has a choice that begins with neither '[ ]' nor '[x]': {text!r}"
                raise QuizError(self.argument, message)
            holder.text = (holder.text or "")[match.end() :]
            marks.append(match["mark"] != " ")
        if not 2 <= len(marks) <= len(ascii_uppercase):
            message = f"has {len(marks)} choice{'s' * (len(marks) != 1)}; give it at least two"
            raise QuizError(self.argument, message)
        if sum(marks) != 1:
            message = f"marks {sum(marks) or 'no'} choices as right; mark exactly one with '[x]'"
            raise QuizError(self.argument, message)
        return marks.index(True)


class _Leftovers(Treeprocessor):  # type: ignore[misc]
    """Finds what the block parser passed over in silence."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.get("class") == "quiz" and element.get("data-answer") is None:
                message = "is not closed; end it with '///' on a line of its own"
                raise QuizError(element[0].text or "", message)
            text = (element.text or "").lstrip()
            if element.tag == "p" and text.startswith("///"):
                line = text.partition("\n")[0]
                raise QuizError("", f"was expected at {line!r}; write '/// quiz | The question?'")


class QuizExtension(BlocksExtension):  # type: ignore[misc]
    """Teaches Python-Markdown the block."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:  # noqa: N802
        """Register the block; the name is pymdownx's."""
        block_mgr.register(Quiz, self.getConfigs())
        # Before the inline patterns, at 20, turn a question into elements.
        md.treeprocessors.register(_Leftovers(md), "quiz-leftovers", 30)


def makeExtension(**options: Any) -> QuizExtension:  # noqa: N802
    """What Python-Markdown calls for an extension given by its module's name."""
    return QuizExtension(**options)
