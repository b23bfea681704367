# %% [markdown]
# # CPU, GPU and TPU, executed
#
# The operations of deep learning, timed on the machine that builds this site and held against its
# roof. The text is in [the lesson](../../hardware/cpu_gpu_tpu.md).

# %%
import os

import numpy as np
import torch

from introdl import plot
from introdl.hardware.cpu_gpu_tpu.operations import measure
from introdl.hardware.cpu_gpu_tpu.roofline import attainable, limit, ridge
from introdl.show import table, values

cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
torch.set_num_threads(cores)

# %% [markdown]
# ## Published numbers
#
# From the paper on the first TPU (2017), its successor's (2023), and a datasheet (2023).

# %% name="published"
#: Name, kind, year, operations a second, bytes a second, arithmetic.
CHIPS = [
    ("Xeon E5-2699 v3", "CPU", 2014, 1.3e12, 51e9, "float32"),
    ("K80, one die", "GPU", 2014, 2.8e12, 160e9, "float32"),
    ("TPU v1", "TPU", 2015, 92e12, 34e9, "8-bit integers"),
    ("TPU v4", "TPU", 2020, 275e12, 1200e9, "bfloat16"),
    ("H100 SXM", "GPU", 2022, 67e12, 3350e9, "float32"),
]
table(
    [
        "chip",
        "kind",
        "year",
        "arithmetic",
        "tera-operations/s",
        "GB/s",
        "operations a byte at the ridge",
    ],
    [
        [
            chip,
            kind,
            str(year),
            numbers,
            peak / 1e12,
            f"{moved / 1e9:,.0f}",
            round(ridge(peak, moved)),
        ]
        for chip, kind, year, peak, moved, numbers in CHIPS
    ],
)

# %% [markdown]
# ## This machine

# %%
entries = list(measure(torch.device("cpu"), limit=0.12))
assert all(entry["failed"] is None for entry in entries), entries
of = {name: [e for e in entries if e["name"] == name] for name in {e["name"] for e in entries}}
peak = max(e["flops"] / min(e["samples"]) for e in entries)
bandwidth = of["triad"][0]["bytes"] / min(of["triad"][0]["samples"])

# %% name="roofline" timed=true
fig, ax = plot.subplots(width=6.2, height=4)
x = np.geomspace(0.08, 500, 200)
ax.plot(x, attainable(x, peak, bandwidth) / 1e9, color=plot.INK)
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
ax.axvline(ridge(peak, bandwidth), color=plot.MUTED, lw=1, ls=":")
ax.set(xscale="log", yscale="log", xlabel="FLOP for each byte moved", ylabel="GFLOP a second")
ax.legend(loc="lower right")
plot.figure(
    fig,
    alt="A roof that rises with the operations for each byte and then is flat. The triad lies "
    "at the lower left under the slope, large products at the upper right under the flat part, "
    "small ones below.",
    caption="The roof of this machine, measured, and every operation under it. Dotted: the ridge.",
)

# %% name="machine" timed=true
large = max(of["matmul"], key=lambda e: e["config"]["n"])
small = min(of["matmul"], key=lambda e: e["config"]["n"])
values(
    cores=cores,
    peak=f"{peak / 1e9:.0f}",
    bandwidth=f"{bandwidth / 1e9:.1f}",
    ridge=f"{ridge(peak, bandwidth):.1f}",
    triad=limit(1 / 6, peak, bandwidth),
    largest=f"{large['flops'] / large['median'] / 1e9:.0f}",
    smallest=f"{small['flops'] / small['median'] / 1e9:.0f}",
)

# %% name="batches" timed=true
table(
    ["batch", "ms", "FLOP a byte", "inputs a second"],
    [
        [
            e["config"]["batch"],
            f"{1e3 * e['median']:.3g}",
            f"{e['flops'] / e['bytes']:.1f}",
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
            *(f"{1e3 * e['median']:.3g}" for e in (a, b)),
            *(f"{e['bytes'] / 1e6:.1f}" for e in (a, b)),
        ]
        for a, b in pairs
    ],
)

# %% [markdown]
# ## What this notebook claims
#
# No time is claimed: on a busy machine any of them may be anything. What holds anywhere is below.

# %%
sizes = [e["flops"] / e["bytes"] for e in of["dense"]]
assert sizes == sorted(sizes), "a larger batch does more for each byte"
for naive, fused in zip(of["naive attention"], of["fused attention"], strict=True):
    assert fused["bytes"] < naive["bytes"]
    assert fused["flops"] == naive["flops"]
assert all(e["check"]["error"] <= e["check"]["tolerance"] for e in entries)
assert ridge(peak, bandwidth) > 1 / 6, "the triad is limited by memory"
