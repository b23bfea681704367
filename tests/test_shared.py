"""The modules that every lesson uses."""

from __future__ import annotations

import re
import socket

import pytest

from introdl import plot


def test_a_figures_numbers_are_drawn_as_written() -> None:
    fig, ax = plot.subplots()
    ax.set_title("eta = 0.12345")
    ax.plot([0.123456789, 1], [0, 1])
    svg = plot.figure(fig, alt="A line.").svg
    assert "eta = 0.12345" in svg
    assert not re.findall(r'(?<= d=")[^"]*\d\.\d{3}', svg)


def test_what_is_added_later_has_the_ink_of_the_palette() -> None:
    fig, ax = plot.subplots()
    ax.plot([0, 1], label="line")
    ax.text(0.5, 0.5, "a word")
    ax.annotate("there", (0, 0), (1, 1), arrowprops={"arrowstyle": "->", "color": plot.INK})
    ax.legend()
    svg = plot.figure(fig, alt="A line.").svg
    words = re.findall(r"<text [^>]*>", svg)
    assert words
    assert [word for word in words if "fill" not in word] == []


def test_every_colour_has_a_dark_twin_of_its_own() -> None:
    light = [value for name, value in vars(plot).items() if name.isupper() and name[0] != "_"]
    colours = {value for value in light if isinstance(value, str)}
    assert colours == set(plot.DARK)
    assert len(set(plot.DARK.values())) == len(plot.DARK)


def test_no_test_reaches_another_machine() -> None:
    with pytest.raises(OSError, match=r"a test may not reach 192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
