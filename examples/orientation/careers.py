# %% [markdown]
# # Careers, executed
#
# What people earn in occupations near to deep learning, from two named public statistics. First
# five invented salaries show what a mean hides; then the published percentiles are drawn, as they
# stand in one data file with its sources. Nothing is estimated, except where it says so. The text
# is in [the lesson](../../orientation/careers.md).

# %%
import numpy as np

from introdl import plot
from introdl.orientation.careers import fit_lognormal, load, lognormal_percentile
from introdl.show import table, values

pays = load()
us = [pay for pay in pays if pay.source.key == "us"]
canada = [pay for pay in pays if pay.source.key == "ca"]


def money(pay, value):
    """A wage as its source gives it."""
    return f"${value:,.{0 if pay.source.per == 'year' else 2}f}"


# %% [markdown]
# ## Five salaries
#
# Invented, in thousands a year. The still picture of what the reader can drag.

# %% name="five"
five = np.array([30, 35, 40, 45, 350])
fig, ax = plot.subplots(width=3.7, height=1.7)
ax.plot(five, np.zeros(5), "o", color=plot.INK)
ax.axvline(np.mean(five), color=plot.ORANGE)
ax.axvline(np.median(five), color=plot.BLUE, ls="--")
ax.text(np.mean(five) + 5, 0.6, "mean", color=plot.INK)
ax.text(np.median(five) + 5, -0.75, "median", color=plot.INK)
ax.set(xlim=(0, 400), ylim=(-1, 1), yticks=[], xlabel="thousand a year (invented)")
plot.figure(
    fig,
    alt="Five points on a line at 30, 35, 40, 45 and 350. The median stands at 40, among the four "
    "small ones. The mean stands at 100, where nobody is.",
    caption="Five invented salaries, their median (dashed) and their mean.",
)


# %% [markdown]
# ## What statistics publish
#
# Each bar goes from the 10th to the 90th percentile, its thick part from the 25th to the 75th.


# %%
def bars(pays, label):
    """Draw the percentiles and the mean of several occupations."""
    fig, ax = plot.subplots(width=3.7, height=0.55 * len(pays) + 1.1)
    for row, pay in enumerate(reversed(pays)):
        q = {
            p: value / (1000 if pay.source.per == "year" else 1)
            for p, value in pay.percentiles.items()
        }
        ax.plot([q[10], q[90]], [row, row], color=plot.BLUE, lw=2)
        if 25 in q:
            ax.plot([q[25], q[75]], [row, row], color=plot.BLUE, lw=8, solid_capstyle="butt")
        mean = pay.mean / (1000 if pay.source.per == "year" else 1)
        ax.plot(q[50], row, "o", color=plot.PAPER, mec=plot.INK, ms=8, zorder=3)
        ax.plot(mean, row, "D", color=plot.ORANGE, ms=6, zorder=3)
        ax.text(0, row + 0.26, f"{pay.title}", color=plot.INK, size=8.5)
    ax.set(xlim=(0, None), ylim=(-0.5, len(pays) - 0.3), yticks=[], xlabel=label)
    return fig


# %% name="us"
plot.figure(
    bars(us, "thousand US dollars a year, May 2024"),
    alt="Bars of yearly pay for five groups. "
    + " ".join(
        f"{pay.title}: 10th percentile {money(pay, pay.percentiles[10])}, median "
        f"{money(pay, pay.percentiles[50])}, 90th {money(pay, pay.percentiles[90])}, mean "
        f"{money(pay, pay.mean)}."
        for pay in us
    ),
    caption="United States, May 2024. Thin: 10th to 90th percentile. Thick: 25th to 75th. Circle: "
    "median. Diamond: mean. Source: Bureau of Labor Statistics.",
)

# %% name="canada"
plot.figure(
    bars(canada, "Canadian dollars an hour, published 2025"),
    alt="Bars of hourly pay for three groups. "
    + " ".join(
        f"{pay.title}: 10th percentile {money(pay, pay.percentiles[10])}, median "
        f"{money(pay, pay.percentiles[50])}, 90th {money(pay, pay.percentiles[90])}, mean "
        f"{money(pay, pay.mean)}."
        for pay in canada
    ),
    caption="Canada, published in 2025: low, median and high wage, which are in most cases the "
    "10th, 50th and 90th percentile. Diamond: mean. Source: Job Bank.",
)


# %%
def published(pays, places):
    """The figures of one country as a table."""
    return table(
        ["occupation and code", *(f"{p}th" for p in places), "mean"],
        [
            [
                f"{pay.title}, {pay.code}",
                *(money(pay, pay.percentiles[p]) for p in places),
                money(pay, pay.mean),
            ]
            for pay in pays
        ],
    )


# %% name="published_us"
published(us, (10, 25, 50, 75, 90))

# %% name="published_canada"
published(canada, (10, 50, 90))

# %% [markdown]
# ## How well a survey knows its mean
#
# The bureau publishes the relative standard error of each mean. The mean, plus and minus 1.96 such
# errors, is its 95 % interval.


# %% name="intervals"
def interval(pay):
    """Mean and half of its 95 % interval."""
    return pay.mean, 1.96 * pay.error / 100 * pay.mean


table(
    ["occupation (US)", "mean, 95 % interval", "half of the people lie between"],
    [
        [
            pay.title,
            f"{money(pay, pay.mean)}\u00a0±\u00a0{interval(pay)[1]:,.0f}",
            f"{money(pay, pay.percentiles[25])} and {money(pay, pay.percentiles[75])}",
        ]
        for pay in us
    ],
)

# %% [markdown]
# ## A curve through the percentiles
#
# A log-normal curve is fitted to the 25th, 50th and 75th percentile. The 10th, the 90th and the
# mean are held back, and predicted.


# %%
def predicted(pay):
    """The 10th and 90th percentile and the mean of the fitted curve, and its two numbers."""
    inner = [25, 50, 75]
    mu, sigma = fit_lognormal(inner, [pay.percentiles[p] for p in inner])
    return [*lognormal_percentile([10, 90], mu, sigma), np.exp(mu + sigma**2 / 2)], sigma


# %% name="heldback"
def off(found, published):
    """How far a prediction is off, in percent."""
    return f"{found:,.0f} ({100 * (found / published - 1):+.1f} %)".replace("-", "−")


rows = []
for pay in us:
    found, sigma = predicted(pay)
    truth = (pay.percentiles[10], pay.percentiles[90], pay.mean)
    rows.append([pay.title, f"{sigma:.2f}", *map(off, found, truth)])
table(["occupation (US)", "σ", "10th: fitted (off by)", "90th", "mean"], rows)

# %% name="numbers"
assert all(pay.mean > pay.percentiles[50] for pay in pays), "the page's quiz says so"
scientists = next(pay for pay in us if pay.code == "15-2051")
q = scientists.percentiles
values(
    error=f"{scientists.error} %",
    error_dollars=money(scientists, scientists.error / 100 * scientists.mean),
    median=money(scientists, q[50]),
    mean=money(scientists, scientists.mean),
    gap=money(scientists, scientists.mean - q[50]),
    tenth=money(scientists, q[10]),
    ninetieth=money(scientists, q[90]),
    low=money(scientists, q[25]),
    high=money(scientists, q[75]),
    half=f"{interval(scientists)[1]:,.0f}",
    all_above=sum(pay.mean > pay.percentiles[50] for pay in pays),
    groups=len(pays),
)
