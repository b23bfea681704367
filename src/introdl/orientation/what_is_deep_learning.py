"""Measures of a drawn digit that a person thought of, and rules that a person wrote on them."""

import numpy as np
from scipy import ndimage

from introdl.arguments import takes

#: From this on, a pixel counts as ink where ink or paper is all that matters.
INK = 0.5
#: The columns of `measures`.
MEASURES = ("ink", "left", "top", "width", "strokes", "holes", "hole_at")


def measures(X: np.ndarray) -> np.ndarray:
    """Measure each picture in seven ways.

    They are: the mean of its pixels; the share of its ink in the left half; that in the upper half;
    the columns from its leftmost ink to its rightmost; how many strokes a row crosses, the mean
    over rows with ink; how many holes it has, patches of paper that ink encloses; and how far
    down their middle lies, 0 at the top edge and 1 at the bottom edge, ½ where there is no hole.
    The last four count a pixel of ½ or more as ink, the rest as paper. Paper is connected across
    an edge of a pixel, not across a corner. A picture without ink has ½ for each share.

    Args:
        X: Pictures, 0 is paper and 1 is ink, (N, H, W).

    Returns:
        One row per picture, its columns as in `MEASURES`, (N, 7).

    Examples:
        >>> ring = np.zeros((4, 4))
        >>> ring[:3, :3] = 1
        >>> ring[1, 1] = 0
        >>> dict(zip(MEASURES, measures(ring[None])[0].tolist()))["holes"]
        1.0
    """
    N, H, W = X.shape
    total = X.sum(axis=(1, 2))  # (N,)
    shares = [
        np.divide(part.sum(axis=(1, 2)), total, out=np.full(N, 0.5), where=total > 0)
        for part in (X[:, :, : W // 2], X[:, : H // 2])
    ]
    on = X >= INK
    columns, rows = on.any(axis=1), on.any(axis=2)  # (N, W), (N, H)
    width = np.where(columns.any(axis=1), W - columns.argmax(1) - columns[:, ::-1].argmax(1), 0)
    # A stroke begins at ink whose left neighbour is paper.
    begins = on & ~np.pad(on, ((0, 0), (0, 0), (1, 0)))[:, :, :W]
    strokes = begins.sum(axis=(1, 2)) / np.maximum(rows.sum(axis=1), 1)
    holes = np.array([_holes(picture) for picture in on]).reshape(N, 2)
    return np.column_stack([total / (H * W), *shares, width, strokes, holes])


takes(measures, {"X": "(N, H, W) in [0, 1], not empty"})


def _holes(on: np.ndarray) -> tuple[float, float]:
    """How many patches of paper the edge of a picture (H, W) does not reach, and how far down."""
    # A frame of paper joins all that reaches the edge, and is patch 1.
    patches, number = ndimage.label(np.pad(~on, 1, constant_values=True))
    inside = np.nonzero(patches > 1)[0]
    return number - 1, (inside.mean() - 0.5) / len(on) if len(inside) else 0.5


def written_rule(M: np.ndarray) -> np.ndarray:
    """Say which digit it is, by a rule that a person wrote.

    The first line that fits decides.

    Args:
        M: What `measures` measured, (N, 7).

    Returns:
        Digits from 0 to 9, (N,).

    Examples:
        >>> written_rule([[0.1, 0.5, 0.5, 15, 1.5, 2, 0.5]])  # two holes
        array([8])
    """
    _, left, top, _, strokes, holes, hole_at = M.T
    lines = [
        (holes >= 2, 8),
        ((holes == 1) & (hole_at < 0.45), 9),
        ((holes == 1) & (top < 0.44), 6),
        (holes == 1, 0),
        (strokes < 1.05, 1),
        (top > 0.53, 7),
        (strokes > 1.4, 4),
        (left > 0.45, 5),
        (top < 0.44, 2),
    ]
    return np.select(*zip(*lines, strict=True), default=3)


takes(written_rule, {"M": "(N, 7), not empty"})


def limits_say(V: np.ndarray, limits: np.ndarray, both: bool) -> np.ndarray:
    """Say "it is an 8" where two measures lie above their limits.

    Args:
        V: Two measures of each picture, (N, 2).
        limits: A limit for each, (2,).
        both: Whether both must lie above, or one is enough.

    Returns:
        True for an 8, (N,).

    Examples:
        >>> limits_say([[0.2, 1.0], [0.2, 2.0]], [0.1, 1.5], both=True)
        array([False,  True])
    """
    above = limits < V  # (N, 2)
    return above.all(axis=1) if both else above.any(axis=1)


takes(limits_say, {"V": "(N, 2), not empty", "limits": "(2,)", "both": "() of Booleans"})


def cut(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut the 5,000 digits of `data.mnist()` into 4,000 to learn from and 1,000 to be scored on.

    The first 100 of each class are always among the 4,000: the limits of `written_rule` were
    chosen on these. The 1,000 have 100 of each class.

    Args:
        seed: Chooses the 1,000 among the other 4,000.

    Returns:
        Where the digits stand, (4000,) and (1000,).
    """
    place = np.arange(5000).reshape(10, 500)
    rng = np.random.default_rng(seed)
    rest = rng.permuted(place[:, 100:], axis=1)
    return np.concatenate([place[:, :100], rest[:, 100:]], axis=1).ravel(), rest[:, :100].ravel()
