"""The slide map covers the whole lecture, and each of its links leads to a page or a plan."""

import re
import tomllib
from pathlib import Path

import markdown
import pytest
from lxml import html

from introdl_site.pages import slides

ROOT = Path(__file__).parents[3]
DECK = ROOT.parent / "shared" / "source" / "lecture-deck.txt"
MAP = ROOT / "docs" / "reference" / "slides.toml"
FIXTURE = Path(__file__).with_name("deck_headings.txt")

SMALL = """\
[planned]
vision = { title = "Vision & more", lessons = ["cnn"] }

[[correction]]
slide = "1969"
wrong = "It says $w_1$ so."
right = "It is not so."
lesson = "history/xor"

[[slide]]
text = "# 1969: Perceptrons can't do XOR!"
note = "The claim | and its limits."
lesson = "history/xor"

[[slide]]
text = "Minsky / Papert"
note = "The authors."
lesson = "vision/cnn"

[[slide]]
text = "## CNN"
note = "Filters."
lesson = "vision"
"""


def headings(deck: str) -> list[str]:
    """What the slides say, by one rule.

    From the first heading on, the text is cut at blank lines, and the lines of a block are joined
    by " / ". Bullets and the table of units belong to the heading above them, programs' output in
    a fence and the school's logo are left out, and so are the marks of bold, italics and math.
    """
    deck = re.sub(r"^```.*?^```", "", deck, flags=re.DOTALL | re.MULTILINE)
    found = []
    for block in re.split(r"\n[ \t]*\n", deck[deck.index("\n# ") :]):
        lines = [" ".join(re.sub(r"[*$]", "", line).split()) for line in block.splitlines()]
        lines = [line for line in lines if line]
        below = all(re.match(r"- |1 \w+byte", line) for line in lines)
        if lines and not below and lines != ["TECHPRO", "EDUCATION"]:
            found.append(" / ".join(lines))
    return found


@pytest.fixture
def load(tmp_path):
    def load(text: str):
        path = tmp_path / "docs" / "reference" / "slides.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        lesson = tmp_path / "docs" / "history" / "xor.md"
        lesson.parent.mkdir(exist_ok=True)
        lesson.write_text(
            "---\ndescription: x\n---\n# XOR { #top }\n\n## A *claim*\n", encoding="utf-8"
        )
        return slides.page(path)

    return load


def test_the_map_covers_the_lecture_in_its_order():
    mapped = [slide["text"] for slide in tomllib.loads(MAP.read_text("utf-8"))["slide"]]
    assert mapped == FIXTURE.read_text("utf-8").splitlines()


@pytest.mark.skipif(not DECK.is_file(), reason="the lecture itself is not in this checkout")
def test_the_list_of_headings_is_that_of_the_lecture():
    assert FIXTURE.read_text("utf-8").splitlines() == headings(DECK.read_text("utf-8"))


def test_the_rule_for_headings():
    deck = (
        "cover\n\n# A\n\n```\n# code\n```\n\n**B**  \nC\n\n- bullet\n- $x$\n\nTECHPRO\nEDUCATION\n"
        "\n1 kilobyte\t1\n1 megabyte\t2\n\n1. Role\n"
    )
    assert headings(deck) == ["# A", "B / C", "1. Role"]


def test_the_map_of_the_course_is_right():
    body, problems = slides.page(MAP)
    assert [str(problem) for problem in problems] == []
    assert body.count("](../history/") >= 14


def test_it_shows_each_slide_its_note_and_its_place(load):
    body, problems = load(SMALL)
    assert problems == []
    made = html.fromstring(markdown.markdown(body, extensions=["tables"]))
    rows = [[cell.text_content() for cell in row.iter("td")] for row in made.iter("tr")][1:]
    assert rows == [
        ["1969: Perceptrons can't do XOR!", "The claim | and its limits.", "XOR"],
        ["Minsky / Papert", "The authors.", "planned: Vision & more, cnn"],
        ["CNN", "Filters.", "planned: Vision & more"],
    ]
    assert "3 texts in the order of the lecture: 1 are taught now" in body
    assert "- **1969.** It says $w_1$ so. It is not so. ([XOR](../history/xor.md))" in body
    assert "[XOR](../history/xor.md) |" in body


@pytest.mark.parametrize(
    ("lesson", "message"),
    [
        (
            "history/xro",
            "lesson 'history/xro' is neither a page docs/history/xro.md nor in [planned]",
        ),
        ("vision/cnm", "lesson 'vision/cnm' is neither a page docs/vision/cnm.md nor in [planned]"),
        ("", "a [[slide]] has no lesson"),
        (
            "history/xor#no",
            "lesson 'history/xor#no': docs/history/xor.md has no section #no; it has a",
        ),
    ],
)
def test_a_slide_that_leads_nowhere_is_named_with_its_line(load, lesson, message):
    _, problems = load(SMALL.replace('"vision/cnn"', f'"{lesson}"'))
    assert len(problems) == 1
    assert str(problems[0]).startswith(f"docs/reference/slides.toml:15: {message}")


def test_a_slide_of_several_things_leads_to_each(load):
    several = 'lesson = "vision/cnn"\nalso = ["history/xor#a-claim", "history/xor"]'
    body, problems = load(SMALL.replace('lesson = "vision/cnn"', several))
    assert problems == []
    row = next(line for line in body.splitlines() if "`cnn`" in line)
    assert row.endswith(
        "`cnn` · [XOR: A claim](../history/xor.md#a-claim) · [XOR](../history/xor.md) |"
    )
    _, problems = load(SMALL.replace('lesson = "vision/cnn"', several.replace("a-claim", "gone")))
    assert ["has no section #gone" in str(problem) for problem in problems] == [True]


def test_a_correction_without_its_parts_is_named_with_its_line(load):
    _, problems = load(SMALL.replace('right = "It is not so."', ""))
    assert [str(problem) for problem in problems] == [
        "docs/reference/slides.toml:4: a [[correction]] has no right"
    ]


def test_a_file_that_is_no_toml_is_named_with_its_line(load):
    body, problems = load(SMALL + '[[slide]]\ntext = "\n')
    assert body == ""
    assert str(problems[0]).startswith("docs/reference/slides.toml:25: TOML cannot be read")


def test_a_slide_may_lead_to_a_section(load):
    body, problems = load(SMALL.replace('"vision/cnn"', '"history/xor#a-claim"'))
    assert problems == []
    assert "[XOR: A claim](../history/xor.md#a-claim) |" in body


def test_a_planned_lesson_that_is_written_is_taught(load, tmp_path):
    (tmp_path / "docs" / "vision").mkdir(parents=True)
    (tmp_path / "docs" / "vision" / "cnn.md").write_text("# CNN\n", encoding="utf-8")
    body, problems = load(SMALL)
    assert problems == []
    assert "[CNN](../vision/cnn.md) |" in body
    assert "2 are taught now" in body
