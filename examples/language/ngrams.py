# %% [markdown]
# # N-grams, executed
#
# Letters are counted in this course's own prose and in sentences made by a grammar. You see what
# the counts write, how well they guess, and how far they are from the best possible guess. All
# seeds are fixed. The text is in [the lesson](../../language/ngrams.md).

# %%
import numpy as np
from scipy import stats

from introdl import data, plot, show
from introdl.language.ngrams import NGrams, add_k, bits, interpolate, perplexity
from introdl.show import table, values

# %% [markdown]
# ## The course's own prose
#
# Whole pages are kept aside, some to choose k, m and n, others to score once.

# %%
N = 10
KS, MS = 10.0 ** np.arange(-4, 1.01, 0.25), 10.0 ** np.arange(-1, 2.51, 0.125)
prose = data.prose()
alphabet = "".join(sorted(set("".join(prose))))
V = len(alphabet)
model = NGrams(prose.train, N, alphabet)
val, test = model.look_up(prose.val), model.look_up(prose.test)


def chosen(counts, totals, letters, n):
    """The k and the m that do best on validation, for contexts of n - 1 letters."""
    k = min(KS, key=lambda k: bits(add_k(counts[n - 1], totals[n - 1], k, letters)))
    m = min(MS, key=lambda m: bits(interpolate(counts[:n], totals[:n], m, letters)))
    return float(k), float(m)


def scores(counts, totals, letters, settings):
    """For each n the probabilities of all letters, by add-k and interpolation: lists of (T,)."""
    ks, ms = zip(*settings, strict=True)
    added = [add_k(c, t, k, letters) for c, t, k in zip(counts, totals, ks, strict=True)]
    mixed = [interpolate(counts[: i + 1], totals[: i + 1], m, letters) for i, m in enumerate(ms)]
    return added, mixed


settings = [chosen(*val, V, n) for n in range(1, N + 1)]
val_added, val_mixed = scores(*val, V, settings)
added, mixed = scores(*test, V, settings)
best = {
    "add": min(range(N), key=lambda i: bits(val_added[i])),
    "interpolate": min(range(N), key=lambda i: bits(val_mixed[i])),
}
unseen = (test[1] == 0).mean(axis=1)

# %% name="scores"
fig, ax = plot.subplots(width=3.7, height=3.2)
sizes = np.arange(1, N + 1)
ax.plot(sizes, [bits(p) for p in added], "o-", color=plot.ORANGE)
ax.plot(sizes, [bits(p) for p in mixed], "s-", color=plot.BLUE)
ax.axhline(np.log2(V), color=plot.MUTED, ls="--")
ax.annotate("all letters equal", (1, np.log2(V) - 0.35), color=plot.MUTED)
ax.annotate("one context length,\nadd k", (5.1, 4.1), color=plot.ORANGE, ha="center")
ax.annotate("interpolation", (6.3, 1.65), color=plot.BLUE)
ax.set_xticks(sizes)
ax.set(xlabel="n", ylabel="bits per letter of the test pages", ylim=(1.4, 6.6))
plot.figure(
    fig,
    alt="Bits per letter against n. With add-k they fall from "
    f"{bits(added[0]):.1f} at n = 1 to {bits(added[best['add']]):.1f} at n = {best['add'] + 1}, "
    f"and rise to {bits(added[-1]):.1f} at n = {N}. With interpolation they fall to "
    f"{bits(mixed[best['interpolate']]):.1f} and stay there.",
    caption=f"Lower is better. {len(prose.test):,} letters of pages that were not counted; k and m "
    "were chosen on other pages.",
)

# %% name="scores_table"
table(
    [
        "n",
        "contexts counted",
        "test letters after a new context",
        "bits, add k",
        "bits, interpolation",
    ],
    [
        [
            n,
            len(model.counts[n - 1]),
            f"{100 * unseen[n - 1]:.1f} %",
            f"{bits(added[n - 1]):.2f}",
            f"{bits(mixed[n - 1]):.2f}",
        ]
        for n in sizes
    ],
)

# %% [markdown]
# Is interpolation better? The bits of a paragraph by add-k, minus its bits by interpolation, each
# at its own best n. The two blocks are the first and the second half of the test text.

# %%
ends = np.flatnonzero(np.array(list(prose.test)) == "\n") + 1
saved = -np.log2(added[best["add"]]) + np.log2(mixed[best["interpolate"]])
paragraphs = np.split(saved, ends[:-1])
half = np.searchsorted(ends, len(prose.test) / 2)


def interval(differences):
    """A 95 % t-interval of the mean of paired differences."""
    reach = stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    return np.mean(differences) - reach, np.mean(differences) + reach


lead = [
    interval([part.mean() for part in block]) for block in (paragraphs[:half], paragraphs[half:])
]
assert all(low > 0 for low, _ in lead)

# %% name="numbers"
values(
    train=f"{len(prose.train):,}",
    test=f"{len(prose.test):,}",
    letters=V,
    uniform=f"{np.log2(V):.2f}",
    unigram=f"{bits(added[0]):.2f}",
    add_n=best["add"] + 1,
    add_back=best["add"],
    add_bits=f"{bits(added[best['add']]):.2f}",
    add_perplexity=f"{perplexity(added[best['add']]):.1f}",
    mix_n=best["interpolate"] + 1,
    mix_bits=f"{bits(mixed[best['interpolate']]):.2f}",
    mix_perplexity=f"{perplexity(mixed[best['interpolate']]):.1f}",
    two=f"{bits(added[1]):.2f}",
    eight=f"{bits(added[7]):.2f}",
    eight_unseen=f"{100 * unseen[7]:.0f}",
    last=f"{bits(added[-1]):.2f}",
    k=f"{settings[best['add']][0]:.3f}",
    m=f"{settings[best['interpolate']][1]:.0f}",
    m_six=f"{settings[5][1]:.0f}",
    lead=" and ".join(f"{low:.2f} to {high:.2f}" for low, high in lead),
    paragraphs=f"{half} and {len(paragraphs) - half}",
)

# %% [markdown]
# ## What the counts write
#
# Each text begins after a line end. How many of its words appear in the counted pages?

# %%
WRITTEN, SHOWN = 1200, 90
vocabulary = set(prose.train.split())
written = {}
for n in range(1, 7):
    short = NGrams(prose.train, n, alphabet)
    rng = np.random.default_rng(n)
    written[n] = short.write("\n", WRITTEN, m=settings[n - 1][1], rng=rng)
real = {
    n: np.mean([word in vocabulary for word in text.split()[:-1]]) for n, text in written.items()
}

# %% name="samples"
table(
    ["n", f"the first {SHOWN} letters, none chosen", "real words"],
    [[n, " ".join(text[:SHOWN].split()), f"{100 * real[n]:.0f} %"] for n, text in written.items()],
)

# %% name="written"
values(letters=f"{WRITTEN:,}")

# %% [markdown]
# ## Sentences whose best possible score is known
#
# A grammar draws English-like sentences at random: synthetic data. Its entropy is known exactly.
# Two samples of sentences are counted, and each set of counts is scored on new sentences.

# %%
SENTENCES, NEW, LONGEST = 3000, 1200, 14
grammar = data.grammar()
floor = grammar.entropy() / grammar.characters()


def sentences(count, seed):
    return grammar.sample(count, rng=np.random.default_rng(seed))


def study(seed):
    """Counts of one sample; bits of new sentences by n, and each sentence's beside the best."""
    train, chosen_on, new = (
        "\n".join(drawn) + "\n"
        for drawn in (
            sentences(SENTENCES, seed),
            sentences(NEW // 2, seed + 1),
            sentences(NEW, seed + 2),
        )
    )
    letters = "".join(sorted(set(train)))
    counted = NGrams(train, LONGEST, letters)
    on = counted.look_up(chosen_on)
    settings = [chosen(*on, len(letters), n) for n in range(1, LONGEST + 1)]
    mixed_on = scores(*on, len(letters), settings)[1]
    best = min(range(LONGEST), key=lambda i: bits(mixed_on[i]))
    added, mixed = scores(*counted.look_up(new), len(letters), settings)
    stops = np.flatnonzero(np.array(list(new)) == "\n") + 1
    ours = [p.sum() for p in np.split(-np.log2(mixed[best]), stops[:-1])]
    extra = np.array(ours) - [grammar.bits(s) for s in new.splitlines()]
    return counted, settings, best, added, mixed, extra


counted, grammar_settings, grammar_best, grammar_added, grammar_mixed, _ = first = study(0)
second = study(1000)
extra = [interval(found[-1]) for found in (first, second)]
assert all(low > 0 for low, _ in extra)

# %% name="floor"
fig, ax = plot.subplots(width=3.7, height=3.2)
sizes = np.arange(2, LONGEST + 1)
ax.plot(sizes, [bits(p) for p in grammar_added[1:]], "o-", color=plot.ORANGE)
ax.plot(sizes, [bits(p) for p in grammar_mixed[1:]], "s-", color=plot.BLUE)
ax.axhline(floor, color=plot.GREEN, ls="--")
ax.annotate("the grammar itself", (2, floor - 0.06), color=plot.GREEN)
ax.annotate("one context length, add k", (13.8, 0.96), color=plot.ORANGE, ha="right")
ax.annotate("interpolation", (13.8, 0.505), color=plot.BLUE, ha="right")
ax.set_xticks(sizes[::2])
ax.set(xlabel="n", ylabel="bits per letter", ylim=(0.38, 1.15))
plot.figure(
    fig,
    alt="Bits per letter of new sentences against n, and a line at the grammar's own "
    f"{floor:.3f}. With interpolation they fall to {bits(grammar_mixed[grammar_best]):.3f} and "
    "stay above the line; with add-k they rise again.",
    caption=f"Synthetic sentences: {SENTENCES:,} counted, {NEW:,} new ones scored. No model can "
    "get below the line on average. At n = 2 both are at "
    f"{bits(grammar_mixed[1]):.2f}, above the frame.",
)

# %% [markdown]
# Does it put an s on the verb where it belongs? After *the dog that the cats see sleep*, an s must
# follow, since the dog sleeps. After *the dogs that the cats see sleep* there is none.

# %%
NOUNS = [("dog", "dogs"), ("cat", "cats"), ("bird", "birds"), ("teacher", "teachers")]
RESTS = ["sleep", "sing", "wait", "laugh"]
MEETS = ["see", "hear", "follow", "like"]


def right(counted, prompts, m):
    """The share of prompts after which an s is expected where one belongs, and only there."""
    hits = []
    for prompt, plural in prompts:
        p = interpolate(*counted.after(prompt), m, len(counted.alphabet))
        p = dict(zip(counted.alphabet, p, strict=True))
        hits.append((p["s"] > p["."] + p[" "]) != plural)
    return np.mean(hits)


plain = [(f"the {noun[k]} {verb}", bool(k)) for noun in NOUNS for k in (0, 1) for verb in RESTS]
nested = [
    (f"the {noun[k]} that the {other[j]} {meets}{'s' * (1 - j)} {verb}", bool(k))
    for noun in NOUNS
    for other in NOUNS
    for k in (0, 1)
    for j in (0, 1)
    for meets in MEETS
    for verb in RESTS
]
agree = [
    [100 * right(found[0], prompts, found[1][found[2]][1]) for found in (first, second)]
    for prompts in (plain, nested)
]
assert agree[0] == [100, 100]
assert agree[1] == [50, 50]

# %% name="grammar_numbers"
values(
    floor=f"{floor:.3f}",
    sentence=f"{grammar.entropy():.1f}",
    length=f"{grammar.characters():.1f}",
    best=f"{bits(grammar_mixed[grammar_best]):.3f}",
    best_n=grammar_best + 1,
    extra=" and ".join(f"{low:.1f} to {high:.1f}" for low, high in extra),
    plain=f"{min(agree[0]):.0f}",
    nested=f"{min(agree[1]):.0f}",
    plain_prompts=len(plain),
    longest=LONGEST,
    back=LONGEST - 1,
    prompts=len(nested),
)

# %% name="sentences"
table(["sentences of the grammar, none chosen"], [[s] for s in sentences(4, 7)])

# %% [markdown]
# ## What the page gets
#
# The text itself; the page counts in it as you type.

# %%
assert round(settings[5][1]) == 18  # what the page's code takes
show.data("counted", {"text": prose.train, "letters": alphabet, "m": settings[5][1]})

# %% name="still"
BEGIN, LENGTH = "The net", 4
counts, totals = (array[LENGTH - 1] for array in model.after(BEGIN[1 - LENGTH :]))
p = add_k(counts, totals, 0.1, V)
shown = np.argsort(-p, kind="stable")[:8]
names = {" ": "space", "\n": "line end"}
fig, ax = plot.subplots(width=3.7, height=2.8)
ax.barh([names.get(alphabet[i], alphabet[i]) for i in shown], p[shown], color=plot.BLUE)
ax.invert_yaxis()
ax.set(xlabel="probability of the next letter", xlim=(0, 1))
plot.figure(
    fig,
    alt=f"Bars: after {BEGIN!r} the most probable letters, first "
    f"{names.get(alphabet[shown[0]], alphabet[shown[0]])} with {p[shown[0]]:.2f}.",
    caption=f"After *{BEGIN}*, with n = {LENGTH} and k = 0.1: the last {LENGTH - 1} letters came "
    f"{int(totals[0])} times in the counted pages. The eight most probable of {V} letters.",
)
