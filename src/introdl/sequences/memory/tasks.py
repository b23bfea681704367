"""Two tasks that ask once, at the end of a sequence, and nets of three kinds that learn them.

The adding problem is a close relative of that of Hochreiter and Schmidhuber (1997), "Long
short-term memory", Neural Computation 9, 1735-1780, section 5.4.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.nn import functional as F

from introdl.sequences.gru.remembering import GRUs
from introdl.sequences.lstm.remembering import LSTMs, Rememberers, RNNs

#: The capitals that are asked for, then what follows them.
CAPITALS = "ABCD"
LETTERS = CAPITALS + "abcd"

#: Draws N sequences of T steps: inputs, (T, N, D), and the answer to each, (N,).
Task = Callable[[np.random.Generator, int, int], tuple[np.ndarray, np.ndarray]]


def encode(text: str) -> np.ndarray:
    """Write a text as one row per letter, 1 at the letter's place in `LETTERS`: (T, 8).

    Raises:
        ValueError: If it has another letter.

    Examples:
        >>> encode("Da").argmax(axis=1).tolist()
        [3, 4]
    """
    for letter in text:
        if letter not in LETTERS:
            raise ValueError(f"encode(): {letter!r} is none of A to D and a to d")
    places = np.array([LETTERS.index(letter) for letter in text], dtype=int)
    return np.eye(len(LETTERS), dtype=np.float32)[places]


def recalling(rng: np.random.Generator, steps: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw texts of one capital and small letters behind it; which capital was it?

    Args:
        rng: Source of the letters.
        steps: T, letters of each text, 1 or more.
        count: N, how many texts.

    Returns:
        The texts, (T, N, 8), and the places of their capitals, (N,), whole numbers.

    Raises:
        ValueError: If a text would be empty.
    """
    if steps < 1:
        raise ValueError(f"recalling(): steps = {steps} must be 1 or more")
    places = rng.integers(len(CAPITALS), len(LETTERS), size=(steps, count))
    places[0] = rng.integers(len(CAPITALS), size=count)
    return np.eye(len(LETTERS), dtype=np.float32)[places], places[0]


def adding(rng: np.random.Generator, steps: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences of numbers, two of them marked; what is the sum of these two?

    Both marks lie in the first half, so that the sum must be kept for the second.

    Args:
        rng: Source of numbers and marks.
        steps: T, numbers of each sequence, 4 or more.
        count: N, how many sequences.

    Returns:
        Numbers in [0, 1) beside their marks, 0 or 1, (T, N, 2); and the sums, (N,).

    Raises:
        ValueError: If half a sequence has no room for two marks.
    """
    if steps < 4:
        raise ValueError(f"adding(): steps = {steps} must be 4 or more")
    numbers = rng.random((steps, count), dtype=np.float32)
    marks = np.zeros_like(numbers)
    places = rng.random((steps // 2, count)).argsort(axis=0)[:2]
    np.put_along_axis(marks, places, 1, axis=0)
    return np.stack([numbers, marks], axis=-1), (numbers * marks).sum(axis=0)


class Asked(Rememberers):
    """R nets of one kind side by side that are asked once, after the last step.

    Args:
        seeds: One per net, for its first weights: uniform in ±1/√H.
        hidden: H, how many numbers a net shows.
        sizes: D and K: the inputs of a step, and the scores at the end.
        keep: What is added at the start to the biases of the gate that keeps, if there is one.
    """

    def __init__(
        self, seeds: Sequence[int], hidden: int, sizes: tuple[int, int], keep: float = 0.0
    ) -> None:
        self.sizes = sizes
        super().__init__(seeds, hidden, keep)

    def shapes(self, hidden: int) -> dict[str, tuple[int, int]]:
        """Give the shape of each array of weights of one net."""
        D, K = self.sizes
        ends = {"U": (D, self.parts * hidden), "out": (hidden, K), "out_bias": (1, K)}
        return super().shapes(hidden) | ends

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Turn sequences, (T, R, N, D), into scores, (R, N, K)."""
        _, R, N, _ = X.shape
        state: tuple[torch.Tensor, ...] = (torch.zeros(R, N, self.hidden),) * 2
        for read in X @ self.U + self.b:
            state = self.step(read, *state)
        scores: torch.Tensor = state[0] @ self.out + self.out_bias
        return scores


class AskedRNNs(Asked, RNNs):
    """Plain recurrent nets."""


class AskedLSTMs(Asked, LSTMs):
    """LSTMs."""


class AskedGRUs(Asked, GRUs):
    """GRUs whose reset gate acts after the product."""


def _costs(scores: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Squared errors of numbers, cross-entropies of places; (R, N)."""
    if answers.is_floating_point():
        return (scores[..., 0] - answers) ** 2
    costs = F.cross_entropy(scores.flatten(0, 1), answers.flatten(), reduction="none")
    return costs.view(answers.shape)


def train(
    nets: Asked,
    task: Task,
    seeds: Sequence[int],
    updates: int,
    *,
    steps: tuple[int, int],
    batch: int,
    lr: float,
    every: int = 0,
    watch: Callable[[Asked], np.ndarray] | None = None,
) -> np.ndarray:
    """Train each net by Adam on fresh sequences of its own, gradients clipped to a length of 1.

    Args:
        nets: R nets, trained in place.
        task: Where the sequences come from.
        seeds: One per net, for its sequences.
        updates: How many batches for each.
        steps: The shortest and the longest sequence. One length is drawn for each update, the same
            for all nets.
        batch: Sequences of each batch.
        lr: The learning rate.
        every: After so many updates each time, `watch` looks at the nets.
        watch: What it gives is kept.

    Returns:
        What `watch` gave, in order.
    """
    sources, lengths = [np.random.default_rng(seed) for seed in seeds], np.random.default_rng(0)
    optimizer = torch.optim.Adam(nets.parameters(), lr)
    seen = []
    for update in range(1, updates + 1):
        T = int(lengths.integers(steps[0], steps[1] + 1))
        X, answers = zip(*(task(rng, T, batch) for rng in sources), strict=True)
        scores = nets(torch.from_numpy(np.stack(X, axis=1)))
        # The sum over nets, so that each net's gradient is that of its own mean.
        loss = _costs(scores, torch.from_numpy(np.stack(answers))).mean(dim=1).sum()
        optimizer.zero_grad()
        loss.backward()
        gradients = [p.grad for p in nets.parameters() if p.grad is not None]
        long = torch.stack([g.square().sum(dim=(1, 2)) for g in gradients]).sum(dim=0).sqrt()
        for g in gradients:
            g *= (1 / long.clamp(min=1))[:, None, None]
        optimizer.step()
        if watch is not None and every and update % every == 0:
            seen.append(watch(nets))
    return np.array(seen)


def score(nets: Asked, task: Task, steps: Sequence[int], count: int, seed: int) -> np.ndarray:
    """Ask each net at the end of new sequences; the nets get the same.

    Args:
        nets: R nets.
        task: Where the sequences come from.
        steps: The lengths to ask at.
        count: How many sequences of each length.
        seed: Seed of the sequences.

    Returns:
        (R, lengths): the mean squared error where answers are numbers, else the share that is
        right.
    """
    rng, found = np.random.default_rng(seed), []
    for T in steps:
        X, answers = task(rng, T, count)
        R = len(nets.U)
        with torch.no_grad():
            scores = nets(torch.from_numpy(X)[:, None].expand(-1, R, -1, -1)).numpy()
        if answers.dtype.kind == "f":
            found.append(((scores[..., 0] - answers) ** 2).mean(axis=1))
        else:
            found.append((scores.argmax(axis=-1) == answers).mean(axis=1))
    return np.array(found).T
