"""Sizes of data in words, curves of accuracy against examples, and the power law of an error."""

from collections.abc import Callable, Sequence

import numpy as np

from introdl.arguments import takes

#: Units of data, each 1,000 times the one before it.
UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte", "exabyte", "zettabyte"]


def human_size(count: int) -> str:
    """Say a number of bytes in the largest unit of which it holds at least one.

    Args:
        count: A whole number of bytes, at least 0.

    Returns:
        The number and its unit. What follows the third digit is cut off, not rounded.

    Raises:
        ValueError: If `count` is below 0 or no whole number.

    Examples:
        >>> human_size(3_920_000)
        '3.92 megabytes'
        >>> human_size(999)
        '999 bytes'
    """
    if isinstance(count, bool) or int(count) != count or count < 0:
        raise ValueError(f"human_size(): count is {count}, expected a whole number from 0 on")
    count, step = int(count), 0
    while step < len(UNITS) - 1 and count >= 1000 ** (step + 1):
        step += 1
    hundredths = 100 * count // 1000**step  # exact: a float would round 999,999 up to 1,000
    number = f"{hundredths // 100:,}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
    if hundredths >= 10_000:
        number = f"{hundredths // 100:,}"
    elif hundredths >= 1000:
        number = f"{hundredths // 10 / 10:.1f}".removesuffix(".0")
    return f"{number} {UNITS[step]}{'' if number == '1' else 's'}"


def border_room(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Find where a border on a line may lie that has all 0s on its left and all 1s on its right.

    Args:
        x: Places of the points, (N,).
        y: Their classes, 0 or 1, (N,); each class occurs.

    Returns:
        The last 0 and the first 1, (2,): every border between them divides the points.

    Raises:
        ValueError: If a class is missing, or a 0 lies at a 1 or to the right of it.
    """
    low, high = x[y == 0].max(), x[y == 1].min()
    if low >= high:
        raise ValueError(f"border_room(): a 0 at {low:g} is not left of the 1 at {high:g}")
    return np.array([low, high])


def _both(x: np.ndarray, y: np.ndarray) -> None:
    if len(np.unique(y)) < 2:
        raise ValueError("border_room(): y needs at least one 0 and one 1")


def learning_curve(
    answers: Callable[[np.ndarray, np.ndarray], np.ndarray],
    y: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    sizes: Sequence[int],
) -> np.ndarray:
    """Score a model that learns from the first n training examples, for each n in `sizes`.

    Args:
        answers: Learns from examples of these numbers, `rows` (n,), and labels those of the
            others, `asked` (M,): `answers(rows, asked)` is (M,).
        y: The label of each example, (N,).
        train: Numbers of the examples to learn from, (T,).
        test: Numbers of the examples to score on, (M,), none of them in `train`.
        sizes: How many to learn from, each from 1 to T.

    Returns:
        The share of the test examples that is right, one per size.

    Raises:
        ValueError: If an example is in both parts, or a size is too large or too small.
    """
    shares = []
    for n in sizes:
        said = answers(train[:n], test)
        if np.shape(said) != np.shape(test):
            raise ValueError(f"learning_curve(): {np.shape(said)} answers to {len(test)} examples")
        shares.append(np.mean(said == y[test]))
    return np.array(shares)


def _apart(
    y: np.ndarray, train: np.ndarray, test: np.ndarray, sizes: Sequence[int], **_: object
) -> None:
    for part in (train, test):
        outside = part[(part < 0) | (part >= len(y))]
        if len(outside):
            raise ValueError(f"learning_curve(): y has {len(y)} labels, no number {outside[0]}")
    if np.isin(test, train).any():
        raise ValueError("learning_curve(): an example to score on is among those to learn from")
    for n in sizes:
        if not 1 <= n <= len(train):
            raise ValueError(f"learning_curve(): size {n} is not from 1 to {len(train)}")


def fit_power_law(n: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Fit error = a n**(-b), by least squares on the logarithms.

    Args:
        n: Numbers of examples, (S,), above 0, at least two different ones.
        error: The error at each, (S,), above 0.

    Returns:
        a and b, (2,).
    """
    u, v = np.log(n), np.log(error)
    away = u - u.mean()
    slope = np.sum(away * (v - v.mean())) / np.sum(away**2)
    return np.array([np.exp(v.mean() - slope * u.mean()), -slope])


def _positive(n: np.ndarray, error: np.ndarray) -> None:
    if (n <= 0).any() or (error <= 0).any():
        raise ValueError("fit_power_law(): n and error must be above 0, a logarithm needs that")
    if len(np.unique(n)) < 2:
        raise ValueError("fit_power_law(): n needs at least two different numbers")


takes(border_room, {"x": "(N,)", "y": "(N,) of 0 and 1"}, also=_both)
takes(
    learning_curve,
    {
        "y": "(N,) of integers",
        "train": "(T,) of integers, not empty",
        "test": "(M,) of integers, not empty",
    },
    also=_apart,
)
takes(fit_power_law, {"n": "(S,), not empty", "error": "(S,)"}, also=_positive)
