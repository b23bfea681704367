"""A small net that reads English number words and writes German ones, with attention between."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from introdl.language.attention.numbers import ENGLISH, GERMAN

WAYS = ("scaled dot product", "additive", "mean")


class Translator(nn.Module):
    """R nets side by side, which share nothing but the time that they train in.

    The state of an English word is made of the word and its two neighbours. Before the net writes
    a German part it looks at the last two parts that it wrote: they make the query. Keys are made
    from the states, values from the words.

    Args:
        seeds: One per net, for its first weights.
        way: How the shares come about: "scaled dot product", "additive" (Bahdanau), or "mean",
            the same share for each word.
        dim: Numbers per word, state, query, key and value, D.
        mixed: Make the values from the states, too.

    Raises:
        ValueError: If there is no such way.
    """

    def __init__(
        self, seeds: list[int], way: str = WAYS[0], *, dim: int = 20, mixed: bool = False
    ) -> None:
        super().__init__()
        if way not in WAYS:
            raise ValueError(f"Translator(): way is {way!r}, expected one of {', '.join(WAYS)}")
        self.way, self.dim, self.mixed = way, dim, mixed
        shapes = {
            "english": (len(ENGLISH), dim),
            "german": (len(GERMAN), dim),
            "window": (3 * dim, dim),
            "query": (2 * dim, dim),
            "key": (dim, dim),
            "value": (dim, dim),
            "score": (dim, 1),
            "hidden": (3 * dim, 2 * dim),
            "out": (2 * dim, len(GERMAN)),
        }
        # Nets of one seed start alike, whatever their way.
        drawn = [torch.Generator().manual_seed(seed) for seed in seeds]
        for name, shape in shapes.items():
            size = 1.0 if name in ("english", "german") else shape[0] ** -0.5
            first = [size * torch.randn(shape, generator=generator) for generator in drawn]
            setattr(self, name, nn.Parameter(torch.stack(first)))  # (R, rows, columns)

    def states(self, words: torch.Tensor) -> torch.Tensor:
        """Read English words, (R, N, S): one state per word, (R, N, S, D)."""
        # What fills a sentence up counts as little as what lies beyond its ends.
        x = _rows(self.english, words) * (words != 0)[..., None]
        x = F.pad(x, (0, 0, 1, 1))  # (R, N, S + 2, D)
        near = torch.cat([x[..., :-2, :], x[..., 1:-1, :], x[..., 2:, :]], dim=-1)
        return torch.tanh(near @ self.window[:, None])

    def forward(
        self, words: torch.Tensor, parts: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Weigh what comes after each part.

        Args:
            words: English, (R, N, S) int64, 0 where there is none.
            parts: German parts so far, (R, N, T) int64.

        Returns:
            The scores of the first part to the one after the last, (R, N, T + 1, K), and the
            shares behind them, (R, N, T + 1, S).
        """
        states = self.states(words)
        written = _rows(self.german, F.pad(parts, (2, 0)))  # (R, N, T + 2, D)
        last = torch.cat([written[..., 1:, :], written[..., :-1, :]], dim=-1)
        query = last @ self.query[:, None]  # (R, N, T + 1, D)
        key = states @ self.key[:, None]  # (R, N, S, D)
        value = (states if self.mixed else _rows(self.english, words)) @ self.value[:, None]
        scores = self._scores(query, key).masked_fill(words[..., None, :] == 0, -torch.inf)
        shares = scores.softmax(dim=-1)
        heard = torch.cat([shares @ value, last], dim=-1)  # (R, N, T + 1, 3 D)
        return torch.tanh(heard @ self.hidden[:, None]) @ self.out[:, None], shares

    def _scores(self, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        """Score each word for each query, (R, N, T + 1, S)."""
        if self.way == "scaled dot product":
            return query @ key.mT / self.dim**0.5
        if self.way == "additive":
            pairs = torch.tanh(query[..., :, None, :] + key[..., None, :, :])
            return (pairs @ self.score[:, None, None])[..., 0]
        return query.new_zeros(*query.shape[:-1], key.shape[-2])

    @torch.no_grad()
    def write(self, words: torch.Tensor, most: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
        """Write `most` parts, each time the likeliest, `<end>` among them.

        Returns:
            The parts, (R, N, most), and the shares with which each was chosen, (R, N, most, S).

        Raises:
            ValueError: If `most` is below 1.
        """
        if most < 1:
            raise ValueError(f"at least one part is written, not {most}")
        parts = words.new_zeros(*words.shape[:2], 0)
        for _ in range(most):
            scores, shares = self(words, parts)
            parts = torch.cat([parts, scores[..., -1, :].argmax(dim=-1, keepdim=True)], dim=-1)
        return parts, shares


def _rows(table: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    """Look row `indices[r, n, t]` of table r up: (R, N, T, D)."""
    nets, rows, dim = table.shape
    offset = rows * torch.arange(nets)[:, None, None]
    return F.embedding(indices + offset, table.reshape(nets * rows, dim))


def fit(
    net: Translator, words: torch.Tensor, parts: torch.Tensor, *, steps: int, batch: int
) -> list[float]:
    """Train each net on its own numbers, by Adam on the cross-entropy of each next part.

    Args:
        net: R nets.
        words: English, (R, N, S).
        parts: German, (R, N, T), `<end>` included, then 0.
        steps: Updates of each net.
        batch: Numbers per update.

    Returns:
        The loss at each step, the mean over the nets.
    """
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    for _ in range(steps):
        chosen = torch.randint(words.shape[1], (batch,), generator=generator)
        target = parts[:, chosen]
        scores, _ = net(words[:, chosen], target[..., :-1])
        loss = F.cross_entropy(scores.flatten(0, -2), target.flatten(), ignore_index=0)
        optimizer.zero_grad()
        (len(words) * loss).backward()  # a net's gradient is then about that of its own mean
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses
