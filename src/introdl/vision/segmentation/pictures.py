"""Synthetic pictures with known masks: real digits, written on patches of real photographs."""

import numpy as np

from introdl.arguments import takes


def patches(photograph: np.ndarray, count: int, side: int = 28, seed: int = 0) -> np.ndarray:
    """Cut squares from a photograph, at places drawn by lot.

    Args:
        photograph: Brightness, (H, W).
        count: How many squares, 1 or more.
        side: Pixels along a side of a square, (1 to H and W).
        seed: Of the places.

    Returns:
        The squares, (count, side, side).

    Raises:
        ValueError: If no square fits, or none is asked for.

    Examples:
        >>> patches(np.ones((40, 50)), 3).shape
        (3, 28, 28)
    """
    rng = np.random.default_rng(seed)
    all_squares = np.lib.stride_tricks.sliding_window_view(photograph, (side, side))
    top, left = (rng.integers(n, size=count) for n in all_squares.shape[:2])
    return all_squares[top, left]


def write_on(paper: np.ndarray, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Write digits in dark ink, through which the paper shows.

    Args:
        paper: Brightness, (N, H, W) in [0, 1].
        digits: Ink, (N, H, W) in [0, 1].

    Returns:
        The pictures, which full ink has darkened to three tenths, (N, H, W), and their masks: 1
        where there is more than half ink, else 0.

    Raises:
        ValueError: If the shapes differ, or a value leaves [0, 1].

    Examples:
        >>> write_on(np.full((1, 1, 2), 0.5), np.array([[[0, 1]]]))
        (array([[[0.5 , 0.15]]]), array([[[0, 1]]]))
    """
    return paper * (1 - 0.7 * digits), (digits > 0.5).astype(int)


def _fits(photograph: np.ndarray, count: int, side: int, **_: object) -> None:
    if count < 1 or not 1 <= side <= min(photograph.shape):
        raise ValueError(
            f"patches(): count = {count} and side = {side} must be 1 or more, and the square must "
            f"fit into the photograph, {photograph.shape}"
        )


takes(patches, {"photograph": "(H, W), not empty"}, also=_fits)
takes(write_on, {"paper": "(N, H, W) in [0, 1]", "digits": "(N, H, W) in [0, 1]"})
