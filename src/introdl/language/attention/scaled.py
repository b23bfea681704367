"""Scaled dot-product attention, forward and backward by hand, and its masks.

Source: Vaswani et al. (2017), "Attention is all you need", section 3.2.1. T queries look at S
words. A mask is True where a query may look, as PyTorch's `scaled_dot_product_attention` has it;
the masks of `torch.nn.MultiheadAttention` are the other way round.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from introdl.arguments import takes
from introdl.networks.activations import softmax, softmax_backward


def attend(
    Q: np.ndarray, K: np.ndarray, V: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mix values by scaled dot-product attention (Vaswani et al., equation 1).

    Args:
        Q: Queries, (..., T, D).
        K: Keys, (..., S, D).
        V: Values, (..., S, M).
        mask: True where a query may look, (T, S) or (..., T, S) Boolean; None for everywhere.

    Returns:
        The mixed values, (..., T, M), and the shares, (..., T, S).

    Raises:
        ValueError: If a shape does not fit, a number is not finite, or a query may look nowhere.
    """
    scores = Q @ K.mT / np.sqrt(Q.shape[-1])  # (..., T, S)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    shares = softmax(scores)
    return shares @ V, shares


def attend_backward(
    dO: np.ndarray, Q: np.ndarray, K: np.ndarray, V: np.ndarray, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the gradient of the mixed values into those of queries, keys and values.

    Args:
        dO: Gradient of the mixed values, (..., T, M).
        Q: Queries, (..., T, D).
        K: Keys, (..., S, D).
        V: Values, (..., S, M).
        shares: As `attend` gave them, (..., T, S); a mask shows as a share of 0.

    Returns:
        dQ, dK and dV, in the shapes of `Q`, `K` and `V`.

    Raises:
        ValueError: If a shape does not fit, or a number is not finite.
    """
    dscores = softmax_backward(dO @ V.mT, shares) / np.sqrt(Q.shape[-1])  # (..., T, S)
    return dscores @ K, dscores.mT @ Q, shares.mT @ dO


def causal_mask(n_steps: int) -> np.ndarray:
    """Let step t look at steps up to t: (T, T) Boolean.

    Examples:
        >>> causal_mask(3).astype(int).tolist()
        [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    return np.tri(n_steps, dtype=bool)


def padding_mask(lengths: np.ndarray, longest: int) -> np.ndarray:
    """Let every query look at real words, and at none that fill a short sentence up.

    Args:
        lengths: Words of each sentence, (N,) integers from 1 to `longest`.
        longest: Words of a filled sentence, S.

    Returns:
        True for a real word, (N, 1, S).

    Raises:
        ValueError: If a length is not from 1 to `longest`.

    Examples:
        >>> padding_mask(np.array([1, 3]), 3).astype(int).tolist()
        [[[1, 0, 0]], [[1, 1, 1]]]
    """
    if lengths.size and not 1 <= lengths.min() <= lengths.max() <= longest:
        raise ValueError(f"padding_mask(): lengths must be from 1 to {longest}, got {lengths}")
    return np.arange(longest) < lengths[:, None, None]


def check_mask(mask: object, shape: tuple[int, ...]) -> None:
    """Refuse a mask that does not fit the scores, or leaves a query nothing to look at.

    Raises:
        TypeError: If it is no array of Booleans.
        ValueError: If it does not fit `shape`, (..., T, S), or a row of it is all False.
    """
    if mask is None:
        return
    if not isinstance(mask, np.ndarray) or mask.dtype != bool:
        raise TypeError(f"attention: mask must be an array of Booleans, got {mask!r:.60}")
    try:
        broadcast = np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"attention: mask has shape {mask.shape}, expected {shape}") from None
    if not broadcast.any(axis=-1).all():
        raise ValueError("attention: mask leaves a query without any word to look at")


def check_batch(mask: object = None, **arrays: Any) -> None:
    """Refuse queries, keys and values of different batches, and a mask that does not fit.

    Raises:
        TypeError: If the mask is no array of Booleans.
        ValueError: If the axes before the last two differ, or the mask does not fit.
    """
    shapes = {name: array.shape for name, array in arrays.items()}
    if len({shape[:-2] for shape in shapes.values()}) > 1:
        raise ValueError(f"attention: shapes differ before their last two axes: {shapes}")
    check_mask(mask, (*shapes["Q"][:-1], shapes["K"][-2]))


_MIX = {"Q": "(..., T, D), not empty", "K": "(..., S, D), not empty", "V": "(..., S, M)"}
takes(attend, _MIX, also=check_batch)
takes(attend_backward, {"dO": "(..., T, M)", **_MIX, "shares": "(..., T, S)"}, also=check_batch)
takes(padding_mask, {"lengths": "(N,) of integers", "longest": "()"})
