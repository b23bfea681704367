# %% [markdown]
# # Gradient descent, executed
#
# Steps against the slope: on one weight, in a ravine of two, and on real digits, where batches
# give the slope. Here you see where a step is so large that it leads away, how noisy the slope
# of a batch is, and what batches gain. All seeds are fixed. The text is in
# [the lesson](../../networks/gradient_descent.md).

# %%
from itertools import pairwise

import numpy as np

from introdl import data, plot
from introdl.intervals import mean_interval, seen
from introdl.networks.gradient_descent import (
    SURFACES,
    border,
    curvature,
    descend,
    descend_batches,
    example_slopes,
    slope_noise,
)
from introdl.networks.neuron import newton, sigmoid, surprise
from introdl.show import table, values

# %% [markdown]
# ## One weight
#
# The hill is w² and its slope is 2w. The walk begins at 4; three steps are shown.


# %%
def hill(rate, colour):
    w = np.linspace(-4.6, 4.6, 200)
    path = descend(lambda at: 2 * at, np.array([4.0]), rate=rate, steps=3)[:, 0]
    fig, ax = plot.subplots(width=3.4, height=2.9)
    ax.plot(w, w**2, color=plot.MUTED)
    for before, after in pairwise(path):
        arrow = {"arrowstyle": "->", "color": colour, "lw": 1.8}
        ax.annotate("", (after, after**2), (before, before**2), arrowprops=arrow)
    for step, at in enumerate(path):
        ax.plot(at, at**2, "o", color=colour)
        side = 1 if at > 0 else -1
        ax.annotate(
            str(step),
            (at, at**2),
            xytext=(9 * side, -4),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
        )
    ax.set(xlabel="weight w", ylabel="loss", title=f"rate {rate}", ylim=(-1.5, 21))
    return fig, path


# %% name="walk"
fig, walk = hill(0.25, plot.BLUE)
plot.figure(
    fig,
    alt="A parabola. Four dots numbered 0 to 3 come down its right side: at 4, 2, 1 and one half.",
    caption="Each step halves the distance to the bottom.",
)

# %% name="jump"
fig, jump = hill(0.75, plot.ORANGE)
plot.figure(
    fig,
    alt="The same parabola. The dots 0 to 3 lie on both sides in turn: at 4, −2, 1 and minus one "
    "half.",
    caption="Each step crosses to the other side and lands lower.",
)

# %% [markdown]
# ## The ravine
#
# Two weights; the second direction is ten times as curved as the first.

# %%
START = np.array([3.5, 1.5])
ravine = SURFACES["ravine"]
M = curvature(ravine.slope, START)
predicted = border(M)

# %% name="still"
w1, w2 = np.meshgrid(np.linspace(-4, 4, 120), np.linspace(-4, 4, 120))
height = w1**2 + 10 * w2**2
zigzag = descend(ravine.slope, START, rate=0.09, steps=20)
fig, ax = plot.subplots(width=3.7, height=3.7)
ax.contour(w1, w2, height, [1, 4, 12, 30, 60, 110], colors=plot.MUTED, linewidths=1)
ax.plot(*zigzag.T, "o-", color=plot.BLUE, ms=4, lw=1.4)
ax.plot(0, 0, "+", color=plot.INK, ms=10)
ax.annotate("start", START, xytext=(-4, 8), textcoords="offset points", ha="right")
ax.set(xlabel="w₁", ylabel="w₂", aspect="equal")
plot.figure(
    fig,
    alt="Flat ellipses around the lowest point. A path from the upper right jumps up and down "
    "across them, less and less, while it moves left to the middle.",
    caption="Twenty steps in the ravine at rate 0.09. The loss is the same all along a ring.",
)

# %% [markdown]
# ## The border, predicted and measured
#
# The prediction uses only the curvature. The search runs 500 steps at a rate, checks whether they
# end below their start, and halves the range.


# %%
def met(ends_lower, low, high):
    """The rate at which a run stops ending lower; at `low` it ends lower, at `high` not."""
    for _ in range(16):
        middle = (low + high) / 2
        low, high = (middle, high) if ends_lower(middle) else (low, middle)
    return low


def lower(rate, momentum=0.0):
    path = descend(ravine.slope, START, rate=rate, steps=500, momentum=momentum)
    return ravine.loss(path[-1]) < ravine.loss(START)


observed = met(lower, 0.08, 0.12)
heavy = border(M, 0.5), met(lambda rate: lower(rate, 0.5), 0.12, 0.18)
sweep = np.arange(0.002, 0.1121, 0.002)
ends = [ravine.loss(descend(ravine.slope, START, rate=r, steps=100)[-1]) for r in sweep]

# %% name="sweep"
fig, ax = plot.subplots(width=3.7, height=3.2)
beyond = sweep > predicted + 1e-9
ax.axhline(ravine.loss(START), color=plot.MUTED, ls=":")
ax.annotate("at the start", (0.004, ravine.loss(START) * 2), color=plot.MUTED)
ax.axvline(predicted, color=plot.INK, ls="--", lw=1.2)
ax.annotate("2/λ", (predicted + 0.002, 1e-13))
for which, colour in [(~beyond, plot.BLUE), (beyond, plot.RED)]:
    ax.plot(sweep[which], np.array(ends)[which], "o", ms=4, color=colour)
ax.set(xlabel="rate η", ylabel="loss after 100 steps", yscale="log")
plot.figure(
    fig,
    alt="Loss after 100 steps against the rate. It falls steadily to a rate near 0.09, then rises "
    "steeply, and crosses the loss of the start at the dashed line at 0.1.",
    caption="One dot is one run in the ravine. The dashed line was computed before any run.",
)

# %% name="border_numbers"
values(predicted=f"{predicted:.4f}", observed=f"{observed:.4f}")

# %% [markdown]
# ## Momentum in the ravine
#
# For each share of momentum, the best rate of one grid: the one with the fewest steps until the
# loss stays below 0.001.

# %%
GRID = np.arange(0.005, 0.2, 0.005)


def steps_until(rate, momentum, goal=1e-3, most=400):
    path = descend(ravine.slope, START, rate=rate, steps=most, momentum=momentum)
    above = np.flatnonzero([ravine.loss(w) >= goal for w in path])
    return above[-1] + 1 if above[-1] < most else np.inf


best = {}
for share in (0.0, 0.25, 0.5, 0.75, 0.9):
    stable = GRID[border(M, share) > GRID + 1e-9]
    best[share] = min((steps_until(rate, share), rate) for rate in stable)

# %% name="momentum"
table(
    ["momentum α", "best rate of the grid", "steps"],
    [[f"{share:g}", f"{rate:.3f}", int(steps)] for share, (steps, rate) in best.items()],
)

# %% [markdown]
# ## Real digits: the slope of a batch
#
# A neuron tells odd digits from even ones. 40 % of the digits are for training, 20 % for choosing,
# 40 % for the test. The noise is measured on 400 batches of each size, drawn with replacement,
# where the weights stand after 20 full steps.

# %%
images, digit = data.digits()
odd = digit % 2


def cut(seed):
    return data.split(images, odd, seed=seed, test=0.4)


part = cut(0)


def slope_of(X, y, penalty=0.0):
    """The slope of the mean surprise on given rows; a penalty for large weights, not the bias."""

    Z = np.column_stack([X, np.ones(len(X))])  # (N, D + 1)
    price = np.append(np.full(X.shape[1], penalty), 0)

    def slope(w, rows=slice(None)):
        z = Z[rows] @ w
        return (sigmoid(z) - y[rows]) @ Z[rows] / len(z) + price * w

    return slope


SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256]
full = slope_of(part.X_train, part.y_train)
here = descend(full, np.zeros(65), rate=0.5, steps=20)[-1]
slopes = example_slopes(here, part.X_train, part.y_train)  # (N, 65)
rng = np.random.default_rng(0)
measured = []
for size in SIZES:
    rows = rng.integers(len(slopes), size=(400, size))
    away = slopes[rows].mean(axis=1) - slopes.mean(axis=0)  # (400, 65)
    measured.append(np.sqrt((away**2).sum(axis=1).mean()))
expected = np.array([slope_noise(slopes, size) for size in SIZES])
length = np.linalg.norm(slopes.mean(axis=0))

# %% name="noise"
fig, ax = plot.subplots(width=3.7, height=3.2)
ax.plot(SIZES, expected, color=plot.MUTED, label="noise of 1, divided by √B")
ax.plot(SIZES, measured, "o", color=plot.BLUE, label="measured")
ax.axhline(length, color=plot.ORANGE, ls="--", label="length of the true slope")
ax.set(xlabel="batch size B", ylabel="noise", xscale="log", yscale="log")
ax.set_xticks([1, 4, 16, 64, 256], ["1", "4", "16", "64", "256"])
ax.set_yticks([0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"])
ax.minorticks_off()
ax.legend(fontsize=8.5)
plot.figure(
    fig,
    alt="Noise against batch size, both axes logarithmic. The dots fall along a straight line: "
    "each fourfold batch halves the noise. A flat dashed line is the length of the true slope.",
    caption="Real digits. The sloping line is computed from single digits alone, without the dots.",
)

# %% name="noise_numbers"
values(
    train=len(part.y_train),
    test=len(part.y_test),
    one=f"{measured[0]:.2f}",
    four=f"{measured[2]:.2f}",
    sixteen=f"{measured[4]:.2f}",
    four_predicted=f"{expected[2]:.2f}",
    sixteen_predicted=f"{expected[4]:.2f}",
    length=f"{length:.2f}",
)

# %% [markdown]
# ## Equal budgets
#
# Each run looks at the same number of digits: six passes. In each split, each batch size tries
# eight rates and keeps the one with the least surprise on the validation part of this split. Its
# test part is looked at once, with that rate. The splits are 0 to 9, and then 10 to 19.

# %%
PASSES, BLOCK = 6, 10
RATES = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
BATCHES = {"1": 1, "8": 8, "64": 64, "all": len(part.y_train)}


def trained(cut, batch, rate, seed):
    return descend_batches(
        slope_of(cut.X_train, cut.y_train),
        np.zeros(65),
        examples=len(cut.y_train),
        batch=batch,
        rate=rate,
        passes=PASSES,
        rng=np.random.default_rng(seed),
    )


def cost(w, X, y):
    return surprise(X @ w[:-1] + w[-1], y).mean()


scores = {name: [] for name in BATCHES}
right = {name: [] for name in BATCHES}
chosen = {name: [] for name in BATCHES}
majority = []
curves = {name: [] for name in BATCHES}
for seed in range(2 * BLOCK):
    c = cut(seed)
    majority.append(np.mean(c.y_test == int(c.y_train.mean() > 0.5)))
    for name, batch in BATCHES.items():
        paths = {rate: trained(c, batch, rate, seed) for rate in RATES}
        rate = min(RATES, key=lambda r, paths=paths: cost(paths[r][-1], c.X_val, c.y_val))
        path = paths[rate]
        chosen[name].append(rate)
        scores[name].append(cost(path[-1], c.X_test, c.y_test))
        said = c.X_test @ path[-1][:-1] + path[-1][-1] > 0
        right[name].append(np.mean(said == c.y_test))
        # Six marks per pass; a full step is one pass.
        last = len(path) - 1
        marks = np.linspace(0, last, PASSES * (1 if name == "all" else 6) + 1).round().astype(int)
        curves[name].append([cost(path[m], c.X_train, c.y_train) for m in marks])


def span(rates):
    """The least and the largest of the rates, as text."""
    low, high = min(rates), max(rates)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def blocks(difference):
    """95 % t-intervals of paired differences per block, as text; whether both exclude 0."""
    both = [mean_interval(d) for d in np.reshape(difference, (2, BLOCK))]
    return [d.text(3).replace("\u00a0", " ") for d in both], bool(seen(both))


pairs = {
    (a, b): blocks(np.subtract(scores[a], scores[b]))
    for a, b in [
        ("all", "64"),
        ("all", "8"),
        ("all", "1"),
        ("64", "8"),
        ("64", "1"),
        ("8", "1"),
    ]
}

# %% name="budget"
fig, ax = plot.subplots(width=3.7, height=3.2)
for (name, runs), colour in zip(
    curves.items(), [plot.ORANGE, plot.BLUE, plot.GREEN, plot.INK], strict=True
):
    loss = np.mean(runs, axis=0)
    read = np.linspace(0, PASSES * len(part.y_train), len(loss))
    style = {"ls": "--", "marker": "o", "ms": 3} if name == "all" else {}
    ax.plot(read / 1000, loss, color=colour, label=f"B = {name}", lw=1.4, **style)
ax.set(xlabel="digits looked at, thousands", ylabel="mean surprise, training", ylim=(0.1, None))
ax.legend(fontsize=8.5, ncols=2)
plot.figure(
    fig,
    alt="Mean surprise in training against digits looked at, at the marks. "
    "The curves for batches of 1 and 8 fall fast, the one for 64 rises first and then "
    "falls as well; the one for all digits at once takes six steps and stays far above.",
    caption="Real digits, mean of 20 splits, six passes; each batch size at the rates chosen for "
    "it. Each curve joins marks, six per pass, or one for B = all.",
)

# %% name="scores"
table(
    ["batch size", "rates", "surprise, unseen", "share right"],
    [
        ["always guess the more common kind", "", "", f"{np.mean(majority):.3f}"],
        *(
            [
                f"{name}, {PASSES * -(-len(part.y_train) // batch):,} steps",
                span(chosen[name]),
                f"{np.mean(scores[name]):.3f}",
                f"{np.mean(right[name]):.3f}",
            ]
            for name, batch in BATCHES.items()
        ),
    ],
)

# %% name="compared"
table(
    ["surprise on unseen digits, 95 % intervals", "splits 0 to 9", "splits 10 to 19", "difference"],
    [
        [f"B = {a} minus B = {b}", *text, "seen" if seen else "not seen"]
        for (a, b), (text, seen) in pairs.items()
    ],
)

# %% [markdown]
# ## The border on the real loss
#
# With a small penalty for large weights, 0.001, the loss has one lowest point. There its curvature
# is measured, and runs begin a hair's breadth away from it.

# %%
PENALTY = 1e-3
priced = slope_of(part.X_train, part.y_train, PENALTY)
lowest = newton(part.X_train, part.y_train, PENALTY)
M_real = curvature(priced, lowest)
real_predicted = border(M_real)
six = descend(priced, np.zeros(65), rate=1, steps=PASSES)
beyond_border = [cost(w, part.X_train, part.y_train) for w in six[[0, -1]]]
nearby = lowest + 1e-6 * np.random.default_rng(0).normal(size=65)


def comes_nearer(rate):
    path = descend(priced, nearby, rate=rate, steps=500)
    return np.linalg.norm(path[-1] - lowest) < np.linalg.norm(nearby - lowest)


real_observed = met(comes_nearer, real_predicted / 2, 2 * real_predicted)
at_zero = border(curvature(priced, np.zeros(65)))
spread = np.linalg.eigvalsh(M_real)

# %% name="real_border"
values(
    predicted=f"{real_predicted:.2f}",
    observed=f"{real_observed:.2f}",
    zero=f"{at_zero:.2f}",
    before=f"{beyond_border[0]:.3f}",
    after=f"{beyond_border[1]:.3f}",
    condition=f"{spread[-1] / spread[0]:,.0f}",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert (2 * BLOCK, PASSES, len(RATES), PENALTY) == (20, 6, 8, 0.001)  # as the page says
assert walk.tolist() == [4, 2, 1, 0.5]
assert jump.tolist() == [4, -2, 1, -0.5]
assert np.allclose(slopes.mean(axis=0), full(here))
assert abs(observed / predicted - 1) < 1e-3
assert abs(heavy[1] / heavy[0] - 1) < 1e-3
assert abs(real_observed / real_predicted - 1) < 0.01
assert np.abs(measured / expected - 1).max() < 0.1
valleys = SURFACES["valleys"]
stuck = descend(valleys.slope, START, rate=0.1, steps=500)[-1]
deeper = descend(valleys.slope, -START, rate=0.1, steps=500)[-1]
assert np.abs([valleys.slope(stuck), valleys.slope(deeper)]).max() < 1e-9
assert stuck[0] > 0 > deeper[0]
assert valleys.loss(stuck) > valleys.loss(deeper)
assert best[0.25][0] < 0.6 * best[0.0][0]
assert min(best, key=lambda share: best[share][0]) == 0.25
assert all(RATES[0] < rate < RATES[-1] for rates in chosen.values() for rate in rates)
assert all(seen for _, seen in pairs.values())
assert np.mean(scores["1"]) < np.mean(scores["8"]) < np.mean(scores["64"]) < np.mean(scores["all"])
assert at_zero < 1
assert beyond_border[1] < beyond_border[0]
start = np.array([3.5, 1.5])
for rate in 0.01, 0.1, 0.2:  # from well to the right, at a small rate, the nearer valley keeps it
    assert descend(valleys.slope, start, rate=rate, steps=2000)[-1][0] > 0
assert np.mean(right["8"]) > np.mean(majority) + 0.3
