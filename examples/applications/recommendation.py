# %% [markdown]
# # Recommendation, executed
#
# Real ratings of lecturers by students, as numbers without names. Three averages predict hidden
# ratings; learned taste vectors are added. Then come **synthetic** people whose tastes are known.
# The text is in [the lesson](../../applications/recommendation.md).

# %%
from itertools import pairwise

import numpy as np
from scipy.linalg import orthogonal_procrustes

from introdl import data, plot, show
from introdl.applications.recommendation.biases import (
    fit_biases,
    predict,
    right_pairs,
    rmse,
)
from introdl.applications.recommendation.tastes import fit_tastes, fold_in
from introdl.applications.recommendation.worlds import DISHES, made_up, rate, shop
from introdl.intervals import Interval, paired, seen
from introdl.show import table, values

student, lecturer, rating = data.ratings()
shape = int(student.max()) + 1, int(lecturer.max()) + 1

# %% [markdown]
# ## A fifth is hidden, and chose nothing
#
# A fifth of the ratings is set aside for the test. Of the rest, a tenth of all ratings chose the
# settings: the strengths of the shrinkage from 2, 5, 8, 12, 16 and 24 for people and from 2, 5, 8
# and 12 for items, and for taste vectors the width from 2, 4 and 8 and the strength from 14, 16,
# 17, 18 and 20.
#
# Each of ten seeds learns from its own seven eighths of the rest, and is scored on its own tenth
# of the test. Both models learn from the same ratings, and both are trained until they hardly
# change: ten sweeps for the averages, 60 steps of Adam for the vectors.

# %%
order = np.random.default_rng(2026).permutation(len(rating))
test, rest = np.split(order, [len(rating) // 5])
BLOCKS, SEEDS = 2, 5
tenths = np.array_split(test, BLOCKS * SEEDS)


def ratings_of(rows):
    return student[rows], lecturer[rows], rating[rows]


KINDS = ["the mean", "mean and lecturer", "three averages", "with taste vectors"]
answers, known_counts, models = [], [], []
for seed, rows in enumerate(tenths):
    learn = np.random.default_rng(100 + seed).permutation(rest)[: 7 * len(rest) // 8]
    given = ratings_of(learn)
    fitted = [
        fit_biases(*given, shape, sweeps=0),
        fit_biases(*given, shape, shrink=(np.inf, 8)),
        fit_biases(*given, shape),
        fit_tastes(*given, shape, seed=seed),
    ]
    answers.append([predict(model, student[rows], lecturer[rows]) for model in fitted])
    known_counts.append(
        (
            np.bincount(student[learn], minlength=shape[0])[student[rows]],
            np.bincount(lecturer[learn], minlength=shape[1])[lecturer[rows]],
        )
    )
    models.append(fitted)
errors = np.array(
    [
        [rmse(said, rating[rows]) for said in four]
        for four, rows in zip(answers, tenths, strict=True)
    ]
)  # (seed, kind)
blocks = errors.reshape(BLOCKS, SEEDS, len(KINDS))


def thousandths(intervals):
    """The same intervals in thousandths of a point."""
    return [Interval(1000 * i.mean, 1000 * i.half) for i in intervals]


learned = [1, 1 + shape[1], 1 + sum(shape), 1 + sum(shape) * 5]

# %% name="scores"
table(
    ["prediction", "numbers learned", "root mean square error, in points"],
    [
        [kind, f"{count:,}", f"{error:.3f}"]
        for kind, count, error in zip(KINDS, learned, errors.mean(axis=0), strict=True)
    ],
)

# %% name="versus"
PAIRS = [(0, 1), (1, 2), (2, 3)]
versus = {(a, b): [paired(block[:, a], block[:, b]) for block in blocks] for a, b in PAIRS}
table(
    ["added", "block 1", "block 2", "seen?"],
    [
        [
            ("lecturer's bias", "student's bias", "taste vectors")[a],
            *(i.text() for i in thousandths(lead)),
            "yes" if seen(lead) else "no",
        ]
        for (a, _), lead in versus.items()
    ],
)

# %% [markdown]
# ## New students
#
# The same predictions, by how many ratings of a student were known.

# %% name="cold"
said = np.concatenate([np.array(four) for four in answers], axis=1)  # (kind, N)
truth = np.concatenate([rating[rows] for rows in tenths])
known_s, known_l = np.concatenate([np.array(pair) for pair in known_counts], axis=1)
EDGES = [0, 6, 11, 21, 41, 1000]
groups = ["0 to 5", "6 to 10", "11 to 20", "21 to 40", "41 or more"]
cold = []
for low, high in pairwise(EDGES):
    rows = (known_s >= low) & (known_s < high)
    cold.append([int(rows.sum()), *(rmse(said[k, rows], truth[rows]) for k in range(4))])
table(
    ["known ratings by the student", "hidden ratings", *KINDS[1:]],
    [
        [name, f"{row[0]:,}", *(f"{error:.2f}" for error in row[2:])]
        for name, row in zip(groups, cold, strict=True)
    ],
)

# %% [markdown]
# ## The ten worst errors
#
# Of the three averages, over the whole test. No numbers of people are shown.

# %% name="worst"
worst = np.argsort(-np.abs(said[2] - truth), kind="stable")[:10]
table(
    ["given", "averages", "vectors", "student", "lecturer"],
    [
        [int(truth[i]), f"{said[2, i]:.1f}", f"{said[3, i]:.1f}", int(known_s[i]), int(known_l[i])]
        for i in worst
    ],
)

# %% [markdown]
# ## Lists
#
# For each student, the five lecturers with the highest predictions, by the first seed's models.
# The averages rank all lecturers alike for everyone. The pairs are ratings of the whole test by
# one student that differ.


# %%
def lists(model, places=5):
    """The items with the highest predictions for each person, before they are cut at 5."""
    scores = model.item + model.P @ model.Q.T
    return np.argsort(-scores, axis=1, kind="stable")[:, :places]


bias_model, taste_model = models[0][2:]
bias_lists, taste_lists = lists(bias_model), lists(taste_model)
different = [len(np.unique(found)) for found in (bias_lists, taste_lists)]
pairs = [
    right_pairs(student[test], predict(m, student[test], lecturer[test]), rating[test])
    for m in (bias_model, taste_model)
]

# %% [markdown]
# ## How strong would a taste have to be?
#
# **Synthetic**: the same students and lecturers, but made-up ratings. The biases are those found
# in the real ratings; two tastes per person are planted, with a known strength; the noise makes
# up the rest of the spread. The settings stay as they are.

# %% name="planted"
STRENGTHS, TRIES = [0.3, 0.6], 4
valid, learn = np.split(rest, [len(rating) // 10])
left = rating[valid] - predict(fit_biases(*ratings_of(learn), shape), *ratings_of(valid)[:2])
SPREAD = float(left.std())  # of what the averages leave
base = fit_biases(*ratings_of(rest), shape)
planted = {}
for strength in STRENGTHS:
    for seed in range(BLOCKS * TRIES):
        rng = np.random.default_rng(1000 + seed)
        tastes = base._replace(
            P=rng.normal(size=(shape[0], 2)),
            Q=rng.normal(size=(shape[1], 2)) * strength / np.sqrt(2),
        )
        fake = rate(tastes, student, lecturer, np.sqrt(SPREAD**2 - strength**2), rng)
        given = student[rest], lecturer[rest], fake[rest]
        both = fit_biases(*given, shape), fit_tastes(*given, shape, seed=50 + seed)
        planted[strength, seed] = [
            rmse(predict(model, student[test], lecturer[test]), fake[test]) for model in both
        ]
gains = {
    strength: [
        paired(*np.array([planted[strength, TRIES * block + k] for k in range(TRIES)]).T)
        for block in range(BLOCKS)
    ]
    for strength in STRENGTHS
}
table(
    ["planted taste, in points", "first block", "second block", "seen?"],
    [
        [f"{strength}", *(i.text() for i in thousandths(lead)), "yes" if seen(lead) else "no"]
        for strength, lead in gains.items()
    ],
)

# %% [markdown]
# ## More ratings per person
#
# **Synthetic**: 300 people and 120 items. Taste moves a rating by 0.7 points, noise by 0.7. The
# number of ratings per person grows. The settings were chosen once, on another seed.

# %%
PER, WORLDS = [4, 8, 16, 32, 64], 4
curve = np.empty((len(PER), BLOCKS * WORLDS, 3))
for i, per in enumerate(PER):
    for seed in range(BLOCKS * WORLDS):
        world = made_up(per, seed=200 + seed)
        ask, learn = world.hidden, ~world.hidden
        given = world.person[learn], world.item[learn], world.rating[learn]
        size = len(world.truth.person), len(world.truth.item)
        fitted = (
            fit_biases(*given, size, shrink=(6, 4)),
            fit_tastes(*given, size, seed=300 + seed, width=2, shrink=(6, 4, 4)),
            world.truth,
        )
        curve[i, seed] = [
            rmse(predict(m, world.person[ask], world.item[ask]), world.rating[ask]) for m in fitted
        ]
growth = [
    [paired(part[:, 0], part[:, 1]) for part in row.reshape(BLOCKS, WORLDS, 3)] for row in curve
]

# %% name="curve"
fig, ax = plot.subplots(width=3.6, height=2.8)
for k, (name, colour, mark, place) in enumerate(
    [
        ("three averages", plot.ORANGE, "o-", (14, 1.01)),
        ("with taste vectors", plot.BLUE, "s-", (3.9, 0.83)),
        ("if all were known", plot.MUTED, "--", (3.9, 0.66)),
    ]
):
    ax.plot(PER, curve[:, :, k].mean(axis=1), mark, color=colour)
    ax.text(*place, name, color=colour, fontsize=9)
ax.set_xscale("log", base=2)
ax.set_xticks(PER, [str(per) for per in PER])
ax.set(xlabel="known ratings per person", ylabel="error, in points", ylim=(0.6, 1.1))
plot.figure(
    fig,
    alt="Error against ratings per person, from 4 to 64. The averages hardly improve. Taste "
    "vectors start at the same error and fall towards the dashed line of the known truth.",
    caption="Synthetic people with two tastes, mean of eight made-up worlds per point. The dashed "
    "line is the error of whoever knows everything but the noise.",
)

# %% name="growth"
table(
    ["ratings per person", "first block", "second block", "seen?"],
    [
        [per, *(i.text(0) for i in thousandths(lead)), "yes" if seen(lead) else "no"]
        for per, lead in zip(PER, growth, strict=True)
    ],
)

# %% [markdown]
# ## A shop that shows what is rated best
#
# **Synthetic**: 40 items of unknown quality. Each begins with two ratings; then only what is
# shown is rated. Two blocks of 100 shops.

# %%
SHOPS, PLACES = 100, 5


def found(run):
    """How many of the five best items the shop shows, and how many it never tried."""
    best = np.argsort(-run.quality)[:PLACES]
    return len(np.intersect1d(run.shown, best)), int((run.count[best] == 2).sum())


runs = {
    k: [shop(seed, at_random=k, places=PLACES) for seed in range(BLOCKS * SHOPS)] for k in (0, 1)
}
ends = {k: np.array([found(run) for run in all_runs]) for k, all_runs in runs.items()}
more = [
    paired(*(ends[k][block * SHOPS : (block + 1) * SHOPS, 0].astype(float) for k in (1, 0)))
    for block in range(BLOCKS)
]

# %% name="shop"
table(
    ["the shop shows", "of the 5 best: rated on top at the end", "of the 5 best: never shown"],
    [
        [name, *(f"{v:.1f}" for v in ends[k].mean(axis=0))]
        for k, name in ((0, "the five rated best"), (1, "four of these, one at random"))
    ],
)

# %% name="loop"
fig, axes = plot.subplots(2, 1, width=3.5, height=3.6, sharex=True, sharey=True)
for k, (ax, name) in enumerate(zip(axes, ("the five rated best", "one at random"), strict=True)):
    run = runs[k][0]
    ax.scatter(run.quality, run.count, s=18, color=(plot.ORANGE, plot.BLUE)[k])
    ax.set_yscale("log")
    ax.set_title(name, fontsize=9)
    ax.set(ylabel="ratings")
axes[1].set(xlabel="true quality, in points")
plot.figure(
    fig,
    alt="Ratings per item against its quality, in two shops. Above, most items have two ratings, "
    "good ones among them. Below, most items have more, and fewer are left at two.",
    caption="Synthetic shops with the same 40 items (seed 0). Above: most items keep their "
    "first two ratings and are never shown. Below: one place of five is given at random.",
)

# %% name="numbers"
per_student = np.bincount(student)
shared = bias_lists[0]
values(
    ratings=f"{len(rating):,}",
    students=f"{shape[0]:,}",
    lecturers=f"{shape[1]:,}",
    filled=f"{100 * len(rating) / (shape[0] * shape[1]):.0f}",
    median=int(np.median(per_student)),
    hidden=f"{len(test):,}",
    mean=f"{errors[:, 0].mean():.2f}",
    averages=f"{errors[:, 2].mean():.3f}",
    tastes=f"{errors[:, 3].mean():.3f}",
    extra=f"{learned[3] - learned[2]:,}",
    bias_lists=different[0],
    taste_lists=different[1],
    bias_pairs=f"{100 * pairs[0]:.0f}",
    taste_pairs=f"{100 * pairs[1]:.0f}",
    known=f"{7 * len(rest) // 8 / shape[0]:.0f}",
    low=f"{curve[0, :, 0].mean():.2f}",
    low_tastes=f"{curve[0, :, 1].mean():.2f}",
    high=f"{curve[-1, :, 0].mean():.2f}",
    high_tastes=f"{curve[-1, :, 1].mean():.2f}",
    high_truth=f"{curve[-1, :, 2].mean():.2f}",
    greedy=f"{ends[0][:, 0].mean():.1f}",
    explore=f"{ends[1][:, 0].mean():.1f}",
    greedy_lost=f"{ends[0][:, 1].mean():.1f}",
    explore_lost=f"{ends[1][:, 1].mean():.1f}",
)

# %% [markdown]
# ## What the page lets its reader move
#
# **Synthetic**: 400 people rate 8 of 20 dishes. Each dish has two numbers of our own, how sweet
# and how hot. The model sees the ratings only. Its map is turned onto ours at the end, since
# turning both kinds of vectors changes no prediction.

# %%
places = np.array(list(DISHES.values()))
world = made_up(8, seed=7, people=400, hidden=4, places=(0.8 * places).tolist())
learn = ~world.hidden
SHRINK = (6.0, 4.0)
kitchen = fit_tastes(
    world.person[learn],
    world.item[learn],
    world.rating[learn],
    (400, len(DISHES)),
    seed=8,
    width=2,
    shrink=(6, 4, 4),
    steps=200,
)
turn, _ = orthogonal_procrustes(kitchen.Q, places)
kitchen = kitchen._replace(P=kitchen.P @ turn, Q=kitchen.Q @ turn)
alike = [float(np.corrcoef(kitchen.Q[:, k], places[:, k])[0, 1]) for k in range(2)]
START = {"hot noodles": 5, "ice cream": 2}
names = list(DISHES)
rated = np.array([names.index(name) for name in START])
reach = float(np.abs(kitchen.Q).max())

# %%
SIZES = {"width": 5.3, "height": 11.0}  # of a letter of a label, on a plane of 320 by 320


def beside(places):
    """Choose where each label stands: right, left, above or below its point, with least overlap."""
    spots = 160 + 115 * np.c_[places[:, 0], -places[:, 1]]
    taken, chosen = [(x - 4, y - 4, x + 4, y + 4) for x, y in spots], []
    for (x, y), name in zip(spots, names, strict=True):
        w, h = SIZES["width"] * (len(name) + 2), SIZES["height"]
        options = {
            "start": (x + 7, y - h / 2, x + 7 + w, y + h / 2),
            "end": (x - 7 - w, y - h / 2, x - 7, y + h / 2),
            "above": (x - w / 2, y - 6 - h, x + w / 2, y - 6),
            "below": (x - w / 2, y + 6, x + w / 2, y + 6 + h),
        }

        def cost(box):
            over = sum(
                max(0, min(box[2], b[2]) - max(box[0], b[0]))
                * max(0, min(box[3], b[3]) - max(box[1], b[1]))
                for b in taken
            )
            outside = max(0, 2 - box[0]) + max(0, box[2] - 318)
            return over + 100 * outside

        best = min(options, key=lambda side: cost(options[side]))
        taken.append(options[best])
        chosen.append(best)
    return chosen


sides = beside(kitchen.Q / reach)
show.data(
    "dishes",
    {
        "names": names,
        "mean": kitchen.mean,
        "item": kitchen.item.tolist(),
        "Q": kitchen.Q.tolist(),
        "shrink": SHRINK,
        "reach": reach,
        "sides": sides,
        "start": [START.get(name, 0) for name in names],
    },
)

# %% name="map"
values(sweet=f"{alike[0]:.2f}", hot=f"{alike[1]:.2f}")

# %% name="still"
b, p = fold_in(kitchen, rated, np.array([float(v) for v in START.values()]), SHRINK)
fig, ax = plot.subplots(width=3.3, height=3.3)
spots = kitchen.Q / reach
ax.scatter(*spots.T, s=16, color=plot.BLUE)
ANCHOR = {
    "start": ((5, 0), "left", "center"),
    "end": ((-5, 0), "right", "center"),
    "above": ((0, 4), "center", "bottom"),
    "below": ((0, -4), "center", "top"),
}
for spot, name, side in zip(spots, names, sides, strict=True):
    offset, ha, va = ANCHOR[side]
    ax.annotate(name, spot, xytext=offset, textcoords="offset points", ha=ha, va=va, fontsize=7)
ax.annotate(
    "", p * reach, xytext=(0, 0), arrowprops={"color": plot.ORANGE, "width": 1.5, "headwidth": 7}
)
ax.set(xlim=(-1.35, 1.35), ylim=(-1.2, 1.2), xticks=[], yticks=[])
ax.set(xlabel="sweeter →", ylabel="hotter →")
plot.figure(
    fig,
    alt="Twenty dishes on a plane that a model learned from ratings: sweet ones to the right, hot "
    "ones at the top. An arrow, the reader's taste, points up and to the left.",
    caption="Synthetic: a map of dishes learned from made-up ratings, and the taste vector (arrow) "
    "of somebody who gave 5 to hot noodles and 2 to ice cream.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert seen(versus[0, 1]) == seen(versus[1, 2]) == 1
assert seen(versus[2, 3]) == 0, "the page: no difference seen"
assert max(abs(i.mean) for i in versus[2, 3]) < 0.005
assert len(np.unique(bias_lists, axis=0)) == 1, "one list for everybody"
assert different[1] > 2 * different[0]
assert abs(pairs[0] - pairs[1]) < 0.01
assert [seen(gains[s]) for s in (0.3, 0.6)] == [0, 1]
assert [seen(lead) for lead in growth[2:]] == [1, 1, 1]
assert (np.diff(curve[:, :, 1].mean(axis=1)) < 0).all()
assert seen(more) == 1
high, low = said[2, worst] > 4, said[2, worst] < 2
assert (high.sum(), low.sum()) == (8, 2), "the page counts them"
assert (truth[worst] == np.where(high, 1, 5)).all()
assert np.abs(said[3, worst] - said[2, worst]).max() < 0.25, "the vectors hardly help"
assert seen(growth[0]) == 0
assert ends[0][:, 1].mean() > 1.5 > 1.2 > ends[1][:, 1].mean()
assert min(alike) > 0.8
