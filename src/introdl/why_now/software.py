"""One net three times: in NumPy, in PyTorch, and in Keras on PyTorch."""

import os
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from introdl.arguments import takes

# Keras reads both when it is first imported: the library to run on, and the
# folder of its settings. The null device keeps it from writing any.
os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("KERAS_HOME", os.devnull)


def start(sizes: tuple[int, ...], seed: int, dtype: str = "float32") -> list:
    """Draw first weights: normal, variance 2 / inputs; biases 0.

    Source: He et al. (2015), equation 10.

    Args:
        sizes: Inputs, then the units of each layer, such as (64, 32, 10).
        seed: Of the draw.
        dtype: Of all numbers.

    Returns:
        A matrix (inputs, units) and a bias (units,) for each layer.
    """
    rng = np.random.default_rng(seed)
    weights = []
    for n, m in pairwise(sizes):
        W = rng.normal(scale=np.sqrt(2 / n), size=(n, m))
        weights += [W.astype(dtype), np.zeros(m, dtype)]
    return weights


# Neither checks nor converts: in float32 all three libraries must compute in float32.
def outputs(X, W1, b1, W2, b2):
    """Compute the sums of a net with one hidden layer, (N, K)."""
    return np.maximum(X @ W1 + b1, 0) @ W2 + b2


def slopes(X, y, W1, b1, W2, b2):
    """Compute the slope of the mean cross-entropy by each weight."""
    hidden = np.maximum(X @ W1 + b1, 0)  # (N, H)
    sums = hidden @ W2 + b2  # (N, K)
    shares = np.exp(sums - sums.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    back = (shares - np.eye(len(b2), dtype=X.dtype)[y]) / len(y)
    into = back @ W2.T * (hidden > 0)  # (N, H)
    return [X.T @ into, into.sum(axis=0), hidden.T @ back, back.sum(axis=0)]


def numpy_train(weights, X, y, passes, batch=50, rate=0.1):
    """Train in place."""
    for _ in range(passes):
        for i in range(0, len(X), batch):
            found = slopes(X[i : i + batch], y[i : i + batch], *weights)
            for w, slope in zip(weights, found, strict=True):
                w -= rate * slope


def torch_train(net, X, y, passes, batch=50, rate=0.1):
    """Train in place."""
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    loss_of = nn.CrossEntropyLoss()
    for _ in range(passes):
        for i in range(0, len(X), batch):
            optimizer.zero_grad()
            loss_of(net(X[i : i + batch]), y[i : i + batch]).backward()
            optimizer.step()


def keras_train(net, X, y, passes, batch=50, rate=0.1):
    """Train in place."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(optimizer=keras.optimizers.SGD(rate), loss=loss)
    net.fit(X, y, batch, passes, shuffle=False, verbose=0)


def torch_net(weights: list) -> nn.Sequential:
    """Build a net of PyTorch with these weights, which it keeps transposed.

    Args:
        weights: As `start` gives them.

    Returns:
        Linear layers, with a ReLU between two of them.
    """
    layers: list[nn.Module] = []
    for W, b in zip(weights[::2], weights[1::2], strict=True):
        layer = nn.Linear(*W.shape)
        layer.weight.data = torch.tensor(W.T.copy())
        layer.bias.data = torch.tensor(b)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def keras_net(weights: list) -> Any:
    """Build a net of Keras with these weights.

    Args:
        weights: As `start` gives them.

    Returns:
        A `keras.Sequential` of dense layers, with a ReLU after all but the last.
    """
    import keras

    dtype = str(weights[0].dtype)
    *hidden, last = [len(b) for b in weights[1::2]]
    layers = [keras.layers.Dense(n, "relu", dtype=dtype) for n in hidden]
    net = keras.Sequential(
        [
            keras.Input((len(weights[0]),), dtype=dtype),
            *layers,
            keras.layers.Dense(last, dtype=dtype),
        ]
    )
    net.set_weights(weights)
    return net


def kept(net: Any) -> list:
    """Copy the weights of a net of PyTorch or Keras, laid out as NumPy's."""
    if isinstance(net, nn.Sequential):
        return [p.detach().numpy().T.copy() for p in net.parameters()]
    # On PyTorch the value of a variable of Keras is a parameter of PyTorch.
    return [v.value.detach().numpy().copy() for v in net.weights]


def gap(ours: list, theirs: list) -> float:
    """Find the largest difference, as a share of the largest number of ours."""
    largest = max(np.abs(a).max() for a in ours)
    return float(max(np.abs(a - b).max() for a, b in zip(ours, theirs, strict=True)) / largest)


def copied(W: np.ndarray, x: np.ndarray, how: str) -> np.ndarray | None:
    """Put a matrix of Keras into a layer of PyTorch, and ask the layer.

    Args:
        W: Weights as Keras keeps them, (D, H).
        x: Inputs, (D,).
        how: "transposed", as it must be; "as it is", or "reshaped" to (H, D).

    Returns:
        The layer's sums, (H,); None where the layer refuses, for it takes (H, D) only.

    Raises:
        ValueError: If `how` is none of the three.

    >>> W, x = np.array([[1, 2], [3, 4]]), np.array([1, 10])
    >>> copied(W, x, "transposed"), copied(W, x, "as it is")
    (array([31., 42.]), array([21., 43.]))
    """
    ways = {"transposed": W.T, "as it is": W, "reshaped": W.reshape(W.T.shape)}
    if how not in ways:
        raise ValueError(f"copied(): how is {how!r}, expected one of {', '.join(ways)}")
    M = ways[how]
    return M @ x if M.shape == W.T.shape else None


takes(copied, {"W": "(D, H)", "x": "(D,)"})
