"""Every spelling of a Python fence is found, and its code is what a reader copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from introdl_site.pages.fences import python_blocks

if TYPE_CHECKING:
    from ..conftest import Course

MODULE = """\
import numpy as np


class Net:
    def fit(self, X: np.ndarray) -> int:
        return len(X)
"""


@pytest.mark.parametrize(
    "fence",
    [
        "```python",
        '```python title="x.py"',
        "``` python",
        "```py",
        "```Python3",
        '```python hl_lines="2"',
        "```{.python .annotate}",
        "``` { .py }",
        "~~~python",
        "````python",
        "```pycon",
    ],
)
def test_every_spelling_is_found(course: Course, fence: str) -> None:
    close = fence[: len(fence) - len(fence.lstrip("`~"))]
    text = f"text\n\n{fence}\nx = 1\n{close}\n"
    [block] = python_blocks(text, course.root)
    assert (block.line, block.code) == (3, "x = 1\n")
    assert text[block.start : block.end] == f"{fence}\nx = 1\n{close}\n"


@pytest.mark.parametrize("fence", ["```", "```text", "```bash", "```console", "```toml", "~~~"])
def test_other_fences_are_not(course: Course, fence: str) -> None:
    assert list(python_blocks(f"{fence}\nx = 1\n{fence[:3]}\n", course.root)) == []


def test_a_fence_inside_a_fence_is_text(course: Course) -> None:
    text = "````markdown\n```python\nx = 1\n```\n````\n"
    assert list(python_blocks(text, course.root)) == []


def test_indented_blocks_and_includes_are_as_copied(course: Course) -> None:
    course.write("src/introdl/part/lesson.py", MODULE)
    text = (
        '=== "NumPy"\n\n    ```python\n    import numpy as np\n\n'
        '    --8<-- "code/part/lesson/Net.fit.py"\n    ```\n'
    )
    [block] = python_blocks(text, course.root)
    assert block.code == (
        "import numpy as np\n\ndef fit(self, X: np.ndarray) -> int:\n    return len(X)\n"
    )


@pytest.mark.parametrize(
    ("include", "message"),
    [
        ("code/part/lesson/Net.run.py", r"line 2: src/introdl/part/lesson.py has no 'Net.run.py'"),
        ("code/part/other/Net.py", r"line 2: 'code/part/other/Net.py' is no code of a lesson"),
        ("outputs/part/lesson/x.md", r"line 2: 'outputs/part/lesson/x.md' is no code"),
    ],
)
def test_a_dead_include_is_named(course: Course, include: str, message: str) -> None:
    course.write("src/introdl/part/lesson.py", MODULE)
    with pytest.raises(ValueError, match=message):
        list(python_blocks(f'```python\n--8<-- "{include}"\n```\n', course.root))


def test_an_open_fence_is_named(course: Course) -> None:
    with pytest.raises(ValueError, match="line 2: this fence is never closed"):
        list(python_blocks("text\n```python\nx = 1\n", course.root))


def test_what_cannot_run_says_why(course: Course) -> None:
    text = "<!-- not run: needs two machines -->\n```python\nx\n```\n```python\ny\n```\n"
    reasons = [block.not_run for block in python_blocks(text, course.root)]
    assert reasons == ["needs two machines", None]
