# %% [markdown]
# # Pooling, executed
#
# Real handwritten digits are shrunk in several ways. What do they lose, and how much do the smaller
# maps change when the digit moves? A linear classifier answers, on digits that it has not seen. All
# seeds are fixed. The text is in [the lesson](../../vision/pooling.md).

# %%
import numpy as np

from introdl import data, show
from introdl.intervals import paired
from introdl.show import table, values
from introdl.vision.convolution import conv2d
from introdl.vision.pooling import average_pool2d, every, global_average, max_pool2d, shifted

X, y = data.mnist()
X = X[:, None]  # (5000, 1, 28, 28)
WAYS = {
    "all pixels": lambda x: x,
    "every second": lambda x: every(x, 2),
    "average of 2 × 2": lambda x: average_pool2d(x, 2),
    "largest of 2 × 2": lambda x: max_pool2d(x, 2),
    "average of 4 × 4": lambda x: average_pool2d(x, 4),
    "largest of 4 × 4": lambda x: max_pool2d(x, 4),
}

# %% [markdown]
# ## One digit, six ways

# %% name="ways"
DIGIT = 1040  # chosen: a 2 with a loop


def enlarged(picture):
    """Repeat pixels until the picture has 28 × 28 again."""
    return np.kron(picture, np.ones((28 // len(picture), 28 // len(picture))))


show.strip(
    [1 - enlarged(way(X[DIGIT : DIGIT + 1])[0, 0]) for way in WAYS.values()],
    labels=list(WAYS),
    alt="A handwritten 2 of 28 × 28 pixels; every second pixel, ragged; averages of 2 × 2, soft; "
    "largest of 2 × 2, bold; averages of 4 × 4, a blurred 2; largest of 4 × 4, a thick 2.",
    caption="One real digit of 28 × 28 pixels, shrunk to 14 × 14 and to 7 × 7. All pictures are "
    "drawn at the same size.",
    columns=3,
)

# %% [markdown]
# ## What the page lets its reader move
#
# Five real digits, ink as whole numbers from 0 to 100. A digit lies in the middle of its picture,
# so moving it by four pixels loses no ink.

# %%
CHOSEN = {"zero": 40, "two": DIGIT, "four": 2040, "seven": 3540, "eight": 4040}
show.data("digits", {name: (100 * X[i, 0]).round().astype(int) for name, i in CHOSEN.items()})

# %% name="still"
moved = shifted(X[DIGIT : DIGIT + 1], 0, 1)
pair = [max_pool2d(x, 4)[0, 0] for x in (X[DIGIT : DIGIT + 1], moved)]
show.strip(
    [1 - enlarged(x) for x in (X[DIGIT, 0], pair[0], moved[0, 0], pair[1])],
    labels=["a digit", "largest of 4 × 4", "one pixel to the right", "largest of 4 × 4"],
    alt="A handwritten 2 and its map of the largest of 4 × 4 pixels; the same digit one pixel "
    "further right, and its map, in which some of the 49 squares have a different grey.",
    caption="The digit moves by one pixel. Some of the 49 answers change, others stay the same.",
)

# %% [markdown]
# ## How much changes when the digit moves by one pixel?
#
# The root of the sum of squared differences, divided by the same root for the maps in place, over
# all 5,000 digits. Two maps with the same root and no ink in common would give √2, about 1.4.


# %%
def change(way):
    before, after = way(X), way(shifted(X, 0, 1))
    return np.linalg.norm(after - before) / np.linalg.norm(before)


changes = {name: change(way) for name, way in WAYS.items()}

# %% name="changes"
table(
    ["what is kept", "numbers per digit", "change"],
    [[name, way(X[:1]).size, f"{100 * changes[name]:.0f} %"] for name, way in WAYS.items()],
)

# %% [markdown]
# ## What does a classifier lose?
#
# Least squares on 0 and 1, one output per class; 2,500 digits to learn from and the other 2,500 to
# test on, drawn again ten times. Large weights are penalised: how much is chosen for each way,
# among seven penalties, within the digits to learn from of the first draw of each block. The test
# digits are also moved to the right. The classifier learns from digits in place; for two more rows
# it learns from equally many digits, each moved to the right by a number of pixels drawn from 0 to
# 3. The second ten draws repeat the experiment with other seeds.

# %%
SHIFTS = (0, 1, 2, 3)
SPLITS = 10
SEEN = 2500
PENALTIES = (0.1, 1, 3, 10, 30, 100, 300)


def maps(way):
    """Numbers for each digit: one array (5000, D) per shift."""
    return [way(shifted(X, 0, by)).reshape(len(X), -1) for by in SHIFTS]


def drawn(features, seed, learn_moved):
    """What is known of the digits to learn from, their labels, and the places of the others."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(X))
    by = rng.integers(len(features), size=SEEN) if learn_moved else np.zeros(SEEN, dtype=int)
    return features[by, order[:SEEN]], y[order[:SEEN]], order[SEEN:]


def fitted(known, labels, penalties):
    """For each penalty a function that answers for new digits."""
    targets = np.eye(10)[labels]
    center, base = known.mean(axis=0), targets.mean(axis=0)
    known = known - center
    sizes, axes = np.linalg.eigh(known.T @ known)
    along = axes.T @ (known.T @ (targets - base))
    for penalty in penalties:
        weights = axes @ (along / (sizes[:, None] + penalty))
        yield lambda new, weights=weights: ((new - center) @ weights + base).argmax(axis=1)


def best_penalty(features, seed, learn_moved):
    """The penalty that reads most of the last 500 digits to learn from, after the others."""
    known, labels, _ = drawn(features, seed, learn_moved)
    answers = fitted(known[:-500], labels[:-500], PENALTIES)
    return PENALTIES[np.argmax([np.mean(a(known[-500:]) == labels[-500:]) for a in answers])]


def accuracies(features, seeds, learn_moved=False):
    """Accuracy on the test digits, (seeds, shifts)."""
    features = np.stack(features)
    penalty = best_penalty(features, seeds[0], learn_moved)
    scores = np.zeros((len(seeds), len(features)))
    for row, seed in enumerate(seeds):
        known, labels, test = drawn(features, seed, learn_moved)
        (answer,) = fitted(known, labels, [penalty])
        scores[row] = [np.mean(answer(tested[test]) == y[test]) for tested in features]
    return scores


BLOCKS = [range(SPLITS), range(100, 100 + SPLITS)]
scores = {}
for name, way in WAYS.items():
    features = maps(way)
    scores[name] = [accuracies(features, seeds) for seeds in BLOCKS]
    if name in ("all pixels", "largest of 2 × 2"):
        scores[f"{name}, moved digits to learn from"] = [
            accuracies(features, seeds, learn_moved=True) for seeds in BLOCKS
        ]

# %% name="scores"
table(
    ["read, in %", "in place", "by 1", "by 2", "by 3 pixels"],
    [
        [name, *(f"{100 * share:.1f}" for share in both[0].mean(axis=0))]
        for name, both in scores.items()
    ],
)

# %% name="scores_again"
table(
    ["read, in %", "in place", "by 1", "by 2", "by 3 pixels"],
    [
        [name, *(f"{100 * share:.1f}" for share in both[1].mean(axis=0))]
        for name, both in scores.items()
    ],
)


# %% [markdown]
# Differences, draw by draw, in percentage points: the mean and its 95 % t-interval (the draws share
# digits, so the interval is somewhat too narrow).


# %%
def gain(one, other, column):
    """Mean and half the interval of `one` minus `other`, for both blocks."""
    pairs = zip(scores[one], scores[other], strict=True)
    return [paired(100 * a[:, column], 100 * b[:, column]) for a, b in pairs]


COMPARED = {
    "every second pixel against all, in place": ("every second", "all pixels", 0),
    "2 × 2, largest against all pixels, in place": ("largest of 2 × 2", "all pixels", 0),
    "2 × 2, largest against all pixels, moved by 2": ("largest of 2 × 2", "all pixels", 2),
    "2 × 2, largest against average, in place": ("largest of 2 × 2", "average of 2 × 2", 0),
    "2 × 2, largest against average, moved by 2": ("largest of 2 × 2", "average of 2 × 2", 2),
    "2 × 2, largest, moved by 2: learned from moved digits against digits in place": (
        "largest of 2 × 2, moved digits to learn from",
        "largest of 2 × 2",
        2,
    ),
    "4 × 4, average against all pixels, in place": ("average of 4 × 4", "all pixels", 0),
    "4 × 4, largest against average, in place": ("largest of 4 × 4", "average of 4 × 4", 0),
}
gains = {name: gain(*which) for name, which in COMPARED.items()}

# %% name="gains"
table(
    ["comparison", "first ten draws", "second ten draws"],
    [
        [name, *(f"{mean:+.1f}\u00a0±\u00a0{half:.1f}".replace("-", "−") for mean, half in both)]
        for name, both in gains.items()
    ],
)

# %% name="numbers"
in_place = {name: 100 * both[0].mean(axis=0) for name, both in scores.items()}
values(
    all=f"{in_place['all pixels'][0]:.1f}",
    largest=f"{in_place['largest of 2 × 2'][0]:.1f}",
    second=f"{in_place['every second'][0]:.1f}",
    far_all=f"{in_place['all pixels'][2]:.0f}",
    far_largest=f"{in_place['largest of 2 × 2'][2]:.0f}",
    far_moved=f"{in_place['largest of 2 × 2, moved digits to learn from'][2]:.0f}",
    seen=f"{SEEN:,}",
    splits=SPLITS,
)

# %% [markdown]
# ## The whole map as one number
#
# Four kernels look for edges in four directions; negative answers become 0. Then each of the four
# maps is kept as the averages of 6 × 6 windows, each over 4 × 4 numbers, or as one average. The
# answers of opposite kernels are each other's negatives and add up to nearly zero over a digit, so
# the averages of their positive parts are nearly the same.

# %%
EDGE = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
edges = np.stack([np.rot90(EDGE, turns) for turns in range(4)])[:, None]
seen_edges = np.concatenate(
    [conv2d(part, edges, np.zeros(4)).clip(min=0) for part in np.split(X, 10)]
)
kept = {
    "average of each 4 × 4": average_pool2d(seen_edges, 4).reshape(len(X), -1),
    "one average per map": global_average(seen_edges),
}
whole = {name: 100 * accuracies([maps], BLOCKS[0]).mean() for name, maps in kept.items()}
opposite = np.abs(kept["one average per map"][:, :2] - kept["one average per map"][:, 2:]).mean()

# %% name="whole"
table(
    ["what is kept of the four maps", "numbers per digit", "accuracy"],
    [[name, kept[name].shape[1], f"{share:.1f} %"] for name, share in whole.items()]
    + [["always the same digit", 0, "10.0 %"]],
)

# %% [markdown]
# ## What this notebook claims

# %%
for name, sign in (
    ("every second pixel against all, in place", -1),
    ("2 × 2, largest, moved by 2: learned from moved digits against digits in place", 1),
    ("4 × 4, average against all pixels, in place", -1),
    ("4 × 4, largest against average, in place", -1),
):
    assert all(sign * mean > half for mean, half in gains[name]), (name, gains[name])
for mean, _ in gains["2 × 2, largest against all pixels, in place"]:
    assert mean > -1
assert changes["largest of 4 × 4"] < changes["largest of 2 × 2"] < changes["all pixels"]
assert changes["every second"] > 0.9 * changes["all pixels"]
assert in_place["largest of 2 × 2"][2] < in_place["largest of 2 × 2"][0] - 15
assert whole["average of each 4 × 4"] > whole["one average per map"] + 20
assert whole["one average per map"] > 20
assert np.all(np.bincount(y) == len(y) // 10)
assert opposite < 0.02
