"""The quiz block: what it makes of a question, and what it refuses."""

from __future__ import annotations

import lxml.html
import markdown
import pytest
from lxml.html import HtmlElement

from introdl_site.pages.blocks import BlockError

GOOD = """\
Before.

/// quiz | Why can no *single* unit compute $x \\oplus y$, as `xor` does?
- [ ] It has no `bias`
- [x] No line separates $A$ from $B$
- [ ] It learns too slowly

The classes lie crosswise. More training does not help.

```python
assert True
```
///

After.
"""


def convert(text: str) -> HtmlElement:
    # The extensions that a page really has around it; tasklist would take the marks otherwise.
    html = markdown.markdown(
        text,
        extensions=[
            "introdl_site.pages.extension",
            "pymdownx.arithmatex",
            "pymdownx.superfences",
            "pymdownx.tabbed",
            "pymdownx.tasklist",
        ],
        extension_configs={
            "pymdownx.arithmatex": {"generic": True},
            "pymdownx.tabbed": {"alternate_style": True},
        },
    )
    return lxml.html.fragment_fromstring(html, create_parent="div")


def refused(text: str) -> BlockError:
    with pytest.raises(BlockError) as caught:
        convert(text)
    return caught.value


def test_question_choices_and_folded_answer() -> None:
    (quiz,) = convert(GOOD).find_class("quiz")
    question, choices, answer = quiz
    assert question.get("class") == "quiz-question"
    assert question.text_content().startswith("Why can no single unit compute")
    assert (choices.tag, choices.get("type")) == ("ol", "A")
    assert [choice.text_content()[:7] for choice in choices] == ["It has ", "No line", "It lear"]
    assert (answer.tag, answer.get("open")) == ("details", None)
    assert answer[0].text_content() == "Answer"
    assert answer[1].text_content() == "The right answer is B."
    assert "crosswise" in answer[2].text_content()
    assert quiz.get("data-answer") == "1"


def test_the_marks_never_reach_the_reader() -> None:
    root = convert(GOOD)
    text = root.text_content()
    assert "[x]" not in text
    assert "[ ]" not in text
    assert "///" not in text
    assert not root.xpath("//input")


def test_inline_markdown_and_math_go_through_the_usual_pipeline() -> None:
    (quiz,) = convert(GOOD).find_class("quiz")
    assert [e.text for e in quiz[0]] == ["single", "\\(x \\oplus y\\)", "xor"]
    assert quiz.xpath("ol/li[1]/code/text()") == ["bias"]
    assert len(quiz.xpath("ol/li[2]/span[@class='arithmatex']")) == 2
    assert quiz.xpath("details//pre")


def test_what_stands_around_a_quiz_stays_outside() -> None:
    root = convert(GOOD)
    assert [child.tag for child in root] == ["p", "div", "p"]


def test_each_quiz_of_a_page_has_its_own_answer() -> None:
    second = "/// quiz | Two?\n- [x] yes\n- [ ] no\n\nBecause.\n///\n"
    quizzes = convert(f"{GOOD}\n{second}").find_class("quiz")
    assert [quiz.get("data-answer") for quiz in quizzes] == ["1", "0"]


def test_choices_with_blank_lines_between_them() -> None:
    (quiz,) = convert("/// quiz | Q?\n- [ ] one\n\n- [x] two\n\nBecause.\n///").find_class("quiz")
    assert quiz.get("data-answer") == "1"
    assert [choice.text_content().strip() for choice in quiz[1]] == ["one", "two"]


def test_a_quiz_in_a_tab() -> None:
    body = "/// quiz | Q?\n- [x] one\n- [ ] two\n\nBecause.\n///"
    tab = '=== "A"\n\n' + "\n".join(f"    {line}" for line in body.splitlines())
    assert len(convert(tab).find_class("quiz-answer")) == 1


EACH = """\
/// quiz | Which :: one?
- [ ] No `bias`. :: It has one.
  Look again.
- [x] No *line*. :: Right. They lie crosswise.
///
"""


def test_each_choice_has_its_own_feedback_folded() -> None:
    (quiz,) = convert(EACH).find_class("quiz")
    assert quiz[0].text_content() == "Which :: one?"
    assert [choice.text_content() for choice in quiz[1]] == ["No bias.", "No line."]
    said = quiz.xpath("details/ol[@class='quiz-said']/li")
    assert [" ".join(li.text_content().split()) for li in said] == [
        "It has one. Look again.",
        "Right. They lie crosswise.",
    ]
    assert quiz.get("data-answer") == "1"


def test_an_explanation_may_follow_the_feedback() -> None:
    (quiz,) = convert(EACH.replace("crosswise.\n", "crosswise.\n\nMore.\n")).find_class("quiz")
    assert quiz[-1][-1].text_content() == "More."


def test_a_choice_without_feedback_beside_others_is_refused() -> None:
    error = refused(EACH.replace(" :: Right. They lie crosswise.", ""))
    assert "says nothing of choice B; write ' :: ' and why behind it" in str(error)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ("- [ ] a\n- [ ] b\n\nWhy.", "marks no choices as right; mark exactly one with '[x]'"),
        ("- [x] a\n- [x] b\n\nWhy.", "marks 2 choices as right; mark exactly one with '[x]'"),
        ("- [x] a\n\nWhy.", "has 1 choice; give it at least two"),
        ("- [x] a\n- [ ] b", "has no explanation; say behind each choice, after ' :: ', why"),
        ("- [x] a\n- b\n\nWhy.", "has a choice that begins with neither '[ ]' nor '[x]': 'b'"),
        ("Why.\n\n- [x] a\n- [ ] b", "must begin with its choices, '- [ ] …' and '- [x] …'"),
        ("", "must begin with its choices, '- [ ] …' and '- [x] …'"),
    ],
)
def test_a_quiz_that_cannot_be_asked_is_refused(choices: str, message: str) -> None:
    error = refused(f"/// quiz | How many?\n{choices}\n///")
    assert str(error) == f"quiz 'How many?' {message}"
    assert (error.kind, error.title) == ("quiz", "How many?")


def test_a_quiz_without_a_question_is_refused() -> None:
    error = refused("/// quiz\n- [x] a\n- [ ] b\n\nWhy.\n///")
    assert str(error) == "this quiz has no title; begin it with '/// quiz | The question?'"


@pytest.mark.parametrize("rest", ["\n\n## A heading", f"\n\n{GOOD}"])
def test_a_quiz_that_is_not_closed_is_refused(rest: str) -> None:
    error = refused(f"/// quiz | Open?\n- [x] a\n- [ ] b\n\nWhy.{rest}")
    assert str(error) == "quiz 'Open?' is not closed; end it with '///' on its own line"


def test_a_misspelt_block_is_refused() -> None:
    error = refused("/// quizz | Q?\n- [x] a\n- [ ] b\n\nWhy.\n///")
    assert str(error).startswith(
        "quizz 'Q?' is no block; a page can have '/// quiz | The question?'"
    )
