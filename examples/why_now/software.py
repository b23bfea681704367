# %% [markdown]
# # One net, three libraries, executed
#
# The same net, with the same first weights, learns the same digits in the same order: in NumPy, in
# PyTorch and in Keras, which runs on PyTorch here. How far apart do they end? The text is in
# [the lesson](../../why_now/software.md).

# %%
from importlib.metadata import version

import numpy as np
import torch
from torch import nn

from introdl import data, plot
from introdl.show import table, values
from introdl.why_now.software import first_weights, numpy_step, numpy_sums, torch_net

X, y = data.digits()
X = X / X.max()
order = np.random.default_rng(0).permutation(len(X))
train, test = order[:1400], order[1400:]
PASSES, BATCH, RATE = 20, 100, 0.1

# %% [markdown]
# ## Three ways to take the same steps
#
# Keras is imported after `introdl`, which tells it to run on PyTorch.

# %%
import keras
from keras import layers


class Numpy:
    """Every line by hand."""

    def __init__(self, weights):
        self.weights = weights

    def sums(self, X):
        return numpy_sums(X, *self.weights)

    def fit(self, X, y, passes):
        for _ in range(passes):
            for i in range(0, len(X), BATCH):
                part = slice(i, i + BATCH)
                self.weights = numpy_step(X[part], y[part], *self.weights, RATE)


class Torch:
    """Slopes and steps by the library, the loop by hand."""

    def __init__(self, weights):
        self.net = torch_net(*weights)

    def sums(self, X):
        with torch.no_grad():
            return self.net(torch.tensor(X)).numpy()

    def fit(self, X, y, passes):
        X, y = torch.tensor(X), torch.tensor(y)
        optimizer = torch.optim.SGD(self.net.parameters(), lr=RATE)
        for _ in range(passes):
            for i in range(0, len(X), BATCH):
                loss = nn.functional.cross_entropy(self.net(X[i : i + BATCH]), y[i : i + BATCH])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()


class Keras:
    """The loop by the library, too."""

    def __init__(self, weights):
        self.model = keras.Sequential(
            [keras.Input((64,)), layers.Dense(32, activation="relu"), layers.Dense(10)]
        )
        self.model.set_weights(weights)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.model.compile(optimizer=keras.optimizers.SGD(RATE), loss=loss)

    def sums(self, X):
        return self.model(X).detach().numpy()

    def fit(self, X, y, passes):
        self.model.fit(X, y, batch_size=BATCH, epochs=passes, shuffle=False, verbose=0)


KINDS = {"NumPy": Numpy, "PyTorch": Torch, "Keras": Keras}


def largest(a, b):
    """The largest gap between two tables, in shares of the largest number in them."""
    return np.abs(a - b).max() / np.abs(a).max()


# %% [markdown]
# ## Before and after 280 steps

# %%
runs = {}
for seed in range(4):
    weights = first_weights((64, 32, 10), seed)
    nets = {name: kind(weights) for name, kind in KINDS.items()}
    before = {name: net.sums(X[test]) for name, net in nets.items()}
    for net in nets.values():
        net.fit(X[train], y[train], PASSES)
    after = {name: net.sums(X[test]) for name, net in nets.items()}
    runs[seed] = before, after

# %% name="gaps"
before, after = runs[0]
table(
    ["compared with NumPy", "before training", "after", "answers that differ", "right"],
    [
        [
            name,
            f"{largest(before['NumPy'], before[name]):.0e}" if name != "NumPy" else "–",
            f"{largest(after['NumPy'], after[name]):.0e}" if name != "NumPy" else "–",
            int((after["NumPy"].argmax(axis=1) != after[name].argmax(axis=1)).sum()),
            f"{100 * (after[name].argmax(axis=1) == y[test]).mean():.1f} %",
        ]
        for name in KINDS
    ],
)

# %% name="numbers"
gaps = {
    name: max(largest(state["NumPy"], state[name]) for run in runs.values() for state in run)
    for name in ("PyTorch", "Keras")
}
differ = [
    int((run[1]["NumPy"].argmax(axis=1) != run[1][name].argmax(axis=1)).sum())
    for run in runs.values()
    for name in ("PyTorch", "Keras")
]
commonest = np.bincount(y[train]).argmax()
values(
    steps=PASSES * len(train) // BATCH,
    test=len(test),
    seeds=len(runs),
    torch_gap=f"{gaps['PyTorch']:.0e}",
    keras_gap=f"{gaps['Keras']:.0e}",
    differ=max(differ),
    same=f"{100 * (y[test] == commonest).mean():.0f}",
    keras=version("keras"),
    torch=version("torch").split("+")[0],
    numpy=version("numpy"),
)

# %% [markdown]
# ## The still picture of the thing to move
#
# A layer with three inputs and two outputs, kept in two layouts.

# %% name="still"
fig, axes = plot.subplots(1, 2, width=3.7, height=2.0)
W = np.arange(1, 7).reshape(3, 2)
for ax, M, title in zip(axes, (W, W.T), ("NumPy, Keras: (3, 2)", "PyTorch: (2, 3)"), strict=True):
    n, m = M.shape
    for i in range(n):
        for j in range(m):
            chosen = M[i, j] == 2
            if chosen:
                ax.plot(j + 0.5, -i - 0.5, "o", ms=22, color=plot.BLUE, fillstyle="none", mew=2)
            ax.text(j + 0.5, -i - 0.5, M[i, j], ha="center", va="center", color=plot.INK)
    ax.set(xlim=(-0.1, 3.1), ylim=(-3.1, 0.1), aspect="equal", title=title)
    ax.axis("off")
plot.figure(
    fig,
    alt="Two tables with the numbers 1 to 6. At the left three rows of two, at the right two rows "
    "of three. The 2 is ringed: at the left in row 1, column 2, at the right in row 2, column 1.",
    caption="The weights of a layer with three inputs and two outputs, in both layouts. The ringed "
    "one leads from input 1 to output 2.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert max(largest(run[0]["NumPy"], run[0]["Keras"]) for run in runs.values()) < 1e-6
assert gaps["PyTorch"] < 1e-12
assert gaps["Keras"] < 1e-4
assert max(differ) <= 1
assert (after["NumPy"].argmax(axis=1) == y[test]).mean() > 0.85
