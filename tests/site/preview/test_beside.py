"""A preview answers while it builds, and builds once for runs that end together."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mkdocs.livereload import LiveReloadServer

from introdl_site.preview.beside import Batch, Beside


@pytest.fixture
def asked() -> list[float]:
    return []


@pytest.fixture
def batch(asked: list[float]) -> Iterator[Batch]:
    made = Batch(lambda: asked.append(time.monotonic()), pause=0.4)
    yield made
    made.stop()


def until(true: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_runs_that_end_together_are_built_once(batch: Batch, asked: list[float]) -> None:
    batch.want(last=False)
    until(lambda: len(asked) == 1)
    batch.begin()
    for _ in range(5):
        batch.want(last=False)
    time.sleep(0.5)
    assert len(asked) == 1, "asked for while a build went on"
    batch.end()
    ended = time.monotonic()
    batch.want(last=False)
    until(lambda: len(asked) == 2)
    assert asked[1] - ended > 0.35, "builds leave no time for the examples"
    batch.begin()
    batch.end()
    time.sleep(0.6)
    assert len(asked) == 2


def test_the_last_run_waits_for_nothing(batch: Batch, asked: list[float]) -> None:
    batch = Batch(lambda: asked.append(time.monotonic()), pause=60)
    batch.begin()
    batch.end()
    batch.want(last=False)
    time.sleep(0.1)
    assert not asked
    batch.want(last=True)
    until(lambda: asked)
    batch.want(last=True)
    time.sleep(0.1)
    assert len(asked) == 1, "there was nothing new"


class Served:
    """A server whose build writes a page once it may, or fails."""

    def __init__(self, root: Path, batch: Batch) -> None:
        self.may, self.began, self.fails = threading.Event(), threading.Event(), False
        root.mkdir()
        (root / "index.html").write_text("old")
        self.server = LiveReloadServer(self.build, "127.0.0.1", 0, str(root))
        self.beside = Beside(self.server, batch)
        watched = root.parent / "docs"
        watched.mkdir()
        self.source = watched / "page.md"
        self.server.watch(str(watched))
        threading.Thread(target=self.server.serve, daemon=True).start()
        until(lambda: self.server.serve_thread.is_alive())

    def build(self) -> None:
        self.began.set()
        self.beside.folder.mkdir(exist_ok=True)
        assert self.may.wait(30)
        if self.fails:
            raise ValueError("a mistake")
        (self.beside.folder / "index.html").write_text("new")

    def page(self) -> str:
        address = f"http://127.0.0.1:{self.server.server_address[1]}/"
        with urllib.request.urlopen(address, timeout=5) as reply:
            return str(reply.read().decode()).partition("<")[0]


@pytest.fixture
def served(tmp_path: Path, batch: Batch) -> Iterator[Served]:
    made = Served(tmp_path / "site", batch)
    yield made
    made.may.set()
    made.server.shutdown(wait=True)


def test_what_is_whole_is_served_while_the_next_is_built(served: Served) -> None:
    assert served.page() == "old"
    served.source.write_text("an edit")
    assert served.began.wait(10)
    assert served.page() == "old"
    served.may.set()
    until(lambda: served.page() == "new")
    assert not served.beside.folder.exists()
    assert [path.name for path in served.source.parents[1].iterdir()] in (
        ["docs", "site"],
        ["site", "docs"],
    )


def test_after_a_build_that_fails_the_last_one_is_served(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    served.fails = True
    served.may.set()
    served.source.write_text("an edit")
    assert served.began.wait(10)
    until(lambda: "a mistake" in capsys.readouterr().err)
    assert served.page() == "old"
    served.fails = False
    served.source.write_text("another edit, longer")
    until(lambda: served.page() == "new")
