# %% [markdown]
# # Activations, executed
#
# Seven activations and their slopes, the same small net trained with each of them on two moons,
# and the ReLUs that die on the way. The moons are synthetic. All seeds are fixed. The text is in
# [the lesson](../../networks/activations.md).

# %%
import numpy as np
from sklearn.datasets import make_moons

from introdl import plot, show
from introdl.intervals import mean_interval
from introdl.networks.activations import ACTIVATIONS, Net
from introdl.show import table, values

# %% [markdown]
# ## Curves and slopes

# %%
DRAWN = {
    "sigmoid": ("sigmoid", plot.BLUE),
    "tanh": ("tanh", plot.PURPLE),
    "relu": ("ReLU", plot.ORANGE),
    "gelu": ("GELU", plot.GREEN),
}
STYLES = {"gelu": "--"}
z = np.linspace(-4, 4, 401)


def curves(part, places, ylabel, ylim):
    """Draw the values (0) or the slopes (1) of four activations, with a name at each place."""
    fig, ax = plot.subplots(width=3.2, height=2.9)
    for name, (words, colour) in DRAWN.items():
        ax.plot(z, ACTIVATIONS[name][part](z), STYLES.get(name, "-"), color=colour)
        ax.annotate(words, places[name], color=colour)
    ax.set(xlabel="weighted sum z", ylabel=ylabel, ylim=ylim)
    return fig


# %% name="curves"
plot.figure(
    curves(
        0,
        {"sigmoid": (-3.9, 0.2), "tanh": (-3.9, -0.85), "relu": (0.7, 2.3), "gelu": (2.4, 1.7)},
        "activation a",
        (-1.2, 3),
    ),
    alt="Four curves over the weighted sum. The sigmoid rises from 0 to 1, tanh from -1 to 1. ReLU "
    "is 0 up to zero and then rises straight. GELU dips a little below 0 and then nears ReLU.",
    caption="Two curves level off on both sides, and two go on rising.",
)

# %% name="slopes"
plot.figure(
    curves(
        1,
        {"sigmoid": (-3.9, 0.1), "tanh": (-2.3, 0.55), "relu": (2.6, 0.87), "gelu": (1.4, 1.15)},
        "slope of a",
        (-0.2, 1.35),
    ),
    alt="Their slopes. The sigmoid's is largest at zero, one quarter. That of tanh is 1 at zero "
    "and falls to 0 on both sides. ReLU's jumps from 0 to 1 at zero. GELU's rises a little above "
    "1 and comes back to it.",
    caption="The slope of each curve at each sum.",
)

# %% [markdown]
# ## Moons
#
# Each seed draws 200 moon points to learn from, 1,000 to test on, and a net's first weights. The
# inputs are standardised by the 200.

# %%
HIDDEN, STEPS, POINTS, TESTED = 12, 500, 200, 1000


def moons(seed):
    """Draw synthetic moons: X (200, 2), y (200,), and 1,000 to test on."""
    X, y = make_moons(POINTS, noise=0.2, random_state=seed)
    X_test, y_test = make_moons(TESTED, noise=0.2, random_state=10_000 + seed)
    mean, std = X.mean(axis=0), X.std(axis=0)
    return (X - mean) / std, y, (X_test - mean) / std, y_test


def trained(name, seed, rate):
    """Train the net of a seed, and give it with its share of right answers on the test points."""
    X, y, X_test, y_test = moons(seed)
    net = Net(name, HIDDEN, seed).fit(X, y, rate, STEPS)
    return net, np.mean((net.net_input(X_test) > 0) == y_test)


BLOCKS = (range(10), range(10, 20))

# %% [markdown]
# ## The rate for each
#
# Each activation gets the best of five rates. It is chosen on two other seeds, whose test points
# are used for nothing else.

# %%
RATES = (0.1, 0.3, 1, 3, 10)
with np.errstate(over="ignore", invalid="ignore"):  # at 10 the net without a bend blows up
    rates = {
        name: max(RATES, key=lambda rate: np.mean([trained(name, s, rate)[1] for s in (100, 101)]))
        for name in ACTIVATIONS
    }
runs = {
    name: [[trained(name, seed, rate) for seed in block] for block in BLOCKS]
    for name, rate in rates.items()
}
right = {name: np.array([[r for _, r in block] for block in two]) for name, two in runs.items()}

# %% name="scores"
WORDS = {
    "identity": "none",
    "step": "step",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "gelu": "GELU",
}
table(
    ["activation", "rate", "right, first ten", "right, second ten"],
    [
        [WORDS[name], f"{rates[name]:g}", *(f"{100 * r.mean():.1f} %" for r in right[name])]
        for name in ACTIVATIONS
    ],
)


# %% name="numbers"
bent = [right[name].mean() for name in ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")]
values(
    hidden=HIDDEN,
    steps=STEPS,
    points=POINTS,
    tested=f"{TESTED:,}",
    none=f"{100 * right['identity'].mean():.0f}",
    least=f"{100 * min(bent):.0f}",
    most=f"{100 * max(bent):.0f}",
)


# %% name="gains"
def gain(name, other, digits=1):
    """Two cells, one per block: by how many percentage points `name` is right more often."""
    cells = [mean_interval(100 * (a - b)) for a, b in zip(right[name], right[other], strict=True)]
    return [
        f"{round(mean, digits) + 0.0:+.{digits}f} ± {half:.{digits}f}".replace("-", "−")
        for mean, half in cells
    ]


table(
    ["compared", "first ten", "second ten"],
    [
        [f"{WORDS[name]} − none", *gain(name, "identity")]
        for name in ACTIVATIONS
        if name != "identity"
    ]
    + [
        [f"{WORDS[name]} − ReLU", *gain(name, "relu", digits=2)]
        for name in ("sigmoid", "tanh", "leaky_relu", "gelu")
    ],
)

# %% [markdown]
# ## What the page's figure moves
#
# The nets of the first seed, and the points they learned from.

# %%
X, y, _, _ = moons(0)
first = {name: two[0][0][0] for name, two in runs.items()}
show.data(
    "nets",
    {
        "points": [[*x, int(label)] for x, label in zip(X.tolist(), y, strict=True)],
        "nets": {
            name: {
                "W": net.W.tolist(),
                "b": net.b.tolist(),
                "v": net.v.tolist(),
                "c": net.c,
                "right": float(np.mean((net.net_input(X) > 0) == y)),
            }
            for name, net in first.items()
        },
    },
)

# %% name="still"
x1, x2 = np.meshgrid(np.linspace(-2.2, 2.2, 221), np.linspace(-2.2, 2.2, 221))
grid = np.column_stack([x1.ravel(), x2.ravel()])
fig, ax = plot.subplots(width=3.6, height=3.4)
ax.plot(*X[y == 0].T, "o", color=plot.BLUE, ms=3.5)
ax.plot(*X[y == 1].T, "s", color=plot.ORANGE, ms=3.5)
for name, style in (("identity", "--"), ("relu", "-")):
    answers = first[name].net_input(grid).reshape(x1.shape)
    ax.contour(x1, x2, answers, levels=[0], colors=[plot.INK], linestyles=[style])
ax.set(xlabel="first input", ylabel="second input", xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
plot.figure(
    fig,
    alt="Two interleaved moons of points, and two borders between them. The dashed border of the "
    "net without activation is a straight line. The border of the net of ReLUs has corners and "
    "winds between the moons.",
    caption="Synthetic moons, and the borders of two nets trained from the same start. Dashed: "
    "without an activation. Solid: with ReLU.",
)

# %% [markdown]
# ## Dead ReLUs
#
# A unit is dead if its slope is 0 for each of the 200 points. Before training and after, at three
# rates.

# %%
before = [
    np.array([Net("relu", HIDDEN, seed).dead(moons(seed)[0]).mean() for seed in block])
    for block in BLOCKS
]
after = {
    rate: [
        [
            (net.dead(moons(seed)[0]).mean(), r)
            for seed in block
            for net, r in [trained("relu", seed, rate)]
        ]
        for block in BLOCKS
    ]
    for rate in (1, 3, 10)
}
after = {rate: np.array(two) for rate, two in after.items()}  # (blocks, seeds, dead and right)

# %% name="dead"
rows = [["before training", *(f"{100 * d.mean():.0f} %" for d in before), "–", "–"]]
for rate, two in after.items():
    rows.append([f"after, rate {rate}", *(f"{100 * m:.0f} %" for m in two.mean(axis=1).T.ravel())])
table(["", "dead, first ten", "second ten", "right, first ten", "second ten"], rows)

# %% name="deaths"
more = [
    mean_interval(100 * (two[:, 0] - one[:, 0]))
    for two, one in zip(after[10], after[1], strict=True)
]
less = [
    mean_interval(100 * (two[:, 1] - one[:, 1]))
    for two, one in zip(after[10], after[1], strict=True)
]
table(
    ["rate 10 − rate 1", "first ten", "second ten"],
    [
        [what, *(f"{mean:+.0f} ± {half:.0f}".replace("-", "−") for mean, half in cells)]
        for what, cells in (("dead", more), ("right", less))
    ],
)

# %%
start = Net("step", HIDDEN, 0)
assert np.array_equal(start.W, first["step"].W)  # slope 0: hidden weights stay where they began
assert all(mean > half for mean, half in more)
assert all(-mean > half for mean, half in less)
for name in ("sigmoid", "tanh", "relu", "leaky_relu", "gelu"):
    for a, b in zip(right[name], right["identity"], strict=True):
        mean, half = mean_interval(a - b)
        assert mean > half, name
