# %% [markdown]
# # LSTM, executed
#
# Two kinds of net learn to remember the last capital of a text, with the same number of updates on
# the same number of letters. Then they are tested on far longer texts than they learned from, and
# you see what the gates of one trained cell say. All seeds are fixed. The text is in
# [the lesson](../../sequences/lstm.md).

# %%
import numpy as np
from scipy import stats

from introdl import handed, plot, show
from introdl.sequences.lstm.cell import LSTM
from introdl.sequences.lstm.remembering import (
    CAPITALS,
    LETTERS,
    LSTMs,
    RNNs,
    draw,
    encode,
    recall,
    train,
)
from introdl.sequences.rnn.network import Cell
from introdl.sequences.rnn.remembering import memory
from introdl.show import table, values

# %% [markdown]
# ## Who remembers for how long?
#
# Random texts of 30 letters: a capital, A to H, then small letters, among them a new capital
# now and then (8 in 100). After each letter the net says which capital came last. Sixteen nets of
# each kind, in two blocks of eight seeds; 200 batches of 24 texts each. Their sizes are chosen so
# that they have about equally many weights. Of the rates 0.005, 0.01, 0.02, 0.04 and 0.08, both
# kinds were right most often with 0.04, over all distances together, on sixteen other seeds (500 to
# 515).

# %%
FORGET_BIAS = 1.0
UPDATES, BATCH, STEPS, ASKED, RATE = 200, 24, 30, 300, 0.04
SIZES = {"rnn": 42, "lstm": 16}
BLOCKS = [range(8), range(100, 108)]
SEEDS = [seed for block in BLOCKS for seed in block]
DISTANCES = [10, 20, 50, 100, 200]

nets = {
    "rnn": RNNs(SEEDS, SIZES["rnn"]),
    "lstm": LSTMs(SEEDS, SIZES["lstm"], FORGET_BIAS),
}
for found in nets.values():
    train(found, SEEDS, UPDATES, steps=STEPS, batch=BATCH, lr=RATE)
weights = {kind: sum(p[0].numel() for p in found.parameters()) for kind, found in nets.items()}
shares = {kind: recall(found, DISTANCES, ASKED, 10**6) for kind, found in nets.items()}


def interval(differences):
    """A 95 % t-interval of the mean of paired differences."""
    half = stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    return np.mean(differences) - half, np.mean(differences) + half


more = shares["lstm"] - shares["rnn"]
learned = {kind: found[:, 0] > 0.9 for kind, found in shares.items()}
ranges = {
    distance: [interval(block[:, k]) for block in np.split(more, 2)]
    for k, distance in enumerate(DISTANCES)
}

# %% name="recall"
fig, ax = plot.subplots(width=3.7, height=3.4)
for kind, colour, marker, side in (("lstm", plot.BLUE, "o", -0.1), ("rnn", plot.ORANGE, "^", 0.1)):
    for row in shares[kind]:
        ax.plot(np.arange(len(DISTANCES)) + side, 100 * row, marker, color=colour, ms=5, alpha=0.7)
ax.axhline(100 / len(CAPITALS), color=plot.MUTED, ls="--")
ax.annotate("guessing", (0, 100 / len(CAPITALS) + 2), color=plot.MUTED)
ax.annotate("LSTM", (1, 23), color=plot.BLUE)
ax.annotate("recurrent net", (2, 23), color=plot.ORANGE)
ax.set_xticks(range(len(DISTANCES)), DISTANCES)
ax.set(
    xlabel="small letters in between",
    ylabel="right answers, %",
    ylim=(0, 104),
)
plot.figure(
    fig,
    alt="Right answers by the number of small letters in between. After 10 most dots of both nets "
    f"are near 100 %. After 200 those of the LSTM lie at {100 * shares['lstm'][:, -1].min():.0f} % "
    f"and above, those of the recurrent net are spread from "
    f"{100 * shares['rnn'][:, -1].min():.0f} to {100 * shares['rnn'][:, -1].max():.0f} %.",
    caption=f"Sixteen nets of each kind, a dot each, on {ASKED} new texts per distance. None "
    f"learned from a text longer than {STEPS} letters.",
)

# %% name="recall_table"
table(
    ["letters between", "recurrent net", "LSTM", "LSTM's lead, points", "second block"],
    [
        [
            distance,
            f"{100 * shares['rnn'][:, k].mean():.1f} %",
            f"{100 * shares['lstm'][:, k].mean():.1f} %",
            *(f"{100 * low:+.1f} to {100 * high:+.1f}" for low, high in ranges[distance]),
        ]
        for k, distance in enumerate(DISTANCES)
    ],
)

# %% name="numbers"
values(
    nets=len(more),
    updates=UPDATES,
    batch=BATCH,
    steps=STEPS,
    hidden=SIZES["lstm"],
    rnn_hidden=SIZES["rnn"],
    rnn_weights=f"{weights['rnn']:,}",
    lstm_weights=f"{weights['lstm']:,}",
    rnn_far=f"{100 * shares['rnn'][:, 3].mean():.0f}",
    lstm_far=f"{100 * shares['lstm'][:, 3].mean():.0f}",
    rnn_learned=learned["rnn"].sum(),
    lstm_learned=learned["lstm"].sum(),
    rnn_all=(shares["rnn"].min(axis=1) > 0.99).sum(),
    lstm_farthest=f"{100 * shares['lstm'][:, 4].min():.0f}",
)

# %% [markdown]
# ## Would another rate suit the plain nets at 10 letters?
#
# The rate was chosen over all distances together. Here the plain nets of the sixteen other seeds
# learn at that rate and at a lower one, and are asked after 10 small letters only.

# %% name="rate_numbers"
LOWER, OTHERS = 0.005, range(500, 516)


def near(rate):
    """The share of right answers after the shortest distance."""
    found = RNNs(OTHERS, SIZES["rnn"])
    train(found, OTHERS, UPDATES, steps=STEPS, batch=BATCH, lr=rate)
    return recall(found, DISTANCES[:1], ASKED, 10**6).mean()


at_ten = {rate: near(rate) for rate in (RATE, LOWER)}
values(
    chosen=f"{100 * at_ten[RATE]:.1f}",
    lower=f"{100 * at_ten[LOWER]:.1f}",
    rate=RATE,
    lower_rate=LOWER,
)

# %% [markdown]
# ## What the gates of a trained cell say
#
# The net of seed 0 reads a text. Its 16 cells have a forget gate and an input gate each.

# %%
TEXT = "Dkwmoztes" + "Brsuvnipy"
cell = LSTM(*nets["lstm"].weights(0))
H = SIZES["lstm"]


def reads(text, net=cell):
    """Outputs, cell states and gates after each letter, without the axis of texts."""
    X = np.eye(len(LETTERS))[encode(text)][:, None]
    outputs, cells, gates = net.forward(X, np.zeros((1, H)), np.zeros((1, H)))
    return outputs[:, 0], cells[:, 0], [gate[:, 0] for gate in gates]


outputs, cells, (i, f, candidate, o) = reads(TEXT)
capital = np.array([letter in CAPITALS for letter in TEXT])

# %% name="still"
fig, axes = plot.subplots(3, 1, width=3.7, height=4.6, height_ratios=[2, 2, 3])
for ax, gate, title, colour in (
    (axes[0], f, "mean of the forget gates", plot.BLUE),
    (axes[1], np.abs(i * candidate), "mean size of what is added", plot.ORANGE),
):
    ax.bar(range(len(TEXT)), gate.mean(axis=1), color=colour)
    ax.set_xticks(range(len(TEXT)), list(TEXT))
    ax.set(title=title, ylim=(0, 1), xlim=(-0.5, len(TEXT) - 0.5))
reach = np.abs(cells).max()
axes[2].imshow(
    cells.T, cmap="RdBu", vmin=-reach, vmax=reach, aspect="auto", interpolation="nearest"
)
axes[2].grid(False)
axes[2].set_xticks(range(len(TEXT)), list(TEXT))
axes[2].set_yticks([0, H - 1], ["1", str(H)])
axes[2].set(title=f"the {H} cell states")
plot.figure(
    fig,
    alt=f"A trained net reads {TEXT}. The mean of its forget gates is lowest at the two capitals "
    "and higher at the small letters; what is added to its cells is largest at the capitals. The "
    "cell states change at each capital and stay nearly the same between.",
    caption=f"One trained LSTM reads *{TEXT}*, which it never saw. What is added is the input gate "
    "times the candidate. States: red is negative, blue positive. Capitals change them most.",
)

# %% name="gate_numbers"
states_before = np.vstack([np.zeros(H), cells[:-1]])
lost, added = (part[~capital] for part in ((1 - f) * states_before, i * candidate))
alike = np.sign(lost) == np.sign(added)
values(
    forget_small=f"{f[~capital].mean():.1f}",
    lost=f"{np.abs(lost).mean():.2f}",
    added=f"{np.abs(added).mean():.2f}",
    alike=f"{100 * np.abs(added)[alike].sum() / np.abs(added).sum():.0f}",
)

# %% [markdown]
# ## One step, one gate lit at a time
#
# The numbers of one cell of that net at the second capital: the one whose state changes most.

# %%
AT = 9
UNIT = int(np.abs(cells[AT] - cells[AT - 1]).argmax())
before, after = cells[AT - 1, UNIT], cells[AT, UNIT]
PARTS = {
    "forget": f[AT, UNIT],
    "input": i[AT, UNIT],
    "candidate": candidate[AT, UNIT],
    "output": o[AT, UNIT],
}


def signed(value):
    return f"{value:.2f}".replace("-", "−")


def belt(lit):
    """Draw one cell with the parts of `lit` in colour."""
    fig, ax = plot.subplots(width=5, height=3.2)
    ax.set(xlim=(0, 10), ylim=(0, 6.2))
    ax.axis("off")

    def ink(part, colour=plot.BLUE):
        return colour if part in lit else plot.MUTED

    def box(x, y, text, part, colour=plot.BLUE):
        look = {"boxstyle": "round", "edgecolor": ink(part, colour), "facecolor": "none", "lw": 2}
        ax.text(x, y, text, ha="center", va="center", color=ink(part, colour), bbox=look)

    def arrow(start, end, part, colour=plot.BLUE):
        style = {"arrowstyle": "->", "color": ink(part, colour), "lw": 2}
        ax.annotate("", end, start, arrowprops=style)

    arrow((1.4, 5), (2.4, 5), "forget")
    box(0.7, 5, f"old\n{signed(before)}", "forget")
    box(3, 5, "×", "forget")
    box(3, 2.9, f"forget\n{signed(PARTS['forget'])}", "forget")
    arrow((3, 3.6), (3, 4.5), "forget")
    arrow((3.5, 5), (5.4, 5), "new")
    box(4.9, 0.8, f"candidate\n{signed(PARTS['candidate'])}", "input", plot.ORANGE)
    box(7.3, 0.8, f"input\n{signed(PARTS['input'])}", "input", plot.ORANGE)
    box(6, 2.9, "×", "input", plot.ORANGE)
    arrow((5.1, 1.5), (5.8, 2.5), "input", plot.ORANGE)
    arrow((7.1, 1.5), (6.3, 2.5), "input", plot.ORANGE)
    arrow((6, 3.4), (6, 4.5), "input", plot.ORANGE)
    box(6, 5, "+", "new")
    arrow((6.5, 5), (7.6, 5), "new")
    box(8.5, 5, f"new\n{signed(after)}", "new")
    box(8.7, 2.9, f"output {signed(PARTS['output'])}\nshows {signed(outputs[AT, UNIT])}", "output")
    arrow((8.6, 4.3), (8.6, 3.7), "output")
    return fig


# %% name="step"
show.animation(
    [belt({"forget"}), belt({"input"}), belt({"new"}), belt({"output"})],
    labels=[
        f"Forget: {signed(before)} × {signed(PARTS['forget'])}",
        f"Input: {signed(PARTS['candidate'])} × {signed(PARTS['input'])}",
        f"New state: both added, {signed(after)}",
        f"Output: {signed(PARTS['output'])} × tanh {signed(after)}",
    ],
    alt="One cell as a belt from left to right: the old state is multiplied by the forget gate; "
    "the candidate, multiplied by the input gate, is added; the new state leaves to the right, and "
    "the output gate says how much of it is shown. In each frame one of these is in colour.",
    caption=f"Cell {UNIT + 1} of the trained net at the letter {TEXT[AT]}, with its own numbers.",
)

# %% [markdown]
# ## How much of a nudge is left?
#
# A nudge in a random direction to an earlier state: how large is the change in the last state,
# compared with the nudge? For the LSTM these are the cell states, for the recurrent net its states.
# The text is a capital and 30 small letters, the same one for the sixteen nets of each kind.

# %%
FAR = 30
text = draw(np.random.default_rng(7), FAR + 1, 1, share=0)[0][:, 0]


def cell_memory(net, letters):
    """The same measure as `memory`, for cell states: by steps back, (FAR + 1,)."""
    X = np.eye(len(LETTERS))[letters]
    outputs, cells, _ = net.forward(X[:, None], np.zeros((1, H)), np.zeros((1, H)))
    left = [1.0]
    for t in reversed(range(FAR)):
        copies = np.repeat(X[t + 1 :, None], H, axis=1)
        start = (np.repeat(states[t], H, axis=0) for states in (outputs, cells))
        net.forward(copies, *start)
        none = np.zeros((FAR - t - 1, H, H))
        slopes = net.backward(np.zeros((FAR - t, H, H)), np.concatenate([none, [np.eye(H)]]))[2]
        left.append(np.linalg.norm(slopes) / np.sqrt(H))
    return np.array(left)


def state_memory(net, letters):
    reads = np.ones((FAR + 1, 1), dtype=bool)
    start = np.zeros((1, len(net.W)))
    states = net.forward(np.eye(len(LETTERS))[letters][:, None], start, reads)
    return memory(net.W, states[:, 0])[::-1]


kept = {
    kind: np.array([measure(form(*nets[kind].weights(k)), text) for k in range(len(SEEDS))])
    for kind, measure, form in (("lstm", cell_memory, LSTM), ("rnn", state_memory, Cell))
}
median = {kind: np.median(found, axis=0) for kind, found in kept.items()}


def plain(value):
    """A number with two digits that count, without a power of ten."""
    return np.format_float_positional(value, precision=2, fractional=False)


# %% name="left"
fig, ax = plot.subplots(width=3.4, height=3)
for kind, colour, marker in (("lstm", plot.BLUE, "o"), ("rnn", plot.ORANGE, "^")):
    ax.plot(range(FAR + 1), median[kind], marker, color=colour, ms=4)
ax.annotate("LSTM", (24, median["lstm"][24] * 1.25), color=plot.BLUE)
ax.annotate("recurrent net", (18, median["rnn"][18] * 2), color=plot.ORANGE)
ax.set(xlabel="steps back", ylabel="what is left of a nudge", yscale="log")
plot.figure(
    fig,
    alt="What is left of a nudge by steps back, on a logarithmic axis: after 30 steps "
    f"{plain(median['lstm'][-1])} in the LSTM and {plain(median['rnn'][-1])} in the recurrent net.",
    caption="The median of sixteen trained nets of each kind on one text. A nudge may point in any "
    "direction.",
)

# %% name="left_numbers"
values(lstm=plain(median["lstm"][-1]), rnn=plain(median["rnn"][-1]), far=FAR)

# %% [markdown]
# ## The trained net, for the page

# %%
show.arrays(
    "net",
    weight_ih=cell.U.T.astype(np.float32),
    weight_hh=cell.W.T.astype(np.float32),
    bias_ih=cell.b.astype(np.float32),
    out_weight=nets["lstm"].out[0].detach().numpy().T,
    out_bias=nets["lstm"].out_bias[0, 0].detach().numpy(),
)

# %% [markdown]
# The [GRU's](../../sequences/gru.md) notebook also gets it, with the right answers of all nets and
# what they learned from.

# %%
handed.keep(
    "nets",
    U=cell.U,
    W=cell.W,
    b=cell.b,
    out=nets["lstm"].out[0].detach().numpy(),
    out_bias=nets["lstm"].out_bias[0, 0].detach().numpy(),
    seeds=SEEDS,
    distances=DISTANCES,
    updates=UPDATES,
    batch=BATCH,
    steps=STEPS,
    asked=ASKED,
    keep=FORGET_BIAS,
    rate=RATE,
    **{f"{kind}_hidden": size for kind, size in SIZES.items()},
    **{f"{kind}_shares": found for kind, found in shares.items()},
)

# %% [markdown]
# ## What this notebook claims

# %%
assert all(low < 0 < high for blocks in ranges.values() for low, high in blocks)  # none is seen
assert all(block.sum() < 8 for block in np.split(learned["rnn"], 2))
assert learned["lstm"].all()
assert at_ten[LOWER] > at_ten[RATE]
assert shares["lstm"][:, :2].mean() > 0.98
assert abs(weights["rnn"] - weights["lstm"]) < 0.1 * weights["lstm"]
assert f[capital].mean() < f[~capital].mean()
assert np.abs(i * candidate)[capital].mean() > np.abs(i * candidate)[~capital].mean()

assert np.abs(added)[alike].sum() > 0.8 * np.abs(added).sum()
assert median["lstm"][-1] > median["rnn"][-1]
