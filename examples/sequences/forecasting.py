# %% [markdown]
# # Forecasting, executed
#
# How warm will the sea off Peru be, 1 to 12 months ahead? Five rivals answer from the same past:
# "as last month", "as one season ago", "as usual in that month", a linear model and a GRU. They are
# scored in a backtest that never looks ahead, on a real series of monthly means. All seeds are
# fixed. The text is in [the lesson](../../sequences/forecasting.md).

# %%
import numpy as np

from introdl import plot, show
from introdl.data import sea_temperature
from introdl.sequences.forecasting import nets
from introdl.sequences.forecasting.errors import block_interval, mase
from introdl.sequences.forecasting.rivals import (
    departures,
    fit_linear,
    linear,
    season_ago,
    usual,
    windows,
)
from introdl.sequences.memory.tasks import AskedGRUs
from introdl.show import table, values

sea = sea_temperature()
SEASON, HORIZON, YEAR = 12, 12, 1950
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# %% name="series"
START, END = (1990 - YEAR) * SEASON, (2000 - YEAR) * SEASON
months = np.arange(START, END)
means = usual(sea, START, SEASON)
fig, ax = plot.subplots(width=3.7, height=2.8)
ax.plot(YEAR + months / SEASON, means[months % SEASON], color=plot.MUTED, ls="--", label="usual")
ax.plot(YEAR + months / SEASON, sea[months], color=plot.BLUE, label="reconstructed")
ax.set(ylabel="°C", xticks=range(1990, 2001, 2), ylim=(18, 32))
ax.legend(loc="upper left", ncols=2)
warmest = START + np.argmax(sea[months] - means[months % SEASON])
plot.figure(
    fig,
    alt="Sea temperature off Peru from 1990 to 1999, month by month: a wave each year, mostly "
    f"between 20 and 27 °C. It is most above what is usual in {MONTHS[warmest % 12]} "
    f"{YEAR + warmest // 12}, by {(sea - means[np.arange(len(sea)) % 12])[warmest]:.1f} °C.",
    caption="Ten of 61 years: the sea's surface off Peru, monthly means. Dashed: the mean of each "
    "calendar month in the forty years before.",
)

# %% [markdown]
# ## The backtest
#
# Each model is fitted in January 1990, 1995, 2000 and 2005, on what was known then, and forecasts
# from each month of the five years that follow: 240 origins, 12 horizons from each. What a model
# learns from are departures from the usual: from the mean of each calendar month, among the months
# known at the fit. The settings were chosen before, on origins of the 1980s with fits up to 1979,
# by the mean absolute error: for the linear model from pasts of 1, 2, 3, 6, 12 and 24 months and
# penalties on large weights of 0, 1, 10 and 100 (24 settings; best: 2 months, no penalty); for the
# GRUs of 8 units, which read 12 months, from the rates 0.001, 0.003, 0.01, 0.03 and 0.1 and from
# 10, 25, 35, 50, 75, 100, 150, 200 and 300 updates (45 settings), with eight other seeds.

# %%
FITS, EACH = [480, 540, 600, 660], 60
origins = np.arange(FITS[0], FITS[-1] + EACH)
_, came = windows(sea, origins, 1, HORIZON)
LAGS, READ, UNITS, RATE, UPDATES, BATCH = 2, 12, 8, 0.03, 50, 32
BLOCKS = [range(8), range(100, 108)]
SEEDS = [seed for block in BLOCKS for seed in block]


def learning(known, past):
    """Origins whose past and whose future both lie in the first `known` months."""
    return np.arange(past, known - HORIZON + 1)


def gru(series, learned, seeds, updates):
    """Nets that learned from the windows at some origins; the scale of what they read."""
    scale = series[: FITS[0]].std()
    past, future = windows(series / scale, learned, READ, HORIZON)
    made = AskedGRUs(seeds, UNITS, (1, HORIZON))
    nets.train(made, past, future, seeds, updates, batch=BATCH, lr=RATE)
    return made, scale


def usual_to_come(means, here):
    """The means of the months that follow each origin, (N, HORIZON)."""
    return means[(here[:, None] + np.arange(HORIZON)) % SEASON]


forecasts = {"last": [], "usual": [], "linear": [], "gru": []}
fitted = []
for known in FITS:
    here = np.arange(known, known + EACH)
    means = usual(sea, known, SEASON)
    series = departures(sea, means)
    W = fit_linear(*windows(series, learning(known, LAGS), LAGS, HORIZON))
    made, scale = gru(series, learning(known, READ), SEEDS, UPDATES)
    base = usual_to_come(means, here)
    forecasts["last"].append(np.repeat(sea[here - 1][:, None], HORIZON, axis=1))
    forecasts["usual"].append(base)
    forecasts["linear"].append(base + linear(W, windows(series, here, LAGS, HORIZON)[0]))
    read = windows(series / scale, here, READ, HORIZON)[0]
    forecasts["gru"].append(base + scale * nets.forecast(made, read))
    fitted.append((means, W, made, scale))
forecasts = {name: np.concatenate(parts, axis=-2) for name, parts in forecasts.items()}
forecasts["season"] = season_ago(sea, origins, SEASON, HORIZON)
errors = {name: np.abs(said - came) for name, said in forecasts.items()}
nets_of = [errors["gru"][block].mean(axis=0) for block in (slice(8), slice(8, 16))]

# %% [markdown]
# ## Who wins, by horizon?

# %% name="horizons"
NAMES = {
    "last": "as last month",
    "season": "as a season ago",
    "usual": "as usual in that month",
    "linear": "linear model",
    "gru": "GRU",
}
LOOKS = {
    "season": (plot.MUTED, "D"),
    "usual": (plot.ORANGE, "^"),
    "linear": (plot.BLUE, "o"),
    "gru": (plot.GREEN, "s"),
}


def by_horizon(name):
    """Mean absolute error at each horizon, (HORIZON,); of GRUs the mean over nets."""
    return errors[name].reshape(-1, HORIZON).mean(axis=0)


fig, ax = plot.subplots(width=3.7, height=3.2)
for name, (colour, marker) in LOOKS.items():
    ax.plot(range(1, 13), by_horizon(name), color=colour, marker=marker, ms=5, label=NAMES[name])
ax.set(xlabel="horizon, months", ylabel="mean absolute error, °C", ylim=(0, 1.6))
ax.set_xticks(range(1, 13))
ax.legend(loc="upper left", ncols=2, fontsize=8)
ends = "; ".join(
    f"{NAMES[name]} {by_horizon(name)[0]:.2f} and {by_horizon(name)[-1]:.2f}" for name in LOOKS
)
plot.figure(
    fig,
    alt=f"Mean absolute error in °C by horizon. At 1 and at 12 months: {ends}.",
    caption=f"{len(origins)} origins from 1990 to 2009. For the GRUs, the mean error "
    f"of {len(SEEDS)} nets. Lower is better.",
)

# %% name="scores"
SHOWN = [1, 2, 3, 6, 12]
nets_came = np.tile(came, (len(SEEDS), 1))


def scaled(name):
    said = forecasts[name].reshape(-1, HORIZON)
    return mase(said, nets_came if name == "gru" else came, sea[: FITS[0]], SEASON)


table(
    ["rival", *(f"{h} mo" for h in SHOWN), "MASE, all 12"],
    [
        [label, *(f"{by_horizon(name)[h - 1]:.2f}" for h in SHOWN), f"{scaled(name):.2f}"]
        for name, label in NAMES.items()
    ],
)

# %% [markdown]
# ## How sure?
#
# Neighbouring origins share most of what came, so they are not independent. Two years of origins
# make one block, and the interval is that of the mean of ten blocks.

# %% name="leads"
BLOCK = 24


def at(name, h):
    return errors[name][..., h - 1]


def leads(h):
    """Less error of the first than of the second, as 95 % intervals in °C."""
    return {
        ("linear", "season"): [block_interval(at("season", h) - at("linear", h), BLOCK)],
        ("usual", "season"): [block_interval(at("season", h) - at("usual", h), BLOCK)],
        ("linear", "usual"): [block_interval(at("usual", h) - at("linear", h), BLOCK)],
        **{
            ("gru", rival): [
                block_interval(at(rival, h) - block[:, h - 1], BLOCK) for block in nets_of
            ]
            for rival in ("linear", "usual")
        },
    }


def between(low, high):
    """An interval in words, in hundredths."""
    return f"{100 * low:+.1f} to {100 * high:+.1f}".replace("-", "−")


def side(intervals):
    """+1 where all exclude zero above it, −1 below it, else 0."""
    return int(min(low for low, _ in intervals) > 0) - int(max(high for _, high in intervals) < 0)


SHORT = NAMES | {"usual": "as usual", "season": "season ago"}
all_leads = {h: leads(h) for h in range(1, HORIZON + 1)}
table(
    ["lead of", *(f"{h} mo" for h in SHOWN)],
    [
        [
            f"{SHORT[name]} over {SHORT[rival]}" + (f", group {k + 1}" if name == "gru" else ""),
            *(between(*all_leads[h][name, rival][k]) for h in SHOWN),
        ]
        for name, rival in all_leads[1]
        for k in range(len(all_leads[1][name, rival]))
    ],
)


# %%
def words(numbers):
    """Numbers as a sentence lists them."""
    *some, last = map(str, numbers or ["none"])
    return f"{', '.join(some)} and {last}" if some else last


def months_of(pair):
    """The horizons at which a lead is seen, in words."""
    return words([h for h in all_leads if side(all_leads[h][pair]) > 0])


# %% name="numbers"
values(
    count=len(sea),
    behind=words([h for h in all_leads if side(all_leads[h]["gru", "linear"]) < 0]),
    over_season=months_of(("linear", "season")),
    over_usual=months_of(("linear", "usual")),
    linear_1=f"{by_horizon('linear')[0]:.2f}",
    gru_1=f"{by_horizon('gru')[0]:.2f}",
    season_1=f"{by_horizon('season')[0]:.2f}",
    usual_1=f"{by_horizon('usual')[0]:.2f}",
    last_1=f"{by_horizon('last')[0]:.2f}",
    last_6=f"{by_horizon('last')[5]:.2f}",
    origins=len(origins),
)

# %% [markdown]
# ## What a random split says
#
# The same number of windows to learn from: once those before 1990, once drawn at random from all
# years. Both are scored on the same origins after 1990, which no model learned from. The means are
# those of the months before 1990 in both.

# %% name="random"
LONG = 500
series = departures(sea, usual(sea, FITS[0], SEASON))
before = learning(FITS[0], READ)
shuffled = np.random.default_rng(0).permutation(learning(len(sea), READ))
drawn, held = shuffled[: len(before)], shuffled[len(before) :]
held = held[held >= FITS[0]]
read, truth = windows(series, held, READ, HORIZON)


def missed(said):
    """Mean absolute error; of nets, one each."""
    return np.abs(said - truth).mean(axis=(-2, -1))


def most_alike(learned):
    """What came after the window of the past that is most like the one read."""
    past, future = windows(series, learned, READ, HORIZON)
    return future[((read[:, None] - past) ** 2).sum(axis=-1).argmin(axis=1)]


def most_alike_apart(learned):
    """The same without windows that share a month with the one to forecast."""
    past, future = windows(series, learned, READ, HORIZON)
    far = ((read[:, None] - past) ** 2).sum(axis=-1)
    shares = np.abs(held[:, None] - learned) < READ + HORIZON
    return future[np.where(shares, np.inf, far).argmin(axis=1)]


def by_gru(learned, updates):
    made, scale = gru(series, learned, SEEDS, updates)
    return scale * nets.forecast(made, read / scale)


def by_linear(learned):
    W = fit_linear(*windows(series, learned, LAGS, HORIZON))
    return linear(W, windows(series, held, LAGS, HORIZON)[0])


splits = {"backtest": before, "random": drawn}
found = {
    split: {
        "the window most alike": missed(most_alike(learned)),
        "linear model": missed(by_linear(learned)),
        f"GRU, {UPDATES} updates": missed(by_gru(learned, UPDATES)),
        f"GRU, {LONG} updates": missed(by_gru(learned, LONG)),
    }
    for split, learned in splits.items()
}
table(
    ["model", "backtest, °C", "random split, °C"],
    [[name, *(f"{found[split][name].mean():.2f}" for split in splits)] for name in found["random"]],
)

# %% name="random_numbers"
brief, long = f"GRU, {UPDATES} updates", f"GRU, {LONG} updates"
longer = {split: found[split][long] - found[split][brief] for split in splits}
values(
    held=len(held),
    learned=len(before),
    nets=len(SEEDS),
    neighbours=int((np.isin(held - 1, drawn) | np.isin(held + 1, drawn)).sum()),
    worse=int((longer["backtest"] > 0).sum()),
    better=int((longer["random"] < 0).sum()),
    long_backtest=f"{found['backtest'][long].mean():.2f}",
    long_random=f"{found['random'][long].mean():.2f}",
    apart=f"{missed(most_alike_apart(drawn)):.2f}",
    linear_random=f"{found['random']['linear model'].mean():.2f}",
)

# %% name="longer"
gaps = {
    split: [block_interval(half, 1) for half in np.split(gap, 2)] for split, gap in longer.items()
}
table(
    ["long training", "group 1", "group 2"],
    [
        [f"more error {where}", *(between(*interval) for interval in gaps[split])]
        for split, where in (("backtest", "in the backtest"), ("random", "by the random split"))
    ],
)

# %% [markdown]
# ## Direct or iterated?
#
# The linear model fits each horizon by itself. Iterated, only the first month is fitted, and each
# forecast is read as if it had been observed.

# %% name="iterated"
iterated = []
for known, (means, W, *_) in zip(FITS, fitted, strict=True):
    here = np.arange(known, known + EACH)
    past = windows(departures(sea, means), here, LAGS, HORIZON)[0]
    for _ in range(HORIZON):
        past = np.column_stack([past, linear(W[:, :1], past[:, -LAGS:])])
    iterated.append(usual_to_come(means, here) + past[:, LAGS:])
iterated = np.abs(np.concatenate(iterated) - came)
table(
    ["linear model", *(f"{h} mo" for h in SHOWN)],
    [
        ["direct", *(f"{at('linear', h).mean():.2f}" for h in SHOWN)],
        ["iterated", *(f"{iterated[:, h - 1].mean():.2f}" for h in SHOWN)],
        [
            "lead of direct, hundredths",
            "0",
            *(
                between(*block_interval(iterated[:, h - 1] - at("linear", h), BLOCK))
                for h in SHOWN[1:]
            ),
        ],
    ],
)

# %% [markdown]
# ## Means that know the future
#
# The same rivals, but "usual" is the mean over the whole series, test years included.

# %% name="leak"
means = usual(sea, len(sea), SEASON)
leaking = {"usual": np.abs(usual_to_come(means, origins) - came), "linear": []}
series = departures(sea, means)
for known in FITS:
    here = np.arange(known, known + EACH)
    W = fit_linear(*windows(series, learning(known, LAGS), LAGS, HORIZON))
    leaking["linear"].append(linear(W, windows(series, here, LAGS, HORIZON)[0]))
leaking["linear"] = np.abs(usual_to_come(means, origins) + np.concatenate(leaking["linear"]) - came)
gains = {name: (errors[name] - leaking[name]).mean(axis=1) for name in leaking}
table(
    ["rival", "honest, °C", "leaking, °C", "gain by leaking, hundredths"],
    [
        [
            NAMES[name],
            f"{errors[name].mean():.3f}",
            f"{leaking[name].mean():.3f}",
            between(*block_interval(gains[name], BLOCK)),
        ]
        for name in leaking
    ],
)

# %% [markdown]
# ## A band, and how often it held
#
# The linear model is fitted ten years before each of the four fits. Four fifths of its errors in
# these ten years are smaller than the half width of the band around the later fit's forecasts.

# %% name="bands"
DECADE, SHARE = 120, 0.8
widths = []
for known in FITS:
    means = usual(sea, known - DECADE, SEASON)
    series = departures(sea, means)
    W = fit_linear(*windows(series, learning(known - DECADE, LAGS), LAGS, HORIZON))
    past, future = windows(series, np.arange(known - DECADE, known - HORIZON + 1), LAGS, HORIZON)
    widths.append(np.quantile(np.abs(linear(W, past) - future), SHARE, axis=0))
held_by = errors["linear"] <= np.repeat(widths, EACH, axis=0)
table(
    ["band", *(f"{h} mo" for h in SHOWN)],
    [
        [
            "half width, °C",
            *(f"{min(w):.1f} to {max(w):.1f}" for w in (np.array(widths)[:, h - 1] for h in SHOWN)),
        ],
        ["held, %", *(f"{100 * held_by[:, h - 1].mean():.0f}" for h in SHOWN)],
        [
            "95 % interval",
            *(
                "{:.0f} to {:.0f}".format(*block_interval(100.0 * held_by[:, h - 1], BLOCK))
                for h in SHOWN
            ),
        ],
    ],
)

# %% [markdown]
# ## For the page
#
# The series, and the models of the four fits; for the GRU, the first of the sixteen.

# %%
arrays = {
    "sea": sea,
    "errors": np.array(
        [errors[name].mean(axis=0) for name in ("season", "usual", "linear")]
        + [errors["gru"][0].mean(axis=0)]
    ),
}
for k, (means, W, made, scale) in enumerate(fitted):
    U, heard, b, b_heard = made.weights(0)
    other = np.zeros(len(b))
    other[2 * UNITS :] = b_heard
    arrays |= {
        f"{k}_usual": means,
        f"{k}_linear": W,
        f"{k}_scale": np.array([scale]),
        f"{k}_weight_ih": U.T,
        f"{k}_weight_hh": heard.T,
        f"{k}_bias_ih": b,
        f"{k}_bias_hh": other,
        f"{k}_out_weight": made.out[0].detach().numpy().T,
        f"{k}_out_bias": made.out_bias[0, 0].detach().numpy(),
    }
show.arrays("models", **{name: array.astype(np.float32) for name, array in arrays.items()})

# %% name="still"
FROM = 569  # the first month to come is June 1997
k = FROM - FITS[0]
fig, ax = plot.subplots(width=3.7, height=3.2)
ax.plot(range(-23, 1), sea[FROM - 24 : FROM], color=plot.INK)
ax.plot(range(1, 13), came[k], "o", color=plot.INK, mfc="none", label="what came")
for name, (colour, marker) in LOOKS.items():
    said = forecasts[name][0, k] if name == "gru" else forecasts[name][k]
    ax.plot(range(1, 13), said, color=colour, marker=marker, ms=3.5, label=NAMES[name])
ax.axvline(0.5, color=plot.GRID)
ax.set(xlabel="months from May 1997", ylabel="°C", ylim=(18, 33))
ax.legend(loc="upper left", fontsize=8)
plot.figure(
    fig,
    alt="Sea temperature up to May 1997, and four forecasts of the twelve months that followed. "
    "What came is above all four in each of the twelve months.",
    caption="Known up to May 1997: four forecasts, and what came.",
)

# %% [markdown]
# ## What this notebook claims

# %%
# The linear model leads over "as a season ago" and over the usual for two months; the GRU leads
# over it nowhere.
assert all(side(all_leads[h]["linear", rule]) > 0 for h in (1, 2) for rule in ("season", "usual"))
assert all(side(all_leads[h]["gru", "linear"]) <= 0 for h in all_leads)
assert all(side(all_leads[12][name, "usual"]) <= 0 for name in ("linear", "gru"))
assert by_horizon("linear")[0] < by_horizon("gru")[0] < by_horizon("usual")[0]
# A random split flatters all, and most of all the one that learns by heart.
gains = {name: (found["backtest"][name] - found["random"][name]).mean() for name in found["random"]}
assert min(gains.values()) > 0
assert max(gains, key=gains.get) == "the window most alike"
# Longer training: worse in the backtest, and better by the random split.
assert longer["backtest"].mean() > 0
assert longer["random"].mean() < 0
assert found["backtest"][long].mean() > found["backtest"]["linear model"]
assert (came[k] > np.array([forecasts[n][k] for n in ("season", "usual", "linear")])).all()
assert (came[k] > forecasts["gru"][0, k]).all()
november = 575 - FITS[0]  # the first month to come is December 1997
said = np.array([forecasts["linear"][november, 0], forecasts["gru"][0, november, 0]])
assert (np.abs(said - came[november, 0]) < 1).all()
