# %% [markdown]
# # Universal approximation, executed
#
# Three bends make a bump, many bends follow any curve, and folds make many pieces from few units.
# Then what descent finds with as many units, and how many pieces random weights give. All curves
# are synthetic, and all seeds are fixed. The text is in
# [the lesson](../../networks/universal_approximation.md).

# %%
from itertools import pairwise

import numpy as np

from introdl import plot
from introdl.intervals import mean_interval
from introdl.networks.universal_approximation import (
    Bends,
    Layer,
    corners,
    descend,
    folds,
    start,
    through,
)
from introdl.show import table, values


def interval(difference, digits=3):
    """A mean with its 95 % t-interval as text, and whether it leaves out 0."""
    found = mean_interval(difference)
    return found.text(digits), found.sign != 0


# %% [markdown]
# ## Three bends make a bump

# %% name="still"
x = np.linspace(0, 1, 401)
bump = Bends(np.ones(3), -np.array([0.25, 0.5, 0.75]), np.array([4.0, -8.0, 4.0]), np.zeros(1))
fig, ax = plot.subplots(width=3.6, height=3)
for w, b, v, colour in zip(*bump[:3], [plot.BLUE, plot.ORANGE, plot.GREEN], strict=True):
    ax.plot(x, v * np.maximum(w * x + b, 0), color=colour, lw=1.5)
ax.plot(x, bump.curve(x), color=plot.INK, lw=2.5)
ax.set(xlabel="x", ylim=(-2.2, 2.2))
plot.figure(
    fig,
    alt="Three thin lines are 0 at first and bend at a quarter, a half and three quarters: up, "
    "down twice as steep, and up. Their sum, a thick line, rises from 0 to 1 and returns.",
    caption="Three units, each in its own colour, and their sum, the thick line: a bump.",
)


# %% [markdown]
# ## How the error falls with more units
#
# A curve that is smooth, and a curve whose slope is not bounded.


# %%
def wave(x):
    return np.sin(2 * np.pi * x)


def worst(curve, units):
    """The largest error of the net with so many units, on a fine grid of each piece."""
    at = np.linspace(0, 1, units + 1)
    fine = np.linspace(0, 1, 64 * units + 1)
    return np.abs(through(at, curve(at)).curve(fine) - curve(fine)).max()


UNITS = 2 ** np.arange(2, 9)
smooth = np.array([worst(wave, units) for units in UNITS])
steep = np.array([worst(np.sqrt, units) for units in UNITS])
BOUND = (2 * np.pi) ** 2 / 8 / UNITS**2  # the largest second derivative, by 8 H²
assert (smooth <= BOUND * (1 + 1e-9)).all()

# %% name="errors"
fig, ax = plot.subplots(width=3.7, height=3)
ax.plot(UNITS, steep, "s-", ms=4, color=plot.ORANGE, label="√x")
ax.plot(UNITS, smooth, "o-", ms=4, color=plot.BLUE, label="the wave")
ax.set(xscale="log", yscale="log", xlabel="hidden units", ylabel="largest error")
ax.set_xticks(UNITS[::2], [str(n) for n in UNITS[::2]])
ax.minorticks_off()
ax.legend(fontsize=9)
plot.figure(
    fig,
    alt="Largest error against units, both axes logarithmic. For the wave it falls along a steep "
    "straight line, for the root of x along a much flatter one.",
    caption="The largest error, between 0 and 1, of the net through evenly spaced points.",
)

# %% name="rates"
values(
    smooth=f"{smooth[-2] / smooth[-1]:.2f}",
    steep=f"{steep[-2] / steep[-1]:.2f}",
)

# %% [markdown]
# ## Inside the interval, and outside

# %% name="outside"
SIDES = 16
at = np.linspace(0, 1, SIDES + 1)
wide = np.linspace(-0.6, 1.6, 600)
fig, ax = plot.subplots(width=3.7, height=3)
ax.axvspan(0, 1, color=plot.BLUE, alpha=0.1, lw=0)
ax.plot(wide, wave(wide), color=plot.MUTED, ls="--", label="the wave")
ax.plot(wide, through(at, wave(at)).curve(wide), color=plot.BLUE, label="the net")
ax.set(xlabel="x", ylim=(-1.5, 4.2))
ax.legend(fontsize=9, loc="upper left")
plot.figure(
    fig,
    alt="A dashed wave and a net that covers it between 0 and 1. To the left of 0 the net is flat, "
    "to the right of 1 it climbs in a straight line, while the wave goes on up and down.",
    caption="The net with 16 units through points of a wave between 0 and 1 (shaded).",
)

# %% [markdown]
# ## What descent finds with as many units
#
# Each seed draws a curve: four waves with random sizes and shifts, scaled to a root mean square of
# 1. Three nets of 16 units: built through 17 points; trained from a random start; trained from the
# built one. Trained means 2,000 steps of Adam on 101 points. For each of the two starts the rate
# is chosen from seven, on eight other curves. Inputs go from −1 to 1, as is usual for training.

# %%
HIDDEN, STEPS, BLOCK = 16, 2000, 8
RATES = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
seen, fine = np.linspace(-1, 1, 101), np.linspace(-1, 1, 1001)


def draw(seed, x):
    """The curve of a seed at `x`."""
    rng = np.random.default_rng(seed)
    size, shift = rng.normal(size=4) / np.arange(1, 5), rng.uniform(0, 2 * np.pi, size=4)
    waves = np.sin(np.pi * np.arange(1, 5) * x[:, None] + shift)
    return waves @ size / np.sqrt((size**2).sum() / 2)


def stack(nets):
    return Bends(*(np.stack(part) for part in zip(*nets, strict=True)))


def built(seeds):
    at = np.linspace(-1, 1, HIDDEN + 1)
    return stack([through(at, draw(seed, at)) for seed in seeds])


def chance(seeds):
    nets = [start(1, HIDDEN, np.random.default_rng([seed, 1])) for seed in seeds]
    return stack([[part[0] for part in net] for net in nets])


def trained(nets, seeds, rates):
    target = np.stack([draw(seed, seen) for seed in seeds])
    return descend(nets, seen, target, np.broadcast_to(rates, len(seeds)), STEPS)


def error(nets, seeds):
    """The root mean square error of each net on 1,001 points."""
    target = np.stack([draw(seed, fine) for seed in seeds])
    return np.sqrt(((nets.curve(fine) - target) ** 2).mean(axis=-1))


TRY = [seed for seed in range(100, 108) for _ in RATES]
rate = {}
for first in (chance, built):
    tried = error(trained(first(TRY), TRY, RATES * 8), TRY).reshape(8, -1).mean(axis=0)
    rate[first] = RATES[int(tried.argmin())]

SEEDS = list(range(2 * BLOCK))
nets = {
    "built": built(SEEDS),
    "from chance": trained(chance(SEEDS), SEEDS, rate[chance]),
    "from the built one": trained(built(SEEDS), SEEDS, rate[built]),
}
score = {name: error(net, SEEDS) for name, net in nets.items()}


def against(name, other):
    gap = score[name] - score[other]
    return [interval(gap[:BLOCK])[0], interval(gap[BLOCK:])[0]]


# %% name="descent"
table(
    ["net of 16 units", "mean error, curves 1 to 8", "9 to 16"],
    [
        [label, f"{score[name][:BLOCK].mean():.3f}", f"{score[name][BLOCK:].mean():.3f}"]
        for name, label in [
            ("built", "built, no training"),
            ("from chance", "random start, trained"),
            ("from the built one", "built, then trained"),
        ]
    ],
)


# %%
def inside(net):
    """How many joints of a net lie between -1 and 1, on average."""
    return f"{(np.abs(net.b / net.w) < 1).sum(axis=1).mean():.1f}"


# %% name="descent_numbers"
values(
    chance_one=against("from chance", "built")[0],
    chance_two=against("from chance", "built")[1],
    more_one=against("from the built one", "built")[0],
    more_two=against("from the built one", "built")[1],
    steps=f"{STEPS:,}",
    rate_chance=f"{rate[chance]:g}",
    rate_built=f"{rate[built]:g}",
    points=f"{len(seen)}",
    first=inside(chance(SEEDS)),
    inside=inside(nets["from chance"]),
)

# %% name="found"
fig, ax = plot.subplots(width=3.7, height=3)
ax.plot(fine, draw(0, fine), color=plot.MUTED, ls="--", label="curve")
ax.plot(fine, nets["built"].curve(fine)[0], color=plot.BLUE, label="built")
ax.plot(fine, nets["from chance"].curve(fine)[0], color=plot.ORANGE, label="random start, trained")
ax.set(xlabel="x")
ax.legend(fontsize=8.5)
plot.figure(
    fig,
    alt="A dashed curve; a net that was built follows it. A net trained from a random start has "
    "fewer corners, and runs straight past a hill and two valleys.",
    caption="The first of the 16 curves; it was not picked. Synthetic data.",
)

# %% [markdown]
# ## Pieces: from folds, at most, and from random weights

# %% name="folded"
rows = []
for times in range(1, 8):
    pieces = len(corners(folds(times), 0, 1)) + 1
    assert pieces == 2**times
    rows.append([times, 2 * times, pieces, pieces - 1])
assert rows[5:] == [[6, 12, 64, 63], [7, 14, 128, 127]]
table(["folds", "units", "straight pieces", "units needed in one layer"], rows)

# %%
SHAPES = {"1 of 16": [16], "2 of 8": [8] * 2, "4 of 4": [4] * 4, "8 of 2": [2] * 8}
DRAWS, GROUP = 50, 25


def random_pieces(widths, seed):
    """The pieces of a net with random weights, between −1 and 1."""
    rng = np.random.default_rng([seed, len(widths)])
    sizes = [1, *widths, 1]
    layers = []
    for inputs, outputs in pairwise(sizes):
        reach = 1 / np.sqrt(inputs)
        W = rng.uniform(-reach, reach, size=(inputs, outputs))
        layers.append(Layer(W, rng.uniform(-reach, reach, size=outputs)))
    return len(corners(layers, -1, 1)) + 1


counted = {
    name: np.array([random_pieces(widths, seed) for seed in range(DRAWS)])
    for name, widths in SHAPES.items()
}
for widths in SHAPES.values():
    assert sum(widths) == HIDDEN

# %% name="random"
table(
    ["layers of units", "at most", "random weights, mean", "change against 1 of 16"],
    [
        [
            name,
            f"{np.prod(np.array(widths) + 1):,}",
            f"{counted[name].mean():.1f}",
            " and ".join(
                interval((counted[name] - counted["1 of 16"])[part], 1)[0]
                for part in (slice(GROUP), slice(GROUP, None))
            )
            if len(widths) > 1
            else "–",
        ]
        for name, widths in SHAPES.items()
    ],
)
