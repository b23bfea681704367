"""Sentences whose verbs have lost their endings, and small encoders that give them back.

The layers are those of `layers.py`, in tensors that PyTorch can differentiate, for R nets at once.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from introdl import data
from introdl.language.transformer.positions import positions

_RULES = data.grammar().rules
_VERBS = {text for name, rule in _RULES.items() if name.startswith("VERB") for _, text in rule}
#: The verbs as they stand after the loss of their endings, such as "see".
STEMS = sorted(verb for verb in _VERBS if f"{verb}s" in _VERBS)
_WRITTEN = {word for rule in _RULES.values() for _, text in rule for word in text.split()}
#: Every word that a reader may see; index 0 fills short sentences up.
WORDS = ["<fill>", *sorted(_WRITTEN - set(_RULES) - {f"{stem}s" for stem in STEMS})]


def strip(sentence: str) -> tuple[list[str], list[int]]:
    """Cut a sentence of the grammar into words, and take the endings of its verbs away.

    Returns:
        The words, the full stop among them, and for each 1 if it was a verb with -s, 0 if a verb
        without, -1 if it is no verb.

    Examples:
        >>> strip("the dogs see a cat that sleeps.")[0]
        ['the', 'dogs', 'see', 'a', 'cat', 'that', 'sleep', '.']
        >>> strip("the dogs see a cat that sleeps.")[1]
        [-1, -1, 0, -1, -1, -1, 1, -1]
    """
    words = sentence.replace(".", " .").split()
    endings = [int(w not in STEMS) if w in _VERBS else -1 for w in words]
    stems = [w.removesuffix("s") if end == 1 else w for w, end in zip(words, endings, strict=True)]
    return stems, endings


def encode(sentences: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Write sentences as places in `WORDS`, filled up with 0 on the right, and their endings.

    Returns:
        Words without endings and the endings, both (N, T) int64; the endings are 1, 0, or -1
        where there is no verb.

    Raises:
        ValueError: If a word is not one of the grammar's, or there is no sentence.
    """
    stripped = [strip(sentence) for sentence in sentences]
    if strange := {word for words, _ in stripped for word in words} - set(WORDS):
        raise ValueError(f"encode(): words that are not known: {sorted(strange)}")
    longest = max(len(words) for words, _ in stripped)
    ids, asked = [], []
    for words, endings in stripped:
        empty = longest - len(words)
        ids.append([WORDS.index(word) for word in words] + [0] * empty)
        asked.append(endings + [-1] * empty)
    return torch.tensor(ids), torch.tensor(asked)


class Readers(nn.Module):
    """R small encoders side by side, which share nothing but the time that they train in.

    Layers with the norm before each part, four heads each; then two scores per word.

    Args:
        seeds: One per net, for its first weights.
        placed: Whether each net is told the places of the words.
        dim: Numbers per word, D; a multiple of 4.
        hidden: Hidden units of the small nets, H.
        layers: How many layers.

    Raises:
        ValueError: If there are not as many seeds as entries of `placed`.
    """

    heads = 4

    def __init__(
        self,
        seeds: list[int],
        placed: list[bool],
        *,
        dim: int = 24,
        hidden: int = 48,
        layers: int = 2,
    ) -> None:
        super().__init__()
        if len(seeds) != len(placed):
            raise ValueError(f"Readers(): {len(seeds)} seeds, but {len(placed)} entries of placed")
        self.layers = layers
        shapes: dict[str, tuple[int, ...]] = {"word": (len(WORDS), dim)}
        for i in range(layers):
            shapes |= {f"{i}_Wqkv": (dim, 3 * dim), f"{i}_bqkv": (3 * dim,)}
            shapes |= {f"{i}_Wo": (dim, dim), f"{i}_bo": (dim,)}
            shapes |= {f"{i}_W1": (dim, hidden), f"{i}_b1": (hidden,)}
            shapes |= {f"{i}_W2": (hidden, dim), f"{i}_b2": (dim,)}
            for n in (1, 2):
                shapes |= {f"{i}_weight{n}": (dim,), f"{i}_bias{n}": (dim,)}
        shapes |= {"weight": (dim,), "bias": (dim,), "Wout": (dim, 2), "bout": (2,)}
        # Nets of one seed start alike, whether they are told the places or not.
        drawn = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.nets = nn.ParameterDict()
        for name, shape in shapes.items():
            if len(shape) == 1:  # the weights of a norm start at 1, all biases at 0
                first = [torch.full(shape, float("weight" in name)) for _ in drawn]
            else:
                size = 1.0 if name == "word" else shape[0] ** -0.5
                first = [size * torch.randn(shape, generator=generator) for generator in drawn]
            self.nets[name] = nn.Parameter(torch.stack(first))  # (R, …)
        places = torch.tensor(positions(64, dim), dtype=torch.float32)
        told = torch.tensor(placed, dtype=torch.float32)[:, None, None, None]
        self.register_buffer("places", told * places)  # (R, 1, 64, D)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Score both endings of each word, as if it were a verb.

        Args:
            ids: Sentences, (R, N, T) int64, 0 where there is no word.

        Returns:
            The scores of no ending and of -s, (R, N, T, 2).
        """
        # A product with rows of one 1 looks rows up; its gradient is faster than that of a look-up.
        chosen = F.one_hot(ids, len(WORDS)).to(self.nets["word"].dtype)
        x = chosen @ self.nets["word"][:, None] + self.places[:, :, : ids.shape[-1]]
        hidden = (ids == 0)[:, :, None, :, None]  # for all heads and queries
        for i in range(self.layers):
            x = x + self._listen(self._norm(x, f"{i}_", "1"), hidden, i)
            inner = F.relu(self._layer(self._norm(x, f"{i}_", "2"), f"{i}_", "1"))
            x = x + self._layer(inner, f"{i}_", "2")
        return self._layer(self._norm(x, "", ""), "", "out")

    def _layer(self, x: torch.Tensor, prefix: str, name: str) -> torch.Tensor:
        """Weights and biases of one layer, a layer per net: (R, N, T, D) to (R, N, T, H)."""
        W, b = self.nets[f"{prefix}W{name}"], self.nets[f"{prefix}b{name}"]
        return (x.flatten(1, 2) @ W + b[:, None]).unflatten(1, x.shape[1:3])

    def _listen(self, x: torch.Tensor, hidden: torch.Tensor, i: int) -> torch.Tensor:
        every = self._layer(x, f"{i}_", "qkv").unflatten(-1, (3, self.heads, -1))
        q, k, v = every.permute(3, 0, 1, 4, 2, 5)  # (R, N, heads, T, D / heads) each
        # One column per query instead of one row: PyTorch is faster so.
        scores = (k @ q.mT / q.shape[-1] ** 0.5).masked_fill(hidden, -torch.inf)
        heard = (scores.softmax(dim=-2).mT @ v).transpose(2, 3).flatten(3)
        return self._layer(heard, f"{i}_", "o")

    def _norm(self, x: torch.Tensor, prefix: str, name: str) -> torch.Tensor:
        weight, bias = (self.nets[f"{prefix}{kind}{name}"] for kind in ("weight", "bias"))
        return F.layer_norm(x, x.shape[-1:]) * weight[:, None, None] + bias[:, None, None]


def fit(
    net: Readers,
    ids: torch.Tensor,
    endings: torch.Tensor,
    *,
    updates: int,
    batch: int = 16,
    rate: float = 0.01,
    seed: int,
) -> list[float]:
    """Train each net by Adam on the cross-entropy of the endings of all verbs.

    The rate rises in the first tenth of the updates and then falls to nothing.

    Args:
        net: R nets.
        ids: Sentences, (R, N, T): each net has its own.
        endings: 1, 0, or -1 where there is no verb, (R, N, T).
        updates: How many.
        batch: Sentences per update and net.
        rate: The highest learning rate.
        seed: Of which sentences are drawn, the same places for all nets.

    Returns:
        The loss at each update, the mean over the nets.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), rate, betas=(0.9, 0.98), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=updates, pct_start=0.1, cycle_momentum=False
    )
    losses = []
    for _ in range(updates):
        chosen = torch.randint(ids.shape[1], (batch,), generator=generator)
        scores, asked = net(ids[:, chosen]), endings[:, chosen]
        loss = F.cross_entropy(scores.flatten(0, -2), asked.flatten(), ignore_index=-1)
        optimizer.zero_grad()
        (len(ids) * loss).backward()  # a net's gradient is then about that of its own mean
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def right(net: Readers, ids: torch.Tensor, endings: torch.Tensor) -> np.ndarray:
    """Whether each net gives each verb its ending.

    Args:
        net: R nets.
        ids: Sentences, (R, N, T).
        endings: 1, 0, or -1 where there is no verb, (R, N, T).

    Returns:
        True where a verb has its ending, False where it has not or there is no verb, (R, N, T).
    """
    return (net(ids).argmax(dim=-1) == endings).numpy()
