"""How well one mask fits another, the loss that rewards it, and a threshold to compare with."""

import numpy as np

from introdl.arguments import takes


def iou(t: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Divide the pixels that are in both masks by those that are in one at least.

    Source: Jaccard (1901), "Étude comparative de la distribution florale", for sets.

    Args:
        t: The true masks, (N, H, W) of 0 and 1.
        a: The answers, (N, H, W) of 0 and 1.

    Returns:
        Intersection over union of each pair, (N,); 1 where both masks are empty.

    Raises:
        ValueError: If the shapes differ, or a mask holds another number.

    Examples:
        >>> iou(np.array([[[1, 1], [0, 0]]]), np.array([[[1, 0], [1, 0]]]))
        array([0.33333333])
    """
    both, either = (t & a).sum(axis=(1, 2)), (t | a).sum(axis=(1, 2))
    return np.where(either == 0, 1.0, both / np.maximum(either, 1))


def dice(t: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Divide twice the pixels that are in both masks by the sizes of the two, added.

    Source: Dice (1945), "Measures of the amount of ecologic association between species".

    Args:
        t: The true masks, (N, H, W) of 0 and 1.
        a: The answers, (N, H, W) of 0 and 1.

    Returns:
        Dice coefficient of each pair, (N,); 1 where both masks are empty.

    Raises:
        ValueError: If the shapes differ, or a mask holds another number.

    Examples:
        >>> dice(np.array([[[1, 1], [0, 0]]]), np.array([[[1, 0], [1, 0]]]))
        array([0.5])
    """
    both, sizes = (t & a).sum(axis=(1, 2)), (t + a).sum(axis=(1, 2))
    return np.where(sizes == 0, 1.0, 2 * both / np.maximum(sizes, 1))


def dice_loss(p: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    """Compute 1 minus Dice with shares in place of 0 and 1, and its slope for each share.

    The 1 added above and below keeps an empty mask from dividing by zero.

    Source: Milletari et al. (2016), "V-Net", section 3, with plain sums below.

    Args:
        p: Shares, (N, H, W) in [0, 1].
        t: The true masks, (N, H, W) of 0 and 1.

    Returns:
        The mean over the pictures, and its slopes, (N, H, W).

    Raises:
        ValueError: If the shapes differ, a share leaves [0, 1], or there is no picture.
    """
    both, sizes = (p * t).sum(axis=(1, 2)), (p + t).sum(axis=(1, 2))
    scores = (2 * both + 1) / (sizes + 1)
    slopes = (scores[:, None, None] - 2 * t) / (sizes + 1)[:, None, None]
    return float(1 - scores.mean()), slopes / len(p)


def otsu(picture: np.ndarray) -> float:
    """Find the brightness that parts a picture into the two most distant groups.

    Of 255 thresholds it takes the one with the largest product of both groups' sizes and the
    squared distance of their means.

    Source: Otsu (1979), "A threshold selection method from gray-level histograms".

    Args:
        picture: Brightness, (H, W).

    Returns:
        The threshold: what is larger belongs to the bright group.

    Raises:
        ValueError: If the picture has one brightness only, or a value is not finite.

    Examples:
        >>> 0 < otsu(np.array([[0, 0], [1, 1]])) < 0.1
        True
    """
    counts, edges = np.histogram(picture, bins=256)
    middles = (edges[:-1] + edges[1:]) / 2
    dark, sums = counts.cumsum()[:-1], (counts * middles).cumsum()
    bright = counts.sum() - dark
    apart = sums[:-1] / dark - (sums[-1] - sums[:-1]) / bright
    return float(middles[(dark * bright * apart**2).argmax()])


def _two_values(picture: np.ndarray) -> None:
    if picture.min() == picture.max():
        raise ValueError(f"otsu(): picture has one brightness only, {picture.min():g}")


_MASK = "(N, H, W) of 0 and 1"
takes(iou, {"t": _MASK, "a": _MASK})
takes(dice, {"t": _MASK, "a": _MASK})
takes(dice_loss, {"p": "(N, H, W) in [0, 1], not empty", "t": _MASK})
takes(otsu, {"picture": "(H, W), not empty"}, also=_two_values)
