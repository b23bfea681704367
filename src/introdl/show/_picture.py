"""Show one image."""

from __future__ import annotations

import base64
from typing import Any

from numpy.typing import ArrayLike

from introdl.show._bundle import Part, bundle, fits, said
from introdl.show._pixels import enlarged, pixels, png

LIMIT = 200_000
#: A smaller image is enlarged, pixel by pixel, so that its longer side has as many.
SIDE = 128


class picture:  # noqa: N801 - reads as a verb in a cell: picture(...)
    """Show an image, such as a photograph: the last line of the cell that makes it.

    Args:
        image: Grey (H, W) or colours (H, W, 3); floats in [0, 1], or uint8. A small one is
            enlarged without smoothing to at least 128 pixels.
        alt: What the image shows, in words, for a reader who cannot see it.
        caption: One or two sentences under it, in Markdown.
        width: How wide it is shown, in CSS pixels; as many as it has if not given.

    Raises:
        ValueError: If `alt` is empty, the image has another shape or values out of range, or its
            PNG has more than 200 kB.
    """

    def __init__(
        self, image: ArrayLike, *, alt: str, caption: str = "", width: int | None = None
    ) -> None:
        self.alt = said("picture", "alt", alt, "what the image shows")
        self.caption = " ".join(caption.split())
        given = pixels("picture", image)
        shown = enlarged(given, SIDE)
        self.height, self.width = shown.shape[:2]
        self.sharp = shown.size > given.size
        if width is not None:
            if width < 1:
                raise ValueError(f"picture(): width is {width}; give CSS pixels, or leave it out")
            self.height, self.width = max(1, round(self.height * width / self.width)), width
        self.png = png(shown)
        fits("picture()", len(self.png), LIMIT, "show fewer pixels, as by image[::2, ::2]")

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return bundle(
            "picture",
            [Part(".png", "image/png", self.png)],
            {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.alt},
            alt=self.alt,
            caption=self.caption,
            width=self.width,
            height=self.height,
            sharp=self.sharp,
        )
