"""The neuron of 1943: excitation is counted, inhibition is a veto."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("The neuron of 1943")


@exercise.solution
def fires_1943(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray, threshold: int
) -> np.ndarray:
    """Compute the output of one neuron by the rules of 1943.

    It fires where at least `threshold` excitatory synapses are active and no inhibitory one is.

    Args:
        X: Inputs, each 0 or 1, (N, D).
        synapses: How many synapses each input has on the neuron, 0 or more, (D,).
        inhibitory: Whether the synapses of each input inhibit, (D,) of True and False.
        threshold: How many excitatory synapses must be active, at least 1.

    Returns:
        0 or 1 for each row, (N,).
    """
    excited = X @ np.where(inhibitory, 0, synapses) >= threshold
    vetoed = X @ np.where(inhibitory, synapses, 0) > 0
    return (excited & ~vetoed).astype(int)


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    yield Case(
        "two exciting inputs, threshold 2",
        X,
        np.array([1, 1]),
        np.array([False, False]),
        2,
        hint="Nothing inhibits here. Which of the four rows have two active synapses?",
    )
    yield Case(
        "an input with two synapses, threshold 2",
        X,
        np.array([2, 1]),
        np.array([False, False]),
        2,
        hint="The first input alone brings two active synapses.",
    )
    yield Case(
        "the second input inhibits",
        X,
        np.array([3, 1]),
        np.array([False, True]),
        1,
        hint="Three synapses excite and one inhibits: one veto is enough.",
    )
    yield Case(
        "the inhibiting input has no synapse",
        X,
        np.array([1, 0]),
        np.array([False, True]),
        1,
        hint="An input without a synapse cannot stop the neuron.",
    )
    for D in (3, 5):
        rows = np.arange(2**D)[:, None] >> np.arange(D) & 1
        inhibitory = np.arange(D) == D - 1
        synapses = np.where(inhibitory, 2, rng.integers(1, 4, size=D))
        yield Case(
            f"all rows of {D} inputs",
            rows[rng.permutation(2**D)],
            synapses,
            inhibitory,
            2,
            hint="Take a row that differs and count by hand, first the excitation, then the veto.",
        )


def _counts(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Active exciting and active inhibiting synapses of each row, both (N,)."""
    return X @ (synapses * ~inhibitory), X @ (synapses * inhibitory)


@exercise.wrong(
    "In your code an active inhibitory synapse counts −1. In 1943 it does not subtract: it is a "
    "veto, however much excites."
)
def subtracts(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray, threshold: int
) -> np.ndarray:
    """Subtract what inhibits."""
    excite, inhibit = _counts(X, synapses, inhibitory)
    return (excite - inhibit >= threshold).astype(int)


@exercise.wrong("A sum equal to the threshold also fires: “at least” is >=, not >.")
def more_than(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray, threshold: int
) -> np.ndarray:
    """Ask for more than the threshold."""
    excite, inhibit = _counts(X, synapses, inhibitory)
    return ((excite > threshold) & (inhibit == 0)).astype(int)


@exercise.wrong("You count inputs, not synapses: an input with two synapses counts twice.")
def inputs_only(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray, threshold: int
) -> np.ndarray:
    """Count each input once."""
    return fires_1943(X, (synapses > 0).astype(int), inhibitory, threshold)


@exercise.wrong(
    "An inhibiting input without a synapse stops your neuron. It is not connected: look at "
    "synapses, too."
)
def veto_without_synapse(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray, threshold: int
) -> np.ndarray:
    """Let an input veto that has no synapse."""
    excite, _ = _counts(X, synapses, inhibitory)
    return ((excite >= threshold) & ~(X @ inhibitory.astype(int) > 0)).astype(int)


@exercise.wrong(
    "The inhibiting synapses excite your neuron: their inputs count nothing in the sum."
)
def all_excite(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray, threshold: int
) -> np.ndarray:
    """Ignore that some inhibit."""
    return (X @ synapses >= threshold).astype(int)


@exercise.wrong("The sum is right, but nothing stops your neuron: the veto is missing.")
def no_veto(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray, threshold: int
) -> np.ndarray:
    """Forget the veto."""
    excite, _ = _counts(X, synapses, inhibitory)
    return (excite >= threshold).astype(int)
