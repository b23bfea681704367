"""Add up vectors that several workers hold, by passing pieces round a ring; and what it costs."""

from collections.abc import Iterator

import numpy as np

from introdl.arguments import takes


def ring_steps(
    vectors: np.ndarray,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Run an all-reduce on a ring, and yield the state after each round.

    Each worker's vector is cut into P pieces. In P - 1 rounds of
    reduce-scatter every worker sends one piece to its neighbour, which adds
    it; then each worker holds one finished piece. In P - 1 rounds of
    all-gather the finished pieces travel on, and replace what they meet.

    Source: Patarasuk & Yuan (2009), section 3.

    Args:
        vectors: One row for each worker, (P, n) float.

    Yields:
        What the workers hold, (P, n), and how many numbers each has sent so
        far, (P,) int.

    Raises:
        ValueError: If `vectors` is not a matrix with at least one row.
    """
    P, n = vectors.shape
    pieces = [slice(n * i // P, n * (i + 1) // P) for i in range(P)]
    held, sent = vectors.copy(), np.zeros(P, dtype=int)
    for step in range(2 * (P - 1)):
        for r in range(P):
            # No worker sends the piece that it receives in this round, so
            # any order is the same.
            receiver, piece = (r + 1) % P, pieces[(r - step) % P]
            if step < P - 1:  # reduce-scatter
                held[receiver, piece] += held[r, piece]
            else:  # all-gather
                held[receiver, piece] = held[r, piece]
            sent[r] += piece.stop - piece.start
        yield held.copy(), sent.copy()


def ring_all_reduce(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give every worker the sum of all workers' vectors, by `ring_steps`.

    Args:
        vectors: One row for each worker, (P, n) float.

    Returns:
        What each worker holds in the end, (P, n): the same row P times; and how many numbers
        each has sent, (P,) int: 2 (P - 1) / P of n where P divides n.

    Examples:
        >>> total, sent = ring_all_reduce(np.array([[1.0, 2.0], [10.0, 20.0]]))
        >>> total
        array([[11., 22.],
               [11., 22.]])
        >>> sent
        array([2, 2])
    """
    alone = vectors.copy(), np.zeros(len(vectors), dtype=int)  # one worker needs no round
    *_, (total, sent) = [alone, *ring_steps(vectors)]
    return total, sent


def ring_seconds(
    size: float,
    workers: int,
    bandwidth: float,
    latency: float = 0.0,
) -> float:
    """Compute how long an all-reduce on a ring takes, by alpha and beta.

    Source: Hockney (1994) for the model, Patarasuk & Yuan (2009).

    Args:
        size: Bytes to add up.
        workers: Number of workers, P.
        bandwidth: What a worker can send, in bytes a second, while it
            receives as much.
        latency: Seconds that a message takes however short it is.

    Examples:
        >>> ring_seconds(8e9, workers=4, bandwidth=1e9)
        12.0
    """
    return 2 * (workers - 1) * (latency + size / workers / bandwidth)


def fit_alpha_beta(sizes: np.ndarray, seconds: np.ndarray) -> tuple[float, float]:
    """Fit seconds = alpha + size / bandwidth to measurements, by least squared relative error.

    Args:
        sizes: Message sizes in bytes, (K,).
        seconds: How long each took, (K,).

    Returns:
        alpha in seconds, and the bandwidth in bytes a second.

    Raises:
        ValueError: If fewer than two sizes differ, or a time is not positive.
    """
    if len(np.unique(sizes)) < 2 or not (seconds > 0).all():
        raise ValueError("fit_alpha_beta(): expected two sizes or more, and times above 0")
    # Scaled so that both columns are of the order of 1: bytes are large, seconds small.
    columns = np.column_stack([1 / seconds, sizes / sizes.max() / seconds])  # (K, 2)
    alpha, per_largest = np.linalg.lstsq(columns, np.ones(len(sizes)), rcond=None)[0]
    return float(alpha), float(sizes.max() / per_largest)


def efficiency(
    compute: float,
    communication: float,
    overlap: bool = False,
) -> float:
    """Compute the share of a step that is spent on arithmetic.

    Args:
        compute: Seconds of arithmetic in a step of one worker.
        communication: Seconds of its all-reduce.
        overlap: Whether the all-reduce runs during the backward pass, two
            thirds of `compute`, and only what does not fit there is waited
            for. That is the best case: the last gradients are ready only
            when the backward pass ends.

    Examples:
        >>> efficiency(3.0, 1.0), efficiency(3.0, 1.0, overlap=True)
        (0.75, 1.0)
    """
    hidden = 2 / 3 * compute if overlap else 0.0
    return compute / (compute + max(0.0, communication - hidden))


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(ring_steps, {"vectors": "(P, n) of integers or floats, not empty"})
takes(ring_all_reduce, {"vectors": "(P, n) of integers or floats, not empty"})
takes(fit_alpha_beta, {"sizes": "(K,)", "seconds": "(K,)"})
