# %% [markdown]
# # The history of neural networks, executed
#
# This notebook reads the history of neural networks from one file of dated, cited events. It
# draws the timeline, then counts: how long ideas waited for success, and what went on in the AI
# winters. [The lesson](../../history/timeline.md) says what it means.

# %%
import numpy as np

from introdl import plot, show
from introdl.history.timeline import KINDS, load, spread, waits, winters
from introdl.show import table, values

# %% [markdown]
# ## The events
#
# `load` reads `events.toml` and refuses a file that is out of order or lacks a source.

# %% name="counts"
events = load()
per_kind = {kind: sum(event.kind == kind for event in events) for kind in KINDS}
values(
    events=len(events),
    first=str(events[0].year),
    last=str(events[-1].year),
    setbacks=per_kind["setback"],
)

# %% [markdown]
# ## The timeline
#
# Ideas and technology stand on the left, results and setbacks on the right. `spread` moves the
# names apart; a thin line leads from each to its year.

# %% name="timeline"
LABEL = 1.38  # years of the axis that one line of text takes up
FIRST, LAST = 1942.0, 2025.5
STYLE = {
    "idea": (-1, plot.BLUE, "o", "idea"),
    "technology": (-1, plot.ORANGE, "s", "technology"),
    "result": (1, plot.GREEN, "D", "result"),
    "setback": (1, plot.RED, "X", "setback"),
}

fig, ax = plot.subplots(width=6.2, height=10.2)  # narrow, so that a phone can show it
plot.bare(ax)
for number, (begins, ends) in enumerate(winters(events), start=1):
    ax.axhspan(begins, ends, color=plot.BLUE_SOFT, linewidth=0)
    name = ("first", "second")[number - 1]
    middle = (begins + ends) / 2
    ax.text(0.94, middle, f"{name}\nAI winter", color=plot.INK, ha="right", va="center", size=9)
ax.plot([0, 0], [FIRST, LAST], color=plot.MUTED, linewidth=1.2)
for side in (-1, 1):
    shown = [event for event in events if STYLE[event.kind][0] == side]
    years = np.array([event.year for event in shown])
    places = spread(years, LABEL, FIRST, LAST)
    for event, place in zip(shown, places, strict=True):
        year_and_title = [str(event.year), event.title][::side]
        ax.text(
            side * 0.12,
            place,
            " ".join(year_and_title),
            ha="left" if side > 0 else "right",
            va="center_baseline",
            color=plot.INK,
            size=9,
            weight="bold" if event.lesson else "normal",
        )
    for kind in KINDS:
        mine = np.array([event.kind == kind for event in shown])
        if not mine.any():
            continue
        _, colour, marker, _ = STYLE[kind]
        x = np.tile([0, 0.025, 0.07, 0.095, np.nan], mine.sum())  # nan lifts the pen
        y = np.stack([years, years, places, places, years], axis=1)[mine]
        ax.plot(side * x, y.ravel(), color=colour, linewidth=0.7)
        ax.plot(np.full(mine.sum(), side * 0.095), places[mine], marker, color=colour, markersize=5)
for kind, x in [("idea", -0.6), ("technology", -0.37), ("result", 0.12), ("setback", 0.38)]:
    _, colour, marker, name = STYLE[kind]
    ax.plot(x, 1939.6, marker=marker, color=colour, markersize=6, clip_on=False)
    ax.text(x + 0.025, 1939.6, name, color=colour, va="center_baseline", size=10, weight="bold")
ax.set(xlim=(-0.84, 0.95), ylim=(2026, 1938.8))
plot.figure(
    fig,
    alt=f"""A vertical timeline of {len(events)} events from {events[0].year} to
    {events[-1].year}. Ideas and technology are named on the left, results and setbacks on the
    right. Ideas are spread over the whole height, also inside the two shaded AI winters, 1973 to
    1980 and 1987 to 1993; results and technology crowd after 2006.""",
    caption="""Eighty years of neural networks, and of the artificial intelligence around them.
    Each name stands as near to its year as it can without touching another. Bold: a lesson of
    this part runs it again.""",
)

# %% [markdown]
# The same events for the figure on the page, where the reader walks from one to the next.

# %%
lines = waits(events)
show.data(
    "events",
    {
        "events": [
            [event.year, event.title, event.people, event.what, event.kind, event.lesson]
            for event in events
        ],
        "winters": winters(events),
        "lines": {line: list(years) for line, years in lines.items()},
    },
)

# %% [markdown]
# ## No two names touch
#
# The simple way puts each name at its year, or just under the name above it if that is lower.
# It moves names much further.

# %% name="moves"
left = np.array([event.year for event in events if STYLE[event.kind][0] < 0], dtype=float)
placed = spread(left, LABEL, FIRST, LAST)
pushed = left.copy()
for i in range(1, len(pushed)):
    pushed[i] = max(left[i], pushed[i - 1] + LABEL)
values(
    labels=len(left),
    best=float(np.sqrt(np.mean((placed - left) ** 2))),
    simple=float(np.sqrt(np.mean((pushed - left) ** 2))),
    digits=2,
)

# %% [markdown]
# ## Every event

# %% name="events"
rows = []
for event in events:
    title = event.title
    if event.lesson:
        title = f"**[{title}](site:/history/{event.lesson}/)**"
    rows.append([str(event.year), title, event.people, event.what])
table(["year", "event", "who", "why it matters"], rows)

# %% [markdown]
# ## How long ideas waited
#
# For each line of work the file marks the first idea and the first result that matched or beat
# the best known method, won a contest, or was in daily use.

# %% name="waits"
early = [success - idea for idea, success in lines.values() if idea < 2000]
late = [success - idea for idea, success in lines.values() if idea >= 2000]
fig, ax = plot.subplots(width=3.7, height=4.4)
for row, (line, (idea, success)) in enumerate(lines.items()):
    ax.plot([idea, success], [row, row], color=plot.MUTED, linewidth=2)
    ax.plot(idea, row, "o", color=plot.BLUE, markersize=7)
    ax.plot(success, row, "D", color=plot.GREEN, markersize=6)
    wait = success - idea
    years = f"{wait} year{'s' * (wait != 1)}"
    ax.text(1954, row - 0.36, f"{line}: {years}", color=plot.INK, va="center", size=9)
ax.plot([], [], "o", color=plot.BLUE, label="first idea")
ax.plot([], [], "D", color=plot.GREEN, label="first success")
ax.legend(
    loc="lower center",
    bbox_to_anchor=(0.5, 1),
    ncols=2,
    fontsize=9,
    frameon=False,
    labelcolor=plot.INK,
)
ax.set(xlim=(1953, 2026), ylim=(len(lines) - 0.6, -0.8), yticks=[], xlabel="year")
ax.grid(axis="y", visible=False)
plot.figure(
    fig,
    alt=f"""One bar for each line of work, from its first idea to its first success. Lines begun
    before 2000 have bars of {min(early)} to {max(early)} years; lines begun after 2010 have bars
    of {min(late)} to {max(late)} years.""",
    caption="""From the first idea to the first success, for each line of work in the file. A
    diamond alone: the paper with the idea also had the success.""",
)

# %% name="waiting"
values(
    lines=len(lines),
    early_lines=len(early),
    early=float(np.median(early)),
    early_least=min(early),
    early_most=max(early),
    late_lines=len(late),
    late=float(np.median(late)),
    late_most=max(late),
)

# %% [markdown]
# How much does that hang on a single choice of ours? Leave out each line in turn.

# %% name="jackknife"
without_one = [np.median(early[:i] + early[i + 1 :]) for i in range(len(early))]
late_without = [np.median(late[:i] + late[i + 1 :]) for i in range(len(late))]
values(
    early_low=min(without_one),
    early_high=max(without_one),
    late_low=min(late_without),
    late_high=max(late_without),
)

# %% [markdown]
# ## What went on in the winters
#
# Ideas per ten years, inside the winters and outside them, up to 2005.

# %% name="winter_rates"
cold = {year for begins, ends in winters(events) for year in range(begins, ends)}
ideas = [event for event in events if event.kind == "idea" and event.year <= 2005]
in_winter = [event for event in ideas if event.year in cold]
mild_years = len(set(range(events[0].year, 2006)) - cold)
values(
    winter_years=len(cold),
    winter_ideas=len(in_winter),
    winter_rate=10 * len(in_winter) / len(cold),
    other_rate=10 * (len(ideas) - len(in_winter)) / mild_years,
    digits=2,
)

# %% [markdown]
# ## What AlexNet waited for
#
# The network that won in 2012 trains convolutions and rectified units by backpropagation, on
# ImageNet, with GPUs. How old was each part?

# %% name="alexnet"
titles = {
    "backpropagation": "Reverse-mode differentiation",
    "rectified units": "Rectified linear units",
    "convolution": "Neocognitron",
    "general programs on GPUs": "CUDA",
    "a million labelled photographs": "ImageNet",
}
year_of = {event.title: event.year for event in events}
age = {part: year_of["AlexNet"] - year_of[title] for part, title in titles.items()}
table(
    ["part of AlexNet", "appeared in", "age in 2012"],
    [[part, str(year_of[titles[part]]), age[part]] for part in age],
)

# %% [markdown]
# ## What this notebook claims

# %%
for side in (-1, 1):
    years = np.array([event.year for event in events if STYLE[event.kind][0] == side])
    assert np.diff(spread(years, LABEL, FIRST, LAST)).min() >= LABEL - 1e-9
assert np.sum((placed - left) ** 2) < 0.5 * np.sum((pushed - left) ** 2)
assert winters(events) == [(1973, 1980), (1987, 1993)]
assert min(without_one) > 3 * max(late_without)
assert min(early) > max(late)
assert len(in_winter) >= 3
before_1980 = {event.kind for event in events if STYLE[event.kind][0] > 0 and event.year < 1980}
assert before_1980 == {"setback"}, "the page says that no result stands before 1980"
ideas_young = min(age[part] for part in ("backpropagation", "rectified units", "convolution"))
assert ideas_young > 5 * max(age["general programs on GPUs"], age["a million labelled photographs"])
