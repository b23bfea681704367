"""Show frames that a reader moves through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from introdl import plot
from introdl.show._bundle import Part, beside, bundle, fits, labelled, said
from introdl.show._pixels import enlarged, pixels, png

LIMIT = 600_000
FRAMES = 60
#: A smaller image is enlarged, pixel by pixel, so that its longer side has as many.
SIDE = 256


class animation:  # noqa: N801 - reads as a verb in a cell: animation(...)
    """Show frames with a slider to move through them: the last line of the cell that makes them.

    It starts still. Without JavaScript and on paper the first and the last frame are shown.

    Args:
        frames: 2 to 60 figures of `introdl.plot`, or images as `picture` takes them, of one size.
        labels: What each frame shows, such as "after 3 epochs".
        alt: What a reader learns from the movement, in words.
        caption: One or two sentences under it, in Markdown.

    Raises:
        ValueError: If there are too few or too many frames, `alt` or a label is empty, labels
            and frames differ in number, frames differ in size or kind, or take more than 600 kB.
    """

    def __init__(
        self,
        frames: Sequence[Figure] | Sequence[ArrayLike],
        *,
        labels: Sequence[object],
        alt: str,
        caption: str = "",
    ) -> None:
        self.alt = said("animation", "alt", alt, "what the movement shows")
        self.caption = " ".join(caption.split())
        if not 2 <= len(frames) <= FRAMES:
            message = f"{len(frames)} frames; give 2 to {FRAMES}, as by frames[::2]"
            raise ValueError(f"animation(): {message}")
        self.labels = labelled("animation", labels, len(frames), "frame")
        drawn = [isinstance(frame, Figure) for frame in frames]
        if any(drawn) != all(drawn):
            raise ValueError("animation(): frames are figures and images; use one of the two")
        self.drawn = all(drawn)
        self.parts = _figures(frames, self.alt) if self.drawn else _images(frames)
        size = sum(len(part.content) for part in self.parts)
        fits("animation()", size, LIMIT, "give fewer frames, or draw less in each")

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        ends = [self.parts[0], self.parts[-1]]
        return bundle(
            "animation",
            self.parts,
            {
                "text/html": beside(ends, [self.labels[0], self.labels[-1]]),
                "text/plain": self.alt,
            },
            alt=self.alt,
            caption=self.caption,
            labels=self.labels,
        )


def _figures(frames: Sequence[Any], alt: str) -> list[Part]:
    sizes = {tuple(frame.get_size_inches()) for frame in frames}
    if len(sizes) > 1:
        raise ValueError(f"animation(): frames have {len(sizes)} sizes; draw all in one")
    svgs = [plot.figure(frame, alt=alt).svg for frame in frames]
    return [Part(f".{i}.svg", "image/svg+xml", svg.encode()) for i, svg in enumerate(svgs)]


def _images(frames: Sequence[Any]) -> list[Part]:
    images = [pixels("animation", frame, f"frame {i}") for i, frame in enumerate(frames)]
    if len({image.shape for image in images}) > 1:
        raise ValueError("animation(): frames differ in shape; give all of one")
    shown = (enlarged(image, SIDE) for image in images)
    return [Part(f".{i}.png", "image/png", png(image)) for i, image in enumerate(shown)]
