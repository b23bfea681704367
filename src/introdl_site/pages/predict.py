"""The Markdown blocks `/// predict | Question` and `/// outcome`: a guess, and what came of it."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from introdl_site.pages.blocks import CourseBlock
from introdl_site.pages.quiz import Question


class Predict(Question):
    """A question that the reader answers before the page does.

    Which choice turned out right is shown with the outcome. Without JavaScript the question is a
    plain list; `quiz.js` makes a group of radio buttons of it and remembers the choice.
    """

    NAME = "predict"

    def finish(self, block: Element) -> None:
        """Keep which choice turned out right out of sight."""
        choices, found, more = self.choices(block, marked=False)
        if any(found.feedback) or more:
            raise self.fault("gives its reasons away; they belong into the '/// outcome'")
        block.set("data-answer", str(found.right))
        choices.set("class", "predict-choices")


class Outcome(CourseBlock):
    """What came of the prediction before it; `quiz.js` adds what the reader said."""

    NAME = "outcome"

    def begin(self, parent: Element) -> Element:
        """Open the block, which has no title."""
        if self.argument:
            raise self.fault("has a title; write '/// outcome' alone on its line")
        return SubElement(parent, "div", {"class": "outcome"})

    def finish(self, block: Element) -> None:
        """Demand a text."""
        if not "".join(block.itertext()).strip():
            raise self.fault("is empty; say what happened, then the reason")
