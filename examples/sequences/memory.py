# %% [markdown]
# # Memory, executed
#
# Plain recurrent nets, LSTMs and GRUs learn two tasks in which they are asked once, at the end of a
# sequence: which letter came first, and what two marked numbers add up to. How far back do they
# reach, and how much of a nudge is left on the way? All sequences are synthetic and random. All
# seeds are fixed. The text is in [the lesson](../../sequences/memory.md).

# %%
import numpy as np
from scipy import stats

from introdl import plot, show
from introdl.sequences.gru.cell import GRU
from introdl.sequences.lstm.cell import LSTM
from introdl.sequences.memory.fading import fading
from introdl.sequences.memory.tasks import (
    CAPITALS,
    AskedGRUs,
    AskedLSTMs,
    AskedRNNs,
    adding,
    recalling,
    score,
    train,
)
from introdl.sequences.rnn.network import Cell
from introdl.show import table, values

# %% [markdown]
# ## Equal budgets
#
# Sixteen nets of each kind, in two blocks of eight seeds, for each task and each longest length.
# All have the same number of updates on batches of 8 sequences of up to that length, and are scored
# on sequences of exactly that length. Nets with the same seed read the same sequences. The kinds
# have about the same number of weights. LSTM and GRU add 2 to the biases of the gate that keeps at
# the start. Of the rates 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1 and 0.3, each kind has for each task
# the one with the best mean score on sixteen other seeds (500 to 515); among equals, the middle
# one.

# %%
BLOCKS = [range(8), range(100, 108)]
SEEDS = [seed for block in BLOCKS for seed in block]
BATCH, KEEP, ASKED, LOOKS = 8, 2.0, 300, 5
KINDS = {"rnn": AskedRNNs, "lstm": AskedLSTMs, "gru": AskedGRUs}
SIZES = {"rnn": 28, "lstm": 13, "gru": 15}
NAMES = {"rnn": "recurrent net", "lstm": "LSTM", "gru": "GRU"}
COLOURS = {"rnn": plot.ORANGE, "lstm": plot.BLUE, "gru": plot.GREEN}
MARKERS = {"rnn": "^", "lstm": "o", "gru": "s"}
TASKS = {
    "recall": {
        "task": recalling,
        "sizes": (8, 4),
        "shortest": 2,
        "longest": [5, 10, 20, 40],
        "updates": 100,
        "rates": {"rnn": 0.03, "lstm": 0.1, "gru": 0.03},
    },
    "adding": {
        "task": adding,
        "sizes": (2, 1),
        "shortest": 4,
        "longest": [5, 10, 20],
        "updates": 200,
        "rates": {"rnn": 0.01, "lstm": 0.03, "gru": 0.1},
    },
}


def learn(kind, name, T, shortest, lr):
    """Sixteen trained nets, their scores (16,), and the scores on the way (looks, 16)."""
    setting = TASKS[name]
    nets = KINDS[kind](SEEDS, SIZES[kind], setting["sizes"], KEEP)
    seen = train(
        nets,
        setting["task"],
        SEEDS,
        setting["updates"],
        steps=(shortest, T),
        batch=BATCH,
        lr=lr,
        every=setting["updates"] // LOOKS,
        watch=lambda those: score(those, setting["task"], [T], 40, 10**6)[:, 0],
    )
    return nets, score(nets, setting["task"], [T], ASKED, 10**6 + 1)[:, 0], seen


nets, scores, curves = {}, {}, {}
for name, setting in TASKS.items():
    for kind in KINDS:
        for T in setting["longest"]:
            place = name, kind, T
            nets[place], scores[place], curves[place] = learn(
                kind, name, T, setting["shortest"], setting["rates"][kind]
            )
weights = {
    (name, kind): sum(p[0].numel() for p in make([0], SIZES[kind], setting["sizes"]).parameters())
    for name, setting in TASKS.items()
    for kind, make in KINDS.items()
}

# %% [markdown]
# ## Who reaches back how far?


# %%
def interval(numbers):
    """A 95 % t-interval of the mean."""
    half = stats.t.ppf(0.975, len(numbers) - 1) * stats.sem(numbers)
    return np.mean(numbers) - half, np.mean(numbers) + half


def lead(name, T, kind, rival):
    """Intervals of the mean lead, for two blocks: in share of right answers, or in less error."""
    sign = 1 if name == "recall" else -1
    better = sign * (scores[name, kind, T] - scores[name, rival, T])
    return np.array([interval(block) for block in np.split(better, 2)])


def seen(intervals):
    """Whether both blocks exclude zero on the same side."""
    return bool((intervals > 0).all() or (intervals < 0).all())


PAIRS = [("lstm", "rnn"), ("gru", "rnn"), ("gru", "lstm")]
leads = {
    (name, T, *pair): lead(name, T, *pair)
    for name, setting in TASKS.items()
    for T in setting["longest"]
    for pair in PAIRS
}


def dots(ax, name, scale=1.0):
    """A dot per net, by longest length."""
    longest = TASKS[name]["longest"]
    for k, kind in enumerate(KINDS):
        for j, T in enumerate(longest):
            y = scale * scores[name, kind, T]
            x = j + 0.24 * (k - 1) + np.linspace(-0.07, 0.07, len(y))
            ax.plot(x, y, MARKERS[kind], color=COLOURS[kind], ms=4, alpha=0.7)
    ax.set_xticks(range(len(longest)), longest)
    for kind, x in zip(KINDS, (0, 0.5, 0.75), strict=True):
        ax.text(x, 1.03, NAMES[kind], color=COLOURS[kind], transform=ax.transAxes)


# %% name="recall"
fig, ax = plot.subplots(width=3.7, height=3.4)
dots(ax, "recall", 100)
ax.axhline(100 / len(CAPITALS), color=plot.MUTED, ls="--")
ax.annotate("guessing", (-0.3, 100 / len(CAPITALS) - 8), color=plot.MUTED)
ax.set(xlabel="letters in a text", ylabel="right answers, %", ylim=(0, 104))


def spread(name, T, scale=1.0, digits=0):
    """From the worst to the best of each kind, in words."""
    return ", ".join(
        f"{NAMES[kind]}s {scale * scores[name, kind, T].min():.{digits}f} to "
        f"{scale * scores[name, kind, T].max():.{digits}f}"
        for kind in KINDS
    )


plot.figure(
    fig,
    alt="Right answers in per cent by the number of letters in a text, a dot for each net. At 5: "
    f"{spread('recall', 5, 100)}. At 40: {spread('recall', 40, 100)}.",
    caption=f"Sixteen nets of each kind and length, a dot each, on {ASKED} new texts. After the "
    "last letter, the net must name the first.",
)

# %% name="adding"
fig, ax = plot.subplots(width=3.7, height=3.4)
dots(ax, "adding")
ax.axhline(1 / 6, color=plot.MUTED, ls="--")
ax.annotate("always 1", (-0.35, 0.19), color=plot.MUTED)
ax.set(xlabel="numbers in a sequence", ylabel="mean squared error", yscale="log")
plot.figure(
    fig,
    alt="Mean squared error on a logarithmic axis by the length of a sequence, a dot for each net. "
    f"At 5: {spread('adding', 5, digits=4)}. At 20: {spread('adding', 20, digits=4)}.",
    caption=f"Sixteen nets of each kind and length, a dot each, on {ASKED} new sequences. Lower is "
    "better.",
)


# %% name="leads"
def percent(name, number):
    return f"{100 * number:.0f} %" if name == "recall" else f"{number:.3f}"


def signed(name, low, high):
    if name == "recall":
        return f"{100 * low:+.1f} to {100 * high:+.1f}"
    return f"{low:+.3f} to {high:+.3f}"


def rows(name):
    """A line per length and pair."""
    return [
        [
            T,
            f"{NAMES[kind]} − {NAMES[rival]}",
            *(signed(name, *block) for block in leads[name, T, kind, rival]),
            "yes" if seen(leads[name, T, kind, rival]) else "no",
        ]
        for T in TASKS[name]["longest"]
        for kind, rival in PAIRS
    ]


table(["letters", "lead of", "first block", "second block", "in both?"], rows("recall"))

# %% name="adding_leads"
table(["numbers", "lead of", "first block", "second block", "in both?"], rows("adding"))

# %% name="settings"
table(
    ["net", "task", "units", "weights", "learning rate", "updates"],
    [
        [
            NAMES[kind],
            name,
            SIZES[kind],
            f"{weights[name, kind]:,}",
            setting["rates"][kind],
            setting["updates"],
        ]
        for name, setting in TASKS.items()
        for kind in KINDS
    ],
)

# %% [markdown]
# ## And if all texts are equally long?
#
# The same, with texts of exactly 20 letters while learning. The rates were chosen again, in the
# same way.

# %% name="fixed"
FIXED, FIXED_RATES = 20, {"rnn": 0.03, "lstm": 0.01, "gru": 0.1}
fixed = {kind: learn(kind, "recall", FIXED, FIXED, FIXED_RATES[kind])[1] for kind in KINDS}
fixed_leads = {
    pair: np.array([interval(b) for b in np.split(fixed[pair[0]] - fixed[pair[1]], 2)])
    for pair in PAIRS
}
table(
    ["lead of", "mean scores", "first block", "second block", "in both?"],
    [
        [
            f"{NAMES[kind]} − {NAMES[rival]}",
            " and ".join(percent("recall", fixed[those].mean()) for those in (kind, rival)),
            *(signed("recall", *block) for block in fixed_leads[kind, rival]),
            "yes" if seen(fixed_leads[kind, rival]) else "no",
        ]
        for kind, rival in PAIRS
    ],
)

# %% [markdown]
# ## What is left of a nudge?
#
# To the state after each letter of one text of 40: new nets, and those that learned from texts of
# up to 40 letters. The median of sixteen.

# %%
FAR = 40
X = recalling(np.random.default_rng(7), FAR, 1)[0][:, 0].astype(float)
HANDS = {"rnn": Cell, "lstm": LSTM, "gru": GRU}


def left(kind, those):
    """What is left of a nudge in each net, by steps back: (16, FAR)."""
    cells = [HANDS[kind](*those.weights(k)) for k in range(len(SEEDS))]
    return np.array([fading(cell, X)[::-1] for cell in cells])


new = {kind: left(kind, KINDS[kind](SEEDS, SIZES[kind], (8, 4), KEEP)) for kind in KINDS}
trained = {kind: left(kind, nets["recall", kind, FAR]) for kind in KINDS}


def plain(value):
    """A number with two digits that count, without a power of ten."""
    return np.format_float_positional(value, precision=2, fractional=False)


def draw_left(found, what):
    fig, ax = plot.subplots(width=3.4, height=3)  # two fit side by side
    for kind in KINDS:
        middle = np.median(found[kind], axis=0)
        dots = {"ms": 3.5, "markevery": 2, "label": NAMES[kind]}
        ax.plot(range(FAR), middle, MARKERS[kind], color=COLOURS[kind], **dots)
    ax.set(xlabel="steps back", ylabel="what is left of a nudge", yscale="log", ylim=(1e-11, 10))
    ax.legend()
    ends = ", ".join(f"{NAMES[kind]} {np.median(found[kind][:, -1]):.2g}" for kind in KINDS)
    return plot.figure(
        fig,
        alt=f"What is left of a nudge in {what}, by steps back, on a logarithmic axis. After "
        f"{FAR - 1} steps: {ends}.",
        caption=f"{what.capitalize()}: the median of sixteen of each kind, on one text; every "
        "second step has a dot.",
    )


# %% name="fading_new"
draw_left(new, "nets before they learn")

# %% name="fading_trained"
draw_left(trained, "nets that have learned")

# %% name="left_numbers"
ends = {
    f"{when}_{kind}": np.median(found[kind][:, -1])
    for when, found in (("new", new), ("trained", trained))
    for kind in KINDS
}
values(
    far=FAR - 1,
    new_rnn_billionths=plain(1e9 * ends["new_rnn"]),
    **{name: plain(end) for name, end in ends.items() if not name.endswith("rnn")},
)

# %% name="numbers"
values(
    nets=len(SEEDS),
    batch=BATCH,
    adding_solved=(scores["adding", "lstm", 20] < 0.04).sum(),
    adding_rnn_5=percent("adding", scores["adding", "rnn", 5].mean()),
    **{
        f"{name}_{kind}": percent(name, scores[name, kind, T].mean())
        for name, T in (("recall", FAR), ("adding", 20))
        for kind in KINDS
    },
    **{f"fixed_{kind}": percent("recall", found.mean()) for kind, found in fixed.items()},
)

# %% [markdown]
# ## For the page
#
# The scores on the way, and three nets that learned from texts of up to 40 letters: those of the
# first seed.

# %%
show.data(
    "curves",
    {
        name: {
            "lengths": setting["longest"],
            "updates": [setting["updates"] // LOOKS * (k + 1) for k in range(LOOKS)],
            "scores": {
                kind: [curves[name, kind, T].T.tolist() for T in setting["longest"]]
                for kind in KINDS
            },
        }
        for name, setting in TASKS.items()
    },
    digits=3,
)

# %%
first = {kind: nets["recall", kind, FAR] for kind in KINDS}
arrays = {}
for kind, those in first.items():
    U, W, b, *heard = those.weights(0)
    other = np.zeros(len(b))
    if heard:
        other[2 * SIZES[kind] :] = heard[0]
    arrays |= {
        f"{kind}_weight_ih": U.T,
        f"{kind}_weight_hh": W.T,
        f"{kind}_bias_ih": b,
        f"{kind}_bias_hh": other,
        f"{kind}_out_weight": those.out[0].detach().numpy().T,
        f"{kind}_out_bias": those.out_bias[0, 0].detach().numpy(),
    }
show.arrays("nets", **{name: array.astype(np.float32) for name, array in arrays.items()})

# %% name="still"
SHOWN = 24
shown = X[:SHOWN]
TEXT = "".join((CAPITALS + CAPITALS.lower())[i] for i in shown.argmax(axis=1))
fig, axes = plot.subplots(3, 1, width=3.7, height=4.4)
for ax, kind in zip(axes, KINDS, strict=True):
    ax.bar(range(SHOWN), fading(HANDS[kind](*first[kind].weights(0)), shown), color=COLOURS[kind])
    ax.set_xticks(range(SHOWN), list(TEXT) if ax is axes[-1] else [""] * SHOWN)
    ax.set(title=NAMES[kind], ylim=(0, 1), xlim=(-0.5, SHOWN - 0.5))
plot.figure(
    fig,
    alt=f"Three trained nets read {TEXT}: how much of a nudge at each letter is left after the "
    "last. In the recurrent net only the last letters have a visible bar; in the LSTM and the GRU "
    "all have one.",
    caption=f"Three trained nets, the first of each kind, read *{TEXT}*: how much of a nudge at "
    "each letter is left after the last. Bars longer than 1 are cut off.",
)

# %% name="still_curves"
fig, ax = plot.subplots(width=3.7, height=3)
for kind in KINDS:
    for row in curves["recall", kind, FAR].T:
        ax.plot(
            np.arange(1, LOOKS + 1) * TASKS["recall"]["updates"] / LOOKS,
            100 * row,
            color=COLOURS[kind],
            lw=0.6,
            alpha=0.6,
        )
    mean = 100 * curves["recall", kind, FAR].mean(axis=1)
    ax.plot(
        np.arange(1, LOOKS + 1) * TASKS["recall"]["updates"] / LOOKS,
        mean,
        color=COLOURS[kind],
        lw=2.5,
        label=NAMES[kind],
    )
ax.axhline(100 / len(CAPITALS), color=plot.MUTED, ls="--")
ax.set(xlabel="updates", ylabel="right answers, %", ylim=(0, 104))
ax.legend()
slow = curves["recall", "rnn", FAR]
plot.figure(
    fig,
    alt="Right answers on texts of 40 letters while the nets learn. GRUs rise first and LSTMs "
    f"later; the recurrent nets end at {100 * slow[-1].mean():.0f} per cent on average, single "
    f"ones at {100 * slow[-1].min():.0f} to {100 * slow[-1].max():.0f}.",
    caption="While they learn, on texts of 40 letters: a thin line for each net, a thick one for "
    "the mean of each kind. Dashed: guessing.",
)

# %% [markdown]
# ## What this notebook claims

# %%
for name in TASKS:
    sizes = [weights[name, kind] for kind in KINDS]
    assert max(sizes) < 1.1 * min(sizes)
# Letters: gates lead from 10 on, in both blocks, and no net needs them at 5.
assert all(scores["recall", kind, 5].min() > 0.95 for kind in KINDS)
for T in (10, 20, 40):
    for kind in ("lstm", "gru"):
        assert seen(leads["recall", T, kind, "rnn"])
        assert leads["recall", T, kind, "rnn"].min() > 0
assert scores["recall", "rnn", 40].mean() < 0.4
assert all(scores["recall", "gru", T].mean() > 0.97 for T in (5, 10, 20, 40))
# Sums: the plain net is no better than always saying 1; the GRU's lead is seen in both blocks.
assert all(scores["adding", "rnn", T].mean() > 0.15 for T in (10, 20))
for T in (10, 20):
    assert leads["adding", T, "gru", "rnn"].min() > 0
    assert scores["adding", "gru", T].mean() < 0.02
assert leads["adding", 10, "lstm", "rnn"].min() > 0
assert all(leads["adding", T, "gru", "lstm"].min() > 0 for T in (5, 20))
for pair in PAIRS[:2]:
    assert not seen(fixed_leads[pair])
assert fixed_leads["gru", "lstm"].min() > 0
# Slopes: what is left of a nudge.
assert np.median(new["rnn"][:, -1]) < np.median(new["gru"][:, -1])
assert np.median(new["rnn"][:, -1]) < np.median(new["lstm"][:, -1])
assert np.median(trained["rnn"][:, -1]) < 1e-6
assert min(np.median(trained[kind][:, -1]) for kind in ("lstm", "gru")) > 0.1
