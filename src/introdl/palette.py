"""The colours of every figure, by role, and what each becomes on dark paper."""

from __future__ import annotations

INK = "#1f2430"
MUTED = "#5b6472"
GRID = "#d9dde4"
PAPER = "#fefefe"
BLUE = "#1f5fb4"
ORANGE = "#b5510d"
GREEN = "#19754f"
RED = "#b8303b"
PURPLE = "#7448b8"
BLUE_SOFT = "#d6e4f7"
ORANGE_SOFT = "#fae0cb"
GREEN_SOFT = "#d3ecdf"
RED_SOFT = "#f8d9db"

#: The order in which a figure takes colours for its series.
SERIES = (BLUE, ORANGE, GREEN, PURPLE, RED)

#: What each colour becomes on dark paper.
DARK = {
    INK: "#e7e9ef",
    MUTED: "#a9b1bf",
    GRID: "#3c4354",
    PAPER: "#1e2129",
    BLUE: "#82b4f7",
    ORANGE: "#f2a663",
    GREEN: "#63d0a2",
    RED: "#f58f8f",
    PURPLE: "#c2a6f7",
    BLUE_SOFT: "#24395a",
    ORANGE_SOFT: "#553820",
    GREEN_SOFT: "#1d4636",
    RED_SOFT: "#572c31",
}
