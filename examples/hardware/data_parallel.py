# %% [markdown]
# # Data parallel training, executed
#
# Two processes train one network on real digits, each on its half of every batch, and end with the
# numbers of one process. The sum that keeps them alike is built from scratch, timed on this
# machine, and computed for faster links. All seeds are fixed. The text is in
# [the lesson](../../hardware/data_parallel.md).

# %% [markdown]
# ## Two processes, started once
#
# torchrun starts the lesson's script twice. Process 0 writes one record of all that follows. Start
# takes some seconds, so we do not wait here: a thread does.

# %%
from concurrent.futures import ThreadPoolExecutor

from introdl.hardware.data_parallel.launching import launch

EPOCHS, BATCH = 6, 64
options = ["--device", "cpu", "--epochs", str(EPOCHS), "--batch", str(BATCH), "--samples", "4"]
running = ThreadPoolExecutor().submit(launch, 2, *options, timeout=100)

# %%
import numpy as np
import torch
from matplotlib.patches import Rectangle

from introdl import plot
from introdl.hardware.cpu_gpu_tpu.timing import time_call
from introdl.hardware.data_parallel.record import digits_tensors
from introdl.hardware.data_parallel.ring import (
    efficiency,
    fit_alpha_beta,
    ring_all_reduce,
    ring_seconds,
    ring_steps,
)
from introdl.hardware.data_parallel.timings import BATCHES, WIDTHS
from introdl.hardware.data_parallel.training import multilayer, predict, share, train
from introdl.hardware.gpu_timing.network import (
    TRAIN_IMAGES,
    DeckNetwork,
    flops_per_epoch,
    flops_per_image,
)
from introdl.show import table, values

# %% [markdown]
# ## The idea
#
# One step of training, split between two processes.

# %% name="idea"
fig, ax = plot.subplots(width=3.7, height=4.4)
plot.bare(ax).set(xlim=(0, 6), ylim=(0, 9.6))
box = {"boxstyle": "round,pad=0.4", "facecolor": "none", "edgecolor": plot.INK}
center = {"ha": "center", "va": "center"}


def arrow(start, end):
    """Draw an arrow between two points."""
    ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": plot.MUTED})


ax.text(3, 9, "batch of 64", bbox=box, **center)
ax.text(3, 3, "all-reduce:  $g = g_0 + g_1$", bbox=box, **center)
for x, colour, rank, rows in [(1.4, plot.BLUE, 0, "1–32"), (4.6, plot.ORANGE, 1, "33–64")]:
    framed = {**box, "edgecolor": colour}
    ax.text(x, 7, f"process {rank}\nexamples {rows}", color=colour, bbox=framed, **center)
    ax.text(x, 4.9, f"$g_{rank}$ = sum / 64", color=colour, bbox=framed, **center)
    ax.text(x, 0.8, "same step,\nsame weights", color=colour, bbox=framed, **center)
    arrow((3 + 0.4 * np.sign(x - 3), 8.55), (x, 7.75))
    arrow((x, 6.25), (x, 5.4))
    arrow((x, 4.4), (x, 3.5))
    arrow((x, 2.5), (x, 1.6))
plot.figure(
    fig,
    alt="A batch of 64 is split between two processes. Each computes a gradient from its half. An "
    "all-reduce adds the two, and both processes take the same step, so their weights stay the "
    "same.",
    caption="Data parallel training: the examples differ between processes, the weights never do.",
)

# %% [markdown]
# ## The ring, round by round
#
# Every worker starts with a vector of ones, so that a number held is the number of workers whose
# vectors are in it.

# %% name="ring"
P = 3
states = [np.ones((P, P))] + [held for held, _ in ring_steps(np.ones((P, P)))]
titles = ["start", *(f"round {i + 1}: " + ("add" if i < P - 1 else "copy") for i in range(4))]
fig, axes = plot.subplots(3, 2, width=3.7, height=5.4)
for ax, held, title in zip(axes.flat, states, titles, strict=False):
    plot.bare(ax).set(title=title, xlim=(-0.5, 2.5), ylim=(2.5, -0.5), aspect="equal")
    for (worker, piece), count in np.ndenumerate(held):
        face = {1: "none", 2: plot.BLUE_SOFT, 3: plot.GREEN_SOFT}[count]
        ax.add_patch(Rectangle((piece - 0.46, worker - 0.46), 0.92, 0.92, fc=face, ec=plot.MUTED))
        ax.text(piece, worker, f"{count:.0f}", weight="bold" if count == P else "normal", **center)
for ax in axes[:, 0]:
    ax.set_yticks(range(P), [f"worker {r}" for r in range(P)])
    ax.tick_params(length=0)
legend = plot.bare(axes[2, 1])
legend.set(xlim=(0, 1), ylim=(0, 1))
legend.text(
    0.05, 0.5, "column: a piece\nnumber: how many\nvectors are in it\n3: finished", va="center"
)
plot.figure(
    fig,
    alt="Five grids of three workers by three pieces. In rounds 1 and 2 one piece of each worker "
    "grows from 1 to 3 vectors; then each worker holds one finished piece. In rounds 3 and 4 the "
    "finished pieces are copied on, until all are 3.",
    caption="A ring of three workers, run. Each sends to the next, the last to the first. Two "
    "rounds of adding finish one piece in each worker; two of copying spread them.",
)

# %% name="messages"
rows = []
for P in (2, 4, 8, 64):
    n = 6400
    vectors = np.random.default_rng(P).normal(size=(P, n))
    total, sent = ring_all_reduce(vectors)
    assert np.abs(total - vectors.sum(axis=0)).max() < 1e-12
    assert (sent == 2 * (P - 1) * n // P).all()
    rows.append([P, 2 * (P - 1), sent[0] / n, P - 1])
table(["workers", "rounds", "each sends, in gradients", "a central worker would send"], rows)

# %% [markdown]
# ## The same numbers as one process
#
# This notebook waits, lest it disturb what is timed. Then it trains the same network on whole
# batches. A fifth of the digits is held out.

# %%
record = running.result()
run = record["digits"]
X_train, y_train, X_test, y_test = digits_tensors()
model = multilayer(64, 32, 10)
losses, gradients = train(model, X_train, y_train, BATCH, EPOCHS)
one = predict(model, X_test)
accuracy = {
    "always the most frequent digit": np.mean(y_test == np.bincount(y_train).argmax()),
    "one process": np.mean(one == y_test),
    "two processes": np.mean(np.array(run["predictions"]) == y_test),
}
first_epoch = np.array(run["weighted"]["gradients"])
gradients = gradients[: len(first_epoch)]
gradient_gap = np.abs(first_epoch - gradients).max()
loss_gap = np.abs(run["weighted"]["losses"] - losses).max()


def power(value):
    """Write a number as a power of ten, such as 4.5 × 10⁻¹⁷."""
    digits, exponent = f"{value:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "0" if value == 0 else f"{digits}\u00a0×\u00a010{raised}"


# %% name="same"
values(
    parameters=gradients.shape[1],
    train=len(X_train),
    epochs=EPOCHS,
    steps=len(losses),
    gradients=len(gradients),
    gradient=power(gradient_gap),
    loss=power(loss_gap),
    first_loss=f"{losses[0]:.3f}",
    last_loss=f"{losses[-1]:.3f}",
    bits=int(np.sum(run["weighted"]["losses"] != losses)),
)

# %% name="scores"
table(["model", "held-out accuracy"], accuracy.items())

# %% [markdown]
# ## A share counts by its examples
#
# The last batch of an epoch is smaller, and odd.

# %% name="uneven"
naive = np.array(run["mean_of_means"]["gradients"])
left = len(X_train) % BATCH
shares = [len(range(left)[share(left, rank, 2)]) for rank in (0, 1)]


def apart(found, step):
    """The difference from one process's gradient, relative to that gradient's length."""
    return np.linalg.norm(found[step] - gradients[step]) / np.linalg.norm(gradients[step])


table(
    ["first batches and the last", "mean of means is off by", "weighted is off by"],
    [
        [
            f"{BATCH} digits: {BATCH // 2} + {BATCH // 2}",
            *(power(apart(g, 0)) for g in (naive, first_epoch)),
        ],
        [
            f"{left} digits: {shares[0]} + {shares[1]}",
            *(power(apart(g, -1)) for g in (naive, first_epoch)),
        ],
    ],
)

# %% [markdown]
# ## The ring against PyTorch
#
# The two processes also added up a random vector each.

# %% name="against"
vectors = np.array([np.random.default_rng(rank).normal(size=1000) for rank in (0, 1)])
ring_gap = np.abs(ring_all_reduce(vectors)[0] - record["all_reduced"]).max()
values(numbers=vectors.shape[1], gap=power(ring_gap))

# %% [markdown]
# ## What it costs on this machine
#
# Both processes run on this machine and pass messages through its memory: this is no network.

# %%
sizes = np.array([row["bytes"] for row in record["times"]["all_reduce"]])
sampled = np.array([row["seconds"] for row in record["times"]["all_reduce"]])
# What disturbs a message only adds to its time: the fit takes the fastest samples.
reduce_time = sampled.min(axis=1)
alpha, bandwidth = fit_alpha_beta(sizes, reduce_time)
step = {
    (row["width"], row["batch"]): {
        way: float(np.median(row[way])) for way in ("alone", "apart", "together")
    }
    for row in record["times"]["steps"]
}
speedup = {case: t["alone"] / t["together"] for case, t in step.items()}
free = {case: t["alone"] / t["apart"] for case, t in step.items()}
weights = {w: sum(p.numel() for p in multilayer(64, w, w, 10).parameters()) for w in WIDTHS}

# %% name="measured" timed=true
fig, (top, bottom) = plot.subplots(2, 1, width=3.7, height=5.6)
top.plot(np.repeat(sizes, sampled.shape[1]), 1e3 * sampled.ravel(), ".", color=plot.MUTED, ms=3)
top.plot(sizes, 1e3 * reduce_time, "o", color=plot.BLUE)
grid = np.geomspace(4, sizes[-1], 100)
top.plot(grid, 1e3 * (alpha + grid / bandwidth), color=plot.ORANGE)
top.text(1.5e7, 1.2e3 * alpha, "α₀ + m / bandwidth", color=plot.ORANGE, ha="right")
top.set(xscale="log", yscale="log", xlabel="bytes", ylabel="all-reduce, ms")
for (width, count), colour, marker in zip(
    weights.items(), (plot.GREEN, plot.BLUE, plot.PURPLE), "osD", strict=True
):
    line = [speedup[width, batch] for batch in BATCHES]
    bottom.plot(BATCHES, line, marker=marker, color=colour, label=f"{count:,} parameters")
    bottom.plot(BATCHES, [free[width, batch] for batch in BATCHES], ":", color=colour)
bottom.axhline(1, color=plot.INK, lw=0.8)
bottom.legend(loc="upper left", reverse=True, fontsize=9)
bottom.set(xscale="log", xlabel="examples in the whole batch", ylabel="speed-up")
bottom.set_ylim(0, max(2.6, 1.05 * max(free.values())))
bottom.set_xticks(BATCHES, [str(batch) for batch in BATCHES])
for ax in (top, bottom):
    ax.minorticks_off()
plot.figure(
    fig,
    alt="Top: all-reduce time against bytes: flat for short messages, then rising in proportion. "
    "Bottom: speed-up of two processes against batch size for three networks. For the smallest "
    "network and batch two processes are slower than one.",
    caption="Measured when this page was built. Top: an all-reduce between two processes; blue, "
    "the fastest sample. Bottom: solid, the speed-up over one process (black line); dotted, what "
    "it would be if the all-reduce were free.",
)

# %% [markdown]
# Two silent processes may be more than twice as fast as one. Is that the second process's doing?
# One process, alone, on the whole of the largest batch and on half of it, in turn:

# %%
torch.set_num_threads(1)
last = (WIDTHS[-1], BATCHES[-1])


def step_alone(batch):
    """A call that takes one step of the largest network in this process."""
    net = multilayer(64, last[0], last[0], 10, dtype=torch.float32)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    X, y = torch.rand(batch, 64), torch.arange(batch) % 10

    def once():
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(X), y).backward()
        optimizer.step()

    return once


calls = [step_alone(last[1]), step_alone(last[1] // 2)]
rounds = [
    [time_call(call, torch.device("cpu"), warmup=1, samples=1).median for call in calls]
    for _ in range(8)
]
whole, half = np.median(rounds, axis=0)

# %% name="costs" timed=true
values(
    alpha=f"{1e3 * alpha:.2g} ms",
    bandwidth=f"{bandwidth / 1e9:.2g} GB/s",
    small=f"{speedup[WIDTHS[0], BATCHES[0]]:.2f}",
    large=f"{speedup[last]:.2f}",
    threads=f"{step[last]['alone'] / np.median(record['times']['threads']):.2f}",
    silent=f"{free[last]:.2f}",
    half=f"{whole / half:.2f}",
)

# %% name="steps" timed=true
table(
    ["parameters", "batch", "one, ms", "two, silent, ms", "two, ms"],
    [
        [weights[w], b, *(1e3 * s for s in step[w, b].values())]
        for w in WIDTHS
        for b in (BATCHES[0], BATCHES[-1])
    ],
)

# %% [markdown]
# ## What to expect on GPUs: computed, not measured
#
# Eight workers, one link each, latency left out: so these are upper limits. Bandwidths are
# published ones, in one direction.

# %%
LINKS = {"NVLink 4": 450e9, "InfiniBand NDR": 50e9, "10-gigabit Ethernet": 1.25e9}  # bytes/s
deck = sum(p.numel() for p in DeckNetwork().parameters())
WORKERS = 8
training = TRAIN_IMAGES * flops_per_image() / flops_per_epoch()  # the rest is validation
deck_step = 27 * training / np.ceil(TRAIN_IMAGES / 32)  # seconds, of the GPU of the slides
peak_step = 32 * flops_per_image() / 67e12  # on an H100 at its peak of 67 TFLOP/s


def percent(compute, communication):
    """Write the efficiency without and with overlap in per cent, two digits below 10 %."""
    both = [efficiency(compute, communication, overlap) for overlap in (False, True)]
    texts = [f"{100 * share:.{0 if share >= 0.1 else 1}f}" for share in both]
    return " to ".join(dict.fromkeys(texts)) + "\u00a0%"


# %% name="links"
rows = []
for name, rate in LINKS.items():
    spent = ring_seconds(4 * deck, WORKERS, rate)
    rows.append(
        [
            name,
            rate / 1e9,
            1e3 * spent,
            *(percent(compute, spent) for compute in (deck_step, peak_step)),
            1e3 * ring_seconds(4e8, WORKERS, rate),
        ]
    )
table(
    [
        "link",
        "GB/s",
        "5.0 MB, ms",
        f"efficiency at {1e3 * deck_step:.1f} ms",
        f"at {1e3 * peak_step:.3f} ms",
        "400 MB, ms",
    ],
    rows,
)

# %% name="gpu"
values(
    parameters=deck,
    megabytes=f"{4 * deck / 1e6:.1f}",
    deck_step=f"{1e3 * deck_step:.1f} ms",
    peak_step=f"{1e3 * peak_step:.3f} ms",
    one_machine=f"{1e3 * ring_seconds(4e8, WORKERS, LINKS['NVLink 4']):.1f} ms",
    two_machines=f"{1e3 * ring_seconds(4e8, 2 * WORKERS, LINKS['InfiniBand NDR']):.1f} ms",
)

# %% name="expected"
compute = np.geomspace(1e-4, 10, 200)
fig, ax = plot.subplots(width=3.7, height=3.2)
for (name, rate), colour, place in zip(
    LINKS.items(), (plot.BLUE, plot.GREEN, plot.ORANGE), (0.12, 22, 800), strict=True
):
    spent = ring_seconds(4e8, WORKERS, rate)
    for overlap, style in [(False, "-"), (True, "--")]:
        shares = [100 * efficiency(c, spent, overlap) for c in compute]
        ax.plot(1e3 * compute, shares, color=colour, ls=style)
    ax.text(place, 45, name.replace(" ", "\n"), color=colour, va="center")
ax.set(xscale="log", xlabel="ms of arithmetic in a step", ylabel="efficiency, %", ylim=(0, 103))
ax.minorticks_off()
plot.figure(
    fig,
    alt="Computed efficiency of eight workers with 100 million parameters against the arithmetic "
    "in a step. Each link gives an S-shaped curve; NVLink's is about nine times to the left of "
    "InfiniBand's, and that forty times to the left of Ethernet's.",
    caption="Computed, not measured: 8 workers, 100 million float32 parameters. Solid: first all "
    "arithmetic, then the all-reduce. Dashed: the best that overlap can do.",
)

# %% [markdown]
# ## What this notebook claims

# %%
assert record["world"] == 2
assert record["backend"] == "gloo"
assert "Warning" not in record["stderr"], record["stderr"]
assert gradient_gap <= 1e-12
assert loss_gap <= 1e-12
assert run["copies_differ"] == 0
assert (one == run["predictions"]).all()
assert accuracy["two processes"] > accuracy["always the most frequent digit"] + 0.5
assert apart(naive, -1) > 1e-3
assert apart(naive, 0) < 1e-12
assert ring_gap <= 1e-12
assert deck == 1_250_858
# What must hold on any machine: talk costs the small step most, and a long message takes longer.
assert speedup[WIDTHS[0], BATCHES[0]] < 1
assert speedup[WIDTHS[0], BATCHES[0]] < speedup[WIDTHS[-1], BATCHES[-1]]
assert reduce_time[-1] > 2 * reduce_time[0]
assert alpha > 0
assert bandwidth > 0
