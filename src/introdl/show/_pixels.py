"""From an array of pixels to a PNG."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image


def pixels(call: str, image: ArrayLike, name: str = "image") -> NDArray[np.uint8]:
    """Check an image and return it as 8-bit values.

    Args:
        call: The function that was called, for messages.
        image: (H, W) or (H, W, 3); floats in [0, 1], or uint8.
        name: What messages call it.

    Raises:
        ValueError: If it has another shape or type, or a value outside its range.
    """
    array = np.asarray(image)
    place = f"{call}(): {name}"
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3) or array.size == 0:
        first = array.ndim == 3 and array.shape[0] in (1, 3)
        hint = "; colours come last, so use .transpose(1, 2, 0)" if first else ""
        if array.ndim == 3 and array.shape[0] == 1:
            hint = "; for grey leave the first axis out: image[0]"
        raise ValueError(f"{place} has shape {array.shape}, expected (H, W) or (H, W, 3){hint}")
    if array.dtype == np.uint8:
        return array
    if not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"{place} is {array.dtype}; pass floats in [0, 1], or uint8")
    if not np.isfinite(array).all():
        raise ValueError(f"{place} has a value that is not finite")
    if array.min() < 0 or array.max() > 1:
        reach = f"[{array.min():.3g}, {array.max():.3g}]"
        raise ValueError(f"{place} has values in {reach}; scale them to [0, 1], or pass uint8")
    return np.round(array.astype(np.float64) * 255).astype(np.uint8)


def enlarged(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Repeat each pixel as often as it takes for the longer side to have `side` pixels."""
    times = -(-side // max(image.shape[:2]))
    return image.repeat(times, axis=0).repeat(times, axis=1)


def png(image: NDArray[np.uint8]) -> bytes:
    """The image as PNG, the same bytes each time."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
