"""A task that needs a memory: which of the letters A to H came last?"""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

#: The capitals that are to be remembered, then what may stand between them.
CAPITALS = "ABCDEFGH"
LETTERS = CAPITALS + "abcdefghijklmnopqrstuvwxyz"


def encode(text: str) -> np.ndarray:
    """Write a text as places in `LETTERS`, (T,).

    Raises:
        ValueError: If it has another letter.

    Examples:
        >>> encode("Hab").tolist()
        [7, 8, 9]
    """
    for letter in text:
        if letter not in LETTERS:
            raise ValueError(f"encode(): {letter!r} is none of A to H and a to z")
    return np.array([LETTERS.index(letter) for letter in text], dtype=int)


def draw(
    rng: np.random.Generator, steps: int, count: int, share: float = 0.08
) -> tuple[np.ndarray, np.ndarray]:
    """Draw texts: a capital, then small letters by lot, among them a capital now and then.

    Args:
        rng: Source of the letters.
        steps: T, letters of each text, 1 or more.
        count: N, how many texts.
        share: How often a later letter is a capital, in [0, 1].

    Returns:
        The letters, places in `LETTERS`, (T, N), and after each the capital that came last, (T, N).

    Raises:
        ValueError: If a text would be empty, or `share` is no share.
    """
    if steps < 1 or not 0 <= share <= 1:
        raise ValueError(f"draw(): steps = {steps} must be 1 or more, share = {share} in [0, 1]")
    capital = rng.random((steps, count)) < share
    capital[:1] = True
    letters = np.where(
        capital,
        rng.integers(len(CAPITALS), size=(steps, count)),
        rng.integers(len(CAPITALS), len(LETTERS), size=(steps, count)),
    )
    last = np.maximum.accumulate(np.where(capital, np.arange(steps)[:, None], 0), axis=0)
    return letters, np.take_along_axis(letters, last, axis=0)


class Rememberers(torch.nn.Module):
    """R nets of one kind side by side, each with numbers of its own.

    Each reads texts, and scores after each letter which capital came last. What a kind does in a
    step is its `step`.

    Args:
        seeds: One per net, for its first weights: uniform in ±1/√H.
        hidden: H, how many numbers a net shows.
        keep: What is added at the start to the biases of the gate that keeps, if there is one.
    """

    #: How many sets of weights a unit has, and which of them belongs to the gate that keeps.
    parts: int
    keeps: int | None = None

    def __init__(self, seeds: Sequence[int], hidden: int, keep: float = 0.0) -> None:
        super().__init__()
        self.hidden = hidden
        sources = [torch.Generator().manual_seed(seed) for seed in seeds]
        for name, shape in self.shapes(hidden).items():
            first = torch.stack([2 * torch.rand(shape, generator=source) - 1 for source in sources])
            self.register_parameter(name, torch.nn.Parameter(first / hidden**0.5))
        if self.keeps is not None:
            with torch.no_grad():
                self.b[..., self.keeps * hidden : (self.keeps + 1) * hidden] += keep

    def shapes(self, hidden: int) -> dict[str, tuple[int, int]]:
        """Give the shape of each array of weights of one net."""
        K = self.parts * hidden
        return {
            "U": (len(LETTERS), K), "W": (hidden, K), "b": (1, K),
            "out": (hidden, len(CAPITALS)), "out_bias": (1, len(CAPITALS)),
        }  # fmt: skip

    def step(self, read: torch.Tensor, *state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Turn what is read, (R, N, K), and a state into the next; what is shown stands first."""
        raise NotImplementedError

    def forward(self, letters: torch.Tensor) -> torch.Tensor:
        """Turn letters, (T, R, N), into scores, (T, R, N, 8)."""
        _, R, N = letters.shape
        rows = letters + len(LETTERS) * torch.arange(R)[:, None]
        state = (torch.zeros(R, N, self.hidden),) * 2
        outputs = []
        for read in F.embedding(rows, self.U.flatten(0, 1)) + self.b:
            state = self.step(read, *state)
            outputs.append(state[0])
        scores: torch.Tensor = torch.stack(outputs) @ self.out + self.out_bias
        return scores

    def weights(self, net: int) -> tuple[np.ndarray, ...]:
        """Give U, W and b of one net in float64, as the cells by hand take them."""
        U, W, b = (p[net].detach().numpy().astype(float) for p in (self.U, self.W, self.b))
        return U, W, b[0]


class RNNs(Rememberers):
    """Plain recurrent nets, their weights as in `introdl.sequences.rnn.network.Cell`."""

    parts = 1

    def step(self, read: torch.Tensor, *state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Compute the state of a recurrent net."""
        h, unused = state
        return torch.tanh(torch.baddbmm(read, h, self.W)), unused


class LSTMs(Rememberers):
    """LSTMs, their weights as in `introdl.sequences.lstm.cell.LSTM`."""

    parts, keeps = 4, 1

    def step(self, read: torch.Tensor, *state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Compute what the cells show, and their states."""
        h, c = state
        i, f, candidate, o = torch.baddbmm(read, h, self.W).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(candidate)
        return torch.sigmoid(o) * torch.tanh(c), c


def train(
    nets: Rememberers,
    seeds: Sequence[int],
    updates: int,
    *,
    steps: int = 30,
    batch: int = 32,
    lr: float = 0.01,
) -> None:
    """Train each net by Adam on fresh texts of its own; its gradient is clipped to a length of 1.

    Args:
        nets: R nets, trained in place.
        seeds: One per net, for its texts.
        updates: How many batches for each.
        steps: Letters of each text.
        batch: Texts of each batch.
        lr: The learning rate.
    """
    sources = [np.random.default_rng(seed) for seed in seeds]
    optimizer = torch.optim.Adam(nets.parameters(), lr)
    for _ in range(updates):
        drawn = [draw(rng, steps, batch) for rng in sources]
        letters, last = torch.from_numpy(np.stack(drawn, axis=2)).unbind()  # (T, R, N) each
        # The sum over nets, so that each net's gradient is that of its own mean.
        loss = len(sources) * F.cross_entropy(nets(letters).flatten(0, 2), last.flatten())
        optimizer.zero_grad()
        loss.backward()
        gradients = [p.grad for p in nets.parameters() if p.grad is not None]
        long = torch.stack([g.square().sum(dim=(1, 2)) for g in gradients]).sum(dim=0).sqrt()
        for g in gradients:
            g *= (1 / long.clamp(min=1))[:, None, None]
        optimizer.step()


def recall(nets: Rememberers, distances: Sequence[int], count: int, seed: int) -> np.ndarray:
    """Ask each net for a capital after so many small letters.

    Args:
        nets: R trained nets.
        distances: How many small letters follow the capital.
        count: How many texts for each distance; the nets get the same.
        seed: Seed of the texts.

    Returns:
        The share of right answers, (R, distances).
    """
    letters, last = draw(np.random.default_rng(seed), max(distances) + 1, count, share=0)
    read = torch.from_numpy(letters)[:, None].expand(-1, len(nets.U), -1)
    with torch.no_grad():
        answers = nets(read).argmax(dim=-1).numpy()  # (T, R, N)
    shares = (answers == last[:, None]).mean(axis=2)
    return np.asarray(shares[list(distances)].T)
