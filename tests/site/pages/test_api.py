"""The pages of the code's documentation."""

from __future__ import annotations

from typing import Any

from mkdocs.utils.meta import get_data

from introdl_site.pages import api


def test_a_quotation_in_a_title_ends_no_description(course: Any) -> None:
    course.write("docs/part/lesson.md", '# The "XOR" problem { #xor }\n')
    course.write("src/introdl/part/lesson.py", '"""Code."""\n')
    [(place, text)] = api.pages(course.project)
    body, meta = get_data(text)
    assert place == "reference/api/part/lesson.md"
    assert meta["description"].startswith("The code of the lesson The XOR problem, from")
    assert body.startswith('# API: The "XOR" problem\n')
