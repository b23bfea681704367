"""Fixtures of the lessons' tests: a fresh random key each run, and the record of agreements."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

import introdl

# The fixtures browser, serve and js.
pytest_plugins = ["tests.browsing"]

_RECORDS = pytest.StashKey[list[dict[str, object]]]()
_SEED = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="repeat a run: the seed printed in its header")
    parser.addoption(
        "--agreement", type=Path, help="write what each comparison with a reference found, as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts what runs behind it deaf to Ctrl-C, and children inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    seed = config.getoption("--seed")
    if seed is None:
        # Workers of one run share the seed of its header.
        seed = int(os.environ.setdefault("INTRODL_TEST_SEED", str(secrets.randbelow(2**31))))
    config.stash[_SEED] = seed
    config.stash[_RECORDS] = []


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.stash[_SEED]} (repeat with --seed {config.stash[_SEED]})"


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = session.config.getoption("--agreement")
    if path is not None:
        path.write_text(json.dumps(session.config.stash[_RECORDS], indent=1) + "\n")


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Let a test reach this machine alone: what it needs ships with the project."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"a test may not reach {host}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Fresh randomness for this test; the header's seed repeats it."""
    name = [ord(letter) for letter in request.node.nodeid]
    return np.random.default_rng([request.config.stash[_SEED], *name])


OURS = str(Path(introdl.__file__).parent)
CHECKS = str(Path(OURS, "arguments.py"))  # it runs before a function, and computes nothing


def watched(function: Callable[[], object]) -> tuple[object, set[str]]:
    """Call a function; tell its result, and which functions of `introdl` ran meanwhile."""
    ran: set[str] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(OURS) and path != CHECKS:
            ran.add(frame.f_code.co_qualname)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        return function(), ran
    finally:
        sys.setprofile(before)


@pytest.fixture
def agreement(request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Compare an implementation with a reference, and record how close it came.

    Call `agreement(ours, reference, what=..., against=..., atol=...)`. It asserts that no entry
    differs by more than `atol`, and the agreement page shows the worst difference. The reference
    is a function without arguments: what runs in it tells whether it is independent. Where any of
    `introdl` does, the record says `twin`, and the page calls it our own PyTorch twin.
    """
    module = request.node.path.relative_to(Path(__file__).parent).with_suffix("")
    lesson = f"{module.parent.as_posix()}/{module.name.removeprefix('test_')}"
    records = request.config.stash[_RECORDS]
    before = len(records)

    def compare(
        ours: object, reference: Callable[[], object], *, what: str, against: str, atol: float
    ) -> None:
        if not callable(reference):
            raise TypeError(
                f"agreement(), {what}: the reference is a {type(reference).__name__}: give a "
                "function that computes it, as in `lambda: np.linalg.solve(A, b)`, so that what "
                "runs in it tells whether it is independent"
            )
        theirs, ran = watched(reference)
        a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
        assert a.shape == b.shape, f"{what}: shape {a.shape}, reference {b.shape}"
        assert a.size, f"{what}: nothing was compared"
        worst = float(np.max(np.abs(a - b)))
        assert worst <= atol, f"{what}: differs from {against} by {worst:.3g}, more than {atol:g}"
        assert not ran or "PyTorch" in against, (
            f"{what}: the reference calls our {', '.join(sorted(ran))}: write one that shares no "
            "code with ours, or compare with a twin in PyTorch and say so in `against`"
        )
        records.append(
            {
                "lesson": lesson,
                "what": what,
                "against": against,
                "twin": bool(ran),
                "worst": worst,
                "atol": atol,
            }
        )

    yield compare
    if request.node.stash.get(_FAILED, False):
        return
    assert len(records) > before, "the agreement fixture was asked for and compared nothing"


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report
