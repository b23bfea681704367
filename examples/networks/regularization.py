# %% [markdown]
# # Regularisation, executed
#
# A curve that goes through every noisy point, and a price that calms it. Then nets that see 200
# real digits: weight decay, dropout, early stopping and augmentation, each compared with the same
# net without a remedy. All seeds are fixed. The text is in
# [the lesson](../../networks/regularization.md).

# %%
import numpy as np

from introdl import data, plot, show
from introdl.intervals import mean_interval, paired, seen
from introdl.networks.regularization import (
    Nets,
    all_shifts,
    fit,
    noisy_wave,
    powers,
    ridge,
    start,
    surprise,
)
from introdl.show import table, values

# %% [markdown]
# ## Ten points and a curve
#
# Synthetic data: one wave with noise. Ten points are fitted, 200 others are held out.

# %%
POINTS, NEW, DEGREE = 10, 200, 9


def draw(seed):
    """Ten points to fit, and 200 that the fit does not see."""
    rng = np.random.default_rng(seed)
    x, x_new = np.linspace(-1, 1, POINTS), rng.uniform(-1, 1, size=NEW)
    return x, noisy_wave(x, rng), x_new, noisy_wave(x_new, rng)


def errors(points, degree, penalty):
    """Mean squared error on the points that are fitted, and on the others."""
    x, y, x_new, y_new = points
    w = ridge(powers(x, degree), y, penalty)
    return [np.mean((powers(a, degree) @ w - b) ** 2) for a, b in [(x, y), (x_new, y_new)]]


first = draw(0)


def fitted(penalty, colour):
    x, y, x_new, y_new = first
    line = np.linspace(-1, 1, 300)
    fig, ax = plot.subplots(width=3.4, height=3)
    ax.plot(x_new[:60], y_new[:60], ".", color=plot.MUTED, ms=4, label="not fitted")
    ax.plot(line, powers(line, DEGREE) @ ridge(powers(x, DEGREE), y, penalty), color=colour)
    ax.plot(x, y, "o", color=plot.INK, ms=5, label="fitted")
    ax.set(xlabel="x", ylabel="y", ylim=(-2.6, 2.6))
    ax.legend(fontsize=8.5, loc="upper left")
    return fig


# %% name="through"
plot.figure(
    fitted(0, plot.ORANGE),
    alt="Ten black points and a curve that passes through each. Between the outer points it swings "
    "far away from the small grey points that were not fitted.",
    caption="Degree 9, no price. Sixty of the 200 points that were held out are in grey. "
    "Synthetic data.",
)

# %% name="still"
plot.figure(
    fitted(0.01, plot.BLUE),
    alt="The same ten points. The curve misses most of them a little, and runs calmly through the "
    "grey points that were not fitted.",
    caption="The same degree and points, with the price λ = 0.01. Synthetic data.",
)

# %%
show.data(
    "draws",
    [
        {"x": x, "y": y, "xNew": x_new, "yNew": y_new}
        for x, y, x_new, y_new in (draw(seed) for seed in range(6))
    ],
)

# %% [markdown]
# ## Which price, over many draws?
#
# The price is chosen on 50 draws, and compared with no price on 50 others, twice.

# %%
PRICES = np.logspace(-6, 2, 17)
sweep = np.array([[errors(draw(s), DEGREE, p) for p in PRICES] for s in range(50)])  # (50, 17, 2)
price = PRICES[sweep[:, :, 1].mean(axis=0).argmin()]


def as_text(found, digits=3):
    return found.text(digits).replace("\u00a0", " ")


curve_gain = []
for block in (range(50, 100), range(100, 150)):
    pairs = [[errors(draw(s), DEGREE, p)[1] for p in (price, 0)] for s in block]
    curve_gain.append(paired(*np.transpose(pairs)))

# %% name="sweep"
fig, ax = plot.subplots(width=3.6, height=3)
for k, (label, colour) in enumerate([("fitted points", plot.INK), ("held-out points", plot.BLUE)]):
    ax.plot(PRICES, sweep[:, :, k].mean(axis=0), "o-", ms=3.5, color=colour, label=label)
ax.axhline(0.09, color=plot.MUTED, ls=":")
ax.annotate("the noise alone", (2e-6, 0.1), color=plot.MUTED, fontsize=9)
ax.set(xscale="log", yscale="log", xlabel="price λ", ylabel="mean squared error")
ax.legend(fontsize=8.5)
plot.figure(
    fig,
    alt="Error against price, both axes by factors. On the fitted points it only rises. On the "
    "held-out points it falls first, is lowest in the middle, and then rises.",
    caption="Degree 9, the mean of 50 draws. Synthetic data.",
)

# %% name="curve_numbers"
values(
    price=f"{price:.2g}",
    one=as_text(curve_gain[0], 2),
    two=as_text(curve_gain[1], 2),
)

# %% [markdown]
# ## Real digits, few of them
#
# MNIST digits, shrunk to 14 by 14 pixels. In each split 200 are for training, 200 for choosing, and
# 1,500 for the test. No digit is in two parts.

# %%
images, digit = data.mnist()
TRAIN, VAL, TEST, HIDDEN = 200, 200, 1500, 32


def shrunk(pictures):
    """The mean of each square of four pixels, as rows: (..., 28, 28) to (..., 196)."""
    rows = pictures[..., ::2, :] + pictures[..., 1::2, :]  # (..., 14, 28)
    squares = (rows[..., ::2] + rows[..., 1::2]) / 4
    return squares.reshape(*pictures.shape[:-2], 196)


pixels = shrunk(images).astype(np.float32)


def split(seed):
    order = np.random.default_rng(seed).permutation(len(digit))
    return order[:TRAIN], order[TRAIN : TRAIN + VAL], order[-TEST:]


def right(nets, rows):
    return (nets.scores(pixels[rows]).argmax(axis=-1) == digit[rows]).mean(axis=-1)


def cost(nets, rows):
    return surprise(nets.scores(pixels[rows]), digit[rows])


# %% [markdown]
# The rate is chosen first, for the net without any remedy, on ten splits that are not among the
# twenty scored below.

# %%
PASSES, BATCH = 60, 50
RATES = [0.01, 0.1, 1]


def plain(rows, rate, seed, passes=PASSES, watch=None):
    rng = np.random.default_rng(seed)
    return fit(
        start(1, 196, HIDDEN, 10, rng),
        pixels[rows],
        digit[rows],
        passes=passes,
        batch=BATCH,
        rate=rate,
        rng=rng,
        penalty=np.zeros(1),
        drop=np.zeros(1),
        watch=watch,
    )


tried = [
    np.mean([right(plain(split(s)[0], rate, s), split(s)[1]) for s in range(100, 110)])
    for rate in RATES
]
rate = RATES[int(np.argmax(tried))]

# %% [markdown]
# ## Training and held-out digits part

# %%
parting = []
for seed in range(100, 110):
    train, val, _ = split(seed)
    log = []
    plain(
        train,
        rate,
        seed,
        watch=lambda n, log=log, train=train, val=val: log.append(
            [cost(n, train)[0], cost(n, val)[0], right(n, train)[0], right(n, val)[0]]
        ),
    )
    parting.append(log)
parting = np.mean(parting, axis=0)  # (passes + 1, 4)

# %% name="parting"
fig, ax = plot.subplots(width=3.7, height=3.1)
ax.plot(parting[:, 1], color=plot.BLUE, label="200 held-out digits")
ax.plot(parting[:, 0], color=plot.INK, label="200 training digits")
lowest = int(parting[:, 1].argmin())
ax.plot(lowest, parting[lowest, 1], "o", color=plot.BLUE)
ax.annotate("lowest", (lowest, parting[lowest, 1]), xytext=(-4, -15), textcoords="offset points")
ax.set(xlabel="passes through the training digits", ylabel="mean surprise", ylim=(0, 1.6))
ax.legend(fontsize=8.5)
plot.figure(
    fig,
    alt="Mean surprise against passes. On the training digits it falls to almost 0. On held-out "
    "digits it falls at first, is lowest early, and then rises slowly.",
    caption="The net without a remedy: the mean of ten splits.",
)

# %% [markdown]
# ## One digit, shifted

# %% name="shifts"
moved = all_shifts(images[digit == 5][:1], 2)[0]
show.strip(
    [moved[2, 2], moved[0, 2], moved[4, 2], moved[2, 0], moved[2, 4]],
    labels=["as it is", "up", "down", "left", "right"],
    alt="A handwritten 5, and the same 5 moved by two pixels up, down, left and right.",
    caption="A 5 remains a 5: shifts by two of 28 pixels.",
    columns=5,
)

# %% [markdown]
# ## Four remedies, twenty splits
#
# In each split every competitor keeps the try with the least surprise on the validation digits: one
# of five random starts for the plain net, one of five strengths for a remedy. Early stopping has
# the plain net's five runs, and may stop each after any pass. Last comes the plain net that also
# trains on the validation digits, for as many steps.

# %%
BLOCK, TRIES = 10, 5
STRENGTHS = {
    "weight decay": [0.0003, 0.001, 0.003, 0.01, 0.03],
    "dropout": [0.1, 0.2, 0.4, 0.6, 0.8],
    "augmentation": ["¼ by 1", "½ by 1", "all by 1", "all by 2", "all by 3"],
}
# What share of the digits is shifted, and by up to how many of the 28 pixels.
SHARE, REACH = np.array([0.25, 0.5, 1, 1, 1]), np.array([1, 1, 1, 2, 3])
MOST = REACH.max()
NO = np.zeros(TRIES)
penalty = np.concatenate([NO, STRENGTHS["weight decay"], NO, NO])
drop = np.concatenate([NO, NO, STRENGTHS["dropout"], NO])
RUNS = len(penalty)


def one(nets, run):
    return Nets(*(part[run : run + 1].copy() for part in nets))


def compete(seed):
    """Test surprise and share right of each competitor in one split, and what it chose."""
    train, val, test = split(seed)
    rng = np.random.default_rng(seed)
    best = {"surprise": np.inf}

    ready = shrunk(all_shifts(images[train], MOST)).astype(np.float32)  # (N, 7, 7, 196)

    def shift(rows):
        """The same pixels for fifteen runs; each of the last five has its own shifts."""
        move = rng.random((TRIES, len(rows))) < SHARE[:, None]
        reach = (REACH[:, None] * move)[None]
        down, across = rng.integers(-reach, reach + 1, size=(2, *move.shape)) + MOST
        same = np.broadcast_to(pixels[train[rows]], (RUNS - TRIES, len(rows), 196))
        return np.concatenate([same, ready[rows, down, across]])

    def stop(nets):
        now = cost(Nets(*(part[:TRIES] for part in nets)), val)
        passed = best["passes"] = best.get("passes", -1) + 1
        if now.min() < best["surprise"]:
            best.update(surprise=now.min(), nets=one(nets, now.argmin()), at=passed)

    nets = fit(
        start(RUNS, 196, HIDDEN, 10, rng),
        pixels[train],
        digit[train],
        passes=PASSES,
        batch=BATCH,
        rate=rate,
        rng=rng,
        penalty=penalty,
        drop=drop,
        change=shift,
        watch=stop,
    )
    kept, chosen = {}, {}
    on_val = cost(nets, val).reshape(-1, TRIES)
    for k, name in enumerate(["no remedy", *STRENGTHS]):
        choice = int(on_val[k].argmin())
        kept[name] = one(nets, k * TRIES + choice)
        chosen[name] = choice
    kept["early stopping"], chosen["early stopping"] = best["nets"], best["at"]
    both = np.concatenate([train, val])
    kept["twice the digits"] = plain(both, rate, seed, passes=PASSES // 2)
    return {n: (cost(k, test)[0], right(k, test)[0], chosen.get(n, 0)) for n, k in kept.items()}


results = [compete(seed) for seed in range(2 * BLOCK)]
NAMES = ["weight decay", "dropout", "early stopping", "augmentation", "twice the digits"]
scores = {n: np.array([r[n] for r in results]) for n in ["no remedy", *NAMES]}  # (20, 3)
majority = np.mean(
    [np.bincount(digit[split(s)[0]]).argmax() == digit[split(s)[2]] for s in range(20)]
)


# %%
def compared(name, column, other="no remedy"):
    """The paired difference on each block, as text; what was seen; and whether it was."""
    d = (scores[name][:, column] - scores[other][:, column]).reshape(2, BLOCK)
    found = [mean_interval(block) for block in d]
    clear = bool(seen(found))
    return [as_text(part) for part in found], ("seen" if clear else "no difference seen"), clear


def row(name):
    return [f"{scores[name][:, 0].mean():.3f}", f"{scores[name][:, 1].mean():.3f}"]


# %% name="scores"
table(
    ["", "surprise, unseen digits", "share right"],
    [
        ["always the commonest digit", "", f"{majority:.3f}"],
        *([name, *row(name)] for name in ["no remedy", *NAMES]),
    ],
)


# %%
def all_of(names):
    return " and ".join([", ".join(names[:-1])] * bool(names[:-1]) + names[-1:]) or "nothing"


def ahead(column):
    """The competitors whose intervals both exclude 0, on the side that is better."""
    better = -1 if column == 0 else 1
    means = {n: (scores[n] - scores["no remedy"])[:, column].mean() * better for n in NAMES}
    return [n for n in NAMES if compared(n, column)[2] and means[n] > 0]


def once(column, words):
    """Those whose interval excludes 0 in only one group, and on which side."""
    found = []
    for name in NAMES:
        d = (scores[name][:, column] - scores["no remedy"][:, column]).reshape(2, BLOCK)
        clear = [sign for sign in (mean_interval(block).sign for block in d) if sign]
        if len(clear) == 1:
            found.append(f"{name} ({words[int(clear[0] > 0)]})")
    return all_of(found)


# %%
def forest(column, label):
    """Two intervals per competitor, one per block of splits."""
    fig, ax = plot.subplots(width=3.4, height=3)
    for k, name in enumerate(reversed(NAMES)):
        d = (scores[name][:, column] - scores["no remedy"][:, column]).reshape(2, BLOCK)
        for block, (values_of, colour) in enumerate(zip(d, [plot.BLUE, plot.ORANGE], strict=True)):
            mean, half = mean_interval(values_of)
            at = k + 0.14 - 0.28 * block
            ax.errorbar(mean, at, xerr=half, fmt="o", ms=4, color=colour, capsize=3)
    ax.axvline(0, color=plot.INK, lw=1)
    ax.set(yticks=range(len(NAMES)), yticklabels=reversed(NAMES), xlabel=label)
    return fig


# %% name="surprise_gain"
plot.figure(
    forest(0, "change of surprise"),
    alt=f"Two intervals per row. Both lie left of 0 for {all_of(ahead(0))}.",
    caption="Change in surprise: left of 0 is better.",
)

# %% name="right_gain"
plot.figure(
    forest(1, "change of the share right"),
    alt=f"Two intervals per row. Both lie right of 0 for {all_of(ahead(1))}.",
    caption="Change in the share right: right of 0 is better.",
)

# %% name="compared"
table(
    ["minus no remedy", "splits 0 to 9", "splits 10 to 19", ""],
    [
        [f"{name}, {what}", *text, seen]
        for column, what in enumerate(["surprise", "share right"])
        for name in NAMES
        for text, seen, _ in [compared(name, column)]
    ],
)


# %% name="numbers"
values(
    calmer=all_of(ahead(0)),
    calmer_once=once(0, ["less", "more"]),
    better=all_of(ahead(1)),
    better_once=once(1, ["fewer", "more"]),
    calm_one=compared("twice the digits", 0, "augmentation")[0][0],
    calm_two=compared("twice the digits", 0, "augmentation")[0][1],
    more_one=compared("twice the digits", 1, "augmentation")[0][0],
    more_two=compared("twice the digits", 1, "augmentation")[0][1],
    steps=PASSES * TRAIN // BATCH,
    weights=f"{196 * HIDDEN + HIDDEN + HIDDEN * 10 + 10:,}",
    rate=rate,
    lowest=lowest,
    train_end=f"{parting[-1, 0]:.3f}",
    val_lowest=f"{parting[lowest, 1]:.2f}",
    val_end=f"{parting[-1, 1]:.2f}",
    fitted=f"{parting[-1, 2]:.0%}",
    val_right=f"{parting[-1, 3]:.0%}",
)

# %% name="chosen"
table(
    ["", "tried", "how often chosen, in 20 splits"],
    [
        *(
            [
                name,
                ", ".join(str(s) for s in tries),
                ", ".join(str(int((scores[name][:, 2] == k).sum())) for k in range(TRIES)),
            ]
            for name, tries in STRENGTHS.items()
        ),
        [
            "early stopping",
            f"after 0 to {PASSES} passes",
            f"after {scores['early stopping'][:, 2].min():.0f} to "
            f"{scores['early stopping'][:, 2].max():.0f}",
        ],
    ],
)

# %% [markdown]
# ## What this notebook claims

# %%
assert (POINTS, NEW, DEGREE, TRAIN, VAL, TEST, HIDDEN) == (10, 200, 9, 200, 200, 1500, 32)
assert (PASSES, BATCH, TRIES, BLOCK) == (60, 50, 5, 10)  # as the page says
assert errors(first, DEGREE, 0)[0] < 1e-10  # through every point
assert errors(first, DEGREE, 0)[1] > 2 * errors(first, DEGREE, 0.01)[1]
assert parting[-1, 1] > parting[lowest, 1] + 0.05
assert parting[-1, 0] < 0.02
assert scores["weight decay"][:, 0].mean() < scores["no remedy"][:, 0].mean()
assert scores["twice the digits"][:, 1].mean() > scores["no remedy"][:, 1].mean()
assert compared("twice the digits", 1, "augmentation")[2]
assert not compared("twice the digits", 0, "augmentation")[2]
