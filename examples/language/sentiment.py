# %% [markdown]
# # Sentiment, executed
#
# A bag of words, with one weight per word, against an LSTM that reads in order: which is better at
# telling praise from blame? Settings are chosen on a validation part, with equally many tries.
# Then the words are shuffled. All seeds are fixed. The text is in
# [the lesson](../../language/sentiment.md).

# %%
import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from introdl import data, plot, show
from introdl.language.embeddings import sigmoid
from introdl.language.sentiment.bag import (
    TEST,
    TRAIN,
    VALIDATION,
    count,
    deal,
    fit,
    idf,
    known,
    phrases,
    tfidf,
    words,
)
from introdl.language.sentiment.reader import Reader, look_up, train
from introdl.show import table, values

# %% [markdown]
# ## The sentences, dealt by review
#
# Sentences of one review must not stand in two parts. Of each 20 reviews, in the order of the file,
# 12 are for training, 3 for validation and 5 for testing.

# %%
opinions = data.opinions()
texts = [words(sentence) for sentence in opinions.sentences]
y = (opinions.rating > 0).astype(int)
part = deal(opinions.review)
tr, va, te = (np.flatnonzero(part == k) for k in (TRAIN, VALIDATION, TEST))
assert len({" ".join(text) for text in texts}) == len(texts)  # no sentence stands there twice
assert not set(opinions.review[tr]) & set(opinions.review[te])
commoner = int(y[tr].mean() > 0.5)


def right(positive, rows):
    return (positive == y[rows]).astype(float)


# %% [markdown]
# ## Two bags: of words, and of words and pairs
#
# Words, or pairs, that stand in at least two training sentences. Most counts are 0, so scikit-learn
# fits the weights, on a form of the table that leaves the zeros out. Our own fit gives the same.

# %%
LEAST, CS = 2, (0.3, 1.0, 3.0, 10.0, 30.0)


def bag(longest):
    """The vocabulary, rarities, table, chosen C, model and validation accuracies."""
    runs = [phrases(text, longest) for text in texts]
    vocabulary = known([runs[i] for i in tr], LEAST)
    counts = count(runs, vocabulary)
    rarity = idf(counts[tr])
    X = csr_matrix(tfidf(counts, rarity))
    models = [LogisticRegression(C=C, max_iter=1000, tol=1e-8).fit(X[tr], y[tr]) for C in CS]
    tried = [model.score(X[va], y[va]) for model in models]
    best = int(np.argmax(tried))
    return vocabulary, rarity, X, CS[best], models[best], tried


bags = {"words": bag(1), "words and pairs": bag(2)}
vocabulary, rarity, X, C, model, _ = bags["words"]
assert C == 1.0  # which the page's own code takes
w, b = fit(X[tr].toarray(), y[tr], C)
np.testing.assert_allclose(w, model.coef_[0], atol=1e-3)
answers = {name: right(model.predict(X[te]), te) for name, (_, _, X, _, model, _) in bags.items()}
answers["commoner"] = right(commoner, te)

# %% [markdown]
# ## The reader
#
# The same words. There are five rates, as many tries as for each bag, with one seed and five passes
# each.

# %%
D, H, DROP, BATCH, EPOCHS = 24, 16, 0.3, 64, 5
RATES = (0.01, 0.02, 0.04, 0.08, 0.16)
rows = look_up(texts, vocabulary)


def reader(rate, seed):
    """A trained net."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = Reader(len(vocabulary), D, H, DROP)
    learned = [rows[i] for i in tr]
    for _ in train(net, learned, y[tr], epochs=EPOCHS, batch=BATCH, rate=rate, seed=seed):
        pass
    return net


def scores(net, chosen):
    return net.score([rows[i] for i in chosen])


tried = [right(scores(reader(rate, 500), va) > 0, va).mean() for rate in RATES]
rate = RATES[int(np.argmax(tried))]
BLOCKS = (range(5), range(100, 105))
nets = [reader(rate, seed) for block in BLOCKS for seed in block]
scored = np.array([scores(net, te) for net in nets])  # (10, N)
answers["LSTM"] = right(scored > 0, te)

# %% name="settings"
table(
    ["method", "what was tried", "right on validation, %"],
    [
        [f"bag of {name}, $C$", CS, ", ".join(f"{100 * v:.1f}" for v in found[5])]
        for name, found in bags.items()
    ]
    + [["LSTM, rate", RATES, ", ".join(f"{100 * v:.1f}" for v in tried)]],
)

# %% [markdown]
# ## Who wins?
#
# The interval of a difference: the reviews of the test part and the nets of a block are drawn again
# with replacement, 1,000 times. Whole reviews are drawn, since sentences of one review are alike.

# %%
rng = np.random.default_rng(5)
review = opinions.review[te]
members = [np.flatnonzero(review == r) for r in np.unique(review)]


def interval(differences, draws=1000):
    """A 95 % interval of the mean of (nets, N) differences, over reviews and nets."""
    sums = np.array([[row[m].sum() for m in members] for row in differences])
    sizes = np.array([len(m) for m in members])
    means = []
    for _ in range(draws):
        chosen = rng.integers(len(members), size=len(members))
        again = rng.integers(len(sums), size=len(sums))
        means.append(sums[np.ix_(again, chosen)].sum() / sizes[chosen].sum() / len(sums))
    return tuple(100 * np.quantile(means, [0.025, 0.975]))


def written(bounds):
    low, high = (round(bound, 1) + 0.0 for bound in bounds)  # no "-0.0"
    return f"{low:+.1f} to {high:+.1f}".replace("-", "−")


def verdict(intervals, more, less):
    """What intervals of all blocks allow to say."""
    if all(low > 0 for low, _ in intervals):
        return more
    return less if all(high < 0 for _, high in intervals) else "no difference seen"


half = len(nets) // 2
blocks = answers["LSTM"][:half], answers["LSTM"][half:]
ahead = {
    name: [interval(block - answers[name]) for block in blocks]
    for name in ("commoner", "words", "words and pairs")
}
pairs_ahead = interval((answers["words and pairs"] - answers["words"])[None])
bag_ahead = interval((answers["words"] - answers["commoner"])[None])
assert bag_ahead[0] > 0
assert all(low > 0 for low, _ in ahead["commoner"])
assert verdict(ahead["words"], "ahead", "behind") == "no difference seen"

# %% name="scores"
table(
    ["method", "numbers learned", "right, %", "LSTM's lead, points", "second block"],
    [
        ["the more common answer", 0, f"{100 * answers['commoner'].mean():.1f}"]
        + [written(bounds) for bounds in ahead["commoner"]],
        *(
            [
                f"bag of {name}",
                f"{len(bags[name][0]) + 1:,}",
                f"{100 * answers[name].mean():.1f}",
                *(written(bounds) for bounds in ahead[name]),
            ]
            for name in bags
        ),
        [
            "LSTM",
            f"{sum(p.numel() for p in nets[0].parameters()):,}",
            " and ".join(f"{100 * block.mean():.1f}" for block in blocks),
            "",
            "",
        ],
    ],
)

# %% [markdown]
# ## Each word's share
#
# A weight times what the word has in the row of its sentence. The bag's score is their sum and the
# bias.

# %% name="weights"
order = np.argsort(w)
table(
    ["the largest weights", "", "the smallest", ""],
    [
        [vocabulary[i], f"{w[i]:+.1f}", vocabulary[j], f"{w[j]:+.1f}".replace("-", "−")]
        for i, j in zip(order[::-1][:6], order[:6], strict=True)
    ],
)

# %% [markdown]
# ## Shuffle the words
#
# The test sentences with their words in random order, six times. The bag's rows do not
# change.

# %%
SHUFFLES = 6
changed, mixed = [], []
for _ in range(SHUFFLES):
    stirred = [rng.permutation(rows[i]) for i in te]
    now = np.array([net.score(stirred) for net in nets])
    mixed.append(right(now > 0, te))
    changed.append((now > 0) != (scored > 0))
mixed = np.mean(mixed, axis=0)  # (10, N)
lost = [interval(block) for block in np.split(answers["LSTM"] - mixed, 2)]
sentence = ["the", "sound", "is", "not", "good"]
turned = count([sentence, sentence[::-1]], vocabulary)
assert (turned[0] == turned[1]).all()

# %% [markdown]
# ## A probe, made by hand
#
# Not real sentences: twelve words of praise and of blame, in pairs that differ in order alone,
# *good, not bad* and *bad, not good*, and in pairs that differ in one *not*.

# %%
PRAISE = ["good", "great", "excellent", "easy", "happy", "nice"]
BLAME = ["bad", "terrible", "poor", "difficult", "disappointed", "cheap"]
assert set(PRAISE + BLAME) <= set(vocabulary)
ORDERS = [
    (f"it is {p} , not {n}", f"it is {n} , not {p}") for p in PRAISE for n in BLAME
]  # the first is praise
NOTS = [(f"it is {p}", f"it is not {p}") for p in PRAISE]


def probe(score, pairs):
    """Per pair, whether the first sentence has the higher score, and the two signs differ."""
    first, second = (score([words(pair[k]) for pair in pairs]) for k in (0, 1))
    return (first > second).mean(), ((first > 0) & (second < 0)).mean()


def bag_score(name):
    names, rarity, _, _, model, _ = bags[name]
    longest = 1 if name == "words" else 2

    def score(some):
        runs = [phrases(text, longest) for text in some]
        # Rounded: equal sums may differ in their last digit.
        return np.round(model.decision_function(tfidf(count(runs, names), rarity)), 9)

    return score


probes = {name: [probe(bag_score(name), pairs) for pairs in (ORDERS, NOTS)] for name in bags}
found = np.array(
    [
        [
            probe(lambda some, net=net: net.score(look_up(some, vocabulary)), p)
            for p in (ORDERS, NOTS)
        ]
        for net in nets
    ]
)  # (10, 2, 2)
probes["LSTM"] = found.mean(axis=0)
assert probes["words"][0][0] == 0
assert probes["LSTM"][0][0] > 0.75  # of two with the same words, chance is a half

# %% name="probe"
table(
    ["out of 100 pairs", *(f"bag of {name}" for name in bags), "LSTM"],
    [
        [
            text,
            *(f"{100 * probes[name][i][j]:.0f}" for name in bags),
            f"{100 * found[:, i, j].mean():.0f} ({100 * found[:, i, j].min():.0f} to "
            f"{100 * found[:, i, j].max():.0f})",
        ]
        for text, i, j in (
            ("*good, not bad* above *bad, not good*", 0, 0),
            ("… and told apart: one positive, one negative", 0, 1),
            ("*good* above *not good*", 1, 0),
            ("… and told apart: one positive, one negative", 1, 1),
        )
    ],
)

# %% [markdown]
# ## One word left out, compared with words that are as common
#
# Leaving out any word may change an answer. So each word has controls: the words whose
# number of training sentences is nearest to its own. In every test sentence that has the word, it
# is left out wherever it stands.

# %%
LEFT_OUT, CONTROLS = ("not", "great", "and"), 10
having = (count([texts[i] for i in tr], vocabulary) > 0).sum(axis=0)


def without(word):
    """Test sentences that have a word: how many, and the share of answers that change, by model."""
    there = [i for i in te if word in texts[i]]
    cut = [[other for other in texts[i] if other != word] for i in there]
    bag_now = model.predict(tfidf(count(cut, vocabulary), rarity))
    before = scored[:, np.isin(te, there)] > 0
    now = np.array([net.score(look_up(cut, vocabulary)) for net in nets]) > 0
    return len(there), (bag_now != model.predict(X[there])).mean(), (now != before).mean(axis=1)


def as_common(word):
    """The words nearest to a word in the number of training sentences that have them."""
    by_count = np.argsort(np.abs(having - having[vocabulary.index(word)]), kind="stable")
    alike = [vocabulary[i] for i in by_count if vocabulary[i] not in LEFT_OUT]
    return [other for other in alike if any(other in texts[i] for i in te)][:CONTROLS]


removed = {word: without(word) for word in LEFT_OUT}
controls = {word: {other: without(other) for other in as_common(word)} for word in LEFT_OUT}
for word in ("not", "and"):
    others = controls[word].values()
    assert removed[word][1] > max(other[1] for other in others)
    for block in (slice(half), slice(half, None)):
        assert removed[word][2][block].mean() > max(other[2][block].mean() for other in others)
assert removed["great"][1] < max(other[1] for other in controls["great"].values())
closest = max(other[2].mean() for other in controls["great"].values())
assert abs(removed["great"][2].mean() - closest) < 0.02
assert "good" in controls["great"]

# %% name="left_out"
table(
    ["left out", "test sentences", "bag: answers that change, %", "LSTM"],
    [
        row
        for word in LEFT_OUT
        for others in [list(controls[word].values())]
        for bag_shares, net_shares in [
            ([100 * o[1] for o in others], [100 * o[2].mean() for o in others])
        ]
        for row in (
            [
                f"*{word}*",
                removed[word][0],
                f"{100 * removed[word][1]:.0f}",
                f"{100 * removed[word][2].mean():.0f}",
            ],
            [
                f"a word as common as *{word}*",
                f"{min(o[0] for o in others)} to {max(o[0] for o in others)}",
                f"{np.mean(bag_shares):.0f} ({min(bag_shares):.0f} to {max(bag_shares):.0f})",
                f"{np.mean(net_shares):.0f} ({min(net_shares):.0f} to {max(net_shares):.0f})",
            ],
        )
    ],
)

# %% name="left_out_numbers"
values(
    controls=CONTROLS,
    not_bag=f"{100 * removed['not'][1]:.0f}",
    not_lstm=f"{100 * removed['not'][2].mean():.0f}",
    other_bag=f"{100 * np.mean([o[1] for o in controls['not'].values()]):.0f}",
    other_lstm=f"{100 * np.mean([o[2].mean() for o in controls['not'].values()]):.0f}",
    words=", ".join(controls["not"]),
)

# %% [markdown]
# ## The worst errors, and what people disagree about

# %%
probability = sigmoid(X[te] @ w + b)
wrong_by = np.abs(probability - y[te])
worst = np.argsort(-wrong_by)[:10]
nets_right = answers["LSTM"].mean(axis=0)
assert nets_right[worst].mean() < 0.4
assert model.predict(tfidf(count([words("this is ridiculous")], vocabulary), rarity)) == 1
assert nets_right[[" ".join(texts[i]) for i in te].index("this is ridiculous")] == 0
assert w[vocabulary.index("and")] > 1
assert "ridiculous" not in vocabulary

# %% name="errors"
table(
    ["sentence", "readers − / 0 / +", "bag: positive", "nets right, out of 100"],
    [
        [
            opinions.sentences[te[i]].replace("$", "\\$"),
            " / ".join(map(str, opinions.votes[te[i]])),
            f"{100 * probability[i]:.0f} %",
            f"{100 * nets_right[i]:.0f}",
        ]
        for i in worst
    ],
)

# %% name="clear"
size = np.abs(opinions.rating[te])
against = np.where(y[te] == 1, opinions.votes[te, 0], opinions.votes[te, 2]) / 20
STEPS = ((0.5, 1), (1, 2), (2, 4.1))
table(
    ["mean rating, from 0", "sentences", "readers on the other side", "bag right", "LSTM right"],
    [
        [
            f"{low} to {min(high, 4)}",
            int(at.sum()),
            f"{100 * against[at].mean():.0f} %",
            f"{100 * answers['words'][at].mean():.0f} %",
            f"{100 * nets_right[at].mean():.0f} %",
        ]
        for low, high in STEPS
        for at in [(size >= low) & (size < high)]
    ],
)

# %% name="numbers"
values(
    sentences=f"{len(texts):,}",
    reviews=len(set(opinions.review)),
    train=f"{len(tr):,}",
    val=len(va),
    test=len(te),
    vocabulary=f"{len(vocabulary):,}",
    pairs=f"{len(bags['words and pairs'][0]):,}",
    commoner=f"{100 * answers['commoner'].mean():.0f}",
    words=f"{100 * answers['words'].mean():.0f}",
    both=f"{100 * answers['words and pairs'].mean():.0f}",
    lstm=f"{100 * answers['LSTM'].mean():.0f}",
    verdict=verdict(ahead["words"], "the LSTM is ahead", "the bag is ahead"),
    verdict_pairs=verdict(
        ahead["words and pairs"], "the LSTM is ahead of it", "it is ahead of the LSTM"
    ),
    pairs_ahead=written(pairs_ahead),
    pairs_verdict=verdict([pairs_ahead], "a gain", "a loss"),
    lost=" and ".join(written(bounds) for bounds in lost),
    lost_verdict=verdict(lost, "a loss", "a gain"),
    mixed=f"{100 * mixed.mean():.1f}",
    unmixed=f"{100 * answers['LSTM'].mean():.1f}",
    changed=f"{100 * np.mean(changed):.0f}",
    cells=H,
    nets=len(nets),
    passes=EPOCHS,
    C=f"{C:g}",
    rate=rate,
    not_weight=f"{w[vocabulary.index('not')]:+.1f}".replace("-", "−"),
    **{
        f"not_{name}": f"{100 * np.mean(['not' in texts[i] for i in tr if y[i] == side]):.0f}"
        for side, name in enumerate(("blame", "praise"))
    },
)

# %% [markdown]
# ## What the page gets
#
# The bag's weights and the first net. Its vectors of words are rounded to 16 bits.

# %%
shipped = nets[0]
with torch.no_grad():
    shipped.embedding.weight.copy_(shipped.embedding.weight.half().float())
show.data("words", vocabulary)
show.arrays(
    "models",
    rarity=rarity.astype(np.float32),
    weights=w.astype(np.float32),
    bias=np.array([b], dtype=np.float32),
    embedding=shipped.embedding.weight.detach().half().numpy(),
    **{name: p.detach().numpy() for name, p in shipped.lstm.named_parameters()},
    out_weight=shipped.out.weight.detach().numpy(),
    out_bias=shipped.out.bias.detach().numpy(),
)

# %% name="still"
TEXT = "It is good, not bad."
typed = words(TEXT)
row = tfidf(count([typed], vocabulary), rarity)[0]
shares = np.array(
    [
        row[vocabulary.index(word)] * w[vocabulary.index(word)] / typed.count(word)
        if word in vocabulary
        else 0
        for word in typed
    ]
)
left_out = shipped.left_out(look_up([typed], vocabulary)[0])
fig, ax = plot.subplots(width=3.7, height=2.9)
places = np.arange(len(typed))
ax.barh(places - 0.2, shares, 0.38, color=plot.BLUE, label="bag: share")
ax.barh(places + 0.2, left_out, 0.38, color=plot.ORANGE, label="LSTM: left out")
ax.axvline(0, color=plot.MUTED)
ax.set_yticks(places, typed)
ax.invert_yaxis()
ax.grid(False, axis="y")
ax.set(xlabel="adds to the score")
ax.legend(loc="best")
plot.figure(
    fig,
    alt=f"For each word of “{TEXT}” two bars: its share of the bag's score, and by how much the "
    f"LSTM's score falls without it. The longest bar of the bag is at "
    f"“{typed[int(np.abs(shares).argmax())]}”, that of the LSTM at "
    f"“{typed[int(np.abs(left_out).argmax())]}”.",
    caption=f"*{TEXT}* Each word's share of the bag's score, and by how much the LSTM's score "
    "falls when the word is left out. Bars to the right speak for a positive sentence.",
)
