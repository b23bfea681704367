# %% [markdown]
# # Fifty years of machines, executed
#
# How fast transistors, clocks and threads grew, fitted to real chips; and one sum
# computed in three ways on the machine that builds this site. The text is in
# [the lesson](../../why_now/hardware.md).

# %%
import os

import numpy as np
import torch

from introdl import data, plot, show
from introdl.show import table, values
from introdl.why_now.hardware import doublings, loop_dot, redrawn

cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
NAMES = {
    "transistors": "transistors, thousands",
    "clock": "clock, MHz",
    "cores": "threads",
}
chips = {name: data.processors(name) for name in NAMES}

# %%
show.data(
    "chips",
    {name: [years.tolist(), numbers.tolist()] for name, (years, numbers) in chips.items()},
)

# %% [markdown]
# ## Three quantities, before and after 2005
#
# A line fitted to the logarithms, and the middle 95 % of a thousand lines fitted to redrawn chips.

# %% name="still"
fig, axes = plot.subplots(3, 1, width=3.7, height=6.0, sharex=True)
colours = (plot.BLUE, plot.ORANGE, plot.GREEN)
for ax, (name, (years, numbers)), colour in zip(axes, chips.items(), colours, strict=True):
    ax.plot(years, numbers, "o", color=colour, ms=3)
    ax.set(yscale="log", title=NAMES[name])
    ax.axvline(2005, color=plot.MUTED, lw=1, ls=":")
axes[-1].set(xlabel="year")
plot.figure(
    fig,
    alt="Three plots against the year, 1971 to 2021, on logarithmic axes. Transistors rise along "
    "a straight line all the way. The clock rises along a line until about 2005 and then stays. "
    "Threads stay at one until about 2005 and then rise.",
    caption="Real processors, from one collection. Dotted: 2005.",
)

# %% name="rates"
PARTS = {"to 2004": (1971, 2005), "from 2005": (2005, 2022)}
rates = {}
for name, (years, numbers) in chips.items():
    for part, (first, last) in PARTS.items():
        of = (first <= years) & (years < last)
        rate, _ = doublings(years[of], numbers[of])
        rates[name, part] = (rate, *redrawn(years[of], numbers[of]), int(of.sum()))
table(
    ["", "years", "chips", "doublings per ten years", "95 % from", "to"],
    [
        [NAMES[name].split(",")[0], part, count, 10 * rate, 10 * low, 10 * high]
        for (name, part), (rate, low, high, count) in rates.items()
    ],
)

# %% name="law"
years, numbers = chips["transistors"]
rate, start = doublings(years, numbers)
low, high = redrawn(years, numbers)
other = redrawn(years, numbers, seed=1)
values(
    chips=len(years),
    doubling=f"{1 / rate:.2f}",
    low=f"{1 / high:.2f}",
    high=f"{1 / low:.2f}",
    growth=f"{numbers[-1] / numbers[0]:,.0f}",
)

# %% [markdown]
# ## One sum, three ways
#
# The sum of a million products: in a Python loop, in one call of NumPy, and in one call that
# shares the work among all cores. Each is the best of several runs.

# %% name="ways" timed=true
from time import perf_counter

rng = np.random.default_rng(0)
N = 1_000_000
x, y = rng.normal(size=(2, N))
lists = x.tolist(), y.tolist()
tensors = torch.from_numpy(x), torch.from_numpy(y)


def best(call, runs):
    """The shortest of several runs in seconds, and the result."""
    taken = []
    for _ in range(runs):
        start = perf_counter()
        result = call()
        taken.append(perf_counter() - start)
    return min(taken), float(result)


loop, by_loop = best(lambda: loop_dot(*lists), 3)
torch.set_num_threads(1)
one, by_one = best(lambda: (tensors[0] * tensors[1]).sum(), 50)
torch.set_num_threads(cores)
many, by_many = best(lambda: (tensors[0] * tensors[1]).sum(), 50)
table(
    ["the sum of a million products", "ms", "times as fast"],
    [
        ["a Python loop", 1e3 * loop, 1.0],
        ["one call, one core", 1e3 * one, loop / one],
        [f"one call, {cores} cores", 1e3 * many, loop / many],
    ],
)

# %% [markdown]
# ## What this notebook claims

# %%
assert np.isclose(by_loop, by_one, rtol=1e-9)
assert np.isclose(by_loop, by_many, rtol=1e-9)
assert loop > 3 * one, "a loop is slower anywhere"
assert 1.8 < 1 / rate < 2.2
assert np.allclose(other, (low, high), atol=0.01), "the interval does not depend on the draws"
assert rates["clock", "to 2004"][1] > 0.3
assert rates["clock", "from 2005"][1] < 0 < rates["clock", "from 2005"][2], "no growth is seen"
assert rates["cores", "from 2005"][1] > 0.2
assert rates["transistors", "from 2005"][1] > 0.4
