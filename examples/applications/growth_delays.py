# %% [markdown]
# # Growth delays, executed
#
# Synthetic children are measured from 2 to 10 years; some stop growing as they did. Rules, a
# weighted sum and a GRU raise flags, all at the same rate of false ones. Usual heights are those
# of the CDC's table. The text is in [the lesson](../../applications/growth_delays.md).

# %%
from itertools import product

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from introdl import data, plot, show
from introdl.applications.growth_delays.ceiling import true_odds
from introdl.applications.growth_delays.chart import height_at, lms
from introdl.applications.growth_delays.children import KINDS, Children, make_children
from introdl.applications.growth_delays.net import fit_watcher
from introdl.applications.growth_delays.rules import (
    fall_since,
    falls,
    first_flags,
    judge,
    limit_for,
    right_flags,
)
from introdl.intervals import paired, seen
from introdl.show import table, values

SEEDS, LEARN, CHOOSE, TEST, FALSE = 8, 3000, 2000, 2000, 0.05

# %% [markdown]
# ## Eight times: learn, choose a limit, test
#
# Each seed makes children of its own: 3,000 to learn from, 2,000 on which each way gets the limit
# that 5 % of the well ones pass at some visit, and 2,000 for one test. The rule chooses its two
# numbers on the second set, among 16 pairs. The settings of the weighted sum (`C` of 0.01, 0.1, 1,
# 10 and 100) and of the net (rates of 0.02, 0.04, 0.08, 0.12 and 0.16) were chosen on other
# children (seeds 500 to 502): the fewest months until a flag.

# %%
C, RATE = 1.0, 0.12
MONTHS, STARTS = (12, 24, 36, 1000), (24, 36, 48, 60)


def begun(children):
    """Whether a child is ill at a visit, (N, T)."""
    return children.ill[:, None] & (children.age >= children.onset[:, None])


def judged(score, children, limit):
    """The flags of one way at one limit."""
    return judge(score, children.age, children.onset, children.ill, limit)


def ruled(months, start):
    """The rule with its two numbers."""
    return lambda c, sex="boys": fall_since(c.age, c.z(sex), months, start)


def best_rule(chosen):
    """The two numbers whose flags come earliest."""

    def wait(pair):
        score = ruled(*pair)(chosen)
        return judged(score, chosen, limit_for(score, chosen.ill, FALSE)).months

    return min(product(MONTHS, STARTS), key=wait)


def fit_sum(learn):
    """A weighted sum of what `falls` lists, by logistic regression."""
    there = learn.there
    model = LogisticRegression(C=C, max_iter=2000)
    model.fit(falls(learn.age, learn.z())[there], begun(learn)[there])
    return model.coef_[0], model.intercept_[0]


def summed(w, b):
    """The weighted sum."""
    return lambda c, sex="boys": falls(c.age, c.z(sex)) @ w + b


THIRD, BANDS, RULE = "small now", "fall since the first visit", "fall over a while, from an age"
SUM, NET, KNOWS = "weighted sum of falls", "GRU", "knows how the children were made"
NAMES = (THIRD, BANDS, RULE, SUM, NET, KNOWS)
pairs, sums, nets, tests, limits, ways = [], [], [], [], [], []
for seed in range(SEEDS):
    learn, choose, test = (
        make_children(n, 10 * seed + k) for k, n in enumerate((LEARN, CHOOSE, TEST))
    )
    pairs.append(best_rule(choose))
    sums.append(fit_sum(learn))
    nets.append(fit_watcher(learn, seed=seed, rate=RATE))
    ways.append(
        {
            THIRD: lambda c, sex="boys": -c.z(sex),
            BANDS: ruled(1000, 0),
            RULE: ruled(*pairs[seed]),
            SUM: summed(*sums[seed]),
            NET: nets[seed].score,
            KNOWS: lambda c, sex="boys": true_odds(c),
        }
    )
    tests.append(test)
    scored = {name: way(choose) for name, way in ways[seed].items()}
    limits.append(
        {
            (name, share): limit_for(score, choose.ill, share)
            for name, score in scored.items()
            for share in (0.05, 0.01, 0.002)
        }
    )
scores = [{name: way(test) for name, way in some.items()} for some, test in zip(ways, tests)]  # noqa: B905

# %% [markdown]
# ## Who raises the flag first?


# %%
def results(name, share=FALSE):
    """False flags, found and months of each seed, (seeds, 3)."""
    return np.array(
        [judged(scores[s][name], tests[s], limits[s][name, share]) for s in range(SEEDS)]
    )


at = {name: results(name) for name in NAMES}
auc = {
    name: np.array([roc_auc_score(tests[s].ill, scores[s][name][:, -1]) for s in range(SEEDS)])
    for name in NAMES
}
learned = {
    THIRD: 0,
    BANDS: 0,
    RULE: 2,
    SUM: len(sums[0][0]) + 1,
    NET: sum(p.numel() for p in nets[0].parameters()),
}

# %% name="scores"
table(
    ["", "numbers fitted", "ill: flagged", "months until then", "well: flagged", "AUC"],
    [
        [
            name,
            f"{learned[name]:,}" if name in learned else "",
            f"{100 * at[name][:, 1].mean():.0f}\u00a0%",
            f"{at[name][:, 2].mean():.1f}",
            f"{100 * at[name][:, 0].mean():.1f}\u00a0%",
            f"{auc[name].mean():.3f}",
        ]
        for name in NAMES
    ],
)

# %% name="versus"
BLOCKS = (slice(0, 4), slice(4, 8))
MEASURES = {
    "months": (lambda n: at[n][:, 2], 1),
    "flagged, percentage points": (lambda n: 100 * at[n][:, 1], 1),
    "AUC, percentage points": (lambda n: 100 * auc[n], 2),
}
PAIRS = [(RULE, BANDS), (NET, RULE), (NET, SUM), (KNOWS, SUM)]
SHORT = {BANDS: "since the first visit", RULE: "over a while", SUM: "weighted sum", KNOWS: "knows"}
versus = {
    (a, b, what): [paired(of(a)[block], of(b)[block]) for block in BLOCKS]
    for a, b in PAIRS
    for what, (of, _) in MEASURES.items()
}
table(
    ["difference", "first four seeds", "other four", "seen?"],
    [
        [
            f"{SHORT.get(a, a)} minus {SHORT.get(b, b)}: {what}",
            *(i.text(MEASURES[what][1]) for i in both),
            "yes" if seen(both) else "no",
        ]
        for (a, b, what), both in versus.items()
    ],
)

# %% name="kinds"
SHOWN = (THIRD, BANDS, RULE, SUM, NET)
flags = {
    name: [
        np.isfinite(
            first_flags(scores[s][name], tests[s].age, tests[s].onset, limits[s][name, FALSE])
        )
        for s in range(SEEDS)
    ]
    for name in SHOWN
}
by_kind = {
    (name, k): np.mean(np.concatenate([f[t.kind == k] for f, t in zip(flags[name], tests)]))  # noqa: B905
    for name in SHOWN
    for k in range(len(KINDS))
}
table(
    ["flagged, %", "small now", "since first", "a while", "sum", "GRU"],
    [
        [
            f"{kind} ({'ill' if k > 2 else 'well'})",
            *(f"{100 * by_kind[name, k]:.0f}" for name in SHOWN),
        ]
        for k, kind in enumerate(KINDS)
    ],
)

# %% [markdown]
# ## How many flags are right?
#
# Suppose that one child in 2,000 falls ill in this way.

# %% name="right"
BASE = 1 / 2000
STRICT = (0.05, 0.01, 0.002)
strict = {
    (name, share): results(name, share).mean(axis=0) for name in (SUM, NET) for share in STRICT
}


def flags_right(name, share):
    """What a way finds at a limit, and the share of its flags that is right."""
    false, found, _ = strict[name, share]
    return [f"{100 * found:.0f}\u00a0%", f"{100 * right_flags(found, false, BASE):.1f}\u00a0%"]


table(
    ["limit set for", "weighted sum: finds", "flags right", "GRU: finds", "its flags right"],
    [
        [f"{100 * share:g} % false flags", *flags_right(SUM, share), *flags_right(NET, share)]
        for share in STRICT
    ],
)

# %% [markdown]
# ## What breaks it
#
# The limits stay. The first four seeds; each change has children of its own, but for the wrong
# table and the missed visits, which change the test children.

# %%
ROUGH = "twice the measuring error"
TALLER, LESS = "growing 3 % taller", "growing 3 % less tall"
GIRLS = "read off the girls' table"
BREAKS = {
    "as before": lambda s, way: (way(tests[s]), tests[s]),
    ROUGH: lambda s, way: on(make_children(TEST, 10 * s + 3, tape=1.0), way),
    TALLER: lambda s, way: on(make_children(TEST, 10 * s + 4, taller=0.03), way),
    LESS: lambda s, way: on(make_children(TEST, 10 * s + 5, taller=-0.03), way),
    GIRLS: lambda s, way: (way(tests[s], "girls"), tests[s]),
    "half of the visits missed": lambda s, way: on(tests[s].without(0.5, 10 * s + 6), way),
}


def on(children, way):
    """A way's scores on some children, and these."""
    return way(children), children


broken = {
    (what, name): np.mean(
        [judged(*change(s, ways[s][name]), limits[s][name, FALSE]) for s in range(4)], axis=0
    )
    for what, change in BREAKS.items()
    for name in (RULE, SUM, NET)
}


# %% name="breaks"
def told_of(head, what, digits):
    """A table of one measure: a row per change, a column per way."""
    return table(
        [head, "rule", "sum", "GRU"],
        [
            [change, *(f"{what(broken[change, name]):.{digits}f}" for name in (RULE, SUM, NET))]
            for change in BREAKS
        ],
    )


told_of("well: flagged, %", lambda got: 100 * got[0], 0)

# %% name="breaks_months"
told_of("ill: months until then", lambda got: got[2], 1)

# %% [markdown]
# ## The ten worst errors
#
# Of the net of seed 0: the five well children with the highest scores, and the five ill ones whose
# highest score after the onset is lowest.

# %% name="worst"
test, score, limit = tests[0], scores[0][NET], limits[0][NET, FALSE]
late_scores = np.where(begun(test) | ~test.ill[:, None], score, -np.inf).max(axis=1)
well, ill = np.flatnonzero(~test.ill), np.flatnonzero(test.ill)
alarms = well[np.argsort(-late_scores[well], kind="stable")[:5]]
missed = ill[np.argsort(late_scores[ill], kind="stable")[:5]]
z0 = test.z()
fig, axes = plot.subplots(5, 2, width=3.7, height=3.7, sharex=True, sharey=True)
for ax, i in zip(axes.T.ravel(), [*alarms, *missed], strict=True):
    n = test.visits[i]
    ax.plot(test.age[i, :n] / 12, z0[i, :n], ".-", color=plot.BLUE, lw=1, ms=4)
    flag = np.flatnonzero((score[i, :n] > limit) & (test.age[i, :n] >= test.onset[i]))[:1]
    ax.plot(test.age[i, flag] / 12, z0[i, flag], "D", mfc="none", color=plot.ORANGE, ms=7)
    if test.ill[i]:
        ax.axvline(test.onset[i] / 12, color=plot.INK, lw=1, ls="--")
    ax.set_yticks([-2, 0, 2])
    ax.set_xticks([2, 4, 6, 8, 10])
kinds = [" or ".join(sorted({KINDS[test.kind[i]] for i in group})) for group in (alarms, missed)]
for ax, text, kind in zip(axes[0], ("well", "ill"), kinds, strict=True):
    ax.set_title(f"{text}: {kind}", fontsize=9)
fig.supxlabel("age, years", fontsize=9)
fig.supylabel("z", fontsize=9)
none = not np.isfinite(
    first_flags(score[missed], test.age[missed], test.onset[missed], limit)
).any()
late_onsets = int((test.onset[missed] > 84).sum())
plot.figure(
    fig,
    alt="Ten small charts of z against age. On the left, five well children "
    f"({kinds[0]}) whose z falls for a while and who get a flag. On the right, five ill ones "
    f"({kinds[1]}) whose z hardly falls after a dashed line, the onset; none gets a flag.",
    caption="Synthetic children, seed 0, GRU. Left: the five well ones with the highest score at "
    "any visit; a diamond marks the first flag. Right: the five ill ones whose highest score "
    "after the onset, the dashed line, is the lowest; none gets a flag. They fell ill late: "
    f"{late_onsets} of the five after seven years, so that few visits were left.",
)

# %% [markdown]
# ## What the page lets its reader move
#
# Five test children of seed 0 with nine to eleven visits, chosen to show each kind; the rule, the
# weighted sum and the net of that seed.

# %%
few = (test.visits >= 9) & (test.visits <= 11)
first, last = z0[:, 0], z0[:, -1]
WISH = {
    "follows its curve": (test.kind == 0) & (np.abs(first - last) < 0.3) & (np.abs(first) < 0.7),
    "small, and well": (test.kind == 1) & (last < -2) & (np.abs(first - last) < 0.4),
    "late, and well": (test.kind == 2) & (first - last > 1) & (first > -0.5),
    "tall, and fading": (test.kind == 4) & (first > 1) & (last > -0.9) & (test.onset < 70),
    "stops suddenly": (test.kind == 3) & (first > -0.5) & (test.onset > 70) & (last > -3.5),
}
cases = {}
for text, wish in WISH.items():
    i = int(np.flatnonzero(wish & few)[0])
    n = test.visits[i]
    cases[text] = {
        "ages": test.age[i, :n].round(1).tolist(),
        "heights": test.height[i, :n].tolist(),
        "onset": round(float(test.onset[i]), 1),
    }
boys = data.heights("boys")
inside = boys.months <= 123
show.data(
    "children",
    {
        "cases": cases,
        "table": {name: column[inside].tolist() for name, column in boys._asdict().items()},
        "rule": list(pairs[0]),
        "limits": {
            key: limits[0][name, FALSE]
            for key, name in (("bands", BANDS), ("rule", RULE), ("sum", SUM), ("net", NET))
        },
    },
    digits=12,
)
show.arrays(
    "models",
    w=sums[0][0].astype(np.float32),
    b=np.array([sums[0][1]], dtype=np.float32),
    out_weight=nets[0].out.weight.detach().numpy(),
    out_bias=nets[0].out.bias.detach().numpy(),
    **{
        part: getattr(nets[0].gru, f"{part}_l0").detach().numpy()
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    },
)

# %% name="moved"
FOUR = {"since the first visit": BANDS, "over a while": RULE, "weighted sum": SUM, "GRU": NET}


def moved(text, heights):
    """The age at each way's first flag once the heights of a case are changed."""
    age, n = np.array([cases[text]["ages"]]), len(heights)
    child = Children(age, np.array([heights]), np.array([n]), np.zeros(1, int), np.zeros(1))
    return {
        way: first_flags(ways[0][name](child), age, np.zeros(1), limits[0][name, FALSE])[0]
        for way, name in FOUR.items()
    }


def told(age):
    """An age in years and months."""
    months = round(age) if np.isfinite(age) else 0
    return f"{months // 12}\u00a0y {months % 12}\u00a0m" if months else "none"


own = cases["follows its curve"]
fine = np.array(own["heights"])
later = np.cumsum(np.array(own["ages"]) >= 72)
bad = [moved("follows its curve", fine - 2 * (np.arange(len(fine)) == k)) for k in range(len(fine))]
fading = moved("follows its curve", fine - 2.0 * later)
slow = moved("late, and well", np.array(cases["late, and well"]["heights"]))
table(
    ["", "1: visits that fool it", "2: flag at", "3: flag at"],
    [
        [
            way,
            f"{sum(bool(np.isfinite(one[way])) for one in bad)} of {len(bad)}",
            told(fading[way]),
            told(slow[way]),
        ]
        for way in FOUR
    ],
)

# %% name="still"
shown = cases["tall, and fading"]
age = np.linspace(24, 120, 97)
CENTILES = {3: -1.881, 10: -1.282, 25: -0.674, 50: 0.0, 75: 0.674, 90: 1.282, 97: 1.881}
fig, ax = plot.subplots(width=4.6, height=3.5)
for centile, z in CENTILES.items():
    curve = height_at(np.full(len(age), z), *lms(age, *boys))
    ax.plot(age / 12, curve, color=plot.INK if centile == 50 else plot.MUTED, lw=0.8)
    ax.text(10.1, curve[-1], f"{centile}", fontsize=8, va="center")
ax.plot(np.array(shown["ages"]) / 12, shown["heights"], "o-", color=plot.BLUE, ms=5)
ax.axvline(shown["onset"] / 12, color=plot.ORANGE, ls="--", lw=1)
ax.set(xlabel="age, years", ylabel="height, cm", xlim=(2, 10.6))
plot.figure(
    fig,
    alt="Heights of a boy against age over seven centile curves. He begins above the highest "
    "curves and has come down to the middle ones at ten years.",
    caption="A synthetic boy who falls ill at the dashed line. He is tall, then usual, and never "
    "small. The curves are the CDC's centiles for boys: 3 % are below the lowest one.",
)

# %% [markdown]
# ## A second visit that must agree
#
# The rule over two years, from four; a flag needs two visits in a row above the limit.


# %%
def twice(c):
    """The lower of two scores in a row."""
    now = fall_since(c.age, c.z(), 24, 48)
    before = np.roll(now, 1, axis=1)
    before[:, 0] = 0
    return np.where(c.there, np.minimum(now, before), -1)


def anew(way, s):
    """A way's flags for one seed, with a limit of its own."""
    choose = make_children(CHOOSE, 10 * s + 1)
    return judged(way(tests[s]), tests[s], limit_for(way(choose), choose.ill, FALSE))


waits = {way: np.array([anew(way, s) for s in range(SEEDS)]) for way in (ruled(24, 48), twice)}
once_all, twice_all = (rows.mean(axis=0) for rows in waits.values())

# %% name="numbers"
ill_all, kind_all = (np.concatenate([getattr(t, what) for t in tests]) for what in ("ill", "kind"))
lowest = np.concatenate([some[THIRD].max(axis=1) for some in scores])  # of -z


def small_at_some_visit(rows):
    """The share of some children who are below the third centile at some visit."""
    return (lowest[rows] > 1.881).mean()


values(
    seeds=SEEDS,
    bands_limit=f"{np.mean([some[BANDS, FALSE] for some in limits]):.2f}",
    third_limit=f"{np.mean([some[THIRD, FALSE] for some in limits]):.1f}",
    third_false=f"{100 * small_at_some_visit(~ill_all):.0f}",
    third_small=f"{100 * small_at_some_visit(kind_all == 1):.0f}",
    net_right=f"{100 * right_flags(*at[NET].mean(axis=0)[[1, 0]], BASE):.1f}",
    net_one_in=f"{1 / right_flags(*at[NET].mean(axis=0)[[1, 0]], BASE):.0f}",
    late_net=f"{100 * by_kind[NET, 2]:.0f}",
    late_sum=f"{100 * by_kind[SUM, 2]:.0f}",
    knows_gain=f"{at[SUM][:, 2].mean() - at[KNOWS][:, 2].mean():.1f}",
    once_months=f"{once_all[2]:.1f}",
    twice_months=f"{twice_all[2]:.1f}",
    twice_false=f"{100 * twice_all[0]:.1f}",
    late_bands=f"{100 * by_kind[BANDS, 2]:.0f}",
    pairs=", ".join(f"{m} and {s}" for m, s in sorted(set(pairs))),
    shown=f"{pairs[0][0]}",
    rule_gain=f"{at[BANDS][:, 2].mean() - at[RULE][:, 2].mean():.0f}",
    net_gain=f"{at[RULE][:, 2].mean() - at[NET][:, 2].mean():.1f}",
    visits=f"{np.mean([t.visits.mean() for t in tests]):.0f}",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert seen(versus[RULE, BANDS, "months"]) == -1
assert seen(versus[RULE, BANDS, "flagged, percentage points"]) == 1
assert seen(versus[NET, RULE, "months"]) == -1
assert not seen(versus[NET, SUM, "months"])
assert not seen(versus[NET, SUM, "AUC, percentage points"])
assert seen(versus[NET, SUM, "flagged, percentage points"]) == -1, (
    "the page: the sum flags slightly more"
)
assert 5 < 1 / right_flags(*at[NET].mean(axis=0)[[1, 0]], BASE) / 20 < 6, "about 1 %"
assert all(start >= 48 for _, start in pairs), "the page: it starts at four"
assert all(months in (12, 24) for months, _ in pairs), "the page: it looks back a year or two"
assert pairs[0][1] == 48, "the figure's label"
assert none, "none of the five ill was flagged"
assert (late_scores[alarms] > limit).all(), "each of the five well was flagged"
assert late_onsets >= 3, "the caption: they fell ill late"
assert seen(versus[KNOWS, SUM, "months"]) == -1, "the page: earlier flags are left to gain"
assert auc[KNOWS].mean() - auc[SUM].mean() < 0.01, "the page: hardly anything by AUC"
assert all(np.isinf(age) == (way != "since the first visit") for way, age in slow.items())
assert seen([paired(*(rows[block, 2] for rows in waits.values())) for block in BLOCKS]) == -1
assert by_kind[NET, 2] > 1.5 * by_kind[NET, 0], "late children pay"
missing = {name: broken["half of the visits missed", name][0] for name in (RULE, SUM, NET)}
assert missing[RULE] < FALSE < missing[SUM] < missing[NET], "the page names the order"
assert {KINDS[test.kind[i]] for i in missed} == {"slow fading"}
for name in (RULE, SUM, NET):
    before = broken["as before", name][0]
    assert min(broken[what, name][0] for what in (ROUGH, GIRLS, LESS)) > 3 * before
    assert broken[TALLER, name][2] > broken["as before", name][2], "hidden"
