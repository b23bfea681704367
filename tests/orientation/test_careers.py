"""Percentiles against fractions and NumPy, the data file, and the page's widgets against Python."""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from introdl.orientation.careers import (
    fit_lognormal,
    load,
    lognormal_percentile,
    parse,
    percentile,
    weighted_percentile,
)

ROOT = Path(__file__).parents[2]
SCRIPT = "docs/orientation/careers.js"


def odd_input(rng):
    x = rng.normal(size=6)
    return {
        "percentile": {"x": x, "p": 30},
        "weighted_percentile": {"x": x, "w": rng.random(6) + 0.1, "p": 30},
        "fit_lognormal": {"p": np.array([25, 50, 75]), "q": np.sort(rng.random(3)) + 1},
        "lognormal_percentile": {"p": np.array([10, 90]), "mu": 1.0, "sigma": 0.5},
    }


def by_counting(x, p):
    """The definition, in whole numbers: the smallest value that enough others do not exceed."""
    return min(v for v in x if Fraction(sum(u <= v for u in x), len(x)) >= Fraction(p, 100))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=20), st.integers(1, 100))
def test_a_percentile_is_what_counting_finds(x, p):
    assert percentile(np.array(x), p) == by_counting(x, p)
    assert percentile(np.array(x), 0) == min(x)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 4)), min_size=1, max_size=12),
    st.integers(1, 100),
)
def test_a_weight_is_so_many_people(pairs, p):
    people = [v for v, count in pairs for _ in range(count)]
    x, w = np.array(pairs).T
    if not people:
        with pytest.raises(ValueError, match="w must be at least 0, and not 0 everywhere"):
            weighted_percentile(x, w, p)
    else:
        assert weighted_percentile(x, w, p) == by_counting(people, p)
        assert weighted_percentile(x, w, 0) == min(people)


@pytest.mark.agreement
def test_percentiles_equal_numpy(rng, agreement):
    # Eighths of a hundred, so that NumPy's rank is exact and no rounding decides it.
    x, places = rng.normal(size=64), np.arange(12.5, 100.1, 12.5)
    agreement(
        [percentile(x, p) for p in places],
        lambda: np.percentile(x, places, method="inverted_cdf"),
        what="percentiles of 64 numbers",
        against="numpy.percentile, inverted_cdf, float64",
        atol=0,
    )


@pytest.mark.agreement
def test_weighted_percentiles_equal_numpy(rng, agreement):
    x, w, places = rng.normal(size=64), rng.integers(1, 9, size=64), [10.3, 33.3, 77.7]
    agreement(
        [weighted_percentile(x, w, p) for p in places],
        lambda: np.percentile(x, places, weights=w, method="inverted_cdf"),
        what="weighted percentiles of 64 numbers",
        against="numpy.percentile with weights, float64",
        atol=0,
    )


@pytest.mark.agreement
def test_the_fit_equals_a_regression(rng, agreement):
    p, q = np.array([10.0, 25, 50, 75, 90]), np.exp(np.sort(rng.normal(11, 0.5, size=5)))

    def reference():
        line = stats.linregress(stats.norm.ppf(p / 100), np.log(q))
        return [line.intercept, line.slope]

    agreement(
        fit_lognormal(p, q),
        reference,
        what="log-normal fit through five percentiles",
        against="scipy.stats.linregress, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_percentiles_of_the_curve_equal_scipy(rng, agreement):
    p, mu, sigma = np.array([0.5, 1, 30, 50, 80, 99.5]), rng.normal(), rng.uniform(0.1, 1)
    agreement(
        lognormal_percentile(p, mu, sigma),
        lambda: stats.lognorm.ppf(p / 100, sigma, scale=np.exp(mu)),
        what="percentiles of a log-normal curve",
        against="scipy.stats.lognorm, float64",
        atol=1e-10,
    )


def test_a_curve_is_found_again_from_its_percentiles():
    p = [10, 25, 50, 75, 90]
    assert fit_lognormal(p, lognormal_percentile(p, 11.5, 0.4)) == pytest.approx((11.5, 0.4))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: percentile([1, 2], 101), "p must be from 0 to 100"),
        (lambda: percentile([1, 2], -1), "p must be from 0 to 100"),
        (lambda: weighted_percentile([1, 2], [1, -1], 50), "w must be at least 0"),
        (lambda: fit_lognormal([25, 75], [0, 1]), "q must be above 0"),
        (lambda: fit_lognormal([50, 50], [1, 2]), "two different percentiles"),
        (lambda: lognormal_percentile([0], 0, 1), "p must be between 0 and 100"),
        (lambda: fit_lognormal([50, 100], [1, 2]), "p must be between 0 and 100"),
    ],
)
def test_what_has_no_answer_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_every_figure_has_its_source():
    bibliography = (ROOT / "docs/reference/bibliography.bib").read_text("utf-8")
    for pay in load():
        assert f"{{{pay.source.cite}," in bibliography
        assert re.search(r"\b20\d\d\b", pay.source.year)
        assert re.search(r"\b20\d\d-\d\d-\d\d\b", pay.source.checked)
        assert pay.source.per in ("year", "hour")
        assert all((pay.source.table, pay.source.currency, pay.source.name))
    assert {pay.source.country for pay in load()} == {"United States", "Canada"}


def test_every_code_of_a_role_has_its_figures():
    roles = tomllib.loads((ROOT / "docs/reference/roles.toml").read_text("utf-8"))["role"]
    assert len(roles) == 8
    known = {pay.code for pay in load()}
    for role in roles:
        codes = re.findall(r"\d\d-\d{4}|\d{5}", role["coded"])
        assert codes, role["title"]
        assert set(codes) <= known, role["title"]


SOURCE = """
[[source]]
key = "x"
country = "X"
name = "n"
table = "t"
year = "2024"
currency = "$"
per = "year"
cite = "c"
checked = "2026-01-01"
"""
PAY = '[[pay]]\nsource = "x"\ncode = "7"\ntitle = "T"\nmean = {mean}\npercentiles = {{ {q} }}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no \\[\\[pay\\]\\]"),
        (SOURCE + PAY.format(mean=5, q="10 = 4, 50 = 3, 90 = 9"), "7: percentiles must rise"),
        (SOURCE + PAY.format(mean=5, q="50 = 4, 10 = 5"), "7: percentiles must rise"),
        (SOURCE + PAY.format(mean=5, q="10 = 4, 90 = 9"), "7: .* the 50th must be among them"),
        (SOURCE + PAY.format(mean=99, q="10 = 4, 50 = 5, 90 = 9"), "7: the mean must lie"),
        (SOURCE + PAY.format(mean=5, q="0 = 4, 50 = 5, 90 = 9"), "7: the mean must lie"),
        (SOURCE + 2 * PAY.format(mean=5, q="10 = 4, 50 = 5, 90 = 9"), "7: listed twice"),
        (SOURCE.replace("per =", "par ="), "x: .*par"),
        (PAY.format(mean=5, q="10 = 4, 50 = 5, 90 = 9"), "7: 'x'"),
    ],
)
def test_a_mistake_in_the_data_is_named(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text)


@pytest.mark.browser
def test_the_middles_of_the_page_equal_numpy(js, rng):
    for size in (1, 2, 5, 6):
        x = rng.integers(0, 400, size=size).tolist()
        found = js(SCRIPT, "middles", x)
        assert found["mean"] == pytest.approx(np.mean(x))
        assert found["median"] == pytest.approx(np.median(x))


@pytest.mark.browser
def test_the_way_has_its_lessons_and_minutes(js):
    def row(title, reading, practice, *marks):
        return {"title": title, "reading": reading, "practice": practice, "marks": marks}

    rows = [row("A", 5, 10, "○", ""), row("B", 15, 0, "●", "●"), row("C", 20, 30, "", "●")]
    found = js(SCRIPT, "wayOf", rows, 0)
    assert [lesson["title"] for lesson in found["on"]] == ["A", "B"]
    assert [lesson["title"] for lesson in found["out"]] == ["C"]
    assert (found["reading"], found["practice"]) == (20, 10)
    found = js(SCRIPT, "wayOf", rows, 1)
    assert (found["reading"], found["practice"]) == (35, 30)


@pytest.mark.browser
def test_minutes_become_hours_from_two_hours_on(js):
    said = [js(SCRIPT, "inWords", minutes) for minutes in (0, 115, 120, 134, 150, 170)]
    assert said == ["0 minutes", "115 minutes", "2 hours", "2 hours", "2½ hours", "3 hours"]
