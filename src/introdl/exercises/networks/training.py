"""When to stop: early stopping with patience, from the losses in validation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from introdl.check import Case, Exercise

exercise = Exercise("When to stop")


@exercise.solution
def stop_at(losses: np.ndarray, patience: int) -> np.ndarray:
    """Say after which pass training stops, and which pass had the lowest loss up to then.

    Training stops when the loss has had no new low for `patience` passes; if that does not
    happen, after the last pass. An equal loss is not a new low.

    Args:
        losses: The loss in validation after each pass, (E,).
        patience: How many passes without a new low to wait, 1 or more.

    Returns:
        Two whole numbers, counted from 1: the last pass, and the pass of the lowest loss, (2,).
    """
    low = 0
    for now in range(len(losses)):
        if losses[now] < losses[low]:
            low = now
        if now - low >= patience:
            break
    return np.array([now + 1, low + 1])


@exercise.cases
def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The cases, small ones first."""
    yield Case(
        "four passes, in which the loss always falls",
        np.array([0.9, 0.7, 0.5, 0.4]),
        2,
        hint="Nothing stops it: the last pass is the fourth and has the lowest loss.",
    )
    yield Case(
        "six passes, patience 2",
        np.array([0.9, 0.5, 0.6, 0.55, 0.7, 0.4]),
        2,
        hint="The low is pass 2. Passes 3 and 4 bring no new low, so 4 is the last.",
    )
    yield Case(
        "a rise, a fall that is not a new low, a rise; patience 3",
        np.array([0.9, 0.4, 0.8, 0.6, 0.7, 0.3, 0.2]),
        3,
        hint="Pass 4 is lower than pass 3, but not a new low. What do you compare with?",
    )
    yield Case(
        "two waits, each shorter than the patience of 3",
        np.array([0.9, 0.95, 0.92, 0.6, 0.7, 0.65, 0.5, 0.6, 0.7, 0.8, 0.1]),
        3,
        hint="A new low starts the wait again.",
    )
    yield Case(
        "equal losses, patience 3",
        np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
        3,
        hint="An equal loss is not a new low: the lowest is the first.",
    )
    yield Case(
        "forty losses, drawn at random",
        rng.uniform(0.2, 0.3, size=40) + 1 / np.arange(1, 41),
        4,
        hint="It is right on the smaller cases. Print the low and the wait after each pass.",
    )


@exercise.wrong("You count passes from 0: the first pass is 1.")
def from_zero(losses: np.ndarray, patience: int) -> np.ndarray:
    """Return places."""
    return stop_at(losses, patience) - 1


@exercise.wrong("You wait one pass too long: after `patience` passes without a new low, stop.")
def one_too_long(losses: np.ndarray, patience: int) -> np.ndarray:
    """Stop beyond the patience."""
    return stop_at(losses, patience + 1)


@exercise.wrong("You stop one pass too early: wait for `patience` passes after the low.")
def one_too_short(losses: np.ndarray, patience: int) -> np.ndarray:
    """Stop before the patience is over."""
    return stop_at(losses, patience - 1) if patience > 1 else np.array([1, 1])


@exercise.wrong(
    "You compare with the previous pass. A loss can be lower than that without being a new low: "
    "compare with the lowest so far."
)
def previous(losses: np.ndarray, patience: int) -> np.ndarray:
    """Compare with the pass before."""
    waited, low = 0, 0
    for now in range(1, len(losses)):
        low = now if losses[now] < losses[low] else low
        waited = 0 if losses[now] < losses[now - 1] else waited + 1
        if waited >= patience:
            break
    return np.array([now + 1, low + 1])


@exercise.wrong("Your wait never starts again: a new low sets it back to 0.")
def never_reset(losses: np.ndarray, patience: int) -> np.ndarray:
    """Count all passes without a new low."""
    waited, low = 0, 0
    for now in range(1, len(losses)):
        if losses[now] < losses[low]:
            low = now
        else:
            waited += 1
        if waited >= patience:
            break
    return np.array([now + 1, low + 1])


@exercise.wrong("You count an equal loss as a new low: use `<`, not `<=`.")
def ties(losses: np.ndarray, patience: int) -> np.ndarray:
    """Let an equal loss be a new low."""
    low = 0
    for now in range(len(losses)):
        if losses[now] <= losses[low]:
            low = now
        if now - low >= patience:
            break
    return np.array([now + 1, low + 1])


@exercise.wrong(
    "Your second number looks past the stop: return the pass of the lowest loss up to then."
)
def sees_the_future(losses: np.ndarray, patience: int) -> np.ndarray:
    """Take the lowest of all."""
    return np.array([stop_at(losses, patience)[0], losses.argmin() + 1])


@exercise.wrong("You return the loss of the best pass: return which pass it was.")
def loss_itself(losses: np.ndarray, patience: int) -> np.ndarray:
    """Return the lowest loss."""
    last, low = stop_at(losses, patience)
    return np.array([last, losses[low - 1]])


@exercise.wrong("The two numbers are the other way round: first the last pass, then the lowest.")
def swapped(losses: np.ndarray, patience: int) -> np.ndarray:
    """Turn them round."""
    return stop_at(losses, patience)[::-1]
