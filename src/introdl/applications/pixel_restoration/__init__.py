"""Pixel restoration: rules and a net that make a picture larger, and how close they come."""

from introdl.applications.pixel_restoration.net import Restorer, fit, restore
from introdl.applications.pixel_restoration.rules import (
    agree,
    apply_filter,
    bicubic,
    learn_filter,
    nearest,
    psnr,
    shrink,
)

__all__ = [
    "Restorer",
    "agree",
    "apply_filter",
    "bicubic",
    "fit",
    "learn_filter",
    "nearest",
    "psnr",
    "restore",
    "shrink",
]
