"""Transfer: keep the layers of a trained net, give it a new head, and train a part of it."""

from introdl.vision.transfer.nets import Nets, carry, features, shares, start
from introdl.vision.transfer.training import gradients, train

__all__ = ["Nets", "carry", "features", "gradients", "shares", "start", "train"]
