"""How much two boxes agree, and which of several boxes for one thing is kept."""

import numpy as np

from introdl.arguments import takes


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Divide the area that two boxes share by the area that at least one covers.

    Source: Everingham et al. (2010), "The PASCAL visual object classes challenge", section 4.2.

    Args:
        a: Boxes, (N, 4): left, top, right, bottom.
        b: Boxes, (M, 4).

    Returns:
        Intersection over union of each pair, (N, M): 1 for equal boxes, 0 for apart.

    Raises:
        ValueError: If a box has no area.

    Examples:
        >>> iou(np.array([[0, 0, 2, 2]]), np.array([[1, 1, 3, 3]])).round(3)
        array([[0.143]])
    """
    begin = np.maximum(a[:, None, :2], b[None, :, :2])  # (N, M, 2)
    end = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.maximum(0, end - begin).prod(axis=2)  # (N, M)
    areas = [(box[:, 2:] - box[:, :2]).prod(axis=1) for box in (a, b)]
    return shared / (areas[0][:, None] + areas[1] - shared)


def nms(boxes: np.ndarray, scores: np.ndarray, limit: float) -> np.ndarray:
    """Keep the surest box, drop those that overlap it, and go on with the rest.

    Args:
        boxes: Boxes of one picture, (N, 4): left, top, right, bottom.
        scores: How sure each is, (N,). Of equal ones the first counts as surer.
        limit: The IoU with a kept box above which a box is dropped, 0 to 1.

    Returns:
        Which boxes stay, the surest first, (K,) of integers.

    Raises:
        ValueError: If a box has no area.
    """
    overlap, kept = iou(boxes, boxes), []
    stays = np.ones(len(boxes), dtype=bool)
    for i in np.argsort(-scores, kind="stable"):
        if stays[i]:
            kept.append(i)
            stays &= overlap[i] <= limit
    return np.array(kept, dtype=np.int64)


def refuse_flat(**arrays: object) -> None:
    """Refuse boxes whose right or bottom is not beyond their left or top."""
    for name, boxes in arrays.items():
        if isinstance(boxes, np.ndarray) and boxes.ndim == 2 and boxes.shape[1] == 4:
            flat = ~(boxes[:, 2:] > boxes[:, :2]).all(axis=1)
            if flat.any():
                raise ValueError(
                    f"{name}[{flat.argmax()}] is {boxes[flat.argmax()]}: right must be more than "
                    "left, and bottom more than top"
                )


takes(iou, {"a": "(N, 4)", "b": "(M, 4)"}, also=refuse_flat)
takes(nms, {"boxes": "(N, 4)", "scores": "(N,)", "limit": "() in [0, 1]"}, also=refuse_flat)
