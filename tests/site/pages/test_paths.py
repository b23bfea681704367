"""A path leads through all that a lesson needs, in the order of the course."""

from __future__ import annotations

from introdl_site.pages import paths
from introdl_site.pages.course import Course, Lesson, Part


def lesson(name: str, *needs: str) -> Lesson:
    title = name.rpartition("/")[2].upper()
    return Lesson(name, title, "", "", needs, 0, 0, 0, frozenset())


FIRST = (lesson("one/a"), lesson("one/b", "one/a"), lesson("one/x"))
SECOND = (lesson("two/c", "one/b"), lesson("two/d", "two/c", "one/x"))
COURSE = Course([Part("one", "One", "", FIRST), Part("two", "Two", "", SECOND)])


def test_what_a_lesson_needs_comes_before_it_however_far_back() -> None:
    def names(*goals: str) -> list[str]:
        return [found.name for found in paths.leading(COURSE, *goals)]

    assert names("one/a") == ["one/a"]
    assert names("two/c") == ["one/a", "one/b", "two/c"]
    assert names("two/d") == ["one/a", "one/b", "one/x", "two/c", "two/d"]
    assert names("two/c", "one/x") == ["one/a", "one/b", "one/x", "two/c"]


def test_links_lead_from_where_the_page_lies_and_not_to_itself() -> None:
    text = "So: <!-- introdl:path two/c -->."
    assert paths.fill(text, COURSE, "two/x.md") == (
        "So: [A](../one/a.md) → [B](../one/b.md) → [C](c.md)."
    )
    assert paths.fill(text, COURSE, "one/a.md") == "So: [B](b.md) → [C](../two/c.md)."
    assert paths.fill(text, COURSE, "index.md").startswith("So: [A](one/a.md) → ")


def test_a_path_to_no_lesson_is_named_at_its_line() -> None:
    text = "# T\n\n<!-- introdl:path one/a two/z -->\n<!-- introdl:path  -->\n"
    assert list(paths.faults(text, COURSE)) == [
        (3, "a path to 'two/z', and there is no docs/two/z.md in the nav"),
        (4, "a path to no lesson: name one, as in introdl:path history/perceptron"),
    ]
    assert paths.fill(text, COURSE, "index.md") == text
