"""Train a model of the next letter, score it in bits, and let it write."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

CONTEXT = 64


def encode(text: str, alphabet: str) -> torch.Tensor:
    """Write a text as places in the alphabet, (T,) int64.

    Raises:
        ValueError: If the text has a letter that is not in the alphabet.

    Examples:
        >>> encode("cab", "abc").tolist()
        [2, 0, 1]
    """
    if strange := set(text) - set(alphabet):
        raise ValueError(f"encode(): text has letters outside the alphabet: {sorted(strange)}")
    places = [alphabet.index(letter) for letter in text]
    return torch.tensor(places, dtype=torch.int64)


def fit(
    model: nn.Module,
    ids: torch.Tensor,
    *,
    updates: int,
    seed: int,
    batch: int = 16,
    context: int = CONTEXT,
    rate: float = 8e-3,
) -> list[float]:
    """Train by Adam on the loss of each next letter, in pieces drawn from a text.

    The rate rises in the first tenth of the updates and then falls to nothing; gradients are
    clipped to length 1.

    Args:
        model: Turns (N, T) into scores (N, T, V); trained in place.
        ids: The text, (T,) int64, longer than `context`.
        updates: How many updates, 20 or more.
        seed: Seed of which pieces are drawn.
        batch: Pieces per update.
        context: Letters per piece.
        rate: The highest learning rate.

    Returns:
        The loss before each update: the mean of -log of the probability of the next letter.

    Raises:
        ValueError: If the text is not longer than `context`, or the updates are too few.
    """
    if len(ids) <= context:
        raise ValueError(f"fit(): a text of {len(ids)} letters is not longer than {context}")
    if updates < 20:
        raise ValueError(f"fit(): {updates} updates, expected 20 or more: the rate rises and falls")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=updates, pct_start=0.1
    )
    losses = []
    for _ in range(updates):
        starts = torch.randint(len(ids) - context, (batch, 1), generator=generator)
        piece = ids[starts + torch.arange(context + 1)]  # (N, T + 1)
        loss = F.cross_entropy(model(piece[:, :-1]).flatten(0, 1), piece[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def bits(
    model: nn.Module, ids: torch.Tensor, *, context: int = CONTEXT, known: int = CONTEXT // 2
) -> float:
    """The mean of -log2 of the probability of each letter of a text, each one scored once.

    The text is read in overlapping pieces. A letter has at least `known` letters before it in its
    piece; those at the start of the text have what there is, and the first has none, so it does
    not count.

    Args:
        model: Turns (N, T) into scores (N, T, V).
        ids: The text, (T,) int64, two letters or more.
        context: Letters per piece.
        known: Letters before those of a piece that count, below `context`.

    Raises:
        ValueError: If there is nothing to score, or `known` is not from 0 to `context` - 1.
    """
    if len(ids) < 2 or not 0 <= known < context:
        raise ValueError(
            f"bits(): a text of {len(ids)} letters, known = {known} and context = {context}; "
            "expected two letters or more, and known from 0 to context - 1"
        )
    total, done = 0.0, 1  # letters before `done` are scored; the first has no letter before it
    while done < len(ids):
        start = max(0, done - 1 - known)
        piece = ids[start : start + context + 1]
        scores = model(piece[None, :-1])[0]
        skip = done - 1 - start
        total += F.cross_entropy(scores[skip:], piece[1 + skip :], reduction="sum").item()
        done = start + len(piece)
    return total / (len(ids) - 1) / math.log(2)


@torch.no_grad()
def write(
    model: nn.Module,
    begin: str,
    count: int,
    alphabet: str,
    *,
    seed: int,
    temperature: float = 1.0,
    context: int = CONTEXT,
) -> str:
    """Go on after `begin`: each letter is drawn from softmax(scores / temperature).

    Args:
        model: Turns (N, T) into scores (N, T, V).
        begin: What stands before, one letter or more; it is not returned.
        count: How many letters are written.
        alphabet: All letters, V of them.
        seed: Seed of the draws.
        temperature: Above 0; the lower, the surer.
        context: How many of the last letters the model reads.

    Raises:
        ValueError: If `begin` is empty, or the temperature is not above 0.
    """
    if not begin or not temperature > 0:
        raise ValueError("write(): begin must not be empty, and temperature must be above 0")
    generator = torch.Generator().manual_seed(seed)
    ids = encode(begin, alphabet).tolist()
    for _ in range(count):
        scores = model(torch.tensor([ids[-context:]]))[0, -1]
        p = (scores / temperature).softmax(dim=-1)
        ids.append(int(torch.multinomial(p, 1, generator=generator)))
    return _text(ids[len(begin) :], alphabet)


def _text(ids: Sequence[int], alphabet: str) -> str:
    return "".join(alphabet[i] for i in ids)
