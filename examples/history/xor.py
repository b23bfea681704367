# %% [markdown]
# # XOR, executed
#
# XOR is true when exactly one of its two inputs is. This notebook proves that no single threshold
# unit computes it, finds the 14 functions of two inputs that one unit does compute, and trains
# 1,000 nets with two hidden units (seeds 0 to 999) to count how often gradient descent finds XOR.
# The text is in [the lesson](../../history/xor.md).

# %%
from itertools import pairwise

import numpy as np
from scipy.optimize import linprog

from introdl import plot, show
from introdl.history.xor import (
    Nets,
    inequalities,
    is_certificate,
    products,
    separate,
    torch_gradients,
    truth_table,
    wilson_interval,
)
from introdl.show import table, values

X = truth_table(2)
xor = np.array([0, 1, 1, 0])

# %% [markdown]
# ## A line leaves a corner on the wrong side
#
# A threshold unit draws one straight line. For XOR the two classes sit on the two diagonals of a
# square, which share their middle point.


# %%
def corners(ax, points, y, size=80):
    """Draw points where the function is true as blue circles, false as orange squares."""
    ax.scatter(*points[y == 0].T, s=1.4 * size, color=plot.ORANGE, marker="s", zorder=3)
    ax.scatter(*points[y == 1].T, s=0.7 * size, color=plot.BLUE, marker="o", zorder=3)


def unit_square(ax, title, x="input 1", y="input 2"):
    """Show the unit square with some room around it."""
    ax.set(xlim=(-0.3, 1.3), ylim=(-0.3, 1.3), xticks=[0, 1], yticks=[0, 1], aspect="equal")
    ax.set(title=title, xlabel=x, ylabel=y)


# %% name="crossing"
ends = np.array([-0.3, 1.3])
fig, ax = plot.subplots(width=2.7, height=2.7)
unit_square(ax, "XOR")
ax.plot([0, 1], [0, 1], color=plot.ORANGE, ls="--")
ax.plot([0, 1], [1, 0], color=plot.BLUE, ls="--")
ax.plot(0.5, 0.5, "x", color=plot.INK, ms=10, mew=2.5, zorder=4)
corners(ax, X, xor)
plot.figure(
    fig,
    alt="The four inputs at the corners of a square. The two true corners end one diagonal, the "
    "two false ones the other, and the diagonals cross in the middle.",
    caption="Circles: XOR is true. Squares: it is false. Both pairs have the same middle.",
)

# %% name="folded"
either, both = X.max(axis=1), X.min(axis=1)
fig, ax = plot.subplots(width=2.7, height=2.7)
unit_square(ax, "after two units", "unit 1: OR", "unit 2: AND")
ax.fill_between(ends, -0.3, ends - 0.5, color=plot.BLUE_SOFT)
ax.plot(ends, ends - 0.5, color=plot.INK)
corners(ax, np.column_stack([either, both]), xor)
for x, y, name in [(0, 0, "00"), (1, 0, "01, 10"), (1, 1, "11")]:
    ax.text(x, y - 0.13, name, ha="center", va="top", size=9)
plot.figure(
    fig,
    alt="The plane of the two hidden units. The rows 01 and 10 have moved to one corner; a line "
    "has it on its shaded side and the rows 00 and 11 on the other.",
    caption="What the output unit sees. Two rows have moved to one place, and one line is enough.",
)

# %% [markdown]
# ## The certificate
#
# The unit must satisfy one inequality for each row of the truth table. `separate` looks for whole
# numbers by which to multiply them so that all three unknowns cancel.

# %% name="certificate"
A = inequalities(X, xor)
weights, multipliers = separate(X, xor)


def written(row):
    """Write a row of A, whose entries share one sign, as an inequality in w₁, w₂ and b."""
    names = [name for a, name in zip(row, ("w₁", "w₂", "b"), strict=True) if a]
    return f"{' + '.join(names)} ≥ 1" if row.max() > 0 else f"−{' − '.join(names)} ≥ 1"


table(
    ["inputs", "XOR", "the unit must satisfy", "taken"],
    [
        [f"{x[0]} {x[1]}", str(t), written(a), f"{m} time"]
        for x, t, a, m in zip(X, xor, A, multipliers, strict=True)
    ]
    + [["sum", "", f"{multipliers @ A @ [1, 1, 1]} ≥ {multipliers.sum()}", ""]],
)

# %% [markdown]
# A second opinion: SciPy's linear programming solver also finds no weights.

# %%
lp = linprog(np.zeros(3), A_ub=-A, b_ub=-np.ones(4), bounds=(None, None))
print(lp.message.splitlines()[0])
assert lp.status == 2  # infeasible

# %% [markdown]
# ## All 16 functions of two inputs
#
# For each function, either weights that are checked on all four rows, or a certificate that there
# are none.

# %% name="sixteen"
NAMES = {
    "0000": "false", "0001": "AND", "0010": "1 and not 2", "0011": "input 1",
    "0100": "2 and not 1", "0101": "input 2", "0110": "XOR", "0111": "OR",
    "1000": "NOR", "1001": "XNOR (equal)", "1010": "not 2", "1011": "1 or not 2",
    "1100": "not 1", "1101": "2 or not 1", "1110": "NAND", "1111": "true",
}  # fmt: skip
functions = truth_table(4)
solved = [separate(X, y) for y in functions]

rows = []
for y, (w, m) in zip(functions, solved, strict=True):
    outputs = "".join(map(str, y))
    if w is not None:
        assert ((X @ w[:2] + w[2] > 0) == y).all()
        proof = f"w = ({w[0]}, {w[1]}), b = {w[2]}".replace("-", "−")
    else:
        assert is_certificate(inequalities(X, y), m)
        proof = f"**none**: certificate {tuple(m.tolist())}"
    rows.append([NAMES[outputs], " ".join(outputs), proof])
table(["function", "output for 00, 01, 10, 11", "one threshold unit"], rows)

# %% name="counts"
linear = sum(w is not None for w, _ in solved)
rows_right = [sum((X @ w[:2] + w[2] > 0) == xor) for w, _ in solved if w is not None]
values(linear=linear, best_on_xor=int(max(rows_right)))

# %% name="lines"
fig, axes = plot.subplots(4, 4, width=3.7, height=4.2)
grid = np.linspace(-0.4, 1.4, 2)
for ax, y, (w, _) in zip(axes.flat, functions, solved, strict=True):
    plot.bare(ax).set(xlim=(-0.4, 1.4), ylim=(-0.4, 1.4), aspect="equal")
    ax.set_title(NAMES["".join(map(str, y))].replace(" (equal)", ""), loc="center", size=8)
    if w is None:
        ax.plot([0, 1], [0, 1], color=plot.INK, ls=":")
        ax.plot([0, 1], [1, 0], color=plot.INK, ls=":")
        for side in ax.spines.values():
            side.set(visible=True, color=plot.RED, linewidth=2)
    else:
        z = w[0] * grid[None] + w[1] * grid[:, None] + w[2]
        if z.max() > 0 > z.min():
            ax.contourf(grid, grid, z, levels=[0, z.max()], colors=[plot.BLUE_SOFT])
            ax.contour(grid, grid, z, levels=[0], colors=[plot.INK], linewidths=1.5)
        elif z.min() > 0:
            ax.set_facecolor(plot.BLUE_SOFT)
            ax.patch.set_visible(True)
    corners(ax, X, y, size=26)
plot.figure(
    fig,
    alt="Sixteen small squares, one for each function of two inputs. In fourteen a line has the "
    "true corners on its shaded side. XOR and XNOR, framed, show crossing diagonals.",
    caption="Each line is drawn from the weights in the table; the shaded side is where the unit "
    "fires. The two framed functions have none.",
)

# %% [markdown]
# ## Parity: the theorem behind XOR
#
# Parity is true when an odd number of the inputs is 1. Give the unit, besides the inputs, every
# product of fewer than n of them. The vector of ones is still a certificate.

# %% name="parity"
rows = []
for n in range(2, 9):
    Xn = truth_table(n)
    parity = Xn.sum(axis=1) % 2
    fewer = products(Xn, n - 1)
    ones = np.ones(2**n, dtype=np.int64)
    refuted = is_certificate(inequalities(fewer, parity), ones)

    # With all n inputs in one product it works: parity is a sum of products times powers of -2.
    every = products(Xn, n)
    sizes = np.log2(products(2 * np.ones((1, n), dtype=np.int64), n)[0]).astype(int)
    w = (-2) ** (sizes - 1)
    solved_by_all = bool((every @ w == parity).all())
    assert refuted
    assert solved_by_all
    rows.append([n, fewer.shape[1], refuted, solved_by_all])
table(["inputs n", "products of fewer than n", "ones refute them", "all products suffice"], rows)

# %% [markdown]
# ## 1,000 nets learn XOR, or do not
#
# Two sigmoid hidden units, a sigmoid output, squared error, gradient descent on the four rows
# with learning rate 1. A run succeeds when, after 5,000 steps, all four outputs are on the right
# side of ½.

# %%
inputs, targets = X.astype(float), xor.astype(float)


def solves(nets):
    """Tell which nets have all four outputs on the right side of ½, (S,)."""
    return ((nets.forward(inputs)[1] > 0.5) == targets[:, None]).all(axis=0)


def losses(nets):
    """Compute ½ Σ (output − target)² over the four rows for each net, (S,)."""
    return 0.5 * ((nets.forward(inputs)[1] - targets[:, None]) ** 2).sum(axis=0)


def flat(nets):
    """Lay the parameters of each net out in one row, (S, P)."""
    return np.vstack([array.reshape(-1, array.shape[-1]) for array in nets]).T


start = Nets.from_seeds(range(1000))
steps = [0, *np.unique(np.geomspace(1, 2000, 60).round().astype(int)).tolist(), 3000, 4000, 5000]
snapshots = [start]
for a, b in pairwise(steps):
    snapshots.append(snapshots[-1].fit(inputs, targets, b - a))
trained = snapshots[-1]
good = solves(trained)
curves = np.array([losses(nets) for nets in snapshots])

wrong_by = abs(trained.forward(inputs)[1] - targets[:, None])
worst_output = wrong_by[:, good].max()

# %% [markdown]
# The gradient written by hand is the one that PyTorch computes.

# %%
ours, theirs = start.gradients(inputs, targets), torch_gradients(start, inputs, targets)
worst = max(abs(a - b).max() for a, b in zip(ours, theirs, strict=True))
assert worst < 1e-14

# %% [markdown]
# Two of the runs, for the figure that the reader moves: all nine numbers of a net, at some steps.

# %% name="moved"
SHOWN = [0, 5, 10, 20, 50, 100, 150, 200, 250, 300, 350, 400, 500, 600, 800, 1000, 2000, 5000]
SEEDS = (0, 6)
show.data(
    "nets",
    {
        "steps": SHOWN,
        "nets": {
            str(seed): [
                flat(start.select([seed]).fit(inputs, targets, step))[0].tolist() for step in SHOWN
            ]
            for seed in SEEDS
        },
    },
)

# %% name="still"
fig, axes = plot.subplots(1, 2, width=3.7, height=2.2)
for ax, step in zip(axes, (0, SHOWN[-1]), strict=True):
    net = start.select([SEEDS[0]]).fit(inputs, targets, step)
    unit_square(ax, f"step {step:,}", "$h_1$", "$h_2$")
    corners(ax, net.forward(inputs)[0][..., 0], xor, size=45)
    along = -(net.c[0] + net.v[0, 0] * ends) / net.v[1, 0]
    ax.plot(ends, along, color=plot.INK)
plot.figure(
    fig,
    alt="The plane of the two hidden units before and after training. At first the four rows lie "
    "close together; at the end the line of the output unit has circles and squares on different "
    "sides.",
    caption="What the output unit of one net sees, before and after training.",
)

# %% name="success"
low, high = wilson_interval(good.sum(), len(good))
values(
    solved=int(good.sum()),
    rate=f"{good.mean():.1%}",
    low=f"{low:.1%}",
    high=f"{high:.1%}",
    worst_output=f"{worst_output:.2f}",
    steps=f"{steps[-1]:,}",
)

# %% [markdown]
# The loss of the first 60 runs. Failed runs come to rest at the losses of a net that cannot tell
# two rows apart (¼) or three (⅓).

# %% name="curves"
fig, ax = plot.subplots(width=3.7, height=3.0)
for seed in np.argsort(good[:60], kind="stable")[::-1]:
    style = {"color": plot.BLUE, "lw": 0.9} if good[seed] else {"color": plot.ORANGE, "ls": "--"}
    ax.plot(steps[1:], curves[1:, seed], **style)
for height, text in [(1 / 4, "¼"), (1 / 3, "⅓"), (1 / 2, "½")]:
    ax.axhline(height, color=plot.MUTED, lw=0.8)
    ax.text(5400, height, text, va="center", size=9)
ax.text(5400, 0, "0", va="center", size=9)
ax.set(xscale="log", xlim=(1, 5000), ylim=(0, 0.75), xlabel="gradient steps", ylabel="loss")
plot.figure(
    fig,
    alt="Loss of 60 runs against gradient steps on a logarithmic axis. All fall to one half within "
    "about ten steps and stay there for a while. Most then fall to zero between 100 and 1,000 "
    "steps. The rest, dashed, level off at one quarter.",
    caption="Seeds 0 to 59. Solid blue: runs that solve XOR; dashed orange: runs that do not.",
)

# %% [markdown]
# ## What the failed runs look like
#
# Each stuck net is measured: its gradient, the curvature around it (eigenvalues of the Hessian, by
# central differences of the gradient), and whether 15,000 more steps free it.


# %%
def hessians(nets, h=1e-4):
    """Differentiate the gradient of each net by central differences, (S, P, P)."""

    def gradient(name, index, change):
        moved = getattr(nets, name).copy()
        moved[index] += change
        return flat(nets._replace(**{name: moved}).gradients(inputs, targets))

    H = [
        (gradient(name, index, h) - gradient(name, index, -h)) / (2 * h)
        for name, array in zip(nets._fields, nets, strict=True)
        for index in np.ndindex(array.shape[:-1])
    ]
    return np.stack(H, axis=1)


stuck = trained.select(~good)
LATER = 15_000
later = stuck.fit(inputs, targets, LATER)
loss, freed = losses(stuck), solves(later)
slope = np.linalg.norm(flat(stuck.gradients(inputs, targets)), axis=1)
slope_later = np.linalg.norm(flat(later.gradients(inputs, targets)), axis=1)
bend = np.linalg.eigvalsh(hessians(stuck))
downhill = bend[:, 0] < -1e-6
pair = loss < 0.29

# %% name="stuck"
rows = []
for name, kind in [("¼ (two rows alike)", pair), ("⅓ (three alike)", ~pair)]:
    out = stuck.select(kind).forward(inputs)[1][:, 0]
    rows.append(
        [
            name,
            int(kind.sum()),
            ", ".join(f"{p:.2f}" for p in out),
            f"{loss[kind].min():.3f}–{loss[kind].max():.3f}",
            int(downhill[kind].sum()),
            int(freed[kind].sum()),
        ]
    )
table(
    [
        "stuck near",
        "runs",
        "outputs of one",
        "loss",
        "has a way down",
        "solved later",
    ],
    rows,
)

# %% name="stuck_values"
values(
    slope=f"{np.median(slope[pair]):.5f}",
    slope_later=f"{np.median(slope_later[pair]):.5f}",
    weight=f"{np.median(abs(flat(stuck)).max(axis=1)[pair]):.1f}",
    weight_later=f"{np.median(abs(flat(later)).max(axis=1)[pair]):.1f}",
)

# %% [markdown]
# A net that succeeded beside one that is stuck: where the output is above ½, in the plane of the
# inputs and in the plane of the two hidden values.

# %% name="hidden"
chosen = [int(np.flatnonzero(good)[0]), int(np.flatnonzero(~good)[np.flatnonzero(pair)[0]])]
fig, axes = plot.subplots(2, 2, width=3.7, height=4.0)
u = np.linspace(-0.3, 1.3, 81)
plane = np.stack(np.meshgrid(u, u), axis=-1).reshape(-1, 2)
for row, seed, word in zip(axes, chosen, ["solved", "stuck"], strict=True):
    net = trained.select([seed])
    hidden = net.forward(inputs)[0][..., 0]
    over_inputs = net.forward(plane)[1].reshape(81, 81)
    over_hidden = (plane @ net.v[:, 0] + net.c[0]).reshape(81, 81)  # > 0: the output is above ½
    for ax, z, level, points in [
        (row[0], over_inputs, 0.5, inputs),
        (row[1], over_hidden, 0.0, hidden),
    ]:
        ax.contourf(u, u, z, levels=[level, 1e9], colors=[plot.BLUE_SOFT])
        ax.contour(u, u, z, levels=[level], colors=[plot.INK])
        corners(ax, points, xor, size=45)
    unit_square(row[0], f"seed {seed}: {word}")
    unit_square(row[1], "", "hidden unit 1", "hidden unit 2")
    places = {}
    for x, h in zip(X, hidden, strict=True):
        places.setdefault(tuple(np.round(h, 1)), []).append(f"{x[0]} {x[1]}")
    for (h1, h2), names in places.items():
        side = 0.12 if h2 < 0.5 else -0.12
        label = row[1].text(h1, h2 + side, ", ".join(names), ha="center", va="center", size=9)
        label.set_bbox({"facecolor": plot.PAPER, "edgecolor": "none", "pad": 1})
plot.figure(
    fig,
    alt="Two nets over the inputs and over their hidden units. The solved net shades both true "
    "corners. The stuck net puts a true and a false corner on one hidden point, which lies "
    "on its line.",
    caption="Shaded: the output is above ½. In the stuck net one true and one false input have the "
    "same hidden values, so the best output for both is ½.",
)

# %% [markdown]
# ## More hidden units
#
# The same recipe, 2,000 steps, 1,000 seeds for each size; and two units with ten times the steps.

# %% name="sizes"
rates = {}
for hidden in (1, 2, 3, 4):
    if hidden == 2:
        nets = snapshots[steps.index(2000)]
    else:
        nets = Nets.from_seeds(range(1000), hidden=hidden).fit(inputs, targets, 2000)
    rates[hidden] = int(solves(nets).sum())
longer = int(good.sum() + freed.sum())  # two hidden units, 5,000 + 15,000 steps
counts = [(hidden, "2,000", count) for hidden, count in rates.items()]
counts.insert(2, (2, "20,000", longer))
table(
    ["hidden units", "parameters", "steps", "solved of 1,000", "95% interval"],
    [
        [h, 4 * h + 1, n, count, "{:.1%} to {:.1%}".format(*wilson_interval(count, 1000))]
        for h, n, count in counts
    ],
)

# %% [markdown]
# ## What this notebook claims

# %%
assert (len(good), LATER) == (1000, 15_000), "the page says how many runs and steps"
assert weights is None
assert multipliers.tolist() == [1, 1, 1, 1]
assert is_certificate(A, multipliers)
assert linear == 14
assert max(rows_right) == 3
assert 0.6 < low < high < 0.85, "the page says: about three in four"
assert good[list(SEEDS)].tolist() == [True, False], "one that learns, one that does not"
assert worst_output < 0.5
assert np.abs(loss[pair] - 1 / 4).max() < 0.01
assert np.abs(loss[~pair] - 1 / 3).max() < 0.05
assert downhill[~pair].all()
assert freed[~pair].any()
assert downhill[pair].mean() < 0.05
assert not freed[pair].any()
assert np.median(slope_later[pair]) < np.median(slope[pair]) / 3
assert rates[1] == 0
assert rates[2] < rates[3] < rates[4]
# One unit more against ten times the steps: the intervals lie apart.
assert wilson_interval(rates[3], 1000)[0] > wilson_interval(longer, 1000)[1]
