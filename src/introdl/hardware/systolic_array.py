"""A systolic array, as in a TPU: cells that hand numbers on to their neighbours."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from introdl.arguments import fits_64_bits, takes


class Cycle(NamedTuple):
    """What the registers of an S×S array hold after one tick of the clock.

    Attributes:
        weights: The weight that stays in each cell, (S, S).
        inputs: The input that each cell got from its left neighbour, (S, S).
        sums: The sum that each cell hands down, (S, S).
        done: Row and column of the results that left the array in this cycle, (n, 2).
        values: Those results, (n,).
    """

    weights: np.ndarray
    inputs: np.ndarray
    sums: np.ndarray
    done: np.ndarray
    values: np.ndarray


def systolic_cycles(A: np.ndarray, W: np.ndarray) -> Iterator[Cycle]:
    """Multiply (M, S) by (S, S), and yield the state of the array at each of its M + 3S - 1 cycles.

    Row k of the array gets column k of A, one number a cycle and k cycles late, so that a number
    meets the sum that it belongs to. Source: Kung (1982); Jouppi et al. (2017), section 2.

    Args:
        A: Inputs, (M, S).
        W: Weights, (S, S).

    Yields:
        S cycles that load the weights, then those that compute.

    Raises:
        ValueError: If `W` is not square, or `A` has not one column for each of its rows.
    """
    M, S = A.shape
    line = np.arange(S)  # rows or columns of the array
    kind = np.result_type(A, W)
    weights, inputs, sums = (np.zeros((S, S), kind) for _ in range(3))
    nothing = np.zeros((0, 2), int), np.zeros(0, kind)
    for row in W[::-1]:
        weights = np.vstack([row, weights[:-1]])  # each row moves down by one cell
        yield Cycle(weights, inputs, sums, *nothing)
    for t in range(M + 2 * S - 1):
        # What the bottom row held leaves the array: in column j, the result of row t - S - j.
        m = t - S - line
        leaves = (m >= 0) & (m < M)
        done, values = np.column_stack([m, line])[leaves], sums[-1, leaves]
        # Inputs move right, sums move down and grow.
        m = t - line
        entering = np.where((m >= 0) & (m < M), A[m.clip(0, M - 1), line], 0)
        inputs = np.column_stack([entering, inputs[:, :-1]])
        sums = np.vstack([np.zeros(S, kind), sums[:-1]]) + weights * inputs
        yield Cycle(weights, inputs, sums, done, values)


class Product(NamedTuple):
    """A product, and what it took.

    Attributes:
        result: A @ W, (M, N).
        cycles: Ticks of the clock.
        reads: Numbers read from memory, the zeros that fill up tiles included: each weight
            once, each input once for each tile that it meets.
        utilisation: The share of all cells' cycles that did a multiplication of the product.
    """

    result: np.ndarray
    cycles: int
    reads: int
    utilisation: float


def systolic_matmul(A: np.ndarray, W: np.ndarray, S: int) -> Product:
    """Multiply matrices of any shape on an S×S array, one tile of the weights after another.

    Args:
        A: Inputs, (M, K). Integers are summed in 64 bits.
        W: Weights, (K, N).
        S: Side of the array.

    Raises:
        ValueError: If the shapes do not fit, a side is 0, or `S` is less than 1.

    Examples:
        >>> A, W = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
        >>> product = systolic_matmul(A, W, S=2)
        >>> (product.result == A @ W).all(), product.cycles
        (np.True_, 28)
    """
    if S < 1:
        raise ValueError(f"systolic_matmul(): S must be at least 1, got {S}")
    (M, K), N = A.shape, W.shape[1]
    A = np.pad(A, [(0, 0), (0, -K % S)])
    W = np.pad(W, [(0, -K % S), (0, -N % S)])
    result = np.zeros((M, W.shape[1]), np.result_type(A, W))
    cycles = reads = 0
    for k in range(0, W.shape[0], S):
        for n in range(0, W.shape[1], S):
            tile, part = W[k : k + S, n : n + S], result[:, n : n + S]
            for cycle in systolic_cycles(A[:, k : k + S], tile):
                part[tuple(cycle.done.T)] += cycle.values
                cycles += 1
            reads += tile.size + M * S
    return Product(result[:, :N], cycles, reads, M * K * N / (S * S * cycles))


def predicted_cycles(M: int, K: int, N: int, S: int) -> int:
    """What the count must be: tiles · (M + 3S - 1)."""
    tiles = -(-K // S) * -(-N // S)
    return tiles * (M + 3 * S - 1)


def quantize(X: np.ndarray) -> tuple[np.ndarray, float]:
    """Round to 8-bit integers: X is about `scale` times the integers.

    Args:
        X: Numbers, not all of them 0.

    Returns:
        Integers in [-127, 127], int8 of the same shape, and the scale.

    Raises:
        ValueError: If every number is 0, or one is not finite.
    """
    largest = float(np.abs(X).max())
    scale = largest / 127
    if scale == 0:
        raise ValueError(f"quantize(): the largest magnitude is {largest}; expected a positive one")
    return np.rint(X / scale).astype(np.int8), scale


def _check_sums(A: np.ndarray, W: np.ndarray, **_: object) -> None:
    if A.dtype.kind == W.dtype.kind == "i":
        largest = float(np.abs(A).max(initial=0)) * np.abs(W).max(initial=0)
        fits_64_bits("systolic_matmul", len(W) * largest)


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(
    systolic_cycles,
    {"A": "(M, S) of integers or floats, not empty", "W": "(S, S) of integers or floats"},
    also=_check_sums,
)
takes(
    systolic_matmul,
    {
        "A": "(M, K) of integers or floats, not empty",
        "W": "(K, N) of integers or floats, not empty",
        "S": "()",
    },
    also=_check_sums,
)
takes(quantize, {"X": "(...), not empty"})
