# %% [markdown]
# # A recurrent network, executed
#
# A net reads real family names letter by letter and guesses each next letter: with a memory,
# without one, and beside tables of counts. Then you measure how much of the past is left in its
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
fig, ax = plot.subplots(width=7, height=2.8)
ax.plot(np.arange(21), left, "o", color=plot.BLUE, ms=5)
ax.axhline(1e-6, color=plot.MUTED, ls="--")
ax.set(xlabel="steps since it was read", ylabel="what is left of a 1", yscale="log")
ax.set_xticks(range(0, 21, 5))
ax.set_yticks([1, 1e-3, 1e-6], ["1", "a thousandth", "a millionth"])
plot.figure(
    fig,
    alt="What is left of a 1 after 0 to 20 steps, when each step keeps half: dots on a straight "
    "line that falls, on a logarithmic axis, to just below a millionth after 20 steps.",
    caption="Half at each step. On this axis equal ways down are equal factors, so what is "
    "multiplied by the same number at each step lies on a straight line.",
)

# %% [markdown]
# ## Real names, with and without a memory
#
# 88,799 family names of the census of 1990. Two splits: in each, 4,000 names are kept aside. In
# each, three nets of 64 numbers learn from the rest, and three of the same size whose state starts
# from zeros at each letter. Each has 350 batches of 128 names.

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
print(with_memory, without, counts, gains, longest)
