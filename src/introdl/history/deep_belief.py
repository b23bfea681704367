"""Restricted Boltzmann machines, their exact and contrastive gradients, and deep nets from them."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import logsumexp, softmax
from torch import nn


class RBM(NamedTuple):
    """Hold the parameters of a restricted Boltzmann machine, or a gradient of the same shapes.

    Attributes:
        W: Weights between visible and hidden units, (D, H).
        b: Biases of the visible units, (D,).
        c: Biases of the hidden units, (H,).

    Source: Smolensky (1986), who called it the harmonium.
    """

    W: np.ndarray
    b: np.ndarray
    c: np.ndarray


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Compute 1 / (1 + exp(-x)) for each entry, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def hidden_given_visible(rbm: RBM, v: np.ndarray) -> np.ndarray:
    """Compute p(h_j = 1 | v) for each hidden unit: a row of `v`, (N, D), gives a row, (N, H).

    Raises:
        ValueError: If `v` is not (N, D).
    """
    if v.ndim != 2 or v.shape[1] != len(rbm.b):
        raise ValueError(f"v: expected shape (N, {len(rbm.b)}), got {v.shape}")
    return sigmoid(v @ rbm.W + rbm.c)


def visible_given_hidden(rbm: RBM, h: np.ndarray) -> np.ndarray:
    """Compute p(v_i = 1 | h) for each visible unit: a row of `h`, (N, H), gives a row, (N, D).

    Raises:
        ValueError: If `h` is not (N, H).
    """
    if h.ndim != 2 or h.shape[1] != len(rbm.c):
        raise ValueError(f"h: expected shape (N, {len(rbm.c)}), got {h.shape}")
    return sigmoid(h @ rbm.W.T + rbm.b)


def energy(rbm: RBM, v: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Compute E(v, h) of each row of `v`, (N, D), with each row of `h`, (M, H): (N, M)."""
    return -(v @ rbm.b)[:, None] - h @ rbm.c - v @ rbm.W @ h.T


def free_energy(rbm: RBM, v: np.ndarray) -> np.ndarray:
    """Compute F(v) with exp(-F(v)) = sum over h of exp(-E(v, h)): `v` (N, D) gives (N,)."""
    return -v @ rbm.b - np.logaddexp(0, v @ rbm.W + rbm.c).sum(axis=1)


def binary_states(n: int) -> np.ndarray:
    """List every state of n binary units, (2^n, n).

    Examples:
        >>> binary_states(2).tolist()
        [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    """
    return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float)


def log_partition(rbm: RBM) -> float:
    """Compute log Z by adding up all 2^D visible states: exact, so for small D only."""
    return float(logsumexp(-free_energy(rbm, binary_states(len(rbm.b)))))


def log_likelihood(rbm: RBM, v: np.ndarray) -> float:
    """Compute the mean of log p(v) over the rows of `v`, (N, D), in nats, exactly."""
    return float(np.mean(-free_energy(rbm, v))) - log_partition(rbm)


def moments(rbm: RBM, v: np.ndarray, weight: np.ndarray) -> RBM:
    """Average v hᵀ, v and h over visible states.

    Args:
        rbm: D visible and H hidden units.
        v: Visible states, (N, D).
        weight: How much each counts, (N,); sums to 1.

    Returns:
        Averages of v hᵀ (D, H), of v (D,) and of h (H,), with h replaced by p(h = 1 | v).
    """
    p = hidden_given_visible(rbm, v)
    return RBM((v * weight[:, None]).T @ p, weight @ v, weight @ p)


def gradient(rbm: RBM, v: np.ndarray, q: np.ndarray) -> RBM:
    """Compute averages under the data minus averages under `q`.

    Args:
        rbm: D visible and H hidden units.
        v: Data, (N, D), binary.
        q: Probability of each row of `binary_states(D)`, (2^D,). `model_distribution` makes this
            the exact gradient of the log-likelihood (Ackley, Hinton & Sejnowski 1985);
            `chain_distribution` makes it what contrastive divergence is on average.

    Returns:
        The gradient with respect to W, b and c.
    """
    data = moments(rbm, v, np.full(len(v), 1 / len(v)))
    model = moments(rbm, binary_states(len(rbm.b)), q)
    return RBM(*(plus - minus for plus, minus in zip(data, model, strict=True)))


def model_distribution(rbm: RBM) -> np.ndarray:
    """Compute p(v) of every visible state, in the order of `binary_states(D)`, (2^D,)."""
    return softmax(-free_energy(rbm, binary_states(len(rbm.b))))


def chain_distribution(rbm: RBM, v: np.ndarray, k: int) -> np.ndarray:
    """Compute where Gibbs chains started at binary data `v`, (N, D), are after k steps, (2^D,)."""
    visible, hidden = binary_states(len(rbm.b)), binary_states(len(rbm.c))
    up = softmax(-energy(rbm, visible, hidden), axis=1)  # (2^D, 2^H)
    down = softmax(-energy(rbm, visible, hidden), axis=0).T  # (2^H, 2^D)
    rows = (v @ 2 ** np.arange(len(rbm.b))).astype(int)
    q = np.bincount(rows, minlength=len(visible)) / len(v)  # (2^D,)
    for _ in range(k):
        q = q @ up @ down
    return q


def exact_gradient_torch(rbm: RBM, v: np.ndarray) -> RBM:
    """Differentiate the exact log-likelihood by PyTorch's autograd: the twin of `gradient`."""
    W, b, c = (torch.tensor(p, requires_grad=True) for p in rbm)

    def minus_free_energy(v: torch.Tensor) -> torch.Tensor:
        return v @ b + torch.logaddexp(v @ W + c, torch.zeros(())).sum(dim=1)

    states = torch.from_numpy(binary_states(len(b)))
    log_z = torch.logsumexp(minus_free_energy(states), dim=0)
    (minus_free_energy(torch.from_numpy(v)).mean() - log_z).backward()
    return RBM(W.grad.numpy(), b.grad.numpy(), c.grad.numpy())


def cd_gradient(
    rbm: RBM, v: np.ndarray, rng: np.random.Generator, k: int = 1, binary: bool = True
) -> RBM:
    """Estimate the gradient by contrastive divergence, CD-k (Hinton 2002).

    Args:
        rbm: D visible and H hidden units.
        v: A batch of data in [0, 1], (N, D).
        rng: Source of randomness.
        k: Steps of the Gibbs chain that starts at each row of `v`.
        binary: Sample the visible units; if False keep their probabilities, for grey pixels.

    Returns:
        The estimate with respect to W, b and c.
    """
    p_data = p = hidden_given_visible(rbm, v)
    for _ in range(k):
        h = (rng.random(p.shape) < p).astype(float)
        v_k = visible_given_hidden(rbm, h)
        if binary:
            v_k = (rng.random(v_k.shape) < v_k).astype(float)
        p = hidden_given_visible(rbm, v_k)
    W = (v.T @ p_data - v_k.T @ p) / len(v)
    return RBM(W, (v - v_k).mean(axis=0), (p_data - p).mean(axis=0))


def train_rbm(
    v: np.ndarray,
    n_hidden: int,
    rng: np.random.Generator,
    *,
    epochs: int = 20,
    learning_rate: float = 0.2,
    momentum: float = 0.8,
    batch: int = 50,
) -> RBM:
    """Fit an RBM to data in [0, 1], (N, D), by CD-1; settings after Hinton (2012)."""
    mean = v.mean(axis=0).clip(0.01, 0.99)
    W = rng.normal(0, 0.01, (v.shape[1], n_hidden))
    rbm = RBM(W, np.log(mean / (1 - mean)), np.zeros(n_hidden))
    step = RBM(*(np.zeros_like(p) for p in rbm))
    for _ in range(epochs):
        order = rng.permutation(len(v))
        for i in range(0, len(v), batch):
            g = cd_gradient(rbm, v[order[i : i + batch]], rng, binary=False)
            step = RBM(*(momentum * s + learning_rate * d for s, d in zip(step, g, strict=True)))
            rbm = RBM(*(p + s for p, s in zip(rbm, step, strict=True)))
    return rbm


def train_stack(v: np.ndarray, sizes: tuple[int, ...], rng: np.random.Generator) -> list[RBM]:
    """Train RBMs one on top of another, each on the features of the one below.

    Args:
        v: Data in [0, 1], (N, D).
        sizes: Hidden units of each RBM, from the bottom.
        rng: Source of randomness.

    Returns:
        One RBM a size. Source: Hinton, Osindero & Teh (2006), section 4.
    """
    stack = []
    for n_hidden in sizes:
        stack.append(train_rbm(v, n_hidden, rng))
        v = hidden_given_visible(stack[-1], v)
    return stack


def mlp(sizes: tuple[int, ...], *, seed: int, code: int = -1, relu: bool = False) -> nn.Sequential:
    """Build a net of linear layers with a nonlinearity between them, from random weights.

    Args:
        sizes: Units of each layer, inputs first.
        seed: Fixes the weights: uniform as Glorot & Bengio (2010) advise; biases are 0.
        code: Leave out the nonlinearity after this layer: the code of an autoencoder.
        relu: Use max(0, x) in place of the sigmoid.
    """
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for i, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        layers.append(nn.Linear(n_in, n_out))
        nn.init.xavier_uniform_(layers[-1].weight)
        nn.init.zeros_(layers[-1].bias)
        if i not in (code, len(sizes) - 1):
            layers.append(nn.ReLU() if relu else nn.Sigmoid())
    return nn.Sequential(*layers)


@torch.no_grad()
def copy_stack(net: nn.Sequential, stack: list[RBM], *, unroll: bool = False) -> nn.Sequential:
    """Put the weights of a stack into the first layers of a net, and return the net.

    Args:
        net: A net from `mlp` whose first layers have the sizes of the stack.
        stack: RBMs from the bottom up.
        unroll: Put them, transposed, into the last layers too: the decoder of an autoencoder
            (Hinton & Salakhutdinov 2006, figure 1).
    """
    linear = [layer for layer in net if isinstance(layer, nn.Linear)]
    for i, rbm in enumerate(stack):
        linear[i].weight.copy_(torch.from_numpy(rbm.W.T))
        linear[i].bias.copy_(torch.from_numpy(rbm.c))
        if unroll:
            linear[-1 - i].weight.copy_(torch.from_numpy(rbm.W))
            linear[-1 - i].bias.copy_(torch.from_numpy(rbm.b))
    return net


def fine_tune(
    net: nn.Sequential,
    X: torch.Tensor,
    target: torch.Tensor,
    *,
    loss: nn.Module,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    seed: int,
    batch: int = 100,
) -> nn.Sequential:
    """Train all layers of a net by backpropagation on batches, in place, and return it."""
    shuffle = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for rows in torch.randperm(len(X), generator=shuffle).split(batch):
            optimizer.zero_grad()
            loss(net(X[rows]), target[rows]).backward()
            optimizer.step()
    return net
