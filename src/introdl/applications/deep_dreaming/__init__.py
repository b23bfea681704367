"""Deep dreaming: a small net that tells textures apart, and pictures changed until it fires."""

from introdl.applications.deep_dreaming.dream import (
    ascend,
    dream,
    excitement,
    roughness,
    slope,
    soften,
)
from introdl.applications.deep_dreaming.net import TextureNet, fit, shares
from introdl.applications.deep_dreaming.textures import (
    TEXTURES,
    features,
    standardize,
    texture,
    texture_squares,
)

__all__ = [
    "TEXTURES",
    "TextureNet",
    "ascend",
    "dream",
    "excitement",
    "features",
    "fit",
    "roughness",
    "shares",
    "slope",
    "soften",
    "standardize",
    "texture",
    "texture_squares",
]
