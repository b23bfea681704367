# %% [markdown]
# # A systolic array, executed
#
# A matrix product runs through a grid of cells, cycle by cycle, as in a TPU. Seeds are fixed. The
# text is in [the lesson](../../hardware/systolic_array.md).

# %%
import numpy as np
from matplotlib.patches import Rectangle
from sklearn.linear_model import LogisticRegression

from introdl import data, plot, show
from introdl.hardware.cpu_gpu_tpu.roofline import CHIPS
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

# %%
show.data("run", {"A": A.tolist(), "W": W.tolist()})

# %% name="still"
fig, axes = plot.subplots(2, 2, width=6.4, height=5.2)
center = {"ha": "center", "va": "center"}
for ax, t in zip(axes.flat, (0, 2, 4, 6), strict=True):
    c = cycles[3 + t]  # the first three load the weights
    plot.bare(ax).set(xlim=(-2.1, 2.6), ylim=(3, -0.6), aspect="equal")
    ax.set_title(f"cycle {4 + t} of {len(cycles)}")
    for k in range(3):
        waiting = [A[m, k] if m >= 0 else "·" for m in range(t + 1 - k, len(A))]
        ax.text(-0.6, k, " ".join(map(str, waiting[::-1])), ha="right", va="center")
        for j in range(3):
            busy = 0 <= t - k - j < len(A)
            face = plot.BLUE_SOFT if busy else "none"
            ax.add_patch(Rectangle((j - 0.46, k - 0.46), 0.92, 0.92, fc=face, ec=plot.MUTED))
            ax.text(j, k - (0.27 if busy else 0), f"w {c.weights[k, j]}", **center)
            if busy:
                ax.text(j, k + 0.15, f"x {c.inputs[k, j]}\n↓ {c.sums[k, j]}", **center)
    for (_, j), result in zip(c.done, c.values, strict=True):
        ax.text(j, 2.75, f"{result} out", color=plot.BLUE, **center)
plot.figure(
    fig,
    alt="A grid of three by three cells at four cycles. Busy cells form a wave that starts at the "
    "upper left, fills the grid, and moves on to the lower right. Inputs wait on the left, each "
    "row one step behind the row above; finished sums leave at the bottom.",
    caption="The wave: w stays, x moves right, the sum (↓) moves down. Shaded cells work. Left: "
    "inputs that wait, the next one nearest. Below: results that leave in this cycle.",
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
    share = round(100 * product.utilisation)
    rows.append([M, K, N, S, product.cycles, share, product.reads, 2 * M * K * N])
table(["M", "K", "N", "S", "cycles", "used, %", "reads", "plain loop"], rows)

# %% name="utilisation"
M = np.geomspace(1, 4096, 100)
simulated = {}
fig, ax = plot.subplots(width=3.7, height=2.9)
for S, marker, colour in [
    (16, "o", plot.BLUE),
    (64, "s", plot.ORANGE),
    (256, "^", plot.GREEN),
]:
    ax.plot(M, M / (M + 3 * S - 1), color=colour)
    tile = np.ones((S, S), np.int16)
    for size in (1, 8, 64, 512, 4096):
        batch = np.ones((size, S), np.int16)
        simulated[S, size] = systolic_matmul(batch, tile, S).utilisation
    sizes = [size for side, size in simulated if side == S]
    shares = [simulated[S, size] for size in sizes]
    ax.plot(sizes, shares, marker, color=colour, ms=5, label=f"S = {S}")
ax.set(xscale="log", xlabel="rows of the batch, M", ylabel="utilisation", ylim=(0, 1.02))
ax.legend()
plot.figure(
    fig,
    alt="Utilisation against batch size for arrays of side 16, 64 and 256. Each curve rises from "
    "near 0 to near 1, the larger the array the later: half is reached at M = 3S - 1.",
    caption="Utilisation when the weights fill the grid. Lines: M / (M + 3S − 1). Marks: counted "
    "by the simulation.",
)

# %% [markdown]
# The first TPU, by its published numbers: how many cycles of 700 MHz does memory take to deliver a
# tile of 256×256 bytes?

# %% name="numbers"
tpu = next(chip for chip in CHIPS if chip.name == "TPU v1")
fetch = round(256 * 256 / tpu.bandwidth * 700e6, -1)
values(
    one=f"{simulated[256, 1]:.2%}",
    tera=f"{256 * 256 * 2 * 700e6 / 1e12:.0f}",
    cells=256 * 256,
    bandwidth=f"{tpu.bandwidth / 1e9:.0f} GB/s",
    fetch=f"{fetch:,.0f}",
    cross=3 * 256 - 1,
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
baseline = np.mean(part.y_test == np.bincount(part.y_train).argmax())
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
assert (A @ W).tolist() == [[5, 2, 2], [5, 7, 8], [2, 4, 1], [2, 9, 7]]
assert simulated[256, 1] < 0.01
assert fetch > 3 * 256 - 1, "memory binds before the wave does"
assert all(np.isclose(u, M / (M + 3 * S - 1)) for (S, M), u in simulated.items())
assert in_int8 > in_float - 0.02 > baseline + 0.5
