"""The Markdown block `/// exercise | Title`: a card with level, minutes and checker."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Collection
from typing import ClassVar
from xml.etree.ElementTree import Element, SubElement

from mkdocs.utils import get_relative_url

from introdl_site.pages.blocks import BlockError, CourseBlock, as_is

#: What the levels 1, 2 and 3 are called.
LEVELS = ("easy", "medium", "hard")

_CHECK = re.compile(
    r'<p class="exercise-check" data-name="(?P<name>[^"]*)" data-title="(?P<title>[^"]*)"></p>'
)


class Exercise(CourseBlock):
    """Something to do: what, how hard, for how long; hints and a solution are folds in it."""

    NAME = "exercise"
    OPTIONS: ClassVar = dict.fromkeys(("level", "minutes", "check"), (None, as_is))

    def begin(self, parent: Element) -> Element:
        """Open the card with its title and what is known of it."""
        title = self.need_title()
        level, minutes, check = (self.options[name] for name in ("level", "minutes", "check"))
        if level not in (1, 2, 3):
            raise self.fault("has no level; write '    level: 1', 2 or 3 below its first line")
        if not isinstance(minutes, int) or not 1 <= minutes <= 240:
            raise self.fault("has no minutes; write '    minutes: 10' below its first line")
        if check is not None and not re.fullmatch(r"[a-z][a-z0-9_]*", str(check)):
            message = f"has check: {check!r}; name the function that the reader writes"
            raise self.fault(message)
        card = SubElement(parent, "section", {"class": "exercise"})
        SubElement(card, "h3").text = title
        facts = SubElement(card, "p", {"class": "exercise-facts"})
        facts.text = f"{LEVELS[level - 1]} · {minutes} minute{'s' * (minutes > 1)}"
        if check is not None:
            facts.text += " · with a checker"
            attributes = {"class": "exercise-check", "data-name": str(check), "data-title": title}
            SubElement(card, "p", attributes)
        return card

    def finish(self, block: Element) -> None:
        """Demand a solution, and put the way to the checker below what is to do."""
        kinds = [element.get("class", "") for element in block if element.tag == "details"]
        if "success" not in kinds:
            raise self.fault("has no solution; fold one into it, '??? success \"Solution\"'")
        check = next((part for part in block if part.get("class") == "exercise-check"), None)
        if check is not None:
            block.remove(check)
            folds = (n for n, part in enumerate(block) if part.tag == "details")
            block.insert(next(folds), check)


def fill(html: str, lesson: str, url: str, starters: Collection[str]) -> str:
    """Say in each card with a checker how to get the starter file and how to be checked.

    Args:
        html: The page.
        lesson: Its lesson, like `history/perceptron`.
        url: Its address.
        starters: The addresses of the site's starter files.

    Raises:
        BlockError: If there is no starter file for an exercise.
    """

    def write(match: re.Match[str]) -> str:
        name, title = match["name"], html_module.unescape(match["title"])
        place = f"examples/{lesson}/{name}.py"
        if place not in starters:
            message = (
                f"has check: {name}, but src/introdl/exercises/{lesson}.py has no solution {name}; "
                "write it, or take the option out"
            )
            raise BlockError(Exercise.NAME, title, message)
        return (
            f'<p class="exercise-check"><a href="{get_relative_url(place, url)}" download>'
            f"Starter file <code>{name}.py</code></a> Check your answer: "
            f"<code>python -m introdl.check {lesson} {name}.py</code></p>"
        )

    return _CHECK.sub(write, html)
