"""One kernel of a second layer: it looks at all maps before it at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise
from introdl.vision.convolution import conv2d

exercise = Exercise("One kernel over several maps")


@exercise.solution
def deep_kernel(maps: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    """Slide one kernel over C maps at once, add its bias, and replace negative numbers with 0.

    Args:
        maps: The maps that the kernel gets, (C, H, W).
        kernel: One slice of weights per map, (C, n, n).
        bias: One number for the kernel.

    Returns:
        One map, (H − n + 1, W − n + 1).
    """
    n = kernel.shape[1]
    height, width = maps.shape[1] - n + 1, maps.shape[2] - n + 1
    answers = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            patch = maps[:, i : i + n, j : j + n]
            answers[i, j] = max(0, (patch * kernel).sum() + bias)
    return answers


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the two maps of the lesson, one place",
        np.array([[[3.0, 2.0], [0.0, 6.0]], [[0.0, 4.0], [1.0, 0.0]]]),
        np.array([[[1.0, -1.0], [2.0, 0.0]], [[2.0, 1.0], [-1.0, 0.0]]]),
        -1.0,
        hint="The first map gives 1, the second 3. With the bias, the answer is 3.",
    )
    for what, shape, n, bias in (
        ("three maps of 4 × 5, a kernel of 2 × 2", (3, 4, 5), 2, 0.7),
        ("six maps of 7 × 6, a kernel of 3 × 3", (6, 7, 6), 3, -0.4),
        ("one map of 5 × 5, a kernel of 3 × 3", (1, 5, 5), 3, 0.2),
    ):
        yield Case(
            what,
            rng.normal(size=shape),
            rng.normal(size=(shape[0], n, n)),
            bias,
            hint="Print, for one place, the sum of each map's products, their total, and the total "
            "with the bias.",
        )


def _sums(maps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The sums of each map by itself, (C, H', W')."""
    found = [conv2d(m[None, None], k[None, None], np.zeros(1)) for m, k in zip(maps, kernel)]  # noqa: B905 - a reader's shapes may differ
    return np.concatenate(found)[:, 0]


@exercise.wrong("You use only the first map; the products of all maps go into one sum.")
def first_map(maps: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    """Look at one map."""
    return np.maximum(0, _sums(maps, kernel)[0] + bias)


@exercise.wrong("You add the bias once per map; the kernel has only one bias.")
def bias_for_each(maps: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    """Add the bias for each map."""
    return np.maximum(0, (_sums(maps, kernel) + bias).sum(axis=0))


@exercise.wrong("The bias is missing.")
def no_bias(maps: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    """Forget the bias."""
    return np.maximum(0, _sums(maps, kernel).sum(axis=0))


@exercise.wrong("Some answers are negative; at the end, negative numbers become 0.")
def no_relu(maps: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    """Forget the ReLU."""
    return _sums(maps, kernel).sum(axis=0) + bias


@exercise.wrong("You set each map's negative sum to 0; add up all maps and the bias first.")
def relu_too_early(maps: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    """Bend each map's sum."""
    return np.maximum(0, np.maximum(0, _sums(maps, kernel)).sum(axis=0) + bias)


@exercise.wrong(
    "The kernel is rotated by 180 degrees; here it lies on the patch without being rotated."
)
def turned(maps: np.ndarray, kernel: np.ndarray, bias: float) -> np.ndarray:
    """Flip the kernel."""
    return np.maximum(0, _sums(maps, kernel[:, ::-1, ::-1]).sum(axis=0) + bias)
