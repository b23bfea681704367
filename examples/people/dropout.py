# %% [markdown]
# # Dropout, executed
#
# Nets are trained with and without dropout, and then lose hidden units. Thin nets answer alone and
# together. The text is in [the lesson](../../people/dropout.md).

# %%
import numpy as np
from scipy import stats
from scipy.special import softmax

from introdl import data, plot, show
from introdl.networks.regularization import Nets, drop_mask, fit, start
from introdl.people.dropout import all_masks, chances, removed, thin, together
from introdl.show import table, values

# %% [markdown]
# ## Sixteen times six nets
#
# MNIST digits, shrunk to 14 by 14 pixels. For each of sixteen seeds the digits are dealt out again:
# 400 for training, 1,500 for the test. Five nets are trained without dropout, from different first
# weights. One is trained with dropout of ½ on its hidden units, from the first net's first weights.
# All see the same batches.

# %%
images, digit = data.mnist()
pixels = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196).astype(np.float32)
TRAIN, TEST, HIDDEN, PASSES, BATCH, RATE = 400, 1500, 64, 50, 50, 0.1
BLOCK, CROWD = 8, 5
STEPS = PASSES * TRAIN // BATCH


def split(seed, train=TRAIN):
    order = np.random.default_rng(seed).permutation(len(digit))
    return order[:train], order[-TEST:]


def paired(runs, hidden, rng):
    """First weights; the last net begins as the first does."""
    first = start(runs, 196, hidden, 10, rng)
    for part in first:
        part[-1] = part[0]
    return first


def one(nets, run):
    """Weights of a single net: W1 (D, H), b1 (1, H), W2 (H, K), b2 (1, K)."""
    return Nets(*(part[run] for part in nets))


def trained(seed, runs, hidden=HIDDEN, train=TRAIN, passes=PASSES, watch=None):
    rows, _ = split(seed, train)
    rng = np.random.default_rng([seed, hidden, train])
    return fit(
        paired(runs, hidden, rng),
        pixels[rows],
        digit[rows],
        passes=passes,
        batch=BATCH,
        rate=RATE,
        rng=rng,
        penalty=np.zeros(runs),
        drop=np.append(np.zeros(runs - 1), 0.5),
        watch=watch,
    )


def score(shares, y):
    """Surprise and the share right, from shares (..., N, K): (..., 2)."""
    surprise = -np.log(shares[..., np.arange(len(y)), y]).mean(axis=-1)
    return np.stack([surprise, (shares.argmax(axis=-1) == y).mean(axis=-1)], axis=-1)


def hidden_of(net, X):
    return np.maximum(X @ net.W1 + net.b1, 0).astype(float)


def by_masks(net, X, masks, keep):
    """Shares that each thin net gives, (M, N, K)."""
    return softmax(thin(hidden_of(net, X), net.W2, net.b2[0], masks, keep), axis=-1)


GONE = [0, 16, 32, 48, 56]
COUNTS = [1, 3, 10, 30]
results, kept = [], None
for seed in range(2 * BLOCK):
    rows, test = split(seed)
    X, y = pixels[test], digit[test]
    after = []

    def watch(nets, after=after, X=X):
        after.append(nets.scores(X).astype(float) if len(after) == PASSES // CROWD else None)

    nets = trained(seed, CROWD + 1, watch=watch)
    shares = softmax(nets.scores(X).astype(float), axis=-1)  # (6, N, 10)
    early = softmax(after[PASSES // CROWD], axis=-1)
    rng = np.random.default_rng([seed, 1])
    lot = (rng.random((max(COUNTS), HIDDEN)) < 0.5).astype(float)
    crowd = by_masks(one(nets, CROWD), X, lot, 0.5)
    found = {
        "without": score(shares[0], y),
        "with": score(shares[CROWD], y),
        "five, same steps in all": score(early[:CROWD].mean(axis=0), y),
        "five, each all steps": score(shares[:CROWD].mean(axis=0), y),
    }
    found |= {n: score(crowd[:n].mean(axis=0), y) for n in COUNTS}
    for gone in GONE:
        masks = removed(HIDDEN, gone, 10, rng)
        keep = 1 - gone / HIDDEN
        for name, run in (("without", 0), ("with", CROWD)):
            found[name, gone] = score(by_masks(one(nets, run), X, masks, keep), y).mean(axis=0)
    active, linked, spread = [], [], []
    for run in (0, CROWD):
        a = hidden_of(one(nets, run), X)
        alive = a.std(axis=0) > 1e-3
        active.append((a > 0).mean())
        c = np.corrcoef(a[:, alive].T)
        linked.append(np.abs(c[np.triu_indices(len(c), 1)]).mean())
        now, dropped = a.var(axis=0), 2 * (a**2).mean(axis=0) - a.mean(axis=0) ** 2
        spread.append(np.median(dropped[alive] / now[alive]))
    found |= {"active": active, "linked": linked, "spread": spread}
    results.append(found)
    if seed == 0:
        kept = nets


# %%
def gap(d):
    """Means with 95 % t-intervals of two blocks, and whether both exclude 0 on one side."""
    d = np.asarray(d).reshape(2, -1)
    half = stats.t.ppf(0.975, d.shape[1] - 1) * d.std(axis=1, ddof=1) / np.sqrt(d.shape[1])
    mean = d.mean(axis=1)
    seen = (abs(mean) > half).all() and mean[0] * mean[1] > 0
    return mean, half, bool(seen)


def words(d, scale=1, digits=3):
    mean, half, seen = gap(d)
    texts = [
        f"{scale * m:+.{digits}f} ± {scale * h:.{digits}f}".replace("-", "−")
        for m, h in zip(mean, half, strict=True)
    ]
    return [*texts, "seen" if seen else "no difference seen"]


def of(name):
    return np.array([r[name] for r in results])  # (16, 2): surprise, right


# %% [markdown]
# ## Units are taken away

# %% name="curve"
fig, ax = plot.subplots(width=3.7, height=3)
share = 100 * np.array(GONE) / HIDDEN
for name, colour, mark in (("with", plot.BLUE, "o"), ("without", plot.ORANGE, "s")):
    right = np.array([of((name, g))[:, 1] for g in GONE])  # (5, 16)
    for k, style in enumerate(("-", "--")):
        block = right[:, k * BLOCK : (k + 1) * BLOCK].mean(axis=1)
        label = None if k else f"{name} dropout"
        ax.plot(share, 100 * block, mark + style, ms=4, color=colour, label=label)
ax.set(xlabel="hidden units taken away, %", ylabel="right, %", ylim=(0, 100))
ax.legend(loc="lower left")
plot.figure(
    fig,
    alt="Digits right against the share of hidden units taken away. With nothing taken away, both "
    "lines begin close together. Without dropout the line falls steeply from the start. With "
    "dropout it bends later. At the end both are low.",
    caption="Means of eight seeds, solid, and of eight others, dashed. Ten random draws per seed.",
)

# %% name="gaps"
table(
    ["taken away, out of 64", "without", "with", "with − without, seeds 0–7", "seeds 8–15", ""],
    [
        [
            g,
            f"{100 * of(('without', g))[:, 1].mean():.1f}",
            f"{100 * of(('with', g))[:, 1].mean():.1f}",
            *words(of(("with", g))[:, 1] - of(("without", g))[:, 1], 100, 1),
        ]
        for g in GONE
    ],
)

# %% [markdown]
# ## One net, or many thin ones?


# %%
def against_one(column, scale, label):
    fig, ax = plot.subplots(width=3.4, height=2.8)
    for k, (colour, shift, mark) in enumerate([(plot.BLUE, 0.94, "o"), (plot.ORANGE, 1.06, "s")]):
        found = [gap(of(n)[:, column] - of("with")[:, column]) for n in COUNTS]
        ax.errorbar(
            np.array(COUNTS) * shift,
            [scale * m[k] for m, _, _ in found],
            yerr=[scale * h[k] for _, h, _ in found],
            fmt=mark,
            ms=4,
            capsize=3,
            color=colour,
            label=("seeds 0–7", "seeds 8–15")[k],
        )
    ax.axhline(0, color=plot.INK, lw=1)
    ax.set(xscale="log", xlabel="thin nets that answer together", ylabel=label)
    ax.set_xticks(COUNTS, COUNTS)
    ax.minorticks_off()
    ax.legend(fontsize=8.5)
    return fig


# %% name="thin_right"
plot.figure(
    against_one(1, 100, "right, %, minus one net"),
    alt="Intervals against the number of thin nets. With one thin net they lie clearly below 0. "
    "They rise, and with thirty they include 0.",
    caption="Digits right: up is better.",
)

# %% name="thin_surprise"
plot.figure(
    against_one(0, 1, "surprise, minus one net"),
    alt="Intervals against the number of thin nets. With one thin net they lie clearly above 0. "
    "With ten and with thirty they lie clearly below 0.",
    caption="Surprise: down is better.",
)

# %% name="crowd"
ROWS = [
    ("one net, no dropout", "without", STEPS),
    ("five nets, no dropout", "five, same steps in all", f"5 × {STEPS // CROWD}"),
    ("five nets, no dropout", "five, each all steps", f"5 × {STEPS}"),
    ("dropout: one net, all units", "with", STEPS),
    ("dropout: 30 thin nets", 30, STEPS),
]
majority = np.mean(
    [
        digit[new] == np.bincount(digit[rows]).argmax()
        for rows, new in (split(s) for s in range(2 * BLOCK))
    ]
)
table(
    ["who answers", "training steps", "surprise", "right out of 100"],
    [
        ["always the most common of the 400 digits", 0, "", f"{100 * majority:.1f}"],
        *(
            [who, steps, f"{of(n)[:, 0].mean():.2f}", f"{100 * of(n)[:, 1].mean():.1f}"]
            for who, n, steps in ROWS
        ),
    ],
)

# %% name="compared"
PAIRS = [
    ("dropout − no dropout", "with", "without"),
    ("30 thin − one net with dropout", 30, "with"),
    ("1 thin − one net with dropout", 1, "with"),
    ("five nets, same steps in all − dropout", "five, same steps in all", "with"),
    ("five nets, each all steps − dropout", "five, each all steps", "with"),
    ("five nets, each all steps − 30 thin", "five, each all steps", 30),
]
table(
    ["", "seeds 0–7", "seeds 8–15", ""],
    [
        [f"{name}: {what}", *words(of(a)[:, c] - of(b)[:, c], scale, digits)]
        for c, what, scale, digits in ((1, "right out of 100", 100, 2), (0, "surprise", 1, 3))
        for name, a, b in PAIRS
    ],
)

# %% [markdown]
# ## What the hidden units do

# %% name="units"
table(
    ["", "without", "with", "with − without, seeds 0–7", "seeds 8–15", ""],
    [
        [
            name,
            f"{a.mean():.2f}",
            f"{b.mean():.2f}",
            *words(b - a),
        ]
        for name, (a, b) in (
            ("share of units above 0", of("active").T),
            ("size of the correlation between two units", of("linked").T),
        )
    ],
)

# %% [markdown]
# ## Where it does not help: a small net, and many digits
#
# Eight hidden units, 400 digits; and 64 hidden units, 3,000 digits, for about as many steps.

# %%
places = {}
for name, hidden, train, passes in (("8", 8, 400, 50), ("64", 64, 3000, 7)):
    pairs = []
    for seed in range(2 * BLOCK):
        test = split(seed)[1]
        nets = trained(seed, 2, hidden, train, passes)
        found = softmax(nets.scores(pixels[test]).astype(float), axis=-1)
        pairs.append(score(found, digit[test])[:, 1])
    places[name] = np.array(pairs)

# %% name="places"
table(
    ["", "without", "with", "with − without, seeds 0–7", "seeds 8–15", ""],
    [
        [
            f"{hidden} hidden units, {train} digits",
            *(f"{100 * v:.1f}" for v in pairs.mean(axis=0)),
            *words(pairs[:, 1] - pairs[:, 0], 100, 1),
        ]
        for hidden, train, pairs in (
            (64, 400, np.stack([of("without")[:, 1], of("with")[:, 1]], axis=1)),
            (8, 400, places["8"]),
            (64, "3,000", places["64"]),
        )
    ],
)

# %% [markdown]
# ## A ReLU after the gap: all 4,096 masks
#
# Now the *inputs* are dropped, before hidden units with ReLU. Digits of scikit-learn, shrunk to 4
# by 4 pixels without the corners: 12 inputs, so that all masks can be listed. Beside it, 64 inputs
# and 300 random masks.

# %%
full, label = data.digits()
coarse = np.delete(
    full.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16), [0, 3, 12, 15], 1
)
INPUTS_SEEN, INPUTS_NEW, MASKS, SEEDS = 1200, 200, 300, 6


def inputs_dropped(pictures, drop, seed):
    """Right: one net, mean of thin nets, geometric mean; and how far the one net's shares are."""
    rng = np.random.default_rng([seed, 2])
    order = rng.permutation(len(label))
    rows, new = order[:INPUTS_SEEN], order[INPUTS_SEEN : INPUTS_SEEN + INPUTS_NEW]
    n = pictures.shape[1]
    net = one(
        fit(
            start(1, n, 32, 10, rng),
            pictures[rows],
            label[rows],
            passes=40,
            batch=BATCH,
            rate=RATE,
            rng=rng,
            penalty=np.zeros(1),
            drop=np.zeros(1),
            change=lambda at: pictures[rows[at]] * drop_mask((len(at), n), drop, rng),
        ),
        0,
    )
    keep = 1 - drop
    if n <= 12:
        masks = all_masks(n)
        weight = chances(masks, keep)
    else:
        masks, weight = (rng.random((MASKS, n)) < keep).astype(float), np.full(MASKS, 1 / MASKS)
    h = np.maximum(thin(pictures[new], net.W1, net.b1[0], masks, keep), 0)
    z = h @ net.W2 + net.b2
    mean, geometric = together(z, weight)
    scaled = softmax(hidden_of(net, pictures[new]) @ net.W2 + net.b2, axis=-1)
    by_lot = rng.choice(len(masks), size=(20, 10), p=weight)
    several = softmax(z, axis=-1)[by_lot].mean(axis=1)  # (20, N, K): ten thin nets, 20 times
    y = label[new]
    right = [(p.argmax(axis=-1) == y).mean() for p in (scaled, mean)]
    far = [
        0.5 * np.abs(p - q).sum(axis=-1).mean()
        for p, q in ((scaled, mean), (several, mean), (scaled, geometric))
    ]
    return [*right, *far]


CASES = [(coarse, 0.5), (coarse, 0.2), (full, 0.2)]
inputs = [
    np.array([inputs_dropped(p.astype(np.float32), drop, s) for s in range(SEEDS)])
    for p, drop in CASES
]

# %% name="inputs"
table(
    ["inputs", "dropped", "one net", "all thin nets", "one − all, seeds 0–2", "seeds 3–5", ""],
    [
        [
            p.shape[1],
            "½" if drop == 0.5 else "⅕",
            *(f"{100 * v:.1f}" for v in found.mean(axis=0)[:2]),
            *words(found[:, 0] - found[:, 1], 100, 1),
        ]
        for (p, drop), found in zip(CASES, inputs, strict=True)
    ],
)

# %% name="far"
table(
    ["inputs", "dropped", "from the one net", "from ten thin nets"],
    [
        [p.shape[1], "½" if drop == 0.5 else "⅕", f"{f[2]:.2f}", f"{f[3]:.2f}"]
        for (p, drop), f in zip(CASES, (f.mean(axis=0) for f in inputs), strict=True)
    ],
)

# %% [markdown]
# ## For the figure: the two nets of the first seed, and ten digits that both read correctly

# %%
test = split(0)[1]
plain, dropped = one(kept, 0), one(kept, CROWD)
both = [
    softmax(n.scores(pixels[test]), axis=-1)
    for n in (Nets(*(part[r : r + 1] for part in kept)) for r in (0, CROWD))
]
fine = (both[0][0].argmax(axis=1) == digit[test]) & (both[1][0].argmax(axis=1) == digit[test])
shown = [test[np.flatnonzero(fine & (digit[test] == d))[0]] for d in range(10)]
show.arrays(
    "nets",
    pictures=np.round(255 * pixels[shown]).astype(np.uint8),
    **{f"with_{k}": v.astype(np.float32) for k, v in dropped._asdict().items()},
    **{f"without_{k}": v.astype(np.float32) for k, v in plain._asdict().items()},
)

# %% name="still"
half = removed(HIDDEN, HIDDEN // 2, 1, np.random.default_rng(4))
fig, axes = plot.subplots(2, 2, width=3.7, height=2.9, sharey=True, sharex=True)
for row, (masks, what) in zip(
    axes, ((half * 0 + 1, "all units"), (half, "half of them")), strict=True
):
    for ax, (net, name) in zip(row, ((dropped, "with"), (plain, "without")), strict=True):
        answer = by_masks(net, pixels[shown[3]][None], masks, masks.mean())[0, 0]
        ax.bar(range(10), answer, color=plot.BLUE if name == "with" else plot.ORANGE)
        ax.set_title(f"{name} dropout, {what}", fontsize=9)
        ax.set(xticks=range(10), ylim=(0, 1))
plot.figure(
    fig,
    alt="Four bar charts of the shares that two nets give to the ten digits for a handwritten 3: "
    "above with all hidden units, below with half of them taken away.",
    caption="A 3, read by two nets of seed 0. The missing units are chosen at random, once.",
)

# %% name="numbers"
values(
    five_same=words(of("five, same steps in all")[:, 1] - of("with")[:, 1])[2],
    five_all=words(of("five, each all steps")[:, 1] - of("with")[:, 1])[2],
    train=TRAIN,
    test=f"{TEST:,}",
    hidden=HIDDEN,
    steps=STEPS,
    spread=f"{of('spread')[:, 1].mean():.1f}",
    loss_with=f"{100 * (of(('with', 0)) - of(('with', 32)))[:, 1].mean():.0f}",
    loss_without=f"{100 * (of(('without', 0)) - of(('without', 32)))[:, 1].mean():.0f}",
)

# %% [markdown]
# ## What this notebook claims


# %%
def seen(d, sign):
    _, _, clear = gap(d)
    return clear and np.sign(np.mean(d)) == sign


RIGHT, SURPRISE = 1, 0
ALL, LONE = of("with"), of("without")
for g in GONE[1:]:
    assert seen(of(("with", g))[:, RIGHT] - of(("without", g))[:, RIGHT], 1)
lost = [(of((n, 0)) - of((n, 32)))[:, RIGHT].mean() for n in ("with", "without")]
assert 0.045 < lost[0] < 0.065, "about 5 of 100, as the prediction says"
assert 0.22 < lost[1] < 0.28, "about 25"
assert seen(ALL[:, RIGHT] - LONE[:, RIGHT], 1)
assert seen(ALL[:, SURPRISE] - LONE[:, SURPRISE], -1)
assert seen(of(1)[:, RIGHT] - ALL[:, RIGHT], -1)
assert not gap(of(30)[:, RIGHT] - ALL[:, RIGHT])[2], "no difference seen"
assert seen(of(30)[:, SURPRISE] - ALL[:, SURPRISE], -1)
assert seen(of("five, each all steps")[:, SURPRISE] - of(30)[:, SURPRISE], 1)
assert seen(of("active")[:, 1] - of("active")[:, 0], -1), "fewer units are above 0"
assert not gap(of("linked")[:, 1] - of("linked")[:, 0])[2]
assert seen(places["8"][:, 1] - places["8"][:, 0], -1), "too small a net"
assert seen(places["64"][:, 1] - places["64"][:, 0], -1), "3,000 digits"
for found in inputs[:2]:
    assert seen(found[:, 0] - found[:, 1], -1), "the one net is worse than all thin nets"
assert not gap(inputs[2][:, 0] - inputs[2][:, 1])[2]
assert (TRAIN, TEST, HIDDEN, PASSES, BATCH, STEPS) == (400, 1500, 64, 50, 50, 400)
assert 7 * 3000 // BATCH == 420
