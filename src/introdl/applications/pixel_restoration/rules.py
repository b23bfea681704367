"""Simple rules that double a picture's size, and the score that compares a guess with the truth."""

from __future__ import annotations

import numpy as np

from introdl.arguments import takes

#: What four pixels in a row count for a place a quarter of a pixel after the second one.
TAPS = np.array([-27, 225, 67, -9]) / 256
SIDE = 5  # of the window that a learned filter sees


def shrink(picture: np.ndarray) -> np.ndarray:
    """Average each 2 × 2 block of a picture, (H, W): (H/2, W/2).

    Raises:
        ValueError: If a side is odd.

    Examples:
        >>> shrink(np.array([[1, 0], [0, 1]]))
        array([[0.5]])
    """
    h, w = picture.shape[0] // 2, picture.shape[1] // 2
    return picture.reshape(h, 2, w, 2).mean(axis=(1, 3))


def nearest(small: np.ndarray) -> np.ndarray:
    """Repeat each pixel of a picture, (h, w), in a square of 2 × 2: (2h, 2w).

    Examples:
        >>> nearest(np.array([[3]]))
        array([[3., 3.],
               [3., 3.]])
    """
    return small.repeat(2, axis=0).repeat(2, axis=1)


def psnr(truth: np.ndarray, guess: np.ndarray) -> float:
    """Score a guess in decibels; 10 more mean a tenth of the squared error.

    Args:
        truth: Brightness from 0 to 1, any shape.
        guess: The same shape.

    Returns:
        The peak signal-to-noise ratio; infinite if both are equal.

    Raises:
        ValueError: If the shapes differ, or there is no pixel.

    Examples:
        >>> psnr(np.array([0.5, 0.5]), np.array([0.4, 0.6]))
        20.0
    """
    error = np.mean((truth - guess) ** 2)
    return float(-10 * np.log10(error)) if error else float("inf")


def bicubic(small: np.ndarray) -> np.ndarray:
    """Double a picture, (h, w), with cubic curves through its pixels: (2h, 2w).

    The curve's free number is -3/4, as in PyTorch; beyond an edge, its last pixel is repeated.

    Source: Keys (1981), "Cubic convolution interpolation for digital image processing".

    Examples:
        >>> bicubic(np.full((1, 1), 0.5))
        array([[0.5, 0.5],
               [0.5, 0.5]])
    """
    return _double(_double(small).T).T


def _double(small: np.ndarray) -> np.ndarray:
    """Double the rows: one a quarter of a pixel before each, one a quarter after it."""
    n = len(small)
    padded = np.pad(small, ((2, 2), (0, 0)), mode="edge")
    large = np.empty((2 * n, small.shape[1]))
    large[0::2] = sum(t * padded[k : k + n] for k, t in enumerate(TAPS[::-1]))
    large[1::2] = sum(t * padded[k + 1 : k + 1 + n] for k, t in enumerate(TAPS))
    return large


def _windows(small: np.ndarray) -> np.ndarray:
    """Give the 25 pixels around each one, (..., h, w, 25); an edge's last pixel is repeated."""
    reach = SIDE // 2
    wide = [(0, 0)] * (small.ndim - 2) + [(reach, reach)] * 2
    padded = np.pad(small, wide, mode="edge")
    seen = np.lib.stride_tricks.sliding_window_view(padded, (SIDE, SIDE), axis=(-2, -1))
    return seen.reshape(*small.shape, SIDE**2)


def learn_filter(squares: np.ndarray) -> np.ndarray:
    """Learn how to weigh 5 × 5 small pixels for each of the four pixels that became the middle one.

    It is the least-squares answer over all places whose window lies within its square.

    Args:
        squares: Parts of pictures in full size, (N, H, W), both sides even and at least 10.

    Returns:
        Weights, (25, 4): for the pixel at the upper left, upper right, lower left and lower right.

    Raises:
        ValueError: If a side is odd or too small.
    """
    n, h, w = len(squares), squares.shape[1] // 2, squares.shape[2] // 2
    blocks = squares.reshape(n, h, 2, w, 2).swapaxes(2, 3)  # (N, h, w, 2, 2)
    inside = np.s_[:, 2:-2, 2:-2]
    A = _windows(blocks.mean(axis=(3, 4)))[inside].reshape(-1, SIDE**2)
    b = blocks[inside].reshape(-1, 4)
    return np.linalg.lstsq(A.T @ A, A.T @ b)[0]  # the shortest, where several are best


def apply_filter(small: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Double a picture, (h, w), with four weighted sums per pixel, (25, 4): (2h, 2w)."""
    h, w = small.shape
    blocks = (_windows(small) @ weights).reshape(h, w, 2, 2)
    return blocks.swapaxes(1, 2).reshape(2 * h, 2 * w)


def agree(guess: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Shift each 2 × 2 block of a guess, so that its mean is the small pixel.

    Args:
        guess: A picture in full size, (2h, 2w).
        small: What is known of it, (h, w).

    Returns:
        The nearest picture to the guess of which `small` is the shrunk one, (2h, 2w).

    Raises:
        ValueError: If the guess is not twice as high and wide.
    """
    return guess + nearest(small - shrink(guess))


def _even(picture: np.ndarray) -> None:
    if any(side % 2 for side in picture.shape):
        raise ValueError(f"shrink(): picture has shape {picture.shape}, both sides must be even")


def _wide(squares: np.ndarray) -> None:
    if any(side % 2 or side < 10 for side in squares.shape[1:]):
        raise ValueError(
            f"squares has shape {squares.shape}; both sides must be even and at least 10"
        )


def _twice(guess: np.ndarray, small: np.ndarray) -> None:
    wanted = tuple(2 * side for side in small.shape)
    if guess.shape != wanted:
        raise ValueError(f"agree(): guess has shape {guess.shape}, expected {wanted}")


def _alike(truth: np.ndarray, guess: np.ndarray) -> None:
    if np.shape(truth) != np.shape(guess):
        raise ValueError(f"psnr(): truth has shape {np.shape(truth)}, guess {np.shape(guess)}")


_SMALL = {"small": "(h, w), not empty"}
takes(shrink, {"picture": "(H, W), not empty"}, also=_even)
takes(nearest, _SMALL)
takes(psnr, {"truth": "(...), not empty", "guess": "(...), not empty"}, also=_alike)
takes(bicubic, _SMALL)
takes(learn_filter, {"squares": "(N, H, W), not empty"}, also=_wide)
takes(apply_filter, {**_SMALL, "weights": "(25, 4)"})
takes(agree, {"guess": "(H, W), not empty", **_SMALL}, also=_twice)
