"""How much of the past is left in a state, and the cure for slopes that grow too long."""

import numpy as np

from introdl.arguments import takes


def memory(W: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Tell how much of a nudge to an earlier state is left in the last.

    The nudge is of random direction. What is left is the length of what it changes, as the root
    of the mean square over all directions, divided by the nudge's: the Frobenius norm of the
    matrix of slopes ∂h_T/∂h_t, divided by √H.

    Args:
        W: Weights of the state, (H, H).
        states: h_1 ... h_T of one sequence, (T, H).

    Returns:
        For each t, (T,); the last is 1.

    Examples:
        >>> memory(np.array([[0.5]]), np.zeros((4, 1)))
        array([0.125, 0.25 , 0.5  , 1.   ])
    """
    slopes = np.eye(W.shape[0])  # row i: what a nudge to h_t[i] changes
    left = np.ones(len(states))
    for t in reversed(range(len(states) - 1)):
        slopes = W * (1 - states[t + 1] ** 2) @ slopes
        left[t] = np.linalg.norm(slopes) / np.sqrt(W.shape[0])
    return left


def clip(gradients: list[np.ndarray], longest: float) -> float:
    """Shorten the gradient, in place, to at most `longest`.

    Its direction stays. Source: Pascanu, Mikolov and Bengio (2013), algorithm 1.

    Args:
        gradients: The arrays that together are one gradient, float64.
        longest: The length that it may have.

    Returns:
        The length that it had.

    Raises:
        TypeError: If an array does not hold floats.
        ValueError: If the length is not finite, or `longest` is not above 0.

    Examples:
        >>> g = [np.array([3.0, 4.0])]
        >>> clip(g, 1.0), g
        (5.0, [array([0.6, 0.8])])
    """
    if any(g.dtype.kind != "f" for g in gradients):
        raise TypeError("clip(): gradients must be arrays of floats")
    if not longest > 0:
        raise ValueError(f"clip(): longest must be above 0, got {longest}")
    length = float(np.sqrt(sum(np.sum(g**2) for g in gradients)))
    if not np.isfinite(length):
        raise ValueError("clip(): the length of gradients is not finite")
    if length > longest:
        for g in gradients:
            g *= longest / length
    return length


takes(memory, {"W": "(H, H)", "states": "(T, H)"})
