"""The way to a lesson: what it needs, and what that needs, as links in the order of the course."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from introdl_site.pages.course import Course, Lesson

#: Where a page has one; several lessons may be named.
_PATH = re.compile(r"<!-- introdl:path (?P<goals>[^>]*?) -->")


def leading(course: Course, *goals: str) -> list[Lesson]:
    """The lessons to read for `goals`, these included, in the order of the course."""
    found: set[str] = set()
    waiting = [*goals]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += course.lessons[name].needs
    return [lesson for lesson in course.lessons.values() if lesson.name in found]


def fill(text: str, course: Course, place: str) -> str:
    """Put the links in; what `faults` names stays as it is.

    Args:
        text: A page.
        course: All lessons.
        place: The page's place among the documents, like `orientation/first_model.md`.
    """

    def links(found: re.Match[str]) -> str:
        goals = found["goals"].split()
        if not goals or any(goal not in course.lessons for goal in goals):
            return found[0]
        return " → ".join(
            f"[{lesson.title}]({posixpath.relpath(lesson.name, posixpath.dirname(place))}.md)"
            for lesson in leading(course, *goals)
            if f"{lesson.name}.md" != place
        )

    return _PATH.sub(links, text)


def faults(source: str, course: Course) -> Iterator[tuple[int, str]]:
    """The line of each path that leads nowhere, and what is wrong with it."""
    for found in _PATH.finditer(source):
        line = source.count("\n", 0, found.start()) + 1
        goals = found["goals"].split()
        if not goals:
            yield line, "a path to no lesson: name one, as in introdl:path history/perceptron"
        for goal in goals:
            if goal not in course.lessons:
                yield line, f"a path to {goal!r}, and there is no docs/{goal}.md in the nav"
