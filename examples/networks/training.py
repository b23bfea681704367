# %% [markdown]
# # Training, executed
#
# One healthy training on real digits, and ten that are silently broken: each runs without an
# error. Here you see their curves, what they cost, and which of ten checks catches which bug. All
# seeds are fixed. The text is in [the lesson](../../networks/training.md).

# %%
import numpy as np
import torch

from introdl import data, plot, show
from introdl.intervals import mean_interval, seen
from introdl.networks.training import BUGS, CHECKS, checked, healthy, healthy_parity
from introdl.networks.training.lab import PARITY_RATE, RATE, TRAIN, VAL
from introdl.show import table, values

# %% [markdown]
# ## The rates
#
# 1,000 digits are for training, 500 for validation, the other 3,500 for the test. Each of the two
# tasks tries four rates on a split that is not used again. The rate kept has the lowest loss in
# validation or one within a tenth of it. The bugs run at the rate of the healthy training.

# %%
pictures, digit = data.mnist()
X, y = torch.tensor(pictures, dtype=torch.float32).flatten(1), torch.tensor(digit)
EPOCHS, BLOCK = 6, 3
RATES = [0.03, 0.1, 0.3, 1.0]
HEALTHY = {"digits": healthy, "parity": healthy_parity}
grid = {
    kind: [make(X, y, 100, rate).curve(EPOCHS)[-1]["val_loss"] for rate in RATES]
    for kind, make in HEALTHY.items()
}

# %% name="rates"
table(
    ["task, loss in validation", *(f"rate {rate:g}" for rate in RATES)],
    [
        [words, *(f"{loss:.3f}" for loss in grid[kind])]
        for kind, words in [("digits", "which digit? cross-entropy"), ("parity", "odd? squared")]
    ],
)

# %% [markdown]
# ## Ten silent bugs
#
# Every run is repeated on six splits.


# %%
def run(name, seed):
    return HEALTHY[name](X, y, seed) if name in HEALTHY else BUGS[name].run(X, y, seed)


NAMES = [*HEALTHY, *BUGS]
curves, truth = {}, {}
for name in NAMES:
    curves[name], truth[name] = [], []
    for seed in range(2 * BLOCK):
        one = run(name, seed)
        curves[name].append(one.curve(EPOCHS))
        truth[name].append(one.truth())
messages = {name: checked(lambda name=name: run(name, 0)) for name in NAMES}


def base(name):
    return "parity" if name == "parity" or name == "broadcast" else "digits"


def last(name, key):
    return np.mean([curve[-1][key] for curve in curves[name]])


# %% name="caught"
def row(title, name):
    return [
        title,
        f"{last(name, 'val_right'):.2f}",
        f"{np.mean(truth[name]):.2f}",
        ", ".join(f"`{check}`" for check in messages[name]) or "nothing to catch",
    ]


table(
    ["training", "right in validation", "right on test digits", "caught by"],
    [
        row("healthy: which digit?", "digits"),
        *(row(bug.title, name) for name, bug in BUGS.items() if base(name) == "digits"),
        row("healthy: odd or even?", "parity"),
        row(BUGS["broadcast"].title, "broadcast"),
    ],
)


# %% name="cost"
def against(name):
    """What a bug changes in the share right on the test part, per block, with 95 % intervals."""
    cost = np.reshape(np.subtract(truth[name], truth[base(name)]), (2, BLOCK))
    both = [mean_interval(d) for d in cost]
    text = [d.text(3).replace("\u00a0", " ") for d in both]
    return [*text, "seen" if seen(both) else "not seen"]


table(
    ["right on test digits, bug minus healthy", "splits 0 to 2", "splits 3 to 5", "difference"],
    [[bug.title, *against(name)] for name, bug in BUGS.items()],
)

# %% [markdown]
# ## What the page shows and what its reader moves


# %%
def drawn(ax, name, seed, most):
    curve = curves[name][seed]
    at = np.arange(1, EPOCHS + 1)
    ax.plot(at, [row["loss"] for row in curve], color=plot.BLUE, label="training")
    ax.plot(at, [row["val_loss"] for row in curve], "--", color=plot.ORANGE, label="validation")
    ax.set(ylim=(0, most), xticks=[1, 3, 6])


# %% name="still"
fig, ax = plot.subplots(width=3.7, height=3.0)
for name, colour, style in [("digits", plot.MUTED, "-"), ("softmax", plot.ORANGE, "--")]:
    words = "healthy" if name == "digits" else BUGS[name].title
    right = [row["val_right"] for row in curves[name][0]]
    ax.plot(np.arange(1, EPOCHS + 1), right, style, color=colour, label=words)
ax.set(xlabel="pass", ylabel="right in validation", ylim=(0, 1))
ax.legend(fontsize=8.5)
plot.figure(
    fig,
    alt="Share right against the pass. The healthy curve is high from the first pass. The one with "
    "a softmax before the cross-entropy begins low, climbs slowly and stays below.",
    caption="Two runs without an error message. The bug shows only beside the healthy curve.",
)

# %% name="riddle"
RIDDLE = {"A": ("leak", 3), "B": ("pairs", 3), "C": ("digits", 3), "D": ("softmax", 3)}
fig, axes = plot.subplots(2, 2, width=3.7, height=3.6)
for ax, (letter, (name, seed)) in zip(np.ravel(axes), RIDDLE.items(), strict=True):
    drawn(ax, name, seed, 2.6)
    ax.set_title(letter)
np.ravel(axes)[0].legend(fontsize=7.5)
for ax in np.ravel(axes)[2:]:
    ax.set_xlabel("pass")
for ax in np.ravel(axes)[::2]:
    ax.set_ylabel("loss")
plot.figure(
    fig,
    alt="Four pairs of loss curves over six passes. A: both fall together, validation "
    "hardly above training. B: training falls a little below 2.3, validation rises a little above. "
    "C: training keeps falling, validation stays above it. D: both fall slowly and together, and "
    "are still high at the end.",
    caption="Loss in training (solid line) and in validation (dashes).",
)

# %%
show.data(
    "lab",
    {
        "epochs": EPOCHS,
        "checks": list(CHECKS),
        "runs": {
            name: {
                "title": BUGS[name].title if name in BUGS else "healthy",
                "wrong": BUGS[name].wrong if name in BUGS else "",
                "right": BUGS[name].right if name in BUGS else "",
                "base": base(name),
                "curves": [
                    {key: [row[key] for row in curve] for key in ("loss", "val_loss", "val_right")}
                    for curve in curves[name]
                ],
                "truth": truth[name],
                "caught": messages[name],
            }
            for name in NAMES
        },
    },
    digits=4,
)

# %% name="numbers"
values(
    train=f"{TRAIN:,}",
    val=VAL,
    test=f"{len(y) - TRAIN - VAL:,}",
    splits=2 * BLOCK,
    frozen=f"{1000 * np.mean(truth['frozen']):.0f}",
    healthy=f"{1000 * np.mean(truth['digits']):.0f}",
    leak_seen=f"{last('leak', 'val_right'):.2f}",
    leak_true=f"{np.mean(truth['leak']):.2f}",
    one_batch=sum("fits_one_batch" in caught for caught in messages.values()),
    first=f"{np.log(10):.2f}",
    floor=f"{-np.log(np.e / (np.e + 9)):.2f}",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert (TRAIN, VAL, EPOCHS, len(RATES), len(BUGS), len(CHECKS)) == (1000, 500, 6, 4, 10, 10)
assert grid["digits"][RATES.index(RATE)] < 1.1 * min(grid["digits"])
assert grid["parity"][RATES.index(PARITY_RATE)] < 1.1 * min(grid["parity"])
assert messages["digits"] == messages["parity"] == {}
assert all(bug.caught_by in messages[name] for name, bug in BUGS.items())
assert 0.4 < np.mean(truth["frozen"]) < 0.75
assert last("leak", "val_right") > np.mean(truth["leak"]) + 0.02
floor = -np.log(np.e / (np.e + 9))
assert all(row["loss"] > floor for curve in curves["softmax"] for row in curve)
