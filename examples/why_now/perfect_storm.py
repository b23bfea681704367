# %% [markdown]
# # The big bang, executed
#
# Depth, data and computing: eight nets with every combination of the three learn to read small
# digits that lie anywhere on a sheet. What does each of the three gain alone, and what do all three
# gain together? Each combination is trained ten times. All seeds are fixed. The text is in
# [the lesson](../../why_now/perfect_storm.md).

# %%
from itertools import product
from statistics import median
from time import perf_counter

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from introdl import data, plot, show
from introdl.intervals import mean_interval, seen
from introdl.show import table, values
from introdl.why_now.perfect_storm import (
    ORDERS,
    SWITCHES,
    effects,
    learning_cost,
    left_over,
    orders,
    scatter,
)

X, y = data.mnist()
sheets = torch.tensor(scatter(X, seed=0), dtype=torch.float32)  # (5000, 16, 16)
labels = torch.tensor(y)

# %% [markdown]
# ## The two nets
#
# The page has one net of each kind. Here are as many side by side as there are seeds: same layers,
# same first weights by lot, and each learns alone.


# %%
def shallow_net():
    return nn.Sequential(nn.Flatten(), nn.Linear(256, 10))


def deep_net():
    first = [nn.Conv2d(1, 8, 4, stride=2), nn.ReLU()]
    second = [nn.Conv2d(8, 16, 3), nn.ReLU()]
    most = [nn.AdaptiveMaxPool2d(1), nn.Flatten()]
    return nn.Sequential(*first, *second, *most, nn.Linear(16, 10))


def train(net, X, y, updates, batch, rate):
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    for _ in range(updates):
        part = torch.randint(len(X), (batch,))
        loss = nn.functional.cross_entropy(net(X[part]), y[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net


# %%
def stacked(nets):
    """The weights of nets of one kind, side by side."""
    layers = zip(*(net.parameters() for net in nets), strict=True)
    return [torch.stack(layer).detach().requires_grad_() for layer in layers]


def scores(weights, x):
    """What S nets make of pictures (S, B, 16, 16): a score per digit, (S, 10, B)."""
    S = len(x)
    *kernels, last, bias = weights
    h = x.flatten(2)
    if kernels:
        one, one_bias, two, two_bias = (w.flatten(0, 1) for w in kernels)
        h = F.conv2d(x.transpose(0, 1), one, one_bias, stride=2, groups=S).relu()
        h = F.conv2d(h, two, two_bias, groups=S).relu().amax(dim=(2, 3))
        h = h.unflatten(1, (S, -1)).transpose(0, 1)  # (S, B, 16)
    return torch.baddbmm(bias[:, :, None], last, h.transpose(1, 2))


def drawn(rows):
    """The sheets at rows (S, B), (S, B, 16, 16)."""
    return sheets.index_select(0, rows.flatten()).unflatten(0, rows.shape)


def fit(kind, rows, updates, batch, rate, seeds):
    """Train one net per seed, each on its own `rows` (S, n) of the sheets; their weights."""
    nets = []
    for seed in seeds:
        torch.manual_seed(seed)
        nets.append(NETS[kind]())
    weights = stacked(nets)
    lots = torch.Generator().manual_seed(seeds[0])
    optimizer = torch.optim.Adam(weights, lr=rate, fused=True)
    for _ in range(updates):
        part = rows.gather(1, torch.randint(rows.shape[1], (len(rows), batch), generator=lots))
        loss = F.cross_entropy(scores(weights, drawn(part)), labels[part], reduction="sum")
        optimizer.zero_grad()
        (loss / batch).backward()
        optimizer.step()
    return [w.detach() for w in weights]


def right(weights, rows):
    """The percentage of the pictures `rows` (S, n) that each net reads, (S,)."""
    said = scores(weights, drawn(rows)).argmax(dim=1)
    return 100 * (said == labels[rows]).double().mean(dim=1).numpy()


NETS = {"shallow": shallow_net, "deep": deep_net}
torch.manual_seed(0)
three = [deep_net() for _ in range(3)]
alone = torch.stack([net(sheets[k : k + 5, None]) for k, net in enumerate(three)])
beside = scores(stacked(three), torch.stack([sheets[k : k + 5] for k in range(3)]))
assert torch.allclose(alone, beside.transpose(1, 2), atol=1e-5), (
    "side by side they do what each does alone"
)

# %% [markdown]
# ## Equal computing
#
# A batch of the shallow net has so many more pictures that an update costs both nets as many
# multiply–adds, as nearly as whole pictures allow.

# %%
LAYERS = {
    # Outputs, and inputs of each: 10 sums of 256 pixels.
    "shallow": [(10, 256)],
    # 7 × 7 places × 8 kernels of 4 × 4; 5 × 5 places × 16 kernels of 3 × 3 × 8; ten sums of 16.
    "deep": [(7 * 7 * 8, 16), (5 * 5 * 16, 72), (10, 16)],
}
COST = {kind: learning_cost(layers) for kind, layers in LAYERS.items()}
DEEP_BATCH = 32
BATCH = {"shallow": round(DEEP_BATCH * COST["deep"] / COST["shallow"]), "deep": DEEP_BATCH}
UPDATES = (20, 200)
EXAMPLES = (200, 2000)
RATES = {
    "shallow": (0.004, 0.016, 0.06, 0.25, 1.0),
    "deep": (0.001, 0.003, 0.01, 0.03, 0.1),
}
TEST, CHOOSE = 1000, 500
BLOCKS = [range(5), range(5, 10)]
SEEDS = range(10)
CELLS = list(product((0, 1), repeat=3))
print(COST, BATCH)

# %% [markdown]
# ## Rates
#
# Of the 5,000 digits, 500 serve to choose the rate of each cell: five rates, two nets each.

# %%
shuffled = np.random.default_rng(0).permutation(5000)
choose, rest = shuffled[:CHOOSE], shuffled[CHOOSE:]
assert not set(choose) & set(rest)


def split(seed):
    """At random: rows to learn from (the first of them where they are few), and rows to test."""
    mixed = np.random.default_rng(seed).permutation(rest)
    return mixed[TEST : TEST + EXAMPLES[1]], mixed[:TEST]


def chosen(kind, n, updates, batch):
    """The rate after which two nets read most of the digits laid aside, and what was found."""
    seeds = (100, 101)
    rows = torch.tensor(np.array([split(seed)[0][:n] for seed in seeds]))
    aside = torch.tensor(np.array([choose] * 2))
    found = [
        right(fit(kind, rows, updates, batch, rate, seeds), aside).mean() for rate in RATES[kind]
    ]
    return RATES[kind][np.argmax(found)], found


KINDS = ("shallow", "deep")
rates = {}
for cell in CELLS:
    kind, n, updates = (way[k] for way, k in zip((KINDS, EXAMPLES, UPDATES), cell, strict=True))
    rates[cell], found = chosen(kind, n, updates, BATCH[kind])
    print(kind, n, updates, rates[cell], np.round(found, 1))

# %% [markdown]
# ## Eight cells
#
# Ten splits: in each, all eight nets are tested on the same digits, and the few examples are among
# the many.

# %%
learn, test = (torch.tensor(np.array(part)) for part in zip(*map(split, SEEDS), strict=True))
cells = np.zeros((10, 2, 2, 2))  # percent of the test digits, per split
nets = {}
for cell in CELLS:
    kind, n, updates = (way[k] for way, k in zip((KINDS, EXAMPLES, UPDATES), cell, strict=True))
    nets[cell] = fit(kind, learn[:, :n], updates, BATCH[kind], rates[cell], SEEDS)
    cells[(slice(None), *cell)] = right(nets[cell], test)
print(cells.mean(axis=0).round(1))


# %% name="digits"
SHOWN = [int(row) for row in test[0][:12]]
show.strip(
    [1 - sheets[row].numpy() for row in SHOWN[:6]],
    labels=[str(y[row]) for row in SHOWN[:6]],
    columns=6,
    alt="Six small handwritten digits, each at a different place on its sheet.",
    caption="Six of the digits to read, each on a sheet of 16 × 16 pixels, and what they are.",
)


# %%
def blocks(difference):
    """Intervals of both blocks of splits."""
    return [mean_interval(difference[block.start : block.stop]) for block in BLOCKS]


def row(name, difference):
    both = blocks(difference)
    return [name, *(d.text() for d in both), "yes" if seen(both) else "no"]


def on(cell):
    """The names of the switches that are on."""
    return " + ".join(name for name, is_on in zip(SWITCHES, cell, strict=True) if is_on)


HEAD = ["", "first five splits", "other five", "seen?"]
baseline = np.mean(
    [
        100 * np.mean(y[tested] == np.bincount(y[learned]).argmax())
        for learned, tested in (split(seed) for seed in SEEDS)
    ]
)

# %% name="cells"
table(
    ["depth", "data", "computing", "digits read"],
    [
        [
            *("on" if switch else "off" for switch in cell),
            "{:.1f}\u00a0±\u00a0{:.1f}\u00a0%".format(*mean_interval(cells[(slice(None), *cell)])),
        ]
        for cell in CELLS
    ]
    + [["", "", "always the most common digit", f"{baseline:.1f}\u00a0%"]],
)

# %%
found = [left_over(table_of_eight) for table_of_eight in cells]
alone, together, left = (np.array(part) for part in zip(*found, strict=True))
ratios = cells / cells[:, :1, :1, :1]
by_product = cells[:, 0, 0, 0] * ratios[:, 1, 0, 0] * ratios[:, 0, 1, 0] * ratios[:, 0, 0, 1]

# %% name="gains"
table(
    ["gain", *HEAD[1:]],
    [
        *(row(f"{name} alone", alone[:, k]) for k, name in enumerate(SWITCHES)),
        row("the three added up", alone.sum(axis=1)),
        row("all three together", together),
        row("left over", left),
    ],
)

# %%
COLOURS = dict(zip(SWITCHES, (plot.BLUE, plot.ORANGE, plot.GREEN), strict=True))
mean = cells.mean(axis=0)
turns = np.array([orders(table_of_eight) for table_of_eight in cells])  # (10, 6, 3)


def stairs(order):
    """The cells that an order goes through, from all off to all on."""
    state, path = [0, 0, 0], [(0, 0, 0)]
    for switch in order:
        state[switch] = 1
        path.append(tuple(state))
    return path


# %% name="still"
fig, axes = plot.subplots(1, 2, width=4.6, height=2.6)
for ax, order in zip(axes, ((0, 1, 2), (1, 2, 0)), strict=True):
    path = stairs(order)
    for k, switch in enumerate(order):
        before, after = mean[path[k]], mean[path[k + 1]]
        ax.bar(k + 1, after - before, bottom=before, width=0.7, color=COLOURS[SWITCHES[switch]])
    ax.bar(0, mean[0, 0, 0], width=0.7, color=plot.MUTED)
    ax.set(ylim=(0, 100), xticks=range(4))
    ax.set_xticklabels(["off", *(SWITCHES[switch] for switch in order)], fontsize=7.5)
axes[0].set_ylabel("digits read, %")
plot.figure(
    fig,
    alt="Two staircases from the cell with all switches off to that with all on. In the first, "
    "depth and data come first and change little, and computing makes the large step. In the "
    "second, data and computing come first, and depth makes the large step.",
    caption="From all off to all on, in two of six orders; means of ten splits. Each bar goes from "
    "the digits read before a switch to those read after it.",
)

# %% name="orders"
table(
    ["switched on in this order", *SWITCHES],
    [
        [
            ", ".join(SWITCHES[switch] for switch in order),
            *(mean_interval(turns[:, k, switch]).text() for switch in range(3)),
        ]
        for k, order in enumerate(ORDERS)
    ],
)

# %%
factorial = np.array([effects(table_of_eight) for table_of_eight in cells])
# The same from a least-squares fit on columns of −1 and +1: twice its coefficients.
signs = 2 * np.array(CELLS) - 1
columns = np.array([np.prod(signs ** np.array(term), axis=1) for term in CELLS]).T
fitted = 2 * np.linalg.lstsq(columns, cells.reshape(10, 8).T, rcond=None)[0][1:]
assert np.allclose(fitted, factorial.reshape(10, 8).T[1:])

# %% name="effects"
table(
    ["effect", *HEAD[1:]],
    [
        row(on(cell).replace(" + ", " × "), factorial[(slice(None), *cell)])
        for cell in sorted(CELLS, key=sum)[1:]
    ],
)

# %% [markdown]
# ## Equal pictures instead of equal multiply–adds
#
# The shallow net again, with as many pictures per update as the deep net has. Its rates are chosen
# anew, with the same effort.

# %%
fewer = cells.copy()
for n, updates in product(EXAMPLES, UPDATES):
    best, found = chosen("shallow", n, updates, DEEP_BATCH)
    print(n, updates, best, np.round(found, 1))
    cell = (0, EXAMPLES.index(n), UPDATES.index(updates))
    again = fit("shallow", learn[:, :n], updates, DEEP_BATCH, best, SEEDS)
    fewer[(slice(None), *cell)] = right(again, test)
found = [left_over(table_of_eight) for table_of_eight in fewer]
alone_fewer, together_fewer, left_fewer = (np.array(part) for part in zip(*found, strict=True))

# %% name="pictures"
table(
    ["gain, at equal pictures", *HEAD[1:]],
    [
        *(row(f"{name} alone", alone_fewer[:, k]) for k, name in enumerate(SWITCHES)),
        row("all three together", together_fewer),
        row("left over", left_fewer),
    ],
)

# %% name="settings"
table(
    ["cell", "examples", "updates", "pictures per update", "rate", "million multiply–adds"],
    [
        [
            on(cell) or "all off",
            f"{EXAMPLES[cell[1]]:,}",
            UPDATES[cell[2]],
            BATCH[KINDS[cell[0]]],
            rates[cell],
            f"{UPDATES[cell[2]] * BATCH[KINDS[cell[0]]] * COST[KINDS[cell[0]]] / 1e6:.1f}",
        ]
        for cell in CELLS
    ],
)

# %% [markdown]
# ## What the same work costs in time


# %%
def seconds(updates):
    """Time the page's own function on the deep net and the many examples."""
    rows = learn[0]
    torch.manual_seed(0)
    net = deep_net()
    begin = perf_counter()
    train(net, sheets[rows][:, None], labels[rows], updates, DEEP_BATCH, rates[1, 1, 1])
    return perf_counter() - begin


seconds(UPDATES[0])
times = [median(seconds(updates) for _ in range(3)) for updates in UPDATES]
WORK = [updates * DEEP_BATCH * COST["deep"] for updates in UPDATES]

# %% name="time" timed=true
table(
    ["computing", "updates", "million multiply–adds", "seconds", "digits read"],
    [
        [
            name,
            updates,
            f"{work / 1e6:.1f}",
            f"{time:.2f}",
            f"{mean[1, 1, k]:.1f} %",
        ]
        for k, (name, updates, work, time) in enumerate(
            zip(("off", "on"), UPDATES, WORK, times, strict=True)
        )
    ],
)

# %% name="speed" timed=true
values(
    minute=f"{60 * UPDATES[1] / times[1]:,.0f}",
    rate=f"{WORK[1] / times[1] / 1e6:,.0f}",
)


# %%
def both(difference):
    return " and ".join(d.text() for d in blocks(difference))


def share(cell):
    return f"{mean[cell]:.0f}"


def named(names, differences, wanted):
    """Those names for which a difference is seen, or not."""
    found = [n for n, d in zip(names, differences, strict=True) if seen(blocks(d)) == wanted]
    return " and ".join(found) or "none of them"


PAIRS = {
    on(cell).replace(" + ", " × "): factorial[(slice(None), *cell)]
    for cell in CELLS
    if sum(cell) > 1
}

# %% name="numbers"
values(
    test=f"{TEST:,}",
    choose=CHOOSE,
    few=EXAMPLES[0],
    many=f"{EXAMPLES[1]:,}",
    short=UPDATES[0],
    long=UPDATES[1],
    batch=BATCH["deep"],
    shallow_batch=BATCH["shallow"],
    shallow_cost=f"{COST['shallow']:,}",
    deep_cost=f"{COST['deep']:,}",
    on=share((1, 1, 1)),
    added=both(alone.sum(axis=1)),
    together=both(together),
    product=f"{by_product.mean():.0f}",
    over_product=both(cells[:, 1, 1, 1] - by_product),
    no_depth=both(cells[:, 1, 1, 1] - cells[:, 0, 1, 1]),
    no_data=both(cells[:, 1, 1, 1] - cells[:, 1, 0, 1]),
    no_computing=both(cells[:, 1, 1, 1] - cells[:, 1, 1, 0]),
    pair=share((1, 0, 1)),
    seen=named(SWITCHES, alone.T, wanted=True),
    not_seen=named(SWITCHES, alone.T, wanted=False),
    pairs=named(PAIRS, PAIRS.values(), wanted=True),
)

# %% [markdown]
# ## What the page gets
#
# The means of all cells with their intervals, and what the nets of the first split answer to twelve
# of its test digits.

# %%
answers = {}
for cell in CELLS:
    said = scores([w[:1] for w in nets[cell]], sheets[SHOWN][None])
    answers["".join(map(str, cell))] = said[0].argmax(dim=0).tolist()
show.data(
    "cells",
    {
        "switches": SWITCHES,
        "cells": {
            "".join(map(str, cell)): {
                "right": float(mean[cell]),
                "half": mean_interval(cells[(slice(None), *cell)]).half,
                "answers": answers["".join(map(str, cell))],
            }
            for cell in CELLS
        },
        "labels": [int(y[k]) for k in SHOWN],
        "ink": [np.round(9 * sheets[k].numpy()).astype(int).ravel().tolist() for k in SHOWN],
    },
)

# %% [markdown]
# ## What this notebook claims

# %%
assert abs(BATCH["shallow"] * COST["shallow"] / (DEEP_BATCH * COST["deep"]) - 1) < 0.002
assert EXAMPLES[1] == 10 * EXAMPLES[0]
assert UPDATES[1] == 10 * UPDATES[0]
for block in BLOCKS:
    part = slice(block.start, block.stop)
    assert together[part].mean() > alone[part].sum(axis=1).mean() + 20
    assert left[part].mean() > 20
    assert alone[part].max(axis=0).max() < together[part].min()
    assert alone[part, 0].mean() < 0
    assert cells[part, 1, 0, 1].mean() > cells[part, 0, 1, 1].mean() + 10
    assert cells[part, 1, 1, 1].mean() > by_product[part].mean() + 20
assert np.allclose(turns.sum(axis=2), together[:, None])
