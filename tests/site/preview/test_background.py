"""What runs behind a preview outlives the mistakes that it meets."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from introdl_site.preview import background
from introdl_site.preview.background import Background
from introdl_site.running import cache


@pytest.mark.parametrize("error", [cache.CacheError("the disk is full"), RuntimeError("odd")])
def test_it_says_why_it_failed_once_and_tries_again(
    course: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    course.example()
    told, ran = threading.Event(), threading.Event()
    failures = [error]

    def bring_up_to_date(*_: object, **__: object) -> None:
        if failures:
            raise failures.pop()
        ran.set()

    monkeypatch.setattr(background.runner, "bring_up_to_date", bring_up_to_date)
    behind = Background(course.project, lambda last: told.set())
    behind.wake()
    assert told.wait(10)
    assert str(error) in str(behind.take_broken())
    assert behind.take_broken() is None
    behind.wake()
    assert ran.wait(10)
    behind.stop()


def test_an_editors_lock_changes_nothing(course: Any) -> None:
    example = course.example()
    course.write("src/introdl/part/lesson.py", "ETA = 1\n")
    before = background._state(example)
    (course.root / "src/introdl/part/.#lesson.py").symlink_to("someone@somewhere.1")
    assert background._state(example) == before
