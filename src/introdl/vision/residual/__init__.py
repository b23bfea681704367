"""Layers with a shortcut around them: the block by hand, and deep nets with and without it."""

from introdl.vision.residual.block import residual_block, residual_block_gradients
from introdl.vision.residual.nets import MAPS, Nets, right, sizes_and_slopes, train

__all__ = [
    "MAPS",
    "Nets",
    "residual_block",
    "residual_block_gradients",
    "right",
    "sizes_and_slopes",
    "train",
]
