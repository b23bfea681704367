# %% [markdown]
# # Transfer, executed
#
# Small nets learn the ten digits of MNIST. Then they are the start for other pictures: the digits
# of scikit-learn, which other people wrote, and photographs of brick, grass and gravel. What does
# that bring against a random start, with few labels and with many? All seeds are fixed. The text is
# in [the lesson](../../vision/transfer.md).

# %%
import numpy as np
from scipy import ndimage

from introdl import data, handed, plot, show
from introdl.intervals import mean_interval, paired, seen
from introdl.show import table, values
from introdl.vision.transfer import Nets, carry, shares, start, train

BLOCKS = [list(range(8)), list(range(100, 108))]
SEEDS = BLOCKS[0] + BLOCKS[1]
TUNING = [1000, 1001]  # the nets that serve to choose a rate
STEPS = 100  # updates on a new task, the same for all
FIRST = 300  # updates on the first task
BATCH = 20

# %% [markdown]
# ## The first task: MNIST
#
# Eighteen nets learn from the same 4,000 digits, each from first weights of its own; two of them
# serve to choose rates. 1,000 digits are kept aside.

# %%
X, y = data.mnist()
X = X.astype(np.float32)
order = np.random.default_rng(0).permutation(len(y))
LEARN, KEPT = order[:4000], order[4000:]


def source_nets(seeds):
    """Nets that know MNIST, one per seed, trained four side by side."""
    groups = [seeds[i : i + 4] for i in range(0, len(seeds), 4)]
    return joined(
        train(
            start(group, 10),
            X,
            y,
            np.stack([LEARN] * len(group)),
            seeds=group,
            rate=0.01,
            steps=FIRST,
            batch=BATCH,
        )
        for group in groups
    )


def joined(groups):
    return Nets(*(np.concatenate(parts) for parts in zip(*groups, strict=True)))


def part(nets, which):
    return Nets(*(w[which] for w in nets))


def right(nets, pictures, labels):
    """The share in percent that each net reads, (R,): pictures (R, N, 28, 28), labels (R, N)."""
    return 100 * (shares(nets, pictures).argmax(axis=2) == labels).mean(axis=1)


source, tuning_source = source_nets(SEEDS), source_nets(TUNING)
known = np.concatenate([right(part(source, [r]), X[KEPT][None], y[KEPT][None]) for r in range(16)])
handed.keep("source", **{name: w[:1] for name, w in source._asdict().items()})

# %% [markdown]
# ## Two new tasks
#
# Near: 1,797 digits that ship in scikit-learn, 8 × 8 pixels, enlarged to 20 × 20 with a border of
# paper. Far: squares of 28 × 28 pixels cut out of three photographs, without overlap, each
# stretched so that its darkest pixel is 0 and its brightest 1.

# %%
small, digit = data.digits()
small = small.reshape(-1, 8, 8)
small = small / small.max()
large = ndimage.zoom(small, (1, 2.5, 2.5), order=1, grid_mode=True, mode="grid-constant")
near = np.pad(large, ((0, 0), (4, 4), (4, 4))).astype(np.float32)

GROUNDS = ("brick", "grass", "gravel")
cut = [
    data.photograph(name)[:504, :504].reshape(18, 28, 18, 28).swapaxes(1, 2).reshape(-1, 28, 28)
    for name in GROUNDS
]
ground = np.repeat(np.arange(3), [len(squares) for squares in cut])
far = np.concatenate(cut)
low, high = (f(far, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
far = ((far - low) / (high - low)).astype(np.float32)


# %%
class Task:
    """Pictures with classes: some to choose rates on, and for each seed some to test on."""

    def __init__(self, pictures, labels, classes, choose, test):
        self.pictures, self.labels, self.classes = pictures, labels, classes
        drawn = np.random.default_rng(1).permutation(len(labels))
        self.choose, self.rest, self.test = drawn[:choose], drawn[choose:], test

    def split(self, seed, size):
        """Shuffle: rows to test on, and rows to learn from, equally many of each class."""
        drawn = np.random.default_rng(seed).permutation(self.rest)
        pool, each = drawn[self.test :], size // self.classes
        of_class = [pool[self.labels[pool] == k][:each] for k in range(self.classes)]
        return drawn[: self.test], np.concatenate(of_class)


NEAR = Task(near, digit, 10, choose=300, test=600)
FAR = Task(far, ground, 3, choose=200, test=300)
SIZES = {NEAR: (10, 30, 100, 300), FAR: (150,)}

# %% name="pictures"
PICTURED = [(X, y, "MNIST"), (near, digit, "scikit-learn"), (far, ground, "photograph")]
show.strip(
    [
        1 - pictures[np.flatnonzero(labels == k)[2]]
        for pictures, labels, _ in PICTURED
        for k in (0, 1, 2)
    ],
    labels=[
        f"{name}: {GROUNDS[k] if name == 'photograph' else k}"
        for _, _, name in PICTURED
        for k in (0, 1, 2)
    ],
    columns=3,
    alt="Three rows of pictures: handwritten digits of MNIST, coarser handwritten digits, and "
    "squares of brick, grass and gravel.",
    caption="The first task, the near one and the far one. All are real; the photographs are shown "
    "dark for bright.",
)

# %% [markdown]
# ## The arms, and a rate for each
#
# Five rates are tried for each arm, number of examples and task, with two nets that serve for
# nothing else, and the rate stays that reads the most pictures laid aside.

# %%
FULL, HEAD = (0.001, 0.003, 0.01, 0.03, 0.1), (0.004, 0.02, 0.1, 0.5, 2.5)
#: Layers copied, layers frozen, rates to try.
ARMS = {
    "frozen": (2, 2, HEAD),
    "fine-tuned": (2, 0, FULL),
    "from scratch": (0, 0, FULL),
    "random, frozen": (0, 2, HEAD),
}
COPIES = {"one layer copied": (1, 0, FULL)}


def trained(task, size, arm, rate, seeds, nets):
    copied, frozen, _ = (ARMS | COPIES)[arm]
    groups, many = [], 16 if frozen else 4  # side by side
    for i in range(0, len(seeds), many):
        group = seeds[i : i + many]
        begin = carry(part(nets, slice(i, i + many)), copied, group, task.classes)
        rows = np.stack([task.split(seed, size)[1] for seed in group])
        learn = {"seeds": group, "rate": rate, "steps": STEPS, "batch": BATCH, "frozen": frozen}
        groups.append(train(begin, task.pictures, task.labels, rows, **learn))
    return joined(groups)


def chosen(task, size, arm):
    """The rates' shares read of the pictures laid aside."""
    x, labels = (np.stack([a[task.choose]] * 2) for a in (task.pictures, task.labels))
    return [
        right(trained(task, size, arm, rate, TUNING, tuning_source), x, labels).mean()
        for rate in (ARMS | COPIES)[arm][2]
    ]


nets, scores, tried, rates = {}, {}, {}, {}


def run(task, size, arm):
    key = task, size, arm
    tried[key] = chosen(*key)
    rates[key] = (ARMS | COPIES)[arm][2][int(np.argmax(tried[key]))]
    nets[key] = trained(*key, rates[key], SEEDS, source)
    rows = np.stack([task.split(seed, size)[0] for seed in SEEDS])
    scores[key] = right(nets[key], task.pictures[rows], task.labels[rows])


for task, sizes in SIZES.items():
    for size in sizes:
        for arm in ARMS:
            run(task, size, arm)
for size in (10, 100):
    run(NEAR, size, "one layer copied")

# %% [markdown]
# The plain rival learns nothing: it looks for the labelled picture with the nearest pixels and
# repeats its label.

# %%
NEAREST = "nearest picture"


def nearest(task, seed, size):
    test, rows = task.split(seed, size)
    flat = task.pictures.reshape(len(task.pictures), -1)
    apart = (flat[rows] ** 2).sum(axis=1) - 2 * flat[test] @ flat[rows].T
    return 100 * (task.labels[rows][apart.argmin(axis=1)] == task.labels[test]).mean()


for task, sizes in SIZES.items():
    for size in sizes:
        scores[task, size, NEAREST] = np.array([nearest(task, seed, size) for seed in SEEDS])

# %% [markdown]
# ## What it is worth


# %%
def table_of(task):
    """One row per arm: a phone shows five narrow columns, not six."""
    return table(
        ["", *(f"{size} labels" for size in SIZES[task])],
        [
            [arm, *(f"{scores[task, size, arm].mean():.1f}" for size in SIZES[task])]
            for arm in (*ARMS, NEAREST)
        ],
    )


# %% name="scores"
table_of(NEAR)

# %% name="far"
table_of(FAR)


# %%
def gain(task, size, arm, rival="from scratch"):
    """The paired difference in points, on each block of eight."""
    one, other = scores[task, size, arm], scores[task, size, rival]
    return [paired(one[:8], other[:8]), paired(one[8:], other[8:])]


def points(*key):
    return " and ".join(found.text() for found in gain(*key))


PAIRS = [
    ("frozen", "from scratch"),
    ("fine-tuned", "from scratch"),
    ("fine-tuned", "frozen"),
    ("frozen", "random, frozen"),
    ("fine-tuned", NEAREST),
    ("from scratch", NEAREST),
]


def where(arm, rival, sign):
    """The sizes of the near task at which a difference is seen (1 up, -1 down) or not (0)."""
    both = {size: gain(NEAR, size, arm, rival) for size in SIZES[NEAR]}
    found = {size: seen(pair) for size, pair in both.items()}
    *first, last = [str(size) for size, way in found.items() if way == sign] or ["none of these"]
    return " and ".join([", ".join(first), last] if first else [last])


def word(task, size, arm, rival="from scratch"):
    return text_of[bool(seen(gain(task, size, arm, rival)))]


text_of = {True: "a difference is seen", False: "no difference is seen"}


def gains_of(task):
    return table(
        ["nets; labels", "first eight", "other eight"],
        [
            [
                f"{arm} − {rival}; {size}",
                *(found.text() for found in gain(task, size, arm, rival)),
            ]
            for size in SIZES[task]
            for arm, rival in PAIRS
        ],
    )


# %% name="gains"
gains_of(NEAR)

# %% name="far_gains"
gains_of(FAR)


# %%
def settings_of(several):
    """The shares read with each of five rates; the chosen rate's is bold."""
    return table(
        ["net; labels", *map(str, several)],
        [
            [
                f"{arm}; {size}{', far' if task is FAR else ''}",
                *(
                    f"**{share:.0f}**" if rate == rates[task, size, arm] else f"{share:.0f}"
                    for rate, share in zip(several, shares_read, strict=True)
                ),
            ]
            for (task, size, arm), shares_read in tried.items()
            if (ARMS | COPIES)[arm][2] == several
        ],
    )


# %% name="settings"
settings_of(HEAD)

# %% name="settings_all"
settings_of(FULL)

# %%
COLOURS = {
    "frozen": plot.ORANGE,
    "fine-tuned": plot.BLUE,
    "from scratch": plot.INK,
    "random, frozen": plot.MUTED,
}

# %% name="curve"
fig, ax = plot.subplots(width=3.7, height=3)
for k, (arm, colour) in enumerate(COLOURS.items()):
    found = np.array([mean_interval(scores[NEAR, size, arm]) for size in SIZES[NEAR]])
    ax.errorbar(
        np.array(SIZES[NEAR]) * 1.03 ** (k - 1.5),
        *found.T,
        color=colour,
        marker="o",
        ms=3.5,
        label=arm,
    )
ax.set(xscale="log", xlabel="labelled digits", ylabel="new digits read, %", ylim=(30, 100))
ax.set_xticks(SIZES[NEAR], [str(size) for size in SIZES[NEAR]])
ax.minorticks_off()
ax.legend(fontsize=8.5, loc="lower right")
plot.figure(
    fig,
    alt="Share of new digits read over the number of labelled ones, for four kinds of nets. On the "
    "left the frozen and the fine-tuned net lie highest and the random frozen one lowest. On the "
    "right the fine-tuned net and the one from scratch lie close together.",
    caption="The near task: means of 16 nets, with 95 % intervals of each mean. For differences "
    "between nets see the paired intervals in the text.",
)

# %% [markdown]
# ## How many layers to copy, and what is forgotten

# %% name="layers"
COPIED = {
    "none copied": "from scratch",
    "one layer copied": "one layer copied",
    "two layers copied": "fine-tuned",
}
table(
    ["", "10 labels", "100 labels"],
    [
        *(
            [name, *(f"{scores[NEAR, size, arm].mean():.1f}\u00a0%" for size in (10, 100))]
            for name, arm in COPIED.items()
        ),
        ["one less none", *(points(NEAR, size, "one layer copied") for size in (10, 100))],
        [
            "two less one",
            *(points(NEAR, size, "fine-tuned", "one layer copied") for size in (10, 100)),
        ],
    ],
)

# %%
forgot = {}
for size in (10, 100, 300):
    tuned = nets[NEAR, size, "fine-tuned"]
    old_head = Nets(*tuned[:4], *source[4:])
    forgot[size] = np.concatenate(
        [right(part(old_head, [r]), X[KEPT][None], y[KEPT][None]) for r in range(16)]
    )

# %% name="forgetting"
table(
    ["fine-tuned on", "rate", "MNIST digits read with the old head"],
    [["nothing", "", f"{known.mean():.1f} %"]]
    + [
        [f"{size} digits", rates[NEAR, size, "fine-tuned"], f"{share.mean():.1f} %"]
        for size, share in forgot.items()
    ],
)

# %% [markdown]
# ## What the page gets
#
# For the figure: means and intervals, the kernels of the first net of each arm, and what these nets
# say of eight test digits.

# %%
SHOWN = NEAR.split(0, 300)[0][:8]
answers = {
    arm: [
        shares(part(nets[NEAR, size, arm], [0]), near[SHOWN][None])[0].argmax(axis=1).tolist()
        for size in SIZES[NEAR]
    ]
    for arm in ARMS
}
show.data(
    "arms",
    {
        "sizes": SIZES[NEAR],
        "arms": list(ARMS),
        "means": {
            arm: [mean_interval(scores[NEAR, size, arm]) for size in SIZES[NEAR]] for arm in ARMS
        },
        "kernels": {
            arm: [nets[NEAR, size, arm].w1[0].T.tolist() for size in SIZES[NEAR]] for arm in ARMS
        },
        "answers": answers,
        "digits": digit[SHOWN].tolist(),
        "pictures": np.round(near[SHOWN].reshape(8, -1), 2).tolist(),
    },
    digits=3,
)

# %% name="numbers"
values(
    fine_ahead=where("fine-tuned", "from scratch", 1),
    frozen_ahead=where("frozen", "from scratch", 1),
    pair_even=where("fine-tuned", "frozen", 0),
    pair_ahead=where("fine-tuned", "frozen", 1),
    frozen_behind=where("frozen", "from scratch", -1),
    far_fine_word=word(FAR, 150, "fine-tuned"),
    far_frozen_word=word(FAR, 150, "frozen"),
    far_control_word=word(FAR, 150, "frozen", "random, frozen"),
    one_word=word(NEAR, 10, "one layer copied"),
    known=f"{known.mean():.0f}",
    steps=STEPS,
    first=FIRST,
    ten_fine=points(NEAR, 10, "fine-tuned"),
    hundred_fine=points(NEAR, 100, "fine-tuned"),
    most_fine=points(NEAR, 300, "fine-tuned"),
    control=points(NEAR, 10, "frozen", "random, frozen"),
    far_fine=points(FAR, 150, "fine-tuned"),
    far_frozen=points(FAR, 150, "frozen"),
    far_control=points(FAR, 150, "frozen", "random, frozen"),
    nearest=points(NEAR, 10, "fine-tuned", NEAREST),
    nearest_even=where("fine-tuned", NEAREST, 0),
    nearest_ahead=where("fine-tuned", NEAREST, -1),
    nearest_hundred=points(NEAR, 100, "fine-tuned", NEAREST),
    nearest_most=points(NEAR, 300, "fine-tuned", NEAREST),
)

# %% [markdown]
# ## What this notebook claims

# %%
assert known.min() > 80
for block in (0, 1):
    for arm in ("frozen", "fine-tuned"):
        assert gain(NEAR, 10, arm)[block][0] > 3
    assert gain(NEAR, 10, "fine-tuned")[block][0] > gain(NEAR, 300, "fine-tuned")[block][0]
    assert gain(NEAR, 10, "frozen", "random, frozen")[block][0] > 8
    assert gain(NEAR, 10, "fine-tuned", "one layer copied")[block][0] > 1
    assert gain(FAR, 150, "fine-tuned")[block][0] < 4
    assert gain(FAR, 150, "frozen")[block][0] < -4
    assert gain(NEAR, 300, "fine-tuned", NEAREST)[block][0] < 0
for arm in ARMS:
    for size in (100, 300):
        assert seen(gain(NEAR, size, arm, NEAREST)) == -1, "the nearest picture is ahead of all"
