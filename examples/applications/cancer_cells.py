# %% [markdown]
# # Cancer cells, executed
#
# Thirty measurements of the cell nuclei in 569 real breast tumours. A rule of one line, a linear
# model, a forest and a net predict which tumours are malignant. Their errors are counted by kind.
# The text is in [the lesson](../../applications/cancer_cells.md).

# %%
import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split

from introdl import data, plot, show
from introdl.applications.cancer_cells import (
    Outcomes,
    area,
    best_limit,
    chance_of_cancer,
    fit_net,
    outcomes,
    roc,
)
from introdl.intervals import paired, seen
from introdl.show import table, values

X, y = data.breast_cancer()
SIZE = 20  # the column of the mean radius of the three largest nuclei
EDGE = 27  # the column of the number of dents, as a mean over the three most dented nuclei


# %% [markdown]
# ## Four ways to score a tumour
#
# Each learns from some tumours and scores others. A score above 0 means malignant.


# %%
def line(learn, ask):
    """One measurement, and the limit that is right most often."""
    return X[ask, SIZE] - best_limit(X[learn, SIZE], y[learn])


def standardized(learn, ask):
    """All measurements, shifted and scaled so that those learned from have mean 0 and spread 1."""
    middle, spread = X[learn].mean(axis=0), X[learn].std(axis=0)
    return (X[learn] - middle) / spread, (X[ask] - middle) / spread


def linear(learn, ask):
    """Logistic regression: one weighted sum."""
    known, new = standardized(learn, ask)
    return LogisticRegression(C=1, max_iter=1000).fit(known, y[learn]).decision_function(new)


def forest(learn, ask):
    """Two hundred trees, which vote."""
    trees = RandomForestClassifier(200, random_state=0).fit(X[learn], y[learn])
    return trees.predict_proba(X[ask])[:, 1] - 0.5


def net(learn, ask, seed=0):
    """A net with two hidden layers of 32 units."""
    known, new = standardized(learn, ask)
    found = fit_net(known, y[learn], seed=seed)
    with torch.no_grad():
        return found(torch.tensor(new, dtype=torch.float32))[:, 0].double().numpy()


WAYS = {"one line": line, "linear model": linear, "forest": forest, "deep net": net}

# %% [markdown]
# ## Ten splits
#
# Each holds out 114 tumours, with the same share of malignant ones as in the whole data.

# %%
SPLITS = [
    train_test_split(np.arange(len(y)), test_size=114, stratify=y, random_state=seed)
    for seed in range(10)
]
found = {
    name: [
        way(*split, seed) if name == "deep net" else way(*split)
        for seed, split in enumerate(SPLITS)
    ]
    for name, way in WAYS.items()
}
silent = [outcomes(np.zeros(len(ask)), y[ask], 0) for _, ask in SPLITS]
counts = {
    name: [outcomes(scores, y[ask], 0) for scores, (_, ask) in zip(every, SPLITS, strict=True)]
    for name, every in found.items()
}
areas = {
    name: np.array([area(s, y[ask]) for s, (_, ask) in zip(every, SPLITS, strict=True)])
    for name, every in found.items()
}
right = {name: 100 * np.array([c.accuracy for c in some]) for name, some in counts.items()}


# %% name="scores"
def row(name, some, areas):
    """Means over the splits."""
    shares = [[c.accuracy, c.sensitivity, c.specificity] for c in some]
    means = [f"{100 * m:.1f} %" for m in np.mean(shares, axis=0)]
    return [name, *means, f"{np.mean(areas):.3f}"]


table(
    ["", "right", "malignant found", "benign cleared", "area"],
    [row("always benign", silent, 0.5), *(row(n, counts[n], areas[n]) for n in WAYS)],
)

# %% name="versus"
PAIRS = [("deep net", "one line"), ("deep net", "linear model"), ("deep net", "forest")]
BLOCKS = (slice(0, 5), slice(5, 10))
versus = {(a, b): [paired(right[a][block], right[b][block]) for block in BLOCKS] for a, b in PAIRS}
table(
    ["right answers, in points", "first five splits", "other five", "difference"],
    [
        [f"{a} minus {b}", *(i.text() for i in both), "seen" if seen(both) else "not seen"]
        for (a, b), both in versus.items()
    ],
)

# %% [markdown]
# ## Every tumour, scored by a model that has not seen it
#
# Five folds: each fifth of the tumours is scored by models that learned from the other four.

# %%
unseen = {name: np.empty(len(y)) for name in ("one line", "linear model", "deep net")}
for learn, ask in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
    for name, scores in unseen.items():
        scores[ask] = WAYS[name](learn, ask)


def scaled(scores):
    """Scores from 0 to 100, so that all three fit one slider: 0 for the lowest 1 %."""
    low, high = np.quantile(scores, [0.01, 0.99])
    return 100 * np.clip((scores - low) / (high - low), 0, 1), -100 * low / (high - low)


bars = {name: scaled(scores) for name, scores in unseen.items()}
show.data(
    "scores",
    {
        "labels": y.tolist(),
        "ways": {
            name: {"scores": np.round(scores, 2).tolist(), "limit": round(zero, 2)}
            for name, (scores, zero) in bars.items()
        },
    },
)

# %% name="still"
scores, zero = bars["deep net"]
fig, ax = plot.subplots(width=3.7, height=2.3)
bins = np.linspace(0, 100, 26)
ax.hist(scores[y == 0], bins, color=plot.ORANGE, alpha=0.75, label="benign")
ax.hist(scores[y == 1], bins, color=plot.BLUE, alpha=0.75, label="malignant", histtype="bar")
ax.axvline(zero, color=plot.INK, lw=1.5)
ax.set(xlabel="score of the deep net", ylabel="tumours")
ax.legend(frameon=False, fontsize=9)
plot.figure(
    fig,
    alt="Histogram of the deep net's scores. Most benign tumours are at the left and most "
    "malignant ones to the right of them. Near a vertical line, where the limit is, both kinds "
    "occur.",
    caption="All 569 tumours, each scored by a net that has not seen it. The line is the limit: "
    "to its right, the alarm rings.",
)

# %% name="curve"
fig, ax = plot.subplots(width=3.4, height=3.2)
STYLE = {
    "one line": (plot.ORANGE, ":"),
    "linear model": (plot.GREEN, "-"),
    "deep net": (plot.BLUE, "--"),
}
for name, (colour, dash) in STYLE.items():
    false, true = roc(unseen[name], y)
    ax.plot(100 * false, 100 * true, dash, color=colour, label=name, drawstyle="steps-post")
ax.plot([0, 100], [0, 100], color=plot.MUTED, lw=1, ls=(0, (1, 3)))
ax.set(xlabel="false alarms among the benign, %", ylabel="malignant found, %")
ax.set(xlim=(-1, 60), ylim=(60, 101))
ax.legend(frameon=False, fontsize=9, loc="lower right")
plot.figure(
    fig,
    alt="Malignant tumours found against false alarms, for every limit, cut to the upper left "
    "corner. The linear model and the deep net lie close together near the corner. The rule of "
    "one line lies below both, up to the right edge, where they meet.",
    caption="One point for each limit, for all 569 tumours. Further left and further up is better.",
)

# %% [markdown]
# ## The ten worst errors of the net

# %% name="worst"
probability = 1 / (1 + np.exp(-unseen["deep net"]))
miss = np.abs(probability - y)
worst = np.argsort(-miss, kind="stable")[:10]


def said(chance):
    """A chance in percent, which is never quite 0."""
    return "<1 %" if chance < 0.01 else f"{100 * chance:.0f} %"


def place(column, i):
    """The shares of the benign and of the malignant tumours that have a smaller value."""
    shares = [np.mean(X[y == kind, column] < X[i, column]) for kind in (0, 1)]
    return " / ".join(f"{100 * share:.0f} %" for share in shares)


table(
    ["it is", "chance of cancer, says the net", "larger nuclei than", "more dents than"],
    [
        [
            ("benign", "malignant")[y[i]],
            said(probability[i]),
            place(SIZE, i),
            place(EDGE, i),
        ]
        for i in worst
    ],
)

# %% name="numbers"
all_line, all_linear, all_net = (outcomes(s, y, 0) for s in unseen.values())
wrong_malignant = int(y[worst].sum())
never = np.sort(unseen["deep net"][y == 1])[0]  # a limit just below this finds all
everyone = outcomes(unseen["deep net"], y, np.nextafter(never, -np.inf))


def in_thousand(some: Outcomes, sick: int):
    """Of 1,000 people of whom so many are sick: true alarms, false alarms, share that is true."""
    true = some.sensitivity * sick
    false = (1 - some.specificity) * (1000 - sick)
    return true, false, chance_of_cancer(some.sensitivity, some.specificity, sick / 1000)


true10, false10, worth10 = in_thousand(all_linear, 10)
values(
    found=all_linear.found,
    missed=all_linear.missed,
    false_alarms=all_linear.false_alarms,
    cleared=all_linear.cleared,
    sensitivity=f"{100 * all_linear.sensitivity:.1f}",
    specificity=f"{100 * all_linear.specificity:.1f}",
    worth=f"{100 * worth10:.0f}",
    true10=f"{true10:.1f}",
    false10=f"{false10:.1f}",
    sure=int((miss[worst] > 0.9).sum()),
    wrong_malignant=wrong_malignant,
    wrong_benign=10 - wrong_malignant,
    all_false=everyone.false_alarms,
    net_false=all_net.false_alarms,
    net_missed=all_net.missed,
)

# %% [markdown]
# ## What this notebook claims

# %%
assert right["one line"].mean() > 90, "one line is right on nine in ten"
assert abs(chance_of_cancer(0.95, 0.95, 0.01) - 0.16) < 0.005, "the page's prediction"
assert seen(versus["deep net", "one line"]) == 1
assert not seen(versus["deep net", "linear model"])
assert not seen(versus["deep net", "forest"])
assert y[worst[0]] == 1, "the page says: the first is malignant"
for column in (SIZE, EDGE):
    assert 0.4 < np.mean(X[y == 0, column] < X[worst[0], column]) < 0.6, "as a typical benign one"
assert areas["one line"].mean() < areas["linear model"].mean()
assert worth10 < 0.7
