"""Photographs."""

from __future__ import annotations

import difflib

import numpy as np

#: The function of `skimage.data`, or the file of scikit-learn, for each name.
_SOURCES = {
    "astronaut": "astronaut",
    "brick": "brick",
    "camera": "camera",
    "cat": "cat",
    "china": "china.jpg",
    "coffee": "coffee",
    "coins": "coins",
    "flower": "flower.jpg",
    "grass": "grass",
    "gravel": "gravel",
    "hubble": "hubble_deep_field",
    "retina": "retina",
    "rocket": "rocket",
}


def photograph(name: str) -> np.ndarray:
    """Load one real photograph.

    In colour: `astronaut` (512×512, NASA, public domain), `cat` (300×451, S. van der Walt, CC0),
    `china` (427×640, danielbuechele, CC BY 2.0), `coffee` (400×600, R. Michetti, CC0), `flower`
    (427×640, vultilion, CC BY 2.0), `hubble` (872×1000, NASA, public domain), `retina` (1411×1411,
    M. Häggström, CC0), `rocket` (427×640, SpaceX, public domain).

    In grey: `brick` and `gravel` (512×512, CC0Textures, CC0), `camera` (512×512, L. Varshney, CC0),
    `coins` (303×384, Brooklyn Museum, no known restrictions), `grass` (512×512, linolafett, CC0).

    `china` and `flower` ship in scikit-learn, the others in scikit-image.

    Args:
        name: One of these names.

    Returns:
        Brightness in [0, 1]: (H, W, 3) float64 in colour, (H, W) in grey.

    Raises:
        ValueError: If there is no photograph of this name.

    Examples:
        >>> photograph("cat").shape
        (300, 451, 3)
    """
    if name not in _SOURCES:
        near = difflib.get_close_matches(str(name), _SOURCES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_SOURCES)}"
        raise ValueError(f"photograph(): no photograph {name!r}; {hint}")
    source = _SOURCES[name]
    # Each is imported where it is needed: a page with a flower asks nobody for scikit-image.
    if source.endswith(".jpg"):
        from sklearn.datasets import load_sample_image

        return np.asarray(load_sample_image(source)) / 255.0
    import skimage.data

    return np.asarray(getattr(skimage.data, source)()) / 255.0
