"""One step of a dream: hidden units drawn from a picture, and a picture made of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("One step of a dream")


def _bend(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


@exercise.solution
def dream_step(
    v: np.ndarray, W: np.ndarray, b: np.ndarray, c: np.ndarray, draws: np.ndarray
) -> np.ndarray:
    """Draw the hidden units of a restricted Boltzmann machine, and make the visible ones again.

    A unit's chance is 1 / (1 + exp(-sum)); a hidden unit is on where its draw is below its chance.

    Args:
        v: Visible units, (N, D).
        W: Weights, (D, H).
        b: Biases of the visible units, (D,).
        c: Biases of the hidden units, (H,).
        draws: A number from 0 to 1 for each hidden unit, (N, H).

    Returns:
        The chances of the visible units, (N, D).
    """
    h = draws < 1 / (1 + np.exp(-(v @ W + c)))
    return 1 / (1 + np.exp(-(h @ W.T + b)))


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one visible and one hidden unit, which is drawn on",
        np.array([[1.0]]),
        np.log([[3.0]]),
        np.zeros(1),
        np.zeros(1),
        np.array([[0.7]]),
        hint="The hidden chance is 3/4, above the draw of 0.7: on. So the visible chance is 3/4.",
    )
    yield Case(
        "the same, drawn off",
        np.array([[1.0]]),
        np.log([[3.0]]),
        np.zeros(1),
        np.zeros(1),
        np.array([[0.8]]),
        hint="The draw of 0.8 is above 3/4: off. So the visible chance is 1/2.",
    )
    for N, D, H in ((40, 3, 2), (30, 4, 4)):
        yield Case(
            f"{N} pictures, {D} visible and {H} hidden units",
            rng.random((N, D)),
            2 * rng.normal(size=(D, H)),
            rng.normal(size=D) + 1,
            rng.normal(size=H) - 2,
            rng.random((N, H)),
            hint="With one unit each it is right. Do both biases enter, each on its own side?",
        )


@exercise.wrong("The hidden units are drawn: 0 or 1, not their chances.")
def not_drawn(
    v: np.ndarray, W: np.ndarray, b: np.ndarray, c: np.ndarray, draws: np.ndarray
) -> np.ndarray:
    """Use the chances themselves."""
    return _bend(_bend(v @ W + c) @ W.T + b)


@exercise.wrong("A unit is on where its draw is below its chance; yours is on where it is above.")
def turned(
    v: np.ndarray, W: np.ndarray, b: np.ndarray, c: np.ndarray, draws: np.ndarray
) -> np.ndarray:
    """Compare the wrong way round."""
    return _bend((draws > _bend(v @ W + c)) @ W.T + b)


@exercise.wrong("Each hidden unit has its own draw; you ask whether its chance is above ½.")
def no_draw(
    v: np.ndarray, W: np.ndarray, b: np.ndarray, c: np.ndarray, draws: np.ndarray
) -> np.ndarray:
    """Round the chances."""
    return _bend((_bend(v @ W + c) > 0.5) @ W.T + b)


@exercise.wrong("The biases of the hidden units, c, are missing.")
def without_c(
    v: np.ndarray, W: np.ndarray, b: np.ndarray, c: np.ndarray, draws: np.ndarray
) -> np.ndarray:
    """Forget c."""
    return _bend((draws < _bend(v @ W)) @ W.T + b)


@exercise.wrong("The biases of the visible units, b, are missing on the way back.")
def without_b(
    v: np.ndarray, W: np.ndarray, b: np.ndarray, c: np.ndarray, draws: np.ndarray
) -> np.ndarray:
    """Forget b."""
    return _bend((draws < _bend(v @ W + c)) @ W.T)


@exercise.wrong("These are sums: the bend turns them into chances.")
def sums(
    v: np.ndarray, W: np.ndarray, b: np.ndarray, c: np.ndarray, draws: np.ndarray
) -> np.ndarray:
    """Forget the last bend."""
    return (draws < _bend(v @ W + c)) @ W.T + b
