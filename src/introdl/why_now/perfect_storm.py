"""Three switches, eight cells: what each switch gains alone, in each order, and together."""

from itertools import permutations

import numpy as np

from introdl.arguments import takes

#: The axes of a table of eight cells, and the six orders in which they can be switched on.
SWITCHES = ("depth", "data", "computing")
ORDERS = tuple(permutations(range(3)))
#: The side of a small digit, and of the sheet that it lies on, in pixels.
DIGIT, SHEET = 10, 16


def scatter(X: np.ndarray, seed: int) -> np.ndarray:
    """Shrink digits to half their size and lay each somewhere on a sheet, by lot.

    The box of a digit of MNIST, 20 × 20 pixels in the middle, becomes 10 × 10: each new pixel is
    the mean of four. All 49 places on the sheet are equally likely.

    Args:
        X: Digits, 0 is paper and 1 is ink, (N, 28, 28).
        seed: Chooses the places.

    Returns:
        The sheets, (N, 16, 16).

    Examples:
        >>> scatter(np.ones((1, 28, 28)), seed=0).sum().item()
        100.0
    """
    small = X[:, 4:24, 4:24].reshape(-1, DIGIT, 2, DIGIT, 2).mean(axis=(2, 4))
    places = np.random.default_rng(seed).integers(0, SHEET - DIGIT + 1, size=(len(X), 2))
    sheets = np.zeros((len(X), SHEET, SHEET))
    for sheet, digit, (row, column) in zip(sheets, small, places, strict=True):
        sheet[row : row + DIGIT, column : column + DIGIT] = digit
    return sheets


takes(scatter, {"X": "(N, 28, 28) in [0, 1], not empty"})


def learning_cost(layers: np.ndarray) -> int:
    """Count the multiply–adds that a net needs to learn from one picture.

    A layer multiplies and adds once per output and input of that output. Learning does that up to
    three times: to compute the outputs, how each weight should change, and how each input of the
    layer should change. The last is not needed for the first layer: its inputs are the picture.

    Args:
        layers: Per layer how many outputs it has, and from how many inputs each is made, (L, 2).

    Returns:
        The number of multiply–adds.

    Raises:
        ValueError: If a layer has no output or no input.

    Examples:
        >>> learning_cost([[100, 784], [10, 100]])  # 2 · 78,400 + 3 · 1,000
        159800
    """
    once = [outputs * inputs for outputs, inputs in layers.tolist()]
    return 3 * sum(once) - once[0]


def _some(layers: np.ndarray) -> None:
    """Refuse layers that are none."""
    if (layers < 1).any():
        raise ValueError("learning_cost(): a layer has at least one output and one input")


takes(learning_cost, {"layers": "(L, 2) of integers, not empty"}, also=_some)


def left_over(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compare the gains of three switches alone with the gain of all three.

    Args:
        cells: A table of eight cells, off first on each axis, (2, 2, 2).

    Returns:
        The gain of each switch alone, (3,); the gain of all three, (); and what of it is left
        when the three are taken off, ().

    Examples:
        >>> alone, together, left = left_over([[[10, 11], [12, 15]], [[13, 17], [19, 30]]])
        >>> alone.tolist(), together.item(), left.item()
        ([3.0, 2.0, 1.0], 20.0, 14.0)
    """
    alone = np.array([cells[1, 0, 0], cells[0, 1, 0], cells[0, 0, 1]]) - cells[0, 0, 0]
    together = cells[1, 1, 1] - cells[0, 0, 0]
    return alone, together, together - alone.sum()


takes(left_over, {"cells": "(2, 2, 2)"})


def orders(cells: np.ndarray) -> np.ndarray:
    """The gain of each switch at its turn, in each of the six orders.

    Args:
        cells: A table of eight cells, off first on each axis, (2, 2, 2).

    Returns:
        One row per order of `ORDERS`, one column per switch of `SWITCHES`, (6, 3).

    Examples:
        >>> orders([[[0, 0], [0, 0]], [[0, 0], [0, 6]]])[0].tolist()  # depth, data, computing
        [0.0, 0.0, 6.0]
    """
    gains = np.zeros((6, 3))
    for row, order in zip(gains, ORDERS, strict=True):
        on = [0, 0, 0]
        for switch in order:
            before = cells[tuple(on)]
            on[switch] = 1
            row[switch] = cells[tuple(on)] - before
    return gains


takes(orders, {"cells": "(2, 2, 2)"})


def effects(cells: np.ndarray) -> np.ndarray:
    """The effects of three switches and of their combinations, each averaged over the others.

    The main effect of a switch is the mean of its four cells on less the mean of its four cells
    off. The interaction of two is half the difference that the second makes to the effect of the
    first; that of three is half the difference that the third makes to the interaction of two.

    Args:
        cells: A table of eight cells, off first on each axis, (2, 2, 2).

    Returns:
        At the index of 0s and 1s that names the switches, their effect; at (0, 0, 0) the mean of
        all cells. (2, 2, 2).

    Examples:
        >>> effects([[[1, 1], [1, 1]], [[4, 4], [4, 4]]])[1, 0, 0].item()  # the first alone acts
        3.0
    """
    found = cells
    for axis in range(3):
        off, on = np.moveaxis(found, axis, 0)
        found = np.stack([(off + on) / 2, (on - off) / 2], axis=axis)
    found *= 2
    found[0, 0, 0] /= 2
    return found


takes(effects, {"cells": "(2, 2, 2)"})
