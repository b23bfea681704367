"""Sentences with one word hidden, and small encoders that guess it, many side by side.

The layers are those of `layers.py`, in tensors that PyTorch can differentiate, for R nets at once.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from introdl import data
from introdl.language.transformer.positions import positions

FILL, HIDDEN = "<fill>", "<hidden>"
_RULES = data.grammar()
_WRITTEN = {word for rule in _RULES.rules.values() for _, text in rule for word in text.split()}
#: Every word; index 0 fills short sentences up, index 1 stands where a word is hidden.
WORDS = [FILL, HIDDEN, *sorted(_WRITTEN - set(_RULES.rules))]
#: What a net can be made without.
PARTS = ("positions", "attention", "small net", "residual", "norm")


def split(sentence: str) -> list[str]:
    """Cut a sentence of the grammar into its words; the full stop is one.

    Examples:
        >>> split("the dog sleeps.")
        ['the', 'dog', 'sleeps', '.']
    """
    return sentence.replace(".", " .").split()


def encode(sentences: list[list[str]]) -> torch.Tensor:
    """Write sentences as places in `WORDS`, filled up with 0 on the right, (N, T) int64.

    Raises:
        ValueError: If a word is none of `WORDS`, or there is no sentence.
    """
    if strange := {word for words in sentences for word in words} - set(WORDS):
        raise ValueError(f"encode(): words that are not known: {sorted(strange)}")
    longest = max(map(len, sentences))
    rows = [[WORDS.index(w) for w in words] + [0] * (longest - len(words)) for words in sentences]
    return torch.tensor(rows, dtype=torch.int64)


def best(words: list[str], place: int) -> np.ndarray:
    """The probability of each word at a place, given all others: no guesser can know more.

    Each word is put there, and the grammar says how probable the sentence is.

    Args:
        words: A sentence of the grammar.
        place: Which word is hidden; it is not looked at.

    Returns:
        One probability per entry of `WORDS`, (K,).

    Raises:
        ValueError: If no word makes a sentence there.
    """
    odds = np.array(
        [sum(_RULES.parses(" ".join([*words[:place], w, *words[place + 1 :]]))) for w in WORDS]
    )
    if not odds.sum():
        raise ValueError(f"best(): no word at place {place} makes a sentence of {words}")
    return odds / odds.sum()


class Readers(nn.Module):
    """R small encoders side by side, which share nothing but the time that they train in.

    Two layers, the norm behind each sum, two heads, sinusoidal positions; then one score per word.

    Args:
        seeds: One per net, for its first weights.
        without: Parts that are left out, of `PARTS`.
        dim: Numbers per word, D; even.
        hidden: Hidden units of the small nets, H.
        layers: How many layers.

    Raises:
        ValueError: If there is no such part.
    """

    heads = 2

    def __init__(
        self,
        seeds: list[int],
        without: Collection[str] = (),
        *,
        dim: int = 16,
        hidden: int = 32,
        layers: int = 2,
    ) -> None:
        super().__init__()
        if strange := set(without) - set(PARTS):
            raise ValueError(f"Readers(): no such part: {sorted(strange)}; there are {PARTS}")
        self.without, self.dim, self.layers = frozenset(without), dim, layers
        shapes: dict[str, tuple[int, ...]] = {"word": (len(WORDS), dim)}
        for i in range(layers):
            for n in "qkvo":
                shapes |= {f"{i}_W{n}": (dim, dim), f"{i}_b{n}": (dim,)}
            shapes |= {f"{i}_W1": (dim, hidden), f"{i}_b1": (hidden,)}
            shapes |= {f"{i}_W2": (hidden, dim), f"{i}_b2": (dim,)}
            for n in (1, 2):
                shapes |= {f"{i}_weight{n}": (dim,), f"{i}_bias{n}": (dim,)}
        shapes |= {"Wout": (dim, len(WORDS)), "bout": (len(WORDS),)}
        # Nets of one seed start alike, whatever they are made without.
        drawn = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.nets = nn.ParameterDict()
        for name, shape in shapes.items():
            if len(shape) == 1:  # the weights of a norm start at 1, all biases at 0
                first = [torch.full(shape, float("weight" in name)) for _ in drawn]
            else:
                size = 1.0 if name == "word" else shape[0] ** -0.5
                first = [size * torch.randn(shape, generator=generator) for generator in drawn]
            self.nets[name] = nn.Parameter(torch.stack(first))  # (R, …)
        self.register_buffer("places", torch.tensor(positions(64, dim), dtype=torch.float32))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Score each word for each place.

        Args:
            ids: Sentences, (R, N, T) int64, 0 where there is no word.

        Returns:
            The scores, (R, N, T, K).
        """
        x = torch.stack([rows[i] for rows, i in zip(self.nets["word"], ids, strict=True)])
        if "positions" not in self.without:
            x = x + self.places[: ids.shape[-1]]
        hidden = (ids == 0)[:, :, None, None, :]  # (R, N, heads, T, T)
        for i in range(self.layers):
            if "attention" not in self.without:
                x = self._sum(x, self._listen(x, hidden, i), f"{i}_", 1)
            if "small net" not in self.without:
                inner = F.relu(self._layer(x, f"{i}_", "1"))
                x = self._sum(x, self._layer(inner, f"{i}_", "2"), f"{i}_", 2)
        return self._layer(x, "", "out")

    def _layer(self, x: torch.Tensor, prefix: str, name: str) -> torch.Tensor:
        """Weights and biases of one layer, a layer per net: (R, N, T, D) to (R, N, T, H)."""
        W, b = self.nets[f"{prefix}W{name}"], self.nets[f"{prefix}b{name}"]
        return (x.flatten(1, 2) @ W + b[:, None]).unflatten(1, x.shape[1:3])

    def _listen(self, x: torch.Tensor, hidden: torch.Tensor, i: int) -> torch.Tensor:
        q, k, v = (
            self._layer(x, f"{i}_", n).unflatten(-1, (self.heads, -1)).transpose(2, 3)
            for n in "qkv"
        )  # (R, N, heads, T, D / heads)
        scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(hidden, -torch.inf)
        heard = (scores.softmax(dim=-1) @ v).transpose(2, 3).flatten(3)
        return self._layer(heard, f"{i}_", "o")

    def _sum(self, x: torch.Tensor, said: torch.Tensor, prefix: str, n: int) -> torch.Tensor:
        """Add what a part says to what was there, and norm the sum, where it has both."""
        x = said if "residual" in self.without else x + said
        if "norm" in self.without:
            return x
        weight, bias = (self.nets[f"{prefix}{kind}{n}"] for kind in ("weight", "bias"))
        return F.layer_norm(x, x.shape[-1:]) * weight[:, None, None] + bias[:, None, None]


def hide(ids: torch.Tensor, places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Hide one word of each sentence.

    Args:
        ids: Sentences, (..., T).
        places: Which word of each, (...,).

    Returns:
        The sentences with `HIDDEN` there, (..., T), and the words that stood there, (...,).
    """
    places = places[..., None]
    return ids.scatter(-1, places, WORDS.index(HIDDEN)), ids.gather(-1, places)[..., 0]


def at(scores: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """The scores at one place of each sentence: (..., T, K) to (..., K)."""
    index = places[..., None, None].expand(*places.shape, 1, scores.shape[-1])
    return scores.gather(-2, index)[..., 0, :]


def fit(
    net: Readers, ids: torch.Tensor, *, updates: int, batch: int = 32, rate: float = 0.01, seed: int
) -> list[float]:
    """Train each net on the same sentences, with Adam; each time another word is hidden.

    The rate rises in the first tenth of the updates and then falls to nothing.

    Args:
        net: R nets.
        ids: Sentences, (N, T), the full stop as the last word of each.
        updates: How many.
        batch: Sentences per update and net.
        rate: The highest learning rate.
        seed: Of which sentences and words are drawn; each net draws its own.

    Returns:
        The loss at each update, the mean over the nets, in bits per hidden word.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=updates, pct_start=0.1
    )
    lengths = (ids != 0).sum(dim=-1)
    nets, losses = len(net.nets["word"]), []
    for _ in range(updates):
        chosen = torch.randint(len(ids), (nets, batch), generator=generator)
        words, luck = ids[chosen], torch.rand(nets, batch, generator=generator)
        places = (luck * (lengths[chosen] - 1)).long()
        seen, asked = hide(words, places)
        loss = F.cross_entropy(at(net(seen), places).flatten(0, 1), asked.flatten())
        optimizer.zero_grad()
        (nets * loss).backward()  # a net's gradient is then that of its own mean
        optimizer.step()
        schedule.step()
        losses.append(loss.item() / math.log(2))
    return losses
