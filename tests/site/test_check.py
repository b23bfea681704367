"""A built site with something wrong in it is refused, and the source's line is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from introdl_site.check import check

if TYPE_CHECKING:
    from .conftest import Course


def problems(course: Course, body: str, source: str = "") -> list[str]:
    site = course.root / "site"
    course.write("docs/a/b.md", source)
    course.write("site/a/b/index.html", f"<html><body><h1 id='top'>T</h1>{body}</body></html>")
    course.write("site/index.html", "<html><body><p id='here'></p></body></html>")
    course.write("site/pic.svg", "<svg/>")
    return [str(problem) for problem in check(course.project, site)]


def test_a_right_page_has_no_problems(course: Course) -> None:
    body = (
        "<a href='#top'>a</a><a href='../../#here'>b</a><a href='/'>c</a>"
        "<a href='https://example.org/x'>d</a><img src='../../pic.svg' alt='A rising line'>"
    )
    assert problems(course, body) == []


@pytest.mark.parametrize(
    ("body", "source", "message"),
    [
        (
            "<a href='../c/'>x</a>",
            "# T\n\n[x](../c/)\n",
            "docs/a/b.md:3: dead link: '../c/' is not in the site",
        ),
        (
            "<a href='c.md'>x</a>",
            "# T\n\n\n[x](c.md)\n",
            "docs/a/b.md:4: dead link: 'c.md' is not in the site",
        ),
        (
            "<a href='../../#gone'>x</a>",
            "# T\n[x](../index.md#gone)\n",
            "docs/a/b.md:2: dead link: index.html has no anchor #gone",
        ),
        (
            "<a href='#gone'>x</a>",
            "# T\n[x](#gone)\n",
            "docs/a/b.md:2: dead link: a/b/index.html has no anchor #gone",
        ),
        (
            "<img src='../../pic.svg'>",
            "![](../pic.svg)",
            "docs/a/b.md:1: image without alt text: ../../pic.svg",
        ),
        (
            "<img src='../../pic.svg' alt='No description has been provided'>",
            "![](../pic.svg)",
            "docs/a/b.md:1: image without alt text: ../../pic.svg",
        ),
        (
            "<script src='https://cdn.example.org/x.js'></script>",
            "",
            "docs/a/b.md: a request to another host: https://cdn.example.org/x.js",
        ),
        (
            "<div class='jp-OutputArea-output'><pre>ValueError: no</pre></div>",
            "x\nValueError: no",
            "docs/a/b.md:2: a traceback is published: ValueError: ",
        ),
        (
            "<div class='jp-OutputArea-output'> </div>",
            "",
            "docs/a/b.md: an output is empty",
        ),
    ],
)
def test_what_is_wrong_is_named(course: Course, body: str, source: str, message: str) -> None:
    assert problems(course, body, source) == [message]


@pytest.mark.parametrize(
    "body",
    [
        "<audio src='https://a.example.org/x'></audio>",
        "<video src='https://a.example.org/x'></video>",
        "<video poster='https://a.example.org/x'></video>",
        "<audio><source src='//a.example.org/x'></audio>",
        "<video><track src='https://a.example.org/x'></video>",
        "<picture><source srcset='../../pic.svg 1x, https://a.example.org/x 2x'></picture>",
        "<img src='../../pic.svg' alt='A line' srcset='https://a.example.org/x 2x'>",
        "<object data='https://a.example.org/x'></object>",
        "<embed src='https://a.example.org/x'>",
    ],
)
def test_whatever_a_browser_fetches_must_be_of_this_site(course: Course, body: str) -> None:
    [problem] = problems(course, body)
    assert "a request to another host: " in problem


@pytest.mark.parametrize("name", ["<audio src='{}'></audio>", "<object data='{}'></object>"])
def test_a_file_that_is_not_there_is_a_dead_link(course: Course, name: str) -> None:
    assert problems(course, name.format("../../pic.svg")) == []
    [problem] = problems(course, name.format("../gone.wav"))
    assert "dead link: '../gone.wav' is not in the site" in problem
