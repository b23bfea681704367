# %% [markdown]
# # Tokenization, executed
#
# Byte pair encoding learns its tokens from this course's own prose. Then it cuts new pages, other
# languages, emoji, numbers and spaces. The text is in
# [the lesson](../../language/tokenization.md).

# %%
import re
from collections import Counter

import numpy as np

from introdl import data, plot, show
from introdl.language.tokenization import BPE, count_pairs, split, train
from introdl.show import table, values

# %% [markdown]
# ## Learn the merges
#
# From the training pages; whole pages are kept aside for testing. Training stops by itself when
# no pair comes twice.

# %%
MERGES = 2000
prose = data.prose()
merges, frequencies = train(prose.train, MERGES)
everything, _ = train(prose.train, len(prose.train))
bpe = BPE(merges)
assert everything[:MERGES] == merges
assert (prose.train + prose.test).isascii()  # no byte above 127 was ever merged


def readable(token):
    """A token for a table: spaces and line ends are visible, half characters in hex."""
    try:
        text = token.decode()
    except UnicodeDecodeError:
        return " ".join(f"{byte:02x}" for byte in token)
    return text.replace(" ", "␣").replace("\n", "↵")


def cut(tokenizer, text):
    """A text, with a bar between its tokens."""
    return "`" + " · ".join(readable(tokenizer.tokens[i]) for i in tokenizer.encode(text)) + "`"


# %% name="learned"
SHOWN = [*range(10), 99, 499, 1999]
table(
    ["merge", "pair", "came", "new token", "its number"],
    [
        [
            i + 1,
            "`" + " + ".join(readable(bpe.tokens[t]) for t in merges[i]) + "`",
            f"{frequencies[i]:,} times",
            f"`{readable(bpe.tokens[256 + i])}`",
            256 + i,
        ]
        for i in SHOWN
    ],
)

# %% [markdown]
# ## One sentence, cut in several ways
#
# The first sentence of the test pages that has 40 to 60 characters.

# %%
SIZES = [0, 100, 300, 1000, 2000]
sentence = next(s for s in re.findall(r"[A-Z][^.?!\n]*\.", prose.test) if 40 <= len(s) <= 60)
words = len(re.findall(r"[A-Za-z]+", sentence))
tokenizers = {size: BPE(merges[:size]) for size in SIZES}

# %% name="sentence"
table(
    ["cut into", "tokens", "the cuts"],
    [
        ["characters", len(sentence), sentence],
        ["bytes (BPE, no merge)", len(tokenizers[0].encode(sentence)), "as above"],
        *(
            [f"BPE, {size:,} merges", len(t.encode(sentence)), cut(t, sentence)]
            for size, t in tokenizers.items()
            if size
        ),
        ["words, without punctuation", words, " · ".join(re.findall(r"[A-Za-z]+", sentence))],
    ],
)

# %% [markdown]
# ## Other languages
#
# The first sentence of Article 1 of the Universal Declaration of Human Rights.

# %%
ARTICLE = {
    "English": "All human beings are born free and equal in dignity and rights.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "French": "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "Russian": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "Chinese": "人人生而自由，在尊严和权利上一律平等。",
}
needed = {language: len(bpe.encode(text)) for language, text in ARTICLE.items()}
for text in ARTICLE.values():
    assert bpe.decode(bpe.encode(text)) == text

# %% name="languages"
table(
    ["", "char\u00adacters", "bytes", "tokens", "tokens per char\u00adacter"],
    [
        [
            language,
            len(text),
            len(text.encode()),
            needed[language],
            f"{needed[language] / len(text):.2f}",
        ]
        for language, text in ARTICLE.items()
    ],
)

# %% [markdown]
# ## Emoji, numbers, spaces, capitals

# %%
ODD = [
    ("a Greek word", "γλώσσα"),
    ("an emoji", "🙂"),
    ("a joined emoji", "👩🏽‍🚀"),
    ("a round number", "1000"),
    ("a year", "1847"),
    ("a long number", "31415926"),
    ("spaces", "if x:\n        y"),
    ("at the beginning", "network"),
    ("after a space", " network"),
    ("with a capital", "Network"),
    ("in capitals", "NETWORK"),
    ("an invented word", "unlearnability"),
]
assert len(bpe.encode("γλώσσα")) == len("γλώσσα".encode()) == 12

assert len({tuple(bpe.encode(word)) for word in ("network", " network", "Network", "NETWORK")}) == 4

# %% name="odd"
table(
    ["text", "char\u00adacters", "tokens", "the cuts"],
    [
        [
            f"{what}: `{readable(text.encode())}`",
            len(text),
            len(bpe.encode(text)),
            cut(bpe, text),
        ]
        for what, text in ODD
    ],
)

# %% [markdown]
# ## Words that are new
#
# A vocabulary of words holds the most frequent words of the training pages. What share of the
# words of the test pages is missing from it? BPE gets a vocabulary of that size, bytes included.

# %%
WORD = r"[A-Za-z]+"
seen = [word for word, _ in Counter(re.findall(WORD, prose.train)).most_common()]
new_words = re.findall(WORD, prose.test)


def unknown(entries):
    """The share of the test pages' words that are not among the most frequent training words."""
    known = set(seen[:entries])
    return np.mean([word not in known for word in new_words])


def characters_per_token(tokenizer, text):
    return len(text) / len(tokenizer.encode(text))


rows = []
for size in [100, 300, 1000, len(seen) - 256]:  # at last as many entries as there are words
    tokenizer = BPE(merges[:size])
    spoken = [len(tokenizer.encode(" " + word)) for word in new_words]
    rows.append([256 + size, unknown(256 + size), np.mean(spoken)])
    assert tokenizer.decode(tokenizer.encode(prose.test)) == prose.test
lost = [word for word in dict.fromkeys(new_words) if word not in set(seen)]
assert 256 < len(seen) < 256 + MERGES
assert unknown(len(seen)) > 0

# %% name="unknown"
table(
    ["entries of the vocabulary", "words: unknown", "BPE: unknown", "BPE: tokens per word"],
    [[f"{v:,}", f"{100 * u:.1f} %", "0 %", f"{s:.2f}"] for v, u, s in rows],
)

# %% name="lost"
table(
    ["not among the words of the training pages", "by BPE"],
    [[word, cut(bpe, " " + word)] for word in lost[:6]],
)

# %% [markdown]
# ## Vocabulary against length

# %%
COUNTS = [0, 30, 100, 300, 1000, 2000, len(everything)]
trade = []
for size in COUNTS:
    tokenizer = BPE(everything[:size])
    used = Counter(tokenizer.encode(prose.train))
    uses = np.array([used[i] for i in range(256, 256 + size)])
    rare = (uses < 10).mean() if size else None
    trade.append(
        (
            size,
            characters_per_token(tokenizer, prose.train),
            characters_per_token(tokenizer, prose.test),
            len(tokenizer.encode(prose.test)),
            rare,
            (uses == 0).sum(),
        )
    )

assert (trade[2][0], trade[2][4], COUNTS[-2]) == (100, 0, MERGES)  # what the page says
space_o = bpe.tokens.index(b" o")
assert (space_o, 102) in merges
assert Counter(bpe.encode(prose.train))[space_o] < 10
assert trade[-2][5] > 1

# %% name="trade"
fig, ax = plot.subplots(width=3.7, height=2.9)
ax.plot(COUNTS[1:], [row[1] for row in trade[1:]], "s-", color=plot.BLUE)
ax.plot(COUNTS[1:], [row[2] for row in trade[1:]], "o-", color=plot.ORANGE)
ax.set_xscale("log")
ax.set_xticks([30, 100, 300, 1000, 2600], ["30", "100", "300", "1,000", "2,600"])
ax.minorticks_off()
ax.annotate("training pages", (900, 3.7), color=plot.BLUE, ha="right")
ax.annotate("new pages", (1100, 2.75), color=plot.ORANGE)
ax.set(xlabel="merges", ylabel="characters per token", ylim=(1, 4.5))
plot.figure(
    fig,
    alt="Characters per token against the number of merges, on a log axis. They rise from "
    f"{trade[1][2]:.1f} at {COUNTS[1]} merges to {trade[-1][2]:.1f} at {COUNTS[-1]:,} on new "
    f"pages, and to {trade[-1][1]:.1f} on the training pages.",
    caption=f"Without merges it is 1. The training pages have {len(prose.train):,} characters, the "
    f"new pages {len(prose.test):,}.",
)

# %% name="trade_table"
table(
    ["merges", "vocabulary", "tokens of the new pages", "new tokens used under 10 times"],
    [
        [
            f"{size:,}",
            f"{256 + size:,}",
            f"{tokens:,}",
            "–" if rare is None else f"{100 * rare:.0f} %",
        ]
        for size, _, _, tokens, rare, _ in trade
    ],
)

# %% name="numbers"
values(
    train=f"{len(prose.train):,}",
    test=f"{len(prose.test):,}",
    merges=f"{MERGES:,}",
    vocabulary=f"{256 + MERGES:,}",
    all_merges=f"{len(everything):,}",
    words=f"{len(seen):,}",
    unknown_all=f"{100 * unknown(len(seen)):.1f}",
    new_words=f"{len(new_words):,}",
    sentence_characters=len(sentence),
    sentence_tokens=len(bpe.encode(sentence)),
    per_train=f"{characters_per_token(bpe, prose.train):.1f}",
    per_test=f"{characters_per_token(bpe, prose.test):.1f}",
    english=needed["English"],
    russian=needed["Russian"],
    times=f"{needed['Russian'] / needed['English']:.1f}",
    greek=len(bpe.encode("γλώσσα")),
    rare=f"{100 * trade[-2][4]:.0f}",
    rare_few=f"{100 * trade[2][4]:.0f}",
    swallowed=trade[-2][5],
    saved=f"{trade[-2][3] - trade[-1][3]:,}",
)

# %% [markdown]
# ## The page's line, by hand
#
# Its most frequent pairs before each merge.

# %%
LINE = "thin ink in the thing"
by_hand, _ = train(LINE, 3)
assert [BPE(by_hand).tokens[256 + i] for i in range(3)] == [b"in", b"th", b" in"]

# %% name="hand"
rows = []
for size in range(4):
    tokenizer = BPE(by_hand[:size])
    cuts = [tokenizer.encode(piece.decode()) for piece in split(LINE)]
    best = sorted(count_pairs(cuts).items(), key=lambda item: (-item[1], item[0]))[:3]
    rows.append(
        [
            size,
            cut(tokenizer, LINE),
            len(tokenizer.encode(LINE)),
            ", ".join(
                "`" + " + ".join(readable(tokenizer.tokens[t]) for t in pair) + f"` {count}"
                for pair, count in best
            ),
        ]
    )
table(["merges", "tokens", "how many", "its most frequent pairs"], rows)

# %% [markdown]
# ## What the page gets
#
# The merges; the page makes them as you type.

# %%
show.data("merges", {"merges": merges, "times": frequencies})

# %% name="still"
TYPED = b" networks"
table(
    ["merges made", f"the tokens of *{TYPED.decode().strip()}*, with the space before it"],
    [
        [done, "`" + " · ".join(readable(bpe.tokens[i]) for i in ids) + "`"]
        for done, ids in enumerate(bpe.steps(TYPED))
    ],
)
