"""Paint out the pixels that a map names first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Paint out")


@exercise.solution
def paint_out(picture: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Set the `count` pixels with the largest values to 0, in a copy.

    Args:
        picture: The picture, (H, W).
        values: A number for each pixel, all different, (H, W).
        count: How many pixels to paint out.

    Returns:
        (H, W).
    """
    flat = picture.flatten()  # a copy
    first = np.argsort(-values.flatten())[:count]
    flat[first] = 0
    return flat.reshape(picture.shape)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "a picture of 2 × 2, one pixel",
        np.array([[0.2, 0.9], [0.5, 0.7]]),
        np.array([[3.0, -1.0], [2.0, -5.0]]),
        1,
        hint="The largest value is 3, upper left. That pixel becomes 0, the others stay.",
    )
    for shape, count in (((3, 4), 5), ((5, 2), 3), ((4, 4), 0)):
        yield Case(
            f"{shape[0]} × {shape[1]} pixels, {count} of them",
            0.1 + 0.8 * rng.random(shape),
            rng.permutation(np.arange(shape[0] * shape[1]) - 6.5).reshape(shape),
            count,
            hint="Print the values of the pixels that became 0, and the largest of the others.",
        )


def _gone(picture: np.ndarray, order: np.ndarray, count: int, ink: float = 0.0) -> np.ndarray:
    """Paint the first pixels of an order."""
    flat = picture.flatten()
    flat[order.flatten()[:count]] = ink
    return flat.reshape(picture.shape)


@exercise.wrong("You paint out the pixels with the smallest values; take the largest.")
def smallest(picture: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Forget the minus."""
    return _gone(picture, np.argsort(values.flatten()), count)


@exercise.wrong("You count a large negative value as large; the sign matters here.")
def by_size(picture: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Take the size."""
    return _gone(picture, np.argsort(-np.abs(values.flatten())), count)


@exercise.wrong("The pixels become 1, which is ink; paper is 0.")
def with_ink(picture: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Paint ink."""
    return _gone(picture, np.argsort(-values.flatten()), count, 1.0)


@exercise.wrong("You keep the pixels that the map names and paint out the others; do the opposite.")
def kept(picture: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Keep what is named."""
    return picture - _gone(picture, np.argsort(-values.flatten()), count)


@exercise.wrong("You paint out the darkest pixels; look at the map, not the picture.")
def darkest(picture: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Ask the picture."""
    return _gone(picture, np.argsort(-picture.flatten()), count)
