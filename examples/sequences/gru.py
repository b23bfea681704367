# %% [markdown]
# # GRU, executed
#
# The GRU has two published forms. Given the same weights, they answer differently. Trained on the
# same task, do they also remember differently? And is a GRU better than an LSTM or a plain
# recurrent net? All seeds are fixed. The text is in [the lesson](../../sequences/gru.md).

# %%
from time import perf_counter

import numpy as np
from scipy import stats

from introdl import handed, plot, show
from introdl.sequences.gru.cell import GRU
from introdl.sequences.gru.remembering import GRUs, GRUsBefore
from introdl.sequences.lstm.cell import LSTM
from introdl.sequences.lstm.remembering import (
    CAPITALS,
    LETTERS,
    LSTMs,
    RNNs,
    encode,
    recall,
    train,
)
from introdl.show import table, values

# %% [markdown]
# ## Four kinds of net, one task
#
# The answers of the recurrent nets and the LSTMs come from the notebook of the
# [LSTM](../../sequences/lstm.md). The GRUs learn the same task from the same number of texts, and
# nets with the same seed read the same ones. Of the rates 0.005, 0.01, 0.02, 0.04 and 0.08, each
# kind has the one with which it was right most often, over all distances together, on sixteen other
# seeds (500 to 515). Each kind that has a gate that keeps adds 1 to its biases at the start.

# %%
kept = handed.get("sequences/lstm/nets")
SEEDS, DISTANCES = kept["seeds"].tolist(), kept["distances"].tolist()
UPDATES, BATCH, STEPS, ASKED = (int(kept[n]) for n in ("updates", "batch", "steps", "asked"))
KEEP = float(kept["keep"])
KINDS = {"rnn": RNNs, "lstm": LSTMs, "gru": GRUs, "before": GRUsBefore}
SIZES = {kind: int(kept[f"{kind}_hidden"]) for kind in ("rnn", "lstm")} | {"gru": 20, "before": 20}
RATES = {"rnn": float(kept["rate"]), "lstm": float(kept["rate"]), "gru": 0.01, "before": 0.02}

nets = {kind: KINDS[kind](SEEDS, SIZES[kind], KEEP) for kind in ("gru", "before")}
for kind, those in nets.items():
    train(those, SEEDS, UPDATES, steps=STEPS, batch=BATCH, lr=RATES[kind])
shares = {kind: kept[f"{kind}_shares"] for kind in ("rnn", "lstm")} | {
    kind: recall(those, DISTANCES, ASKED, 10**6) for kind, those in nets.items()
}
weights = {
    kind: sum(p[0].numel() for p in make([0], SIZES[kind]).parameters())
    for kind, make in KINDS.items()
}


def interval(differences):
    """A 95 % t-interval of the mean of paired differences."""
    half = stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    return np.mean(differences) - half, np.mean(differences) + half


def leads(kind, rival):
    """Intervals of the mean lead, for two blocks of seeds, by distance: (distances, 2, 2)."""
    blocks = np.split(shares[kind] - shares[rival], 2)
    return np.array([[interval(block[:, k]) for block in blocks] for k in range(len(DISTANCES))])


PAIRS = {"GRU − recurrent net": ("gru", "rnn"), "GRU − LSTM": ("gru", "lstm")}
FORMS = {"before − after": ("before", "gru")}
found = {name: leads(*pair) for name, pair in (PAIRS | FORMS).items()}


def seen(intervals):
    """Where both blocks exclude zero on the same side, (distances,)."""
    return (intervals > 0).all(axis=(1, 2)) | (intervals < 0).all(axis=(1, 2))


def rows(pairs):
    """A line per distance and pair."""
    return [
        [
            distance,
            name,
            *(f"{100 * low:+.1f} to {100 * high:+.1f}" for low, high in found[name][k]),
            "yes" if seen(found[name])[k] else "no",
        ]
        for name in pairs
        for k, distance in enumerate(DISTANCES)
    ]


# %% name="recall"
fig, ax = plot.subplots(width=3.7, height=3.4)
for k, (kind, name, colour, marker) in enumerate(
    (
        ("rnn", "recurrent net", plot.ORANGE, "^"),
        ("lstm", "LSTM", plot.BLUE, "o"),
        ("gru", "GRU", plot.GREEN, "s"),
    )
):
    for row in shares[kind]:
        place = np.arange(len(DISTANCES)) + 0.22 * (k - 1)
        ax.plot(place, 100 * row, marker, color=colour, ms=4, alpha=0.7)
    ax.annotate(name, ((-0.2, 1.7, 2.8)[k], 22), color=colour)
ax.axhline(100 / len(CAPITALS), color=plot.MUTED, ls="--")
ax.annotate("guessing", (-0.2, 100 / len(CAPITALS) - 7), color=plot.MUTED)
ax.set_xticks(range(len(DISTANCES)), DISTANCES)
ax.set(xlabel="small letters in between", ylabel="right answers, %", ylim=(0, 104))
plot.figure(
    fig,
    alt="Right answers by the number of small letters in between, for three kinds of net. After "
    "10, all LSTMs and GRUs are near 100 %. After 200, the LSTMs lie between "
    f"{100 * shares['lstm'][:, -1].min():.0f} and {100 * shares['lstm'][:, -1].max():.0f} %, the "
    f"GRUs between {100 * shares['gru'][:, -1].min():.0f} and "
    f"{100 * shares['gru'][:, -1].max():.0f} %, the recurrent nets between "
    f"{100 * shares['rnn'][:, -1].min():.0f} and {100 * shares['rnn'][:, -1].max():.0f} %.",
    caption=f"Sixteen nets of each kind, a dot each, on {ASKED} new texts per distance. They "
    f"learned from texts of {STEPS} letters.",
)

# %% name="recall_table"
table(["letters between", "lead of", "first block", "second block", "in both?"], rows(PAIRS))

# %% name="forms_table"
table(
    ["letters between", "before", "after", "first block", "second block", "in both?"],
    [
        [
            distance,
            f"{100 * shares['before'][:, k].mean():.1f} %",
            f"{100 * shares['gru'][:, k].mean():.1f} %",
            *row[2:],
        ]
        for k, (distance, row) in enumerate(zip(DISTANCES, rows(FORMS), strict=True))
    ],
)

# %% name="numbers"
values(
    nets=len(SEEDS),
    updates=UPDATES,
    batch=BATCH,
    steps=STEPS,
    asked=ASKED,
    **{f"{kind}_hidden": size for kind, size in SIZES.items()},
    **{f"{kind}_weights": f"{count:,}" for kind, count in weights.items()},
    **{f"{kind}_rate": rate for kind, rate in RATES.items()},
    **{f"{kind}_far": f"{100 * shares[kind][:, 3].mean():.0f}" for kind in KINDS},
    **{f"{kind}_farthest": f"{100 * shares[kind][:, 4].mean():.0f}" for kind in KINDS},
    **{f"{kind}_learned": (shares[kind][:, 0] > 0.9).sum() for kind in KINDS},
)

# %% [markdown]
# ## How long does an update take?
#
# Sixteen nets side by side make three updates; this is timed five times after a first update, and
# the best time counts. It runs on one core of the machine that builds this site. The kinds take
# turns.

# %% name="seconds" timed=true
new = {kind: make(SEEDS, SIZES[kind], KEEP) for kind, make in KINDS.items()}
times = {kind: [] for kind in KINDS}
for turn in range(6):
    for kind, those in new.items():
        start = perf_counter()
        train(those, SEEDS, 3, steps=STEPS, batch=BATCH)
        if turn:
            times[kind].append((perf_counter() - start) / 3)

NAMES = {
    "rnn": "recurrent net",
    "lstm": "LSTM",
    "gru": "GRU, reset after",
    "before": "GRU, reset before",
}
table(
    ["net", "units", "weights", "learning rate", "ms per update"],
    [
        [
            NAMES[kind],
            SIZES[kind],
            f"{weights[kind]:,}",
            RATES[kind],
            f"{1000 * min(times[kind]):.0f}",
        ]
        for kind in KINDS
    ],
)

# %% [markdown]
# ## What the gates of two trained cells say
#
# The GRU and the LSTM of seed 0 read the same text.

# %%
TEXT = "Dkwmoztes" + "Brsuvnipy"
X = np.eye(len(LETTERS))[encode(TEXT)][:, None]
gru, lstm = GRU(*nets["gru"].weights(0)), LSTM(kept["U"], kept["W"], kept["b"])
states, gates = gru.forward(X, np.zeros((1, SIZES["gru"])))
_, _, lstm_gates = lstm.forward(X, *np.zeros((2, 1, SIZES["lstm"])))
capital = np.array([letter in CAPITALS for letter in TEXT])
keeps = {"GRU": gates.update[:, 0].mean(axis=1), "LSTM": lstm_gates.forget[:, 0].mean(axis=1)}

# %% name="still"
fig, axes = plot.subplots(2, 1, width=3.7, height=3.2)
for ax, (name, kept_share), colour in zip(
    axes, keeps.items(), (plot.GREEN, plot.BLUE), strict=True
):
    ax.bar(range(len(TEXT)), kept_share, color=colour)
    ax.set_xticks(range(len(TEXT)), list(TEXT))
    ax.set(title=f"{name}: how much is kept", ylim=(0, 1), xlim=(-0.5, len(TEXT) - 0.5))
plot.figure(
    fig,
    alt=f"A trained GRU and a trained LSTM read {TEXT}. The mean of the gates that keep is lowest "
    "at the two capitals in both, and higher at each small letter.",
    caption=f"Two trained nets read *{TEXT}*: the mean of the update gates of the GRU's "
    f"{SIZES['gru']} cells, and of the forget gates of the LSTM's {SIZES['lstm']}. Both keep "
    "least at the capitals.",
)

# %% name="gate_numbers"
values(
    **{
        f"{name.lower()}_{place}": f"{share[at].mean():.2f}"
        for name, share in keeps.items()
        for place, at in (("capital", capital), ("small", ~capital))
    },
)

# %% [markdown]
# Where does each of the two go wrong, if one small letter comes again and again? There are eight
# capitals and 26 small letters; each pair is read with 30 times the small letter.

# %% name="lost"
pairs = [capital + small * 30 for capital in CAPITALS for small in LETTERS[len(CAPITALS) :]]
read = np.eye(len(LETTERS))[np.array([encode(text) for text in pairs]).T]  # (31, pairs, 34)
ends = [nets["gru"].out[0].detach().numpy(), nets["gru"].out_bias[0, 0].detach().numpy()]
shown = {
    "gru": (gru.forward(read, np.zeros((len(pairs), SIZES["gru"])))[0], *ends),
    "lstm": (
        lstm.forward(read, *np.zeros((2, len(pairs), SIZES["lstm"])))[0],
        kept["out"],
        kept["out_bias"],
    ),
}
wrong = {
    name: (outputs @ out + bias).argmax(axis=-1) != read[0].argmax(axis=-1)
    for name, (outputs, out, bias) in shown.items()
}  # (31, pairs) each
lost = {name: those.any(axis=0).sum() for name, those in wrong.items()}
values(
    pairs=len(pairs),
    **lost,
    first=min(int(those.any(axis=1).argmax()) for those in wrong.values() if those.any()),
)

# %% [markdown]
# ## The trained GRU, for the page

# %%
show.arrays(
    "gru",
    weight_ih=gru.U.T.astype(np.float32),
    weight_hh=gru.W.T.astype(np.float32),
    bias_ih=gru.b.astype(np.float32),
    bias_hh=np.concatenate([np.zeros(2 * SIZES["gru"]), gru.b_heard]).astype(np.float32),
    out_weight=ends[0].T,
    out_bias=ends[1],
)

# %% [markdown]
# ## What this notebook claims

# %%
assert max(weights.values()) < 1.1 * min(weights.values())
assert not seen(found["GRU − recurrent net"]).any()
assert seen(found["GRU − LSTM"]).tolist() == [False] * 4 + [True]
assert (found["GRU − LSTM"][-1] < 0).all()
assert not seen(found["before − after"]).any()
assert 0 < lost["gru"] < lost["lstm"] < len(pairs) / 4
assert all(shares[kind][:, 0].min() > 0.98 for kind in ("lstm", "gru"))
assert all(share[capital].max() < share[~capital].min() for share in keeps.values())
