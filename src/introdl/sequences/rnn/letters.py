"""Guess the next letter of a name: nets with and without a memory, and tables of counts."""

import numpy as np
import torch
from torch.nn import functional as F

#: Place 0 is the mark before the first letter and after the last.
ALPHABET = ".abcdefghijklmnopqrstuvwxyz"


def encode(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Write names as numbers, a mark on both sides of each.

    Args:
        names: Names in the letters a to z.

    Returns:
        Places in `ALPHABET`, (N, T + 1), marks behind the end, too; and how many letters of each
        are to be guessed, its closing mark included, (N,).

    Raises:
        ValueError: If a name is empty or has another letter.

    Examples:
        >>> codes, lengths = encode(["cab", "e"])
        >>> codes.tolist(), lengths.tolist()
        ([[0, 3, 1, 2, 0], [0, 5, 0, 0, 0]], [4, 2])
    """
    for name in names:
        if not name or not set(name) <= set(ALPHABET[1:]):
            raise ValueError(f"encode(): {name!r} is no name in the letters a to z")
    lengths = np.array([len(name) + 1 for name in names], dtype=int)
    codes = np.zeros((len(names), lengths.max(initial=0) + 1), dtype=int)
    for row, name in zip(codes, names, strict=True):
        row[1 : len(name) + 1] = np.frombuffer(name.encode(), dtype=np.uint8) - (ord("a") - 1)
    return codes, lengths


class NextLetter(torch.nn.Module):
    """Read a name letter by letter, and score what may come next.

    Args:
        hidden: H, how many numbers the state has.
        remembers: Keep the state from letter to letter; without it each starts from zeros.
    """

    def __init__(self, hidden: int, remembers: bool = True) -> None:
        super().__init__()
        self.remembers = remembers
        self.rnn = torch.nn.RNN(len(ALPHABET), hidden)
        self.out = torch.nn.Linear(hidden, len(ALPHABET))

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        """Turn what is read, (T, N), into scores, (T, N, 27)."""
        X = F.one_hot(codes, len(ALPHABET)).float()  # (T, N, 27)
        if self.remembers:
            states, _ = self.rnn(X)  # (T, N, H)
        else:
            states, _ = self.rnn(X.reshape(1, -1, len(ALPHABET)))
        return self.out(states).reshape(*codes.shape, len(ALPHABET))

    def loss(self, names: list[str]) -> torch.Tensor:
        """Average -log of the share that each letter got.

        Closing marks count as letters.
        """
        codes, lengths = encode(names)
        T = int(lengths.max())
        read = torch.from_numpy(codes.T[:T].copy())  # (T, N)
        counts = np.arange(T)[:, None] < lengths
        target = torch.from_numpy(np.where(counts, codes.T[1:], -1))
        scores = self(read).flatten(0, 1)  # (T N, 27)
        return F.cross_entropy(scores, target.flatten(), ignore_index=-1)


def train(
    net: NextLetter, names: list[str], steps: int, seed: int, batch: int = 128, lr: float = 0.02
) -> list[float]:
    """Train by Adam on batches of names, its rate rising and falling once, gradients clipped to 1.

    Args:
        net: The net, trained in place.
        names: What to learn from.
        steps: How many batches.
        seed: Seed of which names are drawn.
        batch: Names of one batch, drawn with replacement.
        lr: The highest learning rate.

    Returns:
        How long each gradient was before it was clipped.
    """
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    long = []
    for _ in range(steps):
        drawn = [names[i] for i in rng.integers(len(names), size=batch)]
        optimizer.zero_grad()
        net.loss(drawn).backward()
        long.append(torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0).item())
        optimizer.step()
        schedule.step()
    return long


def bits(net: NextLetter, names: list[str]) -> float:
    """Bits per letter of names: the average of -log2 of the share that each letter got."""
    with torch.no_grad():
        return net.loss(names).item() / float(np.log(2))


def counted_shares(seen: list[str], asked: list[str], order: int, trust: float = 8.0) -> np.ndarray:
    """Guess each letter from a table: how often it followed the last k letters.

    Where few were counted, the shares lean on the table of one letter less: those weigh as much
    as `trust` letters that were seen; the first table leans on equal shares.

    Args:
        seen: The names to count.
        asked: The names to guess, letter by letter.
        order: How many letters the largest table looks back, 0 or more.
        trust: The weight of the table below, above 0.

    Returns:
        The share of every letter of `asked`, closing marks included, in order: one row for each
        k from 0 to `order`, (order + 1, letters).

    Raises:
        ValueError: If there is no name to count, or `order` or `trust` is out of range.

    Examples:
        >>> counted_shares(["aa"], ["a"], order=0, trust=27).round(3)  # 2 of 3, leaning on 1/27
        array([[0.1  , 0.067]])
    """
    if not seen or order < 0 or trust <= 0:
        raise ValueError("counted_shares(): give names to count, order >= 0 and trust > 0")
    counted, guessed = _windows(seen, order), _windows(asked, order)
    shares = [np.full(len(guessed), 1 / len(ALPHABET))]
    for k in range(order + 1):
        # The last k letters and the next one, as the digits of one whole number.
        window = len(ALPHABET) ** (k + 1)
        hits = _count(counted % window, guessed % window)
        tries = _count(counted % window // len(ALPHABET), guessed % window // len(ALPHABET))
        shares.append((hits + trust * shares[-1]) / (tries + trust))
    return np.array(shares[1:])


def _windows(names: list[str], order: int) -> np.ndarray:
    """Each letter to be guessed with `order` before it, as one number: the letter's digit last.

    The nearest letter's digit is next to it, so `% 27 ** (k + 1)` keeps the last k letters.
    """
    codes, lengths = encode(names)
    before = np.pad(codes, ((0, 0), (order, 0)))
    T = codes.shape[1] - 1
    there = np.arange(T) < lengths[:, None]
    parts = [before[:, order + 1 - k : order + 1 - k + T] * 27**k for k in range(order + 1)]
    return np.sum(parts, axis=0)[there]


def _count(seen: np.ndarray, asked: np.ndarray) -> np.ndarray:
    values, counts = np.unique(seen, return_counts=True)
    place = np.searchsorted(values, asked).clip(max=len(values) - 1)
    return np.where(values[place] == asked, counts[place], 0)
