"""Predictions, exercises and things to move: what is made of them, and what is refused."""

from __future__ import annotations

import json

import lxml.html
import markdown
import pytest
from lxml.html import HtmlElement

from introdl_site.pages import exercise, move
from introdl_site.pages.blocks import BlockError

PREDICT = """\
/// predict | Will *it* end?
- Yes, for $N > 3$
- [x] No
///

Between.

/// outcome
No. The reason.
///
"""
CARD = """\
/// exercise | A *smaller* step
    level: 2
    minutes: 10
    check: averaged

Write it.

??? hint "Where"
    There.

??? success "Solution"
    So.

    ```python
    x = 1
    ```
///

After.
"""
MOVE = """\
/// move | run
    label: It learns, one mistake at a time
    data: run.json, other/lesson/far.json

A still picture.
///
"""
MOUNTS = ["run"]
PUBLISHED = {"examples/part/lesson/run.json", "examples/other/lesson/far.json"}


def html(text: str) -> str:
    return markdown.markdown(
        text,
        extensions=[
            "introdl_site.pages.extension",
            "pymdownx.arithmatex",
            "pymdownx.details",
            "pymdownx.superfences",
            "toc",
        ],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )


def convert(text: str) -> HtmlElement:
    return lxml.html.fragment_fromstring(html(text), create_parent="div")


def refused(text: str) -> str:
    with pytest.raises(BlockError) as caught:
        convert(text)
    return f"{caught.value.line(text)}: {caught.value}"


def test_a_prediction_is_a_question_with_choices_and_no_answer() -> None:
    (predict,) = convert(PREDICT).find_class("predict")
    question, choices = predict
    assert question.text_content() == "Will it end?"
    assert [choice.text_content() for choice in choices] == ["Yes, for \\(N > 3\\)", "No"]
    assert predict.get("data-answer") == "1"
    assert "[x]" not in predict.text_content()


def test_an_outcome_is_its_text() -> None:
    (outcome,) = convert(PREDICT).find_class("outcome")
    assert outcome.text_content().strip() == "No. The reason."


def test_an_exercise_is_a_card() -> None:
    root = convert(CARD)
    (card,) = root.find_class("exercise")
    assert [part.tag for part in card] == ["h3", "p", "p", "p", "details", "details"]
    assert card[0].text_content() == "A smaller step"
    assert card[0].get("id") == "a-smaller-step"
    assert card[1].text_content() == "medium · 10 minutes · with a checker"
    assert card[3].get("class") == "exercise-check"
    assert card[5].xpath(".//pre")
    assert root[-1].text == "After."


def test_folds_need_no_blank_lines_around_them() -> None:
    (card,) = convert(CARD.replace("\n\n???", "\n???")).find_class("exercise")
    assert [part.get("class") for part in card.iter("details")] == ["hint", "success"]


def test_a_card_with_a_checker_leads_to_its_starter_and_says_the_command() -> None:
    page = exercise.fill(
        html(CARD), "part/lesson", "part/lesson/", {"examples/part/lesson/averaged.py"}
    )
    (line,) = lxml.html.fromstring(page).find_class("exercise-check")
    (link,) = line.iter("a")
    assert link.get("href") == "../../examples/part/lesson/averaged.py"
    assert link.get("download") is not None
    assert "python -m introdl.check part/lesson averaged.py" in line.text_content()


def test_a_checker_that_is_not_there_is_refused() -> None:
    with pytest.raises(BlockError, match="has check: averaged, but src/introdl/exercises/part/les"):
        exercise.fill(html(CARD), "part/lesson", "part/lesson/", set())


def test_a_thing_to_move_has_a_stage_a_still_picture_and_its_files() -> None:
    page = move.fill(html(MOVE), "part/lesson", "part/lesson/", PUBLISHED, MOUNTS)
    (figure,) = lxml.html.fragment_fromstring(page, create_parent="div").find_class("move")
    assert (figure.tag, figure.get("data-move")) == ("figure", "run")
    assert figure.get("aria-label") == "It learns, one mistake at a time"
    assert [part.get("class") for part in figure] == ["move-stage", "move-still"]
    assert (len(figure[0]), figure[1].text_content().strip()) == (0, "A still picture.")
    assert json.loads(figure.get("data-files")) == {
        "run.json": "../../examples/part/lesson/run.json",
        "far.json": "../../examples/other/lesson/far.json",
    }


@pytest.mark.parametrize(
    ("published", "mounts", "message"),
    [
        (PUBLISHED, None, "is never mounted: there is no docs/part/lesson.js"),
        (PUBLISHED, ["go"], 'is never mounted: docs/part/lesson.js has no mount("run"'),
        (
            {"examples/part/lesson/walk.json", "examples/part/lesson/lesson.py"},
            MOUNTS,
            "asks for 'run.json', but examples/part/lesson.py publishes walk.json",
        ),
    ],
)
def test_what_a_thing_to_move_lacks_is_named(
    published: set[str], mounts: list[str] | None, message: str
) -> None:
    with pytest.raises(BlockError) as caught:
        move.fill(html(MOVE), "part/lesson", "", published, mounts)
    assert message in str(caught.value)
    assert caught.value.line(f"A.\n\n{MOVE}") == 3


def test_a_preview_does_not_ask_for_what_is_not_computed_yet() -> None:
    waits = {"part/lesson"}
    page = move.fill(html(MOVE), "part/lesson", "", PUBLISHED - {"run.json"}, MOUNTS, waits)
    assert "far.json" in page


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (PREDICT, "- [x]", "-", "1: predict 'Will *it* end?' marks no choices as right"),
        (
            PREDICT,
            "No\n///",
            "No :: So.\n///",
            "1: predict 'Will *it* end?' gives its reasons away",
        ),
        (PREDICT, "/// outcome", "/// outcome | No", "8: outcome 'No' has a title"),
        (PREDICT, "No. The reason.\n", "", "8: this outcome is empty"),
        (CARD, "    level: 2\n", "", "1: exercise 'A *smaller* step' has no level"),
        (CARD, "level: 2", "level: 4", "1: exercise 'A *smaller* step' has no level"),
        (CARD, "minutes: 10", "minutes: ten", "1: exercise 'A *smaller* step' has no minutes"),
        (CARD, "check: averaged", "check: a b", "1: exercise 'A *smaller* step' has check: 'a b'"),
        (
            CARD,
            "    level",
            "    difficulty: 3\n    level",
            "1: exercise 'A *smaller* step' has an",
        ),
        (CARD, "success", "note", "1: exercise 'A *smaller* step' has no solution"),
        (CARD, " | A *smaller* step", "", "1: this exercise has no title; begin it with '/// exer"),
        (CARD, "///\n\nAfter.", "After.", "1: exercise 'A *smaller* step' is not closed"),
        (MOVE, "    label: It learns, one mistake at a time\n", "", "1: move 'run' has no label"),
        (MOVE, "label: It", "label: It: it", "1: move 'run' has an option that cannot be read"),
        (MOVE, "A still picture.\n", "", "1: move 'run' has no still picture"),
        (MOVE, "| run", "| The Run", "1: move 'The Run' has a name that is not lower case"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, old: str, new: str, message: str) -> None:
    assert old in text
    assert refused(text.replace(old, new, 1)).startswith(message)
