"""An LSTM that reads a sentence word by word, and scores it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.nn import functional as F

#: The rows of the embedding that stand for nothing, and for a word that is not in the vocabulary.
NOTHING, UNKNOWN = 0, 1


def look_up(texts: Sequence[Sequence[str]], vocabulary: Sequence[str]) -> list[list[int]]:
    """Replace each word by its row in the embedding.

    Examples:
        >>> look_up([["a", "zebra"]], ["a", "the"])
        [[2, 1]]
    """
    row = {word: i for i, word in enumerate(vocabulary, start=2)}
    return [[row.get(word, UNKNOWN) for word in text] for text in texts]


def pad(rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Set texts side by side, (N, T), filled up with 0 at the end; and their lengths, (N,)."""
    lengths = torch.tensor([len(row) for row in rows])
    widest = max([1, *lengths.tolist()])  # an LSTM reads one step or more
    whole = torch.tensor([[*row, *[NOTHING] * (widest - len(row))] for row in rows])
    return whole, lengths


class Reader(torch.nn.Module):
    """Vectors of words, an LSTM, and a weighted sum of what its cells show, averaged over words.

    Args:
        V: Words in the vocabulary.
        D: Numbers in the vector of a word.
        H: Cells.
        drop: The share of numbers that is left out while it learns.
    """

    def __init__(self, V: int, D: int, H: int, drop: float = 0.0) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(V + 2, D, padding_idx=NOTHING)
        self.lstm = torch.nn.LSTM(D, H, batch_first=True)
        self.out = torch.nn.Linear(H, 1)
        self.drop = torch.nn.Dropout(drop)

    def forward(self, rows: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Turn texts, (N, T), into scores, (N,): above 0 is positive."""
        shown, _ = self.lstm(self.drop(self.embedding(rows)))  # (N, T, H)
        read = (torch.arange(rows.shape[1]) < lengths[:, None])[..., None]
        mean = (shown * read).sum(1) / lengths.clamp(min=1)[:, None]  # (N, H)
        return self.out(self.drop(mean))[:, 0]

    @torch.no_grad()
    def score(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        """Score texts, given as rows of the embedding, (N,)."""
        self.eval()
        return self(*pad(rows)).numpy()

    def left_out(self, row: Sequence[int]) -> np.ndarray:
        """By how much the score of one text of T words falls when each word is left out, (T,)."""
        shorter = [[*row[:t], *row[t + 1 :]] for t in range(len(row))]
        return self.score([row]) - self.score(shorter)


def train(
    net: Reader,
    rows: Sequence[Sequence[int]],
    y: Sequence[int],
    *,
    epochs: int,
    batch: int,
    rate: float,
    seed: int,
) -> Iterator[int]:
    """Train a reader with Adam on texts of about equal length at a time; yield after each epoch.

    Args:
        net: What learns, in place.
        rows: The texts as rows of the embedding.
        y: Labels of 0 and 1, N of them.
        epochs: How often each text is read.
        batch: Texts of one step.
        rate: The learning rate.
        seed: For the order and for what is left out.
    """
    everything, lengths = pad(rows)
    labels = torch.as_tensor(y, dtype=torch.float32)
    optimizer = torch.optim.Adam(net.parameters(), rate)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for epoch in range(1, epochs + 1):
            net.train()
            order = torch.argsort(lengths + 6 * torch.rand(len(lengths)))
            batches = order.split(batch)
            for k in torch.randperm(len(batches)).tolist():
                chosen = batches[k]
                some = lengths[chosen]
                scores = net(everything[chosen, : int(some.max())], some)
                loss = F.binary_cross_entropy_with_logits(scores, labels[chosen])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            yield epoch
