"""One stylesheet holds all, in order, and its addresses still lead to the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from introdl_site.dress.styles import Styles


def test_links_become_one_and_the_sheets_are_joined_in_order(tmp_path: Path) -> None:
    (tmp_path / "assets/deep").mkdir(parents=True)
    (tmp_path / "assets/deep/a.css").write_text(
        "a{color:red;background:url(pic.svg)}/*# sourceMappingURL=a.map */"
    )
    (tmp_path / "assets/b.css").write_text(
        '@font-face{font-family:M;src:url("fonts/m.woff2")} a { color : blue }'
    )
    styles = Styles()
    page = (
        '<head><link rel="stylesheet" href="../assets/deep/a.css"><title>T</title>'
        '<link rel="stylesheet" href="../assets/b.css"><link rel="icon" href="x"></head>'
    )
    assert styles.replace(page, "history/") == (
        '<head><link rel="stylesheet" href="../assets/all.css"><title>T</title>'
        '<link rel="icon" href="x"></head>'
    )
    assert styles.paths == ["assets/deep/a.css", "assets/b.css"]
    styles.write(tmp_path)
    text = (tmp_path / "assets/all.css").read_text()
    assert "deep/pic.svg" in text
    assert "fonts/m.woff2" in text
    assert text.index("red") < text.index("#00f" if "#00f" in text else "blue")
    assert "sourceMappingURL" not in text


def test_a_sheet_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    styles = Styles()
    styles.replace('<link rel="stylesheet" href="gone.css">', "")
    with pytest.raises(FileNotFoundError):
        styles.write(tmp_path)
