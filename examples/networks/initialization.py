# %% [markdown]
# # Initialisation, executed
#
# What happens to the size of a signal, and of slopes, in 50 layers for each start; nets of two and
# of ten hidden layers trained on MNIST digits from each start; and batch norm. All seeds are
# fixed. The text is in [the lesson](../../networks/initialization.md).

# %%
from functools import cache
from itertools import pairwise

import numpy as np
import torch
from torch.nn.functional import batch_norm, cross_entropy

from introdl import data, plot
from introdl.intervals import paired, seen
from introdl.networks.initialization import draw, sizes
from introdl.show import table, values

# %% [markdown]
# ## Real digits
#
# MNIST digits, shrunk from 28 by 28 to 14 by 14 pixels: the mean of each square of four.

# %%
images, digit = data.mnist()
pixels = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196)

# %% [markdown]
# ## Fifty layers, untrained
#
# 40 digits, standardised, go up through 50 layers of 196 units; random slopes of size 1 come down.
# Each typical size is the geometric mean over five draws of the weights.

# %%
LAYERS, DRAWS, SHOWN = 50, 5, 40
digits = pixels[:: len(pixels) // SHOWN]
X = (digits - digits.mean()) / digits.std()  # (40, 196)
WORDS = {"zero": "zero", "small": "small, 0.01", "xavier": "Xavier", "he": "He"}
BENDS = {"tanh": "tanh", "relu": "ReLU"}


def through(start, bend, seed):
    """Sizes of activations and of slopes for one draw: (2, 51)."""
    rng = np.random.default_rng(seed)
    weights = np.array([draw(start, 196, 196, rng) for _ in range(LAYERS)])
    return sizes(X, weights, rng.normal(size=X.shape), bend)


measured = {
    (start, bend): np.array([through(start, bend, seed) for seed in range(DRAWS)])
    for start in ("small", "xavier", "he")
    for bend in BENDS
}  # (draws, 2, 51)
typical = {key: np.exp(np.log(runs).mean(axis=0)) for key, runs in measured.items()}
typical |= {("zero", bend): np.array(through("zero", bend, 0)) for bend in BENDS}


def lines(bend):
    """Draw the sizes of the activations for three starts."""
    fig, ax = plot.subplots(width=3.2, height=2.9)
    marks = {"small": (plot.MUTED, ":"), "xavier": (plot.BLUE, "--"), "he": (plot.ORANGE, "-")}
    for start, (colour, style) in marks.items():
        ax.semilogy(typical[start, bend][0], style, color=colour, label=WORDS[start])
    ax.set(xlabel="layer", ylabel="size of the activations", ylim=(1e-12, 30))
    ax.legend(fontsize=8.5)
    return fig


# %% name="tanh"
plot.figure(
    lines("tanh"),
    alt="Size of the activations against the layer, up to 50, on a logarithmic axis. With small "
    "weights it leaves the figure below a millionth of a millionth after about 14 layers. With "
    "Xavier it sinks slowly to about a tenth; with He it stays near one half.",
    caption="Tanh: geometric mean of five draws of the weights, real digits as inputs.",
)

# %% name="relu"
plot.figure(
    lines("relu"),
    alt="The same with ReLU. Small weights: it leaves the figure after about 12 layers. Xavier: it "
    "falls on a straight line to less than a ten-millionth. He: it stays near 1.",
    caption="ReLU: the same, with the same weights and digits.",
)

# %% name="still"
fig, ax = plot.subplots(width=3.6, height=2.9)
for row, words, colour, style in (
    (0, "activations", plot.BLUE, "-"),
    (1, "slopes", plot.ORANGE, "--"),
):
    ax.semilogy(measured["xavier", "relu"][0, row], style, color=colour, label=words)
ax.set(xlabel="layer", ylabel="size", ylim=(1e-12, 30))
ax.legend(fontsize=8.5)
plot.figure(
    fig,
    alt="Two lines on a logarithmic axis. The size of the activations falls from 1 at layer 0 to "
    "less than a ten-millionth at layer 50. The size of the slopes is 1 at layer 50, and falls "
    "as far towards layer 0.",
    caption="One net of 50 layers of ReLUs at gain 1. Activations go up from layer 0, slopes come "
    "down from layer 50.",
)


# %%
def short(v):
    """A size in words that fit a table."""
    if v == 0 or v >= 0.01:
        return f"{v:.2g}"
    head, power = f"{v:.0e}".split("e-")
    raised = power.lstrip("0").translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{head} · 10⁻{raised}"


# %% name="through"
table(
    ["start, bend", "layer 1", "layer 10", "layer 50", "slopes at layer 0"],
    [
        [f"{WORDS[start]}, {BENDS[bend]}", *(short(up[k]) for k in (1, 10, 50)), short(down[0])]
        for start in WORDS
        for bend in BENDS
        for up, down in [typical[start, bend]]
    ],
)

# %% [markdown]
# ## Does the start still matter after training?
#
# Nets of two and of ten hidden layers of ReLUs, trained from each start by momentum for four passes
# over 2,000 digits. Each start tries six rates on two further splits, and keeps the one with the
# most right answers on digits set aside for choosing. Then it is scored with that rate on the test
# digits of splits 0 to 7, and 8 to 15. Batch norm is PyTorch's; it is tested with its running
# statistics. Many nets are trained at once: the first axis, R, counts them.

# %%
WIDTH, BATCH, STEPS, BLOCK, TRAIN, CHOOSE = 32, 50, 160, 8, 2000, 1000
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1)
ARMS = {
    "small": ("small", False),
    "Xavier": ("xavier", False),
    "He": ("he", False),
    "small, batch norm": ("small", True),
    "He, batch norm": ("he", True),
}


@cache
def part(seed):
    """All digits, shuffled and standardised by those to train on: (5000, 196), (5000,)."""
    order = np.random.default_rng(seed).permutation(len(pixels))
    train = pixels[order[:TRAIN]]
    X = (pixels[order] - train.mean()) / train.std()
    return torch.tensor(X, dtype=torch.float32), torch.tensor(digit[order])


def first_layers(arm, depth, seeds):
    """W, b, and of hidden layers scale, shift and running mean and variance, for R nets each."""
    widths, layers = [196, *[WIDTH] * depth, 10], []
    for k, (n_in, n_out) in enumerate(pairwise(widths)):
        drawn = [draw(ARMS[arm][0], n_in, n_out, np.random.default_rng([s, k])) for s in seeds]
        W = torch.tensor(np.array(drawn), dtype=torch.float32)  # (R, n_in, n_out)
        one = torch.ones(len(seeds) * n_out)
        layers.append([W, torch.zeros(len(seeds), 1, n_out), one, 0 * one, 0 * one, one.clone()])
    return layers


def sums(layers, X, norm, training):
    """Class sums of R nets for `X`, (R, B, 196): (R, B, 10)."""
    for W, b, scale, shift, mean, variance in layers[:-1]:
        Z = torch.baddbmm(b, X, W)
        if norm:
            side_by_side = Z.transpose(0, 1).flatten(1)  # (B, R * H)
            Y = batch_norm(side_by_side, mean, variance, scale, shift, training)
            Z = Y.unflatten(1, (len(W), -1)).transpose(0, 1)
        X = torch.relu(Z)
    return torch.baddbmm(layers[-1][1], X, layers[-1][0])


def trained(arm, depth, seeds, rates):
    """Shares right of R nets on the digits to choose by, and on those to test on: (R,), (R,)."""
    norm = ARMS[arm][1]
    layers = first_layers(arm, depth, seeds)
    moved = [w for layer in layers for w in layer[:2]]
    moved += [w for layer in layers[:-1] for w in layer[2:4] if norm]
    etas = torch.tensor(rates)
    speeds = [torch.zeros_like(w.requires_grad_()) for w in moved]
    parts = [part(seed) for seed in seeds]
    X, y = (torch.stack(arrays) for arrays in zip(*parts, strict=True))
    for t in range(STEPS):
        batch = slice(t * BATCH % TRAIN, t * BATCH % TRAIN + BATCH)
        z = sums(layers, X[:, batch], norm, training=True)
        loss = cross_entropy(z.flatten(0, 1), y[:, batch].flatten(), reduction="sum") / BATCH
        for w, speed, g in zip(moved, speeds, torch.autograd.grad(loss, moved), strict=True):
            speed.mul_(0.9).add_(g)
            step = speed.reshape(len(seeds), -1) * etas[:, None]
            w.data -= step.reshape(w.shape)
    with torch.no_grad():
        said = sums(layers, X[:, TRAIN:], norm, training=False).argmax(dim=2)
    right = (said == y[:, TRAIN:]).double().numpy()
    return right[:, :CHOOSE].mean(axis=1), right[:, CHOOSE:].mean(axis=1)


RUNS = [(arm, 2) for arm in ("small", "Xavier", "He")] + [(arm, 10) for arm in ARMS]
rates, chosen, right = {}, {}, {}
for run in RUNS:
    tries = trained(*run, [seed for seed in (100, 101) for _ in RATES], RATES * 2)[0]
    chosen[run] = tries.reshape(2, -1).mean(axis=0)  # one share per rate
    rates[run] = RATES[chosen[run].argmax()]
    right[run] = trained(*run, range(2 * BLOCK), [rates[run]] * 2 * BLOCK)[1].reshape(2, BLOCK)
guesses = []
for seed in range(2 * BLOCK):
    labels = part(seed)[1].numpy()
    commonest = np.bincount(labels[:TRAIN]).argmax()
    guesses.append(np.mean(labels[TRAIN + CHOOSE :] == commonest))


def compare(one, other):
    """95 % t-intervals of paired differences in percentage points per block, and whether seen."""
    pairs = zip(100 * right[one], 100 * right[other], strict=True)
    both = [paired(*pair) for pair in pairs]
    # With spaces that break, four columns fit a phone.
    return [d.text().replace("\u00a0", " ") for d in both], bool(seen(both))


PAIRS = [
    (("Xavier", 2), ("small", 2)),
    (("He", 2), ("Xavier", 2)),
    (("Xavier", 10), ("small", 10)),
    (("He", 10), ("Xavier", 10)),
    (("small, batch norm", 10), ("small", 10)),
    (("He, batch norm", 10), ("He", 10)),
]
compared = {pair: compare(*pair) for pair in PAIRS}

# %% name="scores"
table(
    ["hidden layers", "start", "rate", "right, splits 0 to 7", "splits 8 to 15"],
    [
        [depth, arm, f"{rates[arm, depth]:g}", *(f"{100 * m:.1f} %" for m in two.mean(axis=1))]
        for (arm, depth), two in right.items()
    ],
)

# %% name="compared"
table(
    ["compared", "splits 0 to 7", "splits 8 to 15", "difference"],
    [
        [f"{one[1]} layers: {one[0]} minus {other[0]}", *text, "seen" if seen else "not seen"]
        for (one, other), (text, seen) in compared.items()
    ],
)

# %% name="numbers"
values(
    layers=LAYERS,
    draws=DRAWS,
    train=f"{TRAIN:,}",
    steps=STEPS,
    block=BLOCK,
    guess=f"{100 * np.mean(guesses):.0f}",
    stuck=f"{100 * right['small', 10].mean():.0f}",
    cured=f"{100 * right['small, batch norm', 10].mean():.0f}",
)

# %% [markdown]
# ## What this notebook claims

# %%
for bend in BENDS:
    assert not typical["zero", bend][0][1:].any()
    assert typical["small", bend][0][50] < 1e-30
    for low, high in ((0, 50), (1, 0)):
        assert 0.03 < typical["he" if bend == "relu" else "xavier", bend][low][high] < 10
assert np.allclose(np.log2(typical["xavier", "relu"][0][50]) / 50, -0.5, atol=0.05)
for one, other in [("Xavier", "small"), ("He", "Xavier"), ("small, batch norm", "small")]:
    assert compared[(one, 10), (other, 10)][1]
    assert right[one, 10].mean() > right[other, 10].mean() + 0.05
assert right["He, batch norm", 10].mean() > right["small, batch norm", 10].mean()
assert abs(right["small", 10].mean() - np.mean(guesses)) < 0.03  # no better than a guess
assert chosen["small", 10].max() < 0.15  # at any rate
assert right["small", 2].mean() > 0.6
assert right["Xavier", 2].mean() > right["small", 2].mean()
assert all(RATES[0] < rate < RATES[-1] for run, rate in rates.items() if run != ("small", 10))
assert (LAYERS, WIDTH, BLOCK, len(RATES), len(pixels)) == (50, 32, 8, 6, 5000)  # as the page says
