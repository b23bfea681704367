"""A GRU that reads a child's visits in order, and scores each."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from introdl.applications.growth_delays.children import Children
from introdl.arguments import takes


def inputs(age: np.ndarray, z: np.ndarray) -> np.ndarray:
    """List what the net reads at each visit: age, z and the months since the visit before.

    Args:
        age: In months, (N, T).
        z: (N, T).

    Returns:
        (N, T, 3), age and gap moved and scaled to about -2 to 2.
    """
    gap = np.diff(age, axis=1, prepend=age[:, :1])
    return np.stack([(age - 72) / 24, z, (gap - 7) / 3], axis=-1)


class Watcher(nn.Module):
    """A GRU over the visits; each state gives the log-odds that the child is ill by now.

    Args:
        hidden: Cells, H.
    """

    def __init__(self, hidden: int = 16) -> None:
        super().__init__()
        self.gru = nn.GRU(3, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Turn visits, (N, T, 3), into log-odds, (N, T)."""
        states, _ = self.gru(seen)  # (N, T, H)
        return self.out(states)[..., 0]

    @torch.no_grad()
    def score(self, children: Children, sex: str = "boys") -> np.ndarray:
        """Score each visit, (N, T) float64; a repeated visit has the score of the last one."""
        seen = torch.from_numpy(inputs(children.age, children.z(sex)))
        found = self(seen.float()).double().numpy()
        last = np.take_along_axis(found, children.visits[:, None] - 1, axis=1)
        return np.where(children.there, found, last)


def fit_watcher(
    children: Children,
    *,
    seed: int,
    hidden: int = 16,
    rate: float = 0.12,
    passes: int = 12,
    batch: int = 256,
) -> Watcher:
    """Train with Adam to say at each visit whether the child is ill by now.

    Args:
        children: To learn from.
        seed: Of the first weights and of the order.
        hidden: Cells.
        rate: The learning rate at the start; it falls to 0 in equal steps.
        passes: Through all children.
        batch: Children of one step.
    """
    seen = torch.from_numpy(inputs(children.age, children.z())).float()
    begun = children.ill[:, None] & (children.age >= children.onset[:, None])
    label, there = (torch.from_numpy(a).float() for a in (begun, children.there))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Watcher(hidden)
        optimizer = torch.optim.Adam(net.parameters(), rate)
        steps = [c for _ in range(passes) for c in torch.randperm(len(seen)).split(batch)]
    for step, chosen in enumerate(steps):
        optimizer.param_groups[0]["lr"] = rate * (1 - step / len(steps))
        loss = F.binary_cross_entropy_with_logits(
            net(seen[chosen]), label[chosen], weight=there[chosen], reduction="sum"
        )
        optimizer.zero_grad()
        (loss / there[chosen].sum()).backward()
        optimizer.step()
    return net


takes(inputs, {"age": "(N, T), not empty", "z": "(N, T)"})
