"""A GRU that reads a name letter by letter."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from introdl.arguments import takes


class Reader(nn.Module):
    """A GRU that reads a name letter by letter; its last state gives the score.

    Args:
        width: Numbers in the vector of a letter, D.
        hidden: Cells, H.
        drop: The share of numbers that is left out while it learns.
    """

    def __init__(self, width: int = 16, hidden: int = 64, drop: float = 0.3) -> None:
        super().__init__()
        self.letters = nn.Embedding(26, width)
        self.gru = nn.GRU(width, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)
        self.drop = nn.Dropout(drop)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Turn names of one length, (N, T), into log-odds of "female", (N,)."""
        states, _ = self.gru(self.drop(self.letters(rows)))  # (N, T, H)
        return self.out(self.drop(states[:, -1]))[:, 0]

    @torch.no_grad()
    def chance(self, names: Sequence[str]) -> np.ndarray:
        """Give each name's chance of "female", (N,) float64."""
        self.eval()
        found = np.empty(len(names))
        for places, rows in by_length(names):
            found[places] = torch.sigmoid(self(rows).double())
        return found


def by_length(names: Sequence[str]) -> list[tuple[np.ndarray, torch.Tensor]]:
    """Sort names by length: for each, their places, (n,), and letters 0 to 25, (n, T)."""
    lengths = np.array([len(name) for name in names])
    parts = [np.flatnonzero(lengths == length) for length in np.unique(lengths)]
    return [
        (part, torch.tensor([[ord(c) - ord("a") for c in names[i]] for i in part]))
        for part in parts
    ]


def fit_reader(
    names: Sequence[str],
    female: np.ndarray,
    male: np.ndarray,
    *,
    seed: int,
    rate: float = 0.02,
    passes: int = 10,
    batch: int = 128,
) -> Reader:
    """Train a reader with Adam on names of equal length at a time.

    Args:
        names: In the letters a to z, N of them.
        female: How much "female" counts for each name, (N,), from `balance`.
        male: How much "male" counts, (N,).
        seed: Of the first weights, the order and what is left out.
        rate: The learning rate at the start; it falls to 0 in equal steps.
        passes: Through all names.
        batch: Names of one step, at most.
    """
    yes, no = (torch.tensor(w, dtype=torch.float32) for w in (female, male))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = Reader()
        steps = [
            (torch.from_numpy(places)[chosen], rows[chosen])
            for _ in range(passes)
            for places, rows, chosen in _shuffled(names, batch)
        ]
        optimizer = torch.optim.Adam(net.parameters(), rate)
        for step, (places, rows) in enumerate(steps):
            optimizer.param_groups[0]["lr"] = rate * (1 - step / len(steps))
            s = net(rows)
            loss = yes[places] * F.softplus(-s) + no[places] * F.softplus(s)
            optimizer.zero_grad()
            (loss.sum() / batch).backward()
            optimizer.step()
    return net


def _shuffled(
    names: Sequence[str], batch: int
) -> list[tuple[np.ndarray, torch.Tensor, torch.Tensor]]:
    """All names once, in batches of equal length and in random order."""
    parts = [
        (places, rows, chosen)
        for places, rows in by_length(names)
        for chosen in torch.randperm(len(rows)).split(batch)
    ]
    return [parts[k] for k in torch.randperm(len(parts)).tolist()]


def _named(names: Sequence[str], female: np.ndarray, **_: object) -> None:
    if not names or len(names) != len(female):
        raise ValueError(f"fit_reader(): {len(names)} names for weights of shape {female.shape}")


takes(fit_reader, {"female": "(N,)", "male": "(N,)"}, also=_named)
