"""Sources are read as Python reads them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from introdl_site import sources


@given(st.text("ab\n\f\v\x85\u2028"))
def test_lines_make_the_text_again_and_end_at_line_feeds_alone(text: str) -> None:
    lines = sources.lines(text)
    assert "".join(lines) == text
    assert all("\n" not in line[:-1] for line in lines)
    assert all(line.endswith("\n") for line in lines[:-1])


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert sources.read(path) == "a = 1\n"


def test_scripts_are_files_that_are_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.py").write_text("")
    (tmp_path / "a/.c.py").write_text("")
    (tmp_path / "a/.#b.py").symlink_to("nowhere")
    (tmp_path / "gone.py").symlink_to("nowhere")
    assert sources.scripts(tmp_path) == [tmp_path / "a/b.py"]
