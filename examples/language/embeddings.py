# %% [markdown]
# # Embeddings, executed
#
# Word vectors are learned from the manuals of the packages that this course uses, by skip-gram
# with negative sampling and by counting. Both are scored on groups of words that they were never
# given. All seeds are fixed. The text is in [the lesson](../../language/embeddings.md).

# %%
import numpy as np
from scipy import stats

from introdl import data, plot, show
from introdl.language.embeddings import (
    analogy,
    commonest,
    compress,
    cosines,
    neighbours,
    ppmi,
    thin,
    train,
    unit,
    words,
)
from introdl.show import table, values

# %% [markdown]
# ## The text
#
# Documentation strings of five installed packages, and how often two words stand at most four
# places apart. The files are dealt into eight parts, so that half of them can be drawn at random.

# %%
V, D, WINDOW, PARTS = 2000, 24, 4, 8
texts = [words(text) for text in data.manuals()]
vocabulary = commonest(texts, V)
place = {word: i for i, word in enumerate(vocabulary)}
order = np.random.default_rng(0).permutation(len(texts))
parts = [neighbours([texts[i] for i in order[k::PARTS]], vocabulary, WINDOW) for k in range(PARTS)]
counts = sum(parts)

# %% [markdown]
# ## Groups of words, ours
#
# Two words of the same group get the grade 2, two of the same field 1, others 0. We made
# the groups; no panel judged them. The first set chooses the settings, the second one scores.

# %%
TREES = {
    "validation": {
        "place": ["left right top bottom upper lower", "smallest largest minimum maximum"],
        "learning": ["regression classification clustering", "ridge lasso tree svm"],
        "matrix": ["sparse dense diagonal symmetric triangular", "cholesky svd lu eigenvalue"],
        "distance": ["euclidean minkowski hamming", "second seconds"],
    },
    "test": {
        "statistics": [
            "mean median average quantile",
            "variance deviation std",
            "poisson gamma beta binomial exponential uniform",
        ],
        "pictures": [
            "height width radius",
            "circle rectangle ellipse polygon square triangle disk",
        ],
        "numbers": ["two three four", "sin cos exp log sqrt"],
        "computing": [
            "float int bool integer string boolean",
            "list tuple dict set",
            "file directory path filename",
        ],
    },
}


def graded(tree):
    """The words of a tree, and the grade of each pair."""
    leaves = [
        (word, field, (field, i))
        for field, groups in tree.items()
        for i, group in enumerate(groups)
        for word in group.split()
    ]
    grades = [[(f == g) + (x == y) for _, g, y in leaves] for _, f, x in leaves]
    return [word for word, _, _ in leaves], np.array(grades)


def correlation(vectors, listed, grades, chosen=None):
    """Spearman's rank correlation of cosines with grades, over all pairs of different words."""
    chosen = np.arange(len(listed)) if chosen is None else chosen
    near = unit(vectors[[place[word] for word in listed]])
    first, second = np.triu_indices(len(chosen), 1)
    first, second = chosen[first], chosen[second]
    keep = first != second
    cos = (near @ near.T)[first[keep], second[keep]]
    ranks = [stats.rankdata(values) for values in (cos, grades[first[keep], second[keep]])]
    return np.corrcoef(ranks)[0, 1]


validation, test = graded(TREES["validation"]), graded(TREES["test"])
# What cosines in the very order of the grades would reach: no two are equal, many grades are.
grades = np.sort(test[1][np.triu_indices(len(test[0]), 1)])
most = np.corrcoef(np.arange(len(grades)), stats.rankdata(grades))[0, 1]
assert set(validation[0] + test[0]) <= set(vocabulary)

# %% [markdown]
# ## Settings: three tries each, on the validation groups
#
# Skip-gram: its rate, the mean of two seeds. Counting: the power of the singular values.

# %%
STEPS, B, K, THIN = 400, 4096, 3, 1e-3
ETAS, POWERS = (0.2, 0.8, 3.2), (0.5, 1.0, 1.5)


def skip_gram_vectors(counts, eta, seed, steps=STEPS):
    """The word vectors of one run."""
    rng = np.random.default_rng(seed)
    return train(thin(counts, THIN), D, steps, B=B, K=K, eta=eta, rng=rng)[0]


information = ppmi(counts)
tried = {
    "skip-gram": [
        np.mean([correlation(skip_gram_vectors(counts, eta, s), *validation) for s in (0, 1)])
        for eta in ETAS
    ],
    "counting": [correlation(compress(information, D, p), *validation) for p in POWERS],
}
eta = ETAS[int(np.argmax(tried["skip-gram"]))]
power = POWERS[int(np.argmax(tried["counting"]))]

# %% name="settings"
table(
    ["method", "what was tried", "correlation on the validation groups"],
    [
        ["skip-gram, rate", str(ETAS), ", ".join(f"{r:.2f}" for r in tried["skip-gram"])],
        ["counting, power", str(POWERS), ", ".join(f"{r:.2f}" for r in tried["counting"])],
    ],
)

# %% [markdown]
# ## Skip-gram against counting and chance
#
# Each seed draws half of the files, and both methods get the same half. Two blocks of three seeds.

# %%
BLOCKS = ((1, 2, 3), (11, 12, 13))


def half(seed):
    """What the two methods and chance reach on half of the files."""
    rng = np.random.default_rng(seed)
    drawn = sum(parts[k] for k in rng.permutation(PARTS)[: PARTS // 2])
    return [
        correlation(vectors, *test)
        for vectors in (
            skip_gram_vectors(drawn, eta, seed),
            compress(ppmi(drawn), D, power),
            rng.normal(size=(V, D)),
        )
    ]


def interval(differences):
    """A 95 % t-interval of the mean of paired differences."""
    reach = stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    return np.mean(differences) - reach, np.mean(differences) + reach


halves = np.array([[half(seed) for seed in block] for block in BLOCKS])  # (2, 3, 3)
over_chance = [interval(block[:, 0] - block[:, 2]) for block in halves]
over_skip_gram = [interval(block[:, 1] - block[:, 0]) for block in halves]
ahead = sum(low > 0 for low, _ in over_skip_gram)  # in how many of two blocks
behind = sum(high < 0 for _, high in over_skip_gram)
VERDICTS = {
    (2, 0): "counting is ahead in both blocks",
    (1, 0): "counting is ahead in one block, and undecided in the other",
    (0, 0): "no difference seen",
    (0, 1): "skip-gram is ahead in one block, and undecided in the other",
    (0, 2): "skip-gram is ahead in both blocks",
    (1, 1): "each is ahead in one block",
}
assert all(low > 0 for low, _ in over_chance)

# %% [markdown]
# ## The vectors of this build
#
# All files, and a longer run. Its correlation's interval comes from drawing the test words again
# with replacement, 500 times.

# %%
LONG = 600
learned = skip_gram_vectors(counts, eta, 0, LONG)
counted = compress(information, D, power)
rng = np.random.default_rng(5)
n = len(test[0])
again = [rng.integers(n, size=n) for _ in range(500)]


def with_interval(vectors):
    reach = np.quantile([correlation(vectors, *test, chosen) for chosen in again], [0.025, 0.975])
    return f"{correlation(vectors, *test):.2f}", "{:.2f} to {:.2f}".format(*reach)


chance = rng.normal(size=(V, D))
rows = {"skip-gram": learned, "counting": counted, "random vectors": chance}

# %% name="scores"
table(
    ["vectors", "all files", "95 % interval over words", "half: block 1", "half: block 2"],
    [
        [name, *with_interval(vectors), *(f"{block[:, i].mean():.2f}" for block in halves)]
        for i, (name, vectors) in enumerate(rows.items())
    ],
)

# %% [markdown]
# ## Neighbours

# %%
SHOWN = ["minimum", "column", "left", "variance", "image", "file"]


def nearest(vectors, target, count, without=()):
    """The words whose vectors have the largest cosines with a target, nearest first."""
    order = np.argsort(-cosines(vectors, target), kind="stable")
    return [vocabulary[i] for i in order if vocabulary[i] not in without][:count]


assert nearest(learned, learned[place["minimum"]], 1, ["minimum"]) == ["maximum"]

# %% name="near"
table(
    ["word", "skip-gram: nearest first", "counting: nearest first"],
    [
        [
            word,
            *(
                ", ".join(nearest(vectors, vectors[place[word]], 4, [word]))
                for vectors in (learned, counted)
            ),
        ]
        for word in SHOWN
    ],
)

# %% [markdown]
# ## Analogies: a word and the same word with an s
#
# All such pairs of the vocabulary with at least five letters in the first, each beside the next
# pair in the list. The answer is searched among all words, then without the three words of the
# question; then the word nearest to the third is taken, whatever the first two are.

# %%
pairs = [(w, w + "s") for w in sorted(vocabulary) if len(w) >= 5 and w + "s" in place]
asked = [(*pairs[i], *pairs[(i + 1) % len(pairs)]) for i in range(len(pairs))]


def answers(vectors):
    """Per question: among all words, without the three of the question, nearest to the third."""
    found = []
    for a, b, c, _ in asked:
        scores = analogy(vectors, place[a], place[b], place[c])
        alone = cosines(vectors, vectors[place[c]])
        free = scores.copy()
        free[[place[a], place[b], place[c]]] = -2
        alone[place[c]] = -2
        found.append([vocabulary[s.argmax()] for s in (scores, free, alone)])
    return np.array(found)


wanted = np.array([d for *_, d in asked])
third = np.array([c for _, _, c, _ in asked])
shares = {}
for name in ("skip-gram", "counting"):
    found = answers(rows[name])
    right = found == wanted[:, None]
    gained = interval(right[:, 1].astype(float) - right[:, 2])
    shares[name] = [*right.mean(axis=0), (found[:, 0] == third).mean(), gained]

low, high = shares["skip-gram"][4]

# %% name="analogies"
table(
    ["out of 100 questions", "skip-gram", "counting"],
    [
        [text, *(f"{100 * shares[name][i]:.0f}" for name in shares)]
        for text, i in (
            ("right, among all words", 0),
            ("answer is the third word itself", 3),
            ("right, the three words left out", 1),
            ("right, only the word nearest to the third", 2),
        )
    ],
)

# %% [markdown]
# ## The course's own prose is too small

# %%
ENOUGH = 20
prose = words("".join(data.prose()))
enough = sum(prose.count(word) >= ENOUGH for word in test[0])

# %% name="numbers"
values(
    words=f"{sum(map(len, texts)) / 1e6:.1f}",
    vocabulary=f"{V:,}",
    D=D,
    window=WINDOW,
    files=f"{len(texts):,}",
    drawn=f"{STEPS * B / 1e6:.1f}",
    long=f"{LONG * B / 1e6:.1f}",
    listed=n,
    over_chance=" and ".join(f"{low:.2f} to {high:.2f}" for low, high in over_chance),
    over_skip_gram=" and ".join(f"{low:.2f} to {high:.2f}" for low, high in over_skip_gram),
    verdict=VERDICTS[ahead, behind],
    most=f"{most:.2f}",
    question="*{}* is to *{}* as *{}* is to …?".format(*asked[0][:3]),
    asked=len(asked),
    plain=f"{100 * shares['skip-gram'][0]:.0f}",
    itself=f"{100 * shares['skip-gram'][3]:.0f}",
    free=f"{100 * shares['skip-gram'][1]:.0f}",
    alone=f"{100 * shares['skip-gram'][2]:.0f}",
    gained="{:+.0f} to {:+.0f}".format(*(100 * g for g in shares["skip-gram"][4])).replace(
        "-", "−"
    ),
    helps="a gain" if low > 0 else "a loss" if high < 0 else "no difference seen",
    gained_counting="{:.0f} to {:.0f}".format(*(100 * g for g in shares["counting"][4])),
    prose=f"{len(prose):,}",
    prose_enough=enough,
    enough=ENOUGH,
)

# %% [markdown]
# ## What the page gets
#
# The vectors, rounded to 16 bits, and a flat map of them: their two main directions.

# %%
shipped = unit(learned).astype(np.float16)
middle = shipped - shipped.mean(axis=0, dtype=float)
flat = middle @ np.linalg.svd(middle, full_matrices=False)[2][:2].T  # (V, 2)
show.data("words", vocabulary)
show.arrays("vectors", vectors=shipped, map=flat.astype(np.float16))

# %% name="still"
GROUPS = {
    "poisson gamma binomial": plot.BLUE,
    "directory file filename path": plot.ORANGE,
    "left right top bottom": plot.GREEN,
}
fig, ax = plot.subplots(width=3.7, height=3.2)
COMMON = 400
ax.scatter(*flat[:COMMON].T, s=3, color=plot.MUTED, alpha=0.4, linewidths=0)
for group, colour in GROUPS.items():
    spots = flat[[place[word] for word in group.split()]]
    ax.scatter(*spots.T, s=24, color=colour)
    for word, spot in zip(group.split(), spots, strict=True):
        ax.annotate(word, spot, (4, 3), textcoords="offset points", color=colour)
plot.bare(ax)
plot.figure(
    fig,
    alt="A map of words as dots. Names of probability distributions, words about files and "
    "words for sides of a picture are marked in three colours.",
    caption=f"The {COMMON} most common words as dots, {D} numbers flattened to two. Marked: "
    "distributions, files and sides. Flattening loses much: two dots may fall together "
    "though their vectors are far apart.",
)
