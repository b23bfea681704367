# %% [markdown]
# # Transfer, executed
#
# Small nets learn the ten digits of MNIST. Then they are the start for other pictures: the digits
# of scikit-learn, which other people wrote, and photographs of brick, grass and gravel. What does
# that bring against a random start, with few labels and with many? All seeds are fixed. The text is
# in [the lesson](../../vision/transfer.md).

# %%
import numpy as np
from scipy import ndimage, stats
from sklearn.linear_model import LogisticRegression

from introdl import data, handed, plot, show
from introdl.show import table, values
from introdl.vision.transfer import Nets, carry, shares, start, train

BLOCKS = [list(range(8)), list(range(100, 108))]
SEEDS = BLOCKS[0] + BLOCKS[1]
TUNING = [1000, 1001]  # the nets that serve to choose a rate
STEPS = 120  # updates on a new task, the same for all
FIRST = 300  # updates on the first task
BATCH = 25

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
SIZES = {NEAR: (10, 20, 50, 100, 300), FAR: (15, 150)}

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
# Four rates are tried for each arm, number of examples and task, with two nets that serve for
# nothing else, and the rate stays that reads the most pictures laid aside.

# %%
FULL, HEAD = (0.001, 0.003, 0.01, 0.03), (0.003, 0.01, 0.03, 0.1)
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
    groups = []
    for i in range(0, len(seeds), 4):
        group = seeds[i : i + 4]
        begin = carry(part(nets, slice(i, i + 4)), copied, group, task.classes)
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
# Logistic regression on the pixels: its penalty is chosen in the same way, among four.

# %%
PIXELS = "logistic regression"
PRICES = (0.01, 0.1, 1, 10)


def logistic(task, rows, test, price):
    model = LogisticRegression(C=price, max_iter=60, tol=0.01)
    flat = task.pictures.reshape(len(task.pictures), -1)
    model.fit(flat[rows], task.labels[rows])
    return 100 * (model.predict(flat[test]) == task.labels[test]).mean()


