"""A page's blocks run in order, show what they show beneath them, and run only when they must."""

from __future__ import annotations

from typing import TYPE_CHECKING

import markdown
import pytest
from lxml import html

from introdl_site.__main__ import main
from introdl_site.pages import executed
from introdl_site.pages.executed import PageBlocks
from introdl_site.project import ExampleError
from introdl_site.publishing import snippets
from introdl_site.running import runner

if TYPE_CHECKING:
    from ..conftest import Course

NAME = "docs/part/lesson.md"
PAGE = """\
---
description: A page.
---
# The page

```python
x = 2
print("two", x)
```

??? deeper "Why?"
    It is so.

    ```python
    x += 1
    x
    ```

<!-- not run: it never ends -->
```python
while True: pass
```

/// note
```python
assert x == 3
```
///
"""


def page(course: Course, text: str = PAGE, name: str = NAME) -> PageBlocks:
    course.write(name, text)
    return PageBlocks(course.project, name)


def shown(item: PageBlocks) -> list[str]:
    outcome = runner.bring_up_to_date([item])
    assert not outcome.problems
    published = snippets.publish(item.project, [item], outcome.runs)
    return [one.markdown.strip() for one in published.shown[item.name]]


def test_blocks_run_in_order_and_show_what_a_notebook_would(course: Course) -> None:
    assert shown(page(course)) == ["```text\ntwo 2\n```", "```text\n3\n```", ""]


def test_a_figure_of_a_block_has_its_files_beside_the_page(course: Course) -> None:
    code = "from introdl import plot\nfig, ax = plot.subplots()\nplot.figure(fig, alt='Axes.')\n"
    item = page(course, f"# T\n\n```python\n{code}```\n")
    outcome = runner.bring_up_to_date([item])
    published = snippets.publish(course.project, [item], outcome.runs)
    assert sorted(published.files) == [
        "part/lesson/block-1.dark.svg",
        "part/lesson/block-1.light.svg",
    ]
    [one] = published.shown[NAME]
    assert 'src="site:/part/lesson/block-1.light.svg"' in one.markdown
    assert "How this was made" not in one.markdown
    assert "figcaption" not in one.markdown


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("docs/part/lesson.md", "part/lesson"),
        ("docs/part/index.md", "part"),
        ("docs/index.md", "index"),
    ],
)
def test_what_a_page_publishes_lies_in_its_folder(course: Course, name: str, place: str) -> None:
    assert PageBlocks(course.project, name).place == place


def test_an_edit_of_the_prose_runs_nothing(course: Course) -> None:
    course.write("src/toy.py", "X = 1\n")
    text = "# T\n\n```python\nimport toy\n```\n"
    item = page(course, text)
    assert runner.bring_up_to_date([item]).executed == [NAME]
    edited = text.replace("# T\n", "# Title\n\nWith prose.\n").replace("```", "~~~~")
    assert runner.bring_up_to_date([page(course, edited)]).executed == []
    course.write("src/toy.py", "X = 2\n")
    assert runner.bring_up_to_date([page(course, edited)]).executed == [NAME]
    changed = edited.replace("import toy", "import toy as t")
    assert runner.bring_up_to_date([page(course, changed)]).executed == [NAME]


def test_the_code_that_a_block_includes_is_part_of_it(course: Course) -> None:
    course.write("src/introdl/part/lesson.py", "def f():\n    return 1\n\n\ndef g():\n    pass\n")
    text = '# T\n\n```python\n--8<-- "code/part/lesson/f.py"\n```\n'
    before = page(course, text).fingerprint()
    course.write("src/introdl/part/lesson.py", "def f():\n    return 1\n")
    assert page(course, text).fingerprint() == before
    course.write("src/introdl/part/lesson.py", "def f():\n    return 2\n")
    assert page(course, text).fingerprint() != before


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("x = 1\n1 / 0\n", 5),
        ("\n\nx = 1\n1 / 0\n", 7),
        ('--8<-- "code/part/lesson/f.py"\n\n1 / 0\n', 6),
        ('--8<-- "code/part/lesson/f.py"\nf()\n', 5),
    ],
    ids=["plain", "blank-lines-first", "below-an-include", "through-an-include"],
)
def test_a_block_that_fails_is_named_with_its_line(course: Course, block: str, line: int) -> None:
    module = "def f():\n    a = 1\n    return a / 0\n"
    course.write("src/introdl/part/lesson.py", module)
    item = page(course, f"# T\n\n```python\n{block}```\n")
    outcome = runner.bring_up_to_date([item])
    [problem] = outcome.problems[NAME]
    assert str(problem).startswith(f"{NAME}:{line}: this block raised ZeroDivisionError: division")


def test_what_a_block_must_not_show_is_named(course: Course) -> None:
    item = page(course, "# T\n\n```python\nobject()\n```\n")
    outcome = runner.bring_up_to_date([item])
    [problem] = snippets.publish(course.project, [item], outcome.runs).problems
    assert str(problem).startswith(f"{NAME}:3: this block shows <object at 0x")


def test_an_open_fence_is_named_and_a_dead_include_left_to_the_page(course: Course) -> None:
    with pytest.raises(ExampleError, match=rf"^{NAME}:3: this fence is never closed: end it by"):
        page(course, "# T\n\n```python\nx = 1\n").read()
    dead = page(course, '# T\n\n```python\n--8<-- "code/part/lesson/f.py"\n```\n')
    assert runner.bring_up_to_date([dead]).problems == {NAME: []}
    with pytest.raises(ExampleError, match=rf"^{NAME}:4: 'outputs/a/b/c.md' is no code"):
        page(course, '# T\n\n```python\n--8<-- "outputs/a/b/c.md"\n```\n').read()


def test_pages_without_blocks_and_hidden_files_are_not_run(course: Course) -> None:
    page(course, "# T\n\n```text\nx\n```\n", "docs/a.md")
    page(course, PAGE, "docs/.b.md")
    page(course, "# T\n\n<!-- not run: no -->\n```python\nx\n```\n", "docs/c.md")
    page(course)
    assert [item.name for item in executed.pages(course.project)] == [NAME]


NESTED = """\
- item

    ```python
    1
    ```

    more of the item

=== "NumPy"

    ```python
    2
    ```

=== "PyTorch"

    ```python
    3
    ```

??? note "Folded"

    !!! tip "Deeper"

        ~~~~python
        4
        ~~~~
        Text.

/// details | Block
```python
5
```
///

```python
6
```
"""


def test_a_box_stands_beneath_its_block_wherever_that_stands() -> None:
    md = markdown.Markdown(
        extensions=[
            "admonition",
            "pymdownx.details",
            "pymdownx.superfences",
            "pymdownx.blocks.details",
            "pymdownx.tabbed",
        ],
        extension_configs={"pymdownx.tabbed": {"alternate_style": True}},
    )
    rendered = md.convert(executed.mark(NESTED, {1, 2, 3, 4, 5, 6}))
    tree = html.fromstring(executed.fill(rendered, {n: f"<p>{n}</p>" for n in range(1, 7)}))
    boxes = tree.xpath("//*[@class='dl-output']")
    assert [box.text_content().strip() for box in boxes] == list("123456")
    for box in boxes:
        assert box.getprevious().text_content().strip() == box.text_content().strip()
    assert [box.getparent().tag for box in boxes] == [
        "li",
        "div",
        "div",
        "div",
        "details",
        "div",
    ]
    assert "more of the item" in boxes[0].getparent().text_content()


def test_blocks_that_show_nothing_have_no_box() -> None:
    assert executed.mark(PAGE, set()) == PAGE
    assert executed.mark(PAGE, {2}).count("\ue001") == 2


def test_a_page_alone_says_why_its_blocks_cannot_be_read(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    course.write("src/introdl/part/lesson.py", "def double(x): return 2 * x\n")
    page(course, '# T\n\n```python\n--8<-- "code/part/lesson/triple.py"\n```\n')
    assert main([NAME]) == 1
    assert (
        f"error: {NAME}:4: src/introdl/part/lesson.py has no 'triple.py'" in capsys.readouterr().err
    )
    page(course, "# T\n\n```python\nx = 1\n\n## Two\n\n```python\ny = 2\n```\n")
    assert main([NAME]) == 1
    said = capsys.readouterr().err
    assert f"error: {NAME}:3: this fence is not closed before line 8; end it with ```" in said
    assert said.count("error:") == 1
