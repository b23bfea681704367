"""Threshold units in the manner of McCulloch and Pitts, and circuits made of them by hand."""

import numpy as np

from introdl.arguments import takes


def truth_rows(n: int) -> np.ndarray:
    """List all rows of a truth table of `n` inputs, in counting order.

    Args:
        n: Number of inputs.

    Returns:
        Zeros and ones, (2**n, n) int64; the first input changes most slowly.

    Examples:
        >>> truth_rows(2).tolist()
        [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    return np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1


def fires(X: np.ndarray, weights: np.ndarray, threshold: float) -> np.ndarray:
    """Compute the output of one threshold unit: 1 where the weighted sum reaches the threshold.

    Args:
        X: Inputs, one example a row, each 0 or 1, (N, D).
        weights: One weight an input, of either sign, (D,).
        threshold: What the weighted sum must reach.

    Returns:
        Zeros and ones, (N,) int64.

    Raises:
        ValueError: If an input is not 0 or 1, or the shapes do not fit.

    Source: McCulloch & Pitts (1943), section 2, with signed weights in place of inhibition.

    Examples:
        >>> fires(truth_rows(2), np.array([1, 1]), 1.5)
        array([0, 0, 0, 1])
    """
    return (X @ weights >= threshold).astype(int)


def fires_1943(
    X: np.ndarray, synapses: np.ndarray, inhibitory: np.ndarray, threshold: int
) -> np.ndarray:
    """Compute the output of one neuron by the rules of 1943: any active inhibition is a veto.

    Args:
        X: Inputs, each 0 or 1, (N, D).
        synapses: How many synapses each input has on the neuron, whole and not negative, (D,).
        inhibitory: Whether the synapses of each input inhibit, (D,) bool.
        threshold: How many excitatory synapses must be active, at least 1.

    Returns:
        Zeros and ones, (N,) int64.

    Raises:
        ValueError: If the threshold is below 1, a number of synapses below 0, an input not 0 or 1,
            or the shapes do not fit.

    Source: McCulloch & Pitts (1943), section 2, assumptions 1 to 5 and equation (1).
    """
    if threshold < 1 or np.any(synapses < 0):
        raise ValueError(f"expected threshold >= 1 and synapses >= 0, got {threshold}, {synapses}")
    excited = fires(X, np.where(inhibitory, 0, synapses), threshold)
    vetoed = np.any((X == 1) & inhibitory & (synapses > 0), axis=1)
    return excited * ~vetoed


#: Weights and threshold of each gate. A threshold stands half-way between the sums that must
#: fire and those that must not.
GATES = {
    "AND": (np.array([1, 1]), 1.5),
    "OR": (np.array([1, 1]), 0.5),
    "NAND": (np.array([-1, -1]), -1.5),
    "NOT": (np.array([-1]), -0.5),
}


def gate(name: str, *inputs: np.ndarray) -> np.ndarray:
    """Compute one of the `GATES`, each a single threshold unit.

    Args:
        name: "AND", "OR", "NAND" or "NOT".
        *inputs: One array of zeros and ones for each input, (N,).

    Returns:
        Zeros and ones, (N,) int64.

    Raises:
        ValueError: If no gate has that name.
    """
    if name not in GATES:
        raise ValueError(f"gate(): no gate {name!r}; there are {', '.join(GATES)}")
    weights, threshold = GATES[name]
    return fires(np.stack(inputs, axis=1), weights, threshold)


def run(layers: list[tuple], X: np.ndarray) -> np.ndarray:
    """Compute the output of a network, one layer after the other.

    Args:
        layers: Weights (D, H) and thresholds (H,) of each layer.
        X: Inputs, each 0 or 1, (N, D).

    Returns:
        Outputs of the last layer, (N, H) int64.

    Raises:
        ValueError: If the shapes do not fit.
    """
    for W, thresholds in layers:
        sums = X @ W  # (N, H)
        X = (sums >= thresholds).astype(int)
    return X


#: XOR: the first layer computes OR and NAND, the second the AND of both.
XOR = [
    (np.array([[1, -1], [1, -1]]), np.array([0.5, -1.5])),
    (np.array([[1], [1]]), np.array([1.5])),
]


def compile_table(outputs: np.ndarray) -> list[tuple]:
    """Write down a two-layer network that computes a given truth table.

    One hidden unit for each row whose output is 1 fires for that row alone; the output unit is
    their OR. This is the disjunctive normal form of logic, in units.

    Args:
        outputs: The last column of the table, in the order of `truth_rows`, (2**n,).

    Returns:
        The two layers, for `run`; H is the number of ones in `outputs`.

    Raises:
        ValueError: If the number of outputs is no power of two.

    Source: McCulloch & Pitts (1943), theorem 2, with signed weights.

    Examples:
        >>> W, thresholds = compile_table(np.array([0, 1, 1, 0]))[0]
        >>> W.T.tolist(), thresholds.tolist()
        ([[-1, 1], [1, -1]], [0.5, 0.5])
    """
    n = outputs.size.bit_length() - 1
    if outputs.shape != (2**n,):
        shape = outputs.shape
        raise ValueError(f"outputs: expected shape (2**n,), got {shape}")
    on = truth_rows(n)[outputs == 1]  # (H, n)
    detectors = (2 * on.T - 1, on.sum(axis=1) - 0.5)
    return [detectors, (np.ones((len(on), 1), dtype=int), np.array([0.5]))]


def full_adder(
    a: np.ndarray,
    b: np.ndarray,
    carry: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Add three bits with nine NAND gates.

    Args:
        a: First bits, (N,).
        b: Second bits, (N,).
        carry: Bits carried in, (N,).

    Returns:
        Sum bits and bits carried out, each (N,) int64.
    """

    def nand(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        return gate("NAND", p, q)

    both = nand(a, b)
    differ = nand(nand(a, both), nand(b, both))  # a XOR b
    passed = nand(differ, carry)
    total = nand(nand(differ, passed), nand(carry, passed))
    return total, nand(both, passed)


def add(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Add whole numbers bit by bit, the carry rippling from each `full_adder` to the next.

    Args:
        a: Numbers as bits, the highest first, (N, B).
        b: Numbers as bits, (N, B).

    Returns:
        Their sums as bits, (N, B + 1) int64.
    """
    carry = np.zeros(len(a), dtype=int)
    total = [carry] * a.shape[1]
    for bit in reversed(range(a.shape[1])):
        total[bit], carry = full_adder(a[:, bit], b[:, bit], carry)
    return np.stack([carry, *total], axis=1)


def _check_layers(layers: list[tuple], X: np.ndarray) -> None:
    width = X.shape[1]
    for number, (W, thresholds) in enumerate(layers, start=1):
        if np.ndim(W) != 2 or len(W) != width or np.shape(thresholds) != np.shape(W)[1:]:
            shapes = f"{np.shape(W)} and {np.shape(thresholds)}"
            raise ValueError(
                f"run(): layer {number} gets {width} inputs: expected W ({width}, H) and "
                f"thresholds (H,), got {shapes}"
            )
        if not (np.isfinite(W).all() and np.isfinite(thresholds).all()):
            raise ValueError(f"run(): layer {number} holds a value that is not finite")
        width = W.shape[1]


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(
    fires,
    {
        "X": "(N, D) of 0 and 1",
        "weights": "(D,) of integers or floats",
        "threshold": "()",
    },
)
takes(
    fires_1943,
    {
        "X": "(N, D) of 0 and 1",
        "synapses": "(D,) of integers or floats",
        "inhibitory": "(D,) of Booleans",
        "threshold": "()",
    },
)
takes(gate, {"inputs": "(N,) of 0 and 1"})
takes(run, {"X": "(N, D) of 0 and 1"}, also=_check_layers)
takes(compile_table, {"outputs": "(R,) of 0 and 1"})
takes(full_adder, dict.fromkeys(("a", "b", "carry"), "(N,) of 0 and 1"))
takes(add, dict.fromkeys(("a", "b"), "(N, B) of 0 and 1"))
