"""Measures, the written rule and the cuts against loops; the page's widget against Python."""

from __future__ import annotations

import re
from collections import deque
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl import data
from introdl.orientation.what_is_deep_learning import (
    MEASURES,
    cut,
    limits_say,
    measures,
    written_rule,
)

ROOT = Path(__file__).parents[2]
SCRIPT = "docs/orientation/what_is_deep_learning.js"


def odd_input(rng):
    return {
        "measures": {"X": rng.random((3, 5, 6))},
        "written_rule": {"M": rng.random((4, 7)) * 2},
        "limits_say": {"V": rng.random((5, 2)), "limits": rng.random(2), "both": True},
    }


def patches_inside(paper):
    """Cells of each patch of paper that does not reach the edge: a flood from each cell."""
    H, W = len(paper), len(paper[0])
    seen, inside = set(), []
    for start in ((r, c) for r in range(H) for c in range(W) if paper[r][c]):
        if start in seen:
            continue
        seen.add(start)
        queue, patch, edge = deque([start]), [], False
        while queue:
            r, c = queue.popleft()
            patch.append((r, c))
            edge = edge or r in (0, H - 1) or c in (0, W - 1)
            for near in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                a, b = near
                if 0 <= a < H and 0 <= b < W and paper[a][b] and near not in seen:
                    seen.add(near)
                    queue.append(near)
        if not edge:
            inside.append(patch)
    return inside


def by_loops(picture):
    """The seven measures of one picture, pixel by pixel."""
    H, W = len(picture), len(picture[0])
    cells = [(r, c, picture[r][c]) for r in range(H) for c in range(W)]
    total = sum(v for *_, v in cells)
    left = sum(v for _, c, v in cells if c < W // 2) / total if total else 0.5
    top = sum(v for r, _, v in cells if r < H // 2) / total if total else 0.5
    columns = [c for _, c, v in cells if v >= 0.5]
    width = max(columns) - min(columns) + 1 if columns else 0
    strokes = rows = 0
    for row in picture:
        text = "".join("#" if v >= 0.5 else "." for v in row)
        strokes += len(re.findall("#+", text))
        rows += "#" in text
    inside = patches_inside([[v < 0.5 for v in row] for row in picture])
    heights = [r + 0.5 for patch in inside for r, _ in patch]
    at = sum(heights) / len(heights) / H if heights else 0.5
    return [total / (H * W), left, top, width, strokes / max(rows, 1), len(inside), at]


@pytest.mark.agreement
def test_measures_equal_loops(rng, agreement):
    digits = data.mnist()[0][::250]
    agreement(
        measures(digits),
        lambda: np.array([by_loops(picture.tolist()) for picture in digits]),
        what="seven measures of 20 real digits",
        against="loops over pixels and a flood fill, float64",
        atol=1e-12,
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(*[st.integers(1, 9)] * 2),
    ink=st.floats(0, 1),
)
def test_measures_of_any_picture(seed, shape, ink):
    rng = np.random.default_rng(seed)
    X = rng.random((3, *shape)) * (rng.random((3, *shape)) < ink)
    X = np.where(rng.random(X.shape) < 0.2, 0.5, X)  # a pixel of exactly one half is ink
    expected = [by_loops(picture.tolist()) for picture in X]
    np.testing.assert_allclose(measures(X), expected, atol=1e-12)


def test_an_empty_sheet_has_halves_and_no_holes():
    assert measures(np.zeros((1, 6, 6))).tolist() == [[0, 0.5, 0.5, 0, 0, 0, 0.5]]


def test_paper_is_not_connected_across_a_corner():
    diamond = np.zeros((5, 5))
    diamond[[1, 2, 2, 3], [2, 1, 3, 2]] = 1
    assert measures(diamond[None])[0, MEASURES.index("holes")] == 1


def one_by_one(m):
    """The rule as a person would say it."""
    m = dict(zip(MEASURES, m, strict=True))
    if m["holes"] >= 2:
        return 8
    if m["holes"] == 1:
        if m["hole_at"] < 0.45:
            return 9
        return 6 if m["top"] < 0.44 else 0
    if m["strokes"] < 1.05:
        return 1
    if m["top"] > 0.53:
        return 7
    if m["strokes"] > 1.4:
        return 4
    if m["left"] > 0.45:
        return 5
    return 2 if m["top"] < 0.44 else 3


def test_the_written_rule_is_its_list_of_questions():
    M = measures(data.mnist()[0][::3])
    said = written_rule(M)
    assert said.tolist() == [one_by_one(m) for m in M]
    assert set(said.tolist()) == set(range(10))


def test_limits_on_and_beside_the_line():
    V = [[1, 1], [1, 2], [2, 1], [2, 2]]
    assert limits_say(V, [1, 1], both=True).tolist() == [False, False, False, True]
    assert limits_say(V, [1, 1], both=False).tolist() == [False, True, True, True]


def test_a_word_for_both_is_refused():
    with pytest.raises((TypeError, ValueError), match="both"):
        limits_say([[1, 1]], [1, 1], both="or")


def test_a_cut_parts_the_digits_and_never_scores_on_what_was_looked_at():
    _, y = data.mnist()
    tests = []
    for seed in range(3):
        train, test = cut(seed)
        assert (len(train), len(test)) == (4000, 1000)
        assert sorted([*train, *test]) == list(range(5000))
        assert np.bincount(y[test]).tolist() == [100] * 10
        assert (test % 500 >= 100).all()
        tests.append(set(test.tolist()))
    assert all(a != b for a, b in combinations(tests, 2))
    assert np.array_equal(cut(1)[1], cut(1)[1])


def test_the_nets_of_page_and_example_are_the_same():
    page = (ROOT / "docs/orientation/what_is_deep_learning.md").read_text(encoding="utf-8")
    example = (ROOT / "examples/orientation/what_is_deep_learning.py").read_text(encoding="utf-8")
    [block] = re.findall(r"^def deep_net.*?return net$", page, re.MULTILINE | re.DOTALL)
    assert block in example


@pytest.mark.browser
def test_the_page_scores_a_rule_as_python_does(js, rng):
    for _ in range(6):
        V = rng.normal(size=(40, 2)).round(1)
        limits = rng.normal(size=2).round(1)
        limits[0] = V[0, 0]  # a measure on its limit
        eight = rng.integers(0, 2, size=40)
        for both in (True, False):
            expected = limits_say(V, limits, both=both)
            given = V.tolist(), limits.tolist(), both
            assert js(SCRIPT, "limitsSay", *given) == expected.tolist()
            found = js(SCRIPT, "right", V.tolist(), eight.tolist(), limits.tolist(), both)
            assert found == int((expected == (eight == 1)).sum())


@pytest.mark.browser
def test_the_page_says_the_rule_in_words(js):
    said = js(SCRIPT, "rule", ["ink", "holes"], [0.1234, 0.5], True)
    assert said == "An 8 has ink above 0.12 and holes above 0.50."
    said = js(SCRIPT, "rule", ["left", "strokes"], [0.4, 1.0], False)
    assert said == "An 8 has left share above 0.40 or strokes above 1.00."
