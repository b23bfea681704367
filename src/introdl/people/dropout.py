"""Dropout as many nets in one: every thin net of a layer, and what they say together."""

import itertools

import numpy as np
from scipy.special import softmax

from introdl.arguments import takes

#: The most units whose masks are all listed: 65,536 of them.
MOST = 16


def all_masks(units: int) -> np.ndarray:
    """List every way in which each of some units is there, 1, or missing, 0.

    Args:
        units: How many, H, from 0 to 16.

    Returns:
        The masks, (2^H, H) float64.

    Raises:
        ValueError: If there are too many to list.

    Examples:
        >>> all_masks(2)
        array([[0., 0.],
               [0., 1.],
               [1., 0.],
               [1., 1.]])
    """
    if not 0 <= units <= MOST:
        raise ValueError(f"all_masks(): units must be 0 to {MOST}, got {units}")
    return np.array(list(itertools.product([0.0, 1.0], repeat=units)))


def chances(masks: np.ndarray, keep: float) -> np.ndarray:
    """Compute how likely each mask is, where each unit stays with the chance `keep`.

    Args:
        masks: (M, H) of 0 and 1.
        keep: Above 0, at most 1.

    Returns:
        The chances, (M,); those of all masks add up to 1.

    Examples:
        >>> chances(all_masks(1), keep=0.75)
        array([0.25, 0.75])
    """
    return np.where(masks == 1, keep, 1 - keep).prod(axis=1)


def thin(
    a: np.ndarray,
    W: np.ndarray,
    b: np.ndarray,
    masks: np.ndarray,
    keep: float,
) -> np.ndarray:
    """Compute the scores that a layer gets from each thin net.

    Source: Srivastava et al. (2014), section 4; what stays is divided by
    `keep`, as in section 10.

    Args:
        a: What the units put out, (N, H).
        W: Weights from them to the scores, (H, K).
        b: Biases, (K,).
        masks: One row for each thin net, (M, H) of 0 and 1.
        keep: The chance of a unit to stay.

    Returns:
        Scores, (M, N, K).
    """
    return (masks[:, None] * a / keep) @ W + b


def together(
    z: np.ndarray,
    weight: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Let thin nets answer together: two ways to average their shares.

    Source: Baldi & Sadowski (2013), section 2.

    Args:
        z: Scores of each net, (M, N, K).
        weight: How much each counts, (M,), 0 or more; they add up to 1.

    Returns:
        The mean of the softmax shares, (N, K), and their geometric mean,
        scaled so that it adds up to 1, (N, K).

    Examples:
        >>> z = np.array([[[0.0, 0.0]], [[0.0, 4.0]]])
        >>> mean, geometric = together(z, np.array([0.5, 0.5]))
        >>> mean.round(3), geometric.round(3)
        (array([[0.259, 0.741]]), array([[0.119, 0.881]]))
    """
    mean = np.tensordot(weight, softmax(z, axis=-1), axes=1)
    return mean, softmax(np.tensordot(weight, z, axes=1), axis=-1)


def removed(units: int, gone: int, masks: int, rng: np.random.Generator) -> np.ndarray:
    """Draw masks in which exactly `gone` of the units are missing: (masks, units) of 0 and 1.

    Raises:
        ValueError: If more are to be missing than there are.
    """
    if not 0 <= gone <= units:
        raise ValueError(f"removed(): gone must be 0 to {units}, got {gone}")
    return (rng.random((masks, units)).argsort(axis=1) >= gone).astype(float)


def _keep(keep: float, **_: object) -> None:
    if not 0 < keep <= 1:
        raise ValueError(f"keep must be above 0 and at most 1, got {keep}")


def _weight(weight: np.ndarray, **_: object) -> None:
    if (weight < 0).any() or not np.isclose(weight.sum(), 1):
        raise ValueError(f"together(): weights must be 0 or more and add up to 1, got {weight}")


takes(chances, {"masks": "(M, H) of 0 and 1", "keep": "()"}, also=_keep)
takes(
    thin,
    {
        "a": "(N, H)",
        "W": "(H, K)",
        "b": "(K,)",
        "masks": "(M, H) of 0 and 1",
        "keep": "()",
    },
    also=_keep,
)
takes(together, {"z": "(M, N, K), not empty", "weight": "(M,)"}, also=_weight)
