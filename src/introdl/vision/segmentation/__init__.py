"""Segmentation: an answer for each pixel, how to score it, and a small U-Net that gives it."""

from introdl.vision.segmentation.measures import dice, dice_loss, iou, otsu
from introdl.vision.segmentation.net import UNet, fit, shares
from introdl.vision.segmentation.pictures import patches, write_on

__all__ = ["UNet", "dice", "dice_loss", "fit", "iou", "otsu", "patches", "shares", "write_on"]
