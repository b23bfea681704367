# %% [markdown]
# # CPU, GPU and TPU, executed
#
# The operations of deep learning, timed on the machine that builds this site and held against its
# roof. The text is in [the lesson](../../hardware/cpu_gpu_tpu.md).

# %%
import os

import numpy as np
import torch
from matplotlib.patches import FancyArrow, Rectangle

from introdl import plot, show
from introdl.hardware.cpu_gpu_tpu.operations import measure
from introdl.hardware.cpu_gpu_tpu.roofline import CHIPS, attainable, limit, ridge
from introdl.show import table, values


def share(x):
    """A ratio for a sentence: 1/15 reads better than 0.0664."""
    return f"1/{1 / x:.0f}" if x < 0.6 else f"{x:.1f} times"


cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
torch.set_num_threads(cores)

# %% [markdown]
# ## Three kinds of chips

# %% name="chips"
fig, axes = plot.subplots(1, 3, width=3.7, height=2.1)
for ax, (name, side) in zip(axes, [("CPU", 2), ("GPU", 8), ("TPU", 8)], strict=True):
    plot.bare(ax).set(xlim=(-0.05, 1.05), ylim=(-0.62, 1.02), aspect="equal", title=name)
    ax.add_patch(Rectangle((0, 0), 1, 1, fc="none", ec=plot.MUTED))
    ax.add_patch(Rectangle((0, -0.6), 1, 0.22, fc="none", ec=plot.MUTED))
    ax.text(0.5, -0.49, "memory", ha="center", va="center", size=8)
    wide = 0.06 if name == "CPU" else 0.3
    way = {"width": wide, "head_width": 2 * wide, "head_length": 0.12, "fc": plot.MUTED, "lw": 0}
    ax.add_patch(FancyArrow(0.5, -0.36, 0, 0.33, length_includes_head=True, **way))
    step = 0.9 / side
    places = [0.05 + i * step for i in range(side)]
    for x in places:
        for y in places:
            size = 0.86 * step
            ax.add_patch(Rectangle((x, y), size, size, fc=plot.BLUE_SOFT, lw=0))
            if name == "CPU":  # each core has much that steers it
                ax.add_patch(Rectangle((x, y), size, 0.6 * size, fc=plot.ORANGE_SOFT, lw=0))
    if name == "TPU":
        for middle in (place + 0.43 * step for place in places):
            ax.plot([0.05, 0.95], [middle, middle], color=plot.BLUE, lw=0.8)
            ax.plot([middle, middle], [0.05, 0.95], color=plot.BLUE, lw=0.8)
plot.figure(
    fig,
    alt="Three squares, each above a box of memory. The CPU has four large cores, more than half "
    "of each coloured as control. The GPU has 64 small blocks and nothing else. The TPU has a grid "
    "of 64 small blocks joined by lines. The arrow from memory is thin for the CPU only.",
    caption="Not to scale. Blue: circuits that calculate. Orange: what steers a program. Each chip "
    "waits for numbers from its memory; the width of that way counts as much as what is above it. "
    "(The TPU's is that of later ones; the first one's was narrower than a CPU's.)",
)

# %% [markdown]
# ## Two operations on a machine of 200 GFLOP/s and 20 GB/s

# %% name="still"
fig, axes = plot.subplots(2, 1, width=3.7, height=2.4)
jobs = [("add vectors of 1,000", 1e3, 12e3), ("multiply 1,000×1,000", 2e9, 12e6)]
for ax, (name, flops, moved) in zip(axes, jobs, strict=True):
    arithmetic, memory = flops / 200e9, moved / 20e9
    longer = max(arithmetic, memory)
    ax.barh(["arithmetic", "memory"], [arithmetic / longer, memory / longer], color=plot.BLUE)
    ax.set(title=f"{name}: {longer:.2g} s", xticks=[], xlim=(0, 1.02))
    ax.grid(visible=False)
plot.figure(
    fig,
    alt="Two pairs of bars. To add two vectors, memory takes the whole width and arithmetic next "
    "to nothing. To multiply two matrices, arithmetic takes the whole width and memory a little.",
    caption="The slower of the two sets the time.",
)

# %% [markdown]
# ## Published numbers
#
# From the paper on the first TPU (2017), its successor's (2023), and a datasheet (2023).

# %% name="published"
table(
    ["chip", "year", "arithmetic", "10¹² op/s", "GB/s", "op per byte"],
    [
        [
            chip.name if chip.name.startswith(chip.kind) else f"{chip.name} ({chip.kind})",
            str(chip.year),
            chip.arithmetic,
            chip.peak / 1e12,
            round(chip.bandwidth / 1e9),
            round(ridge(chip.peak, chip.bandwidth)),
        ]
        for chip in CHIPS
        if chip.arithmetic != "TensorFloat-32"
    ],
)

# %% [markdown]
# ## This machine

# %%
entries = list(measure(torch.device("cpu"), limit=0.12))
assert all(entry["failed"] is None for entry in entries), entries
of = {name: [e for e in entries if e["name"] == name] for name in {e["name"] for e in entries}}
# The roof is made of medians, as every point beneath it is.
peak = max(e["flops"] / e["median"] for e in entries)
bandwidth = of["triad"][0]["bytes"] / of["triad"][0]["median"]

# %%
BYTES = {"float32": 4, "TensorFloat-32": 4, "bfloat16": 2, "8-bit integers": 1}  # of a number

# %% timed=true
show.data(
    "machines",
    [["the machine that built this page", peak, bandwidth, 4]]
    + [
        [f"{chip.name}, {chip.arithmetic}", chip.peak, chip.bandwidth, BYTES[chip.arithmetic]]
        for chip in CHIPS
    ],
)

# %% name="roofline" timed=true
fig, ax = plot.subplots(width=3.7, height=3.6)
x = np.geomspace(0.08, 500, 200)
ax.plot(x, attainable(x, peak, bandwidth) / 1e9, color=plot.INK)
ax.text(0.09, 1.25 * peak / 1e9, f"arithmetic: {peak / 1e9:.3g} GFLOP/s")
ax.text(0.09, 0.72 * peak / 1e9, f"memory: {bandwidth / 1e9:.3g} GB/s")
looks = {
    "triad": ("s", plot.RED),
    "dense": ("o", plot.BLUE),
    "matmul": ("^", plot.GREEN),
    "naive attention": ("v", plot.PURPLE),
    "fused attention": ("D", plot.ORANGE),
}
for name, (marker, colour) in looks.items():
    points = [(e["flops"] / e["bytes"], e["flops"] / e["median"] / 1e9) for e in of[name]]
    ax.plot(*zip(*points, strict=True), marker, color=colour, ms=6, label=name)
    ax.plot(*zip(*points, strict=True), color=colour, lw=0.8)
ax.axvline(ridge(peak, bandwidth), color=plot.MUTED, lw=1, ls=":")
ax.set(xscale="log", yscale="log", xlabel="FLOP per byte moved", ylabel="GFLOP per second")
ax.set_ylim(top=2 * peak / 1e9)
ax.xaxis.set_major_formatter("{x:g}")
ax.yaxis.set_major_formatter("{x:g}")
ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.2), ncols=2, frameon=False)
plot.figure(
    fig,
    alt="A roof that rises with the operations per byte and then is flat. The triad lies at the "
    "lower left on the slope, the products further right; how near each comes to the roof "
    "differs from machine to machine.",
    caption="The roof of this machine and every operation, measured: all are medians. A line joins "
    "the sizes of one operation, from small to large. Dotted: the ridge.",
)

# %% name="machine" timed=true
alone, batched = (of["dense"][i]["median"] / of["dense"][i]["config"]["batch"] for i in (0, -1))
large = max(of["matmul"], key=lambda e: e["config"]["n"])
small = min(of["matmul"], key=lambda e: e["config"]["n"])
values(
    cores=cores,
    peak=f"{peak / 1e9:.3g}",
    bandwidth=f"{bandwidth / 1e9:.1f}",
    ridge=f"{ridge(peak, bandwidth):.1f}",
    triad=limit(1 / 6, peak, bandwidth),
    batched=f"{share(batched / alone)} as much time per row",
    largest=f"{large['flops'] / large['median'] / 1e9:.3g}",
    smallest=f"{small['flops'] / small['median'] / 1e9:.3g}",
)

# %% name="batches" timed=true
table(
    ["batch", "ms", "FLOP per byte", "inputs per second"],
    [
        [
            e["config"]["batch"],
            1e3 * e["median"],
            e["flops"] / e["bytes"],
            round(e["config"]["batch"] / e["median"]),
        ]
        for e in of["dense"]
    ],
)

# %% name="attention" timed=true
pairs = zip(of["naive attention"], of["fused attention"], strict=True)
table(
    ["length", "naive, ms", "fused, ms", "naive, MB moved", "fused, MB moved"],
    [
        [
            a["config"]["length"],
            *(1e3 * e["median"] for e in (a, b)),
            *(e["bytes"] / 1e6 for e in (a, b)),
        ]
        for a, b in pairs
    ],
)

# %% [markdown]
# ## What this notebook claims
#
# No time is claimed, since a busy machine can delay any of them. What holds anywhere is below.

# %%
sizes = [e["flops"] / e["bytes"] for e in of["dense"]]
assert sizes == sorted(sizes), "a larger batch does more for each byte"
for naive, fused in zip(of["naive attention"], of["fused attention"], strict=True):
    assert fused["bytes"] < naive["bytes"]
    assert fused["flops"] == naive["flops"]
assert all(e["check"]["error"] <= e["check"]["tolerance"] for e in entries)
assert ridge(peak, bandwidth) > 1 / 6, "the triad is limited by memory"
triad = of["triad"][0]
assert np.isclose(triad["bytes"] / triad["median"], bandwidth), "it stands on its own roof"
