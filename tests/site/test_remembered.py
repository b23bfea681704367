"""What is slow to make is made again when something it is made of has changed, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from introdl_site import remembered as module
from introdl_site.remembered import remembered


class Maker:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> list[int]:
        self.times += 1
        return [self.times]


def test_it_is_made_once_for_the_same_and_again_for_another(tmp_path: Path) -> None:
    make, path = Maker(), tmp_path / "folder/kept.pickle"
    assert remembered(path, [b"text", ("a", 1)], make) == [1]
    assert remembered(path, [b"text", ("a", 1)], make) == [1]
    assert remembered(path, [b"text", ("a", 2)], make) == [2]
    assert remembered(path, [b"tex", "t", ("a", 2)], make) == [3]
    assert [file.name for file in path.parent.iterdir()] == ["kept.pickle"]


def test_another_machine_makes_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Maker()
    remembered(tmp_path / "kept", [], make)
    monkeypatch.setattr(module, "machine", lambda: "another version of a package")
    assert remembered(tmp_path / "kept", [], make) == [2]


@pytest.mark.parametrize("content", [b"", b"no pickle", b"\x80\x05K\x05."])
def test_a_broken_file_is_made_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kept").write_bytes(content)
    assert remembered(tmp_path / "kept", [], Maker()) == [1]
    assert remembered(tmp_path / "kept", [], Maker()) == [1]


def test_where_nothing_can_be_kept_it_is_made_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    make = Maker()
    for time in (1, 2):
        assert remembered(tmp_path / "file/kept", [], make) == [time]


def test_a_mistake_is_not_kept(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        remembered(tmp_path / "kept", [], fail)
    assert not list(tmp_path.iterdir())
