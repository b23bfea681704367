"""What a product costs on a systolic array: cycles, and the share of the cells that works."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Count the tiles")


def _cost(tiles: int, cycles_each: int, products: int, cells: int) -> np.ndarray:
    cycles = tiles * cycles_each
    return np.array([cycles, products / (cells * cycles)])


def _tiles(K: int, N: int, S: int) -> int:
    return -(-K // S) * -(-N // S)


@exercise.solution
def cost(M: int, K: int, N: int, S: int) -> np.ndarray:
    """Count what the product of an (M, K) and a (K, N) matrix costs on an S×S array.

    Args:
        M: Rows of inputs.
        K: Rows of the weights.
        N: Columns of the weights.
        S: Side of the array.

    Returns:
        The cycles, and the share of the cells' cycles that multiplies for the product, (2,).
    """
    return _cost(_tiles(K, N, S), M + 3 * S - 1, M * K * N, S * S)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "the example of the page: 4 rows, weights 3×3, side 3",
        4,
        3,
        3,
        3,
        hint="One tile of 4 + 9 − 1 = 12 cycles; each of the 9 cells works in 4 of them.",
    )
    yield Case(
        "one row, one tile",
        1,
        2,
        2,
        2,
        hint="One tile of 1 + 6 − 1 = 6 cycles.",
    )
    yield Case(
        "weights 4×3 on side 3",
        5,
        4,
        3,
        3,
        hint="Four rows of weights do not fit into three: there are two tiles.",
    )
    yield Case(
        "weights 4×4 on side 3",
        5,
        4,
        4,
        3,
        hint="Two tiles in each direction make four.",
    )
    for _ in range(4):
        S = int(rng.integers(4, 9))
        yield Case(
            f"random sizes, side {S}",
            int(rng.integers(2, 60)),
            int(rng.integers(2, 6)) * S + int(rng.integers(1, S)),
            int(rng.integers(2, 6)) * S + int(rng.integers(1, S)),
            S,
            hint="Round K / S and N / S up separately.",
        )


@exercise.wrong("You round the number of tiles down. What does not fill a tile also needs one.")
def rounds_down(M: int, K: int, N: int, S: int) -> np.ndarray:
    """Leave out the tiles that are not full."""
    return _cost(max(K // S, 1) * max(N // S, 1), M + 3 * S - 1, M * K * N, S * S)


@exercise.wrong("You left out the S cycles in which the weights of each tile move in.")
def no_loading(M: int, K: int, N: int, S: int) -> np.ndarray:
    """Forget that the weights have to be loaded."""
    return _cost(_tiles(K, N, S), M + 2 * S - 1, M * K * N, S * S)


@exercise.wrong(
    "Your tiles are beside each other in one direction only. Weights are cut along K and along N."
)
def one_direction(M: int, K: int, N: int, S: int) -> np.ndarray:
    """Cut along the rows only."""
    return _cost(-(-K // S), M + 3 * S - 1, M * K * N, S * S)


@exercise.wrong(
    "Your share counts every cell in M cycles of each tile. Products with the zeros that fill up "
    "a tile do not count: M · K · N multiplications belong to the product."
)
def zeros_count(M: int, K: int, N: int, S: int) -> np.ndarray:
    """Count the products with filled-up zeros as work."""
    tiles = _tiles(K, N, S)
    return _cost(tiles, M + 3 * S - 1, tiles * M * S * S, S * S)


@exercise.wrong("The S − 1 last cycles are missing: the last result comes out at M + 3S − 1.")
def one_short(M: int, K: int, N: int, S: int) -> np.ndarray:
    """Stop when the first column is done."""
    return _cost(_tiles(K, N, S), M + 2 * S, M * K * N, S * S)
