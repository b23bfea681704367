"""Heights against what is usual for the age: the LMS method."""

import numpy as np

from introdl.arguments import takes


def z_score(
    height: np.ndarray,
    L: np.ndarray,
    M: np.ndarray,
    S: np.ndarray,
) -> np.ndarray:
    """Turn heights into z: standard deviations above what is usual.

    Source: Cole & Green (1992).

    Args:
        height: In cm, (..., N), above 0.
        L: The power of each age, (..., N); 0 stands for the logarithm.
        M: The median height of each age, (..., N), above 0.
        S: The spread, as a share of the median, (..., N), above 0.

    Examples:
        >>> z_score(np.array([104.5]), np.array([1.0]), np.array([110.0]), np.array([0.05]))
        array([-1.])
    """
    flat = L == 0
    power = np.where(flat, 1, L)
    ratio = height / M
    return np.where(flat, np.log(ratio), (ratio**power - 1) / power) / S


def height_at(z: np.ndarray, L: np.ndarray, M: np.ndarray, S: np.ndarray) -> np.ndarray:
    """Turn z back into heights in cm, (..., N): the inverse of `z_score`.

    Args:
        z: (..., N).
        L: The power of each age, (..., N).
        M: The median height of each age, (..., N), above 0.
        S: The spread, as a share of the median, (..., N), above 0.

    Raises:
        ValueError: If no height has such a z, or it would be above about 150 medians.
    """
    flat = L == 0
    power = np.where(flat, 1, L)
    return M * np.where(flat, np.exp(S * z), (1 + power * S * z) ** (1 / power))


def lms(
    age: np.ndarray, months: np.ndarray, L: np.ndarray, M: np.ndarray, S: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read L, M and S off a table, in a straight line between its ages.

    Args:
        age: In months, (..., T), within the table.
        months: The ages of the table, rising, (N,).
        L: The powers, (N,).
        M: The medians in cm, (N,).
        S: The spreads, (N,).

    Returns:
        L, M and S at each age, (..., T) each.
    """
    at_l, at_m, at_s = (np.interp(age, months, column) for column in (L, M, S))
    return at_l, at_m, at_s


def _positive(M: np.ndarray, S: np.ndarray, **rest: np.ndarray) -> None:
    if min(M.min(initial=1), S.min(initial=1), rest.get("height", M).min(initial=1)) <= 0:
        raise ValueError("heights, M and S must be above 0")


def _reachable(z: np.ndarray, L: np.ndarray, M: np.ndarray, S: np.ndarray) -> None:
    _positive(M, S)
    if (np.abs(S * z) > 5).any() or (L * S * z <= -1).any():
        raise ValueError("height_at(): z lies beyond any height")


def _in_table(age: np.ndarray, months: np.ndarray, **_: np.ndarray) -> None:
    if (np.diff(months) <= 0).any():
        raise ValueError("lms(): the months of the table must rise")
    if age.size and not months[0] <= age.min() <= age.max() <= months[-1]:
        raise ValueError(f"lms(): the table covers {months[0]:g} to {months[-1]:g} months")


_TABLE = {"L": "(..., N)", "M": "(..., N)", "S": "(..., N)"}
takes(z_score, {"height": "(..., N)"} | _TABLE, also=_positive)
takes(height_at, {"z": "(..., N)"} | _TABLE, also=_reachable)
_COLUMNS = dict.fromkeys(("months", "L", "M", "S"), "(N,), not empty")
takes(lms, {"age": "(..., T)"} | _COLUMNS, also=_in_table)
