# %% [markdown]
# # A recurrent network, executed
#
# A net reads real family names letter by letter and guesses each next letter: with a memory,
# without one, and next to tables of counts. Then you measure how much of the past is left in its
# state. All seeds are fixed. The text is in [the lesson](../../sequences/rnn.md).

# %%
import numpy as np
import torch
from scipy import stats

from introdl import data, plot, show
from introdl.sequences.rnn.letters import ALPHABET, NextLetter, bits, counted_shares, train
from introdl.sequences.rnn.network import RNN, from_torch
from introdl.sequences.rnn.remembering import memory
from introdl.show import table, values

# %% [markdown]
# ## One number that remembers
#
# The state keeps half of itself at each step, and adds what it reads: 1, then zeros.

# %% name="fading"
left = 0.5 ** np.arange(21)
fig, ax = plot.subplots(width=3.7, height=2.8)
ax.plot(np.arange(21), left, "o", color=plot.BLUE, ms=5)
ax.axhline(1e-6, color=plot.MUTED, ls="--")
ax.set(xlabel="steps since it was read", ylabel="what is left of a 1", yscale="log")
ax.set_xticks(range(0, 21, 5))
ax.set_yticks([1, 1e-3, 1e-6], ["1", "a thousandth", "a millionth"])
plot.figure(
    fig,
    alt="What is left of a 1 after 0 to 20 steps, when each step keeps half: dots on a straight "
    "line that falls, on a logarithmic axis, to just below a millionth after 20 steps.",
    caption="Half at each step. On this axis the same distance down means the same factor, so what "
    "is multiplied by the same number at each step lies on a straight line.",
)

# %% [markdown]
# ## Real names, with and without a memory
#
# 88,799 family names of the census of 1990. Two splits: in each, 4,000 names are kept aside. In
# each, three nets of 64 numbers learn from the rest, and three of the same size that are trained
# and tested with a state that starts from zero at each letter. Each has 350 batches of 128 names.

# %%
STEPS, BATCH, HIDDEN, HELD = 350, 128, 64, 4000
BLOCKS = {0: [0, 1, 2], 1: [3, 4, 5]}  # the seed of a split, and the seeds of its nets
ORDERS = range(6)
names = data.surnames()


def cut(split):
    """Names to learn from, and names kept aside."""
    order = np.random.default_rng(split).permutation(len(names))
    return [names[i] for i in order[HELD:]], [names[i] for i in order[:HELD]]


def trained(seed, seen, remembers):
    """A net, and how long each of its gradients was."""
    torch.manual_seed(seed)
    net = NextLetter(HIDDEN, remembers)
    return net, train(net, seen, STEPS, seed, BATCH)


with_memory, without, counted, nets, longest = {}, {}, {}, [], []
for split, seeds in BLOCKS.items():
    seen, held = cut(split)
    counted[split] = -np.log2(counted_shares(seen, held, max(ORDERS))).mean(axis=1)
    for seed in seeds:
        net, long = trained(seed, seen, remembers=True)
        nets.append(net)
        longest.append(max(long) / np.median(long))
        with_memory[seed] = bits(net, held)
        without[seed] = bits(trained(seed, seen, remembers=False)[0], held)
counts = np.mean([*counted.values()], axis=0)


# %%
def interval(differences):
    """A 95 % t-interval of the mean of paired differences."""
    d = np.asarray(differences)
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


gains = {
    split: {
        "without": interval([without[s] - with_memory[s] for s in seeds]),
        **{k: interval([counted[split][k] - with_memory[s] for s in seeds]) for k in ORDERS},
    }
    for split, seeds in BLOCKS.items()
}


# %% name="scores"
def cells(found):
    return [f"{np.mean([found[s] for s in seeds]):.3f}" for seeds in BLOCKS.values()]


LABELS = ["no letter", "1 letter", "2 letters", "3 letters", "4 letters", "5 letters"]
rows = [["net with a memory", *cells(with_memory), "", ""]]
rivals = [("net without a memory", "without", cells(without))]
rivals += [
    (f"table, {LABELS[k]} back", k, [f"{counted[s][k]:.3f}" for s in BLOCKS]) for k in ORDERS
]
for label, key, scores in rivals:
    ranges = ["{:+.3f} to {:+.3f}".format(*gains[split][key]) for split in BLOCKS]
    rows.append([label, *scores, *ranges])
table(["guesses by", "bits, split 1", "split 2", "extra, split 1", "extra, split 2"], rows)

# %% name="memory_pays"
fig, ax = plot.subplots(width=3.7, height=3.2)
ax.plot(ORDERS, counts, "o", color=plot.ORANGE, ms=7)
net_bits, bare_bits = (np.mean([*found.values()]) for found in (with_memory, without))
ax.axhline(net_bits, color=plot.BLUE)
ax.axhline(bare_bits, color=plot.MUTED, ls="--")
ax.annotate("net with a memory", (5, net_bits + 0.04), color=plot.BLUE, ha="right")
ax.annotate("net without a memory", (5, bare_bits + 0.04), color=plot.MUTED, ha="right")
ax.annotate("tables of counts", (0.25, counts[0]), color=plot.ORANGE, va="center")
ax.set(xlabel="letters that the table looks back", ylabel="bits per letter")
ax.set_xticks(list(ORDERS))
plot.figure(
    fig,
    alt=f"Bits per letter, fewer is better. Tables that look back 0 to 5 letters need "
    f"{', '.join(f'{c:.2f}' for c in counts)}. The net with a memory needs {net_bits:.2f}, between "
    f"the tables of two and three letters; the net without a memory {bare_bits:.2f}, "
    "about as much as the table of one letter.",
    caption="Real names that nobody learned from; mean of two splits. Fewer bits are better "
    "guesses. Without a memory the net knows only one letter, and does about as well as the "
    "table of one letter.",
)

# %% name="task_numbers"
values(
    names=f"{len(names):,}",
    held=f"{HELD:,}",
    steps=STEPS,
    batch=BATCH,
    drawn=f"{STEPS * BATCH:,}",
    seen=f"{len(seen):,}",
    hidden=HIDDEN,
    net=f"{net_bits:.2f}",
    bare=f"{bare_bits:.2f}",
    two=f"{counts[2]:.2f}",
    three=f"{counts[3]:.2f}",
    four=f"{counts[4]:.2f}",
    equal=f"{np.log2(27):.2f}",
    longest=f"{max(longest):.0f}",
    shortest=f"{min(longest):.0f}",
)

# %% [markdown]
# ## What is left of the past
#
# A nudge in a random direction to an earlier state: how large is the change in the last state,
# compared with the nudge? Two untrained nets read 61 random letters, ten draws each; the six
# trained nets read held-out names of nine letters and more.


# %%
def untrained(spread, seed):
    """What is left in a net of random weights after 0 to 30 steps."""
    rng = np.random.default_rng(seed)
    net = RNN((len(ALPHABET), HIDDEN), rng)
    cell = net.cells[0]
    cell.W[:] = rng.normal(scale=spread / np.sqrt(HIDDEN), size=cell.W.shape)
    cell.U[:] = rng.normal(scale=0.1, size=cell.U.shape)
    cell.b[:] = 0
    letters = rng.integers(1, len(ALPHABET), size=61)
    states, _ = net.forward(np.eye(len(ALPHABET))[letters][:, None])
    return memory(cell.W, states[30:, 0])[::-1]  # the first 30 let it settle


def reads(net, name, steps):
    """The states after each of the first letters, the mark before them included."""
    codes = [0, *map(ALPHABET.index, name)][:steps]
    return from_torch(net.rnn).forward(np.eye(len(ALPHABET))[codes][:, None])[0][:, 0]


SMALL, LARGE = 0.5, 3.0
fades = np.exp(np.mean([np.log(untrained(SMALL, seed)) for seed in range(10)], axis=0))
grows = np.exp(np.mean([np.log(untrained(LARGE, seed)) for seed in range(10)], axis=0))
per_net = []
for i, net in enumerate(nets):
    held = cut(i // 3)[1]
    W = from_torch(net.rnn).cells[0].W
    long = [name for name in held if len(name) >= 9][:50]
    found = [memory(W, reads(net, name, 10)[1:])[::-1] for name in long]  # letters, not the mark
    per_net.append(np.median(found, axis=0))
kept = np.exp(np.mean(np.log(per_net), axis=0))
per_step = [float(f[-1] ** (1 / 30)) for f in (fades, grows)]  # the geometric mean of a step

# %% name="left"
fig, ax = plot.subplots(width=3.7, height=3.6)
for series, colour, marker in [
    (grows, plot.ORANGE, "^"),
    (kept, plot.BLUE, "o"),
    (fades, plot.GREEN, "s"),
]:
    ax.plot(np.arange(len(series)), series, marker, color=colour, ms=5)
ax.axhline(1, color=plot.MUTED, lw=1)
ax.annotate("large random weights", (18, grows[18] * 6), color=plot.ORANGE, ha="right")
ax.annotate("trained on names", (9.5, kept[-1]), color=plot.BLUE, va="center")
ax.annotate("small random\nweights", (16, fades[15] * 2), color=plot.GREEN)
ax.set(xlabel="steps back, T − t", ylabel="what is left of a nudge", yscale="log")
ax.set_yticks([1e3, 1, 1e-3, 1e-6, 1e-9], ["1,000", "1", "1/1,000", "10⁻⁶", "10⁻⁹"])
plot.figure(
    fig,
    alt="What is left of a nudge, by steps back, on a logarithmic axis. Small random weights: a "
    f"straight line down to {fades[-1]:.0e} after 30 steps. Large ones: a straight line up to "
    f"{grows[-1]:.0f}. The trained nets: down, ever more slowly, to {kept[-1]:.2f} after eight.",
    caption=f"Nets of {HIDDEN} numbers. Random weights that are {LARGE / SMALL:g} times as large "
    "make a nudge grow at each step instead of shrink. Each point averages "
    "the logarithms of ten random nets, or of the six trained ones.",
)

# %% name="left_numbers"
values(
    small=f"{SMALL:g}",
    large=f"{LARGE:g}",
    times=f"{LARGE / SMALL:g}",
    fades=f"{per_step[0]:.2f}",
    grows=f"{per_step[1]:.3f}",
    grown=f"{round(grows[-1], -2):,.0f}",
    after_one=f"{kept[1]:.2f}",
    after_four=f"{kept[4]:.2f}",
    after_eight=f"{kept[8]:.2f}",
)

# %% [markdown]
# ## The trained net, for the page
#
# The first of the six, and the most common name of eight letters that it did not learn from.

# %%
net = nets[0]
held = set(cut(0)[1])
name = next(name for name in names if len(name) == 8 and name in held)
states = reads(net, name, len(name) + 1)
state_dict = {key: p.detach().numpy() for key, p in net.named_parameters()}
shares = np.exp(states[-1] @ state_dict["out.weight"].T + state_dict["out.bias"])
shares /= shares.sum()

# %% name="net"
show.arrays(
    "net",
    **{key.rpartition(".")[2]: p for key, p in state_dict.items() if "rnn" in key},
    out_weight=state_dict["out.weight"],
    out_bias=state_dict["out.bias"],
)

# %% name="still"
left = memory(from_torch(net.rnn).cells[0].W, states)
fig, (top, low) = plot.subplots(2, 1, width=3.7, height=4.2, height_ratios=[2, 3])
top.bar(range(len(left)), left, color=plot.BLUE)
top.set_xticks(range(len(name) + 1), ["start", *name])
top.set(
    title="what is left of each state in the last one", ylim=(0, 1.05), xlim=(-0.5, len(name) + 0.5)
)
low.imshow(states.T, cmap="RdBu", vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
low.grid(False)
low.set_xticks(range(len(name) + 1), ["start", *name])
low.set_yticks([0, HIDDEN - 1], ["1", str(HIDDEN)])
low.set(title="the state after each letter: 64 numbers\nfrom −1 (red) to +1 (blue)")
plot.figure(
    fig,
    alt=f"The trained net reads the name {name}. On top, what is left in the last state of a "
    f"nudge to each: {', '.join(f'{v:.2f}' for v in left)}. Below, its 64 numbers after each "
    "letter, as colours: every letter changes most of them.",
    caption=f"The trained net reads *{name}*, a name that it did not learn from.",
)

# %% name="still_numbers"
values(
    name=name,
    best=ALPHABET[shares.argmax()].replace(".", "the end"),
    percent=f"{100 * shares.max():.0f}",
)

# %% [markdown]
# ## What this notebook claims

# %%
for split in BLOCKS:
    for worse in ("without", 0, 1, 2):
        assert gains[split][worse][0] > 0  # the net with a memory needs fewer bits
    for better in (3, 4, 5):
        assert gains[split][better][1] < 0  # and tables of three letters and more fewer still
assert abs(bare_bits - counts[1]) < 0.03
assert np.all(np.diff(np.log(fades)) < 0)
assert per_step[0] < 0.55
assert per_step[1] > 1.15
assert np.all(np.diff(kept) < 0)
assert kept[8] < 0.15
assert left[-1] == 1
