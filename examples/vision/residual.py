# %% [markdown]
# # Deep nets with and without a shortcut, executed
#
# Stacks of 2, 8, 16 and 32 layers learn real handwritten digits, plain and with a shortcut around
# every two layers. Which of them read the digits that they learned from? How large are the numbers
# that go forward, and the slopes that come back? And is it the shortcut, or the start? All seeds
# are fixed. The text is in [the lesson](../../vision/residual.md).

# %%
import numpy as np
import torch

from introdl import data, plot, show
from introdl.intervals import mean_interval
from introdl.show import table, values
from introdl.vision.pooling import average_pool2d
from introdl.vision.residual import Nets, right, sizes_and_slopes, train

X, y = data.mnist()
X = torch.tensor(average_pool2d(X[:, None], 2)[:, 0], dtype=torch.float32)  # (5000, 14, 14)
y = torch.tensor(y)
order = np.random.default_rng(0).permutation(len(X))
CHOOSE, REST = order[:1000], order[1000:]

# %% [markdown]
# ## Equal budgets
#
# Eight nets of each kind and depth, in two blocks of four seeds. Each learns from 250 digits, 6
# times, 25 digits per update: 60 updates. Nets of the same seed learn from the same digits in the
# same order, and their first weights come from the same random numbers. Each kind has its own rate
# at each depth: of 0.0003, 0.001, 0.003, 0.01, 0.03 and 0.1, the one with the lowest mean loss on
# the digits learned from. The rates were tried before, with eight other seeds (500 to 507) and on
# 1,000 digits that are used for nothing else; no best rate was the largest or the smallest.

# %%
BLOCKS = [range(4), range(100, 104)]
SEEDS = [seed for block in BLOCKS for seed in block]
LEARN, NEW, EPOCHS, BATCH = 250, 250, 6, 25
DEPTHS = [2, 8, 16, 32]
DEEP = DEPTHS[-1]
PLAIN, RESIDUAL = (False, False), (True, True)  # shortcut, blocks start near a copy
COPY, FULL = (False, True), (True, False)
RATES = {
    PLAIN: {2: 0.03, 8: 0.003, 16: 0.003, 32: 0.001},
    RESIDUAL: {2: 0.03, 8: 0.01, 16: 0.003, 32: 0.003},
    COPY: {32: 0.001},
    FULL: {32: 0.001},
}


def digits(seeds):
    """A column per net: digits to learn from with their labels, and new ones with theirs."""
    drawn = [np.random.default_rng((seed, 2)).permutation(REST) for seed in seeds]
    drawn = torch.tensor(np.stack(drawn, axis=1))
    known, new = drawn[:LEARN], drawn[LEARN : LEARN + NEW]
    return X[known], y[known], X[new], y[new]


def nets_of(kind, depth):
    return Nets(SEEDS, depth, shortcut=kind[0], near_copy=kind[1])


known, labels, new, new_labels = digits(SEEDS)
scores, unseen = {}, {}
for kind, rates in RATES.items():
    for depth, rate in rates.items():
        nets = nets_of(kind, depth)
        train(nets, known, labels, SEEDS, rate=rate, epochs=EPOCHS, batch=BATCH)
        scores[kind, depth] = 100 * right(nets, known, labels)
        unseen[kind, depth] = 100 * right(nets, new, new_labels)

# %% [markdown]
# ## Which nets read the digits that they learned from?

# %% name="depths"
NAMES = {PLAIN: "plain", RESIDUAL: "with shortcuts"}
COLOURS = {PLAIN: plot.ORANGE, RESIDUAL: plot.BLUE}
fig, ax = plot.subplots(width=3.7, height=3.2)
for kind, marker, aside in ((PLAIN, "^", -0.15), (RESIDUAL, "o", 0.15)):
    for place, depth in enumerate(DEPTHS):
        dots = scores[kind, depth]
        x = place + aside + np.linspace(-0.07, 0.07, len(dots))
        ax.plot(x, dots, marker, color=COLOURS[kind], ms=4, alpha=0.7)
    ax.text(0.5 + 2 * aside, 1.03, NAMES[kind], color=COLOURS[kind], transform=ax.transAxes)
ax.set_xticks(range(len(DEPTHS)), DEPTHS)
ax.set(xlabel="layers", ylabel="training digits read, %", ylim=(0, 104))


def spread(kind, depth):
    dots = scores[kind, depth]
    return f"{NAMES[kind]} {dots.min():.0f} to {dots.max():.0f}"


plot.figure(
    fig,
    alt="The share of the training digits that each net reads, by number of layers. "
    + " ".join(f"{d} layers: {spread(PLAIN, d)}, {spread(RESIDUAL, d)}." for d in DEPTHS),
    caption=f"Eight nets of each kind and depth, tested on the same {LEARN} digits that they "
    "learned from. A triangle is a plain net, a dot is a net with shortcuts.",
)

# %% name="scores"
table(
    ["layers; digits", "plain", "shortcuts"],
    [
        [f"{depth}; {which}", *(f"{shares[k, depth].mean():.1f}" for k in NAMES)]
        for depth in DEPTHS
        for which, shares in (("learned from", scores), ("new", unseen))
    ],
)


# %%
def lead(one, other):
    """Percentage points by which one is ahead: an interval for each block of seeds, and for all."""
    ahead = scores[one] - scores[other]
    found = [mean_interval(block) for block in (*np.split(ahead, 2), ahead)]
    return [(part.low, part.high) for part in found]


LEADS = {
    **{f"shortcuts minus plain, {d} layers": ((RESIDUAL, d), (PLAIN, d)) for d in DEPTHS},
    "plain, 32 layers minus 8": ((PLAIN, DEEP), (PLAIN, 8)),
    "shortcuts, 32 layers minus 8": ((RESIDUAL, DEEP), (RESIDUAL, 8)),
    "32 layers: shortcuts minus plain near a copy": ((RESIDUAL, DEEP), (COPY, DEEP)),
    "32 layers: plain near a copy minus plain": ((COPY, DEEP), (PLAIN, DEEP)),
    "32 layers: shortcuts minus shortcuts, full start": ((RESIDUAL, DEEP), (FULL, DEEP)),
}
leads = {name: lead(*pair) for name, pair in LEADS.items()}


def signed(low, high):
    return f"{low:+.1f} to {high:+.1f}".replace("-", "−")


# %% name="leads"
table(
    ["points", "first four", "second four", "all eight"],
    [[name, *(signed(*both) for both in found)] for name, found in leads.items()],
)

# %% name="rates"
TITLES = {
    PLAIN: "plain",
    RESIDUAL: "shortcuts, near a copy",
    COPY: "plain, near a copy",
    FULL: "shortcuts, full start",
}
table(
    ["layers", *map(str, DEPTHS)],
    [
        [TITLES[kind], *(f"{r[depth]}" if depth in r else "" for depth in DEPTHS)]
        for kind, r in RATES.items()
    ],
)

# %% [markdown]
# ## The shortcut, or the start?

# %% name="starts"
cell = {kind: f"{scores[kind, DEEP].mean():.0f} %" for kind in TITLES}
table(
    [f"{DEEP} layers", "full random start", "start near a copy"],
    [["plain", cell[PLAIN], cell[COPY]], ["with shortcuts", cell[FULL], cell[RESIDUAL]]],
)

# %% [markdown]
# ## What goes forward and what comes back, before learning
#
# For each block: how large the numbers in its maps are, and how steeply a digit's loss changes with
# them. Each is the median of the eight nets.

# %%
WATCHED = [2, 4, 8, 12, 16, 20, 24, 28, 32]
flows = {
    (kind, depth): np.median(
        sizes_and_slopes(nets_of(kind, depth), known[:BATCH], labels[:BATCH]), axis=2
    )
    for kind in NAMES
    for depth in WATCHED
}
full = np.median(sizes_and_slopes(nets_of(FULL, DEEP), known[:BATCH], labels[:BATCH]), axis=2)


def flow(ax, which):
    for kind, (there, size) in {PLAIN: (0.02, "^-"), RESIDUAL: (0.3, "o-")}.items():
        line = flows[kind, DEEP][which]
        ax.plot(2 * np.arange(len(line)), line, size, color=COLOURS[kind], ms=4)
        ax.text(there, 1.03, NAMES[kind], color=COLOURS[kind], transform=ax.transAxes)
    ax.set(xlabel="after layer", yscale="log")


# %% name="slopes"
fig, ax = plot.subplots(width=3.2, height=2.8)
flow(ax, 1)
ax.set(ylabel="slope of the loss")
ends = {kind: [f"{flows[kind, DEEP][1][at]:.2g}" for at in (-1, 0)] for kind in NAMES}
plot.figure(
    fig,
    alt="Slope of the loss in the maps after each block of 32 layers, on a logarithmic axis. "
    + " ".join(
        f"{NAMES[kind]}: {last} at the last, {first} at the first maps."
        for kind, (last, first) in ends.items()
    ),
    caption="Coming back, from right to left: the slope of the loss in the maps after each block, "
    "before learning.",
)

# %% name="sizes"
fig, ax = plot.subplots(width=3.2, height=2.8)
flow(ax, 0)
ax.set(ylabel="size of the numbers")
plot.figure(
    fig,
    alt="Size of the numbers in the maps after each block of 32 layers, on a logarithmic axis. "
    + " ".join(
        f"{NAMES[kind]}: {flows[kind, DEEP][0][0]:.2g} at the first maps, "
        f"{flows[kind, DEEP][0][-1]:.2g} at the last."
        for kind in NAMES
    ),
    caption="Going forward, from left to right: how large the numbers in the maps are.",
)


# %%
def depths_ahead(which):
    """At which depths shortcuts lead, by some of the three intervals, in words."""
    found = [
        d
        for d in DEPTHS
        if all(low > 0 for low, _ in leads[f"shortcuts minus plain, {d} layers"][which])
    ]
    *some, last = map(str, found or ["no depth"])
    return f"{', '.join(some)} and {last}" if some else last


# %% [markdown]
# ## What the page gets

# %% name="still"
fig, ax = plot.subplots(width=3.7, height=3)
for kind, factor in {PLAIN: 0.5, RESIDUAL: 1 + 0.1 * 0.5}.items():
    line = factor ** np.arange(21)
    ax.plot(line, "^-" if kind == PLAIN else "o-", color=COLOURS[kind], ms=4)
    ax.annotate(NAMES[kind], (2, 5 if kind == RESIDUAL else 1e-4), color=COLOURS[kind])
ax.set(xlabel="after layer", ylabel="the number", yscale="log")
plot.figure(
    fig,
    alt="The number 1 on its way through twenty layers that halve it, on a logarithmic axis. "
    "Plain, a straight line down to about a millionth. With shortcuts, a line that rises "
    "slightly to 2.7.",
    caption="Twenty layers that halve the number: plain, and with a shortcut, x + 0.1 · f(x).",
)

# %%
show.data(
    "flows",
    {
        "depths": WATCHED,
        "size": {NAMES[k]: [flows[k, d][0].tolist() for d in WATCHED] for k in NAMES},
        "slope": {NAMES[k]: [flows[k, d][1].tolist() for d in WATCHED] for k in NAMES},
        "read": {
            NAMES[k]: [float(scores[k, d].mean()) if d in DEPTHS else None for d in WATCHED]
            for k in NAMES
        },
    },
)

# %% name="numbers"
values(
    plain_shallow=f"{scores[PLAIN, 8].mean():.0f}",
    plain_deep=f"{scores[PLAIN, DEEP].mean():.0f}",
    residual_shallow=f"{scores[RESIDUAL, 8].mean():.0f}",
    residual_deep=f"{scores[RESIDUAL, DEEP].mean():.0f}",
    copy=f"{scores[COPY, DEEP].mean():.0f}",
    full=f"{scores[FULL, DEEP].mean():.0f}",
    learn=LEARN,
    updates=EPOCHS * LEARN // BATCH,
    slopes_plain=f"{flows[PLAIN, DEEP][1][-1] / flows[PLAIN, DEEP][1][0]:.0f}",
    slopes_residual=f"{flows[RESIDUAL, DEEP][1][-1] / flows[RESIDUAL, DEEP][1][0]:.1f}",
    sizes_plain=f"{flows[PLAIN, DEEP][0][0] / flows[PLAIN, DEEP][0][-1]:.0f}",
    sizes_residual=f"{flows[RESIDUAL, DEEP][0][-1] / flows[RESIDUAL, DEEP][0][0]:.1f}",
    sizes_full=f"{full[0][-1] / full[0][0]:.0f}",
    two_known=f"{scores[PLAIN, 2].mean():.0f}",
    two_new=f"{unseen[PLAIN, 2].mean():.0f}",
    deep_new=f"{unseen[RESIDUAL, DEEP].mean():.0f}",
    lead_all=depths_ahead(slice(2, 3)),
    lead_both=depths_ahead(slice(0, 2)),
    over_copy=signed(*leads["32 layers: shortcuts minus plain near a copy"][2]),
)

# %% [markdown]
# ## What this notebook claims

# %%
for name in (
    "shortcuts minus plain, 32 layers",
    "32 layers: plain near a copy minus plain",
    "32 layers: shortcuts minus shortcuts, full start",
):
    assert all(low > 5 for low, _ in leads[name]), f"the page says: ahead in both blocks: {name}"
assert all(high < -5 for _, high in leads["plain, 32 layers minus 8"]), "the page says: worse"
for name in (
    "shortcuts minus plain, 8 layers",
    "shortcuts minus plain, 16 layers",
):
    assert any(low <= 0 for low, _ in leads[name][:2]), f"the page says: not seen: {name}"
for low, high in leads["32 layers: shortcuts minus plain near a copy"][:2]:
    assert low <= 0 <= high, "the page says: no difference seen, in each group"
assert scores[PLAIN, 8].mean() > 85, "the page says: about nine of ten"
gaps = [scores[kind, DEEP].mean() - scores[PLAIN, DEEP].mean() for kind in (COPY, RESIDUAL)]
assert gaps[0] > 0.6 * gaps[1], "the page says: the start alone does most of it"
assert scores[PLAIN, 2].mean() > scores[RESIDUAL, DEEP].mean() - 3, "the page says: no gain"
assert unseen[PLAIN, 2].mean() > unseen[RESIDUAL, DEEP].mean() - 5, "the page says: no gain"
assert scores[RESIDUAL, DEEP].mean() > 90, "the page says: with shortcuts it stays high"
assert scores[PLAIN, DEEP].mean() < 65, "the page says: plain and deep falls"
assert flows[PLAIN, DEEP][1][0] < flows[PLAIN, DEEP][1][-1] / 3, "the page says: slopes shrink"
assert flows[PLAIN, DEEP][0][-1] < flows[PLAIN, DEEP][0][0] / 10, "the page says: numbers shrink"
for line in flows[RESIDUAL, DEEP]:
    assert max(line) < 3 * min(line), "the page says: with shortcuts both stay about as large"
assert full[0][-1] > 20 * full[0][0], "the page says: with a full start the numbers grow"
