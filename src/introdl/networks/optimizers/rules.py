"""Six rules that turn the slopes of a loss into new weights: each entry has its own memory."""

from __future__ import annotations

import numpy as np

from introdl.arguments import takes


class _Rule:
    v: float | np.ndarray = 0.0

    def must_be_new(self, caller: str) -> None:
        """Refuse a rule that remembers another run."""
        if np.any(self.v):
            raise ValueError(
                f"{caller}(): the {type(self).__name__} has stepped before: take a new one"
            )


class SGD(_Rule):
    """Subtract the slope, times the rate; with momentum, a velocity that adds up slopes.

    Source: Polyak (1964) for momentum; Nesterov (1983), with the point ahead as the weights.

    Args:
        rate: The learning rate η.
        momentum: The share α of the velocity that is kept.
        nesterov: Whether to step by the velocity as one more such slope would make it.
        decay: Weight decay: this share of each weight is added to its slope.

    Examples:
        >>> SGD(0.01).step(np.array([1.0, 1.0]), np.array([100.0, 0.01]))
        array([0.    , 0.9999])
    """

    def __init__(
        self,
        rate: float | np.ndarray,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        decay: float = 0.0,
    ) -> None:
        _settings("SGD", rate, decay, momentum=momentum)
        if nesterov and not momentum:
            raise ValueError("SGD(): nesterov needs a momentum above 0")
        self.rate, self.momentum, self.nesterov, self.decay = rate, momentum, nesterov, decay
        self.v: float | np.ndarray = 0.0

    def step(self, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        """Compute new weights from weights `w` and the slopes `g` there, both (...)."""
        g = g + self.decay * w
        self.v = self.momentum * self.v + g
        return w - self.rate * (g + self.momentum * self.v if self.nesterov else self.v)


class RMSProp(_Rule):
    """Divide each slope by the root of a running mean of its squares.

    Source: Tieleman & Hinton (2012), lecture 6e; epsilon stands outside the root, as in PyTorch.

    Args:
        rate: The learning rate η.
        beta: The share of the mean square that is kept.
        decay: Weight decay, added to the slope.
        epsilon: Added to the root, so that nothing is divided by 0.

    Examples:
        >>> RMSProp(0.01).step(np.array([1.0, 1.0]), np.array([100.0, 0.01])).round(4)
        array([0.9, 0.9])
    """

    def __init__(
        self,
        rate: float | np.ndarray,
        beta: float = 0.99,
        *,
        decay: float = 0.0,
        epsilon: float = 1e-8,
    ) -> None:
        _settings("RMSProp", rate, decay, epsilon, beta=beta)
        self.rate, self.beta, self.decay, self.epsilon = rate, beta, decay, epsilon
        self.v: float | np.ndarray = 0.0

    def step(self, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        """Compute new weights from weights `w` and the slopes `g` there, both (...)."""
        g = g + self.decay * w
        self.v = self.beta * self.v + (1 - self.beta) * g**2
        return w - self.rate * g / (np.sqrt(self.v) + self.epsilon)


class Adam(_Rule):
    """Divide a running mean of slopes by the root of one of their squares; correct both.

    Source: Kingma & Ba (2015).

    Args:
        rate: The learning rate η.
        beta1: The share of the mean slope that is kept.
        beta2: The share of the mean square that is kept.
        decay: Weight decay, added to the slope.
        epsilon: Added to the root, so that nothing is divided by 0.

    Examples:
        >>> Adam(0.1).step(np.array([1.0, 1.0]), np.array([100.0, 0.01])).round(4)
        array([0.9, 0.9])
    """

    def __init__(
        self,
        rate: float | np.ndarray,
        beta1: float = 0.9,
        beta2: float = 0.999,
        *,
        decay: float = 0.0,
        epsilon: float = 1e-8,
    ) -> None:
        _settings(type(self).__name__, rate, decay, epsilon, beta1=beta1, beta2=beta2)
        self.rate, self.beta1, self.beta2 = rate, beta1, beta2
        self.decay, self.epsilon = decay, epsilon
        self.t = 0
        self.m: float | np.ndarray = 0.0
        self.v: float | np.ndarray = 0.0

    def step(self, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        """Compute new weights from weights `w` and the slopes `g` there, both (...)."""
        return self._move(w, g + self.decay * w)

    def _move(self, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g**2
        m = self.m / (1 - self.beta1**self.t)
        v = self.v / (1 - self.beta2**self.t)
        return w - self.rate * m / (np.sqrt(v) + self.epsilon)


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves, apart from the slope.

    Source: Loshchilov & Hutter (2019). The arguments are Adam's, `decay` is 0.01 unless given.

    Examples:
        >>> AdamW(0.1, decay=0.5).step(np.array([1.0]), np.array([100.0])).round(4)
        array([0.85])
    """

    def __init__(
        self,
        rate: float | np.ndarray,
        beta1: float = 0.9,
        beta2: float = 0.999,
        *,
        decay: float = 0.01,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(rate, beta1, beta2, decay=decay, epsilon=epsilon)

    def step(self, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        """Compute new weights from weights `w` and the slopes `g` there, both (...)."""
        return self._move(w * (1 - self.rate * self.decay), g)


#: Any of the rules; AdamW is an Adam. The rate may be set before each step. It is one number, or an
#: array that broadcasts against the weights: one rate for each row.
Optimizer = SGD | RMSProp | Adam


def _settings(
    name: str, rate: float | np.ndarray, decay: float, epsilon: float = 1.0, **shares: float
) -> None:
    if not (np.asarray(rate) > 0).all():
        raise ValueError(f"{name}(): rate must be above 0, got {rate}")
    if not decay >= 0 or not epsilon > 0:
        raise ValueError(
            f"{name}(): decay must be 0 or more and epsilon above 0, got {decay} and {epsilon}"
        )
    for setting, share in shares.items():
        if not 0 <= share < 1:
            raise ValueError(f"{name}(): {setting} must be from 0 to below 1, got {share}")


def _alike(w: np.ndarray, g: np.ndarray, **_: object) -> None:
    if w.shape != g.shape:
        raise ValueError(f"step(): w has shape {w.shape}, g has shape {g.shape}: one slope each")


for _rule in (SGD, RMSProp, Adam, AdamW):
    takes(_rule.step, {"w": "(...)", "g": "(...)"}, also=_alike)
