# %% [markdown]
# # What is deep learning?, executed
#
# Handwritten digits are told apart in three ways: by a rule that a person wrote, by a forest of
# questions learned on measures that a person thought of, and by a deep net that gets the bare
# pixels. All are scored on the same unseen digits. Then we ask what was learned, whether it was the
# learned measures that helped, and what happens on a table. All seeds are fixed. The text is in
# [the lesson](../../orientation/what_is_deep_learning.md).

# %%
import numpy as np
import torch
from matplotlib.colors import to_rgb
from matplotlib.patches import Ellipse
from scipy import stats
from sklearn.ensemble import RandomForestClassifier
from torch import nn

from introdl import data, plot, show
from introdl.orientation.what_is_deep_learning import (
    MEASURES,
    cut,
    limits_say,
    measures,
    written_rule,
)
from introdl.show import table, values

X, y = data.mnist()
pixels, M = X.reshape(5000, 784).astype(np.float32), measures(X)
LOOKED = np.flatnonzero(np.arange(5000) % 500 < 100)  # what the writer of the rule looked at

# %% [markdown]
# ## The three ways
#
# The net is that of the lesson before with a second hidden layer. It learns from 200 digits at a
# time. A rival lacks the second hidden layer.


# %%
def deep_net(inputs):
    first = [nn.Linear(inputs, 100), nn.ReLU()]
    second = [nn.Linear(100, 50), nn.ReLU()]
    return nn.Sequential(*first, *second, nn.Linear(50, 10))


def train_net(net, X, y, rate=0.02):
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    for _ in range(10):
        for part in torch.randperm(len(X)).split(200):
            loss = nn.functional.cross_entropy(net(X[part]), y[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


# %%
def shallow_net(inputs):
    return nn.Sequential(nn.Linear(inputs, 100), nn.ReLU(), nn.Linear(100, 10))


def trained(build, X, y, rate, seed):
    """Build a net for inputs (N, D) and train it, all from one seed."""
    torch.manual_seed(seed)
    return train_net(build(X.shape[1]), X, y, rate)


def outputs(net, X):
    """What a net, or some of its layers, makes of inputs (N, D)."""
    with torch.no_grad():
        return net(torch.tensor(X, dtype=torch.float32)).numpy()


def forest(X, y, leaf=1, seed=0):
    """Fit 20 lists of questions that vote."""
    return RandomForestClassifier(20, min_samples_leaf=leaf, random_state=seed).fit(X, y)


def commonest(y_train):
    """The commonest label; of several, the smallest."""
    return np.bincount(y_train).argmax()


# %% [markdown]
# ## Settings
#
# One setting of each way is chosen, among three, on the 1,000 digits that the writer of the rule
# looked at: half to fit, half to choose, mean of two seeds. They are never scored on.

# %%
a, b = LOOKED[LOOKED % 2 == 0], LOOKED[LOOKED % 2 == 1]
LEAVES, RATES = (1, 3, 10), (0.005, 0.01, 0.02)
by_leaf = [
    np.mean([forest(M[a], y[a], leaf, seed).score(M[b], y[b]) for seed in range(2)])
    for leaf in LEAVES
]


def by_rate(build):
    """The part of the digits `b` that a net gets right, per rate."""
    found = []
    for rate in RATES:
        some = [trained(build, pixels[a], y[a], rate, seed) for seed in range(2)]
        found.append(np.mean([outputs(net, pixels[b]).argmax(axis=1) == y[b] for net in some]))
    return found


deep, shallow = by_rate(deep_net), by_rate(shallow_net)
leaf, rate = LEAVES[np.argmax(by_leaf)], RATES[np.argmax(deep)]
print("leaf", np.round(by_leaf, 3), "rate", np.round(deep, 3), np.round(shallow, 3))
assert (leaf, rate) == (1, 0.02), "the page's code has these"
assert RATES[np.argmax(shallow)] == rate, "one rate serves both nets"

# %% [markdown]
# ## The line for 3 or 8
#
# Each of the seven measures with its best limit, on the threes and eights that the writer looked
# at. The best of all is "more than no hole".

# %%
looked = LOOKED[np.isin(y[LOOKED], (3, 8))]
best = {}
for name, v in zip(MEASURES, M[looked].T, strict=True):
    hits = [(int(((v > limit) == (y[looked] == 8)).sum()), limit) for limit in np.unique(v)]
    best[name] = max(hits, key=lambda hit: hit[0])
print(best)
assert max(best, key=lambda name: best[name][0]) == "holes"
assert best["holes"][1] == 0

# %% [markdown]
# ## Scored
#
# Ten cuts into 4,000 digits to learn from and 1,000 unseen ones, in two blocks of five. "3 or 8"
# learns from the 800 threes and eights of a cut, and is scored on its 200.


# %%
def scores(seed, classes):
    """How many unseen digits each way gets right, and the net."""
    train, test = (part[np.isin(y[part], classes)] for part in cut(seed))
    net = trained(deep_net, pixels[train], y[train], rate, seed)
    rule = written_rule(M) if len(classes) == 10 else np.where(M[:, 5] >= 1, 8, 3)
    said = {
        "always the commonest": np.full(len(test), commonest(y[train])),
        "written rule": rule[test],
        "forest on measures": forest(M[train], y[train], leaf, seed).predict(M[test]),
        "deep net on pixels": outputs(net, pixels[test]).argmax(axis=1),
    }
    if len(classes) == 10:
        own = outputs(net[:4], pixels)  # (5000, 50), what the net measures
        spread = M[train].std(axis=0)  # or the largest numbers alone would decide
        random = outputs(trained(deep_net, pixels[:1], y[:1], 0, seed)[:4], pixels)  # a rate of 0
        flat = trained(shallow_net, pixels[train], y[train], rate, seed)
        said["one hidden layer"] = outputs(flat, pixels[test]).argmax(axis=1)
        kinds = {"measures": M / spread, "pixels": pixels, "untrained": random, "learned": own}
        for what, inputs in kinds.items():
            known, asked = (torch.tensor(inputs[part], dtype=torch.float32) for part in cut(seed))
            said[f"neighbour on {what}"] = y[train][torch.cdist(asked, known).argmin(dim=1)]
    return {name: int((answer == y[test]).sum()) for name, answer in said.items()}, net


BLOCKS = [range(5), range(5, 10)]
ten, two, nets = [], [], []
for seed in range(10):
    right, net = scores(seed, range(10))
    ten.append(right)
    nets.append(net)
    two.append(scores(seed, (3, 8))[0])
first_ten, first_two = ten[0], two[0]
for run, classes in [(first_ten, range(10)), (first_two, (3, 8))]:
    train, test = (part[np.isin(y[part], classes)] for part in cut(0))
    said = forest(pixels[train], y[train], leaf).predict(pixels[test])
    run["forest on pixels"] = int((said == y[test]).sum())
print(first_ten, first_two)

# %% name="scores"
MEANS = ["always the commonest", "written rule", "forest on measures", "deep net on pixels"]
WAYS = [*MEANS[:3], "forest on pixels", MEANS[3]]
table(
    ["way", "3 or 8: right, of 200", "all ten: right, of 1,000"],
    [[way, first_two[way], first_ten[way]] for way in WAYS],
)


# %%
def gains(runs, a, b):
    """By how many digits a is ahead of b: mean and half a 95 % interval, per block of seeds."""
    gain = np.array([run[a] - run[b] for run in runs])
    found = []
    for seeds in BLOCKS:
        part = gain[seeds.start : seeds.stop]
        half = stats.t.ppf(0.975, len(part) - 1) * part.std(ddof=1) / np.sqrt(len(part))
        found.append((part.mean(), half))
    return found


def signed(mean, half):
    """A difference and its interval in words."""
    return f"{mean:+.1f}\u00a0±\u00a0{half:.1f}".replace("-", "−")


def verdict(found):
    """+1 or -1 if both blocks exclude zero on the same side, else 0."""
    signs = {np.sign(mean) if abs(mean) > half else 0 for mean, half in found}
    return int(signs.pop()) if len(signs) == 1 else 0


PAIRS = [
    (two, "3 or 8", "forest on measures", "written rule"),
    (two, "3 or 8", "deep net on pixels", "written rule"),
    (two, "3 or 8", "deep net on pixels", "forest on measures"),
    (ten, "all ten", "forest on measures", "written rule"),
    (ten, "all ten", "deep net on pixels", "forest on measures"),
]
PIXELS = [
    (ten, "all ten", "neighbour on pixels", "neighbour on measures"),
    (ten, "all ten", "neighbour on learned", "neighbour on measures"),
    (ten, "all ten", "neighbour on learned", "neighbour on untrained"),
    (ten, "all ten", "neighbour on learned", "neighbour on pixels"),
    (ten, "all ten", "deep net on pixels", "neighbour on pixels"),
    (ten, "all ten", "one hidden layer", "deep net on pixels"),
]


def compared(pairs):
    """A table of paired differences."""
    rows = [
        [task, f"{a} less {b}", *(signed(*found) for found in gains(runs, a, b))]
        for runs, task, a, b in pairs
    ]
    return table(["task", "difference", "seeds 0–4", "seeds 5–9"], rows)


# %% name="versus"
compared(PAIRS)

# %% name="versus_pixels"
compared(PIXELS)

# %% name="means"
names = [
    *MEANS,
    "one hidden layer",
    *(f"neighbour on {what}" for what in ("measures", "pixels", "untrained", "learned")),
]
table(
    ["way", "all ten: right, of 1,000, mean of ten cuts"],
    [[name, f"{np.mean([run[name] for run in ten]):.0f}"] for name in names],
)

# %% [markdown]
# ## A table of measures
#
# Breast tumours: 30 measures of cells, made by people and programs. The same net and the same
# forest as above, with the same settings, on ten splits; the net's inputs are brought to the same
# size. Fitted on four fifths, scored on the rest.

# %%
cells, malignant = data.breast_cancer()
tumours = []
for seed in range(10):
    part = data.standardize(data.split(cells, malignant, seed=seed))
    fit = np.concatenate([part.X_train, part.X_val])
    labels = np.concatenate([part.y_train, part.y_val])
    net = trained(deep_net, fit, labels, rate, seed)
    said = {
        "always the commonest": np.full(len(part.X_test), commonest(labels)),
        "forest": forest(fit, labels, leaf, seed).predict(part.X_test),
        "deep net": outputs(net, part.X_test).argmax(axis=1),
    }
    tumours.append({name: int((answer == part.y_test).sum()) for name, answer in said.items()})

# %% name="tumours"
rows = [
    [
        f"{seeds[0]}–{seeds[-1]}",
        *(
            f"{np.mean([run[name] for run in tumours[seeds.start : seeds.stop]]):.1f}"
            for name in tumours[0]
        ),
        signed(*found),
    ]
    for seeds, found in zip(BLOCKS, gains(tumours, "deep net", "forest"), strict=True)
]
table(["seeds", *tumours[0], "net less forest"], rows)

# %% name="numbers"
_, unseen = cut(0)
hole = M[:, MEASURES.index("holes")] >= 1
rule_seen = int((written_rule(M[LOOKED]) == y[LOOKED]).sum())
lead = np.array([run["deep net on pixels"] - run["written rule"] for run in two])
half = stats.t.ppf(0.975, len(lead) - 1) * lead.std(ddof=1) / np.sqrt(len(lead))
flat_lead = np.array([run["one hidden layer"] - run["deep net on pixels"] for run in ten])
values(
    net_lead=int(lead[0]),
    line_lead=signed(lead.mean(), half),
    shallow=f"{np.mean([run['one hidden layer'] for run in ten]):.0f}",
    deep=f"{np.mean([run['deep net on pixels'] for run in ten]):.0f}",
    shallow_ahead=int((flat_lead > 0).sum()),
    rule_two=first_two["written rule"],
    net_two=first_two["deep net on pixels"],
    rule=first_ten["written rule"],
    forest=first_ten["forest on measures"],
    net=first_ten["deep net on pixels"],
    rule_seen=rule_seen,
    weights=f"{sum(p.numel() for p in nets[0].parameters()):,}",
    cells=len(part.y_test),
    open_eights=int((~hole & (y == 8))[unseen].sum()),
    net_ahead=int((lead > 0).sum()),
    net_behind=int((lead < 0).sum()),
    closed_threes=int((hole & (y == 3))[unseen].sum()),
)

# %% [markdown]
# ## What the first layer learned
#
# Each of its 100 units has a weight per pixel. The picture of a unit shows weight times how much
# that pixel varies among the 4,000, so that pixels without ink stay white.

# %% name="layer"
train, test = cut(0)
W = nets[0][0].weight.detach().numpy() * pixels[train].std(axis=0)  # (100, 784)
W = (W / np.abs(W).max(axis=1, keepdims=True)).reshape(-1, 28, 28, 1)
blue, orange = (np.array(to_rgb(colour)) for colour in (plot.BLUE, plot.ORANGE))
shown = 1 - np.maximum(W, 0) * (1 - blue) - np.maximum(-W, 0) * (1 - orange)
show.strip(
    shown[:10],
    labels=[f"unit {i}" for i in range(1, 11)],
    alt="Ten pictures of 28 by 28 pixels, with blue and orange strokes and patches side by side, "
    "different in each.",
    caption="The first ten of the 100 units of the first layer, not picked. Blue: ink here makes "
    "the unit's sum larger. Orange: smaller. White: it hardly matters. "
    "Each weight is shown times how much its pixel varies. Each picture has its own scale.",
    columns=5,
)

# %% [markdown]
# ## Threes and eights
#
# The first five of each, as they stand in the set, and how many holes were counted.

# %% name="digits"
some = np.concatenate([np.flatnonzero(y == digit)[:5] for digit in (3, 8)])
holes = M[some, MEASURES.index("holes")].astype(int)
show.strip(
    [1 - picture for picture in X[some]],
    labels=[f"holes: {n}" for n in holes],
    alt="Five handwritten threes, then five eights. "
    + " ".join(
        f"{'An 8' if digit == 8 else 'A 3'} with {n} hole{'' if n == 1 else 's'}."
        for digit, n in zip(y[some], holes, strict=True)
    ),
    caption="Five threes, five eights, and the holes that the program counts in each. A hole is "
    "paper with ink all around it, even a single pixel.",
    columns=5,
)

# %% [markdown]
# ## One inside the other

# %% name="nested"
fig, ax = plot.subplots(width=3.7, height=3.5)
RINGS = [
    (4.6, 9.2, plot.MUTED, "artificial intelligence", "a written rule, a chess search"),
    (3.4, 6.6, plot.ORANGE, "machine learning", "a forest, the nearest neighbour"),
    (2.2, 4.0, plot.BLUE, "deep learning", "a net with\nlearned layers"),
]
for middle, height, colour, name, example in RINGS:
    ring = Ellipse((5, middle), height * 1.08, height, facecolor=colour, alpha=0.12)
    ax.add_patch(ring)
    ax.add_patch(Ellipse((5, middle), height * 1.08, height, fill=False, color=colour, lw=1.5))
    top = middle + height / 2
    ax.text(5, top - 0.75, name, ha="center", va="center", color=plot.INK, weight="bold", size=9)
    ax.text(5, top - 1.4, example, ha="center", va="center", color=plot.INK, size=8)
ax.set(xlim=(-0.1, 10.1), ylim=(-0.1, 9.4), aspect="equal")
ax.set_axis_off()
plot.figure(
    fig,
    alt="Three rings, one inside the other. The outer one is artificial intelligence, with a "
    "written rule and a chess search. Inside it is machine learning, with a forest and the nearest "
    "neighbour. Inside that is deep learning, with a net of learned layers.",
    caption="Each ring lies inside the next. The examples stand in the innermost ring they are in.",
)

# %% [markdown]
# ## What the page gets
#
# Four measures of the threes and eights of the first cut, rounded, and what the others score.

# %% name="task"
PICKED = ["ink", "left", "strokes", "holes"]
columns = [MEASURES.index(name) for name in PICKED]
parts = {}
for name, where in [("train", train), ("test", test)]:
    where = where[np.isin(y[where], (3, 8))]
    parts[name] = {
        "values": M[where][:, columns].round(4).tolist(),
        "eight": (y[where] == 8).astype(int).tolist(),
    }
named = {"written rule": "a hole means 8"}
rivals = {named.get(way, way): first_two[way] for way in WAYS[1:]}
show.data("task", {"measures": PICKED, **parts, "rivals": rivals})

# %% name="still"
LIMITS = (0.1, 0.4)  # where the page begins
V, eight = np.array(parts["train"]["values"])[:, :2], np.array(parts["train"]["eight"]) == 1
right = int((limits_say(V, LIMITS, both=True) == eight).sum())
fig, ax = plot.subplots(width=3.7, height=3.4)
for which, colour, marker, name in [(~eight, plot.ORANGE, "s", "3"), (eight, plot.BLUE, "o", "8")]:
    ax.scatter(*V[which][::4].T, s=12, color=colour, marker=marker, alpha=0.7, label=name)
ax.axvline(LIMITS[0], color=plot.INK)
ax.axhline(LIMITS[1], color=plot.INK)
ax.set(xlabel="ink (share of the sheet)", ylabel="share of the ink in the left half")
ax.legend(loc="lower right")
plot.figure(
    fig,
    alt=f"200 dots, threes and eights, by their ink and the share of it in the left half. The two "
    f"kinds overlap. Two lines are the limits; the rule gets {right} of 800 right.",
    caption=f"A quarter of the 800 digits to learn from. The rule says 8 where a dot lies right of "
    f"the one line and above the other. Of all 800 it gets {right} right.",
)

# %% [markdown]
# ## What this notebook claims

# %%
# Whether the forest beats the line on 3 or 8 hangs by a hair: nothing is claimed of it.
assert [verdict(gains(r, a, b)) for r, _, a, b in PAIRS[1:]] == [0, 0, 1, 1]
assert [verdict(gains(r, a, b)) for r, _, a, b in PIXELS] == [1, 1, 1, 0, 0, 0]
assert lead[0] == lead.max()
assert 0 < half - lead.mean() < 1, "zero is in it, but only just"
assert flat_lead.mean() > 5, "depth was not needed"
assert first_ten["forest on pixels"] - first_ten["forest on measures"] > 150
assert 0 < first_ten["deep net on pixels"] - first_ten["forest on pixels"] < 40, "it comes close"
assert verdict(gains(tumours, "deep net", "forest")) == 0
assert all(run["deep net"] > run["always the commonest"] + 20 for run in tumours)
assert all(run["deep net on pixels"] > run["forest on measures"] + 100 for run in ten)
assert all(run["forest on measures"] > run["written rule"] + 50 for run in ten)
assert not np.isin(np.concatenate([cut(seed)[1] for seed in range(10)]), LOOKED).any()
for seed in range(10):
    assert np.array_equal(np.bincount(y[cut(seed)[1]]), np.full(10, 100))
