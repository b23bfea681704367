"""Doubling times against SciPy, the draws against their own spread, and the figure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress

from introdl import data
from introdl.why_now.hardware import doublings, loop_dot, redrawn

SAME = {
    # A constant times the other factor, which is centred, adds up to 0.
    "rate = (((x + x.mean())) * (y - y.mean())).sum() / spread": "y is centred",
    "rate = ((x - (x.sum())) * (y - y.mean())).sum() / spread": "y is centred",
    "rate = ((x - x.mean()) * ((y + y.mean()))).sum() / spread": "x is centred",
    "rate = ((x - x.mean()) * (y - (y.sum()))).sum() / spread": "x is centred",
}


def odd_input(rng):
    years = np.sort(rng.uniform(1971, 2021, size=30))
    values = 2 ** ((years - 1971) / 2 + rng.normal(size=30))
    return {
        "doublings": {"years": years, "values": values},
        "redrawn": {"years": years, "values": values, "draws": 20, "seed": 0},
    }


@pytest.mark.agreement
def test_the_best_line_agrees_with_scipy(rng, agreement):
    years = rng.uniform(1950, 2030, size=60)
    values = 2 ** rng.normal(5, 3, size=60)

    def reference():
        line = linregress(years - years.min(), np.log2(values))
        return np.array([line.slope, 2**line.intercept])

    agreement(
        np.array(doublings(years, values)),
        reference,
        what="doublings in a year, and the first value, of 60 random points",
        against="SciPy linregress on logarithms, float64",
        atol=1e-9,
    )


@settings(max_examples=25, deadline=None)
@given(rate=st.floats(-2, 2), start=st.floats(0.1, 1e6), n=st.integers(2, 12))
def test_what_doubles_is_found_exactly(rate, start, n):
    years = 1990 + np.arange(n) * 1.5
    found = doublings(years, start * 2 ** (rate * (years - 1990)))
    np.testing.assert_allclose(found, (rate, start), rtol=1e-8, atol=1e-10)


def test_the_draws_spread_as_the_slope_does(rng):
    """For points with noise of one doubling the spread of the slope is known."""
    years = np.linspace(0, 40, 200)
    values = 2 ** (0.5 * years + rng.normal(size=200))
    low, high = redrawn(years, values, draws=600)
    known = 1 / np.sqrt(((years - years.mean()) ** 2).sum())
    assert low < doublings(years, values)[0] < high
    assert 0.6 * 3.92 * known < high - low < 1.5 * 3.92 * known


@pytest.mark.parametrize("count", [5, 12])
def test_the_interval_is_the_middle_of_a_thousand_draws(rng, count):
    """Some draws of five points have one year only; they have no slope and are drawn again."""
    years = np.array([2000, 2000, *np.linspace(2001, 2003, count - 2)])
    values = rng.uniform(1, 90, size=count)
    drawn, slopes, again = np.random.default_rng(0), [], 0
    while len(slopes) < 1000:
        i = drawn.integers(count, size=count)
        if len(set(years[i])) == 1:
            again += 1
        else:
            slopes.append(linregress(years[i], np.log2(values[i])).slope)
    assert (again > 0) == (count == 5)
    np.testing.assert_allclose(redrawn(years, values), np.percentile(slopes, [2.5, 97.5]))


@pytest.mark.parametrize(
    ("years", "values", "message"),
    [
        ([2000, 2000], [1.0, 2.0], "two different years"),
        ([2000, 2001], [1.0, 0.0], "above 0"),
        ([2000, 2001], [1.0, -3.0], "above 0"),
    ],
)
def test_what_has_no_doubling_time_is_refused(years, values, message):
    with pytest.raises(ValueError, match=message):
        doublings(np.array(years), np.array(values))


def test_the_loop_is_a_dot_product(rng):
    x, y = rng.normal(size=(2, 50))
    assert loop_dot(x.tolist(), y.tolist()) == pytest.approx(x @ y)
    with pytest.raises(ValueError, match="shorter"):
        loop_dot([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("quantity", "count"), [("transistors", 99), ("clock", 101), ("cores", 90)]
)
def test_the_chips_are_in_order_and_positive(quantity, count):
    years, values = data.processors(quantity)
    assert len(years) == len(values) == count
    assert (np.diff(years) >= 0).all()
    assert years[0] == 1971.875
    assert (values > 0).all()
    assert years[-1] < 2022


def test_an_unknown_quantity_is_named():
    with pytest.raises(ValueError, match="no quantity 'speed'; expected one of transistors, clock"):
        data.processors("speed")


SCRIPT = "docs/why_now/hardware.js"


@pytest.mark.browser
def test_the_figures_line_is_pythons(js, rng):
    years, values = data.processors("clock")
    of = rng.choice(len(years), size=40, replace=False)
    ours = doublings(years[of], values[of])
    theirs = js(SCRIPT, "fit", years[of].tolist(), values[of].tolist())
    np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-12)
    off = np.log2(values[of]) - np.log2(ours[1]) - ours[0] * (years[of] - years[of].min())
    missed = js(SCRIPT, "miss", years[of].tolist(), values[of].tolist(), *ours)
    assert missed == pytest.approx(2 ** np.sqrt(np.mean(off**2)), rel=1e-9)
