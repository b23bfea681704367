# %% [markdown]
# # The artificial neuron, executed
#
# A neuron that answers with a number between 0 and 1 learns from four tumours by hand, and then
# from 569. Here you see what it says, what a mistake costs it, whether its numbers can be
# believed, and what happens to it when a line separates the classes. All seeds are fixed. The text
# is in [the lesson](../../networks/neuron.md).

# %%
import numpy as np

from introdl import data, plot, show
from introdl.history.xor import wilson_interval
from introdl.intervals import mean_interval, seen
from introdl.networks.neuron import (
    Neuron,
    calibration,
    cheapest_threshold,
    fit_torch,
    newton,
    sigmoid,
    surprise,
)
from introdl.show import table, values

# %% [markdown]
# ## A step, a line, an S
#
# Three neurons compute the same weighted sum and answer differently.

# %% name="three"
z = np.linspace(-4, 4, 401)
fig, ax = plot.subplots(width=4.6, height=3)
ax.plot(z, np.where(z >= 0, 1.0, -1.0), color=plot.ORANGE)
ax.plot(z, z, color=plot.GREEN)
ax.plot(z, sigmoid(z), color=plot.BLUE, lw=3)
ax.annotate("perceptron:\na step", (-3.9, -0.85), color=plot.ORANGE)
ax.annotate("ADALINE:\na line", (0.55, 1.5), color=plot.GREEN, ha="right")
ax.annotate("this neuron: an S", (1.6, 0.55), color=plot.BLUE)
ax.set(xlabel="weighted sum z", ylabel="answer", ylim=(-2.1, 2.1))
plot.figure(
    fig,
    alt="Three curves over the weighted sum. The perceptron's jumps from -1 to +1 at zero. "
    "ADALINE's is the sum itself. This neuron's rises smoothly from near 0 through one half to "
    "near 1.",
    caption="What three neurons answer to the same sum. The S never reaches 0 or 1.",
)

# %% [markdown]
# ## What a wrong answer costs
#
# The cost is minus the logarithm of the probability given to what turned out to be true.

# %% name="cost"
q = np.geomspace(0.004, 1, 400)
fig, ax = plot.subplots(width=4.6, height=3)
ax.plot(q, -np.log(q), color=plot.BLUE)
for given, words in [(0.5, "a coin: 0.69"), (0.1, "1 in 10: 2.30"), (0.01, "1 in 100: 4.61")]:
    ax.plot(given, -np.log(given), "o", color=plot.ORANGE)
    ax.annotate(words, (given + 0.02, -np.log(given) + 0.1), color=plot.ORANGE)
ax.set(
    xlabel="probability given to what turned out to be true",
    ylabel="surprise",
    xlim=(-0.01, 1.02),
    ylim=(0, 5.6),
)
plot.figure(
    fig,
    alt="Surprise against probability: 0 at probability 1, 0.69 at one half, 2.30 at one in ten, "
    "4.61 at one in a hundred, and rising without limit towards 0.",
    caption="Each time the probability is ten times smaller, the cost rises by 2.30.",
)

# %% [markdown]
# ## Four real tumours by hand
#
# Their mean radius, in standard deviations from the mean of all 569, lies near a whole number. The
# page rounds it.

# %%
X, y = data.breast_cancer()
radius = (X[:, 0] - X[:, 0].mean()) / X[:, 0].std()
four, labels = np.array([[-1.0], [0.0], [1.0], [2.0]]), np.array([0, 1, 0, 1])
nearest = [
    np.abs(radius[y == label] - value).min()
    for value, label in zip(four[:, 0], labels, strict=True)
]

# %% name="by_hand"
unit = Neuron(1)
before = surprise(unit.net_input(four), labels)
unit.fit(four, labels, rate=1, steps=1)
columns = []
for x, label, said, cost in zip(four[:, 0], labels, unit.probability(four), before, strict=True):
    after = -np.log(said if label else 1 - said)
    columns.append(
        [
            f"{x:.0f}".replace("-", "−"),
            f"{label}",
            "0.5",
            f"{0.5 - label:+.1f}".replace("-", "−"),
            f"{(0.5 - label) * x + 0.0:+.1f}".replace("-", "−").replace("+0.0", "0"),
            f"{cost:.3f}",
            f"{said:.3f}",
            f"{after:.3f}",
        ]
    )
WHAT = [
    "radius $x$",
    "label $y$: 1 is malignant",
    "$p$",
    "error $p - y$",
    "error $\\times\\, x$",
    "surprise",
    "$p$ after the step",
    "surprise after it",
]
# One column per tumour: a phone shows five narrow ones, not eight.
table(
    ["tumour", "first", "second", "third", "fourth"],
    [[what, *row] for what, row in zip(WHAT, zip(*columns, strict=True), strict=True)],
)

# %% [markdown]
# ## Two inputs
#
# Mean radius and mean texture of the cells' nuclei. Training part, validation part and test part
# hold 60, 20 and 20 % of the tumours; the split has seed 0, and inputs are standardised by the
# training part.

# %%
part = data.standardize(data.split(X[:, :2], y, seed=0))
two = Neuron(2)
losses = two.fit(part.X_train, part.y_train, rate=1, steps=1000)
exact = newton(part.X_train, part.y_train)
twin = fit_torch(part.X_train, part.y_train, rate=1, steps=1000)

# %% name="two_numbers"
values(
    tumours=len(y),
    malignant=int(y.sum()),
    train=len(part.y_train),
    test=len(part.y_test),
)

# %% name="map"
x1, x2 = np.meshgrid(np.linspace(-2.3, 4, 200), np.linspace(-2.4, 4, 200))
grid = two.probability(np.column_stack([x1.ravel(), x2.ravel()])).reshape(x1.shape)
fig, ax = plot.subplots(width=4.6, height=4)
ax.contourf(
    x1,
    x2,
    grid,
    [0, 0.1, 0.5, 0.9, 1],
    colors=[plot.BLUE_SOFT, plot.PAPER, plot.PAPER, plot.ORANGE_SOFT],
)
lines = ax.contour(x1, x2, grid, [0.1, 0.5, 0.9], colors=plot.INK, linewidths=[1, 2, 1])
ax.clabel(lines, fmt="%g", fontsize=10)
for label, colour, marker, name in [
    (0, plot.BLUE, "o", "benign"),
    (1, plot.ORANGE, "s", "malignant"),
]:
    at = part.X_test[part.y_test == label]
    ax.scatter(*at.T, s=20, color=colour, marker=marker, label=name, zorder=3)
ax.legend(loc="upper right")
ax.set(xlabel="radius, standardised", ylabel="texture, standardised")
plot.figure(
    fig,
    alt="Held-out tumours by radius and texture. Three parallel slanted lines mark where the "
    "neuron says 0.1, 0.5 and 0.9. Benign tumours lie mostly left, malignant ones right; between "
    "the outer lines they mix.",
    caption="Real tumours that the neuron did not learn from. Where it says about one half, you "
    "find both kinds.",
)

# %% name="moving"
# What the reader's lines and sums start from: the validation part, which nothing else here uses.
moving = {
    "four": [[*map(float, x), 0.0, int(t)] for x, t in zip(four, labels, strict=True)],
    "tumours": [
        [*map(float, x.round(2)), int(t)] for x, t in zip(part.X_val, part.y_val, strict=True)
    ],
}
show.data("tumours", moving)

# %% [markdown]
# ## Scores on two blocks of splits
#
# 50 random splits in each block, seeds 0 to 49 and 50 to 99. All 30 inputs with a penalty on large
# weights, 0.01, and with hardly any, 0.000001; both are trained to the lowest loss on the same 341
# tumours.

# %%
SPLITS, DEAR, CHEAP = 50, 0.01, 1e-6
MISS, ALARM = 10, 1
threshold = cheapest_threshold(MISS, ALARM)


def trained(inputs, seed, penalty=0.0):
    """Train on one split; return the net inputs of the test part, its labels, and the baseline."""
    cut = data.standardize(data.split(X[:, inputs], y, seed=seed))
    v = newton(cut.X_train, cut.y_train, penalty)
    said_train = (cut.X_train @ v[:-1] + v[-1] > 0).astype(int)
    return (
        cut.X_test @ v[:-1] + v[-1],
        cut.y_test,
        np.mean(cut.y_test == int(cut.y_train.mean() > 0.5)),
        np.mean(said_train == cut.y_train),
    )


def price(said, truth):
    """Missed malignant tumours, false alarms, and what they cost."""
    missed = int((truth & ~said).sum())
    alarms = int((~truth & said).sum())
    return missed, alarms, MISS * missed + ALARM * alarms


MODELS = {
    "2 inputs": (slice(0, 2), 0.0),
    "30 inputs, penalty 0.01": (slice(None), DEAR),
    "30 inputs, penalty 0.000001": (slice(None), CHEAP),
}
accuracy, mean_surprise, fitted = ({name: [] for name in MODELS} for _ in range(3))
majority_right, prices = [], []
for seed in range(2 * SPLITS):
    for name, (inputs, penalty) in MODELS.items():
        net, truth, always, known = trained(inputs, seed, penalty)
        accuracy[name].append(np.mean((net > 0) == truth))
        mean_surprise[name].append(surprise(net, truth).mean())
        fitted[name].append(known)
        if name == "2 inputs":
            majority_right.append(always)
            told = sigmoid(net)
            prices.append([price(told >= t, truth == 1) for t in (0.5, threshold)])
prices = np.array(prices)  # (splits, thresholds, [missed, alarms, cost])


def blocks(difference, digits):
    """The interval on each block of seeds, as text, and whether both exclude zero."""
    found = [mean_interval(block) for block in np.reshape(difference, (2, SPLITS))]
    return [d.text(digits).replace("\u00a0", " ") for d in found], bool(seen(found))


# %% name="scores"
rows = [["always the more common class", f"{np.mean(majority_right):.3f}", "", ""]]
for name in MODELS:
    rows.append(
        [
            name,
            f"{np.mean(accuracy[name]):.3f}",
            f"{np.mean(mean_surprise[name]):.3f}",
            f"{sum(known == 1 for known in fitted[name])} of {2 * SPLITS}",
        ]
    )
table(
    [
        "neuron",
        "right on unseen tumours",
        "mean surprise there",
        "splits without a mistake in training",
    ],
    rows,
)

# %% name="thresholds"
rows = []
for k, name in enumerate(["0.5", f"{threshold:.2f}"]):
    missed, alarms, cost = prices[:, k].mean(axis=0)
    rows.append([f"{name} or more", f"{missed:.1f}", f"{alarms:.1f}", f"{cost:.0f}"])
table(["say malignant at", "malignant missed", "false alarms", "cost"], rows)

# %% name="claims"
cheaper, cheaper_seen = blocks(prices[:, 0, 2] - prices[:, 1, 2], 0)
gain = np.subtract(
    mean_surprise["30 inputs, penalty 0.000001"], mean_surprise["30 inputs, penalty 0.01"]
)
calmer, calmer_seen = blocks(gain, 2)
points = 100 * np.subtract(
    accuracy["30 inputs, penalty 0.01"], accuracy["30 inputs, penalty 0.000001"]
)
better, better_seen = blocks(points, 1)
values(test=len(part.y_test))

# %% name="compared"
table(
    ["95 % intervals", f"first {SPLITS} splits", f"other {SPLITS}"],
    [
        [f"cost saved by the threshold {threshold:.2f}", *cheaper],
        ["mean surprise saved by the penalty", *calmer],
        ["more right with the penalty, percentage points", *better],
    ],
)

# %% [markdown]
# ## Can its numbers be believed?
#
# Each of the 569 tumours is scored once, by a neuron that was trained on the other nine tenths.

# %%
fold = np.random.default_rng(0).permutation(len(y)) % 10
told = {name: np.zeros(len(y)) for name in MODELS}
for k in range(10):
    kept, out = X[fold != k], X[fold == k]
    mean, deviation = kept.mean(axis=0), kept.std(axis=0)
    for name, (inputs, penalty) in MODELS.items():
        v = newton(((kept - mean) / deviation)[:, inputs], y[fold != k], penalty)
        told[name][fold == k] = ((out - mean) / deviation)[:, inputs] @ v[:-1] + v[-1]
EDGES = np.array([0.1, 0.3, 0.5, 0.7, 0.9])

# %% name="believed"
fig, axes = plot.subplots(2, 1, width=4.2, height=7.2, sharex=True)
shown = ["2 inputs", "30 inputs, penalty 0.000001"]
groups = {name: calibration(sigmoid(told[name]), y, EDGES) for name in MODELS}
for ax, name, title in zip(axes, shown, ["2 inputs", "30 inputs, hardly any penalty"], strict=True):
    ax.plot([0, 1], [0, 1], color=plot.MUTED, ls="--")
    for group in groups[name]:
        low, high = wilson_interval(group.ones, group.count)
        ax.plot([group.said] * 2, [low, high], color=plot.BLUE)
        ax.plot(group.said, group.share, "o", color=plot.BLUE)
        right_side = group.said < 0.5
        ax.annotate(
            f"{group.count}",
            (group.said, group.share),
            xytext=(7 if right_side else -7, -3),
            textcoords="offset points",
            ha="left" if right_side else "right",
        )
    ax.set_title(title)
    ax.set(xlim=(-0.06, 1.06), ylim=(-0.04, 1.04), aspect="equal")
    ax.set_ylabel("share that is malignant")
axes[1].set_xlabel("what it says")
plot.figure(
    fig,
    alt="Share of malignant tumours against what the neuron says. Above, two inputs: six groups "
    "lie along the diagonal. Below, thirty inputs with hardly any penalty: nearly all tumours are "
    "in two groups, at 0 and 1, and both contain some of the other kind.",
    caption="Real tumours, each scored by a neuron that did not learn from it. The number is the "
    "size of the group. The bar is a 95 % interval: how far chance may move the share. On the "
    "dashed line a neuron is as sure as it should be.",
)

# %% name="one_group"
[near] = [group for group in groups["2 inputs"] if 0.7 <= group.said < 0.9]
values(count=near.count, ones=near.ones, said=f"{near.said:.2f}", share=f"{near.share:.2f}")

# %% name="sure_numbers"
wild = told["30 inputs, penalty 0.000001"]
sure = sigmoid(np.abs(wild)) > 0.99
wrong = (wild > 0) != y
expected = sigmoid(-np.abs(wild))[sure].sum()  # its doubts, added up
values(
    sure=int(sure.sum()),
    sure_wrong=int((sure & wrong).sum()),
    sure_expected=f"{expected:.2f}",
    wrong=int(wrong.sum()),
    within=sum(
        wilson_interval(g.ones, g.count)[0] <= g.said <= wilson_interval(g.ones, g.count)[1]
        for g in groups["2 inputs"]
    ),
    groups=len(groups["2 inputs"]),
)

# %% [markdown]
# ## Without end
#
# With 30 inputs a border separates the training part of split 0. The same neuron is trained
# without a penalty and with one.

# %%
STEPS = 10_000
whole = data.standardize(data.split(X, y, seed=0))
marks = np.unique(np.geomspace(1, STEPS, 40).astype(int))
runs = {}
for penalty in (0.0, DEAR):
    unit, row, at = Neuron(30), [], 0
    for mark in marks:
        unit.fit(whole.X_train, whole.y_train, rate=0.5, steps=int(mark - at), penalty=penalty)
        at = mark
        row.append(
            [
                np.linalg.norm(unit.w),
                unit.loss(whole.X_train, whole.y_train),
                unit.loss(whole.X_test, whole.y_test),
            ]
        )
    runs[penalty] = np.array(row)

# %% name="without_end"
fig, (top, low) = plot.subplots(2, 1, width=4.8, height=5.2, sharex=True)
free, paid = runs[0.0], runs[DEAR]
top.plot(marks, free[:, 0], color=plot.ORANGE)
top.plot(marks, paid[:, 0], color=plot.BLUE)
top.annotate("without a penalty", (1200, 8.5), color=plot.ORANGE, ha="right")
top.annotate("with a penalty", (9000, 2.7), color=plot.BLUE, ha="right")
top.set(ylabel="length of the weights", xscale="log", ylim=(0, None))
for run, colour in [(free, plot.ORANGE), (paid, plot.BLUE)]:
    low.plot(marks, run[:, 2], color=colour)
    low.plot(marks, run[:, 1], color=colour, ls=":")
low.plot([], [], color=plot.MUTED, label="unseen tumours")
low.plot([], [], color=plot.MUTED, ls=":", label="training tumours")
low.legend(loc="lower left")
low.set(xlabel="steps of gradient descent", ylabel="mean surprise", yscale="log")
low.set_yticks([0.02, 0.05, 0.1, 0.2], ["0.02", "0.05", "0.1", "0.2"])
low.minorticks_off()
plot.figure(
    fig,
    alt="Above, the length of the weights over 10,000 steps: without a penalty it keeps growing, "
    "with one it levels off near 2. Below, the mean surprise: without a penalty it keeps falling "
    "in training, and on unseen tumours turns and rises; with one both level off.",
    caption="Real tumours, 30 inputs, one split. Each mark to the right means ten times as many "
    "steps. Without a penalty the neuron keeps getting surer.",
)

# %% name="end_numbers"
values(
    best=f"{free[:, 2].min():.3f}",
    best_at=int(marks[free[:, 2].argmin()]),
    end=f"{free[-1, 2]:.3f}",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert max(nearest) < 0.1  # the four tumours exist
assert np.abs(np.append(two.w, two.b) - exact).max() < 1e-6
assert np.abs([*twin.weight[0].tolist(), twin.bias.item()] - np.append(two.w, two.b)).max() < 1e-12
assert np.mean(accuracy["2 inputs"]) > np.mean(majority_right) + 0.2
assert cheaper_seen
assert calmer_seen
assert better_seen
assert expected < 1 < (sure & wrong).sum()
assert np.median(sigmoid(np.abs(wild))[sure]) > 0.9999  # most are far above 99 %
assert len(groups["2 inputs"]) == 6
assert (np.diff(free[:, 0]) > 0).all()
assert (np.diff(free[:, 1]) < 0).all()
assert free[-1, 2] > 1.5 * free[:, 2].min()
