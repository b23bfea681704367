"""The FLOP that it takes to train a network on one image."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Count a network")


def _forward(layers: np.ndarray) -> np.ndarray:
    side, channels, products = layers.T
    return 2 * side**2 * channels * products


@exercise.solution
def training_flops(layers: np.ndarray) -> float:
    """Count the FLOP to train on one image.

    Args:
        layers: For each layer the side of its square output, its channels, and the products that
            each of its numbers sums, (L, 3); the layer at the pixels comes first.

    Returns:
        Additions and multiplications, forward and backward.
    """
    forward = _forward(layers)
    return float(3 * forward.sum() - forward[0])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one dense layer: 10 numbers, each of 512 products",
        np.array([[1, 10, 512]]),
        hint="Forward 2 · 10 · 512 = 10,240. It is the first layer, so training takes twice that.",
    )
    yield Case(
        "two layers",
        np.array([[30, 32, 288], [1, 10, 28800]]),
        hint="Forward 16,588,800 and 576,000. Three times their sum, less the first once.",
    )
    for L in (3, 6):
        yield Case(
            f"{L} random layers",
            np.column_stack(
                [
                    rng.integers(5, 33, size=L),
                    rng.integers(8, 65, size=L),
                    rng.integers(9, 600, size=L),
                ]
            ),
            hint="The output has side · side · channels numbers.",
        )


@exercise.wrong("You count multiplications only. Each product is also added: two FLOP.")
def products_only(layers: np.ndarray) -> float:
    """Forget the additions."""
    return training_flops(layers) / 2


@exercise.wrong(
    "You count the slopes of the pixels, which nobody needs: the first layer, once less."
)
def first_too(layers: np.ndarray) -> float:
    """Count three passes for each layer."""
    return float(3 * _forward(layers).sum())


@exercise.wrong("That is the forward pass. Training needs about three times as much.")
def forward_only(layers: np.ndarray) -> float:
    """Count the forward pass."""
    return float(_forward(layers).sum())


@exercise.wrong(
    "You count one backward pass as large as the forward one. It has two parts: the slopes of the "
    "weights and those of the inputs."
)
def twice(layers: np.ndarray) -> float:
    """Forget the slopes of the inputs."""
    return float(2 * _forward(layers).sum())


@exercise.wrong("The output of a layer is a square: side · side numbers in each channel.")
def one_row(layers: np.ndarray) -> float:
    """Take the side once."""
    side, channels, products = layers.T
    forward = 2 * side * channels * products
    return float(3 * forward.sum() - forward[0])


@exercise.wrong(
    "You leave out the last layer's slopes. It is the first layer that needs one pass less."
)
def last_less(layers: np.ndarray) -> float:
    """Subtract the last layer."""
    forward = _forward(layers)
    return float(3 * forward.sum() - forward[-1])
