"""What a second-edition lesson must have is demanded at its line; other pages are exempt."""

from __future__ import annotations

from pathlib import Path

import pytest

from introdl_site.pages import edition
from introdl_site.pages.outline import outline
from introdl_site.publishing.symbols import lessons

ROOT = Path(__file__).resolve().parents[3]

CARD = """\
/// exercise | {title}
    level: {level}
    minutes: 10{check}

Do it.

??? success "Solution"
    So.
///
"""
QUIZ = "/// quiz | {question}?\n- [ ] No. :: It is not.\n- [x] Yes. :: Right.\n///\n"
PAGE = "\n".join(
    [
        "---\nquestion: How?\nneeds: []\n---\n# Title\n",
        "**How?** So $x_1 + x_2$ `code` [here](there.md) [@key1990].\n",
        "/// predict | Which?\n- One\n- [x] Two\n///\n",
        "## First\n",
        "```python\nprint(1)\n```\n",
        "## Second\n",
        "/// outcome\nTwo.\n///\n",
        '??? deeper "Why?"\n    Long words in a fold.\n\n    ```python\n    x = 1\n    ```\n',
        '??? class "Ten minutes in class"\n    1. Predict.\n',
        "## Try it\n",
        CARD.format(title="A", level=1, check=""),
        CARD.format(title="B", level=2, check="\n    check: f"),
        CARD.format(title="C", level=3, check=""),
        "## Check yourself\n",
        *(QUIZ.format(question=letter) for letter in "PQR"),
    ]
)


def faults(page: str, root: Path = Path("/nowhere")) -> list[str]:
    return [str(problem) for problem in edition.faults(page, "docs/p/l.md", root)]


def line(page: str, needle: str) -> int:
    return page[: page.index(needle)].count("\n") + 1


def test_a_whole_page_lacks_nothing() -> None:
    assert faults(PAGE) == []


def test_a_page_without_a_question_is_of_the_first_edition_and_exempt() -> None:
    assert faults("# Title\n\n" + "word " * 3000) == []


def test_words_of_the_core_are_counted_and_nothing_else() -> None:
    # Title, How So code here, One Two, First, Second, Two, Try it, Check yourself.
    assert edition.words(outline(PAGE)) == 14


def test_a_core_that_is_too_long_is_named_where_it_passes_the_limit() -> None:
    page = PAGE.replace("## Second\n", "word " * 980 + "\n\nlast of all words\n\n## Second\n")
    assert faults(page) == []
    page = page.replace("last of", "last " * 30)
    assert faults(page) == [
        f"docs/p/l.md:{line(page, 'last last')}: the core has 1026 words, more than 1000: it passes"
        " them here; shorten it, or fold what not every reader needs into "
        "'??? deeper \"One question?\"'"
    ]


def test_lines_of_code_in_the_core_are_counted() -> None:
    page = PAGE.replace("print(1)\n", "print(1)\n\n" * 40)
    assert faults(page) == []
    (fault,) = faults(page.replace("## Second\n", "```python\nx = 1\n```\n\n## Second\n"))
    assert fault.startswith(f"docs/p/l.md:{line(page, '## Second')}: the core has 41 lines of Py")
    assert faults(PAGE.replace("    x = 1\n", "    x = 1\n" * 99)) == []


def test_code_that_is_too_wide_is_named_in_folds_and_where_it_is_included(tmp_path: Path) -> None:
    wide = PAGE.replace("    x = 1\n", f"    x = {'1' * 73}\n")
    assert faults(wide)[0].startswith(
        f"docs/p/l.md:{line(wide, 'x = 111')}: code of 77 columns, more than 76: x = 111"
    )
    assert faults(wide.replace("1" * 73, "1" * 72)) == []
    module = tmp_path / "src" / "introdl" / "p" / "l.py"
    module.parent.mkdir(parents=True)
    module.write_text(f"def f():\n    return {'1' * 66}\n")
    page = PAGE.replace("print(1)", '--8<-- "code/p/l/f.py"')
    assert faults(page, tmp_path)[0].startswith(
        f"docs/p/l.md:{line(page, '```python')}: code of 77 columns"
    )


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("needs: []\n", "", "---", "no needs; write"),
        (CARD.format(title="C", level=3, check=""), "", "/// exercise | B", "2 exercises; give at"),
        ("level: 1", "level: 2", "/// exercise | A", "no exercise has level 1"),
        (
            "??? class",
            "??? deeper",
            "/// exercise | A",
            "no plan for a class; before the exercises",
        ),
        ("level: 3\n", "level: 3\n    check: g\n", "/// exercise | C", "a second exercise with a"),
        (QUIZ.format(question="R"), "", "/// quiz | Q", "2 quiz questions; ask at least three"),
        ("- [ ] No. :: It is not.", "- [ ] No.", "- [ ] No.\n", "this choice has no feedback"),
        (
            "/// predict | Which?\n- One\n- [x] Two\n///\n\n",
            "",
            "/// outcome",
            "an outcome of no pre",
        ),
        ("/// outcome\nTwo.\n///\n", "", "/// predict", "a prediction without its '/// outcome'"),
        ("## Second\n", "## Second\n\n## More\n", "/// predict", "its outcome comes 3 sections"),
        (
            "## First",
            "/// predict | W?\n- a\n- [x] b\n///\n\n## First",
            "/// predict",
            "no '/// out",
        ),
    ],
)
def test_what_it_lacks_is_named(old: str, new: str, at: str, message: str) -> None:
    assert old in PAGE
    page = PAGE.replace(old, new, 1)
    assert any(
        fault.startswith(f"docs/p/l.md:{line(page, at)}: {message}") for fault in faults(page)
    ), faults(page)


def test_a_page_without_a_prediction_is_named() -> None:
    page = PAGE.replace("/// predict | Which?\n- One\n- [x] Two\n///\n\n", "")
    page = page.replace("/// outcome\nTwo.\n///\n", "")
    (fault,) = faults(page)
    assert fault.startswith("docs/p/l.md:5: no prediction; ask one near the top")


LESSONS = [name for name, _ in lessons(ROOT / "src")]


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_an_exercise_with_a_checker(name: str) -> None:
    source = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    if not edition.is_second(source):
        pytest.skip("first edition, which is exempt until its front matter has a question")
    checked = [block for block in outline(source).blocks if "check" in block.options]
    assert len(checked) == 1


def test_minutes_come_from_words_and_code() -> None:
    root = Path("/nowhere")
    assert edition.reading_minutes("# T\n\n" + "word " * 1000, root) == 10
    code = "```python\n" + "x = 1\n" * 25 + "```\n"
    assert edition.reading_minutes("# T\n\n" + "word " * 1000 + f"\n\n{code}", root) == 15
