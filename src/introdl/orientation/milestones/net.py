"""A small net that judges positions, and how it learns from games against itself."""

import numpy as np
import torch
from torch import nn

from introdl.orientation.milestones.game import CELLS, COLUMNS, ROWS, State, four, play
from introdl.orientation.milestones.tree import Judge, open_columns, search

_CELL = np.array([(ROWS + 1) * column + row for column in range(COLUMNS) for row in range(ROWS)])
_STEP = 2.0**-20


def inputs(state: State) -> np.ndarray:
    """Positions as the net sees them: 20 cells with the mover's stones, 20 with the other's."""
    own, every = (np.asarray(part)[:, None] >> _CELL & 1 for part in state)
    return np.concatenate([own, every - own], axis=1).astype(float)  # (G, 40)


def new_net(seed: int) -> nn.Sequential:
    """Two hidden layers of 64; six numbers come out: one per column, and who is ahead."""
    torch.manual_seed(seed)
    first = [nn.Linear(2 * CELLS, 64), nn.ReLU()]
    return nn.Sequential(*first, nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, COLUMNS + 1))


def net_judge(net: nn.Sequential) -> Judge:
    """A judge that asks the net, in float64; rounded, so that another language gives the same."""
    weights = [p.detach().numpy().astype(float) for p in net.parameters()]

    def judge(state: State) -> tuple[np.ndarray, np.ndarray]:
        x = inputs(state)
        for W, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            x = np.maximum(x @ W.T + b, 0)
        out = x @ weights[-2].T + weights[-1]
        open_ = open_columns(state)
        promise = np.exp(np.minimum(out[:, :COLUMNS], 50)) * open_
        promise /= np.maximum(promise.sum(axis=1, keepdims=True), 1e-30)
        return tuple(
            np.rint(found / _STEP) * _STEP for found in (promise, np.tanh(out[:, COLUMNS]))
        )

    return judge


def self_play(
    judge: Judge, games: int, simulations: int, c: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Play games against itself, each move drawn by how often the search tried it.

    Returns:
        What the net saw (N, 40), the shares of the visits (N, 5), and how the game ended for the
        player to move, 1, 0 or -1, (N,).
    """
    state = np.zeros((2, games), dtype=np.int64)
    going, turns = np.arange(games), []
    result = np.zeros(games)  # for the player who began
    for turn in range(CELLS):
        shares = search(tuple(state), _noisy(judge, rng, len(going)), simulations, c)
        shares = shares / shares.sum(axis=1, keepdims=True)
        turns.append((going, inputs(tuple(state)), shares, (-1) ** turn))
        move = (shares.cumsum(axis=1) > rng.random((len(going), 1))).argmax(axis=1)
        state = np.array(play(tuple(state), move))
        won = four(state[0] ^ state[1])
        result[going[won]] = (-1) ** turn
        going, state = going[~won], state[:, ~won]
        if not len(going):
            break
    seen, shares = (np.concatenate([turn[k] for turn in turns]) for k in (1, 2))
    return seen, shares, np.concatenate([result[who] * sign for who, _, _, sign in turns])


def _noisy(judge: Judge, rng: np.random.Generator, games: int) -> Judge:
    """At the roots, a quarter of each promise is left to chance, so that each move is tried."""
    first = True

    def noisy(state: State) -> tuple[np.ndarray, np.ndarray]:
        nonlocal first
        promise, value = judge(state)
        if first:
            first = False
            promise = 0.75 * promise + 0.25 * rng.dirichlet(np.ones(COLUMNS), games)
        return promise, value

    return noisy


def learn(
    seed: int, rounds: int = 5, games: int = 200, simulations: int = 24, c: float = 1.0
) -> nn.Sequential:
    """Learn from nothing: play against itself, fit the net to what the search found, again.

    Args:
        seed: Chooses the first weights and all chance.
        rounds: How often it plays and learns.
        games: Games per round.
        simulations: Positions that each search looks at.
        c: How much a promise counts in the search.

    Returns:
        The net after the last round.
    """
    rng = np.random.default_rng(seed)
    net = new_net(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.005, weight_decay=1e-4)
    kept = []
    for _ in range(rounds):
        kept = [*kept, self_play(net_judge(net), games, simulations, c, rng)][-4:]
        seen, shares, result = (np.concatenate(part) for part in zip(*kept, strict=True))
        flipped = seen.reshape(-1, 2, COLUMNS, ROWS)[:, :, ::-1].reshape(seen.shape)
        X = torch.tensor(np.concatenate([seen, flipped]), dtype=torch.float32)
        P = torch.tensor(np.concatenate([shares, shares[:, ::-1]]), dtype=torch.float32)
        v = torch.tensor(np.concatenate([result, result]), dtype=torch.float32)
        for _ in range(6):
            for part in torch.randperm(len(X)).split(512):
                out = net(X[part])
                loss = nn.functional.cross_entropy(out[:, :COLUMNS], P[part])
                loss = loss + (out[:, COLUMNS].tanh() - v[part]).square().mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return net
