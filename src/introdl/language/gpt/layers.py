"""What a GPT is made of: layer norm, causal attention of several heads, and the block.

Sources: Ba, Kiros and Hinton (2016), "Layer normalization"; Vaswani et al. (2017), "Attention is
all you need"; Radford et al. (2019), "Language models are unsupervised multitask learners", which
puts the norm before each part. T letters of D numbers each, N texts at once.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import gelu


class LayerNorm(nn.Module):
    """Give the D numbers of each letter the mean 0 and the variance 1, then scale and shift them.

    Args:
        dim: Numbers per letter, D.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn (..., D) into (..., D)."""
        x = x - x.mean(dim=-1, keepdim=True)
        variance = (x**2).mean(dim=-1, keepdim=True)
        return x / torch.sqrt(variance + 1e-5) * self.weight + self.bias


class Attention(nn.Module):
    """Let each letter listen to itself and to those before it, with several heads.

    The formula is that of `introdl.language.attention.scaled.attend`, in tensors that PyTorch can
    differentiate.

    Args:
        dim: Numbers per letter, D; a multiple of `heads`.
        heads: How many attentions stand side by side.
        causal: Hide what comes later.

    Raises:
        ValueError: If `heads` does not divide `dim`.
    """

    def __init__(self, dim: int, heads: int, *, causal: bool = True) -> None:
        super().__init__()
        if heads < 1 or dim % heads:
            raise ValueError(f"Attention(): {heads} heads do not divide dim = {dim}")
        self.heads, self.causal = heads, causal
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn (N, T, D) into what each letter heard, (N, T, D)."""
        q, k, v = (self.split(part) for part in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.mT / q.shape[-1] ** 0.5  # (N, heads, T, T)
        if self.causal:
            later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        heard = scores.softmax(dim=-1) @ v  # (N, heads, T, D / heads)
        return self.out(heard.transpose(1, 2).flatten(2))

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """Give each head its part: (N, T, D) to (N, heads, T, D / heads)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Block(nn.Module):
    """Listen, then think: attention and a small net, each on the norm, each added to its input.

    Args:
        dim: Numbers per letter, D.
        heads: How many heads.
        causal: Hide what comes later.
    """

    def __init__(self, dim: int, heads: int, *, causal: bool = True) -> None:
        super().__init__()
        self.norm1 = LayerNorm(dim)
        self.attention = Attention(dim, heads, causal=causal)
        self.norm2 = LayerNorm(dim)
        self.wide = nn.Linear(dim, 4 * dim)
        self.narrow = nn.Linear(4 * dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn (N, T, D) into (N, T, D)."""
        x = x + self.attention(self.norm1(x))
        return x + self.narrow(gelu(self.wide(self.norm2(x))))
