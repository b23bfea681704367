"""Means with Student's interval, against SciPy's own, and what a difference must do to be seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from introdl.intervals import Interval, mean_interval, paired, seen


@given(seed=st.integers(0, 2**31), count=st.integers(2, 40), spread=st.floats(0.01, 100))
@settings(deadline=None)
def test_interval_is_scipys(seed: int, count: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.normal(3, spread, count), rng.normal(0, spread, count)
    alone = stats.ttest_1samp(one, 0).confidence_interval(0.95)
    found = mean_interval(one)
    np.testing.assert_allclose([found.low, found.high], alone, rtol=1e-10, atol=1e-10)
    both = stats.ttest_rel(one, other).confidence_interval(0.95)
    found = paired(one, other)
    np.testing.assert_allclose([found.low, found.high], both, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found.mean, np.mean(one) - np.mean(other), atol=1e-10 * spread)


def test_interval_holds_the_true_mean_95_times_of_100(rng: np.random.Generator) -> None:
    held = [
        found.low <= 2 <= found.high
        for found in map(mean_interval, rng.normal(2, 1, size=(4000, 5)))
    ]
    # Five standard errors of a share of 4,000.
    assert abs(np.mean(held) - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 4000)


def test_pairs_share_their_luck(rng: np.random.Generator) -> None:
    luck = rng.normal(0, 10, 20)
    one, other = luck + 1 + rng.normal(0, 0.1, 20), luck + rng.normal(0, 0.1, 20)
    assert paired(one, other).sign == 1
    assert paired(other, one).sign == -1
    assert paired(one, other).half < mean_interval(one).half / 10


def test_the_sign_is_zero_where_the_interval_holds_zero() -> None:
    for mean, half, sign in [(2, 1, 1), (-2, 1, -1), (1, 2, 0), (-1, 2, 0), (1, 1, 0), (0, 0, 0)]:
        assert Interval(mean, half).sign == sign
    assert Interval(3, 0.5)[:] == (3, 0.5)
    assert (Interval(3, 0.5).low, Interval(3, 0.5).high) == (2.5, 3.5)


def test_as_text_it_has_a_true_minus_sign_and_no_place_to_break() -> None:
    assert Interval(-1.25, 0.54).text(2) == "\N{MINUS SIGN}1.25\u00a0±\u00a00.54"
    assert Interval(1.26, 0.5).text() == "+1.3\u00a0±\u00a00.5"


def test_a_difference_is_seen_where_all_blocks_say_the_same() -> None:
    up, down, none = (2.0, 1.0), (-2.0, 1.0), (0.5, 1.0)
    assert seen([up, up]) == 1
    assert seen([down, down]) == -1
    assert seen(iter([up])) == 1
    for blocks in ([up, none], [none, up], [down, up], [up, down], [none, none], [down, none]):
        assert seen(blocks) == 0
    with pytest.raises(ValueError, match="blocks is empty"):
        seen([])


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool, np.float32])
def test_small_types_do_not_wrap(dtype: type) -> None:
    one, other = np.array([1, 0, 1, 1], dtype=dtype), np.array([0, 1, 0, 1], dtype=dtype)
    expected = paired(one.astype(float), other.astype(float))
    assert paired(one, other) == expected
    assert paired(list(one), list(other)) == expected
    assert mean_interval(one) == mean_interval(one.astype(float))


@pytest.mark.parametrize("odd", [[], [1.0], [1.0, np.nan], [1.0, np.inf], [[1.0, 2.0], [3.0, 4.0]]])
def test_odd_numbers_are_refused(odd: list[float]) -> None:
    with pytest.raises(ValueError, match="values"):
        mean_interval(np.array(odd))
    with pytest.raises(ValueError, match=r"paired\(\): one|one holds"):
        paired(np.array(odd), np.array(odd))


def test_what_are_no_pairs_is_refused() -> None:
    with pytest.raises(ValueError, match=r"other has shape \(3,\), expected \(N,\) with N = 2"):
        paired(np.ones(2), np.ones(3))
    with pytest.raises(TypeError, match="no array of numbers"):
        mean_interval(np.array(["a", "b"]))
