# %% [markdown]
# # One net, three libraries, executed
#
# The same net with the same first weights learns the same digits in the same order: in NumPy, in
# PyTorch, and in Keras, which runs on PyTorch here. How far apart are they, before and after? The
# text is in [the lesson](../../why_now/software.md).

# %%
import ast
import inspect
from importlib.metadata import version
from textwrap import dedent

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from introdl import data, plot, show
from introdl.show import table, values
from introdl.why_now import software
from introdl.why_now.software import gap, kept, keras_net, start, torch_net

SIZES, PASSES, BATCH, RATE, SEEDS = (64, 32, 10), 20, 50, 0.1, 3

# After `introdl`, which has it run on PyTorch.
import keras

X, y = data.digits()
order = np.random.default_rng(0).permutation(len(X))
train, test = order[:1400], order[1400:]
steps = PASSES * len(train) // BATCH

# %% [markdown]
# ## Before: outputs and slopes
#
# All three begin with one list of weights.

# %%
NAMES = ("NumPy", "PyTorch", "Keras on PyTorch")


def begin(seed, dtype):
    """The net three times."""
    weights = start(SIZES, seed, dtype)
    return dict(
        zip(
            NAMES,
            ([w.copy() for w in weights], torch_net(weights), keras_net(weights)),
            strict=True,
        )
    )


def said(name, net, X):
    """The sums of one of them."""
    if name == "NumPy":
        return software.outputs(X, *net)
    given = torch.tensor(X) if name == "PyTorch" else X
    return net(given).detach().numpy()


def first_slopes(name, net, X, y):
    """The slopes at the first batch."""
    if name == "NumPy":
        return software.slopes(X, y, *net)
    cross_entropy(net(torch.tensor(X)), torch.tensor(y)).backward()
    if name == "PyTorch":
        return [p.grad.numpy().T for p in net.parameters()]
    return [v.value.grad.numpy() for v in net.weights]


def weights_of(name, net):
    return net if name == "NumPy" else kept(net)


def taught(name, net, X, y, passes):
    if name == "NumPy":
        software.numpy_train(net, X, y, passes, BATCH, RATE)
    elif name == "PyTorch":
        software.torch_train(net, torch.tensor(X), torch.tensor(y), passes, BATCH, RATE)
    else:
        software.keras_train(net, X, y, passes, BATCH, RATE)


# %% [markdown]
# ## After: the weights
#
# The first step, and all of them. `float32` is what deep learning uses, about seven digits;
# `float64` has about sixteen.


# %%
def compared(seed, dtype):
    """Gaps to NumPy: outputs, slopes, weights after one step and after all; and the answers."""
    inputs = X.astype(dtype)
    A, b = inputs[train], y[train]
    nets = begin(seed, dtype)
    before = {name: [said(name, net, inputs[test])] for name, net in nets.items()}
    slope = {name: first_slopes(name, net, A[:BATCH], b[:BATCH]) for name, net in nets.items()}
    one = begin(seed, dtype)
    for name, net in one.items():
        taught(name, net, A[:BATCH], b[:BATCH], 1)
    for name, net in nets.items():
        taught(name, net, A, b, PASSES)
    answers = {name: said(name, net, inputs[test]).argmax(axis=1) for name, net in nets.items()}
    found = {
        name: {
            "outputs": gap(before["NumPy"], before[name]),
            "slopes": gap(slope["NumPy"], slope[name]),
            "one step": gap(one["NumPy"], weights_of(name, one[name])),
            "all steps": gap(nets["NumPy"], weights_of(name, nets[name])),
        }
        for name in NAMES[1:]
    }
    moved = gap(start(SIZES, seed, dtype), nets["NumPy"])
    return found, answers, moved


runs = {
    (dtype, seed): compared(seed, dtype)
    for dtype in ("float32", "float64")
    for seed in range(SEEDS)
}


def worst(what, name, dtype):
    """The largest gap over the seeds."""
    return max(runs[dtype, seed][0][name][what] for seed in range(SEEDS))


# %% name="gaps"
WORDS = {
    "outputs": "outputs, before training",
    "slopes": "slopes, first batch",
    "one step": "weights, after 1 step",
    "all steps": f"weights, after {steps} steps",
}
table(
    ["gap to NumPy", *(f"{n}, {d}" for d in ("float32", "float64") for n in ("PyTorch", "Keras"))],
    [
        [words, *(f"{worst(what, n, d):.0e}" for d in ("float32", "float64") for n in NAMES[1:])]
        for what, words in WORDS.items()
    ],
)


# %% name="lines"
def lines(*functions):
    """Lines of code, without docstrings, comments and empty lines."""
    count = 0
    for function in functions:
        tree = ast.parse(dedent(inspect.getsource(inspect.unwrap(function)))).body[0]
        if ast.get_docstring(tree):
            del tree.body[0]
        count += len([line for line in ast.unparse(tree).splitlines() if line.strip()])
    return count


written = {
    "NumPy": lines(software.outputs, software.slopes, software.numpy_train),
    "PyTorch": lines(software.torch_train),
    "Keras": lines(software.keras_train),
}
table(
    ["", *written],
    [
        ["lines to train it", *written.values()],
        ["slopes", "you", "`backward`", "in `fit`"],
        ["the step", "you", "`optimizer.step`", "in `fit`"],
        ["the loop over batches", "you", "you", "in `fit`"],
        ["saving", "`np.savez`", "`torch.save`", "`net.save`"],
        ["a graphics processor", "no", "`net.to(device)`", "takes one if there"],
    ],
)

# %% [markdown]
# ## What goes wrong: order, types, defaults
#
# Asked for `float64`, this version of Keras multiplies in `float32` all the same.

# %%
product = keras.ops.matmul(np.ones((2, 2)), np.ones((2, 2))).numpy().dtype
backwards = [start(SIZES, 0, "float64") for _ in range(2)]
software.numpy_train(backwards[0], X[train], y[train], PASSES, BATCH, RATE)
software.numpy_train(backwards[1], X[train][::-1], y[train][::-1], PASSES, BATCH, RATE)
disordered = gap(*backwards)

# %% name="defaults"
adam, adam_ = torch.optim.Adam([torch.zeros(1)]).defaults, keras.optimizers.Adam()
norm, norm_ = nn.BatchNorm1d(1), keras.layers.BatchNormalization()
torch.manual_seed(0)
keras.utils.set_random_seed(0)
layer, layer_ = nn.Linear(64, 32), keras.layers.Dense(32)
layer_.build((None, 64))
spread = layer.weight.std().item(), layer_.kernel.value.std().item()
bias = layer.bias.abs().max().item(), layer_.bias.value.abs().max().item()
table(
    ["left to itself", "PyTorch", "Keras"],
    [
        ["spread of the first weights, 64 inputs, 32 units", *(f"{v:.2f}" for v in spread)],
        ["largest first bias", *(f"{v:.2f}" for v in bias)],
        ["ε of Adam", f"{adam['eps']:.0e}", f"{adam_.epsilon:.0e}"],
        ["batch norm: ε", f"{norm.eps:.0e}", f"{norm_.epsilon:.0e}"],
        [
            "batch norm: share of the old mean that is kept",
            f"{1 - norm.momentum:.2f}",
            f"{norm_.momentum:.2f}",
        ],
    ],
)

# %% name="numbers"
differ = max(
    int((answers["NumPy"] != answers[name]).sum())
    for _, answers, _ in runs.values()
    for name in NAMES
)
right = {
    name: np.mean([(runs["float32", s][1][name] == y[test]).mean() for s in range(SEEDS)])
    for name in NAMES
}
commonest = np.bincount(y[train]).argmax()
values(
    steps=steps,
    seeds=SEEDS,
    test=len(test),
    differ=differ,
    right=f"{100 * right['NumPy']:.0f}",
    same=f"{100 * (y[test] == commonest).mean():.0f}",
    product=product,
    disordered=f"{100 * disordered:.0f}",
    moved=f"{100 * min(moved for *_, moved in runs.values()):.0f}",
    keras=version("keras"),
    torch=version("torch").split("+")[0],
    numpy=version("numpy"),
)

# %% [markdown]
# ## What the page lets its reader move
#
# A layer of up to four inputs and four units. Its weights are whole numbers, drawn with seed 3.

# %%
W = np.random.default_rng(3).permutation(np.arange(1, 17)).reshape(4, 4)
show.data("layer", {"W": W.tolist(), "x": [1, 2, 3, 4]})

# %% name="still"
D, H = 3, 2
fig, axes = plot.subplots(1, 2, width=3.7, height=2.1)
for ax, M, title, at in zip(
    axes,
    (W[:D, :H], W[:D, :H].T),
    (f"Keras: ({D}, {H})", f"PyTorch: ({H}, {D})"),
    ((1, 0), (0, 1)),
    strict=True,
):
    plot.bare(ax)
    ax.set(xlim=(0, 3), ylim=(3, 0), aspect="equal", title=title)
    for (i, j), value in np.ndenumerate(M):
        ink = "bold" if (i, j) == at else "normal"
        ax.text(j + 0.5, i + 0.5, value, ha="center", va="center", weight=ink)
        if (i, j) == at:
            ax.plot(j + 0.5, i + 0.5, "o", ms=24, mfc="none", mec=plot.ORANGE, mew=2)
plot.figure(
    fig,
    alt="Two tables with the same six numbers. At the left, Keras's: three rows of two. At the "
    "right, PyTorch's: two rows of three, each row a column of the left one. The number ringed at "
    "the left in row 2, column 1 stands at the right in row 1, column 2.",
    caption="The weights of one layer with three inputs and two units, as two libraries keep them. "
    "Ringed: from input 2 to unit 1.",
)

# %% [markdown]
# ## What this notebook claims

# %%
before = ("outputs", "slopes", "one step")
assert max(worst(what, name, "float32") for what in before for name in NAMES[1:]) < 1e-6
assert max(worst("all steps", name, "float32") for name in NAMES[1:]) < 1e-5
assert max(worst(what, "PyTorch", "float64") for what in WORDS) < 1e-12
assert min(moved for *_, moved in runs.values()) > 1, "training moved the weights"
assert differ == 0
assert min(right.values()) > 0.9
assert written["NumPy"] > written["PyTorch"] > written["Keras"]
assert product == "float32"
assert worst("outputs", "Keras on PyTorch", "float64") > 1e-9, "as the product is float32"
assert disordered > 0.01, "another order is another run"
assert spread[1] > 1.5 * spread[0]
assert bias[0] > 0 == bias[1]
