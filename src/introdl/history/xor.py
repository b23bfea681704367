"""XOR: a proof that no threshold unit computes it, and the smallest net that learns it."""

from fractions import Fraction
from itertools import combinations, product
from math import lcm
from typing import NamedTuple

import numpy as np
import torch

from introdl.arguments import fits_64_bits, takes


def truth_table(n: int) -> np.ndarray:
    """List every input of a Boolean function of n variables, (2**n, n) int64, in counting order.

    Examples:
        >>> truth_table(2).tolist()
        [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    return np.array(list(product([0, 1], repeat=n)), dtype=np.int64).reshape(2**n, n)


def products(X: np.ndarray, order: int) -> np.ndarray:
    """Multiply the inputs in each group of 1 to `order` of them (Minsky & Papert, 1969, ch. 1).

    Args:
        X: Inputs, (N, D).
        order: Size of the largest group, from 1 on.

    Returns:
        One column for each group, smaller groups first, (N, P) of the type of X.

    Examples:
        >>> products(np.array([[2, 3, 5]]), 2)
        array([[ 2,  3,  5,  6, 10, 15]])
    """
    groups = [g for size in range(1, order + 1) for g in combinations(range(X.shape[1]), size)]
    return np.array([X[:, group].prod(axis=1) for group in groups], dtype=X.dtype).T


def inequalities(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Write "a threshold unit maps each row of X to y" as a matrix A, meaning A @ (w, b) >= 1.

    Args:
        X: Integer inputs, (N, D).
        y: Wanted outputs, 0 or 1, (N,).

    Returns:
        Row (x, 1) where the output is 1 and row -(x, 1) where it is 0, (N, D + 1) int64.

    Raises:
        ValueError: If X is not (N, D) of integers, or y is not (N,) of zeros and ones.
    """
    sign = np.where(y == 1, 1, -1)
    return sign[:, None] * np.hstack([X, np.ones_like(X[:, :1])]).astype(np.int64)


def is_certificate(A: np.ndarray, m: np.ndarray) -> bool:
    """Check the Farkas vector m (N,) of A (N, K): m >= 0, m @ A = 0, and m has a positive entry.

    Then A @ z >= 1 has no solution: m times it reads 0 >= sum(m) > 0 (Farkas, 1902).
    """
    return bool((m >= 0).all() and (m @ A == 0).all() and m.sum() > 0)


def separate(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Find the weights of one threshold unit, or prove that there are none, in whole numbers.

    Fourier-Motzkin elimination. A row of M holds how many times each given inequality is taken
    in a sum of them; each step makes the sums in which one more unknown cancels.

    Args:
        X: Integer inputs, (N, D), few: each step can square the number of sums.
        y: Wanted outputs, 0 or 1, (N,).

    Returns:
        Weights then bias, (D + 1,) int64, and None; or None and a Farkas vector, (N,) int64.

    Raises:
        ValueError: As `inequalities`.
        OverflowError: If a number would outgrow 64 bits.
    """
    A = inequalities(X, y)
    M = np.eye(len(A), dtype=np.int64)
    stages = []
    for k in range(A.shape[1]):
        stages.append(M)
        if 2.0 * len(A) * M.max(initial=0) ** 2.0 * abs(A).max() >= 2**63:
            raise OverflowError("separate(): the multipliers would outgrow 64 bits")
        c = M @ A[:, k]
        up, down = M[c > 0], M[c < 0]
        sums = -c[c < 0, None] * up[:, None] + c[c > 0, None, None] * down  # (up, down, N)
        M = np.vstack([M[c == 0], sums.reshape(-1, len(A))])
        M = np.unique(M // np.gcd.reduce(M, axis=1, keepdims=True), axis=0)
    if len(M):  # every unknown has cancelled, so any sum left is a contradiction
        return None, M[M.sum(axis=1).argmin()]

    z = [Fraction(0)] * A.shape[1]
    for k in reversed(range(len(z))):
        low, high = [], []
        for m in stages[k]:
            a = (m @ A).tolist()
            rest = int(m.sum()) - sum(a[j] * z[j] for j in range(k + 1, len(z)))
            if a[k]:
                (low if a[k] > 0 else high).append(Fraction(rest) / a[k])
        z[k] = min([max([Fraction(0), *low]), *high])  # as near to 0 as the bounds allow
    whole = lcm(*(value.denominator for value in z))
    return np.array([int(value * whole) for value in z], dtype=np.int64), None


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Bound a success rate: the score interval of Wilson (1927), 95% for z = 1.96.

    Raises:
        ValueError: Unless 0 <= successes <= trials and trials > 0.
    """
    if not (0 <= successes <= trials and trials > 0):
        raise ValueError(f"expected 0 <= successes <= trials, got {successes} of {trials}")
    rate, spread = successes / trials, z**2 / trials
    centre = rate + spread / 2
    half = z * np.sqrt(rate * (1 - rate) / trials + spread / (4 * trials))
    return max(0.0, float((centre - half) / (1 + spread))), float((centre + half) / (1 + spread))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Compute 1 / (1 + exp(-x)) elementwise, without overflow for any x."""
    return 0.5 * (1 + np.tanh(0.5 * x))


class Nets(NamedTuple):
    """Hold S separate nets: D inputs, H sigmoid hidden units and one sigmoid output each.

    The last axis counts the nets, so that each operation sweeps over all of them at once.

    Attributes:
        W: Input-to-hidden weights, (D, H, S).
        b: Hidden biases, (H, S).
        v: Hidden-to-output weights, (H, S).
        c: Output biases, (S,).

    Source: Rumelhart, Hinton and Williams (1986).
    """

    W: np.ndarray
    b: np.ndarray
    v: np.ndarray
    c: np.ndarray

    @classmethod
    def from_seeds(cls, seeds: range, inputs: int = 2, hidden: int = 2) -> "Nets":
        """Draw one net a seed, every weight and bias from the standard normal distribution.

        Examples:
            >>> Nets.from_seeds(range(1000)).W.shape
            (2, 2, 1000)
        """
        rngs = [np.random.default_rng(seed) for seed in seeds]
        shapes = (inputs, hidden), (hidden,), (hidden,), ()
        return cls(*(np.stack([rng.normal(size=s) for rng in rngs], axis=-1) for s in shapes))

    def select(self, which: np.ndarray) -> "Nets":
        """Copy some of the nets, by a Boolean mask (S,) or by their indices."""
        return Nets(*(array[..., which] for array in self))

    def forward(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Run each net on X (N, D): hidden values (N, H, S) and outputs (N, S) in (0, 1).

        Raises:
            ValueError: If X is not (N, D).
        """
        hidden = sigmoid(np.tensordot(X, self.W, axes=1) + self.b)
        return hidden, sigmoid((hidden * self.v).sum(axis=1) + self.c)

    def gradients(self, X: np.ndarray, y: np.ndarray) -> "Nets":
        """Differentiate each net's loss 1/2 sum((output - y)**2), y (N,), for each parameter."""
        hidden, output = self.forward(X)
        d_out = (output - y[:, None]) * output * (1 - output)  # (N, S)
        d_hid = d_out[:, None] * self.v * hidden * (1 - hidden)  # (N, H, S)
        return Nets(
            W=np.tensordot(X.T, d_hid, axes=1),
            b=d_hid.sum(axis=0),
            v=(d_out[:, None] * hidden).sum(axis=0),
            c=d_out.sum(axis=0),
        )

    def fit(self, X: np.ndarray, y: np.ndarray, steps: int, lr: float = 1.0) -> "Nets":
        """Return the nets after `steps` of gradient descent on all rows at once."""
        nets = self
        for _ in range(steps):
            slopes = nets.gradients(X, y)
            nets = Nets(*(array - lr * slope for array, slope in zip(nets, slopes, strict=True)))
        return nets


def torch_gradients(nets: Nets, X: np.ndarray, y: np.ndarray) -> Nets:
    """Differentiate the same losses by PyTorch's autograd: only the forward pass is written."""
    W, b, v, c = (torch.tensor(array, requires_grad=True) for array in nets)
    hidden = torch.sigmoid(torch.tensordot(torch.tensor(X), W, dims=1) + b)
    output = torch.sigmoid((hidden * v).sum(dim=1) + c)
    (0.5 * (output - torch.tensor(y)[:, None]) ** 2).sum().backward()
    return Nets(*(tensor.grad.numpy() for tensor in (W, b, v, c)))


def _check_choice(self: Nets, which: np.ndarray) -> None:
    which, nets = np.asarray(which), len(self.c)
    mask = which.dtype == bool and which.shape == (nets,)
    indices = which.dtype.kind in "iu" and bool(((-nets <= which) & (which < nets)).all())
    if not (mask or indices):
        raise ValueError(
            f"Nets.select(): which is neither a mask ({nets},) nor indices of {nets} nets, "
            f"but {which.dtype} {which.shape}"
        )


def _check_products(X: np.ndarray, order: int) -> None:
    if X.dtype.kind == "i":
        fits_64_bits("products", float(np.abs(X).max(initial=0)) ** order)


def _check_certificate(A: np.ndarray, m: np.ndarray) -> None:
    if A.dtype.kind == m.dtype.kind == "i":
        largest = float(np.abs(A).max(initial=1)) * np.abs(m).max(initial=0)
        fits_64_bits("is_certificate", len(m) * largest)


# What each takes is checked apart from the code, so that a page can show the idea alone.

takes(products, {"X": "(N, D) of integers or floats"}, also=_check_products)
takes(inequalities, {"X": "(N, D) of integers", "y": "(N,) of 0 and 1"})
takes(
    is_certificate,
    {"A": "(N, K) of integers or floats", "m": "(N,) of integers or floats"},
    also=_check_certificate,
)
takes(separate, {"X": "(N, D) of integers, not empty", "y": "(N,) of 0 and 1"})
takes(sigmoid, {"x": "(...) of any numbers"})
_NETS = {"W": "(D, H, S)", "b": "(H, S)", "v": "(H, S)", "c": "(S,)"}
_SELF = {f"self.{name}": shape for name, shape in _NETS.items()}
takes(Nets.select, {}, also=_check_choice)
takes(Nets.forward, _SELF | {"X": "(N, D)"})
takes(Nets.gradients, _SELF | {"X": "(N, D)", "y": "(N,)"})
takes(Nets.fit, _SELF | {"X": "(N, D)", "y": "(N,)"})
takes(
    torch_gradients,
    {f"nets.{name}": shape for name, shape in _NETS.items()} | {"X": "(N, D)", "y": "(N,)"},
)
