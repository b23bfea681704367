"""The addresses in a page lead somewhere, or are named once."""

from __future__ import annotations

from typing import Any

from mkdocs.structure.files import Files

from introdl_site.pages import addresses


def test_a_dead_link_of_an_example_is_named_once_and_leads_nowhere(course: Any) -> None:
    example = course.example(text="# %% [markdown]\n# # T\n# [a](../../part/gone.md)\n")
    html = '<a href="../../part/gone.md">a</a> <a href="https://a.org/x.py">b</a>'
    shown, problems = addresses.resolve(html, example, "examples/part/lesson/", Files([]))
    assert [(problem.path, problem.line) for problem in problems] == [(example.label, 3)]
    assert shown == '<a href="#">a</a> <a href="https://a.org/x.py">b</a>'
