"""A page has one title, whoever reads it."""

from __future__ import annotations

import pytest

from introdl_site.pages import titles


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# XOR { #xor }\n", "XOR"),
        ('# The "XOR" problem\n', 'The "XOR" problem'),
        ("---\ndescription: x\n# a note\n---\n# Title\n", "Title"),
        ("\ufeff---\ndescription: x\n---\n# Title\n", "Title"),
        ("# A *bold* `move` & more\n", "A bold move & more"),
        ("```python\n# a comment\n```\n\n# Title\n", "Title"),
        ("## Only a section\n", None),
    ],
)
def test_a_title_is_read_as_a_reader_sees_it(text: str, title: str | None) -> None:
    assert titles.title_of(text) == title


def test_reading_time_counts_prose_alone() -> None:
    code = "```python\n" + "word " * 1000 + "\n```\n"
    assert titles.reading_minutes("word " * 400 + "\n" + code) == 2
    assert titles.reading_minutes("") == 1
