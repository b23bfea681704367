"""The one figure style of the course, and the one way to show a figure.

Colours are names for a role. A figure is drawn with the values for light paper; the website
swaps each for its dark twin, so use these names and no colour of your own.
"""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introdl.palette import (
    BLUE,
    BLUE_SOFT,
    DARK,
    GREEN,
    GREEN_SOFT,
    GRID,
    INK,
    MUTED,
    ORANGE,
    ORANGE_SOFT,
    PAPER,
    PURPLE,
    RED,
    RED_SOFT,
    SERIES,
)

__all__ = [
    "BLUE",
    "BLUE_SOFT",
    "DARK",
    "GREEN",
    "GREEN_SOFT",
    "GRID",
    "INK",
    "MUTED",
    "ORANGE",
    "ORANGE_SOFT",
    "PAPER",
    "PURPLE",
    "RED",
    "RED_SOFT",
    "SERIES",
    "bare",
    "figure",
    "subplots",
]

_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": matplotlib.cycler(color=SERIES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "hatch.color": MUTED,
    "legend.facecolor": PAPER,
    "legend.edgecolor": GRID,
    "legend.framealpha": 1.0,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "mathtext.fontset": "dejavusans",
    "patch.edgecolor": INK,
    "savefig.dpi": 120,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "introdl",
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}

# The settings of the user would draw another figure. What a cell adds to a figure later, such as a
# label or a legend, must have this ink too: text of matplotlib's own black would stay black on
# dark paper.
matplotlib.rcdefaults()
matplotlib.rcParams.update(_STYLE)


def subplots(
    rows: int = 1, cols: int = 1, *, width: float = 7.0, height: float = 3.6, **options: Any
) -> tuple[Figure, Any]:
    """Make a figure in the course's style, as `matplotlib.pyplot.subplots` would.

    Args:
        rows: Number of rows of axes.
        cols: Number of columns of axes.
        width: Width in inches; 7 fills the text column.
        height: Height in inches.
        **options: Passed on to `matplotlib.figure.Figure.subplots`.

    Returns:
        The figure, and one `Axes` or an array of them.

    Examples:
        >>> fig, axes = subplots(1, 2)
        >>> axes.shape
        (2,)
    """
    fig = Figure(figsize=(width, height), layout="constrained")
    return fig, fig.subplots(rows, cols, **options)


def bare(ax: Axes) -> Axes:
    """Take the frame, the grid and the ticks away from axes that hold a picture or a diagram."""
    ax.grid(False)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


class figure:  # noqa: N801 - reads as a verb in a cell: figure(fig, alt=...)
    """Show a figure: the last line of the cell that draws it.

    Args:
        fig: The figure to show.
        alt: What the figure shows, in words, for a reader who cannot see it. It says what a
            reader should learn from the picture, not how it was drawn.
        caption: One or two sentences under the figure, in Markdown.

    Raises:
        ValueError: If `alt` is empty.
    """

    def __init__(self, fig: Figure, *, alt: str, caption: str = "") -> None:
        if not alt.strip():
            raise ValueError("figure(): alt is empty; say in words what the figure shows")
        self.alt = " ".join(alt.split())
        self.caption = " ".join(caption.split())
        self.svg = _to_svg(fig)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        metadata = {"alt": self.alt, "caption": self.caption}
        return (
            {"image/svg+xml": self.svg, "text/plain": self.alt},
            {"image/svg+xml": metadata},
        )


def _to_svg(fig: Figure) -> str:
    """Write `fig` as a compact SVG that is the same, byte for byte, each time it is drawn."""
    buffer = io.StringIO()
    fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    # Two decimals of a point are finer than any screen. What stands between tags is text.
    svg = re.sub(r"<[^>]+>", lambda tag: re.sub(r"(?<![\w.])(-?\d+\.\d\d)\d+", r"\1", tag[0]), svg)
    # Verdana has the widths of DejaVu Sans, in which matplotlib laid the text out.
    return svg.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
