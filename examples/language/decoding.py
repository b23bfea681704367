# %% [markdown]
# # Decoding, executed
#
# The GPT of the previous lesson writes: always the likeliest letter, or the likeliest texts that a
# beam finds. Then two small nets write sentences of a grammar, with the shares cut in different
# ways, and each sentence is checked. Finally the keys and values are kept, and the work is counted.
# All seeds are fixed. The text is in [the lesson](../../language/decoding.md).

# %%
import re
from functools import cache
from itertools import pairwise
from time import perf_counter

import numpy as np
import torch
from scipy import stats
from scipy.special import log_softmax

from introdl import data, handed, plot
from introdl.language.decoding import CachedGPT, beam, draw, temper, top_k, top_p
from introdl.language.gpt.stages import GPT
from introdl.language.gpt.training import fit
from introdl.show import table, values

HEADS, CONTEXT = 4, 64
net = handed.get("language/gpt/net")
prose = data.prose()
alphabet = "".join(sorted(set("".join(prose))))


def ids_of(text):
    """The places of letters in the alphabet, (T,)."""
    return np.array([alphabet.index(letter) for letter in text], dtype=np.int64)


def text_of(ids):
    return "".join(alphabet[i] for i in ids)


def interval(differences):
    """The mean of paired differences, and how far its 95 % t-interval reaches."""
    return np.mean(differences), stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)


# %% [markdown]
# ## Always the likeliest letter

# %%
WRITTEN, SHOWN = 200, 110
BEGINS = ["The net learns to", "A picture of", "In the year 19"]


def write_greedily(begin, count):
    """Go on with the likeliest letter; once the text is too long, read only its last letters."""
    ids = list(ids_of(begin))
    for _ in range(count):
        last = np.array([ids[-CONTEXT:]])
        ids.append(int(CachedGPT(net, HEADS).read(last).argmax()))
    return text_of(ids[len(begin) :])


def round_of(text):
    """After how many letters, at most 60, the end of a text repeats itself; None if it does not."""
    tail = text[-120:]
    found = [n for n in range(1, 61) if tail[n:] == tail[:-n]]
    return min(found, default=None)


def wrapped(text):
    """A text for a table, with places where a line may end in a long word."""
    return re.sub(r"(\S{12})(?=\S)", "\\1\u200b", " ".join(text.split()))


greedy_texts = [write_greedily(begin, WRITTEN) for begin in BEGINS]
rounds = [round_of(text) for text in greedy_texts]

# %% name="greedy"
table(
    ["begin", f"the first {SHOWN} letters", "repeats every"],
    [
        [begin, wrapped(text[:SHOWN]), f"{again} letters" if again else "not yet"]
        for begin, text, again in zip(BEGINS, greedy_texts, rounds, strict=True)
    ],
)

# %% name="greedy_numbers"
values(texts=len(BEGINS), rounds=sum(again is not None for again in rounds))

# %% [markdown]
# ## Cuts, and whether the sentences are right
#
# Synthetic sentences of the course's grammar; a token is a word. Two nets, each with its own
# sentences to learn from and its own seed. With each cut, each net writes 8 times 100 sentences.
# Each ends at the full stop, or after 24 tokens.

# %%
LEARNED, UPDATES, PLACES, RUNS, EACH = 2000, 200, 24, 8, 100
grammar = data.grammar()


def words_of(sentence):
    return sentence.replace(".", " .").split()


def trained(seed):
    """A net of one sample of sentences, and its words."""
    sentences = grammar.sample(LEARNED, rng=np.random.default_rng(seed))
    vocabulary = sorted({word for sentence in sentences for word in words_of(sentence)})
    text = [vocabulary.index(word) for sentence in sentences for word in words_of(sentence)]
    torch.manual_seed(seed)
    model = GPT(len(vocabulary), 32, HEADS, context=PLACES)
    fit(model, torch.tensor(text), updates=UPDATES, seed=seed, context=PLACES)
    return {name: p.detach().numpy() for name, p in model.named_parameters()}, vocabulary


def write(weights, vocabulary, cut, count, rng):
    """Write sentences: each as words, the bits of these before the cut, and which are rare.

    A word is rare if top-p with 0.95 would have cut it off.
    """
    model, stop = CachedGPT(weights, HEADS), vocabulary.index(".")
    written, bits, rare = ([[] for _ in range(count)] for _ in range(3))
    alive, last = np.arange(count), np.full((count, 1), stop)
    for _ in range(PLACES):
        p = temper(model.read(last), 1.0)
        token = draw(cut(p), rng)
        rows = np.arange(len(token))
        surprise, beyond = -np.log2(p[rows, token]), top_p(p, 0.95)[rows, token] == 0
        for i, word, cost, far in zip(alive, token, surprise, beyond, strict=True):
            written[i].append(vocabulary[word])
            bits[i].append(cost)
            rare[i].append(far)
        going = np.flatnonzero(token != stop)
        if not going.size:
            break
        model.choose(going)
        alive, last = alive[going], token[going][:, None]
    return written, bits, rare


@cache
def grammatical(sentence):
    return bool(grammar.parses(sentence))


def is_right(words):
    return words[-1] == "." and grammatical(" ".join(words))


def scored(written, bits):
    """Per cent of sentences that are right, not ended and different; and the bits per word."""
    right = np.mean([is_right(words) for words in written])
    ended = np.mean([words[-1] == "." for words in written])
    different = len({" ".join(words) for words in written}) / len(written)
    return 100 * right, 100 * (1 - ended), 100 * different, np.mean(np.concatenate(bits))


CUTS = {
    "none": lambda p: p,
    "temperature 0.7": lambda p: temper(np.log(p), 0.7),
    "temperature 0.5": lambda p: temper(np.log(p), 0.5),
    "top-k, k = 10": lambda p: top_k(p, 10),
    "top-k, k = 2": lambda p: top_k(p, 2),
    "top-p, 0.95": lambda p: top_p(p, 0.95),
    "top-p, 0.7": lambda p: top_p(p, 0.7),
    "greedy": lambda p: top_k(p, 1),
}
nets = [trained(seed) for seed in (0, 1)]
split, share_rare = [], []  # of uncut sentences with a rare word, and without: how many are right
clauses_of = {}  # per net: "that" per sentence, the share right without it, and with two or more
found = {}  # (2, RUNS, 4): per net and run the three shares, and the bits per word
for name, cut in CUTS.items():
    rows = []
    for block, one in enumerate(nets):
        written, bits, rare = write(*one, cut, RUNS * EACH, np.random.default_rng(block))
        parts = [slice(EACH * run, EACH * (run + 1)) for run in range(RUNS)]
        rows.append([scored(written[part], bits[part]) for part in parts])
        nested = np.array([words.count("that") for words in written])
        good = np.array([is_right(words) for words in written])
        clauses_of.setdefault(name, []).append(
            [nested.mean(), *(100 * good[some].mean() for some in (nested == 0, nested > 1))]
            if name != "greedy"
            else [np.nan] * 3
        )
        if name == "none":
            has_rare = np.array([any(far) for far in rare])
            right = np.array([is_right(words) for words in written])
            split.append([right[has_rare].mean(), right[~has_rare].mean()])
            share_rare.append(has_rare.mean())
    found[name] = np.array(rows)

# %% [markdown]
# The grammar's own sentences, for comparison: scored in the same way, with the bits of both nets.
# Of a sentence with more than 24 tokens, only the first 24 count.


# %%
def own_bits(weights, vocabulary, sentences):
    """Bits per word of given sentences, each read from its beginning."""
    model, stop = CachedGPT(weights, HEADS), vocabulary.index(".")
    read = np.full((len(sentences), PLACES + 1), -1)
    for row, sentence in zip(read, sentences, strict=True):
        ids = [stop, *(vocabulary.index(word) for word in words_of(sentence))][: PLACES + 1]
        row[: len(ids)] = ids
    found = []
    for last, coming in pairwise(read.T):
        p = temper(model.read(np.maximum(last, 0)[:, None]), 1.0)
        is_there = coming >= 0  # what is read after the end of a sentence is not counted
        found += [*-np.log2(p[is_there, coming[is_there]])]
    return np.mean(found)


real = [grammar.sample(EACH, rng=np.random.default_rng(100 + run)) for run in range(RUNS)]
real_different = np.mean([100 * len(set(part)) / EACH for part in real])
real_long = np.mean([100 * (len(words_of(s)) > PLACES) for part in real for s in part])
real_bits = np.mean([own_bits(*one, real[0]) for one in nets])

# %% name="cuts"
table(
    ["cut", "gram\u00admatical", "not ended", "differ\u00adent", "bits per word"],
    [
        [
            "the grammar itself",
            "100 %",
            f"{real_long:.0f} %",
            f"{real_different:.0f} %",
            f"{real_bits:.2f}",
        ]
    ]
    + [
        [name, *(f"{v:.0f} %" for v in runs.mean(axis=(0, 1))[:3]), f"{runs[..., 3].mean():.2f}"]
        for name, runs in found.items()
    ],
)

# %% name="cuts_pairs"
gains = {
    name: [interval(found[name][block, :, 0] - found["none"][block, :, 0]) for block in range(2)]
    for name in CUTS
    if name != "none"
}


def signed(mean, reach):
    return f"{mean:+.0f}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{reach:.0f}".replace("-", "−")


table(
    ["cut", "first net", "second net"],
    [[name, *(signed(*one) for one in both)] for name, both in gains.items()],
)


# %%
def both(name):
    """What a cut adds to the share of grammatical sentences, per net."""
    return " and ".join(signed(*one) for one in gains[name])


# After the first noun: "that", and the likeliest single verb.
(no_clause, _), *clauses = grammar.rules["THAT_one"]
that = sum(p for p, _ in clauses)
verb = no_clause * grammar.rules["DOES_one"][0][0] * grammar.rules["VERB_rests_one"][0][0]

# %% name="cuts_numbers"
values(
    sentences=f"{2 * RUNS * EACH:,}",
    learned=f"{LEARNED:,}",
    updates=UPDATES,
    places=PLACES,
    runs=RUNS,
    each=EACH,
    nucleus=both("top-p, 0.95"),
    two=both("top-k, k = 2"),
    cold=both("temperature 0.5"),
    mild=both("temperature 0.7"),
    rare=f"{100 * np.mean(share_rare):.0f}",
    rare_right=f"{100 * np.mean(split, axis=0)[0]:.0f}",
    common_right=f"{100 * np.mean(split, axis=0)[1]:.0f}",
    that=f"{that:.2f}",
    verb=f"{verb:.2f}",
)

# %% name="clauses"
table(
    ["cut", "*that* per sentence", "right without *that*", "right with two or more"],
    [
        [
            name,
            *(
                " and ".join(f"{of[i]:{kind}}" for of in clauses_of[name]) + unit
                for i, kind, unit in ((0, ".2f", ""), (1, ".0f", " %"), (2, ".0f", " %"))
            ),
        ]
        for name in ("none", "temperature 0.5", "top-k, k = 2")
    ],
)

# %% name="greedy_sentences"
writing = [write(*one, CUTS["greedy"], 1, np.random.default_rng(0))[0][0] for one in nets]
table(["net", "its greedy sentence"], [[i + 1, " ".join(w)] for i, w in enumerate(writing)])

# %% [markdown]
# ## Beam search
#
# The prose GPT reads the beginning of a test piece and writes 40 more letters: by beam search,
# greedily, or by drawing. What the page really says stands beside them. Two blocks of beginnings.

# %%
GIVEN, LENGTH, BLOCKS, PIECES, WIDTHS = 24, 40, 2, 12, (1, 2, 8)
starts = np.linspace(0, len(prose.test) - GIVEN - LENGTH, BLOCKS * PIECES).astype(int)


def follower(begins):
    """What `beam` calls: log p of each next letter after (N, T) letters; what was read is kept.

    `row` says which of the texts so far each one goes on with.
    """
    model = CachedGPT(net, HEADS)

    def log_p(texts, row):
        if not texts.shape[1]:
            return log_softmax(model.read(begins), axis=-1)
        model.choose(row)
        return log_softmax(model.read(texts[:, -1:]), axis=-1)

    return log_p


def letter_bits(begins, ids):
    """Bits per letter of each text, (N,), after its beginning."""
    log_p, every = follower(begins), np.arange(len(ids))
    lost = [-log_p(ids[:, :end], every)[every, ids[:, end]] for end in range(ids.shape[1])]
    return np.mean(lost, axis=0) / np.log(2)


def different(ids):
    """The share of runs of five letters that did not come before in the text, in per cent."""
    runs = [tuple(ids[i : i + 5]) for i in range(len(ids) - 4)]
    return 100 * len(set(runs)) / len(runs)


vocabulary = set(prose.train.split())


def real_words(ids):
    """The share of whole words that stand in the pages learned from, in per cent."""
    words = text_of(ids).split()[1:-1]  # the first and the last may be cut
    return 100 * np.mean([word in vocabulary for word in words])


def drawn(begins, rng):
    """Go on with letters drawn from the whole shares: (N, T) to (N, LENGTH)."""
    log_p, every = follower(begins), np.arange(len(begins))
    ids = np.zeros((len(begins), 0), dtype=np.int64)
    for _ in range(LENGTH):
        ids = np.column_stack([ids, draw(np.exp(log_p(ids, every)), rng)])
    return ids


begins = np.array([ids_of(prose.test[start : start + GIVEN]) for start in starts])
texts = {
    f"beam, width {width}": np.array(
        [beam(follower(begin[None]), LENGTH, width)[0][0] for begin in begins]
    )
    for width in WIDTHS
}
texts["drawn"] = drawn(begins, np.random.default_rng(0))
ends = starts + GIVEN
texts["the page"] = np.array([ids_of(prose.test[end : end + LENGTH]) for end in ends])
measured = {  # (2, PIECES, 3): bits per letter, the shares of different runs and of real words
    name: np.column_stack(
        [letter_bits(begins, written), [(different(ids), real_words(ids)) for ids in written]]
    ).reshape(BLOCKS, PIECES, 3)
    for name, written in texts.items()
}

# %% name="beam"
NAMES = {"beam, width 1": "greedy", "drawn": "drawn, no cut", "the page": "the page itself"}
table(
    ["how", "bits per letter", "new runs", "real words", "how the first piece goes on"],
    [
        [
            NAMES.get(name, name),
            f"{found_here[..., 0].mean():.2f}",
            *(f"{share:.0f} %" for share in found_here.mean(axis=(0, 1))[1:]),
            " ".join(text_of(texts[name][0]).split()),
        ]
        for name, found_here in measured.items()
    ],
)


# %%
def differs(one, other, column, digits):
    """A paired difference on both blocks, in words."""
    pairs = measured[one][..., column] - measured[other][..., column]
    words = [f"{m:+.{digits}f} ± {r:.{digits}f}" for m, r in map(interval, pairs)]
    return " and ".join(words).replace("-", "−").replace(" ± ", "\u00a0±\u00a0")


# %% name="beam_numbers"
values(
    given=GIVEN,
    length=LENGTH,
    pieces=PIECES,
    saved=differs("beam, width 8", "beam, width 1", 0, 2),
    likelier=differs("beam, width 8", "the page", 0, 1),
    repeats=differs("beam, width 8", "the page", 1, 0),
    drawn=differs("drawn", "the page", 0, 1),
    drawn_words=differs("drawn", "the page", 2, 0),
)

# %% [markdown]
# ## Keys and values, kept
#
# Each letter is read once, or the whole text is read again for each letter. The tokens are the
# same; the work is not. Times are those of one run, with untrained weights of the same shape and
# more places.


# %%
def write_with(weights, count, *, keep):
    """Write greedily after one letter: the ids, the multiplications, and the seconds."""
    ids, work, model = [0], 0, CachedGPT(weights, HEADS)
    start = perf_counter()
    for _ in range(count):
        if keep:
            scores = model.read(np.array([ids[-1:]]))
        else:
            model = CachedGPT(weights, HEADS)
            scores = model.read(np.array([ids]))
            work += model.work
        ids.append(int(scores[0].argmax()))
    return ids, (model.work if keep else work), perf_counter() - start


kept, reread = (write_with(net, CONTEXT, keep=keep) for keep in (True, False))
assert kept[0] == reread[0]

LENGTHS = [16, 64, 192]
torch.manual_seed(0)
longer = GPT(len(alphabet), context=LENGTHS[-1])
untrained = {name: p.detach().numpy() for name, p in longer.named_parameters()}
write_with(untrained, 8, keep=True)  # warm
runs = {n: [write_with(untrained, n, keep=keep) for keep in (False, True)] for n in LENGTHS}
assert all(one[0] == other[0] for one, other in runs.values())

# %% name="work"
table(
    ["letters written", "multiplications, without the cache", "with it", "ratio"],
    [
        [n, *(f"{run[1] / 1e6:,.1f} million" for run in both), f"{both[0][1] / both[1][1]:.1f}"]
        for n, both in runs.items()
    ],
)

# %% name="times" timed=true
table(
    ["letters written", "seconds, without the cache", "with it", "ratio"],
    [
        [n, *(f"{run[2]:.3f}" for run in both), f"{both[0][2] / both[1][2]:.1f}"]
        for n, both in runs.items()
    ],
)

# %% [markdown]
# ## What the interactive figure of the page shows at first

# %% name="still"
BEGIN, HOLD, BARS = "The net learns ", 0.9, 10
p = temper(CachedGPT(net, HEADS).read(ids_of(BEGIN)[None])[0], 1.0)
cut = top_p(p, HOLD)
order = np.argsort(-p, kind="stable")[:BARS]
fig, ax = plot.subplots(width=3.7, height=3.2)
ax.barh(range(BARS), cut[order], color=plot.BLUE)
ax.barh(range(BARS), p[order], color="none", edgecolor=plot.ORANGE)
named = {" ": "space", "\n": "line end"}
ax.set_yticks(range(BARS), [named.get(alphabet[i], alphabet[i]) for i in order])
ax.invert_yaxis()
ax.set(xlabel="share")
plot.figure(
    fig,
    alt=f"Bars: the shares of the {BARS} likeliest letters after “{BEGIN}”, and the larger shares "
    f"after a cut that keeps {(cut > 0).sum()} letters.",
    caption=f"What may follow “{BEGIN.strip()}” and a space. Framed: the GPT's shares. Filled: "
    f"after top-p {HOLD}, which keeps {(cut > 0).sum()} of {len(alphabet)} letters.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert all(again is not None for again in rounds)
assert found["greedy"][..., 2].max() == 100 / EACH
for name in ("top-k, k = 2", "temperature 0.5", "greedy"):
    assert np.mean([mean for mean, _ in gains[name]]) < 0
assert np.mean([mean for mean, _ in gains["top-p, 0.95"]]) > 0
assert [measured[f"beam, width {w}"][..., 0].mean() for w in WIDTHS] == sorted(
    [measured[f"beam, width {w}"][..., 0].mean() for w in WIDTHS], reverse=True
)
assert runs[64][0][1] > 30 * runs[64][1][1]
