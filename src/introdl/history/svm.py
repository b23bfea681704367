"""Support vector machine: the dual problem, solved two multipliers at a time, for any kernel."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from introdl.arguments import takes


def linear(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Compute the dot product of each row of A (N, D) with each row of B (M, D), (N, M)."""
    return A @ B.T


def polynomial(
    A: np.ndarray, B: np.ndarray, degree: int = 3, gamma: float = 1.0, shift: float = 1.0
) -> np.ndarray:
    """Compute (gamma a·b + shift)**degree for each pair of rows (Boser et al., 1992), (N, M)."""
    return (gamma * A @ B.T + shift) ** degree


def rbf(A: np.ndarray, B: np.ndarray, gamma: float = 1.0) -> np.ndarray:
    """Compute exp(-gamma |a - b|**2) for each pair of rows (Boser et al., 1992), (N, M).

    Examples:
        >>> rbf(np.zeros((2, 3)), np.zeros((5, 3))).shape
        (2, 5)
    """
    A, B = A - B.mean(axis=0), B - B.mean(axis=0)  # a large offset would cost digits below
    square = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.exp(-gamma * np.maximum(square, 0))  # rounding can leave a square below zero


class Solution(NamedTuple):
    """What `smo` found.

    Attributes:
        beta: Signed multipliers, alpha times label, (N,).
        b: Bias.
        violation: By how much the optimality condition is still broken; at most `tol`.
        steps: How many pairs were moved.
    """

    beta: np.ndarray
    b: float
    violation: float
    steps: int


def smo(
    K: np.ndarray, y: np.ndarray, C: float = 1.0, tol: float = 1e-6, max_steps: int = 1_000_000
) -> Solution:
    """Maximise the dual of the soft-margin SVM by sequential minimal optimisation.

    Each step takes the multiplier that wants to rise most, and the one that gains most by falling
    with it. Both move along the line on which their sum stays the same, to the best point within
    their bounds.

    Args:
        K: Gram matrix, (N, N), symmetric and positive semidefinite.
        y: Labels -1 or +1, (N,).
        C: Price of a unit of slack, above 0.
        tol: Stop when no pair breaks the condition by more.
        max_steps: Stop at the latest after so many pairs.

    Returns:
        The solution; its `violation` is above `tol` if `max_steps` came first.

    Raises:
        ValueError: If a shape or a label is not as above, only one class is present, or C <= 0.

    Source: Platt (1998); the stop is that of Keerthi et al. (2001), the pair of Fan et al. (2005).
    """
    low, high = np.where(y == 1, 0.0, -C), np.where(y == 1, C, 0.0)
    beta = np.zeros(len(y))
    F = y.astype(float)  # y - K @ beta: what the bias would have to be for each point
    for step in range(max_steps + 1):
        i = np.where(beta < high, F, -np.inf).argmax()  # wants to rise most
        falling = np.where(beta > low, F, np.inf)
        lowest = falling.min()
        if F[i] - lowest <= tol or step == max_steps:
            break
        gap = (F[i] - falling).clip(0)
        curvature = (K[i, i] + K.diagonal() - 2 * K[i]).clip(1e-12)  # 0 for two equal points
        j = (gap**2 / curvature).argmax()  # gains most
        t = min(gap[j] / curvature[j], high[i] - beta[i], beta[j] - low[j])
        beta[i] += t
        beta[j] -= t
        F -= t * (K[i] - K[j])
    return Solution(beta, float(F[i] + lowest) / 2, float(F[i] - lowest), step)


def objectives(
    K: np.ndarray, y: np.ndarray, beta: np.ndarray, b: float, C: float
) -> tuple[float, float]:
    """Compute the primal and the dual objective; they meet at the optimum, and only there.

    Source: Cortes and Vapnik (1995), sections 2 and 3.
    """
    size = float(beta @ K @ beta)
    slack = np.maximum(0, 1 - y * (K @ beta + b))
    return size / 2 + C * float(slack.sum()), float(np.abs(beta).sum()) - size / 2


def kkt_residuals(
    K: np.ndarray, y: np.ndarray, beta: np.ndarray, b: float, C: float
) -> dict[str, float]:
    """Measure how far a solution is from each of the Karush-Kuhn-Tucker conditions.

    Returns:
        The worst breach of: the sum of beta is 0; 0 <= alpha <= C; alpha > 0 only where y f(x)
        is at most 1; alpha < C only where it is at least 1. All are 0 at the optimum.
    """
    alpha, yf = y * beta, y * (K @ beta + b)
    return {
        "sum of beta": abs(float(beta.sum())),
        "bounds": float(np.maximum(-alpha, alpha - C).clip(0).max()),
        "alpha > 0, y f > 1": float((alpha * (yf - 1).clip(0)).max()),
        "alpha < C, y f < 1": float(((C - alpha) * (1 - yf).clip(0)).max()),
    }


class SVC:
    """Classify in two by the widest margin in a kernel's space (Cortes and Vapnik, 1995).

    Args:
        kernel: Maps rows A (N, D) and B (M, D) to their Gram matrix (N, M).
        C: Price of a unit of slack.
        tol: Tolerance of `smo`.
    """

    def __init__(
        self,
        kernel: Callable[[np.ndarray, np.ndarray], np.ndarray] = linear,
        C: float = 1.0,
        tol: float = 1e-6,
    ) -> None:
        self.kernel, self.C, self.tol = kernel, C, tol

    def fit(self, X: np.ndarray, y: np.ndarray) -> "SVC":
        """Find the support vectors among X (N, D) with labels y of -1 and +1, (N,).

        Raises:
            ValueError: As `smo`, or if X is not (N, D).
            RuntimeError: If `smo` ran out of steps.
        """
        found = smo(self.kernel(X, X), y, self.C, self.tol)
        if found.violation > self.tol:
            raise RuntimeError(f"no convergence in {found.steps} steps: {found.violation:.3g}")
        self.support = np.flatnonzero(found.beta)
        self.vectors, self.beta, self.b = X[self.support], found.beta[self.support], found.b
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Compute f(x) for each row of X (M, D): its sign is the class, (M,)."""
        return self.kernel(X, self.vectors) @ self.beta + self.b

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Label each row of X (M, D) with -1 or +1, (M,)."""
        return np.where(self.decision_function(X) > 0, 1, -1)


def torch_primal(X: np.ndarray, y: np.ndarray, C: float = 1.0) -> tuple[np.ndarray, float, float]:
    """Minimise the primal of the linear SVM in PyTorch: no multipliers, no pairs.

    The corner of the hinge is rounded by a softplus of width h, and h is shrunk in stages.

    Args:
        X: Points, (N, D).
        y: Labels -1 or +1, (N,).
        C: Price of a unit of slack.

    Returns:
        Weights (D,), bias, and the primal objective with the true hinge.
    """
    X, y = (torch.tensor(array, dtype=torch.float64) for array in (X, y))
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)

    def objective(h):
        gap = 1 - y * (X @ w + b)
        slack = h * torch.nn.functional.softplus(gap / h) if h else gap.clamp(min=0)
        return w @ w / 2 + C * slack.sum()

    for h in 10.0 ** -np.arange(6):
        optimizer = torch.optim.LBFGS([w, b], max_iter=500, line_search_fn="strong_wolfe")

        def closure(h=h, optimizer=optimizer):
            optimizer.zero_grad()
            loss = objective(h)
            loss.backward()
            return loss

        optimizer.step(closure)
    return w.detach().numpy(), b.item(), objective(0).item()


def _check_problem(K: np.ndarray, y: np.ndarray, C: float, **_: object) -> None:
    """Refuse what has no widest margin: one class alone, no price, or a K that is no Gram matrix.

    K must be symmetric and positive semidefinite, up to rounding.
    """
    if len(np.unique(y)) < 2:
        raise ValueError(f"smo(): expected both labels, -1 and +1, got {y[0]:+g} alone")
    if not C > 0:
        raise ValueError(f"smo(): expected C > 0, got {C}")
    largest = np.abs(K).max()
    if np.abs(K - K.T).max() > 1e-10 * largest:
        raise ValueError("smo(): K is not symmetric, so it is no Gram matrix")
    try:
        np.linalg.cholesky(K + (1e-10 * len(K) * largest + 1e-300) * np.eye(len(K)))
    except np.linalg.LinAlgError:
        raise ValueError("smo(): K is not positive semidefinite, so it is no Gram matrix") from None


# What each takes is checked apart from the code, so that a page can show the idea alone.

for _kernel in (linear, polynomial, rbf):
    takes(_kernel, {"A": "(N, D)", "B": "(M, D), not empty"})
takes(smo, {"y": "(N,) of -1 and +1, not empty", "K": "(N, N)"}, also=_check_problem)
for _function in (objectives, kkt_residuals):
    takes(
        _function,
        {"y": "(N,) of -1 and +1, not empty", "K": "(N, N)", "beta": "(N,)", "b": "()", "C": "()"},
    )
takes(SVC.fit, {"X": "(N, D), not empty", "y": "(N,) of -1 and +1"})
takes(SVC.decision_function, {"self.vectors": "(V, D)", "X": "(M, D)"})
takes(torch_primal, {"X": "(N, D), not empty", "y": "(N,) of -1 and +1", "C": "()"})
