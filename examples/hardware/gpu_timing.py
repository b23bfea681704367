# %% [markdown]
# # GPU timing, executed
#
# The network of the lecture's log is built again and timed on the machine that builds this site.
# Records of GPUs are read, never estimated. The text is in
# [the lesson](../../hardware/gpu_timing.md).

# %%
import os

import torch

from introdl import plot
from introdl.hardware.cpu_gpu_tpu.operations import matmul
from introdl.hardware.cpu_gpu_tpu.timing import time_call
from introdl.hardware.gpu_timing import comparing, measuring, network, record
from introdl.hardware.gpu_timing.images import synthetic
from introdl.hardware.gpu_timing.rungs import RUNGS
from introdl.show import table, values

cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
torch.set_num_threads(cores)

# %% [markdown]
# ## The network, layer by layer
#
# Random pixels of CIFAR-10's shape go through it, so the shapes below are those of a real run.

# %% name="layers"
net = network.DeckNetwork()
shapes = {}
for name, layer in net.named_children():
    layer.register_forward_hook(lambda *call, name=name: shapes.update({name: call[2].shape[1:]}))
net(torch.zeros(1, 3, 32, 32))
rows = []
for (name, layer), (side, channels, inputs) in zip(
    net.named_children(), network.LAYERS, strict=True
):
    count = sum(p.numel() for p in layer.parameters())
    rows.append([name, "×".join(map(str, shapes[name])), count, 2e-6 * side**2 * channels * inputs])
parameters = sum(row[2] for row in rows)
table(["layer", "output", "parameters", "MFLOP forward"], rows)

# %% name="work"
epoch = network.flops_per_epoch()
values(
    parameters=parameters,
    mflop=f"{network.flops_per_image() / 1e6:.1f}",
    tflop=f"{epoch / 1e12:.2f}",
    ratio=f"{733 / 27:.1f}",
    deck_cpu=f"{epoch / 733 / 1e9:.1f}",
    deck_gpu=f"{epoch / 27 / 1e9:.0f}",
    gigabytes=f"{network.bytes_per_epoch() / 1e9:.0f}",
)

# %% [markdown]
# ## This machine
#
# Each rung first passes a check of one step against float64. Then it is timed over a few hundred
# steps, and the epoch is extrapolated from them. Pixels are synthetic: their values cost no time.

# %%
images = synthetic(train=3200, validation=128)
*_, machine = measuring.measure(torch.device("cpu"), images, steps=15)
assert record.faults(machine) == []
rungs = record.measured(machine)

# %% name="cpu" timed=true
table(
    ["on this machine", "s an epoch", "half of the samples within", "GFLOP/s"],
    [[r["title"], r["median"], f"{r['iqr']:.2g} s", r["flops"] / r["median"] / 1e9] for r in rungs],
)

# %% name="cpu_numbers" timed=true
best = min(r["median"] for r in rungs if r["config"]["same"])
values(
    name=machine["device"]["name"],
    cores=cores,
    seconds=best,
    beside_gpu=best / 27,
    beside_cpu=733 / best,
    steps=rungs[-1]["steps"] * len(rungs[-1]["samples"]),
    error=f"{max(r['check']['last'] for r in rungs):.0e}",
)

# %% [markdown]
# ## The floors
#
# No H100 can run an epoch faster than its published peak rates allow.

# %% name="floors"
#: Published for the H100 SXM, without sparsity: operations a second, and bytes a second.
PEAKS = {"float32": (67e12, 4), "TensorFloat-32": (495e12, 4), "bfloat16": (989e12, 2)}
BANDWIDTH = 3.35e12
floors = {
    name: (epoch / peak, network.bytes_per_epoch(size) / BANDWIDTH)
    for name, (peak, size) in PEAKS.items()
}
table(
    ["arithmetic", "TFLOP/s, published", "floor by arithmetic", "floor by memory"],
    [
        [name, f"{PEAKS[name][0] / 1e12:.0f}", f"{1e3 * work:.1f} ms", f"{1e3 * memory:.0f} ms"]
        for name, (work, memory) in floors.items()
    ],
)

# %% [markdown]
# ## The records of GPUs

# %% name="gpus"
gpus = [r for r in record.committed() if r["device"]["type"] == "cuda" and not record.faults(r)]
roofs = {"fp32": "float32", "tf32": "TensorFloat-32", "bf16": "bfloat16"}


def floor(gpu, rung):
    """The least seconds an epoch by the published peaks; only those of the H100 SXM are above."""
    known = gpu["device"]["name"] == "NVIDIA H100 80GB HBM3"
    return max(floors[roofs[rung["config"]["precision"]]]) if known else None


heads, lines = comparing.ladder(gpus, floor)
if not gpus:
    heads, lines = ["rung", "a GPU"], [[rung.title, "not measured yet"] for rung in RUNGS]
table(heads, lines)

# %% name="crossover" timed=true
cpu = torch.device("cpu")
product_times = {
    n: time_call(matmul(n, cpu).call, cpu, limit=0.1).median
    for n in (64, 128, 256, 512, 1024, 2048)
}
heads, lines = comparing.products(product_times, gpus)
if not gpus:
    heads, lines = [*heads, "a GPU"], [[*line, "not measured yet"] for line in lines]
if gpus:
    wins = [comparing.crossover(product_times, gpu) for gpu in gpus]
    lines.append(["crossover", "", *(str(n) if n else "none" for n in wins)])
table(heads, lines)

# %% name="costs"
heads, lines = comparing.costs(gpus)
if not gpus:
    others = ["triad", "transfer", "launch", "dense", "attention"]
    heads, lines = ["operation", "a GPU"], [[name, "not measured yet"] for name in others]
table(heads, lines)

# %% name="ratios" timed=true
rows = [["the lecture's log, 2016", "733 s", "27 s", f"{733 / 27:.1f}"]]
for gpu in gpus:
    measured = record.measured(gpu)
    same = min(r["median"] for r in measured if r["config"]["same"])
    fastest = min(r["median"] for r in measured)
    name = comparing.short_name(gpu)
    rows.append([f"same algorithm, {name}", f"{best:.3g} s", f"{same:.3g} s", f"{best / same:.1f}"])
    rows.append(
        [f"any algorithm, {name}", f"{best:.3g} s", f"{fastest:.3g} s", f"{best / fastest:.1f}"]
    )
if not gpus:
    rows += [
        [kind, f"{best:.3g} s", "not measured yet", ""]
        for kind in ("same algorithm", "any algorithm")
    ]
table(["ratio", "CPU", "GPU", "CPU / GPU"], rows)

# %% name="ladder" timed=true
bars = [
    ("the lecture's CPU, 2016", 733.0, plot.MUTED),
    ("the lecture's GPU, 2016", 27.0, plot.MUTED),
]
short = {"naive": "naive loop", "batched": "batch augmented", "whole_epoch": "epoch augmented"}
bars += [(f"this CPU: {short[r['name']]}", r["median"], plot.BLUE) for r in rungs]
bars += [
    (f"{comparing.short_name(gpu)}: {r['name'].replace('_', ' ')}", r["median"], plot.ORANGE)
    for gpu in gpus
    for r in record.measured(gpu)
]
fig, ax = plot.subplots(width=6.2, height=1.4 + 0.34 * len(bars))
for place, (_, seconds, colour) in enumerate(bars):
    ax.barh(place, seconds, color=colour, height=0.66)
    ax.text(seconds * 1.12, place, f"{seconds:.3g} s", va="center")
for floor in floors.values():
    ax.axvline(max(floor), color=plot.RED, lw=1.2, ls="--")
ax.text(
    max(floors["float32"]) * 1.15,
    len(bars) - 0.42,
    "floors of an H100, published",
    color=plot.RED,
    va="center",
)
ax.set(xscale="log", xlim=(0.008, 4000), ylim=(len(bars) - 0.1, -0.6), xlabel="seconds an epoch")
ax.set_yticks(range(len(bars)), [name for name, _, _ in bars])
ax.grid(axis="y", visible=False)
plot.figure(
    fig,
    alt="Bars of seconds an epoch on a logarithmic scale: the lecture's CPU at 733, its GPU at 27, "
    "and the ways of this machine's CPU between them; the floors of an H100 lie far to the left"
    + ("." if not gpus else ", and the bars of measured GPUs come near them."),
    caption="One epoch, log scale. Dashed: the least time that an H100's published peaks allow, in "
    "bfloat16, TensorFloat-32 and float32.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert parameters == 1_250_858
assert all(r["check"]["passed"] for r in rungs)
assert len(rungs) == 3, machine["ladder"]
assert best < 733, "slower than the lecture's CPU"
assert all(max(floor) < best for floor in floors.values())
