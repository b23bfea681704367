# %% [markdown]
# # Optimisers, executed
#
# Six rules that turn slopes into steps: by hand, in a ravine and in the same ravine turned, and on
# real digits, where all get the same budget and the same effort of tuning. All seeds are fixed. The
# text is in [the lesson](../../networks/optimizers.md).

# %%
import numpy as np

from introdl import data, plot
from introdl.intervals import mean_interval, seen
from introdl.networks.optimizers import (
    SGD,
    SURFACES,
    Adam,
    AdamW,
    Net,
    RMSProp,
    cosine,
    run,
    stairs,
    train,
    warm_up,
)
from introdl.show import table, values

COLOURS = {
    "SGD": plot.INK,
    "momentum": plot.BLUE,
    "Nesterov": plot.GREEN,
    "RMSProp": plot.ORANGE,
    "Adam": plot.RED,
    "AdamW": plot.MUTED,
}
MAKE = {
    "SGD": lambda rate: SGD(rate),
    "momentum": lambda rate: SGD(rate, 0.9),
    "Nesterov": lambda rate: SGD(rate, 0.9, nesterov=True),
    "RMSProp": lambda rate: RMSProp(rate),
    "Adam": lambda rate: Adam(rate),
    "AdamW": lambda rate: AdamW(rate),
}

# %% [markdown]
# ## One step, by hand
#
# Two slopes, 100 and 0.01. The steps are those from weights of 0.

# %%
slopes = np.array([100, 0.01])
by_sgd = SGD(0.01).step(np.zeros(2), slopes)
adam = Adam(0.1)
by_adam = adam.step(np.zeros(2), slopes)

# %% [markdown]
# ## Why Adam corrects its means
#
# The slope is 100 at each step. Both means start at 0 and need time to rise; the mean of the
# squares needs more. So without a correction the first steps are too long.

# %%
SLOPE = 100
m = v = 0.0
lengths = []
for _ in range(60):
    m, v = 0.9 * m + 0.1 * SLOPE, 0.999 * v + 0.001 * SLOPE**2
    lengths.append(m / np.sqrt(v))
always = Adam(1.0)
corrected = -np.diff(run(always, lambda w: np.array([SLOPE]), np.zeros(1), 60)[:, 0])

# %% name="correction"
fig, ax = plot.subplots(width=3.6, height=2.7)
ax.plot(np.arange(1, 61), lengths, color=plot.ORANGE, label="without correction")
ax.plot(np.arange(1, 61), corrected, color=plot.BLUE, label="Adam")
ax.set(xlabel="step", ylabel="length of the step, in rates", ylim=(0, None))
ax.legend()
plot.figure(
    fig,
    alt="Length of Adam's steps at a constant slope. With the correction it is one rate from the "
    "first step on. Without it, it begins at about three, rises to between six and seven, and "
    "falls slowly.",
    caption="A slope that is always 100. Without the correction the first steps are too long.",
)

# %% [markdown]
# ## The ravine, and the ravine turned
#
# All rules try the same grid of rates. Each keeps the rate that brings the loss below 0.001, to
# stay, in the fewest steps, averaged over 240 starts on a circle. The starts are the same for both
# ravines. A walk that leaves the square from −8 to 8 does not count.

# %%
START = np.array([3.5, 1.5])
GRID = 0.0005 * 1.1 ** np.arange(90)
MOST = 250
ANGLES = np.arange(240) * np.pi / 120
STARTS = 3.8 * np.array([np.cos(ANGLES), np.sin(ANGLES)])  # (2, 240)


def fewest_steps(name, surface, goal=1e-3):
    """The fewest steps, on average, after which the loss stays below the goal; at which rate."""
    rule, slope = MAKE[name](GRID), SURFACES[surface].slope
    w = np.repeat(STARTS[:, :, None], len(GRID), axis=2)  # (2, starts, rates): all at once
    last = np.zeros(w.shape[1:])
    for t in range(MOST + 1):
        g = slope(w)
        above = (w * g).sum(axis=0) / 2 >= goal  # the loss: on these surfaces half of w · slope
        last[above] = t + 1
        near = np.abs(w).max(axis=0) <= 8  # a walk that leaves the square does not count
        w = np.where(near, rule.step(w, np.where(near, g, 0)), w)
    last[~near] = MOST + 1
    steps = last.mean(axis=0)
    return float(steps.min()), float(GRID[steps.argmin()])


RULES = ["SGD", "momentum", "Nesterov", "RMSProp", "Adam"]
fewest = {
    (name, surface): fewest_steps(name, surface)
    for name in RULES
    for surface in ("ravine", "turned")
}


def shown(steps, rate):
    return f"{steps:.0f}", f"{rate:.2g}"


# %% name="ravines"
table(
    ["rule", "ravine: steps, at rate", "turned: steps, at rate"],
    [
        [name, *(", at ".join(map(str, shown(*fewest[name, s]))) for s in ("ravine", "turned"))]
        for name in RULES
    ],
)


# %% name="still"
w1, w2 = np.meshgrid(np.linspace(-4, 4, 120), np.linspace(-4, 4, 120))
fig, ax = plot.subplots(width=3.7, height=3.7)
height = w1**2 + 10 * w2**2
ax.contour(w1, w2, height, [1, 4, 12, 30, 60, 110], colors=plot.MUTED, linewidths=1)
for name, rate in {"SGD": 0.09, "momentum": 0.02, "RMSProp": 0.1, "Adam": 0.3}.items():
    path = run(MAKE[name](rate), SURFACES["ravine"].slope, START, 30)
    ax.plot(*path.T, "o-", color=COLOURS[name], ms=3, lw=1.4, label=f"{name}, {rate}")
ax.plot(0, 0, "+", color=plot.INK, ms=10)
ax.set(xlabel="w₁", ylabel="w₂", aspect="equal")
ax.legend(fontsize=8, loc="lower right")
plot.figure(
    fig,
    alt="Flat ellipses around the lowest point. From one start, SGD jumps across the ravine, "
    "momentum swings in wide curves, RMSProp and Adam first go diagonally.",
    caption="Thirty steps of four rules from one start, each with its own rate.",
)

# %% name="ravine_numbers"
values(
    **{
        f"{name}_{surface}": shown(*fewest[name, surface])[0]
        for name in ("SGD", "RMSProp")
        for surface in ("ravine", "turned")
    }
)

# %% [markdown]
# ## A rate that falls
#
# RMSProp on w², from 4: the slope becomes small, but so does the root that divides it. Once the
# root is below the rate, the effective rate is above the border, and the walk leads away.

# %%
HILL = 200


def hill(schedule):
    settings = {"slope": lambda w: 2 * w, "w": np.array([4.0]), "steps": HILL}
    return run(RMSProp(0.2, 0.9), **settings, schedule=schedule)[:, 0]


steady, falling = hill(lambda t: 1.0), hill(lambda t: cosine(t, HILL))

# %% name="settle"
fig, ax = plot.subplots(width=3.2, height=2.6)
ax.semilogy(np.abs(steady), color=plot.ORANGE, label="constant rate")
ax.semilogy(np.abs(falling), color=plot.BLUE, label="cosine")
ax.set(xlabel="step", ylabel="distance from the lowest point")
ax.legend(fontsize=8)
plot.figure(
    fig,
    alt="Distance from the lowest point on a logarithmic axis. Both walks come very near and lead "
    "away again. With a constant rate the walk then stays at about a tenth; with the cosine it "
    "comes near again before the end.",
    caption="RMSProp on w², rate 0.2, β = 0.9. Only the schedule differs. The constant rate ends "
    "level: it jumps between 0.1 and −0.1.",
)

# %% name="schedules"
t = np.arange(101)
fig, ax = plot.subplots(width=3.2, height=2.6)
ax.plot(t, [warm_up(k, 20) for k in t], color=plot.GREEN, label="warm-up, 20 steps")
ax.step(t, [stairs(k, 30) for k in t], color=plot.ORANGE, where="post", label="stairs, every 30")
ax.plot(t, [cosine(k, 100) for k in t], color=plot.BLUE, label="cosine, 100 steps")
ax.set(xlabel="step", ylabel="factor of the rate", ylim=(0, 1.05))
ax.legend(fontsize=7.5)
plot.figure(
    fig,
    alt="Three curves of the factor against the step: one rises to 1 within 20 steps and stays, "
    "one falls to a tenth every 30 steps, one falls along half a wave from 1 to 0.",
    caption="Three schedules. The rate of each step is the chosen rate times this factor.",
)

# %% [markdown]
# ## Who wins on real digits?
#
# A net of 64 inputs, 32 units and 10 classes; 40 % of 1,797 digits train, 20 % choose the rate,
# 40 % test. Each rule gets five passes in batches of 64, from the same first weights, and tries
# eight rates, each twice the previous one. In each split it keeps the rate with the least surprise
# on the digits for choosing. Everything else keeps its usual value. Splits 0 to 9, then 10 to 19.

# %%
PASSES, BATCH, BLOCK = 5, 64, 10
LOWEST = {
    "SGD": 0.05,
    "momentum": 0.01,
    "Nesterov": 0.01,
    "RMSProp": 0.0005,
    "Adam": 0.002,
    "AdamW": 0.002,
}
RIVALS = {name: (name, lambda share: 1.0) for name in MAKE}
RIVALS |= {
    f"{name}, cosine": (name, lambda share: cosine(round(1000 * share), 1000))
    for name in ("momentum", "Adam")
}
images, digit = data.digits()
net = Net(64, 32, 10)
scores = {name: [] for name in RIVALS}
right = {name: [] for name in RIVALS}
chosen = {name: [] for name in RIVALS}
curves = {name: [] for name in RIVALS}
commonest = []
for seed in range(2 * BLOCK):
    cut = data.split(images, digit, seed=seed, test=0.4)
    commonest.append(np.mean(cut.y_test == np.bincount(cut.y_train).argmax()))
    first = np.tile(net.start(np.random.default_rng(seed)), (8, 1))
    for name, (rule, schedule) in RIVALS.items():
        rates = LOWEST[rule] * 2.0 ** np.arange(8)
        passes = train(
            net,
            MAKE[rule](rates[:, None]),
            first,
            cut.X_train,
            cut.y_train,
            passes=PASSES,
            batch=BATCH,
            seed=seed,
            schedule=schedule,
        )
        best = net.surprise(passes[-1], cut.X_val, cut.y_val).argmin()
        chosen[name].append(best)
        kept = passes[:, best]
        surprise = net.surprise(np.vstack([first[:1], kept]), cut.X_test, cut.y_test)
        curves[name].append(surprise)
        scores[name].append(surprise[-1])
        said = net.sums(kept[-1:], cut.X_test)[0].argmax(axis=1)
        right[name].append(np.mean(said == cut.y_test))


def blocks(difference):
    """95 % t-intervals of paired differences per block, as text; whether both exclude 0."""
    both = [mean_interval(d) for d in np.reshape(difference, (2, BLOCK))]
    return [d.text(3).replace("\u00a0", " ") for d in both], bool(seen(both))


pairs = {
    (a, b): blocks(np.subtract(scores[a], scores[b]))
    for a, b in [
        ("SGD", "Adam"),
        ("momentum", "Adam"),
        ("Nesterov", "Adam"),
        ("RMSProp", "Adam"),
        ("AdamW", "Adam"),
        ("SGD", "momentum"),
        ("Nesterov", "momentum"),
        ("Adam, cosine", "Adam"),
        ("momentum, cosine", "momentum"),
    ]
}


def span(name):
    rates = LOWEST[RIVALS[name][0]] * 2.0 ** np.array(chosen[name])
    low, high = f"{rates.min():.3g}", f"{rates.max():.3g}"
    return low if low == high else f"{low} to {high}"


# %% name="scores"
table(
    ["rule", "chosen rates", "surprise, unseen digits", "share right"],
    [
        ["always the commonest digit", "", "", f"{np.mean(commonest):.3f}"],
        *(
            [name, span(name), f"{np.mean(scores[name]):.3f}", f"{np.mean(right[name]):.3f}"]
            for name in RIVALS
        ),
    ],
)

# %% name="compared"
table(
    ["surprise on unseen digits, 95 % intervals", "splits 0 to 9", "splits 10 to 19", "difference"],
    [
        [f"{a} minus {b}", *text, "seen" if seen else "not seen"]
        for (a, b), (text, seen) in pairs.items()
    ],
)

# %% name="digits"
fig, ax = plot.subplots(width=3.7, height=3.2)
for name in MAKE:
    mean = np.mean(curves[name], axis=0)
    style = "--" if name in ("Nesterov", "AdamW") else "-"
    ax.plot(range(PASSES + 1), mean, style, color=COLOURS[name], label=name)
ax.set(xlabel="passes", ylabel="mean surprise, unseen digits", yscale="log", ylim=(0.15, 7))
ax.set_yticks([0.2, 0.5, 1, 2], ["0.2", "0.5", "1", "2"])
ax.minorticks_off()
ax.legend(fontsize=8, ncols=2, loc="upper right")
plot.figure(
    fig,
    alt="Surprise on unseen digits against passes, on a logarithmic axis, for six rules. "
    "Plain SGD lies above the others after five passes.",
    caption="Real digits, the mean of 20 splits, each rule at the rates chosen for it. One value "
    "per pass, joined by lines.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert (PASSES, BATCH, BLOCK) == (5, 64, 10)  # as the page says
assert PASSES * -(-len(cut.X_train) // BATCH) == 60
assert np.allclose(by_sgd, [-1, -0.0001])
assert np.allclose(by_adam, [-0.1, -0.1])
assert np.isclose(lengths[0], np.sqrt(10))
assert np.allclose(corrected, 1)
assert all(steps < MOST for steps, _ in fewest.values())
assert all(GRID[0] < rate < GRID[-1] for _, rate in fewest.values())
assert fewest["RMSProp", "turned"][0] > 1.3 * fewest["RMSProp", "ravine"][0]
assert abs(fewest["Adam", "turned"][0] - fewest["Adam", "ravine"][0]) < 5
for name in "SGD", "momentum", "Nesterov":  # a turn is nothing to them: the starts turn with it
    assert np.isclose(fewest[name, "turned"][0], fewest[name, "ravine"][0], atol=0.5)
assert np.allclose(np.abs(steady[-20:]), 0.1, atol=0.01)
assert np.abs(steady[40:100]).min() < 1e-6  # it was near, and left again
assert abs(falling[-1]) < 1e-6
assert all(0 < place < 7 for places in chosen.values() for place in places)
for worse in "SGD", "momentum", "RMSProp":
    assert pairs[worse, "Adam"][1]
    assert np.mean(scores[worse]) > np.mean(scores["Adam"])
for same in ("Nesterov", "Adam"), ("AdamW", "Adam"), ("Adam, cosine", "Adam"):
    assert not pairs[same][1]
assert min(np.mean(shares) for shares in right.values()) > 0.6 + np.mean(commonest)
