# %% [markdown]
# # A systolic array, executed
#
# A matrix product runs through a grid of cells, cycle by cycle, as in a TPU. Seeds are fixed. The
# text is in [the lesson](../../hardware/systolic_array.md).

# %%
import json

import numpy as np
from matplotlib.patches import Rectangle
from sklearn.linear_model import LogisticRegression

from introdl import data, plot
from introdl.hardware.systolic_array import (
    predicted_cycles,
    quantize,
    systolic_cycles,
    systolic_matmul,
)
from introdl.show import table, values

rng = np.random.default_rng(0)

# %% [markdown]
# ## One product, every cycle

# %%
A = np.array([[1, 2, 0], [3, 1, 2], [0, 1, 1], [2, 0, 3]])
W = np.array([[1, 0, 2], [2, 1, 0], [0, 3, 1]])
cycles = list(systolic_cycles(A, W))

# %% name="run"
states = [
    [c.weights.tolist(), c.inputs.tolist(), c.sums.tolist(), c.done.tolist(), c.values.tolist()]
    for c in cycles
]
values(json=json.dumps({"A": A.tolist(), "cycles": states}, separators=(",", ":")))

# %% name="still"
fig, axes = plot.subplots(1, 3, width=7, height=2.7)
for ax, t in zip(axes, (4, 6, 8), strict=True):
    plot.bare(ax).set(title=f"cycle {t + 1}", xlim=(-0.6, 2.6), ylim=(2.6, -0.6), aspect="equal")
    for k in range(3):
        for j in range(3):
            c = cycles[t]
            busy = 0 <= t - 3 - k - j < len(A)
            face = plot.BLUE_SOFT if busy else "none"
            ax.add_patch(Rectangle((j - 0.46, k - 0.46), 0.92, 0.92, fc=face, ec=plot.MUTED))
            ax.text(j, k - 0.2, f"w {c.weights[k, j]}", ha="center", va="center", color=plot.MUTED)
            if busy:
                text = f"x {c.inputs[k, j]}\n→ {c.sums[k, j]}"
                ax.text(j, k + 0.16, text, ha="center", va="center")
plot.figure(
    fig,
    alt="A grid of three by three cells at three cycles. Busy cells form a wave that starts at the "
    "upper left, fills the grid, and moves on to the lower right.",
    caption="The wave: w stays, x moves right, the sum (→) moves down. Shaded cells work.",
)

# %% [markdown]
# ## Cycles, reads and utilisation

# %% name="counts"
rows = []
for M, K, N, S in [(4, 3, 3, 3), (1, 64, 64, 16), (64, 64, 64, 16), (256, 64, 10, 16)]:
    X, V = rng.integers(-9, 10, (M, K)), rng.integers(-9, 10, (K, N))
    product = systolic_matmul(X, V, S)
    assert (product.result == X @ V).all()
    assert product.cycles == predicted_cycles(M, K, N, S)
    share = f"{product.utilisation:.0%}"
    shapes = f"({M}, {K}) @ ({K}, {N})"
    rows.append([shapes, S, product.cycles, share, product.reads, 2 * M * K * N])
table(["product", "S", "cycles", "utilisation", "reads", "reads of a plain loop"], rows)

# %% name="utilisation"
sizes = 2 ** np.arange(13)
measured = systolic_matmul(np.ones((64, 16)), np.ones((16, 16)), 16).utilisation
fig, ax = plot.subplots(width=6, height=3)
for S, marker in [(16, "o"), (64, "s"), (256, "^")]:
    share = sizes / (sizes + 3 * S - 1)
    ax.plot(sizes, share, marker=marker, ms=4, label=f"S = {S}")
ax.set(xscale="log", xlabel="rows of the batch, M", ylabel="utilisation", ylim=(0, 1.02))
ax.legend()
plot.figure(
    fig,
    alt="Utilisation against batch size for arrays of side 16, 64 and 256. Each curve rises from "
    "near 0 to near 1, the larger the array the later: half is reached at M = 3S - 1.",
    caption="Utilisation of a full tile, M / (M + 3S - 1), which the simulation confirms.",
)

# %% name="numbers"
one = systolic_matmul(np.ones((1, 256)), np.ones((256, 256)), 256).utilisation
values(
    one=f"{one:.2%}",
    simulated=f"{measured:.1%}",
    tera=f"{256 * 256 * 2 * 700e6 / 1e12:.0f}",
    cells=256 * 256,
)

# %% [markdown]
# ## Eight bits
#
# A linear classifier of real digits is trained in float, then multiplied in 8-bit integers.

# %% name="eight_bits"
X, y = data.digits()
part = data.split(X, y, seed=0)
model = LogisticRegression(max_iter=500).fit(part.X_train, part.y_train)
weights = model.coef_.T
(q_inputs, input_scale), (q_weights, weight_scale) = quantize(part.X_test), quantize(weights)
wide = systolic_matmul(q_inputs.astype(np.int32), q_weights.astype(np.int32), 16).result
assert (wide == q_inputs.astype(np.int64) @ q_weights.astype(np.int64)).all()
logits = input_scale * weight_scale * wide + model.intercept_
in_float = np.mean(model.predict(part.X_test) == part.y_test)
in_int8 = np.mean(logits.argmax(axis=1) == part.y_test)
baseline = np.bincount(part.y_test).max() / len(part.y_test)
table(
    ["digits, linear classifier", "held-out accuracy"],
    [
        ["always the most frequent digit", baseline],
        ["float64", in_float],
        ["8-bit integers", in_int8],
    ],
)

# %% [markdown]
# ## What this notebook claims

# %%
assert len(cycles) == predicted_cycles(4, 3, 3, 3) == 12
assert one < 0.01
assert np.isclose(measured, 64 / (64 + 3 * 16 - 1))
assert in_int8 > in_float - 0.02 > baseline + 0.5
