"""GRUs that read the past month by month, and say the months to come at once."""

from collections.abc import Sequence

import numpy as np
import torch

from introdl.arguments import takes
from introdl.sequences.memory.tasks import AskedGRUs


def train(
    nets: AskedGRUs,
    past: np.ndarray,
    future: np.ndarray,
    seeds: Sequence[int],
    updates: int,
    *,
    batch: int,
    lr: float,
) -> None:
    """Train each net by Adam on the squared error, on batches of windows of its own.

    Args:
        nets: R nets for one number per step and H answers, trained in place.
        past: (N, P).
        future: (N, H).
        seeds: One per net, for its batches, which are drawn with replacement.
        updates: How many batches for each.
        batch: Windows of each batch.
        lr: The learning rate.
    """
    sources = [np.random.default_rng(seed) for seed in seeds]
    X, Y = torch.tensor(past.T).float(), torch.tensor(future).float()
    optimizer = torch.optim.Adam(nets.parameters(), lr)
    for _ in range(updates):
        drawn = np.stack([rng.integers(len(past), size=batch) for rng in sources])  # (R, batch)
        errors = nets(X[:, drawn, None]) - Y[drawn]
        # The sum over nets, so that each net's gradient is that of its own mean.
        loss = errors.square().mean(dim=(1, 2)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


takes(train, {"past": "(N, P), not empty", "future": "(N, H)"})


def forecast(nets: AskedGRUs, past: np.ndarray) -> np.ndarray:
    """Let R nets read the past, (N, P), and say what comes: (R, N, H)."""
    X = torch.tensor(past.T).float()[:, None, :, None]  # (P, 1, N, 1): all nets read the same
    with torch.no_grad():
        return nets(X.expand(-1, len(nets.U), -1, -1)).double().numpy()


takes(forecast, {"past": "(N, P)"})
