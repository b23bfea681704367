"""Scattering, costs, gains and effects against independent ways; the page's widget against both."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from introdl import data
from introdl.why_now.perfect_storm import (
    ORDERS,
    SWITCHES,
    effects,
    learning_cost,
    left_over,
    orders,
    scatter,
)

ROOT = Path(__file__).parents[2]
SCRIPT = "docs/why_now/perfect_storm.js"


def odd_input(rng):
    cells = {"cells": rng.normal(size=(2, 2, 2))}
    return {
        "scatter": {"X": rng.random((3, 28, 28)), "seed": 0},
        "learning_cost": {"layers": rng.integers(1, 50, size=(3, 2))},
        "left_over": cells,
        "orders": cells,
        "effects": cells,
    }


def test_a_digit_keeps_its_ink_and_its_shape():
    X = data.mnist()[0][::100]
    sheets = scatter(X, seed=3)
    assert sheets.shape == (50, 16, 16)
    for digit, sheet in zip(X, sheets, strict=True):
        small = np.array(
            [
                [
                    np.mean([digit[4 + 2 * r + a, 4 + 2 * c + b] for a in (0, 1) for b in (0, 1)])
                    for c in range(10)
                ]
                for r in range(10)
            ]
        )
        places = [
            (r, c)
            for r, c in product(range(7), repeat=2)
            if np.allclose(sheet[r : r + 10, c : c + 10], small, atol=1e-12)
        ]
        assert places
        assert sheet.sum() == pytest.approx(small.sum())


def test_every_place_is_met_and_the_seed_decides():
    dots = np.zeros((2000, 28, 28))
    dots[:, 4:6, 4:6] = 1
    sheets = scatter(dots, seed=1)
    found = {tuple(place) for place in np.argwhere(sheets)[:, 1:].tolist()}
    assert found == set(product(range(7), repeat=2))
    assert np.array_equal(sheets, scatter(dots, seed=1))
    assert not np.array_equal(sheets, scatter(dots, seed=2))


def page_nets():
    """The two nets of the page, from its own code."""
    page = (ROOT / "docs/why_now/perfect_storm.md").read_text(encoding="utf-8")
    [code] = re.findall(r"^def shallow_net.*?nn\.Linear\(16, 10\)\)$", page, re.M | re.S)
    names = {"nn": torch.nn}
    exec(code, names)
    return {
        names["shallow_net"]: [(10, 256)],
        names["deep_net"]: [(7 * 7 * 8, 16), (5 * 5 * 16, 72), (10, 16)],
    }


def test_the_cost_of_learning_is_what_pytorch_counts():
    for net, layers in page_nets().items():
        made, N = net(), 3
        with FlopCounterMode(display=False) as counter:
            made(torch.rand(N, 1, 16, 16)).sum().backward()
        assert counter.get_total_flops() == 2 * N * learning_cost(np.array(layers))


def test_layers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        learning_cost(np.array([[10, 0]]))
    assert learning_cost(np.array([[1, 1]])) == 2


def test_page_and_example_have_the_same_nets_and_training():
    page = (ROOT / "docs/why_now/perfect_storm.md").read_text(encoding="utf-8")
    example = (ROOT / "examples/why_now/perfect_storm.py").read_text(encoding="utf-8")
    [code] = re.findall(r"^def shallow_net.*?return net$", page, re.M | re.S)
    assert code in example
    runs = re.findall(r"(\d+), (\d+), ([\d.]+)\)$", page, re.M)[:2]
    assert runs == [("20", "621", "0.25"), ("200", "32", "0.01")]


TABLES = st.integers(0, 2**32 - 1).map(lambda s: np.random.default_rng(s).normal(size=(2, 2, 2)))


@settings(max_examples=25, deadline=None)
@given(cells=TABLES)
def test_left_over_is_the_pairs_and_the_three(cells):
    alone, together, left = left_over(cells)
    off = cells[0, 0, 0]
    assert alone == pytest.approx([cells[k] - off for k in ((1, 0, 0), (0, 1, 0), (0, 0, 1))])
    assert together == pytest.approx(cells[1, 1, 1] - off)
    # Inclusion and exclusion over what two and three switches add beyond smaller sets.
    added = {}
    for cell in sorted(product((0, 1), repeat=3), key=sum):
        below = [c for c in added if all(a <= b for a, b in zip(c, cell, strict=True))]
        added[cell] = cells[cell] - sum(added[c] for c in below)
    rest = sum(value for cell, value in added.items() if sum(cell) >= 2)
    assert left == pytest.approx(rest)


@settings(max_examples=25, deadline=None)
@given(cells=TABLES)
def test_each_order_climbs_to_the_top(cells):
    gains = orders(cells)
    assert gains.shape == (6, 3)
    assert gains.sum(axis=1) == pytest.approx(cells[1, 1, 1] - cells[0, 0, 0])
    assert len(set(ORDERS)) == 6
    for row, (first, second, third) in zip(gains, ORDERS, strict=True):
        one, two = np.zeros(3, int), np.zeros(3, int)
        one[first] = two[first] = two[second] = 1
        assert row[first] == pytest.approx(cells[tuple(one)] - cells[0, 0, 0])
        assert row[second] == pytest.approx(cells[tuple(two)] - cells[tuple(one)])
        assert row[third] == pytest.approx(cells[1, 1, 1] - cells[tuple(two)])


@pytest.mark.agreement
def test_effects_equal_a_least_squares_fit(rng, agreement):
    cells = rng.normal(size=(2, 2, 2))

    def fitted():
        d, t, c = np.array(list(product((-1, 1), repeat=3))).T
        terms = np.column_stack([d**0, c, t, t * c, d, d * c, d * t, d * t * c])
        found = 2 * np.linalg.lstsq(terms.astype(float), cells.ravel(), rcond=None)[0]
        found[0] /= 2
        return found.reshape(2, 2, 2)

    agreement(
        effects(cells),
        fitted,
        what="effects and interactions of three switches",
        against="NumPy's least squares on columns of −1 and +1, float64",
        atol=1e-12,
    )


def test_effects_by_their_definition(rng):
    cells = rng.normal(size=(2, 2, 2))
    kept = cells.copy()
    found = effects(cells)
    assert np.array_equal(cells, kept)
    assert found[0, 0, 0] == pytest.approx(cells.mean())
    assert found[1, 0, 0] == pytest.approx(cells[1].mean() - cells[0].mean())
    assert found[0, 1, 0] == pytest.approx(cells[:, 1].mean() - cells[:, 0].mean())
    assert found[0, 0, 1] == pytest.approx(cells[..., 1].mean() - cells[..., 0].mean())
    pair = [(cells[1, 1, c] - cells[0, 1, c] - cells[1, 0, c] + cells[0, 0, c]) / 2 for c in (0, 1)]
    assert found[1, 1, 0] == pytest.approx(np.mean(pair))
    assert found[1, 1, 1] == pytest.approx((pair[1] - pair[0]) / 2)


def test_the_tables_by_hand():
    cells = np.array([[[10, 12], [20, 24]], [[14, 20], [30, 60]]])
    alone, together, left = left_over(cells)
    assert (alone.tolist(), together, left) == ([4, 10, 2], 50, 34)
    assert orders(cells)[ORDERS.index((2, 0, 1))].tolist() == [8, 40, 2]
    cells[1, 1, 1] = 24
    assert left_over(cells)[2] == -2
    assert SWITCHES == ("depth", "data", "computing")


@pytest.mark.browser
def test_the_page_climbs_as_python_does(js, rng):
    for _ in range(3):
        cells = rng.normal(size=(2, 2, 2))
        values = {"".join(map(str, c)): cells[c] for c in product((0, 1), repeat=3)}
        for order, gains in zip(ORDERS, orders(cells), strict=True):
            steps = js(SCRIPT, "climb", values, list(order))
            assert [step["which"] for step in steps] == list(order)
            found = [step["after"] - step["before"] for step in steps]
            assert found == pytest.approx([gains[k] for k in order])


@pytest.mark.browser
def test_the_page_takes_any_link_and_says_what_it_shows(js):
    assert js(SCRIPT, "clean", [2, 2, 7, "x", 0]) == [2, 0]
    assert js(SCRIPT, "clean", "no list") == []
    assert js(SCRIPT, "cellOf", [2, 0]) == "101"
    cells = {
        "".join(map(str, c)): {"right": 10.0 + 30 * c[0] * c[2], "half": 1.5}
        for c in product((0, 1), repeat=3)
    }
    said = [js(SCRIPT, "told", list(SWITCHES), cells, p, 33) for p in ([], [0, 2], [1, 2, 0])]
    assert said[0] == "All off. Such nets read 10.0 % ± 1.5 of unseen digits."
    assert said[1].startswith("On: depth and computing. Such nets read 40.0 %")
    assert said[1].endswith("The last step, computing: +30.0 points.")
    assert said[2].endswith("depth: +30.0 points. You guessed 33 %.")
    assert js(SCRIPT, "gain", -7.04) == "−7.0"
