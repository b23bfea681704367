# %% [markdown]
# # Saliency, executed
#
# Which pixels made the answer of a small convolutional network? Slopes, smoothed slopes and
# Grad-CAM on real handwritten digits; then two tests of such maps: pixels are painted out, and the
# weights are drawn at random. All seeds are fixed. The text is in
# [the lesson](../../vision/saliency.md).

# %%
import numpy as np
from scipy import stats
from skimage.filters import sobel

from introdl import data, handed, show
from introdl.intervals import paired
from introdl.show import table, values
from introdl.vision.cnn import SHAPES, ConvNet, fit_torch
from introdl.vision.saliency import enlarge, grad_cam, integrated, painted, slopes, smooth

X, y = data.mnist()
X = X[:, None]  # (5000, 1, 28, 28)
order = np.random.default_rng(0).permutation(len(X))
seen, unseen = order[:4000], order[4000:]  # as in the lesson of the net
net = ConvNet()
for _name, _weights in handed.get("vision/cnn/net").items():
    setattr(net, _name, _weights)

# %% [markdown]
# ## One digit, three maps
#
# Noise of spread 0.2 and 16 copies: a fifth of the range from paper to ink, as the authors of
# SmoothGrad advise. Nothing here is tuned.

# %%
SPREAD, COPIES = 0.2, 16
noise = SPREAD * np.random.default_rng(1).normal(size=(COPIES, 28, 28))
said = net.probabilities(X[unseen]).argmax(axis=1)
DIGIT = unseen[np.flatnonzero((y[unseen] == 2) & (said == 2))[0]]
chance = ConvNet(1)  # weights drawn at random


def three(which, x, k):
    """The maps that the page draws, (3, 28, 28)."""
    return np.concatenate(
        [slopes(which, x, k).x, smooth(which, x, k, noise), enlarge(grad_cam(which, x, k))]
    )


def coloured(picture):
    """Numbers as colours, (H, W, 3): white is zero, blue above, orange below."""
    part = np.clip(picture / (np.abs(picture).max() or 1), -1, 1)[..., None]
    blue, orange = np.array([0.0, 0.25, 0.55]), np.array([0.85, 0.4, 0.0])
    return 1 - np.abs(part) * (1 - np.where(part > 0, blue, orange))


one, two = X[DIGIT : DIGIT + 1], np.array([2])
LABELS = ["slope", "SmoothGrad", "Grad-CAM"]

# %% name="still"
show.strip(
    [np.repeat(1 - X[DIGIT, 0][..., None], 3, axis=2), *map(coloured, three(net, one, two))],
    labels=["the digit", *LABELS],
    alt="A handwritten 2 and three maps of it. The slopes are speckled in blue and orange around "
    "the strokes; SmoothGrad shows larger patches of one colour; Grad-CAM is a blurred blue cloud.",
    caption="An unseen 2, and three maps for the trained network's sum for 2. Blue: more ink here "
    "raises the sum. Orange: it lowers it. Grad-CAM keeps only what is above zero.",
)

# %% name="chance"
show.strip(
    [*map(coloured, three(chance, one, two))],
    labels=LABELS,
    alt="The same three maps for a net with random weights. They also follow the place of the 2.",
    caption="The same 2 and a net that never learned. Each map has its own colour scale.",
)

# %% [markdown]
# ## Paint out what a map names first
#
# Two blocks of four nets. Each net has its own first weights, and 25 unseen digits of its own.
# The score is the share that is left for the net's first answer, after some pixels became paper.

# %%
NETS, PICTURES, FIRST = 4, 25, 20
COUNTS = (10, FIRST, 40)


def by_net(which, x, k):
    """The maps that ask the net, (N, 28, 28) each."""
    by = slopes(which, x, k).x
    return {
        "slope × ink": by * x[:, 0],
        "size of slope": np.abs(by),
        "size of SmoothGrad": np.abs(smooth(which, x, k, noise)),
        "Grad-CAM": enlarge(grad_cam(which, x, k)),
    }


def rules(which, x, k, rng):
    """All rules, the plain ones with them; of a pixel, the larger comes first."""
    ink = x[:, 0]
    return {
        **by_net(which, x, k),
        "integrated slopes": integrated(which, x, k, 16),
        "most ink": ink,
        "edges": np.array([sobel(sheet) for sheet in ink]),
        "any ink, at random": (ink > 0) + rng.random(ink.shape),
        "any pixel, at random": rng.random(ink.shape),
    }


def pictures(block, i):
    """Unseen digits of one net's own, and the lot that goes with them."""
    begin = PICTURES * (NETS * block + i)
    return X[unseen[begin : begin + PICTURES]], np.random.default_rng([block, i])


nets = [
    [fit_torch(X[seen], y[seen], epochs=1, seed=100 * block + i) for i in range(NETS)]
    for block in (0, 1)
]
left, maps_of, empty = [{}, {}], {}, [0, 0]
for block in (0, 1):
    for i, which in enumerate(nets[block]):
        x, rng = pictures(block, i)
        before = which.probabilities(x)
        k = before.argmax(axis=1)
        found = rules(which, x, k, rng)
        maps_of[block, i] = found
        # Where a map is the same everywhere, it names no pixel, and the lot alone chooses.
        empty[block] += sum(not np.ptp(one) for one in found["Grad-CAM"])
        whole = 100 * before[np.arange(len(x)), k].mean()
        left[block].setdefault("nothing", []).append(np.full(len(COUNTS), whole))
        for name, asked in found.items():
            # Break ties at random, so that the upper left has no advantage.
            asked = asked + 1e-9 * np.abs(asked).max() * rng.random(asked.shape)
            shares = [
                which.probabilities(painted(x, asked, n))[np.arange(len(x)), k].mean()
                for n in COUNTS
            ]
            left[block].setdefault(name, []).append(100 * np.array(shares))
NAMES = [*left[0]]
left = [{name: np.array(rows) for name, rows in part.items()} for part in left]

# %% name="left"
table(
    ["painted out first", "first four nets", "second four"],
    [[name, *(f"{part[name][:, 1].mean():.0f}" for part in left)] for name in NAMES],
)


# %%
def gain(part, one, other):
    """Mean difference of shares left after 20 pixels, and half its 95 % interval."""
    return paired(part[one][:, 1], part[other][:, 1])


PAIRS = [
    ("slope × ink", "most ink"),
    ("size of slope", "most ink"),
    ("size of slope", "any pixel, at random"),
    ("Grad-CAM", "most ink"),
    ("Grad-CAM", "any pixel, at random"),
    ("integrated slopes", "slope × ink"),
]
gains = {pair: [gain(part, *pair) for part in left] for pair in PAIRS}

# %% name="gains"
table(
    ["less", "first four nets", "second four"],
    [
        [
            f"{one} − {other}",
            *(f"{mean:+.0f} ± {half:.0f}".replace("-", "−") for mean, half in both),
        ]
        for (one, other), both in gains.items()
    ],
)

# %% name="counts"
table(
    ["painted out first", *(f"{n} pixels" for n in COUNTS)],
    [[name, *(f"{v:.0f}" for v in left[0][name].mean(axis=0))] for name in NAMES],
)

# %% [markdown]
# ## The sanity check
#
# The same pictures, the same rules, another net: one that never learned, and one that learned from
# other first weights. How alike is the order of the pixels? Rank correlation: 1 is the same order,
# 0 is no relation. Once over all pixels, once over those with ink.

# %%
CHECKED = ["size of slope", "size of SmoothGrad", "Grad-CAM", "size of slope × ink"]


def alike(mine, others, where):
    """Mean rank correlation of maps (N, 28, 28), over the pixels marked for each picture."""
    found = [
        stats.spearmanr(a[w], b[w])[0]
        for a, b, w in zip(mine, others, where, strict=True)
        if np.ptp(a[w]) and np.ptp(b[w])  # an empty map has no order
    ]
    return np.mean(found)


def checked(maps):
    return {**maps, "size of slope × ink": np.abs(maps["slope × ink"])}


sanity = []  # per block: rule → (nets, 4)
for block in (0, 1):
    part = {name: [] for name in CHECKED}
    for i, which in enumerate(nets[block]):
        x, _ = pictures(block, i)
        k = which.probabilities(x).argmax(axis=1)
        mine = checked(maps_of[block, i])
        rivals = (ConvNet(7 + 100 * block + i), nets[block][(i + 1) % NETS])
        theirs = [checked(by_net(other, x, k)) for other in rivals]
        for name in CHECKED:
            part[name].append(
                [
                    alike(mine[name], other[name], where)
                    for where in (np.ones_like(x[:, 0], bool), x[:, 0] > 0)
                    for other in theirs
                ]
            )
    sanity.append({name: np.array(rows) for name, rows in part.items()})


def shown(part):
    return table(
        ["map", "all pixels: random and trained", "ink only: random and trained"],
        [
            [
                name,
                *(
                    " and ".join(f"{v:.2f}".replace("-", "−") for v in pair)
                    for pair in np.split(part[name].mean(axis=0), 2)
                ),
            ]
            for name in CHECKED
        ],
    )


# %% name="sanity"
shown(sanity[0])

# %% name="sanity_again"
shown(sanity[1])

# %% [markdown]
# ## Integrated slopes add up
#
# For the 2 above: the sum for 2 minus that of the empty sheet, against what the slopes add up to.

# %%
change = (net.maps(one).z3 - net.maps(np.zeros_like(one)).z3)[0, 2]
STEPS = (1, 4, 16, 64)
added = [integrated(net, one, two, n).sum() for n in STEPS]
plain = (slopes(net, one, two).x * one[:, 0]).sum()

# %% name="complete"
table(
    ["", "adds up to"],
    [
        ["slope × ink", f"{plain:.2f}"],
        *([f"integrated, {n} steps", f"{v:.2f}"] for n, v in zip(STEPS, added, strict=True)),
        ["the difference of the sums", f"{change:.2f}"],
    ],
)


# %%
def both(one, other):
    """The paired difference in shares on each block."""
    return " and ".join(d.text(0) for d in gains[one, other])


# %% name="numbers"
values(
    whole=f"{left[0]['nothing'][:, 1].mean():.0f}",
    beyond_ink=both("slope × ink", "most ink"),
    empty=" and ".join(map(str, empty)),
    maps=NETS * PICTURES,
    contribution=f"{left[0]['slope × ink'][:, 1].mean():.0f}",
    slope=f"{left[0]['size of slope'][:, 1].mean():.0f}",
    ink=f"{left[0]['most ink'][:, 1].mean():.0f}",
    lot=f"{left[0]['any pixel, at random'][:, 1].mean():.0f}",
    alike=f"{sanity[0]['size of slope'].mean(axis=0)[0]:.2f}",
    trained=f"{sanity[0]['size of slope'].mean(axis=0)[1]:.2f}",
    only=f"{sanity[0]['size of slope'].mean(axis=0)[2]:.2f}",
    masked=f"{sanity[0]['size of slope × ink'].mean(axis=0)[0]:.2f}",
    first=FIRST,
    pictures=PICTURES,
    copies=COPIES,
    learn=f"{len(seen):,}",
)

# %% [markdown]
# ## What the page gets
#
# Both nets' weights, one digit of each kind, and the noise.

# %%
given = [unseen[np.flatnonzero((y[unseen] == d) & (said == d))[0]] for d in range(10)]
arrays = {name: getattr(net, name) for name in SHAPES}
arrays |= {f"r{name}": getattr(chance, name) for name in SHAPES}
show.arrays(
    "nets",
    **{name: w.astype(np.float32) for name, w in arrays.items()},
    noise=noise.astype(np.float16),
    pictures=np.round(255 * X[given, 0]).astype(np.uint8),
)

# %% [markdown]
# ## What this notebook claims

# %%
for part in left:
    assert all(part["nothing"].mean() > part[name][:, 1].mean() for name in NAMES[1:])
for mean, half in gains["slope × ink", "most ink"]:
    assert mean < -half, "the page says: slope × ink takes more than the most ink, in both blocks"
for pair in (("size of slope", "most ink"), ("Grad-CAM", "any pixel, at random")):
    for mean, half in gains[pair]:
        assert abs(mean) < half, f"the page says: between {pair} no difference is seen"
for part in left:
    assert part["any pixel, at random"][:, 1].mean() > 85
    assert part["slope × ink"][:, 1].mean() < part["size of slope"][:, 1].mean() - 10
for part in sanity:
    by_size, masked = part["size of slope"].mean(axis=0), part["size of slope × ink"].mean(axis=0)
    assert by_size[0] > 0.25, "the page says: over all pixels even a random net's map looks alike"
    assert by_size[2] < by_size[0] - 0.15, "the page says: among the ink little is left of it"
    assert by_size[3] > by_size[2], "the page says: a trained net's map is more alike there"
    assert masked[0] > 0.7, "the page says: times the ink, the ink is what is alike"
assert abs(added[-1] - change) < 0.05 * abs(change)
