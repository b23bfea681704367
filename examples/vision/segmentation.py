# %% [markdown]
# # Segmentation, executed
#
# Real digits are written on patches of real photographs, so that for each pixel the right answer is
# known: the pictures are synthetic. A small U-Net marks the ink, with and without its connections,
# and meets answers that look at brightness alone. All seeds are fixed. The text is in
# [the lesson](../../vision/segmentation.md).

# %%
import numpy as np
import torch
from scipy import ndimage

from introdl import data, show
from introdl.intervals import paired
from introdl.show import table, values
from introdl.vision.convolution import conv_transpose2d
from introdl.vision.segmentation import UNet, dice, fit, iou, otsu, patches, shares, write_on

X, _ = data.mnist()
order = np.random.default_rng(0).permutation(len(X))
LEARN, CHOOSE, TEST = order[:3000], order[3000:3500], order[3500:]

# %% [markdown]
# ## Digits on photographs
#
# Photographs in grey, with a third of the pixels along each side. Each photograph serves either for
# learning, or for choosing settings, or for the test; and so does each digit.


# %%
def grey(name):
    """One photograph in grey, each 3 × 3 pixels made one."""
    found = data.photograph(name)
    found = found.mean(axis=2) if found.ndim == 3 else found
    height, width = (side // 3 for side in found.shape)
    return found[: 3 * height, : 3 * width].reshape(height, 3, width, 3).mean(axis=(1, 3))


PHOTOGRAPHS = {
    "learn": [grey(n) for n in ("astronaut", "brick", "china", "coffee", "flower", "gravel")],
    "choose": [grey(n) for n in ("rocket", "grass")],
    "test": [grey(n) for n in ("camera", "cat", "coins")],
}
DIGITS = {"learn": LEARN, "choose": CHOOSE, "test": TEST}
COUNTS = {"learn": 600, "choose": 200, "test": 300}


def composed(part, seed):
    """Pictures and masks of one part, drawn by lot: equally many of each photograph."""
    count = COUNTS[part]
    each = count // len(PHOTOGRAPHS[part])
    paper = [patches(photograph, each, seed=seed) for photograph in PHOTOGRAPHS[part]]
    digits = np.random.default_rng(seed).choice(DIGITS[part], count, replace=False)
    return write_on(np.concatenate(paper), X[digits])


# %% [markdown]
# ## Settings
#
# Both nets get the same three rates to choose from, and one training of each; the mean IoU on
# pictures for choosing decides. The rules choose on the pictures to learn from.

# %%
ARMS = {"U-Net": True, "U-Net without the connections": False}
RATES = (0.003, 0.03, 0.5)
asked, wanted = composed("choose", 0)
tried = {name: [] for name in ARMS}
for name, skips in ARMS.items():
    for rate in RATES:
        net = fit(*composed("learn", 50), skips=skips, rate=rate, seed=50)
        tried[name].append(iou(wanted, shares(net, asked) > 0.5).mean())
chosen = {name: RATES[np.argmax(found)] for name, found in tried.items()}


def darker(x, fixed):
    """Darker than a fixed brightness."""
    return x < fixed


def darker_than_around(x, window, by):
    """Darker, by so much, than the mean of the window around."""
    return x < ndimage.uniform_filter(x, (1, window, window)) - by


RULES = {
    "nothing is ink": (lambda x: np.zeros(x.shape, dtype=int), [()]),
    "Otsu": (lambda x: np.array([p <= otsu(p) for p in x]), [()]),
    "darker than a fixed brightness": (darker, [(b,) for b in np.linspace(0.05, 0.5, 10)]),
    "darker than around": (
        darker_than_around,
        [(w, b) for w in (9, 15, 21, 27) for b in np.linspace(0.04, 0.24, 6)],
    ),
}
known, answers = composed("learn", 50)
rules = {
    name: (rule, max(grid, key=lambda c, r=rule: iou(answers, r(known, *c)).mean()))
    for name, (rule, grid) in RULES.items()
}

# %% [markdown]
# ## The same pictures for all
#
# Each draw has its own digits, patches, first weights and order. Two blocks of four draws.

# %%
BLOCKS = [range(4), range(100, 104)]
MEASURES = {
    "pixels right": lambda t, a: (t == a).mean(axis=(1, 2)),
    "IoU": iou,
    "Dice": dice,
}
NAMES = [*rules, *ARMS]
scores = np.zeros((2, len(NAMES), 4, len(MEASURES)))
kept = {}
for block, seeds in enumerate(BLOCKS):
    for draw, seed in enumerate(seeds):
        x, t = composed("test", seed)
        said = [rule(x, *setting) for rule, setting in rules.values()]
        for name, skips in ARMS.items():
            net = fit(*composed("learn", seed), skips=skips, rate=chosen[name], seed=seed)
            said.append(shares(net, x) > 0.5)
            kept[name, seed] = net
        for i, a in enumerate(said):
            found = [measure(t, a.astype(int)).mean() for measure in MEASURES.values()]
            scores[block, i, draw] = found


# %%
def percent(value):
    """A share in percent, with one decimal."""
    return f"{100 * value:.1f} %"


def rows(block):
    """The mean of each measure over the draws of a block, by name."""
    means = scores[block].mean(axis=1)
    return [
        [name, percent(found[0]), f"{found[1]:.2f}", f"{found[2]:.2f}"]
        for name, found in zip(NAMES, means, strict=True)
    ]


# %% name="scores"
table(["who answers", *MEASURES], rows(0))

# %% name="again"
table(["who answers", *MEASURES], rows(1))


# %%
def gain(block, one, other):
    """Mean difference in IoU of two names, and half its 95 % interval."""
    return paired(*(scores[block, NAMES.index(name), :, 1] for name in (one, other)))


WITH, WITHOUT = ARMS
RULE = "darker than around"
PAIRS = {
    "the connections": (WITH, WITHOUT),
    f"the U-Net instead of *{RULE}*": (WITH, RULE),
    f"the net without connections instead of *{RULE}*": (WITHOUT, RULE),
}
gains = {what: [gain(block, *pair) for block in (0, 1)] for what, pair in PAIRS.items()}

# %% name="gains"
table(
    ["what adds IoU", "first four draws", "second four"],
    [
        [what, *(f"{mean:+.2f}\u00a0±\u00a0{half:.2f}".replace("-", "−") for mean, half in both)]
        for what, both in gains.items()
    ],
)

# %% name="rates"
table(
    ["rate", *ARMS],
    [[f"{rate:g}", *(f"{tried[name][i]:.2f}" for name in ARMS)] for i, rate in enumerate(RATES)],
)

# %% [markdown]
# ## One picture, pixel by pixel
#
# Of the first draw: a picture of each photograph, the first of each, and the one with the lowest
# IoU.

# %%
x, t = composed("test", 0)
sure = {name: shares(kept[name, 0], x) for name in ARMS}
each = iou(t, (sure[WITH] > 0.5).astype(int))
TAKEN = [0, 100, 200, int(each.argmin())]
LOOK = 100


def error_map(t, a, zoom=8):
    """Hits grey, misses orange with a stroke, false alarms blue with a hole: (8 H, 8 W, 3)."""
    i, j = np.indices((zoom, zoom))
    stroke, hole = np.abs(i + j - zoom + 1) < 1.5, np.hypot(i - 3.5, j - 3.5) < 2
    out = np.ones((*t.shape, zoom, zoom, 3))
    out[(t == 1) & (a == 1)] = 0.35
    out[(t == 1) & (a == 0)] = np.where(stroke[..., None], 0.1, (0.9, 0.5, 0.0))
    out[(t == 0) & (a == 1)] = np.where(hole[..., None], 1.0, (0.0, 0.3, 0.7))
    return out.transpose(0, 2, 1, 3, 4).reshape(zoom * len(t), -1, 3)


def enlarged(picture, zoom=8):
    """Each number as a square, in grey."""
    return np.kron(picture, np.ones((zoom, zoom)))


# %% name="still"
show.strip(
    [
        enlarged(x[LOOK]),
        enlarged(t[LOOK]),
        error_map(t[LOOK], (x[LOOK] < 0.3).astype(int)),
        error_map(t[LOOK], (sure[WITH][LOOK] > 0.5).astype(int)),
    ],
    labels=["picture", "its ink", "darker than 0.3", "U-Net"],
    alt="A handwritten digit on a patch of a photograph, and its mask. Of the two error maps the "
    "first has many false alarms beside the digit, the second a few misses and false alarms at "
    "the strokes' borders.",
    caption="A real digit on a patch of a real photograph, not used in training. Grey: found. "
    "Orange with a stroke: missed. Blue with a hole: false alarm.",
)

# %% name="blurred"
show.strip(
    [enlarged(1 - sure[name][LOOK]) for name in ARMS],
    labels=["with the connections", "without"],
    alt="Two pictures of shares. With the connections the digit has sharp strokes; without them it "
    "is a digit of thick strokes with blurred steps.",
    caption="How sure two nets are of ink in the picture above, black is sure: with the "
    "connections, and without.",
)

# %% [markdown]
# ## The checkerboard
#
# A thousand random kernels are stamped with stride 2 on a map of ones. How large are the numbers
# that come out, by their place? Then whole nets, without training, look at a flat grey picture.

# %%
rng = np.random.default_rng(0)
sizes, counts = {}, {}
for kernel in (3, 4):
    ones = np.ones((1, 1, 6, 6))
    stamped = {"stride": 2, "padding": 1}
    w = rng.normal(size=(1, 1000, kernel, kernel))
    out = conv_transpose2d(ones, w, np.zeros(1000), **stamped)[0, :, 4:6, 4:6]
    sizes[kernel] = np.sqrt((out**2).mean(axis=0)).ravel()
    counts[kernel] = conv_transpose2d(
        ones, np.ones((1, 1, kernel, kernel)), np.zeros(1), **stamped
    )[0, 0, 4:6, 4:6].ravel()

# %% name="sizes"
table(
    ["kernel, stride 2", "stamps on four neighbours", "typical size of their sums"],
    [
        [
            f"{kernel} × {kernel}",
            ", ".join(f"{n:.0f}" for n in counts[kernel]),
            ", ".join(f"{size:.1f}" for size in sizes[kernel]),
        ]
        for kernel in sizes
    ],
)

# %%
GROW = {"stamps of 3 × 3": 3, "stamps of 4 × 4": 4, "repeating, then a kernel": 0}
flat = torch.full((1, 1, 64, 64), 0.5)
photos = np.stack([  # the four corners of each test photograph
    photograph[top : top + 64, left : left + 64]
    for photograph in PHOTOGRAPHS["test"]
    for top in (0, photograph.shape[0] - 64)
    for left in (0, photograph.shape[1] - 64)
])  # fmt: skip
photos = torch.tensor(photos, dtype=torch.float32)[:, None]
pattern, drawn = {}, {}
for name, stamp in GROW.items():
    spreads = []
    for seed in range(40):
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(seed)
            net = UNet(stamp=stamp).eval()
            grey_says, photos_say = (net(x)[:, 0, 24:40, 24:40] for x in (flat, photos))
        spreads.append(100 * float(grey_says.std() / photos_say.std(dim=(1, 2)).mean()))
        drawn.setdefault(name, grey_says[0].numpy())
    pattern[name] = [np.nanmedian(half) for half in np.split(np.array(spreads), 2)]

# %% name="pattern"
table(
    ["how the maps grow", "flat grey against photographs, 20 nets", "20 more"],
    [[name, *(f"{share:.0f}\u00a0%" for share in two)] for name, two in pattern.items()],
)


# %% name="checkerboard"
reach = max(np.abs(out - out.mean()).max() for out in drawn.values())
show.strip(
    [enlarged(0.5 + (out - out.mean()) / (2 * reach)) for out in drawn.values()],
    labels=list(drawn),
    alt="Three answers of untrained nets to a flat grey picture. With stamps of 3 × 3 and of 4 × 4 "
    "there is a pattern that repeats every four pixels; with repeating the answer is flat.",
    caption="What a net says to flat grey before it has learned anything: 16 × 16 of its numbers, "
    "the mean is mid-grey.",
)

# %% [markdown]
# ## Where it breaks
#
# A light pen in place of the dark one, and pictures without any ink, for the four nets of the first
# block.

# %%
light, empty = [], []
for seed in BLOCKS[0]:
    paper = np.concatenate([patches(p, 100, seed=seed) for p in PHOTOGRAPHS["test"]])
    digits = X[np.random.default_rng(seed).choice(TEST, len(paper), replace=False)]
    dark, masks = write_on(1 - paper, digits)
    net = kept[WITH, seed]
    light.append(iou(masks, (shares(net, 1 - dark) > 0.5).astype(int)).mean())
    empty.append(((shares(net, paper) > 0.5).sum(axis=(1, 2)) >= 20).mean())

# %% name="numbers"
values(
    learn=COUNTS["learn"],
    test=COUNTS["test"],
    nothing=f"{100 * scores[0, 0, :, 0].mean():.0f}",
    light=f"{np.mean(light):.2f}",
    empty=f"{100 * np.mean(empty):.0f}",
    weights=f"{sum(p.numel() for p in net.parameters()):,}",
    fewer=f"{sum(p.numel() for p in kept[WITHOUT, 0].parameters()):,}",
)

# %% [markdown]
# ## What the page gets

# %%
ways = {"U-Net": sure[WITH], "without": sure[WITHOUT], "dark": 1 - x}
show.arrays(
    "pictures",
    pictures=np.round(255 * x[TAKEN]).astype(np.uint8),
    masks=t[TAKEN].astype(np.uint8),
    shares=np.round(100 * np.array([way[TAKEN] for way in ways.values()])).astype(np.uint8),
)

# %% [markdown]
# ## What this notebook claims

# %%
assert not (set(LEARN) | set(CHOOSE)) & set(TEST)
assert all(np.argmax(found) == 1 for found in tried.values()), "the best rate is not at an edge"
for what in list(gains)[:2]:
    for mean, half in gains[what]:
        assert mean > half, f"the page says that these help, in both blocks: {what}"
assert (scores[:, 0, :, 1:] == 0).all()
assert scores[:, 0, :, 0].min() > 0.8, "the page says: the empty answer is right in most pixels"
assert (scores[:, 1, :, 0] < scores[:, 0, :, 0]).all(), "fewer pixels right than with no answer"
assert max(pattern["repeating, then a kernel"]) < 1 < 2 < min(pattern["stamps of 4 × 4"])
