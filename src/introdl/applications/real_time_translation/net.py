"""A net that speaks German while it still hears English; several are trained side by side.

Sources: Ma et al. (2019), "STACL: Simultaneous translation with implicit anticipation and
controllable latency using prefix-to-prefix framework", ACL, section 3, for training on what has
been heard by then; Elbayad, Besacier and Verbeek (2020), "Efficient wait-k models for simultaneous
machine translation", Interspeech, for one net that learns from many k; Luong, Pham and Manning
(2015), section 3.1, for the attention, as in `machine_translation`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional as F

from introdl.applications.real_time_translation.numbers import HEARD as WORDS
from introdl.applications.real_time_translation.numbers import LONGEST, encode
from introdl.language.attention.numbers import END, GERMAN

#: Whether to hear one more word, (N,), from: the chance of the likeliest piece, how many words
#: have been heard, and how many pieces said, (N,) each.
Policy = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def fixed(k: int) -> Policy:
    """Make the policy of wait-k."""
    return lambda chance, heard, said: heard < said + k


def unsure(limit: float) -> Policy:
    """Make a policy that waits while the likeliest piece has a chance below `limit`.

    It hears at least as much as wait-1.
    """
    return lambda chance, heard, said: (chance < limit) | (heard < said + 1)


class Grus(nn.Module):
    """Two GRUs that take their steps together, with PyTorch's weights.

    They are written out, since PyTorch's own cannot train several nets side by side.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        both = [dict(nn.GRU(dim, dim).named_parameters()) for _ in range(2)]
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            parts = [one[f"{name}_l0"].detach() for one in both]
            setattr(self, name, nn.Parameter(torch.stack(parts)))

    def forward(self, x: torch.Tensor, h: torch.Tensor | None = None) -> torch.Tensor:
        """Read (2, N, T, D), from states h, (2, N, D): the states after each step, (2, N, T, D)."""
        news = x @ self.weight_ih.mT[:, None] + self.bias_ih[:, None, None]
        h = torch.zeros_like(x[:, :, 0]) if h is None else h
        states = []
        for new in news.unbind(2):  # (2, N, 3D)
            old = h @ self.weight_hh.mT + self.bias_hh[:, None]
            dim = h.shape[-1]
            gates = (new[..., : 2 * dim] + old[..., : 2 * dim]).sigmoid()
            reset, update = gates.chunk(2, dim=-1)
            candidate = (new[..., 2 * dim :] + reset * old[..., 2 * dim :]).tanh()
            h = candidate + update * (h - candidate)
            states.append(h)
        return torch.stack(states, 2)


class Interpreter(nn.Module):
    """One GRU hears English words, another the German pieces said so far.

    Args:
        dim: Numbers per word, piece and state, D.
    """

    def __init__(self, dim: int = 32) -> None:
        super().__init__()
        self.words = nn.Embedding(len(WORDS), dim)
        self.pieces = nn.Embedding(len(GERMAN), dim)
        self.grus = Grus(dim)
        self.ask = nn.Linear(dim, dim, bias=False)
        self.mix = nn.Linear(2 * dim, dim)
        self.out = nn.Linear(dim, len(GERMAN))

    def score(
        self, states: torch.Tensor, memory: torch.Tensor, heard: torch.Tensor
    ) -> torch.Tensor:
        """Score each piece as the next, from the words heard by then.

        Args:
            states: One for each word, (N, S, D).
            memory: One for what has been said before each piece, (N, T, D).
            heard: How many words have been heard before each piece, (N, T).
        """
        fits = self.ask(memory) @ states.mT  # (N, T, S)
        unheard = torch.arange(states.shape[1]) >= heard[..., None]
        shares = fits.masked_fill(unheard, -torch.inf).softmax(dim=-1)
        both = torch.cat([memory, shares @ states], dim=-1)  # (N, T, 2D)
        return self.out(torch.tanh(self.mix(both)))

    def forward(
        self, words: torch.Tensor, before: torch.Tensor, heard: torch.Tensor
    ) -> torch.Tensor:
        """Score what follows each of `before`, which begins with 0: all int64, (N, 8)."""
        states, memory = self.grus(torch.stack([self.words(words), self.pieces(before)]))
        return self.score(states, memory, heard)

    @torch.no_grad()
    def speak(
        self, words: torch.Tensor, policy: Policy, most: int = 12
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Hear and speak: one word heard, or the likeliest piece said, at a time.

        Args:
            words: English with the pause, (N, S); no word stands behind the pause.
            policy: Whether to hear one more word; at the pause there is no more.
            most: The most pieces.

        Returns:
            Pieces, and how many words had been heard before each, (N, `most`); 0 after the end.
        """
        x, rows, length = self.words(words), torch.arange(len(words)), (words > 0).sum(dim=1)
        states = self.grus(torch.stack([x, x]))[0]
        pieces, at = (words.new_zeros(len(words), most) for _ in range(2))
        heard, said = torch.ones_like(length), torch.zeros_like(length)
        memory = self._remember(torch.zeros_like(length), None)
        while (speaking := said < most).any():
            scores = self.score(states, memory[:, None], heard[:, None])[:, 0]
            chance, best = scores.softmax(dim=-1).max(dim=-1)
            waits = policy(chance, heard, said) & (heard < length)
            speaking &= ~waits
            now = rows[speaking]
            pieces[now, said[now]], at[now, said[now]] = best[now], heard[now]
            memory = torch.where(speaking[:, None], self._remember(best, memory), memory)
            heard, said = heard + waits, said + speaking
            said[speaking & (best == GERMAN.index(END))] = most
        return pieces, at

    def _remember(self, piece: torch.Tensor, memory: torch.Tensor | None) -> torch.Tensor:
        x = self.pieces(piece)[None, :, None].expand(2, -1, -1, -1)
        h = None if memory is None else memory.expand(2, -1, -1)
        return self.grus(x, h)[1, :, 0]


def loss(scores: torch.Tensor, pieces: torch.Tensor) -> torch.Tensor:
    """Average the cross-entropy over the pieces, (N, T), of scores (N, T, P); 0 is no piece."""
    each = -scores.log_softmax(dim=-1).gather(2, pieces[..., None])[..., 0]
    return (each * (pieces > 0)).sum() / (pieces > 0).sum()


def fit(
    several: Sequence[list[int]],
    seeds: Sequence[int],
    least: Sequence[int],
    *,
    steps: int = 350,
    batch: int = 24,
    rate: float = 0.015,
) -> list[Interpreter]:
    """Train several nets side by side to say each next piece from what has been heard by then.

    Each sentence of a batch gets its own k, drawn from `least` to 8, and is heard by wait-k.

    Args:
        several: For each net as many numbers to learn from.
        seeds: For each net, of its first weights, its sentences and its k.
        least: For each net, the smallest k; with 8 it always hears the whole.
        steps: Updates by Adam.
        batch: Sentences per update and net.
        rate: The first rate; it falls to 0 along a cosine.

    Raises:
        ValueError: If there are no nets or no numbers, the lists differ in length, or a smallest k
            is not from 1 to 8.
    """
    sizes = {len(some) for some in several}
    if not len(several) == len(seeds) == len(least) > 0:
        raise ValueError(f"fit(): {len(several)} sets, {len(seeds)} seeds, {len(least)} least k")
    if len(sizes) > 1 or 0 in sizes:
        raise ValueError(f"fit(): sets of {sorted(sizes)} numbers, expected equally many, not 0")
    if not all(1 <= k <= LONGEST for k in least):
        raise ValueError(f"fit(): least is {list(least)}, expected 1 to {LONGEST}")
    nets, randoms = [], [torch.Generator().manual_seed(seed) for seed in seeds]
    with torch.random.fork_rng(devices=[]):
        for seed in seeds:
            torch.manual_seed(seed)
            nets.append(Interpreter())
    weights, _ = stack_module_state(nets)  # (M, ...) each, for M nets
    words, pieces, lengths = map(torch.stack, zip(*map(encode, several), strict=True))
    optimizer = torch.optim.Adam(weights.values(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    each = vmap(lambda w, *given: loss(functional_call(nets[0], w, given[:3]), given[3]))
    own, places = torch.arange(len(nets))[:, None], torch.arange(LONGEST)
    for _ in range(steps):
        some, k = (
            torch.stack([torch.randint(low, high, (batch,), generator=r) for low, r in draws])
            for high, draws in (
                (words.shape[1], [(0, r) for r in randoms]),
                (LONGEST + 1, list(zip(least, randoms, strict=True))),
            )
        )
        target = pieces[own, some]  # (M, B, 8)
        heard = torch.minimum(k[..., None] + places, lengths[own, some][..., None])
        before = F.pad(target[..., :-1], (1, 0))
        optimizer.zero_grad()
        each(weights, words[own, some], before, heard, target).sum().backward()
        _clip([weight.grad for weight in weights.values()])
        optimizer.step()
        schedule.step()
    for i, net in enumerate(nets):
        net.load_state_dict({name: value[i].detach() for name, value in weights.items()})
    return nets


def _clip(slopes: Sequence[torch.Tensor | None]) -> None:
    """Shorten the slopes of each net, (M, ...), to a length of 1 at most."""
    there = [slope for slope in slopes if slope is not None]
    size = torch.stack([slope.flatten(1).square().sum(1) for slope in there]).sum(0).sqrt()
    for slope in there:
        slope /= size.clamp(min=1).view(-1, *[1] * (slope.ndim - 1))
