# %% [markdown]
# # Real-time translation, executed
#
# Small nets translate number words from English to German while they still listen. How much can
# be right with a fixed wait is counted first, over all numbers. The numbers are spelt by the
# package num2words for this page; nobody said them. The text is in
# [the lesson](../../applications/real_time_translation.md).

# %%
import numpy as np

from introdl import handed, plot, show
from introdl.applications.machine_translation.numbers import DICTIONARY
from introdl.applications.real_time_translation.net import Interpreter, fit, fixed, unsure
from introdl.applications.real_time_translation.numbers import (
    HEARD,
    LONGEST,
    PAUSE,
    by_rule,
    decode,
    encode,
    pair,
)
from introdl.applications.real_time_translation.waits import ceiling, lagging
from introdl.intervals import paired, seen
from introdl.language.attention.numbers import END, GERMAN
from introdl.show import table, values

# %% [markdown]
# ## What can be right with a fixed wait
#
# All 9,999 numbers are equally likely. With wait-8 everything has been heard.

# %%
WAITS = (1, 2, 3, LONGEST)
PAIRS = [pair(number) for number in range(1, 10_000)]
ceilings = {k: 100 * ceiling(PAIRS, k) for k in WAITS}
by_hand = [by_rule(words) for words, _ in PAIRS]
NUMBER = {pieces: number for number, (_, pieces) in enumerate(PAIRS, 1)}

# %% [markdown]
# ## Eight times two nets
#
# Each seed draws its own numbers: 3,000 to learn from, 300 to choose the limit of doubt on, and
# 400 to test on, which choose nothing. One net always hears the whole number in training; the
# other hears each by wait-k, with k drawn from 1 to 8. Both make the same updates.

# %%
SEEDS, TRAIN, CHOOSE, TEST = 8, 3000, 300, 400
drawn = [
    (1 + np.random.default_rng(1000 + seed).permutation(9999)).tolist() for seed in range(SEEDS)
]
train = [some[:TRAIN] for some in drawn]
choose = [some[TRAIN : TRAIN + CHOOSE] for some in drawn]
test = [some[TRAIN + CHOOSE : TRAIN + CHOOSE + TEST] for some in drawn]
WHOLE, EARLY = "learned from whole numbers", "learned with all waits"
both = fit(
    [*train, *train],
    [*range(100, 100 + SEEDS), *range(200, 200 + SEEDS)],
    [LONGEST] * SEEDS + [1] * SEEDS,
)
nets = {WHOLE: both[:SEEDS], EARLY: both[SEEDS:]}


def interpret(net, numbers, policy):
    """What a net says of each number, and how many words it had heard before each piece."""
    pieces, heard = net.speak(encode(numbers)[0], policy)
    return list(zip(decode(pieces), ([h for h in row if h] for row in heard.tolist()), strict=True))


def judged(runs, numbers):
    """The percentage that is right to the last piece, and the mean lag in words."""
    pairs = [pair(number) for number in numbers]
    right = [said == pieces for (said, _), (_, pieces) in zip(runs, pairs, strict=True)]
    lags = [lagging(heard, len(w)) for (_, heard), (w, _) in zip(runs, pairs, strict=True)]
    return 100 * np.mean(right), np.mean(lags)


# %% [markdown]
# ## How sure is sure enough?
#
# One limit for all nets: the one with the most right numbers among those to choose on; of equal
# ones the smallest.

# %%
LIMITS = (0.5, 0.7, 0.9, 0.95, 0.98)
tried = {
    limit: np.mean(
        [
            judged(interpret(net, some, unsure(limit)), some)[0]
            for net, some in zip(nets[EARLY], choose, strict=True)
        ]
    )
    for limit in LIMITS
}
LIMIT = max(tried, key=tried.get)

# %% [markdown]
# ## The test

# %%
runs = {
    (name, k): [interpret(net, some, fixed(k)) for net, some in zip(nets[name], test, strict=True)]
    for name in nets
    for k in WAITS
}
DOUBT, HAND, WORDS = "net, waits while unsure", "rule by hand", "dictionary, word by word"
runs[DOUBT] = [
    interpret(net, some, unsure(LIMIT)) for net, some in zip(nets[EARLY], test, strict=True)
]
runs[HAND] = [[by_hand[number - 1] for number in some] for some in test]


def word_by_word(words):
    """Say the German of each word at once, in the English order."""
    heard = [h for h, word in enumerate(words, 1) if word == PAUSE or DICTIONARY[word]]
    said = tuple(END if words[h - 1] == PAUSE else DICTIONARY[words[h - 1]] for h in heard)
    return said, heard


runs[WORDS] = [[word_by_word(pair(number)[0]) for number in some] for some in test]
scores = {
    way: np.array([judged(run, some) for run, some in zip(several, test, strict=True)])
    for way, several in runs.items()
}  # (SEEDS, 2) each

# %% name="scores"
NAMES = {1: "wait-1", 2: "wait-2", 3: "wait-3", LONGEST: "waits for the end"}


def spread(way):
    """The mean of the nets, and the lowest and highest."""
    exact = scores[way][:, 0]
    return f"{exact.mean():.1f} % ({exact.min():.1f} to {exact.max():.1f})"


table(
    ["", "lag (all waits)", "best possible", "nets, all waits", "nets, whole numbers"],
    [
        [
            NAMES[k],
            f"{scores[EARLY, k][:, 1].mean():.1f}",
            f"{ceilings[k]:.1f} %",
            spread((EARLY, k)),
            spread((WHOLE, k)),
        ]
        for k in WAITS
    ],
)

# %% [markdown]
# The lag in the table is that of the nets that learned with all waits. The others fall silent
# earlier when they have heard little, so they say fewer pieces, and their lag is smaller.

# %% name="said"
said_pieces = {
    way: np.mean([len(heard) for run in runs[way] for _, heard in run])
    for way in runs
    if isinstance(way, tuple)
}
table(
    ["", "pieces, all waits", "pieces, whole numbers", "lag, all waits", "lag, whole numbers"],
    [
        [
            NAMES[k],
            *(f"{said_pieces[name, k]:.2f}" for name in (EARLY, WHOLE)),
            *(f"{scores[name, k][:, 1].mean():.2f}" for name in (EARLY, WHOLE)),
        ]
        for k in WAITS
    ],
)

# %% name="policies"
table(
    ["", "exactly right", "lag in words"],
    [
        [name, f"{scores[way][:, 0].mean():.1f} %", f"{scores[way][:, 1].mean():.2f}"]
        for name, way in (
            (WORDS, WORDS),
            ("net, wait-1", (EARLY, 1)),
            ("net, wait-2", (EARLY, 2)),
            ("net, wait-3", (EARLY, 3)),
            ("net, waits for the end", (EARLY, LONGEST)),
            (DOUBT, DOUBT),
            (HAND, HAND),
        )
    ],
)

# %% name="versus"
BLOCKS = (slice(0, 4), slice(4, 8))
RIGHT, LAG = 0, 1


def compare(one, other, what):
    """Paired differences in both blocks."""
    return [paired(scores[one][block, what], scores[other][block, what]) for block in BLOCKS]


EXACT = "right, in points"
COMPARED = {
    f"{NAMES[k]}: {EARLY} minus {WHOLE}": ((EARLY, k), (WHOLE, k), RIGHT) for k in WAITS
} | {
    "dictionary minus wait-2": (WORDS, (EARLY, 2), RIGHT),
    "waits while unsure minus wait-1": (DOUBT, (EARLY, 1), RIGHT),
    "waits while unsure minus wait-2": (DOUBT, (EARLY, 2), RIGHT),
    "waits while unsure minus wait-3": (DOUBT, (EARLY, 3), RIGHT),
    "rule by hand minus waits while unsure": (HAND, DOUBT, RIGHT),
    "dictionary minus wait-2 ": (WORDS, (EARLY, 2), LAG),
    "waits while unsure minus wait-1 ": (DOUBT, (EARLY, 1), LAG),
    "waits while unsure minus wait-2 ": (DOUBT, (EARLY, 2), LAG),
    "waits while unsure minus wait-3 ": (DOUBT, (EARLY, 3), LAG),
    "rule by hand minus waits while unsure ": (HAND, DOUBT, LAG),
}
versus = {name: compare(*what) for name, what in COMPARED.items()}
table(
    ["difference", "of what", "first four seeds", "other four", ""],
    [
        [
            name.strip(),
            "lag, in words" if COMPARED[name][2] else EXACT,
            *(interval.text(2 if COMPARED[name][2] else 1) for interval in both),
            "seen" if seen(both) else "not seen",
        ]
        for name, both in versus.items()
    ],
)

# %% name="curve"
fig, ax = plot.subplots(width=3.7, height=3.6)
lags = [scores[EARLY, k][:, LAG].mean() for k in WAITS]
best = [ceilings[k] for k in WAITS]
ax.plot(lags, best, color=plot.MUTED, marker="_", ms=18, ls="",
        label="best possible for wait-k")  # fmt: skip
for k, x, y in zip(WAITS, lags, best, strict=True):
    ax.annotate(NAMES[k].removeprefix("waits for "), (x, y), (0, 6), textcoords="offset points",
                ha="center", fontsize=8)  # fmt: skip
for name, marker, colour in ((EARLY, "o", plot.BLUE), (WHOLE, "s", plot.ORANGE)):
    x = [scores[name, k][:, LAG].mean() for k in WAITS]
    y = [scores[name, k][:, RIGHT].mean() for k in WAITS]
    ax.plot(x, y, color=colour, marker=marker, ls="", label=f"net, {name}")
for way, marker, colour in ((DOUBT, "*", plot.BLUE), (HAND, "^", plot.GREEN)):
    x, y = scores[way].mean(axis=0)[::-1]
    ax.plot(x, y, color=colour, marker=marker, ms=9, ls="", label=way)
ax.set(xlabel="average lag in words", ylabel="exactly right, %", ylim=(0, 112))
fig.legend(*ax.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=1)
plot.figure(
    fig,
    alt="Right numbers in percent against the lag in words. The best possible for wait-k rises "
    "from 10 at lag 1 to 100 at lag 3. The nets that learned with all waits lie just below it. "
    "Those that learned from whole numbers lie lower at wait-3. Near lag 1.3, at the top and far "
    "above the best possible for wait-k, stand the rule and the nets that wait while unsure.",
    caption="Late or wrong: how right each way of waiting is, and how far behind. Nets are means "
    "of eight, with 400 test numbers each. The triangle waits by the rule, the star while the "
    "nets are unsure.",
)

# %% [markdown]
# ## When the guess was wrong
#
# How many wrong answers are flawless German for another number? And the ten worst errors of the
# nets that wait while unsure: those with the smallest share of the right pieces in their places;
# of equal ones, the smaller numbers.


# %%
def wrong(way):
    """All wrong answers: number, what was said, what was right."""
    return [
        (number, said, pair(number)[1])
        for run, some in zip(runs[way], test, strict=True)
        for number, (said, _) in zip(some, run, strict=True)
        if said != pair(number)[1]
    ]


def in_place(mistake):
    """The share of the right pieces that stand in their places."""
    _, said, right = mistake
    return sum(a == b for a, b in zip(said, right, strict=False)) / len(right)


def shown(pieces):
    """Pieces as one word that may break between them."""
    return "\u200b".join(piece for piece in pieces if piece != END)


guessed, doubted = wrong((EARLY, 2)), wrong(DOUBT)
fluent = [mistake for mistake in guessed if mistake[1] in NUMBER]
worst = sorted(doubted, key=lambda mistake: (in_place(mistake), mistake[0]))[:10]

# %% name="worst"
table(
    ["number", "said", "means", "pieces in place"],
    [
        [
            f"{number:,}",
            shown(said),
            f"{NUMBER[said]:,}" if said in NUMBER else "no number",
            f"{100 * in_place((number, said, right)):.0f} %",
        ]
        for number, said, right in worst
    ],
)

# %% [markdown]
# Are short numbers more often wrong? Errors of the nets that wait while unsure, and how many
# each of the nets makes; then how often they wait otherwise than the rule where they are right.

# %% name="short"
SHOWN = 347
SHORT = {"below 100": lambda number: number < 100, "100 and above": lambda number: number > 99}
failed = {name: sum(kind(number) for number, _, _ in doubted) for name, kind in SHORT.items()}
played = {name: sum(kind(n) for some in test for n in some) for name, kind in SHORT.items()}
rates = {name: f"{100 * failed[name] / played[name]:.1f}" for name in SHORT}
table(
    ["numbers", "asked", "wrong", "share"],
    [[name, f"{played[name]:,}", failed[name], f"{rates[name]} %"] for name in SHORT],
)
errors = [
    sum(said != pair(number)[1] for number, (said, _) in zip(some, run, strict=True))
    for run, some in zip(runs[DOUBT], test, strict=True)
]
print("errors of each net:", *errors)
good = [
    (np.array(heard), np.array(by_hand[number - 1][1]))
    for run, some in zip(runs[DOUBT], test, strict=True)
    for number, (said, heard) in zip(some, run, strict=True)
    if said == pair(number)[1]
]
more = sum((ours > rule).any() for ours, rule in good)
less = sum((ours < rule).any() for ours, rule in good)
print(f"of {len(good):,} right, {more} hear more than the rule somewhere, {less} less")
guesses = [interpret(net, [SHOWN], fixed(2))[0][0] for net in nets[EARLY]]
print(f"third piece of {SHOWN} with wait-2:", *(said[2] for said in guesses))

# %% [markdown]
# One number, with two ways to wait: the net of seed 0, which did not learn from this number.

# %% name="stairs"
assert SHOWN not in train[0]
words, right = pair(SHOWN)
fig, axes = plot.subplots(1, 2, width=7, height=3.2, sharey=True)
for ax, (title, policy) in zip(
    axes, {"wait-2": fixed(2), "waits while unsure": unsure(LIMIT)}.items(), strict=True
):
    said, heard = interpret(nets[EARLY][0], [SHOWN], policy)[0]
    x, y = [0], [0]
    for t, h in enumerate(heard):
        x += [h, h]
        y += [t, t + 1]
    ax.plot(x, y, color=plot.BLUE, lw=2)
    for t, (piece, h) in enumerate(zip(said, heard, strict=True)):
        good = t < len(right) and piece == right[t]
        ax.plot(h, t + 0.5, marker="o" if good else "X", color=plot.BLUE if good else plot.ORANGE)
        label = piece.strip("<>")
        ax.annotate(label, (h, t + 0.5), (-6, 0), textcoords="offset points", ha="right",
                    va="center", fontsize=8)  # fmt: skip
    ax.set_xticks(np.arange(len(words)) + 0.5, words, rotation=40, ha="right", fontsize=8)
    ax.set(title=title, xlim=(0, len(words) + 0.2), ylim=(len(right) + 0.2, 0), yticks=[])
axes[0].set_ylabel("pieces said")
plot.figure(
    fig,
    alt=f"Two staircases for {SHOWN}: a step right for each word heard, a step down for each piece "
    "said. With wait-2, the third piece is said when forty has been heard, and it is a wrong "
    "digit, marked by a cross. The net that waits while unsure hears seven first, and all its "
    "pieces are right.",
    caption=f"How {SHOWN} is interpreted: right for a word heard, down for a piece said; a cross "
    "marks a wrong piece. The net has not trained on this number, which was chosen by hand.",
)

# %% name="numbers"
below = [sum(number < 100 for number in some) for some in train]
floor = scores[WHOLE, 3][:, RIGHT], scores[EARLY, 3][:, RIGHT]
values(
    train=f"{TRAIN:,}",
    choose=CHOOSE,
    test=TEST,
    limit=f"{100 * LIMIT:.0f}",
    limits=", ".join(f"{100 * limit:.0f}" for limit in LIMITS),
    ceiling_2=f"{ceilings[2]:.1f}",
    whole_low=f"{floor[0].min():.1f}",
    early_low=f"{floor[1].min():.1f}",
    doubt_lag=f"{scores[DOUBT][:, LAG].mean():.1f}",
    lag_3=f"{scores[EARLY, 3][:, LAG].mean():.1f}",
    guessed=f"{len(guessed):,}",
    fluent=f"{100 * len(fluent) / len(guessed):.1f}",
    doubted=len(doubted),
    asked=f"{SEEDS * TEST:,}",
    errors=f"{min(errors)} to {max(errors)}",
    short_failed=failed["below 100"],
    short_asked=played["below 100"],
    short_rate=rates["below 100"],
    long_rate=rates["100 and above"],
    below=f"{min(below)} to {max(below)}",
    weights=f"{sum(p.numel() for p in both[0].parameters()):,}",
)

# %% [markdown]
# What the page lets its reader move: the net of seed 0 that learned with all waits.

# %%
arrays = {name: part.numpy() for name, part in nets[EARLY][0].state_dict().items()}
show.arrays("net", **arrays)
handed.keep("net", **arrays)
show.data(
    "words",
    {"heard": HEARD, "german": GERMAN, "limit": LIMIT, "trained": sorted(train[0])},
)

# %% [markdown]
# ## What this notebook claims

# %%
assert isinstance(both[0], Interpreter)
assert len(NUMBER) == len(PAIRS)
assert ceilings[3] == ceilings[LONGEST] == 100, "the page says: three words are enough"
assert ceilings[2] < 30, "the page says: two are not"
assert all(said == pieces for (said, _), (_, pieces) in zip(by_hand, PAIRS, strict=True))
assert scores[HAND][:, RIGHT].min() == 100
assert scores[EARLY, 3][:, RIGHT].min() > 85
assert scores[DOUBT][:, RIGHT].min() > 85
assert seen(versus["waits while unsure minus wait-2"]) == 1
assert seen(versus["waits while unsure minus wait-3 "]) == -1, "the page says: a smaller lag"
assert seen(versus["waits while unsure minus wait-3"]) == 0, "the page says: not seen"
assert seen(versus["rule by hand minus waits while unsure "]) == 0, "the page says: not seen"
assert seen(versus["rule by hand minus waits while unsure"]) == 0, "the page says: not seen"
assert all(seen(versus[name]) == 0 for name in list(versus)[:4]), "the page says: not seen"
assert seen(versus["dictionary minus wait-2"]) == 0, "the page says: not seen"
assert seen(versus["dictionary minus wait-2 "]) == -1, "the page says: a smaller lag"
assert seen(versus["waits while unsure minus wait-2 "]) == 0, "the page says: not seen"
assert seen(versus["waits while unsure minus wait-1"]) == 1, "the page says: far more often"
assert seen(versus["waits while unsure minus wait-1 "]) == 1, "the page says: a larger lag"
assert all(said_pieces[WHOLE, k] < said_pieces[EARLY, k] for k in (1, 2, 3)), "fewer pieces"
assert all(scores[WHOLE, k][:, LAG].mean() < scores[EARLY, k][:, LAG].mean() for k in (1, 2, 3)), (
    "the page says: a smaller lag"
)
assert scores[WHOLE, 3][:, RIGHT].min() < 50 < 85 < scores[EARLY, 3][:, RIGHT].min()
assert len(fluent) > 0.95 * len(guessed), "the page says: nearly all"
assert len(doubted) >= 10, "ten worst errors"
assert (
    failed["below 100"] * played["100 and above"]
    > 4 * failed["100 and above"] * (played["below 100"])
), "the page says: far more often"
assert more > 0, "the page says: the nets wait otherwise than the rule"
assert less > 0, "the page says: the nets wait otherwise than the rule"
assert guesses[0][2] == "acht", "the page says: acht"
assert guesses[0][3:5] == ("und", "vierzig"), "the page says: it goes on"
assert min(errors) == 0 < 10 < max(errors), "the page says: unequal"
