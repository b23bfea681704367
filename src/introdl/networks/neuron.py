"""The artificial neuron: a weighted sum through a sigmoid, that is, logistic regression."""

from typing import NamedTuple

import numpy as np
import torch

from introdl.arguments import takes


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Compute 1 / (1 + exp(-z)) of each entry, in the shape of `z`; no `z` is too large.

    Examples:
        >>> sigmoid(np.array([0.0, np.log(3), -1000.0]))
        array([0.5 , 0.75, 0.  ])
    """
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1 + e)


def surprise(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Compute -log of the probability that the net input `z` gives to the label `y`, (N,).

    Source: Good (1952), "Rational decisions", for the score.

    Args:
        z: Net inputs, (N,) float.
        y: Labels 0 or 1, (N,).

    Examples:
        >>> surprise(np.array([0.0, 1000.0]), np.array([1, 0]))
        array([6.93147181e-01, 1.00000000e+03])
    """
    return _surprise(z, y)


def _surprise(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    # log(1 + exp(-z)) for label 1 and log(1 + exp(z)) for 0 hold up where the probability itself
    # rounds to 0 or 1.
    return np.logaddexp(0, (1 - 2 * y) * z)


class Neuron:
    """A weighted sum through a sigmoid, trained by gradient descent on the mean surprise.

    Source: Cox (1958), "The regression analysis of binary sequences".

    Args:
        n_inputs: Number of inputs, D.

    Attributes:
        w: Weights, (D,) float64, zero at first.
        b: Bias: the weight of a constant input 1.

    Examples:
        >>> Neuron(3).probability(np.ones((2, 3)))
        array([0.5, 0.5])
    """

    def __init__(self, n_inputs: int) -> None:
        self.w = np.zeros(n_inputs)
        self.b = 0.0

    def net_input(self, X: np.ndarray) -> np.ndarray:
        """Weigh and sum each row of `X` (N, D), plus the bias: (N,)."""
        return X @ self.w + self.b

    def probability(self, X: np.ndarray) -> np.ndarray:
        """How sure the neuron is that the label of each row of `X` (N, D) is 1: (N,)."""
        return sigmoid(self.net_input(X))

    def predict(self, X: np.ndarray, threshold: float = 0.5) -> np.ndarray:
        """Decide 0 or 1 for each row of `X` (N, D): 1 from the threshold on."""
        return (self.probability(X) >= threshold).astype(int)

    def loss(self, X: np.ndarray, y: np.ndarray, penalty: float = 0.0) -> float:
        """Compute the mean surprise, plus `penalty` / 2 times the squared length of the weights.

        Args:
            X: Inputs, (N, D) float.
            y: Labels 0 or 1, (N,).
            penalty: The price of large weights; the bias is free.
        """
        return self._evaluate(X, y, penalty)[0]

    def gradient(
        self, X: np.ndarray, y: np.ndarray, penalty: float = 0.0
    ) -> tuple[np.ndarray, float]:
        """Compute the slopes of `loss`: the mean of error times input; the error is p - y.

        Returns:
            The slope by each weight, (D,), and by the bias.
        """
        return self._evaluate(X, y, penalty)[1:]

    def _evaluate(
        self, X: np.ndarray, y: np.ndarray, penalty: float
    ) -> tuple[float, np.ndarray, float]:
        z = X @ self.w + self.b  # (N,)
        loss = _surprise(z, y).mean() + penalty / 2 * self.w @ self.w
        error = sigmoid(z) - y  # (N,)
        return float(loss), error @ X / len(X) + penalty * self.w, float(error.mean())

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        *,
        rate: float = 1.0,
        steps: int = 1000,
        penalty: float = 0.0,
    ) -> np.ndarray:
        """Take steps against the gradient over all examples, from where the weights are.

        Args:
            X: Inputs, (N, D) float.
            y: Labels 0 or 1, (N,).
            rate: Learning rate η.
            steps: How many steps to take.
            penalty: The price of large weights.

        Returns:
            The loss before the first step and after each, (steps + 1,).

        Raises:
            ValueError: If a shape does not fit, a label is not 0 or 1, or an input not finite.
        """
        losses = []
        for _ in range(steps):
            loss, dw, db = self._evaluate(X, y, penalty)
            losses.append(loss)
            self.w = self.w - rate * dw
            self.b = self.b - rate * db
        return np.array([*losses, self._evaluate(X, y, penalty)[0]])


def newton(X: np.ndarray, y: np.ndarray, penalty: float = 0.0) -> np.ndarray:
    """Find the weights with the least loss by Newton's method, to rounding error.

    Each step goes to the lowest point of the parabola that fits the loss where it stands, and is
    halved until the loss falls.

    Args:
        X: Inputs, (N, D) float.
        y: Labels 0 or 1, (N,).
        penalty: The price of large weights; the bias is free.

    Returns:
        The weights, bias last, (D + 1,).

    Raises:
        ValueError: If there is no lowest point, or more than one: a line separates the classes,
            there is one class alone, an input follows from the others, or the sizes of the inputs
            lie too far apart; or if the penalty is below 0.
    """
    if not penalty >= 0:
        raise ValueError(f"newton(): penalty must be 0 or more, got {penalty}")
    Z = np.column_stack([X, np.ones(len(X))])  # (N, D + 1)
    price = np.append(np.full(X.shape[1], penalty), 0.0)  # (D + 1,)
    v = np.zeros(Z.shape[1])

    def loss(v: np.ndarray) -> float:
        return float(_surprise(Z @ v, y).mean() + price @ v**2 / 2)

    for _ in range(100):
        p = sigmoid(Z @ v)
        slope = (p - y) @ Z / len(Z) + price * v  # (D + 1,)
        curvature = (Z.T * (p * (1 - p))) @ Z / len(Z) + np.diag(price)  # (D + 1, D + 1)
        separated = penalty == 0 and ((Z @ v > 0) == y).all()
        if separated or np.linalg.cond(curvature) > 1e12:
            break
        step = np.linalg.solve(curvature, slope)
        size, before = 1.0, loss(v)  # a rise of 1e-14 is rounding
        while loss(v - size * step) > before + 1e-14 and size > 1e-6:
            size /= 2
        v = v - size * step
        if slope @ step < 1e-24:  # twice what the step could gain
            return v
    raise ValueError("newton(): no single lowest point: do the inputs separate the classes?")


def cheapest_threshold(miss: float, alarm: float) -> float:
    """Compute the probability from which saying 1 is the cheaper bet: alarm / (alarm + miss).

    At probability p, saying 0 costs p times `miss` in the mean, and saying 1 costs 1 - p times
    `alarm`. Source: Elkan (2001), "The foundations of cost-sensitive learning", section 1.3.

    Args:
        miss: The cost of saying 0 where the label is 1, positive.
        alarm: The cost of saying 1 where the label is 0, positive.

    Raises:
        ValueError: If a cost is not positive.

    Examples:
        >>> cheapest_threshold(miss=9, alarm=1)
        0.1
    """
    if not (miss > 0 and alarm > 0):
        raise ValueError(f"cheapest_threshold(): costs must be positive, got {miss} and {alarm}")
    return alarm / (alarm + miss)


class Group(NamedTuple):
    """Examples about which a machine is about equally sure.

    Attributes:
        said: The mean of their probabilities.
        share: The share of them whose label is 1.
        ones: How many have label 1.
        count: How many there are.
    """

    said: float
    share: float
    ones: int
    count: int


def calibration(p: np.ndarray, y: np.ndarray, edges: np.ndarray) -> list[Group]:
    """Group examples by how sure the machine is, and compare with what they are.

    A machine is calibrated if, in each group, what it said and the share are alike.

    Args:
        p: Probabilities, (N,), between 0 and 1.
        y: Labels 0 or 1, (N,).
        edges: Where one group ends and the next begins, increasing, (K,). A probability on an
            edge belongs to the group above it.

    Returns:
        The groups that are not empty, from the least to the greatest probability.

    Raises:
        ValueError: If the edges do not increase, or a value is out of its range.

    Examples:
        >>> calibration(np.array([0.1, 0.7, 0.9]), np.array([0, 1, 0]), np.array([0.5]))[1]
        Group(said=0.8, share=0.5, ones=1, count=2)
    """
    if (np.diff(edges) <= 0).any():
        raise ValueError(f"calibration(): edges must increase, got {edges}")
    group = np.digitize(p, edges)  # (N,)
    found = [(p[group == k], y[group == k]) for k in np.unique(group)]
    return [Group(float(q.mean()), float(t.mean()), int(t.sum()), len(t)) for q, t in found]


def fit_torch(
    X: np.ndarray,
    y: np.ndarray,
    *,
    rate: float = 1.0,
    steps: int = 1000,
    penalty: float = 0.0,
) -> torch.nn.Linear:
    """Train the same neuron in PyTorch, whose autograd finds the slopes.

    Args:
        X: Inputs, (N, D) float.
        y: Labels 0 or 1, (N,).
        rate: Learning rate η.
        steps: How many steps to take.
        penalty: The price of large weights, PyTorch's weight decay.

    Returns:
        The trained unit before its sigmoid; its weight is (1, D), its bias (1,), both float64.
    """
    unit = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(unit.weight)
    torch.nn.init.zeros_(unit.bias)
    weights = {"params": unit.weight, "weight_decay": penalty}
    optimizer = torch.optim.SGD([weights, {"params": unit.bias}], lr=rate)
    mean_surprise = torch.nn.BCEWithLogitsLoss()  # takes z, not p
    inputs, labels = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    for _ in range(steps):
        loss = mean_surprise(unit(inputs)[:, 0], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return unit


# What each takes is checked apart from the code, so that a page can show the idea alone.

_DATA = {"X": "(N, D), not empty", "y": "(N,) of 0 and 1"}
takes(surprise, {"z": "(N,)", "y": "(N,) of 0 and 1"})
for _function in (Neuron.net_input, Neuron.probability, Neuron.predict):
    takes(_function, {"self.w": "(D,)", "X": "(N, D)"})
for _function in (Neuron.loss, Neuron.gradient, Neuron.fit):
    takes(_function, {"self.w": "(D,)", **_DATA})
for _function in (newton, fit_torch):
    takes(_function, _DATA)
takes(
    calibration,
    {"p": "(N,) in [0, 1], not empty", "y": "(N,) of 0 and 1", "edges": "(K,)"},
)
