# %% [markdown]
# # A GPT, executed
#
# Five models of the next letter, each a small change of the one before, are trained on this
# course's own prose; then one without its mask; then five sizes on sentences whose best possible
# loss is known. Each is one run. All seeds are fixed. The text is in
# [the lesson](../../language/gpt.md).

# %%
import difflib
import inspect
import math
import textwrap
from time import perf_counter

import numpy as np
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F

from introdl import data, handed, plot, show
from introdl.language import ngrams
from introdl.language.gpt.stages import GPT, MLP, Bigram, Listener, OneBlock
from introdl.language.gpt.training import CONTEXT, bits, encode, fit, write
from introdl.show import table, values

# %% [markdown]
# ## Five stages on the course's prose
#
# All see the same pieces of text: 16 per update, 64 letters each. Rates were tried out on the
# validation pages, with 300 to 1,000 updates; the table of the first stage needs a higher one.

# %%
UPDATES, BATCH = 1000, 16
prose = data.prose()
alphabet = "".join(sorted(set("".join(prose))))
V = len(alphabet)
train, test = encode(prose.train, alphabet), encode(prose.test, alphabet)
NAMES = {
    Bigram: "bigram: a table",
    MLP: "MLP: a window of 8",
    Listener: "attention",
    OneBlock: "one block",
    GPT: "GPT: two blocks",
}


def size(model):
    """How many numbers are learned."""
    return sum(p.numel() for p in model.parameters())


models, seconds = {}, {}
for stage in NAMES:
    torch.manual_seed(0)
    models[stage] = stage(V)
    start = perf_counter()
    rate = 0.1 if stage is Bigram else 8e-3
    fit(models[stage], train, updates=UPDATES, seed=0, batch=BATCH, rate=rate)
    seconds[stage] = perf_counter() - start
scores = {stage: bits(model, test) for stage, model in models.items()}

# %% [markdown]
# The n-gram from the lesson on n-grams: interpolation, with n and m chosen on the validation pages,
# as there.

# %%
N, M = 10, 10.0 ** np.arange(0, 2.01, 0.125)
counts = ngrams.NGrams(prose.train, N, alphabet)
val_counts, test_counts = counts.look_up(prose.val), counts.look_up(prose.test)
n, m = min(
    ((n, m) for n in range(1, N + 1) for m in M),
    key=lambda pair: ngrams.bits(
        ngrams.interpolate(val_counts[0][: pair[0]], val_counts[1][: pair[0]], pair[1], V)
    ),
)
counted = ngrams.bits(ngrams.interpolate(test_counts[0][:n], test_counts[1][:n], m, V))

# %% name="stages" timed=true
table(
    ["stage", "parameters", "bits per letter, test pages", "seconds to train"],
    [
        [NAMES[stage], f"{size(model):,}", f"{scores[stage]:.2f}", f"{seconds[stage]:.0f}"]
        for stage, model in models.items()
    ]
    + [[f"n-gram, n = {n}", "counts", f"{counted:.2f}", "—"]],
)

# %% name="samples"
SHOWN = 130
written = {
    stage: write(model, "\n", SHOWN, alphabet, seed=1, temperature=0.8)
    for stage, model in models.items()
}
table(
    ["stage", f"the first {SHOWN} letters that it wrote"],
    [[NAMES[stage], " ".join(text.split())] for stage, text in written.items()],
)

# %% name="numbers"
net = models[GPT]
values(
    updates=f"{UPDATES:,}",
    batch=BATCH,
    passes=f"{UPDATES * BATCH * CONTEXT / len(train):.0f}",
    train=f"{len(train):,}",
    size=f"{size(net):,}",
    alphabet=V,
    bigram=f"{scores[Bigram]:.2f}",
    mlp=f"{scores[MLP]:.2f}",
    attention=f"{scores[Listener]:.2f}",
    block=f"{scores[OneBlock]:.2f}",
    gpt=f"{scores[GPT]:.2f}",
    train_bits=f"{bits(net, train[: len(test)]):.2f}",
    ngram=f"{counted:.2f}",
)

# %% [markdown]
# ## The stages as differences


# %%
def steps(stage):
    """The lines of a stage's `forward`, without the docstring."""
    lines = textwrap.dedent(inspect.getsource(stage.forward)).splitlines()
    return [line.removeprefix("    ") for line in lines[2:]]


def show_diff(old, new):
    """What changes from one stage to the next."""
    found = list(difflib.unified_diff(steps(old), steps(new), n=9, lineterm=""))
    print("\n".join(found[3:]))


# %% name="diff_mlp"
show_diff(Bigram, MLP)

# %% name="diff_attention"
show_diff(MLP, Listener)

# %% name="diff_block"
show_diff(Listener, OneBlock)

# %% name="diff_gpt"
show_diff(OneBlock, GPT)

# %% [markdown]
# ## Without the mask
#
# The same GPT, but each letter may also listen to later ones. Then it is asked to do what a GPT is
# for: predict a letter that it cannot see yet, the last of each piece.

# %%
MASKLESS = 200


@torch.no_grad()
def last_bits(model, ids, pieces=200):
    """Bits for the last letter of each piece, which the model cannot see."""
    starts = torch.linspace(0, len(ids) - CONTEXT - 1, pieces).long()[:, None]
    piece = ids[starts + torch.arange(CONTEXT + 1)]
    return F.cross_entropy(model(piece[:, :-1])[:, -1], piece[:, -1]).item() / math.log(2)


torch.manual_seed(0)
peeking = GPT(V, causal=False)
losses = fit(peeking, train, updates=MASKLESS, seed=0, batch=BATCH)
peeks, blind, honest = bits(peeking, test), last_bits(peeking, test), last_bits(net, test)

# %% name="mask_numbers"
values(
    updates=MASKLESS,
    peeks=f"{peeks:.2f}",
    blind=f"{blind:.1f}",
    honest=f"{honest:.1f}",
    pieces=200,
)

# %% name="mask_sample"
print(write(peeking, "The net learns ", 60, alphabet, seed=0, temperature=0.8))

# %% [markdown]
# ## Five sizes on sentences whose entropy is known
#
# Synthetic sentences of the course's grammar. Each GPT has two blocks and sees the same letters.

# %%
WIDTHS = {4: 1, 8: 2, 16: 4, 32: 4, 64: 4}
SIZED = 400
grammar = data.grammar()
floor = grammar.entropy() / grammar.characters()


def sentences(count, seed):
    return grammar.sample(count, rng=np.random.default_rng(seed))


seen, aside, new = sentences(3000, 0), sentences(600, 1), sentences(600, 2)
seen_text, aside_text, new_text = ("\n".join(part) + "\n" for part in (seen, aside, new))
own = sum(map(grammar.bits, new)) / len(new_text)
few = "".join(sorted(set(seen_text)))
seen_ids, new_ids = encode(seen_text, few), encode(new_text, few)
sizes, reached = [], []
for width, heads in WIDTHS.items():
    torch.manual_seed(0)
    model = GPT(len(few), width, heads)
    fit(model, seen_ids, updates=SIZED, seed=0, batch=BATCH)
    sizes.append(size(model))
    reached.append(bits(model, new_ids))

# %%
LONGEST = 14
table_of = ngrams.NGrams(seen_text, LONGEST, few)
on, off = table_of.look_up(aside_text), table_of.look_up(new_text)
best_n, best_m = min(
    ((n, m) for n in range(2, LONGEST + 1) for m in 10.0 ** np.arange(-1, 2.01, 0.25)),
    key=lambda pair: ngrams.bits(
        ngrams.interpolate(on[0][: pair[0]], on[1][: pair[0]], pair[1], len(few))
    ),
)
best = ngrams.bits(ngrams.interpolate(off[0][:best_n], off[1][:best_n], best_m, len(few)))

# %% [markdown]
# A power law of the size, fitted to what each net needs beyond the entropy: a straight line in the
# logarithms. Its interval is Student's, for five points.

# %%
beyond = np.array(reached) - floor
line = stats.linregress(np.log(sizes), np.log(beyond))
spread = stats.t.ppf(0.975, len(sizes) - 2) * line.stderr
powers = line.slope - spread, line.slope, line.slope + spread
shrinks = [4**-power for power in powers]  # what is beyond the entropy, by four times the size
law = np.exp(line.intercept) * np.array(sizes) ** line.slope
misses = np.exp(np.abs(np.log(beyond / law)).max())

# %% name="sizes"
fig, ax = plot.subplots(width=3.7, height=3.2)
ax.plot(sizes, reached, "o", color=plot.BLUE)
shown = np.geomspace(sizes[0], sizes[-1])
ax.plot(shown, floor + np.exp(line.intercept) * shown**line.slope, ":", color=plot.BLUE)
ax.axhline(best, color=plot.ORANGE, ls="--")
ax.axhline(floor, color=plot.GREEN, ls="--")
ax.annotate("GPT, and a power law", (sizes[1] * 1.3, reached[1]), color=plot.BLUE)
ax.annotate(f"n-gram, n = {best_n}", (sizes[0], best + 0.04), color=plot.ORANGE)
ax.annotate("the grammar itself", (sizes[0], floor - 0.14), color=plot.GREEN)
ax.set(xscale="log", xlabel="parameters", ylabel="bits per letter, new sentences", ylim=(0.2, 2.8))
plot.figure(
    fig,
    alt="Bits per letter of new sentences against parameters, on a logarithmic axis. They fall "
    f"from {reached[0]:.2f} at {sizes[0]:,} parameters to {reached[-1]:.2f} at {sizes[-1]:,}. "
    f"Lines: a fitted power law that falls towards the entropy, the n-gram chosen at {best:.2f}, "
    f"and the entropy of the grammar at {floor:.2f}.",
    caption="Synthetic sentences; one run per size. All sizes saw the same number of letters. "
    "Dotted: the entropy plus a fitted power law of the size. No model can stay below the lowest "
    "line on average.",
)

# %% name="sizes_table"
table(
    ["width D", "parameters", "bits per letter", "above the entropy", "fitted power law"],
    [
        [width, f"{count:,}", f"{got:.3f}", f"{got - floor:.3f}", f"{fitted:.3f}"]
        for width, count, got, fitted in zip(WIDTHS, sizes, reached, law, strict=True)
    ],
)

# %% name="sizes_numbers"
values(
    letters=f"{SIZED * BATCH * CONTEXT:,}",
    text=f"{len(seen_text):,}",
    floor=f"{floor:.3f}",
    own=f"{own:.3f}",
    best=f"{best:.3f}",
    best_n=best_n,
    smallest=f"{reached[0]:.2f}",
    largest=f"{reached[-1]:.3f}",
    shrink=f"{shrinks[1]:.1f}",
    shrinks=f"{shrinks[2]:.1f} to {shrinks[0]:.1f}",
    power=f"{powers[1]:.2f}".replace("-", "−"),
    powers=f"{powers[0]:.2f} to {powers[2]:.2f}".replace("-", "−"),
    misses=f"{misses:.1f}",
)

# %% [markdown]
# ## What the interactive figure of the page needs
#
# The GPT of the last stage, number by number, and its letters. The lesson on decoding uses it as
# well.

# %% name="net"
weights = {name: p.detach().numpy() for name, p in net.named_parameters()}
show.arrays("net", **weights)
show.data("letters", {"letters": alphabet, "context": CONTEXT, "heads": 4, "blocks": 2})
handed.keep("net", **weights)

# %% name="still"
SHOWN_TEXT = "The net learns to"
ids = encode(SHOWN_TEXT, alphabet)
with torch.no_grad():
    last = nn.functional.softmax(net(ids[None])[0, -1], dim=-1).numpy()
first = np.argsort(-last)[:8]
fig, ax = plot.subplots(width=3.7, height=2.8)
ax.barh(range(8), last[first], color=plot.BLUE)
labels = {" ": "space", "\n": "line end"}
ax.set_yticks(range(8), [labels.get(alphabet[i], alphabet[i]) for i in first])
ax.invert_yaxis()
ax.set(xlabel="probability")
plot.figure(
    fig,
    alt=f"Bars: the eight likeliest letters after “{SHOWN_TEXT}”, the first with probability "
    f"{last[first[0]]:.2f}.",
    caption=f"What the GPT of this page expects after “{SHOWN_TEXT}”.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert size(net) * 4 < 1_000_000
assert scores[GPT] < scores[OneBlock] < scores[Listener] < scores[Bigram]
assert scores[GPT] < scores[MLP] < scores[Listener]
assert peeks < 0.5 < honest < scores[Bigram] < blind
assert reached == sorted(reached, reverse=True)
assert floor < reached[-1] < best
assert powers[2] < 0
assert min(beyond[0] - law[0], law[2] - beyond[2], law[3] - beyond[3], beyond[4] - law[4]) > 0
