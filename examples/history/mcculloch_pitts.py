# %% [markdown]
# # The McCulloch–Pitts neuron, executed
#
# This notebook builds logic from threshold units whose weights are set by hand: the gates, XOR
# from two layers, an adder from NAND gates alone, and a network for any truth table. Every row of
# every table is checked. [The lesson](../../history/mcculloch_pitts.md) explains it.

# %%
from itertools import product

import numpy as np
from matplotlib.patches import Circle

from introdl import plot
from introdl.history.mcculloch_pitts import (
    GATES,
    XOR,
    add,
    compile_table,
    fires,
    fires_1943,
    full_adder,
    gate,
    run,
    truth_rows,
)
from introdl.show import table, values

# %% [markdown]
# ## One unit
#
# A unit adds up its weighted inputs and fires if the sum reaches its threshold.


# %%
def node(ax, x, y, text, colour=plot.INK, fill=plot.PAPER, radius=0.3):
    """Draw a unit or an input as a circle with its text."""
    ax.add_patch(Circle((x, y), radius, facecolor=fill, edgecolor=colour, linewidth=1.6, zorder=3))
    ax.text(x, y, text, color=plot.INK, ha="center", va="center", size=10, zorder=4)


def edge(ax, start, end, weight, at=0.42):
    """Draw a connection with its weight; a negative one is dashed."""
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    length = np.hypot(dx, dy)
    first, last = 0.3 / length, 1 - 0.36 / length
    sign = float(str(weight).replace("−", "-")) if str(weight)[0] in "+−" else 1.0
    colour = plot.BLUE if sign > 0 else plot.ORANGE
    ax.annotate(
        "",
        (x0 + last * dx, y0 + last * dy),
        (x0 + first * dx, y0 + first * dy),
        arrowprops={
            "arrowstyle": "-|>",
            "color": colour,
            "linewidth": 1.6,
            "linestyle": "-" if sign > 0 else "--",
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    ax.text(
        x0 + at * dx,
        y0 + at * dy,
        str(weight),
        color=colour,
        ha="center",
        va="center",
        size=10,
        zorder=5,
        bbox={"facecolor": plot.PAPER, "edgecolor": "none", "pad": 1.5},
    )


# %% name="unit"
fig, ax = plot.subplots(width=3.4, height=2.4)
plot.bare(ax).set_aspect("equal")
for i, y in enumerate([2.1, 1.0, -0.1]):
    node(ax, 0, y, f"$x_{i + 1}$")
    edge(ax, (0, y), (1.9, 1), f"$w_{i + 1}$")
node(ax, 1.9, 1, r"$\geq\theta$", colour=plot.BLUE, fill=plot.BLUE_SOFT)
ax.annotate("", (3.0, 1), (2.22, 1), arrowprops={"arrowstyle": "-|>", "color": plot.INK})
ax.text(3.05, 1, "$y$", color=plot.INK, va="center", size=11)
ax.set(xlim=(-0.4, 3.4), ylim=(-0.6, 2.6))
plot.figure(
    fig,
    alt="""One unit. Three inputs, each with a weight, lead to a circle that fires if the weighted
    sum reaches its threshold.""",
    caption="One threshold unit with three inputs and its output y.",
)

# %% name="xor_net"
fig, ax = plot.subplots(width=3.6, height=2.4)
plot.bare(ax).set_aspect("equal")
hidden, out = XOR
for i, y in enumerate([1.7, 0.3]):
    node(ax, 0, y, f"$x_{i + 1}$")
    for j, z in enumerate([1.7, 0.3]):
        weight = hidden[0][i, j]
        edge(ax, (0, y), (1.9, z), "+1" if weight > 0 else "−1", at=0.3)
for j, (z, name) in enumerate([(1.7, "OR"), (0.3, "NAND")]):
    node(ax, 1.9, z, f"{hidden[1][j]:g}".replace("-", "−"), plot.BLUE, plot.BLUE_SOFT)
    ax.text(1.9, z + 0.44 * (1 - 2 * j), name, color=plot.INK, ha="center", va="center", size=9)
    edge(ax, (1.9, z), (3.6, 1), "+1")
node(ax, 3.6, 1, f"{out[1][0]:g}", plot.BLUE, plot.BLUE_SOFT)
ax.text(3.6, 1.44, "AND", color=plot.INK, ha="center", va="center", size=9)
ax.annotate("", (4.6, 1), (3.92, 1), arrowprops={"arrowstyle": "-|>", "color": plot.INK})
ax.text(4.65, 1, "$y$", color=plot.INK, va="center", size=11)
ax.set(xlim=(-0.4, 5.0), ylim=(-0.5, 2.5))
plot.figure(
    fig,
    alt="""A network for XOR. Both inputs lead to two hidden units, OR with weights plus one and
    threshold 0.5, and NAND with weights minus one and threshold minus 1.5; both lead with weight
    plus one to an AND unit of threshold 1.5.""",
    caption="XOR made of three units. The number in a unit is its threshold.",
)

# %% [markdown]
# ## The gates
#
# The weights and thresholds are chosen by hand, and each table is compared with Python's own logic.

# %% name="gates"
x1, x2 = truth_rows(2).T
columns = [gate(name, x1, x2) for name in ("AND", "OR", "NAND")]
columns += [gate("NOT", x1), run(XOR, truth_rows(2))[:, 0]]
table(
    ["x1", "x2", "AND", "OR", "NAND", "NOT x1", "XOR"],
    [[int(bit) for bit in row] for row in np.stack([x1, x2, *columns], axis=1)],
)

# %% [markdown]
# ## What the threshold does in the plane
#
# The four rows of a table are the corners of a square. A unit draws one line. XOR needs two.


# %%
def corners(ax, name):
    """Draw the four rows as corners, those with output 1 filled, and the side that fires."""
    side = np.linspace(-0.5, 1.5, 2)
    shades = {
        "AND": (1.5 - side, 3),
        "OR": (0.5 - side, 3),
        "NAND": (-1, 1.5 - side),
        "XOR": (0.5 - side, 1.5 - side),
    }
    y = run(XOR, truth_rows(2))[:, 0] if name == "XOR" else gate(name, x1, x2)
    ax.fill_between(side, *shades[name], color=plot.BLUE_SOFT, linewidth=0)
    for boundary in shades[name]:
        if isinstance(boundary, np.ndarray):
            ax.plot(side, boundary, color=plot.BLUE)
    on = y == 1
    ax.plot(x1[on], x2[on], "o", color=plot.INK, markersize=8)
    ax.plot(
        x1[~on], x2[~on], "o", markerfacecolor=plot.PAPER, markeredgecolor=plot.INK, markersize=8
    )
    ax.grid(False)
    ax.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=[0, 1], yticks=[0, 1], aspect="equal")
    ax.set(xlabel="$x_1$", title=name)


# %% name="plane"
fig, axes = plot.subplots(1, 2, width=3.6, height=2.2, sharey=True)
for ax, name in zip(axes, ["OR", "AND"], strict=True):
    corners(ax, name)
axes[0].set_ylabel("$x_2$")
plot.figure(
    fig,
    alt="""Two squares with a filled dot at the corners where the function is 1: three for OR, one
    for AND. Each has one line with the filled dots on its shaded side.""",
    caption="Filled dots are rows with output 1; the shaded side fires. One unit draws one line.",
)

# %% name="strip"
fig, axes = plot.subplots(1, 2, width=3.6, height=2.2, sharey=True)
for ax, name in zip(axes, ["NAND", "XOR"], strict=True):
    corners(ax, name)
axes[0].set_ylabel("$x_2$")
plot.figure(
    fig,
    alt="""Two squares with a filled dot at the corners where the function is 1. For NAND they are
    three, on one side of a line. For XOR they are two opposite ones, in a strip between two
    parallel lines.""",
    caption="NAND needs one line. The 1s of XOR lie in a strip between the lines of OR and NAND.",
)

# %% [markdown]
# ## The rules of 1943
#
# In the original any active inhibitory input is a veto, there are no negative thresholds, and a
# silent net stays silent. How many of the 16 functions of two inputs does one unit compute?

# %% name="kinds"
X = truth_rows(2)
on = np.hstack([X, np.ones((4, 1), dtype=int)])  # a third input that is always 1
original, with_constant, signed = set(), set(), set()
for synapses in product(range(3), repeat=3):
    for inhibitory in product([False, True], repeat=3):
        for threshold in range(1, 7):
            unit = (np.array(synapses), np.array(inhibitory), threshold)
            with_constant.add(tuple(fires_1943(on, *unit)))
            original.add(tuple(fires_1943(X, unit[0][:2], unit[1][:2], threshold)))
for weights in product([-1, 0, 1], repeat=2):
    for threshold in np.arange(-2.5, 3):
        signed.add(tuple(fires(X, np.array(weights), threshold)))
table(
    ["one unit", "functions of 16", "AND", "OR", "NOT x1", "NAND", "XOR"],
    [
        [
            name,
            len(found),
            *("yes" if tuple(map(int, column)) in found else "no" for column in want),
        ]
        for want in [(columns[0], columns[1], columns[3], columns[2], columns[4])]
        for name, found in [
            ("by the rules of 1943", original),
            ("the same, and an input that is always 1", with_constant),
            ("signed weights, any threshold", signed),
        ]
    ],
)

# %% [markdown]
# ## Any table from two layers
#
# `compile_table` makes a hidden unit for each row with output 1. All 256 functions of three inputs,
# eight rows each:

# %% name="compiled"
X = truth_rows(3)
right_rows = 0
for outputs in truth_rows(8):
    right_rows += int(np.sum(run(compile_table(outputs), X)[:, 0] == outputs))
values(functions=256, rows=right_rows)

# %% [markdown]
# ## Arithmetic from NAND alone
#
# Nine NAND gates add three bits; eight such adders in a row add two bytes.

# %% name="adder"
a, b, carry = truth_rows(3).T
total, carried = full_adder(a, b, carry)
table(
    ["a", "b", "carry in", "carry out", "sum"],
    [[int(bit) for bit in row] for row in np.stack([a, b, carry, carried, total], axis=1)],
)

# %% name="bytes"
byte = truth_rows(8)
a, b = np.repeat(byte, 256, axis=0), np.tile(byte, (256, 1))
sums = add(a, b) @ 2 ** np.arange(8, -1, -1)
expected = np.add.outer(np.arange(256), np.arange(256)).ravel()
values(pairs=len(sums), correct=int(np.sum(sums == expected)), gates=8 * 9)

# %% [markdown]
# ## What the recipe costs
#
# Parity asks whether the number of ones is odd. `compile_table` spends a hidden unit on every odd
# row. A chain of XOR nets, two inputs at a time, is deeper and far smaller.


# %% name="parity_units"
def parity_chain(X):
    """Compute parity by n - 1 XOR nets of three units each, one after the other."""
    parity = X[:, :1]
    for i in range(1, X.shape[1]):
        parity = run(XOR, np.hstack([parity, X[:, i : i + 1]]))
    return parity[:, 0]


sizes = np.arange(2, 13)
flat, chain = [], []
for n in sizes:
    X = truth_rows(n)
    odd = X.sum(axis=1) % 2
    net = compile_table(odd)
    assert np.array_equal(run(net, X)[:, 0], odd)
    assert np.array_equal(parity_chain(X), odd)
    flat.append(sum(len(thresholds) for _, thresholds in net))
    chain.append(3 * (n - 1))

fig, ax = plot.subplots(width=3.7, height=2.8)
ax.plot(sizes, flat, "o-", color=plot.ORANGE)
ax.plot(sizes, chain, "s-", color=plot.BLUE)
ax.text(sizes[-2] - 0.3, flat[-2], "a detector for each row", color=plot.ORANGE, ha="right")
ax.text(sizes[-1], chain[-1] * 1.35, "a chain of XOR nets", color=plot.BLUE, ha="right")
ax.set(yscale="log", xlabel="number of inputs", ylabel="units", xticks=sizes)
plot.figure(
    fig,
    alt=f"""Units needed for parity against the number of inputs, on a logarithmic axis. The
    network with a detector for each row doubles with every input, to {flat[-1]:,} units at
    {sizes[-1]} inputs. The chain grows by three units per input, to {chain[-1]}.""",
    caption="""Units that compute parity, each network checked on every row. The recipe that works
    for every table is expensive for this one.""",
)

# %% name="parity_cost"
values(inputs=int(sizes[-1]), flat=flat[-1], chain=chain[-1])

# %% [markdown]
# ## What this notebook claims

# %%
assert columns[0].tolist() == [p and q for p, q in product((0, 1), repeat=2)]
assert columns[1].tolist() == [p or q for p, q in product((0, 1), repeat=2)]
assert columns[2].tolist() == [int(not (p and q)) for p, q in product((0, 1), repeat=2)]
assert columns[3].tolist() == [int(not p) for p, q in product((0, 1), repeat=2)]
assert columns[4].tolist() == [p ^ q for p, q in product((0, 1), repeat=2)]
assert (len(original), len(with_constant), len(signed)) == (7, 11, 14)
assert tuple(map(int, columns[4])) not in original | with_constant | signed
assert right_rows == 256 * 8
for p, q, r, s, t in np.stack([*truth_rows(3).T, total, carried], axis=1):
    assert p + q + r == s + 2 * t
assert np.array_equal(sums, expected)
assert flat[-1] == 2 ** (sizes[-1] - 1) + 1
assert all(set(map(abs, weights)) == {1} for weights, _ in GATES.values())
