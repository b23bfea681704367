# %% [markdown]
# # GPU timing, executed
#
# The network of the slides' log is built again and timed on the machine that builds this site.
# Records of GPUs are read, never estimated. The text is in
# [the lesson](../../hardware/gpu_timing.md).

# %%
import os

import numpy as np
import torch

from introdl import plot, show
from introdl.hardware.cpu_gpu_tpu.operations import matmul
from introdl.hardware.cpu_gpu_tpu.roofline import CHIPS
from introdl.hardware.cpu_gpu_tpu.timing import time_call
from introdl.hardware.gpu_timing import comparing, measuring, network, record
from introdl.hardware.gpu_timing.images import augment_one, random_augment, synthetic
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
xeon, k80 = CHIPS[:2]
starts = 5e-6 * 100 * network.TRAIN_IMAGES / 32  # 100 kernels per step, at 5 µs each
h100 = {chip.arithmetic: chip for chip in CHIPS if chip.name == "H100 SXM"}
values(
    parameters=parameters,
    forward=f"{network.flops_per_image(training=False) / 1e6:.1f}",
    mflop=f"{network.flops_per_image() / 1e6:.1f}",
    tflop=f"{epoch / 1e12:.2f}",
    ratio=f"{733 / 27:.1f}",
    deck_cpu=f"{epoch / 733 / 1e9:.1f}",
    deck_gpu=f"{epoch / 27 / 1e9:.0f}",
    xeon=f"{xeon.peak / 1e9:,.0f}",
    k80=f"{k80.peak / 1e9:,.0f}",
    peaks=f"{k80.peak / xeon.peak:.1f}",
    of_xeon=f"{100 * epoch / 733 / xeon.peak:.1f} %",
    of_core=f"{100 * epoch / 733 / (xeon.peak / 18):.0f} %",
    rungs=len([rung for rung in RUNGS if "cuda" in rung.devices]),
    training_steps=f"{-(-network.TRAIN_IMAGES // 32):,}",
    of_k80=f"{100 * epoch / 27 / k80.peak:.0f} %",
    starts=f"{starts:.1f}",
    starts_beside_floor=f"{starts * h100['float32'].peak / epoch:.0f}",
)

# %% [markdown]
# ## This machine
#
# Each rung first passes a check of one step against float64. Then it is timed five times over a few
# steps, and the epoch is extrapolated from them. Pixels are synthetic: their values cost no time.

# %%
images = synthetic(train=3200, validation=128)
*_, machine = measuring.measure(torch.device("cpu"), images, steps=15)
assert record.faults(machine) == []
rungs = record.measured(machine)

# %% name="cpu" timed=true
table(
    ["on this machine", "s per epoch", "middle half spans, s", "GFLOP/s"],
    [[r["title"], r["median"], r["iqr"], r["flops"] / r["median"] / 1e9] for r in rungs],
)

# %% name="cpu_numbers" timed=true
best = min(r["median"] for r in rungs if r["config"]["same"])
fastest = min(r["median"] for r in rungs)
values(
    name=machine["device"]["name"],
    cores=cores,
    finding=next(
        word
        for limit, word in (
            (1, "as fast as the logged GPU or faster"),
            (2, "within a factor of two of the logged GPU"),
            (3, "within a factor of three of the logged GPU"),
            (999, "far behind the logged GPU"),
        )
        if best <= 27 * limit
    ),
    beside_gpu=best / 27,
    beside_cpu=733 / best,
    fastest=fastest / 27,
    steps=rungs[-1]["steps"] * len(rungs[-1]["samples"]),
    error=f"{max(r['check']['last'] for r in rungs if r['config']['same']):.0e}",
    error_half=f"{max(r['check']['last'] for r in rungs if not r['config']['same']):.0e}",
)

# %% [markdown]
# ## The images alone
#
# The seconds of an epoch that go into flips and shifts, one image at a time and in gathers.

# %% name="augmenting" timed=true
cpu, rng = torch.device("cpu"), np.random.default_rng(0)
few = images.train[:320]
one = time_call(lambda: [augment_one(image, rng) for image in few], cpu, limit=0.3)
batches = [torch.from_numpy(few[start : start + 32]) for start in range(0, 320, 32)]
gathers = time_call(lambda: [random_augment(batch) for batch in batches], cpu, limit=0.3)
epochs = network.TRAIN_IMAGES / len(few)
values(digits=2, one=one.median * epochs, gathers=gathers.median * epochs)

# %% [markdown]
# ## The floors
#
# The time that an epoch needs at an H100's published peak rates.

# %% name="floors"
sizes = {"float32": 4, "TensorFloat-32": 4, "bfloat16": 2}
floors = {
    name: (epoch / chip.peak, network.bytes_per_epoch(sizes[name]) / chip.bandwidth)
    for name, chip in h100.items()
}
table(
    ["arithmetic", "TFLOP/s, published", "by arithmetic, ms", "by memory, ms"],
    [
        [name, h100[name].peak / 1e12, 1e3 * work, 1e3 * memory]
        for name, (work, memory) in floors.items()
    ],
)

# %% [markdown]
# What the figure on the page computes with: the work of an epoch, and published peaks.

# %%
show.data(
    "epoch",
    {
        "flops": epoch,
        "bytes": network.bytes_per_epoch(1),  # for numbers of one byte
        "images": network.TRAIN_IMAGES,
        "chips": [
            ["K80, one of two dies, float32", k80.peak, k80.bandwidth, 4],
            *[
                [f"H100, {name}", chip.peak, chip.bandwidth, sizes[name]]
                for name, chip in h100.items()
            ],
        ],
    },
)

# %% name="still"
fig, ax = plot.subplots(width=3.7, height=2.0)
bars = {
    "starts": starts,
    "memory": floors["float32"][1],
    "arithmetic": floors["float32"][0],
}
ax.barh(list(bars), list(bars.values()), color=plot.BLUE)
for place, seconds in enumerate(bars.values()):
    ax.text(seconds + 0.01, place, f"{seconds:.2g} s", va="center")
ax.set(xlabel="seconds per epoch, computed", xlim=(0, 1.25 * starts))
ax.grid(axis="y", visible=False)
plot.figure(
    fig,
    alt="Three bars of seconds per epoch. Starting programs takes 0.8 seconds, memory and "
    "arithmetic at an H100's published peaks a tenth of a second and less.",
    caption="An H100 in float32, with 100 programs per step at 5 µs each. Computed, not measured.",
)

# %% [markdown]
# ## The records of GPUs

# %% name="gpus"
gpus = [r for r in record.committed() if r["device"]["type"] == "cuda" and not record.faults(r)]
roofs = {"fp32": "float32", "tf32": "TensorFloat-32", "bf16": "bfloat16"}


def floor(gpu, rung):
    """The floor of a rung in seconds per epoch; only the peaks of the H100 SXM are above."""
    known = gpu["device"]["name"] == "NVIDIA H100 80GB HBM3"
    return max(floors[roofs[rung["config"]["precision"]]]) if known else None


def provenance(gpu):
    """When, by which code, with what and on which images a record was measured."""
    made, software = gpu["provenance"], gpu["software"]
    changed = ", changed since" if made["dirty"] else ""
    return (
        made["date"][:10],
        f"{(made['commit'] or 'unknown')[:7]}{changed}",
        f"PyTorch {software['torch']}, driver {gpu['device']['driver'] or 'unknown'}",
        gpu["data"],
    )


if gpus:
    heads, lines = comparing.ladder(gpus, floor)
    kinds = ("*measured on*", "*by commit*", "*with*", "*images*")
    lines += [[kind, *cells] for kind, *cells in zip(kinds, *map(provenance, gpus), strict=True)]
    lines += comparing.costs(gpus)[1]
else:
    heads, lines = ["a GPU, a rung", "s per epoch"], [["none has been measured yet", ""]]
table(heads, lines)

# %% name="crossover" timed=true
product_times = {
    n: time_call(matmul(n, cpu).call, cpu, limit=0.1).median
    for n in (64, 128, 256, 512, 1024, 2048)
}
heads, lines = comparing.products(product_times, gpus)
if gpus:
    wins = [comparing.crossover(product_times, gpu) for gpu in gpus]
    lines.append(["crossover", "", *(str(n) if n else "none" for n in wins)])
table(heads, lines)

# %% name="ratios" timed=true
rows = [["the two logs", "733 s", "27 s", f"{733 / 27:.1f}"]]
for gpu in gpus:
    measured = record.measured(gpu)
    same = min(r["median"] for r in measured if r["config"]["same"])
    least = min(r["median"] for r in measured)
    name = comparing.short_name(gpu)
    rows.append([f"same algorithm, {name}", f"{best:.3g} s", f"{same:.3g} s", f"{best / same:.3g}"])
    any_name = f"CPU in float32 by batches of 32, best rung of {name}"
    rows.append([any_name, f"{best:.3g} s", f"{least:.3g} s", f"{best / least:.3g}"])
table(["ratio", "CPU", "GPU", "CPU / GPU"], rows)

# %% name="ladder" timed=true
marks = [
    ("the logged CPU", 733.0, plot.MUTED),
    ("the logged GPU", 27.0, plot.MUTED),
]
marks += [(f"this CPU: {r['name'].replace('_', ' ')}", r["median"], plot.BLUE) for r in rungs]
marks += [
    (f"{comparing.short_name(gpu)}: {r['name'].replace('_', ' ')}", r["median"], plot.ORANGE)
    for gpu in gpus
    for r in record.measured(gpu)
]
marks += [(f"H100's floor, {name}", max(least), plot.RED) for name, least in floors.items()]
fig, ax = plot.subplots(width=3.7, height=0.9 + 0.4 * len(marks))
for place, (name, seconds, colour) in enumerate(marks):
    ax.plot(seconds, place, "o", color=colour, mfc="none" if "floor" in name else colour)
    at_right = seconds > 30
    ax.text(
        seconds * (1.4 if at_right else 0.7),
        place - 0.36,
        f"{name}: {seconds:.3g} s",
        va="center",
        ha="right" if at_right else "left",
        size=9,
    )
longest = max(3000, 2 * max(seconds for _, seconds, _ in marks))
ax.set(
    xscale="log", xlim=(0.004, longest), ylim=(len(marks) - 0.5, -0.8), xlabel="seconds per epoch"
)
ax.set_xticks([0.01, 0.1, 1, 10, 100, 1000])
ax.xaxis.set_major_formatter("{x:g}")
ax.set_yticks([])
ax.grid(axis="y", visible=False)
plot.figure(
    fig,
    alt="Dots of seconds per epoch on a logarithmic scale: the logged CPU at 733, its GPU at 27; "
    f"this machine's CPU comes to {best:.0f}. The floors of an H100 are a tenth of a second "
    "and less" + (", beside the dots of the measured GPUs." if gpus else "."),
    caption="One epoch, log scale. Open: computed from an H100's published peaks, not measured.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert parameters == 1_250_858
assert network.TRAIN_IMAGES == 50_000, "the page says on how many images an epoch trains"
assert all(r["check"]["passed"] for r in rungs)
assert len(rungs) == 4, machine["ladder"]
assert all(max(least) < best for least in floors.values())
