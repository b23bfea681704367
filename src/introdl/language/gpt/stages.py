"""Five models of the next letter, each a small change of the one before.

Each turns letters, (N, T) int64, into the scores of the V letters that may come after each of
them, (N, T, V).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from introdl.language.gpt.layers import Attention, Block, LayerNorm


def rows(count: int, dim: int) -> nn.Embedding:
    """A learned row of `dim` numbers for each of `count` letters or places, small at first."""
    table = nn.Embedding(count, dim)
    nn.init.normal_(table.weight, std=0.1)
    return table


class Bigram(nn.Module):
    """A learned table: the scores depend on the last letter alone.

    Args:
        letters: How many letters there are, V.
    """

    def __init__(self, letters: int) -> None:
        super().__init__()
        self.letter = rows(letters, letters)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Score what may follow each letter."""
        return self.letter(ids)


class MLP(nn.Module):
    """A small net on the last few letters, each D numbers (Bengio et al., 2003).

    Args:
        letters: How many letters there are, V.
        dim: Numbers per letter, D.
        window: How many letters back it looks, the last one included, W.
    """

    def __init__(self, letters: int, dim: int = 64, window: int = 8) -> None:
        super().__init__()
        self.window = window
        self.letter = rows(letters, dim)
        self.hidden = nn.Linear(window * dim, dim)
        self.out = nn.Linear(dim, letters)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Score what may follow each letter."""
        x = self.letter(ids)
        x = F.pad(x, (0, 0, self.window - 1, 0))  # zeros before the first letter
        x = x.unfold(1, self.window, 1).flatten(2)  # (N, T, D W)
        x = F.gelu(self.hidden(x))
        return self.out(x)


class Listener(nn.Module):
    """One attention instead of a window: each letter chooses which to listen to.

    Args:
        letters: How many letters there are, V.
        dim: Numbers per letter, D.
        heads: How many heads.
        context: How many letters back it looks at most.
    """

    def __init__(self, letters: int, dim: int = 64, heads: int = 4, context: int = 64) -> None:
        super().__init__()
        self.letter = rows(letters, dim)
        self.place = rows(context, dim)
        self.attention = Attention(dim, heads)
        self.out = nn.Linear(dim, letters)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Score what may follow each letter."""
        x = self.letter(ids) + self.place(torch.arange(ids.shape[1]))
        x = self.attention(x)
        return self.out(x)


class OneBlock(nn.Module):
    """A whole block instead of bare attention. Arguments as `Listener` has them."""

    def __init__(self, letters: int, dim: int = 64, heads: int = 4, context: int = 64) -> None:
        super().__init__()
        self.letter = rows(letters, dim)
        self.place = rows(context, dim)
        self.block = Block(dim, heads)
        self.norm = LayerNorm(dim)
        self.out = nn.Linear(dim, letters)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Score what may follow each letter."""
        x = self.letter(ids) + self.place(torch.arange(ids.shape[1]))
        x = self.block(x)
        return self.out(self.norm(x))


class GPT(nn.Module):
    """Several blocks, one after the other.

    Args:
        letters: How many letters there are, V.
        dim: Numbers per letter, D.
        heads: How many heads per block.
        context: How many letters it reads at most.
        blocks: How many blocks.
        causal: Hide what comes later; without that it can copy what it should guess.
    """

    def __init__(
        self,
        letters: int,
        dim: int = 64,
        heads: int = 4,
        context: int = 64,
        blocks: int = 2,
        *,
        causal: bool = True,
    ) -> None:
        super().__init__()
        self.letter = rows(letters, dim)
        self.place = rows(context, dim)
        self.blocks = nn.ModuleList(Block(dim, heads, causal=causal) for _ in range(blocks))
        self.norm = LayerNorm(dim)
        self.out = nn.Linear(dim, letters)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Score what may follow each letter."""
        x = self.letter(ids) + self.place(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.out(self.norm(x))
