# %% [markdown]
# # Big data, executed
#
# A linear model, a support vector machine and a small deep net learn real handwritten digits from
# few examples and from many. Settings are chosen on digits that serve for nothing else. Then three
# models on two tasks in the plane, from 4 points to 512. All seeds are fixed. The text is in
# [the lesson](../../why_now/big_data.md).

# %%
import warnings

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from torch import nn

from introdl import data, plot, show
from introdl.intervals import mean_interval, seen
from introdl.show import table, values
from introdl.why_now.big_data import UNITS, fit_power_law, human_size, learning_curve

torch.set_num_threads(1)
X, y = data.mnist()
P = X.reshape(5000, 784).astype(np.float32)
pictures, labels = torch.tensor(P).reshape(5000, 1, 28, 28), torch.tensor(y)
SIZES = (10, 40, 160, 640, 2560)
TEST = 2000
order = np.random.default_rng(0).permutation(5000)
CHOOSE, REST = order[:440], order[440:]
BLOCKS = [range(3), range(100, 103)]
SEEDS = [seed for block in BLOCKS for seed in block]

# %% [markdown]
# ## The units

# %% name="ladder"
table(
    ["unit", "bytes", "digits of 784 bytes that fit"],
    [[unit, f"{1000**k:,}", f"{1000**k // 784:,}"] for k, unit in enumerate(UNITS)],
)

# %% name="binary"
BINARY = ["kibibyte", "mebibyte", "gibibyte", "tebibyte", "pebibyte", "exbibyte", "zebibyte"]
table(
    ["unit", "bytes", "more than the decimal unit by"],
    [
        [unit, f"{1024**k:,}", f"{100 * (1024**k / 1000**k - 1):.1f} %"]
        for k, unit in enumerate(BINARY, start=1)
    ],
)

# %% [markdown]
# ## The three models
#
# Each takes the numbers of digits to learn from and of digits to label. The SVM compares each pair
# of pictures; all pairs are computed once, and each fit picks its own, which saves time alone. The
# net makes more updates with more digits.


# %%
def net():
    first = [nn.Conv2d(1, 12, 5, stride=2), nn.ReLU(), nn.MaxPool2d(2)]
    second = [nn.Conv2d(12, 32, 3), nn.ReLU(), nn.Flatten()]
    last = [nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10)]
    return nn.Sequential(*first, *second, *last)


def train_net(rows, rate, seed):
    torch.manual_seed(seed)
    model, rows, steps = net(), torch.tensor(rows), UPDATES[len(rows)]
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for _ in range(steps):
        part = rows[torch.randint(len(rows), (BATCH[len(rows)],))]
        loss = nn.functional.cross_entropy(model(pictures[part]), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model


UPDATES = {10: 60, 40: 60, 160: 80, 640: 100, 2560: 200}
BATCH = {10: 10, 40: 32, 160: 32, 640: 64, 2560: 64}
square = (P**2).sum(axis=1)
near = np.maximum(square[:, None] + square - 2 * P @ P.T, 0)  # (5000, 5000)


def linear(C, seed):
    def answers(rows, asked):
        model = LogisticRegression(C=C, max_iter=200, tol=1e-3).fit(P[rows], y[rows])
        return model.predict(P[asked])

    return answers


def svm(gamma, seed):
    def answers(rows, asked):
        known, new = (np.exp(-gamma * near[np.ix_(part, rows)]) for part in (rows, asked))
        return SVC(C=10, kernel="precomputed").fit(known, y[rows]).predict(new)

    return answers


def deep(rate, seed):
    def answers(rows, asked):
        model = train_net(rows, rate, seed)
        with torch.no_grad():
            return model(pictures[asked]).argmax(dim=1).numpy()

    return answers


MODELS = {"linear model": linear, "SVM": svm, "deep net": deep}

# %% [markdown]
# ## Settings
#
# Three settings of each model at 40, 160 and 640 digits, from one draw, scored on the 440 digits
# that serve for this alone. At 10 each model keeps its setting of 40, at 2,560 that of 640.

# %%
GRIDS = {
    "linear model": ("C", (0.01, 0.1, 1)),
    "SVM": ("gamma", (0.01, 0.02, 0.04)),
    "deep net": ("rate", (0.003, 0.01, 0.03)),
}
drawn = np.random.default_rng(1000).permutation(REST)
tried, chosen = {}, {}
for name, (_, grid) in GRIDS.items():
    tried[name] = np.array(
        [learning_curve(MODELS[name](v, 1000), y, drawn, CHOOSE, SIZES[1:4]) for v in grid]
    )
    best = [grid[k] for k in tried[name].argmax(axis=0)]
    chosen[name] = dict(zip(SIZES, [best[0], *best, best[-1]], strict=True))

# %% name="tried"
table(
    ["model", "setting", *(f"{n:,} digits" for n in SIZES[1:4])],
    [
        [name, f"{what} {v:g}", *(f"{100 * share:.1f} %" for share in tried[name][k])]
        for name, (what, grid) in GRIDS.items()
        for k, v in enumerate(grid)
    ],
)

# %% [markdown]
# ## The curve
#
# Each seed shuffles the other digits: the last 2,000 are the test, and the first n are learned
# from. All models get the same.

# %%
right = {name: np.empty((len(SEEDS), len(SIZES))) for name in MODELS}
always = np.empty((len(SEEDS), len(SIZES)))
for k, seed in enumerate(SEEDS):
    drawn = np.random.default_rng(seed).permutation(REST)
    train, test = drawn[: SIZES[-1]], drawn[-TEST:]
    for name, model in MODELS.items():
        for j, n in enumerate(SIZES):
            answers = model(chosen[name][n], seed)
            right[name][k, j] = 100 * learning_curve(answers, y, train, test, [n])[0]
    for j, n in enumerate(SIZES):
        always[k, j] = 100 * np.mean(y[test] == np.bincount(y[train[:n]]).argmax())

# %% name="scores"
WAYS = {"always the most common": always, **right}
table(
    ["model", *(f"{n:,} digits" for n in SIZES)],
    [[name, *(f"{v:.1f} %" for v in shares.mean(axis=0))] for name, shares in WAYS.items()],
)


# %%
PAIRS = [("deep net", "linear model"), ("SVM", "linear model"), ("deep net", "SVM")]
versus = {
    (a, b, n): [mean_interval((right[a] - right[b])[rows, j]) for rows in (slice(3), slice(3, 6))]
    for a, b in PAIRS
    for j, n in enumerate(SIZES)
}

# %% name="versus"
table(
    ["difference", "digits", "first three seeds", "other three", "a difference is"],
    [
        [
            f"{a} minus {b}",
            f"{n:,}",
            *(d.text() for d in both),
            "seen" if seen(both) else "not seen",
        ]
        for (a, b, n), both in versus.items()
    ],
)

# %% name="curve"
LOOK = {
    "linear model": (plot.ORANGE, "s"),
    "SVM": (plot.GREEN, "^"),
    "deep net": (plot.BLUE, "o"),
}
fig, ax = plot.subplots(width=3.7, height=3.1)
for k, (name, (colour, mark)) in enumerate(LOOK.items()):
    mean, half = np.transpose([mean_interval(column) for column in right[name].T])
    at = np.array(SIZES) * 1.06 ** (k - 1)
    ax.errorbar(at, mean, half, color=colour, marker=mark, ms=4, capsize=2, label=name)
ax.plot(SIZES, always.mean(axis=0), ":", color=plot.MUTED, label="always the most common")
ax.set(xscale="log", xlabel="digits to learn from", ylabel="unseen digits right, %", ylim=(0, 100))
ax.set_xticks(SIZES, [f"{n:,}" for n in SIZES])
ax.minorticks_off()
ax.legend(fontsize=8.5, loc="lower right")
plot.figure(
    fig,
    alt="Three rising curves against the number of digits, from 10 to 2,560. All start below 40 "
    "percent. At the right the linear model ends near 90 percent, the SVM and the deep net near "
    "96. A dotted line stays near 10.",
    caption="Each step to the right is four times as many digits. Means of six seeds, with 95 % "
    "intervals; marks of the same size are shifted a little so that all can be seen.",
)

# %% [markdown]
# ## A law, and its test
#
# A straight line through the logarithms of the mean errors at 40, 160 and 640, and what it says of
# 2,560, which it has not seen.

# %%
KNOWN = slice(1, 4)
laws, predicted, found = {}, {}, {}
for name, shares in right.items():
    error = 100 - shares.mean(axis=0)
    laws[name] = fit_power_law(np.array(SIZES[KNOWN]), error[KNOWN])
    predicted[name] = laws[name][0] * SIZES[-1] ** -laws[name][1]
    found[name] = error[-1]

# %% name="law"
table(
    ["model", "b", "error at 2,560, predicted", "measured", "miss"],
    [
        [
            name,
            f"{laws[name][1]:.2f}",
            f"{predicted[name]:.1f} %",
            f"{found[name]:.1f} %",
            f"{found[name] - predicted[name]:+.1f} points".replace("-", "−"),
        ]
        for name in right
    ],
)

# %% name="loglog"
fig, ax = plot.subplots(width=3.7, height=3.1)
line = np.array([SIZES[1], SIZES[-1]])
for name, (colour, mark) in LOOK.items():
    error = 100 - right[name].mean(axis=0)
    a, b = laws[name]
    ax.plot(line, a * line**-b, "--", color=colour, lw=1)
    ax.plot(SIZES[:4], error[:4], mark, color=colour, ms=5, label=name)
    ax.plot(SIZES[4:], error[4:], mark, color=colour, ms=8, mfc="none", mew=1.5)
ax.set(xscale="log", yscale="log", xlabel="digits to learn from", ylabel="error, %", ylim=(3, 110))
ax.set_xticks(SIZES, [f"{n:,}" for n in SIZES])
ax.set_yticks((3, 10, 30, 100), ("3", "10", "30", "100"))
ax.minorticks_off()
ax.legend(fontsize=8.5, loc="lower left")
plot.figure(
    fig,
    alt="Errors of three models on two logarithmic axes, and a dashed line for each, drawn through "
    "40, 160 and 640 digits. At 2,560 the linear model's mark lies above its line.",
    caption="Dashed: the line fitted at 40, 160 and 640. Open marks: what was measured "
    "at 2,560, which the fit has not used. Marks at 10 were not used either.",
)

# %% [markdown]
# ## Two tasks in the plane
#
# Synthetic points. *Moons*: two bent strips, one class each. *Straight*: the border is a line, and
# one label in ten, on average, is flipped at random, so no model can get more than about 90 %
# right. All models get the same points, and are scored on 2,000 fresh ones.

# %%
POINTS = [4, 8, 16, 32, 64, 128, 256, 512]
GRID = 32
ticks = (np.arange(GRID) + 0.5) / GRID * 4 - 2
plane = np.stack(np.meshgrid(ticks, ticks[::-1]), axis=-1).reshape(-1, 2)  # rows from the top


def moons(n, rng):
    """Points (n, 2) in two bent strips, and their classes in turn."""
    kind = np.arange(n) % 2
    angle = np.pi * rng.random(n)
    side = np.where(kind == 0, 1, -1)
    at = np.stack([np.cos(angle) * side + 0.5 * (kind - 0.5) * 2, np.sin(angle) * side], axis=1)
    return at * 0.9 - [0, 0.2] * side[:, None] + rng.normal(scale=0.2, size=(n, 2)), kind


def straight(n, rng):
    """Points (n, 2) on both sides of a line; a tenth of the labels is flipped at random."""
    at = rng.uniform(-1.9, 1.9, size=(n, 2))
    kind = (at @ [0.8, 1] > 0).astype(int)
    kind[:4] = 1, 0, 1, 0
    at[:4] = [[1.2, 0.4], [-0.6, -0.8], [-0.3, 1.4], [0.5, -1.5]]
    turned = rng.random(n) < 0.1
    turned[:4] = False
    return at, np.where(turned, 1 - kind, kind)


def rivals():
    return {
        "linear model": LogisticRegression(),
        "SVM": SVC(C=1, gamma=2),
        "deep net": MLPClassifier(
            (16, 16), solver="lbfgs", alpha=0.01, max_iter=100, random_state=0
        ),
    }


TASKS = {"moons": moons, "straight": straight}
drawn, scored, images = {}, {}, {}
for task, make in TASKS.items():
    points, kind = make(POINTS[-1], np.random.default_rng(0))
    fresh, truth = make(2000, np.random.default_rng(1))
    drawn[task] = points, kind
    for name in MODELS:
        scored[task, name], images[task, name] = [], []
        for n in POINTS:
            with warnings.catch_warnings():  # the net stops after 100 steps, as it was told
                warnings.simplefilter("ignore", ConvergenceWarning)
                model = rivals()[name].fit(points[:n], kind[:n])
            scored[task, name].append(int(np.sum(model.predict(fresh) == truth)))
            images[task, name].append(model.predict(plane).reshape(GRID, GRID))

# %% name="planes"
show.data(
    "planes",
    {
        "sizes": POINTS,
        "fresh": 2000,
        "tasks": {
            task: {
                "points": [[*np.round(p, 3), int(k)] for p, k in zip(*drawn[task], strict=True)],
                "models": {
                    name: {
                        "right": scored[task, name],
                        "one": ["".join(map(str, v.ravel())) for v in images[task, name]],
                    }
                    for name in MODELS
                },
            }
            for task in TASKS
        },
    },
)

# %% name="tasks"
table(
    ["task", "model", *(f"{n} points" for n in (4, 32, 512))],
    [
        [
            task,
            name,
            *(f"{100 * scored[task, name][POINTS.index(n)] / 2000:.1f} %" for n in (4, 32, 512)),
        ]
        for task in TASKS
        for name in MODELS
    ],
)

# %% name="still"
fig, axes = plot.subplots(1, 3, width=4.6, height=1.9)
at, kind = drawn["moons"]
STILL = 32
for ax, name in zip(axes, MODELS, strict=True):
    image = images["moons", name][POINTS.index(STILL)]
    plot.bare(ax).contourf(
        ticks, ticks[::-1], image, [-0.5, 0.5, 1.5], colors=[plot.ORANGE, plot.BLUE], alpha=0.25
    )
    for k, (colour, mark) in enumerate([(plot.ORANGE, "s"), (plot.BLUE, "o")]):
        part = at[:STILL][kind[:STILL] == k]
        ax.plot(*part.T, mark, color=colour, ms=3)
    ax.set(xlim=(-2, 2), ylim=(-2, 2), aspect="equal")
    ax.set_title(name, fontsize=9)
plot.figure(
    fig,
    alt="Three squares with the same 32 points in two bent strips. The linear model divides them "
    "with a straight border, the SVM and the deep net with a bent one.",
    caption=f"Synthetic points: the first {STILL} of the task *moons*, and how each model divides "
    "the plane.",
)


# %%
def points_of(a, b, n):
    """Both blocks' differences as text."""
    return " and ".join(d.text() for d in versus[a, b, n])


def where(a, b):
    """The sizes at which a is ahead on both blocks, as text."""
    ahead = [f"{n:,}" for n in SIZES if seen(versus[a, b, n]) > 0]
    return " and ".join(
        [", ".join(ahead[:-1]), ahead[-1]] if len(ahead) > 1 else ahead or ["no number of"]
    )


def removed(name):
    """The share of the errors at 640 digits that is gone at 2,560, in percent."""
    error = 100 - right[name].mean(axis=0)
    return round(100 * (1 - error[-1] / error[-2]))


# %% name="numbers"
values(
    choose=len(CHOOSE),
    test=f"{TEST:,}",
    most=f"{SIZES[-1]:,}",
    deep_linear=points_of("deep net", "linear model", 2560),
    deep_svm=points_of("deep net", "SVM", 2560),
    svm_linear=points_of("SVM", "linear model", 2560),
    deep_linear_where=where("deep net", "linear model"),
    deep_svm_where=where("deep net", "SVM"),
    svm_linear_where=where("SVM", "linear model"),
    deep_svm_verdict=f"{'a' if seen(versus['deep net', 'SVM', 2560]) else 'no'} difference is seen",
    linear_removed=removed("linear model"),
    svm_removed=removed("SVM"),
    deep_removed=removed("deep net"),
    mnist=human_size(60_000 * 784),
    ours=human_size(5000 * 784),
)

# %% [markdown]
# ## What this notebook claims

# %%
assert not set(CHOOSE) & set(REST)
assert len(REST) == TEST + SIZES[-1]
for name in MODELS:
    mean = right[name].mean(axis=0)
    assert (np.diff(mean) > 1).all(), "each curve rises at each step"
    assert mean[-1] > always.mean() + 50
for rows in (slice(3), slice(3, 6)):
    assert (right["deep net"] - right["linear model"])[rows, -1].mean() > 3
    assert (right["SVM"] - right["linear model"])[rows, -1].mean() > 3
assert found["linear model"] > predicted["linear model"]
assert removed("linear model") < min(removed("SVM"), removed("deep net"))
