"""Lists of the course are made of what its pages say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from introdl_site.pages import course, needs
from introdl_site.repository import Repository

ORDER = ["index.md", "one/index.md", "one/a.md", "one/b.md", "two/index.md", "two/c.md"]
ORDER += ["reference/index.md", "reference/notation.md"]
FIRST = """\
---
description: About A.
---
# A

## Try it

??? success "Solution"
    S.
"""
SECOND = """\
---
question: How does B | work?
needs: [one/a]
year: 1958
---
# The *B*

**How does B work?** So.

```python
import os

import numpy as np
import sklearn.svm
from introdl.one.a import f
```

/// exercise | E
    level: 1
    minutes: 10
    check: f

??? success "Solution"
    S.
///

/// exercise | F
    level: 1
    minutes: 20

??? success "Solution"
    S.
///

## Check yourself

/// quiz | Q?
- [x] a
- [ ] b

So.
///
"""


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for place, text in {
        "one/index.md": "---\ndescription: About one.\n---\n# Part one\n",
        "one/a.md": FIRST,
        "one/b.md": SECOND,
        "two/index.md": "---\ndescription: About two.\n---\n# Part two\n",
        "two/c.md": "---\ndescription: About C.\nneeds: [one/a, one/b]\n---\n# C\n",
        "reference/index.md": "---\ndescription: Look up.\n---\n# Reference\n",
        "reference/notation.md": "# Notation\n",
    }.items():
        (tmp_path / "docs" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / place).write_text(text, encoding="utf-8")
    return tmp_path / "docs"


def test_parts_and_lessons_come_in_the_order_of_the_nav(docs: Path) -> None:
    found = course.read(docs, ORDER)
    assert [part.title for part in found.parts] == ["Part one", "Part two", "Reference"]
    assert list(found.lessons) == ["one/a", "one/b", "two/c"]
    lesson = found.lessons["one/b"]
    assert (lesson.title, lesson.summary, lesson.year) == ("The B", "How does B | work?", "1958")
    assert (lesson.exercises, lesson.minutes, lesson.questions) == (2, 30, 1)
    assert [user.name for user in found.users("one/a")] == ["one/b", "two/c"]


def test_a_parts_table_has_years_where_its_lessons_have_them(docs: Path) -> None:
    one, two, _ = course.read(docs, ORDER).parts
    assert course.lessons_table(one).splitlines() == [
        "| Year | Lesson | What you find out |",
        "| --- | --- | --- |",
        "|  | [A](a.md) | About A. |",
        "| 1958 | [The B](b.md) | How does B \\| work? |",
    ]
    assert course.lessons_table(two).splitlines()[2:] == ["| [C](c.md) | About C. |"]


def test_a_planned_part_leaves_the_plan_when_it_is_in_the_nav(docs: Path) -> None:
    plan = {
        "two": {"title": "Two", "description": "Planned."},
        "three": {"title": "Three", "description": "To come."},
    }
    cards = course.part_cards(course.read(docs, ORDER), plan)
    order = ["Part one</a></strong> <em>2 lessons", "Part two</a></strong> <em>1 lesson<"]
    order += ["Three</strong> <em>planned", "To come.", "Reference</a></strong></p>", "Look up."]
    assert [cards.find(text) for text in order] == sorted(cards.find(text) for text in order)
    assert -1 not in [cards.find(text) for text in order]
    assert "Planned." not in cards


def test_practice_links_to_the_sections_that_there_are(docs: Path) -> None:
    rows = course.practice(course.read(docs, ORDER)).splitlines()[2:]
    assert rows == [
        "| [A](../one/a.md) | [1 exercise](../one/a.md#try-it) | 0 questions |",
        "| [The B](../one/b.md) | 2 exercises, 30 minutes |"
        " [1 question](../one/b.md#check-yourself) |",
        "| [C](../two/c.md) | 0 exercises | 0 questions |",
    ]


def test_a_lesson_may_need_only_earlier_ones(docs: Path) -> None:
    found = course.read(docs, ORDER)
    assert list(found.late("two/c", ["one/a"])) == []
    assert list(found.late("one/a", ["one/x", "one/b", "one/a"])) == [
        "needs 'one/x', and there is no docs/one/x.md in the nav",
        "needs 'one/b', which does not come before it in the nav",
        "needs 'one/a', which does not come before it in the nav",
    ]


def test_what_stands_below_the_first_paragraph(docs: Path) -> None:
    found = course.read(docs, ORDER)
    root, url = docs.parent, "one/b/"
    head = needs.head(SECOND, "one/b", url, found, root, None)
    assert head is not None
    assert head["lessons"] == [{"label": "A", "url": "../a/"}]
    assert (head["minutes"], head["practice"]) == (5, 30)
    assert head["packages"] == ["NumPy", "scikit-learn"]
    assert head["install"] == "pip install -e ."
    there = needs.head(SECOND, "one/b", url, found, root, Repository("https://h.example/o/n", "c0"))
    assert there is not None
    assert there["install"] == 'pip install "introdl @ git+https://h.example/o/n@c0"'
    given = SECOND.replace("year: 1958", "packages: [PyTorch 2]").replace("introdl.one", "one")
    alone = needs.head(given, "one/b", url, found, root, None)
    assert alone is not None
    assert (alone["packages"], alone["install"]) == (["PyTorch 2"], "")
    assert needs.head("# C\n", "two/c", "two/c/", found, root, None) is None


def test_a_lesson_names_those_that_build_on_it(docs: Path) -> None:
    assert needs.later("one/b", "one/b/", course.read(docs, ORDER)) == [
        {"label": "C", "url": "../../two/c/"}
    ]
