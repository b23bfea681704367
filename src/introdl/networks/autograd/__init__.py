"""Autograd: slopes of whatever was computed, by an engine in 200 lines."""

from introdl.networks.autograd.tensor import Tensor, summed_to, tensor
from introdl.networks.autograd.training import Net, cross_entropy, fit, fit_torch, nudged

__all__ = ["Net", "Tensor", "cross_entropy", "fit", "fit_torch", "nudged", "summed_to", "tensor"]
