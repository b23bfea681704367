"""Detection: where in a picture are the things? Boxes, how they are compared, and a small net.

Boxes are rows of left, top, right and bottom, in pixels from the upper left corner of the picture.
"""

from introdl.vision.detection.boxes import iou, nms
from introdl.vision.detection.grid import (
    CELL,
    CELLS,
    detector,
    fit,
    held,
    loss,
    predict,
    targets,
    to_boxes,
)
from introdl.vision.detection.scenes import SIDE, Scenes, draw_scenes
from introdl.vision.detection.scoring import (
    Found,
    average_precision,
    best_beyond,
    judge,
    judge_all,
    precision_recall,
)

__all__ = [
    "CELL",
    "CELLS",
    "SIDE",
    "Found",
    "Scenes",
    "average_precision",
    "best_beyond",
    "detector",
    "draw_scenes",
    "fit",
    "held",
    "iou",
    "judge",
    "judge_all",
    "loss",
    "nms",
    "precision_recall",
    "predict",
    "targets",
    "to_boxes",
]
