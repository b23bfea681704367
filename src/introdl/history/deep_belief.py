"""Restricted Boltzmann machines, their exact and contrastive gradients, and deep nets from them."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import expit, logsumexp, softmax
from torch import Tensor, nn
from torch.optim import Optimizer

from introdl.arguments import takes


class RBM(NamedTuple):
    """Hold the parameters of a restricted Boltzmann machine, or their gradient.

    Source: Smolensky (1986), who called the machine the harmonium.
    """

    W: np.ndarray  # (D, H), weights
    b: np.ndarray  # (D,), biases of the visible units
    c: np.ndarray  # (H,), biases of the hidden units


def hidden_given_visible(rbm: RBM, v: np.ndarray) -> np.ndarray:
    """Compute p(h_j = 1 | v) for each hidden unit: `v` (N, D) gives (N, H).

    Raises:
        ValueError: If `v` is not (N, D).
    """
    return expit(v @ rbm.W + rbm.c)


def visible_given_hidden(rbm: RBM, h: np.ndarray) -> np.ndarray:
    """Compute p(v_i = 1 | h) for each visible unit: `h` (N, H) gives (N, D).

    Raises:
        ValueError: If `h` is not (N, H).
    """
    return expit(h @ rbm.W.T + rbm.b)


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


def log_likelihood(rbm: RBM, v: np.ndarray) -> float:
    """Compute the mean of log p(v) over the rows of `v`, (N, D), in nats, exactly."""
    log_z = logsumexp(-free_energy(rbm, binary_states(len(rbm.b))))  # all 2^D visible states
    return float(np.mean(-free_energy(rbm, v)) - log_z)


def model_distribution(rbm: RBM) -> np.ndarray:
    """Compute p(v) of every visible state, in the order of `binary_states(D)`, (2^D,)."""
    return softmax(-free_energy(rbm, binary_states(len(rbm.b))))


def chain_distribution(rbm: RBM, v: np.ndarray, k: int) -> np.ndarray:
    """Compute where Gibbs chains started at binary data `v`, (N, D), are after k steps, (2^D,)."""
    visible, hidden = binary_states(len(rbm.b)), binary_states(len(rbm.c))
    minus_energy = (visible @ rbm.b)[:, None] + hidden @ rbm.c + visible @ rbm.W @ hidden.T
    up, down = softmax(minus_energy, axis=1), softmax(minus_energy, axis=0).T
    rows = (v @ 2 ** np.arange(len(rbm.b))).astype(int)
    q = np.bincount(rows, minlength=len(visible)) / len(v)
    for _ in range(k):
        q = q @ up @ down
    return q


def moments(rbm: RBM, v: np.ndarray, weight: np.ndarray) -> RBM:
    """Average v hᵀ, v and h over the rows of `v`, (N, D), with weights (N,) that sum to 1."""
    p = hidden_given_visible(rbm, v)  # its average is that of h
    return RBM((v * weight[:, None]).T @ p, weight @ v, weight @ p)


def gradient(rbm: RBM, v: np.ndarray, q: np.ndarray) -> RBM:
    """Compute averages over the data `v`, (N, D), minus averages under `q`, (2^D,).

    With `q` from `model_distribution` this is the exact gradient of the log-likelihood (Ackley,
    Hinton & Sejnowski 1985); from `chain_distribution`, what CD-k is on average.
    """
    data = moments(rbm, v, np.full(len(v), 1 / len(v)))
    model = moments(rbm, binary_states(len(rbm.b)), q)
    return RBM(*(plus - minus for plus, minus in zip(data, model, strict=True)))


def exact_gradient_torch(rbm: RBM, v: np.ndarray) -> RBM:
    """Differentiate the exact log-likelihood by PyTorch's autograd: the twin of `gradient`."""
    W, b, c = (torch.tensor(part, requires_grad=True) for part in rbm)

    def minus_free_energy(v: Tensor) -> Tensor:
        return v @ b + torch.logaddexp(v @ W + c, torch.zeros(())).sum(dim=1)

    log_z = minus_free_energy(torch.tensor(binary_states(len(b)))).logsumexp(dim=0)
    (minus_free_energy(torch.tensor(v)).mean() - log_z).backward()
    return RBM(*(part.grad.numpy() for part in (W, b, c)))


def cd_gradient(
    rbm: RBM, v: np.ndarray, rng: np.random.Generator, k: int = 1, binary: bool = True
) -> RBM:
    """Estimate the gradient by contrastive divergence, CD-k (Hinton 2002).

    A Gibbs chain of k steps starts at each row of `v`, (N, D) in [0, 1]. Unless `binary`, its
    visible units keep their probabilities, for grey pixels.
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


def train_rbm(v: np.ndarray, n_hidden: int, rng: np.random.Generator, epochs: int = 20) -> RBM:
    """Fit an RBM to data in [0, 1], (N, D), by CD-1 with momentum; settings near Hinton (2012)."""
    mean = v.mean(axis=0).clip(0.01, 0.99)
    W = rng.normal(0, 0.01, (v.shape[1], n_hidden))
    rbm = RBM(W, np.log(mean / (1 - mean)), np.zeros(n_hidden))
    step = RBM(*(np.zeros_like(p) for p in rbm))
    for _ in range(epochs):
        for rows in np.split(rng.permutation(len(v)), range(50, len(v), 50)):
            g = cd_gradient(rbm, v[rows], rng, binary=False)
            step = RBM(*(0.8 * s + 0.2 * d for s, d in zip(step, g, strict=True)))
            rbm = RBM(*(p + s for p, s in zip(rbm, step, strict=True)))
    return rbm


def train_stack(v: np.ndarray, sizes: tuple[int, ...], rng: np.random.Generator) -> list[RBM]:
    """Train RBMs with `sizes` hidden units, each on the features of the one below.

    Source: Hinton, Osindero & Teh (2006), section 4.
    """
    stack = []
    for n_hidden in sizes:
        stack.append(train_rbm(v, n_hidden, rng))
        v = hidden_given_visible(stack[-1], v)
    return stack


def mlp(sizes: tuple[int, ...], *, seed: int, code: int = -1, relu: bool = False) -> nn.Sequential:
    """Build a net of linear layers with a nonlinearity between them, from random weights.

    The weights are uniform as Glorot & Bengio (2010) advise, the biases 0. No nonlinearity follows
    layer number `code`, an autoencoder's.
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
def copy_stack(net: nn.Sequential, stack: list[RBM], unroll: bool = False) -> nn.Sequential:
    """Put the weights of a stack into the first layers of a net from `mlp`, and return the net.

    With `unroll` also, transposed, into the last (Hinton & Salakhutdinov 2006, figure 1).

    Raises:
        ValueError: If the net lacks layers, or one has not the size of its RBM.
    """
    linear = [layer for layer in net if isinstance(layer, nn.Linear)]
    if len(linear) < len(stack) * (1 + unroll):
        raise ValueError(f"copy_stack(): {len(linear)} layers for a stack of {len(stack)}")
    for i, rbm in enumerate(stack):
        _copy(linear[i], rbm.W.T, rbm.c)
        if unroll:
            _copy(linear[-1 - i], rbm.W, rbm.b)
    return net


def _copy(layer: nn.Linear, weight: np.ndarray, bias: np.ndarray) -> None:
    if layer.weight.shape != weight.shape or layer.bias.shape != bias.shape:  # copy_ broadcasts
        raise ValueError(f"copy_stack(): {layer} has no room for weights (out, in) {weight.shape}")
    layer.weight.copy_(torch.from_numpy(weight))
    layer.bias.copy_(torch.from_numpy(bias))


def fine_tune(
    net: nn.Module, X: Tensor, target: Tensor, loss: nn.Module, optimizer: Optimizer, epochs: int
) -> None:
    """Train all layers by backpropagation, in place, on batches of 100."""
    for _ in range(epochs):
        for rows in torch.randperm(len(X)).split(100):
            optimizer.zero_grad()
            loss(net(X[rows]), target[rows]).backward()
            optimizer.step()


# What each takes is checked apart from the code, so that a page can show the idea alone.

_RBM = {"rbm.W": "(D, H)", "rbm.b": "(D,)", "rbm.c": "(H,)"}
takes(hidden_given_visible, _RBM | {"v": "(N, D)"})
takes(visible_given_hidden, _RBM | {"h": "(N, H)"})
takes(free_energy, _RBM | {"v": "(N, D)"})
takes(log_likelihood, _RBM | {"v": "(N, D) of 0 and 1, not empty"})
takes(chain_distribution, _RBM | {"v": "(N, D) of 0 and 1, not empty"})
takes(moments, _RBM | {"v": "(N, D)", "weight": "(N,)"})
takes(gradient, _RBM | {"v": "(N, D), not empty", "q": "(S,)"})
takes(exact_gradient_torch, _RBM | {"v": "(N, D), not empty"})
takes(cd_gradient, _RBM | {"v": "(N, D) in [0, 1], not empty"})
takes(train_rbm, {"v": "(N, D) in [0, 1], not empty"})
takes(train_stack, {"v": "(N, D) in [0, 1], not empty"})
