"""A net that reads English words and writes German letters, with attention between.

Sources: Cho et al. (2014), "Learning phrase representations using RNN encoder-decoder for
statistical machine translation", for a net that reads and a net that writes; Luong, Pham and
Manning (2015), "Effective approaches to attention-based neural machine translation", section 3.1,
for the attention: global, with the score "general". N sentences are read at once.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from introdl.applications.machine_translation.numbers import END, LETTERS, WORDS


class Translator(nn.Module):
    """One GRU reads in both directions, another writes.

    Args:
        seed: Of the first weights.
        dim: Numbers per word, letter and state, D; even.

    Raises:
        ValueError: If `dim` is not even.
    """

    def __init__(self, seed: int, dim: int = 48) -> None:
        super().__init__()
        if dim % 2:
            raise ValueError(f"Translator(): dim is {dim}, expected an even number")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.words = nn.Embedding(len(WORDS), dim)
            self.letters = nn.Embedding(len(LETTERS), dim)
            self.reader = nn.GRU(dim, dim // 2, batch_first=True, bidirectional=True)
            self.writer = nn.GRU(dim, dim, batch_first=True)
            self.ask = nn.Linear(dim, dim, bias=False)
            self.mix = nn.Linear(2 * dim, dim)
            self.out = nn.Linear(dim, len(LETTERS))

    def read(self, words: torch.Tensor) -> torch.Tensor:
        """Read words, (N, S) int64, 0 where there is none: one state for each, (N, S, D)."""
        packed = pack_padded_sequence(
            self.words(words), (words != 0).sum(dim=1), batch_first=True, enforce_sorted=False
        )
        states, _ = self.reader(packed)
        return pad_packed_sequence(states, batch_first=True, total_length=words.shape[1])[0]

    def score(
        self, words: torch.Tensor, states: torch.Tensor, wrote: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Score each letter as the next.

        Args:
            words: What is read, (N, S).
            states: A state for each word, (N, S, D).
            wrote: A state of the writer for each letter so far, (N, T, D).

        Returns:
            Scores, (N, T, letters), and the shares of the words, (N, T, S).
        """
        fits = self.ask(wrote) @ states.mT  # (N, T, S)
        fits = fits.masked_fill(words[:, None] == 0, -torch.inf)
        shares = fits.softmax(dim=-1)
        heard = torch.cat([wrote, shares @ states], dim=-1)  # (N, T, 2 D)
        return self.out(torch.tanh(self.mix(heard))), shares

    def forward(self, words: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        """Score what follows each letter of `before`, (N, T) int64, beginning with 0."""
        wrote, _ = self.writer(self.letters(before))
        return self.score(words, self.read(words), wrote)[0]

    @torch.no_grad()
    def write(
        self, words: torch.Tensor, most: int = 60, forced: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write letter by letter, each time the one with the highest score.

        Args:
            words: English, (N, S).
            most: The most letters that are written, `END` included; fewer if all have ended.
            forced: Letters that are written whatever the scores, (N, up to `most`), 0 where free.

        Returns:
            Letters, (N, T), and the shares with which each was chosen, (N, T, S). What stands
            behind the first `END` has no meaning.

        Raises:
            ValueError: If `most` is below 1.
        """
        if most < 1:
            raise ValueError(f"write(): at least one letter is written, not {most}")
        states, memory = self.read(words), None
        letters, shares = [words.new_zeros(len(words))], []
        ended = torch.zeros(len(words), dtype=torch.bool)
        while len(shares) < most and not ended.all():
            wrote, memory = self.writer(self.letters(letters[-1][:, None]), memory)
            scores, share = self.score(words, states, wrote)
            chosen = scores[:, 0].argmax(dim=-1)
            if forced is not None and len(shares) < forced.shape[1]:
                wish = forced[:, len(shares)]
                chosen = torch.where(wish > 0, wish, chosen)
            letters.append(chosen)
            shares.append(share)
            ended |= chosen == LETTERS.index(END)
        return torch.stack(letters[1:], dim=1), torch.cat(shares, dim=1)


def fit(
    net: Translator,
    words: torch.Tensor,
    letters: torch.Tensor,
    *,
    seed: int,
    steps: int = 400,
    batch: int = 16,
) -> list[float]:
    """Train a net to tell each next letter from the right ones before it.

    Args:
        net: Is changed.
        words: English, (M, S).
        letters: German with `END`, (M, T), then 0.
        seed: Of the drawing of sentences.
        steps: Updates by Adam; the rate falls from 0.01 to 0 along a cosine.
        batch: Sentences per update.

    Returns:
        The mean cross-entropy per letter at each step.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    for _ in range(steps):
        chosen = torch.randint(len(words), (batch,), generator=generator)
        target = letters[chosen]
        scores = net(words[chosen], F.pad(target[:, :-1], (1, 0)))
        loss = F.cross_entropy(scores.flatten(0, 1), target.flatten(), ignore_index=0)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses
