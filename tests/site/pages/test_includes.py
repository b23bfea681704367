"""A page that asks for what nothing makes is named with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from introdl_site.pages import includes

if TYPE_CHECKING:
    from ..conftest import Course

PAGE = "---\ndescription: x\n---\n# Title\n\n{}\n"


def expand(course: Course, line: str, pending: set[str] | None = None) -> tuple[str, list[str]]:
    source = PAGE.format(line)
    text = source.split("---\n", 2)[2]
    result, problems = includes.expand(
        course.project, text, "docs/a/b.md", source, pending or set()
    )
    return result, [str(problem) for problem in problems]


def test_an_output_that_exists_is_left_to_the_include(course: Course) -> None:
    course.write(".cache/snippets/outputs/a/b/said.md", "seven")
    line = '--8<-- "outputs/a/b/said.md"'
    assert expand(course, line) == (f"# Title\n\n{line}\n", [])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "outputs/a/b/told.md",
            "docs/a/b.md:6: no snippet 'outputs/a/b/told.md'; in that place there are: said.md",
        ),
        (
            "outputs/a/c/said.md",
            "docs/a/b.md:6: there is no examples/a/c.py to make 'outputs/a/c/said.md'",
        ),
        (
            "code/a/b/Net.py",
            "docs/a/b.md:6: no snippet 'code/a/b/Net.py'; in that place there are: none",
        ),
    ],
)
def test_what_does_not_exist_is_named(course: Course, path: str, message: str) -> None:
    course.example("a/b")
    course.write(".cache/snippets/outputs/a/b/said.md", "seven")
    assert expand(course, f'--8<-- "{path}"') == ("# Title\n\n", [message])


def test_code_outside_a_fence_is_named(course: Course) -> None:
    course.write(".cache/snippets/code/a/b/f.py", "def f(): ...")
    include = '--8<-- "code/a/b/f.py"'
    _, problems = expand(course, include)
    assert problems == ["docs/a/b.md:6: code must stand in a fence, or it is set as prose"]
    for fence in ("```python", "```text", "~~~python"):
        text, problems = expand(course, f"{fence}\n{include}\n{fence[:3]}")
        assert problems == []
        assert include in text


def test_a_number_stands_in_its_sentence(course: Course) -> None:
    course.write(".cache/snippets/outputs/a/b/n.mistakes.txt", "12\n")
    include = '--8<-- "outputs/a/b/n.mistakes.txt"'
    text, problems = expand(course, f"It made\n{include}\nmistakes.\n\n{include}\nis\n{include}\n.")
    assert problems == []
    assert text == "# Title\n\nIt made 12\nmistakes.\n\n12\nis 12.\n"


def test_an_include_in_the_middle_of_a_line_is_named(course: Course) -> None:
    _, problems = expand(course, 'made --8<-- "outputs/a/b/n.txt" mistakes')
    assert problems == [
        'docs/a/b.md:6: an include must stand alone on its line: --8<-- "outputs/..."'
    ]


def test_a_preview_says_that_an_output_is_on_its_way(course: Course) -> None:
    text, problems = expand(course, '    --8<-- "outputs/a/b/said.md"', {"a/b"})
    assert text.splitlines()[-1] == "    *Being computed by `examples/a/b.py`.*"
    text, problems = expand(course, '--8<-- "outputs/a/b/said.n.txt"', {"a/b"})
    assert text.splitlines()[-1] == "…"
    assert problems == []
