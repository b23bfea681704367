"""The adding problem's answers, and how long each must be kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("Draw the task")


@exercise.solution
def marked_sums(numbers: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Add up the marked numbers of each sequence, and count the steps after its last mark.

    Args:
        numbers: A row per step, a column per sequence, (T, N).
        marks: 1 where a number is marked, else 0, (T, N). Each sequence has a mark.

    Returns:
        The sums in the first row, the steps after the last mark in the second, (2, N).
    """
    sums = (numbers * marks).sum(axis=0)
    return np.array([sums, marks[::-1].argmax(axis=0)])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "0.9, 0.3, 0.4, 0.8, 0.1 and 0.6, the second and the third marked",
        np.array([[0.9, 0.3, 0.4, 0.8, 0.1, 0.6]]).T,
        np.array([[0.0, 1.0, 1.0, 0.0, 0.0, 0.0]]).T,
        hint="0.3 + 0.4 = 0.7, and three steps come after the 0.4.",
    )
    for steps, count in ((4, 1), (7, 3), (12, 5)):
        marks = np.zeros((steps, count))
        places = rng.random((steps - 1, count)).argsort(axis=0)[:2]
        np.put_along_axis(marks, places, 1, axis=0)
        yield Case(
            f"{steps} steps, {count} {'sequence' if count == 1 else 'sequences'}",
            rng.random((steps, count)),
            marks,
            hint="Take one sequence (a column) and work down it by hand.",
        )
    yield Case(
        "three marks, the last on the last step",
        rng.random((4, 1)),
        np.array([[1.0, 0.0, 1.0, 1.0]]).T,
        hint="All three count, and no step comes after the last.",
    )


@exercise.wrong("Your sums include all numbers: only the marked ones count.")
def all_numbers(numbers: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Ignore the marks in the sum."""
    return np.array([numbers.sum(axis=0), marks[::-1].argmax(axis=0)])


@exercise.wrong("You count the steps after the first mark: the sum is complete at the last one.")
def after_the_first(numbers: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Look for the first mark."""
    after = len(marks) - 1 - marks.argmax(axis=0)
    return np.array([(numbers * marks).sum(axis=0), after])


@exercise.wrong("Your second row says where the last mark is, not how many steps come after it.")
def place_of_the_last(numbers: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Give the place, from 0."""
    place = len(marks) - 1 - marks[::-1].argmax(axis=0)
    return np.array([(numbers * marks).sum(axis=0), place])


@exercise.wrong("One step too many: the step of the last mark itself does not come after it.")
def one_too_many(numbers: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Count the marked step as well."""
    return marked_sums(numbers, marks) + np.array([[0], [1]])


@exercise.wrong("You take the mean of the marked numbers: return their sum.")
def mean(numbers: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Halve the sum."""
    return marked_sums(numbers, marks) * np.array([[0.5], [1]])


@exercise.wrong("The rows are in the wrong order: the sums come first.")
def swapped(numbers: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Give the steps first."""
    return marked_sums(numbers, marks)[::-1]
