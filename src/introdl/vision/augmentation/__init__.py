"""Augmentation: pictures turned, zoomed and shifted, and small nets that learn from them."""

from introdl.vision.augmentation.nets import Nets, fit
from introdl.vision.augmentation.warping import Change, sample, warp

__all__ = ["Change", "Nets", "fit", "sample", "warp"]
