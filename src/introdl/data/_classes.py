"""Choose the examples of some classes."""

from __future__ import annotations

import numpy as np


def mask(function: str, y: np.ndarray, classes: tuple[int, ...]) -> np.ndarray:
    """Which of the labels `y` (N,) are of `classes`, (N,) bool; all when none is named.

    Raises:
        ValueError: If a class is not among the labels; the message begins with `function`.
    """
    known = np.unique(y).tolist()
    for wanted in classes:
        if wanted not in known:
            raise ValueError(
                f"{function}(): no class {wanted!r}; there are {', '.join(map(str, known))}"
            )
    return np.isin(y, classes) if classes else np.ones(len(y), dtype=bool)
