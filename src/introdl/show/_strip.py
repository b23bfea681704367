"""Show several images side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from introdl.show._bundle import Part, beside, bundle, fits, labelled, said
from introdl.show._pixels import enlarged, pixels, png

LIMIT = 300_000
#: A smaller image is enlarged, pixel by pixel, so that its longer side has as many.
SIDE = 96


class strip:  # noqa: N801 - reads as a verb in a cell: strip(...)
    """Show several images, each with a label: the last line of the cell that makes them.

    Args:
        images: Images as `picture` takes them; their sizes may differ.
        labels: The text under each.
        alt: What a reader learns from all of them, in words.
        caption: One or two sentences under them, in Markdown.
        columns: How many stand in a row at most; as many as there is room for if not given.

    Raises:
        ValueError: If there is no image, `alt` or a label is empty, labels and images differ in
            number, an image is not one, or all have more than 300 kB.
    """

    def __init__(
        self,
        images: Sequence[ArrayLike],
        *,
        labels: Sequence[object],
        alt: str,
        caption: str = "",
        columns: int | None = None,
    ) -> None:
        self.alt = said("strip", "alt", alt, "what the images show")
        self.caption = " ".join(caption.split())
        if len(images) == 0:
            raise ValueError("strip(): there is no image")
        if columns is not None and columns < 1:
            raise ValueError(f"strip(): columns is {columns}; give 1 or more, or leave it out")
        self.columns = columns
        self.labels = labelled("strip", labels, len(images), "image")
        given = [pixels("strip", image, f"image {i}") for i, image in enumerate(images)]
        # One factor for all, so that a larger image stays the larger one.
        largest = max(max(image.shape[:2]) for image in given)
        shown = [enlarged(image, -(-SIDE // largest) * max(image.shape[:2])) for image in given]
        self.sharp = largest < SIDE
        self.sizes = [(image.shape[1], image.shape[0]) for image in shown]
        self.parts = [Part(f".{i}.png", "image/png", png(image)) for i, image in enumerate(shown)]
        size = sum(len(part.content) for part in self.parts)
        fits("strip()", size, LIMIT, "show fewer or smaller images, as by image[::2, ::2]")

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return bundle(
            "strip",
            self.parts,
            {"text/html": beside(self.parts, self.labels), "text/plain": self.alt},
            alt=self.alt,
            caption=self.caption,
            labels=self.labels,
            sizes=self.sizes,
            columns=self.columns,
            sharp=self.sharp,
        )
