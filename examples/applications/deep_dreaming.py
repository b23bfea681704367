# %% [markdown]
# # Deep dreaming, executed
#
# Small nets learn to tell eight real textures apart. Then the nets stay as they are and the pixels
# change, until a net is sure that it sees a texture. A second net and a simple rule look at these
# dreams. All seeds are fixed. The text is in
# [the lesson](../../applications/deep_dreaming.md).

# %%
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from introdl import data, show
from introdl.applications.deep_dreaming import (
    TEXTURES,
    TextureNet,
    dream,
    features,
    fit,
    roughness,
    shares,
    standardize,
    texture_squares,
)
from introdl.intervals import paired, seen
from introdl.show import table, values

# %% [markdown]
# ## Eight textures, eight nets
#
# Two blocks of four seeds. Each seed has its own squares, its own net and its own rules. The left
# half of each photograph is for training, the next quarter for validation, the right quarter for
# the test.

# %%
NAMES = list(TEXTURES)
CLASSES = np.arange(len(NAMES))
BLOCKS = (range(4), range(100, 104))
SEEDS = [seed for block in BLOCKS for seed in block]
squares = {seed: texture_squares((200, 40, 60), seed) for seed in SEEDS}
nets = {seed: fit(*squares[seed][0], seed=seed) for seed in SEEDS}


# %%
def best_rule(seed, count):
    """Logistic regression on the first features; its strength is chosen on validation."""
    X, V = (found[:, :count] for found in known[seed][:2])
    (_, y), (_, v), _ = squares[seed]
    tried = [
        make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1000)).fit(X, y)
        for c in (0.1, 1.0)
    ]
    return max(tried, key=lambda rule: rule.score(V, v))


# %%
known = {seed: [features(X) for X, _ in squares[seed]] for seed in SEEDS}
HISTOGRAM, ALL = 16, 40  # features: the brightness alone, and with the waves
rules = {seed: best_rule(seed, ALL) for seed in SEEDS}
scores = {}
for seed in SEEDS:
    (X, y), _, (T, t) = squares[seed]
    linear = RidgeClassifier(alpha=1000).fit(X.reshape(len(X), -1), y)
    said = {
        "always the same class": np.zeros_like(t),
        "linear rule on the pixels": linear.predict(T.reshape(len(T), -1)),
        "histogram of brightness": best_rule(seed, HISTOGRAM).predict(
            known[seed][2][:, :HISTOGRAM]
        ),
        "histogram and waves": rules[seed].predict(known[seed][2]),
        "net": shares(nets[seed], T).argmax(axis=1),
    }
    for rule, answers in said.items():
        scores.setdefault(rule, []).append(100 * np.mean(answers == t))


def halves(one, other):
    """Paired differences over each block of four seeds."""
    one, other = np.array(one), np.array(other)
    return [paired(one[:4], other[:4]), paired(one[4:], other[4:])]


def row(label, both, digits=0):
    """A line of a table of differences."""
    return [label, *(i.text(digits) for i in both), "yes" if seen(both) else "no"]


# %% name="scores"
table(
    ["right, out of 100 test squares", "four seeds", "four more"],
    [[rule, f"{np.mean(v[:4]):.0f}", f"{np.mean(v[4:]):.0f}"] for rule, v in scores.items()],
)

# %% name="nets_versus"
against = {
    rule: halves(scores["net"], scores[rule])
    for rule in ("histogram of brightness", "histogram and waves")
}
table(
    ["net minus", "four seeds", "four more", "seen?"],
    [row(rule, both, 1) for rule, both in against.items()],
)

# %% [markdown]
# ## Dreams from noise
#
# Each net dreams of each class, from the same noise in five ways, with 24 steps each. A net with
# first weights only, untrained, takes the same steps. The next net of the block judges, and so does
# the simple rule that learned from the judge's squares. So each dream has judges that had no part
# in it. The mean squares, too, are of squares that the judges have not learned from.

# %%
SIDE = 32
MEANT = np.repeat(CLASSES, 2)  # each class from two starts
WAYS = {
    "plain": {},
    "shifted": {"jitter": 4},
    "softened": {"blur": 2},
    "in octaves": {"octaves": 3},
    "all three": {"octaves": 3, "jitter": 4, "blur": 1},
}
MAIN = "softened"  # the way of the pictures and the judges below
NOISE, UNTRAINED = "noise, no dream", "untrained net, softened"
MEAN, REAL = "mean of the training squares", "real squares"
MEASURES = ("own", "second", "rule", "rough")


def noise(seed, count, side):
    """Grey squares with a little noise."""
    lots = torch.Generator().manual_seed(seed)
    return 0.3 * torch.randn(count, 1, side, side, generator=lots)


def judged(ready, truth, own, second, rule):
    """How many of 100 standardized squares three judges name as meant."""
    answers = (
        shares(own, ready).argmax(axis=1),
        shares(second, ready).argmax(axis=1),
        rule.predict(features(ready)),
    )
    return [100 * np.mean(a == truth) for a in answers]


def share(net, pictures):
    """The mean share of the meant class."""
    return shares(net, pictures)[np.arange(len(MEANT)), MEANT].mean()


dreams, judgements, second, moved = {}, {}, {}, []
for block in BLOCKS:
    for seed, judge in zip(block, [*block[1:], block[0]], strict=True):
        start = noise(2000 + seed, len(MEANT), SIDE)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3000 + seed)
            untrained = TextureNet().eval().requires_grad_(False)
        (X, y), (T, t) = squares[seed][0], squares[judge][2]
        means = standardize(np.array([X[y == k].mean(axis=0) for k in CLASSES]))
        shown = {
            way: dream(nets[seed], start, 4, MEANT, seed=seed, **how)[:, 0].numpy()
            for way, how in WAYS.items()
        }
        last = dream(untrained, start, 4, MEANT, seed=seed, **WAYS[MAIN])
        shown[NOISE] = start[:, 0].numpy()
        shown[UNTRAINED], shown[MEAN] = last[:, 0].numpy(), means[MEANT]
        moved.append([share(untrained, shown[way]) for way in (NOISE, UNTRAINED)])
        judges = nets[seed], nets[judge], rules[judge]
        for way, pictures in shown.items():
            counts = judged(standardize(pictures), MEANT, *judges)
            judgements.setdefault(way, []).append([*counts, roughness(pictures).mean()])
        counts = judged(T, t, *judges)  # standardized when they were cut
        judgements.setdefault(REAL, []).append([*counts, roughness(T).mean()])
        dreams[seed] = shown
        second[seed] = shares(nets[judge], standardize(shown[MAIN]))
measured = {way: np.array(found) for way, found in judgements.items()}

# %% name="judges"
order = [NOISE, *WAYS, UNTRAINED, MEAN, REAL]


def mean_text(way, k, digits=0):
    """Both blocks' means of one measure."""
    found = measured[way][:, k]
    return " · ".join(f"{half.mean():.{digits}f}" for half in (found[:4], found[4:]))


table(
    ["picture", "its own net", "second net", "simple rule", "roughness"],
    [[way, *(mean_text(way, k) for k in range(3)), mean_text(way, 3, 2)] for way in order],
)

# %% name="versus"
PAIRS = [
    (MAIN, NOISE, "second"),
    (MAIN, NOISE, "rule"),
    (MAIN, REAL, "second"),
    (MAIN, REAL, "rule"),
    ("shifted", "plain", "second"),
    (MAIN, "plain", "second"),
    ("in octaves", "plain", "second"),
    ("all three", "plain", "second"),
    ("shifted", "plain", "rule"),
    (MAIN, "plain", "rule"),
    ("in octaves", "plain", "rule"),
    ("all three", "plain", "rule"),
    (MAIN, MEAN, "rule"),
    ("shifted", "plain", "rough"),
    (MAIN, "plain", "rough"),
    ("in octaves", "plain", "rough"),
    ("all three", "plain", "rough"),
]
WORDS = {"second": "second net", "rule": "simple rule", "rough": "roughness"}


def differs(one, other, what):
    """Differences of one measure between two kinds of picture."""
    k = MEASURES.index(what)
    return halves(measured[one][:, k], measured[other][:, k])


versus = {pair: differs(*pair) for pair in PAIRS}
table(
    ["difference", "four seeds", "four more", "seen?"],
    [
        row(f"{WORDS[what]}: {one} minus {other}", both, 2 if what == "rough" else 0)
        for (one, other, what), both in versus.items()
    ],
)

# %% name="convinced"
believed = {way: halves(measured[way][:, 1], measured[way][:, 2]) for way in ("plain", MAIN, REAL)}
table(
    ["second net minus rule", "four seeds", "four more", "seen?"],
    [row(way, both) for way, both in believed.items()],
)


# %% [markdown]
# ## Pictures
#
# Dreams of the first net, of seed 0.


# %%
def grey(picture, zoom=3):
    """Brightness in [0, 1] from numbers of which 0 is the mean, each pixel as a square."""
    return np.kron(np.clip(0.5 + picture / 5, 0, 1), np.ones((zoom, zoom)))


# %% name="strip"
large = noise(2900, 8, 64)
pictures = dream(nets[0], large, 4, CLASSES, **WAYS[MAIN])[:, 0].numpy()
show.strip(
    [grey(picture, 2) for picture in pictures],
    labels=NAMES,
    alt="Eight dreams in grey. Brick has bright upright streaks, grass a maze of spots, gravel "
    "horizontal stripes, coins a few bright spots, stars many bright blobs, print a row of dark "
    "strokes, fur hairs lying flat, tissue dark stripes.",
    caption="What the first net dreams of for each class, from noise, with softened slopes. "
    "64 × 64 pixels each. The dream of coins shows bright spots and no coin.",
)

# %% name="real"
X, y = squares[0][0]
show.strip(
    [grey(X[y == k][0]) for k in CLASSES],
    labels=NAMES,
    alt="One square of each photograph: mortar lines, blades, pebbles, a coin's edge, bright "
    "specks, letters, hair, stained cells.",
    caption="The first training square of each class, 32 × 32 pixels.",
)

# %% name="smoothing"
LOOK = NAMES.index("stars")
smoothed = {
    way: dream(nets[0], large[LOOK : LOOK + 1], 4, LOOK, **how)[:, 0].numpy()
    for way, how in WAYS.items()
}
show.strip(
    [grey(picture[0], 2) for picture in smoothed.values()],
    labels=[f"{way}, roughness {roughness(p)[0]:.2f}" for way, p in smoothed.items()],
    alt="Five dreams of stars. In the plain one, bright blobs lie on a fine checkered ground; in "
    "the next four the ground is smoother. In octaves, the blobs still hold fine checks.",
    caption="The first net dreams of stars in five ways. The class is chosen to show the "
    "difference.",
)

# %% [markdown]
# ## The ten worst dreams
#
# Of all 128 dreams made with softened slopes, those whose class gets the least from the second net.

# %% name="worst"
doubts = [(second[seed][i, k], seed, i) for seed in SEEDS for i, k in enumerate(MEANT)]
worst = sorted(doubts)[:10]
show.strip(
    [grey(dreams[seed][MAIN][i]) for _, seed, i in worst],
    labels=[
        f"meant {NAMES[MEANT[i]]}, seen {NAMES[second[seed][i].argmax()]}" for _, seed, i in worst
    ],
    alt="Ten dreams that the second net names otherwise. Some are large white blocks, some bright "
    "spots, and two are almost plain grey.",
    caption="Each label gives what the dreaming net meant, and what the second net sees.",
)

# %% [markdown]
# ## What the page gets
#
# The first net, the second, which judges its dreams, and what to begin with.


# %%
def piece(name, top, left, size):
    """A square of a photograph in grey, 64 × 64, standardized."""
    photograph = data.photograph(name).mean(axis=2)[top : top + size, left : left + size]
    step = size // 64
    return standardize(photograph.reshape(1, 64, step, 64, step).mean(axis=(2, 4)))[0]


starts = {
    "noise": noise(2901, 1, 64)[0, 0].numpy(),
    "astronaut": piece("astronaut", 0, 128, 256),
    "coffee": piece("coffee", 8, 150, 384),
}
PARTS = {"1": "first", "2": "second", "3": "third", "4": "last"}


def weights(seed):
    """All numbers of a net, by short names."""
    layers = {k: getattr(nets[seed], name) for k, name in PARTS.items()}
    return {f"w{k}": layer.weight.numpy() for k, layer in layers.items()} | {
        f"b{k}": layer.bias.numpy() for k, layer in layers.items()
    }


show.arrays("dreamer", **weights(0))
show.arrays("judge", **weights(1))
show.arrays("starts", **{name: np.float32(np.clip(p, -2.5, 2.5)) for name, p in starts.items()})

# %% name="still"
astronaut = torch.tensor(starts["astronaut"], dtype=torch.float32)[None, None]
HOW = {"octaves": 2, "blur": 1, "steps": 24, "rate": 0.08}
stills = {
    "start": astronaut,
    "stars": dream(nets[0], astronaut, 4, NAMES.index("stars"), **HOW),
    "grass": dream(nets[0], astronaut, 4, NAMES.index("grass"), **HOW),
    "whatever fires in layer 3": dream(nets[0], astronaut, 3, None, **HOW),
}
show.strip(
    [grey(picture[0, 0].numpy(), 2) for picture in stills.values()],
    labels=list(stills),
    alt="A photograph of an astronaut, and three dreams that begin with it. Her face stays: with "
    "bright blobs around it, in a maze of spots, and darkened beside white bands.",
    caption="A photograph that the net has not learned from, and three dreams that begin with it.",
)

# %% name="numbers"
count = sum(p.numel() for p in nets[0].parameters())
values(
    weights=f"{count:,}",
    second=f"{measured[MAIN][:, 1].mean():.0f}",
    rule=f"{measured[MAIN][:, 2].mean():.0f}",
    second_real=f"{measured[REAL][:, 1].mean():.0f}",
    rule_real=f"{measured[REAL][:, 2].mean():.0f}",
    untrained=f"{measured[UNTRAINED][:, 1].mean():.0f}",
    own=f"{measured[MAIN][:, 0].mean():.0f}",
    before=f"{np.mean(moved, axis=0)[0]:.3f}",
    after=f"{np.mean(moved, axis=0)[1]:.3f}",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert seen(against["histogram and waves"]) == -1, "the simple rule beats the net"
assert seen(against["histogram of brightness"]) == 1
assert 55 < measured[MAIN][:, 1].mean() < 75, "the page says: about 65"
assert seen(versus[MAIN, NOISE, "second"]) == 1, "the second net sees more than in plain noise"
sees = shares(nets[1], starts["noise"][None])[0]
assert sees[NAMES.index("stars")] > 0.9, "the page's second net sees stars in the page's noise"
assert np.abs(np.array(moved) - 1 / 8).max() < 0.05, "24 steps hardly move the untrained net"
for k, judge in ((1, "net"), (2, "histogram and waves")):
    for half in (slice(4), slice(4, None)):
        both = measured[REAL][half, k].mean(), np.mean(scores[judge][half])
        assert np.isclose(*both), "the judges see the test squares of the first table"
assert seen(versus[MAIN, REAL, "rule"]) == -1
assert seen(versus[MAIN, MEAN, "rule"]) == -1, "the mean convinces the rule more often"
assert seen(believed[MAIN]) == seen(believed["plain"]) == 1, "the second net believes more"
assert seen(believed[REAL]) == -1, "on real squares, the rule is the better judge"
for way in list(WAYS)[1:]:
    assert seen(versus[way, "plain", "rough"]) == -1, "each way makes dreams smoother"
    for judge in ("second", "rule"):
        assert seen(versus[way, "plain", judge]) == 0, "no difference seen in what judges say"
