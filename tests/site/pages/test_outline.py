"""What a line of a page belongs to, and what is left open, empty or misspelt."""

from __future__ import annotations

from pathlib import Path

import pytest

from introdl_site.pages.outline import outline

ROOT = Path(__file__).resolve().parents[3]

PAGE = """\
---
title: x
---
# Title

Core.

??? deeper "Why?"
    Folded.

    ```python
    1 / 2
    ```

Core again.

/// exercise | A step
    level: 1
    minutes: 10

Do it.

??? hint "Where"
    There.

??? success "Solution"
    So.
///

=== "NumPy"

    ```python
    x = 1
    ```
"""


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: page.stem)
def test_the_pages_of_the_course_have_nothing_open(page: Path) -> None:
    assert outline(page.read_text(encoding="utf-8")).faults == ()


def test_lines_know_where_they_stand() -> None:
    page = outline(PAGE)
    assert page.faults == ()
    assert page.lines[0].number == 4
    core = [line.text.strip() for line in page.core if line.text.strip()]
    assert core == [
        "# Title", "Core.", '??? deeper "Why?"', "Core again.",
        '=== "NumPy"', "```python", "x = 1", "```",
    ]  # fmt: skip
    folded = {line.text.strip(): line.fold for line in page.lines}
    assert (folded["Folded."], folded["There."], folded["So."]) == ("deeper", "hint", "success")
    (block,) = page.blocks
    assert (block.number, block.kind, block.title) == (17, "exercise", "A step")
    assert block.options == {"level": "1", "minutes": "10"}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("A\n```python\nx = 1\n\nMore.\n", 2, "this fence is not closed before line 5"),
        (
            "```python\nx = 1\n\nMore.\n\n```python\ny = 1\n```\n",
            1,
            "this fence is not closed before line 6; end it with ```",
        ),
        ("    ```text\n    x\nMore.\n", 1, "this fence is not closed before line 3"),
        ('=== "NumPy"\n\n```python\nx\n```\n', 1, "this tab is empty; indent what belongs into it"),
        ('??? deeper "Why?"\nBecause.\n', 1, "this fold is empty; indent"),
        ('??? deeper "Why?"\n  Because.\n', 1, "this fold is empty; indent"),
        ('A\n\n??? deeper "Why?"\n', 3, "this fold is empty; indent"),
        ('!!! note "Why?"\nBecause.\n', 1, "this box is empty; indent"),
        ("/// quizz | Q?\n///\n", 1, "there is no block 'quizz'; a page can have '/// quiz | The"),
        ("A\n\n/// quiz | Q?\n- [x] a\n", 3, "this quiz is not closed at the end of the page"),
        (
            "/// quiz | Q?\n- [x] a\n\n/// quiz | R?\n- [x] a\n///\n",
            1,
            "this quiz is not closed before line 4; end it with '///'",
        ),
        ("A\n\n///\n", 3, "/// closes nothing here"),
        ("- a\n\t- b\n", 2, "a tab indents this line; write four spaces"),
    ],
)
def test_what_is_wrong_is_named_once_with_its_line(text: str, line: int, message: str) -> None:
    (fault,) = outline(text).faults
    assert fault[0] == line
    assert fault[1].startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "````markdown\n```python\n/// quiz\n```\n````\n",
        "```make\nall:\n\trun\n```\n",
        "Title\n===\n\n1. One\n\n    ```text\n    x\n\n    y\n    ```\n",
        "~~~text\n```\n~~~\n",
    ],
)
def test_what_only_looks_wrong_is_left_alone(text: str) -> None:
    assert outline(text).faults == ()
