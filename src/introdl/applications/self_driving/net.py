"""Copy a driver: a small net, a weighted sum, and DAgger, which asks the driver again."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from introdl.applications.self_driving.car import drive
from introdl.applications.self_driving.road import Roads
from introdl.arguments import takes


class Net(NamedTuple):
    """A net with one hidden layer that turns as it has seen others turn.

    Attributes:
        w1: Weights of the H hidden units, (H, D); it ignores numbers of a view after the first D.
        b1: Their biases, (H,).
        w2: Weights of the turn, (H,).
        b2: Its bias.
    """

    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: float

    def __call__(self, views: np.ndarray) -> np.ndarray:
        """Turn: views (N, D or more) to radians per metre, (N,)."""
        hidden = np.tanh(views[:, : self.w1.shape[1]] @ self.w1.T + self.b1)
        return (hidden @ self.w2 + self.b2) / 10


def fit(
    views: np.ndarray, wanted: np.ndarray, *, seed: int, passes: int = 40, hidden: int = 32
) -> Net:
    """Train a net to turn as somebody did, with Adam on the squared error, in batches of 128.

    Args:
        views: What was seen, (N, D).
        wanted: The turns, (N,).
        seed: Of the first weights and of the order.
        passes: Through all views.
        hidden: Units of the hidden layer.
    """
    x = torch.tensor(views, dtype=torch.float32)
    y = torch.tensor(10 * wanted[:, None], dtype=torch.float32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = nn.Sequential(nn.Linear(x.shape[1], hidden), nn.Tanh(), nn.Linear(hidden, 1))
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01, fused=True)
        for _ in range(passes):
            for part in torch.randperm(len(x)).split(128):
                loss = nn.functional.mse_loss(net(x[part]), y[part])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    w1, b1, w2, b2 = (p.detach().numpy().astype(float) for p in net.parameters())
    return Net(w1, b1, w2[0], float(b2[0]))


def weighted_sum(views: np.ndarray, wanted: np.ndarray, *, ridge: float = 0.01) -> np.ndarray:
    """Fit one weight per number of a view by least squares with a ridge; the bias comes last.

    Args:
        views: What was seen, (N, D).
        wanted: The turns, (N,).
        ridge: What the sum of the squared weights costs.

    Returns:
        Weights and bias, (D + 1,).
    """
    x = np.hstack([views, np.ones((len(views), 1))])
    return np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ wanted)


def dagger(roads: Roads, *, seed: int, rounds: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Collect views by DAgger: the net drives, and the expert says how it would have turned.

    Each round drives its own share of the roads: the expert the first, and then a net that has
    learned from all rounds before.
    Source: Ross, Gordon & Bagnell (2011), algorithm 3.1, with beta 1 and then 0.

    Args:
        roads: N roads; N is a multiple of the rounds.
        seed: Of the nets on the way.
        rounds: How many.

    Returns:
        Views (N · METRES, 129) and turns (N · METRES,).
    """
    size = len(roads.road) // rounds
    views, wanted = np.empty((0, 129)), np.empty(0)
    for r in range(rounds):
        part = roads.part(slice(r * size, (r + 1) * size))
        net = fit(views, wanted, seed=1000 * r + seed, passes=20) if r else None
        found = drive(part, net, put_back=True)
        views = np.concatenate([views, found.views])
        wanted = np.concatenate([wanted, found.wanted])
    return views, wanted


def _rounds(roads: Roads, rounds: int, **_: object) -> None:
    n = len(roads.road)
    if rounds < 1 or n % rounds or not n:
        raise ValueError(f"dagger(): {n} roads cannot be shared among {rounds} rounds")


_SEEN = {"views": "(N, D), not empty", "wanted": "(N,)"}
takes(fit, _SEEN)
takes(weighted_sum, _SEEN)
takes(Net.__call__, {"views": "(N, D), not empty"})
takes(dagger, {}, also=_rounds)
