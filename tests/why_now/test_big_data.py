"""Sizes, borders, curves and the power law against independent references; the page's figure."""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from introdl.why_now.big_data import (
    UNITS,
    border_room,
    fit_power_law,
    human_size,
    learning_curve,
)

ROOT = Path(__file__).parents[2]
SCRIPT = "docs/why_now/big_data.js"

SAME = {
    "if (hundredths > 10000):": "100 is written alike by both rules",
    "if hundredths >= 10001:": "100 is written alike by both rules",
    "elif (hundredths > 1000):": "10 is written alike by both rules",
    "elif hundredths >= 1001:": "10 is written alike by both rules",
    "slope = np.sum(away * ((v + v.mean()))) / np.sum(away**2)": "`away` adds up to 0",
    "slope = np.sum(away * (v - (v.sum()))) / np.sum(away**2)": "`away` adds up to 0",
}


def odd_input(rng):
    y = np.array([0, 0, 1, 1])
    return {
        "border_room": {"x": np.array([1.0, 2.0, 5.0, 7.0]), "y": y},
        "fit_power_law": {
            "n": rng.integers(1, 100, size=4) * 1.0 + [0, 100, 200, 300],
            "error": rng.random(4) + 0.1,
        },
        "learning_curve": {
            "answers": lambda rows, asked: np.full(len(asked), 3 + len(rows)),
            "y": np.array([3, 5, 3, 7, 5, 5, 7, 3]),
            "train": np.array([3, 1, 4, 6]),
            "test": np.array([0, 5, 2]),
            "sizes": [1, 2],
        },
    }


def in_words(count):
    """The same with decimal arithmetic."""
    step = max((k for k in range(len(UNITS)) if count >= 1000**k), default=0)
    value = Decimal(count) / 1000**step
    places = max(0, 3 - len(str(int(value)))) if step else 0
    cut = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR)
    number = f"{cut:,}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number} {UNITS[step]}{'' if number == '1' else 's'}"


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 28).flatmap(lambda k: st.integers(0, 10**k)))
def test_a_size_in_words_is_that_of_decimal_arithmetic(count):
    assert human_size(count) == in_words(count)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kilobyte"),
        (999_999, "999 kilobytes"),
        (99_990, "99.9 kilobytes"),
        (10**18, "1 exabyte"),
        (175 * 10**21, "175 zettabytes"),
        (10**25, "10,000 zettabytes"),
        (47_040_000, "47 megabytes"),
    ],
)
def test_sizes_that_people_know(count, words):
    assert human_size(count) == words


@pytest.mark.parametrize("count", [-1, 1.5, True, float("nan")])
def test_what_is_no_count_of_bytes_is_refused(count):
    with pytest.raises(ValueError, match=r"human_size|NaN"):
        human_size(count)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(2, 30))
def test_borders_in_the_room_divide_and_others_do_not(seed, count):
    rng = np.random.default_rng(seed)
    x = rng.permutation(np.arange(count) + rng.random(count) * 0.5)
    y = (x > np.sort(x)[rng.integers(0, count - 1)]).astype(int)
    low, high = border_room(x, y)
    for border in (low + 1e-9, (low + high) / 2, high - 1e-9):
        assert ((x > border) == (y == 1)).all()
    for border in (low - 1e-9, high + 1e-9):
        assert not ((x > border) == (y == 1)).all()


def test_points_that_no_border_divides_are_refused():
    for x in ([1, 3, 2], [1, 2, 2]):
        with pytest.raises(ValueError, match="not left"):
            border_room(x, [0, 0, 1])
    with pytest.raises(ValueError, match="at least one"):
        border_room([1, 2], [1, 1])


@pytest.mark.agreement
def test_the_power_law_is_a_regression_on_logarithms(rng, agreement):
    n = np.sort(rng.uniform(1, 5000, size=8))
    error = rng.uniform(0.01, 90, size=8)

    def reference():
        line = stats.linregress(np.log(n), np.log(error))
        return np.array([np.exp(line.intercept), -line.slope])

    found = fit_power_law(n, error)
    agreement(
        found[1:],
        lambda: reference()[1:],
        what="exponent of a power law through 8 random errors",
        against="scipy.stats.linregress on logarithms, float64",
        atol=1e-10,
    )
    np.testing.assert_allclose(found, reference(), rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(a=st.floats(0.01, 100), b=st.floats(-2, 2), count=st.integers(2, 9))
def test_an_exact_power_law_is_found(a, b, count):
    n = 0.5 * 2 ** np.arange(count)
    np.testing.assert_allclose(fit_power_law(n, a * n**-b), [a, b], rtol=1e-8, atol=1e-9)


def test_what_has_no_logarithm_is_refused():
    for n, error in [([0, 1], [1, 1]), ([1, 2], [0, 1]), ([1, 2], [1, -1])]:
        with pytest.raises(ValueError, match="above 0"):
            fit_power_law(n, error)
    with pytest.raises(ValueError, match="two different"):
        fit_power_law([3, 3], [1, 2])


def test_a_curve_learns_from_the_first_examples_and_scores_the_others():
    y = np.array([0, 1, 1, 0, 1, 1])
    train, test = np.array([3, 1, 4]), np.array([0, 5, 2])
    asked = []

    def commonest(rows, others):
        asked.append((rows.tolist(), others.tolist()))
        return np.full(len(others), np.bincount(y[rows]).argmax())

    curve = learning_curve(commonest, y, train, test, [1, 3])
    np.testing.assert_allclose(curve, [1 / 3, 2 / 3])
    assert asked == [([3], [0, 5, 2]), ([3, 1, 4], [0, 5, 2])]


def test_a_curve_refuses_to_score_on_what_it_learned():
    y = np.zeros(4, dtype=int)

    def zeros(rows, asked):
        return np.zeros(len(asked))

    with pytest.raises(ValueError, match="among those"):
        learning_curve(zeros, y, np.array([0, 1]), np.array([1, 2]), [1])
    with pytest.raises(ValueError, match="empty"):
        learning_curve(zeros, y, np.array([0, 1]), np.array([], dtype=int), [1])
    for train, test, odd in (([-1, 0], [1], -1), ([0, 4], [1], 4), ([0], [1, 7, 9], 7)):
        with pytest.raises(ValueError, match=f"4 labels, no number {odd}"):
            learning_curve(zeros, y, np.array(train), np.array(test), [1])
    for n in (0, 3):
        with pytest.raises(ValueError, match=f"size {n}"):
            learning_curve(zeros, y, np.array([0, 1]), np.array([2]), [n])


def test_the_net_of_page_and_example_is_the_same():
    page = (ROOT / "docs/why_now/big_data.md").read_text(encoding="utf-8")
    example = (ROOT / "examples/why_now/big_data.py").read_text(encoding="utf-8")
    [block] = re.findall(r"^def net\(\):\n(?:    .*\n)+", example, re.MULTILINE)
    assert block in page


@pytest.mark.browser
def test_the_figure_fills_the_cells_of_class_1(js, rng):
    for side in (1, 7, 32):
        image = rng.integers(0, 2, size=(side, side))
        filled = np.zeros_like(image)
        for row, first, last in js(SCRIPT, "runs", "".join(map(str, image.ravel())), side):
            assert first < last
            filled[row, first:last] += 1
        assert (filled == image).all()


@pytest.mark.browser
def test_the_figure_says_shares(js):
    said = js(SCRIPT, "words", 32, {"linear model": 1650, "SVM": 2000, "deep net": 1001}, 2000)
    assert said == (
        "32 points learned. Right answers on 2,000 fresh points: linear model 82.5 %, SVM 100.0 %, "
        "deep net 50.0 %."
    )
