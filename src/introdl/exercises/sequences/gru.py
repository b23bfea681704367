"""One step of a GRU, from its weighted sums to the new states."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("One step in code")


@exercise.solution
def gru_step(read: np.ndarray, heard: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Take one step with H cells whose reset gates act after the product.

    Args:
        read: Weighted sums of the input, (3, H): for the reset gate, the update gate, which says
            how much is kept, and the candidate, before they are bent.
        heard: The same sums of the old states, (3, H).
        state: The old states, (H,).

    Returns:
        The new states, (H,).
    """
    r, z = 1 / (1 + np.exp(-(read[:2] + heard[:2])))
    candidate = np.tanh(read[2] + r * heard[2])
    return z * state + (1 - z) * candidate


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one cell, all sums 0, state 1",
        np.zeros((3, 1)),
        np.zeros((3, 1)),
        np.array([1.0]),
        hint="Both gates are ½ and the candidate is 0. So half of the state is kept: ½.",
    )
    for cells in (1, 3, 5):
        yield Case(
            f"{cells} {'cell' if cells == 1 else 'cells'}, random sums",
            rng.normal(scale=1.5, size=(3, cells)),
            rng.normal(scale=1.5, size=(3, cells)),
            rng.uniform(-1, 1, size=cells),
            hint="Print the two gates and the candidate, and compare each with the lesson's words.",
        )


def _step(read: np.ndarray, heard: np.ndarray, state: np.ndarray, order: list[int]) -> np.ndarray:
    """A step that takes the sums from other rows."""
    return gru_step(read[order], heard[order], state)


@exercise.wrong("Reset gate and update gate have changed places: row 0 is the reset gate.")
def swapped(read: np.ndarray, heard: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Take the update gate first."""
    return _step(read, heard, state, [1, 0, 2])


@exercise.wrong("Your update gate says how much is taken in; here it says how much is kept.")
def other_way(read: np.ndarray, heard: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Keep 1 - z."""
    signs = np.array([[1], [-1], [1]])
    return gru_step(signs * read, signs * heard, state)


@exercise.wrong("The reset gate multiplies only what is heard of the old states, not what is read.")
def resets_all(read: np.ndarray, heard: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Reset the whole sum of the candidate."""
    r, z = 1 / (1 + np.exp(-(read[:2] + heard[:2])))
    return z * state + (1 - z) * np.tanh(r * (read[2] + heard[2]))


@exercise.wrong("The reset gate is missing: multiply row 2 of heard by it.")
def no_reset(read: np.ndarray, heard: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Leave the reset gate open."""
    _, z = 1 / (1 + np.exp(-(read[:2] + heard[:2])))
    return z * state + (1 - z) * np.tanh(read[2] + heard[2])


@exercise.wrong("The candidate goes through tanh, not the sigmoid: it may be negative.")
def sigmoid_candidate(read: np.ndarray, heard: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Bend all three alike."""
    r, z = 1 / (1 + np.exp(-(read[:2] + heard[:2])))
    return z * state + (1 - z) / (1 + np.exp(-(read[2] + r * heard[2])))


@exercise.wrong("You add all of the candidate: only 1 - z of it gets in.")
def adds_all(read: np.ndarray, heard: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Add the candidate to what is kept."""
    r, z = 1 / (1 + np.exp(-(read[:2] + heard[:2])))
    return z * state + np.tanh(read[2] + r * heard[2])


@exercise.wrong("The gates must also hear the old states: add read and heard before the sigmoid.")
def deaf_gates(read: np.ndarray, heard: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Make the gates from the input alone."""
    return gru_step(read, heard * np.array([[0], [0], [1]]), state)
