"""Synthetic points that a line separates."""

from __future__ import annotations

import numpy as np


def separable(
    n: int, *, dim: int = 2, margin: float = 0.1, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw synthetic points that a line through the origin separates with a known margin.

    Args:
        n: How many points to return.
        dim: How many inputs each has.
        margin: Every point is at least this far from the separating plane; below 0.5.
        rng: Source of randomness.

    Returns:
        Points in [-1, 1]^dim, (n, dim), and labels -1 or +1, (n,).
    """
    if not 0 <= margin < 0.5:
        raise ValueError(f"separable(): margin must be in [0, 0.5), got {margin}")
    normal = rng.normal(size=dim)
    normal /= np.linalg.norm(normal)
    kept = np.empty((0, dim))
    while len(kept) < n:
        X = rng.uniform(-1, 1, size=(2 * n, dim))
        kept = np.vstack([kept, X[np.abs(X @ normal) >= margin]])
    X = kept[:n]
    return X, np.where(X @ normal > 0, 1, -1)
