"""One step of a cell, from its gates' weighted sums to what it shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("One step in code")


@exercise.solution
def cell_step(sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Take one step with H cells.

    Args:
        sums: Weighted sums, (4, H): for the input gate, the forget gate, the candidate and the
            output gate, before the sigmoid or tanh.
        cell: The cell states before the step, (H,).

    Returns:
        (2, H): the new cell states, and what the cells show.
    """
    gates = 1 / (1 + np.exp(-sums))
    new = gates[1] * cell + gates[0] * np.tanh(sums[2])
    return np.array([new, gates[3] * np.tanh(new)])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "one cell, all sums 0, state 1",
        np.zeros((4, 1)),
        np.array([1.0]),
        hint="All gates are ½ and the candidate is 0. So the new state is ½, and it shows half of "
        "tanh ½, which is 0.231.",
    )
    for cells in (1, 3, 5):
        yield Case(
            f"{cells} {'cell' if cells == 1 else 'cells'}, random sums",
            rng.normal(scale=1.5, size=(4, cells)),
            rng.normal(scale=1.5, size=cells),
            hint="Print the three gates, the candidate and the new state, and compare them with "
            "the three lines of the lesson.",
        )


def _step(sums: np.ndarray, cell: np.ndarray, rows: tuple[int, int, int, int]) -> np.ndarray:
    """A step that takes the sums from other rows."""
    return cell_step(sums[list(rows)], cell)


@exercise.wrong("Input gate and forget gate have changed places: row 0 is the input gate.")
def swapped(sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Take the forget gate first."""
    return _step(sums, cell, (1, 0, 2, 3))


@exercise.wrong(
    "Candidate and output gate have changed places: row 2 is the candidate, row 3 the output gate."
)
def last_two(sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Take the output gate before the candidate."""
    return _step(sums, cell, (0, 1, 3, 2))


@exercise.wrong("The candidate goes through tanh, not the sigmoid: it may be negative.")
def sigmoid_candidate(sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Bend all four alike."""
    gates = 1 / (1 + np.exp(-sums))
    new = gates[1] * cell + gates[0] * gates[2]
    return np.array([new, gates[3] * np.tanh(new)])


@exercise.wrong(
    "What a cell shows is the output gate times tanh of the new state: tanh is missing."
)
def unbent(sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Show the state itself."""
    gates = 1 / (1 + np.exp(-sums))
    new = gates[1] * cell + gates[0] * np.tanh(sums[2])
    return np.array([new, gates[3] * new])


@exercise.wrong("The output gate is missing: the lecture's list also omits it.")
def no_output(sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Show all."""
    new = cell_step(sums, cell)[0]
    return np.array([new, np.tanh(new)])


@exercise.wrong("You show the state before the step; it should be the new one.")
def old_state(sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Show the old state."""
    gates = 1 / (1 + np.exp(-sums))
    return np.array([cell_step(sums, cell)[0], gates[3] * np.tanh(cell)])


@exercise.wrong("You add all of the candidate: multiply it by the input gate first.")
def no_input(sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Leave the input gate open."""
    gates = 1 / (1 + np.exp(-sums))
    new = gates[1] * cell + np.tanh(sums[2])
    return np.array([new, gates[3] * np.tanh(new)])
