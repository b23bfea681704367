"""The Markdown block `/// quiz | Question`: choices, the right one, and what is said of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_uppercase
from xml.etree.ElementTree import Element, SubElement

from introdl_site.pages.blocks import CourseBlock

_MARK = re.compile(r"\s*\[(?P<mark>[ xX])\]\s+")
#: What stands between a choice and what is said of it.
SAID = re.compile(r"\s::\s")


@dataclass
class Choices:
    """The choices of a question, with their marks and feedback taken off."""

    right: int
    feedback: list[str]


class Question(CourseBlock):
    """A question with choices, of which one is right."""

    def begin(self, parent: Element) -> Element:
        """Open the block with its question."""
        title = self.need_title()
        block = SubElement(parent, "div", {"class": self.NAME})
        SubElement(block, "p", {"class": f"{self.NAME}-question"}).text = title
        return block

    def choices(self, block: Element, *, marked: bool) -> tuple[Element, Choices, list[Element]]:
        """Take the marks off the choices.

        Args:
            block: The block, with its question and all that stood in it.
            marked: Whether a choice that is not right needs a mark, too: `[ ]`.

        Returns:
            The list of choices, what was taken off, and what stands below the list.
        """
        _, *children = list(block)
        if not children or children[0].tag != "ul":
            first = "- [ ] …" if marked else "- …"
            raise self.fault(f"must begin with its choices, '{first}' and '- [x] …'")
        marks, feedback = [], []
        for choice in children[0]:
            # In a list with blank lines between its items, each item holds a paragraph.
            holder = choice[0] if len(choice) and not (choice.text or "").strip() else choice
            match = _MARK.match(holder.text or "")
            if match is None and marked:
                text = "".join(choice.itertext()).strip()
                raise self.fault(f"has a choice that begins with neither '[ ]' nor '[x]': {text!r}")
            text = (holder.text or "")[match.end() if match else 0 :]
            holder.text, *said = SAID.split(text, maxsplit=1)
            feedback.append(" ".join(said).strip())
            marks.append(bool(match and match["mark"] != " "))
        if not 2 <= len(marks) <= len(ascii_uppercase):
            message = f"has {len(marks)} choice{'s' * (len(marks) != 1)}; give it at least two"
            raise self.fault(message)
        if sum(marks) != 1:
            message = f"marks {sum(marks) or 'no'} choices as right; mark exactly one with '[x]'"
            raise self.fault(message)
        return children[0], Choices(marks.index(True), feedback), children[1:]


class Quiz(Question):
    """One question with its choices, of which one is right, and why.

    Without JavaScript a reader sees the question, the lettered choices and a folded answer;
    `quiz.js` makes a group of radio buttons of them.
    """

    NAME = "quiz"

    def finish(self, block: Element) -> None:
        """Fold the answer."""
        choices, found, explanation = self.choices(block, marked=True)
        explained = any("".join(part.itertext()).strip() for part in explanation)
        if not all(found.feedback) and any(found.feedback):
            letter = ascii_uppercase[found.feedback.index("")]
            raise self.fault(f"says nothing of choice {letter}; write ' :: ' and why behind it")
        if not explained and not any(found.feedback):
            raise self.fault("has no explanation; say behind each choice, after ' :: ', why")
        block.set("data-answer", str(found.right))
        choices.tag = "ol"
        choices.attrib.update({"class": "quiz-choices", "type": "A"})
        details = SubElement(block, "details", {"class": "quiz-answer"})
        SubElement(details, "summary").text = "Answer"
        # A paragraph of its own, so that the explanation may begin with a list or code.
        said = SubElement(details, "p", {"class": "quiz-right"})
        said.text = "The right answer is "
        SubElement(said, "strong").text = ascii_uppercase[found.right]
        said[0].tail = "."
        if any(found.feedback):
            each = SubElement(details, "ol", {"class": "quiz-said", "type": "A"})
            for text in found.feedback:
                SubElement(each, "li").text = text
        for part in explanation:
            block.remove(part)
            details.append(part)
