"""Counts against loops, the area against scikit-learn, Bayes against simulation, and the figure."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from introdl.applications.cancer_cells import (
    Outcomes,
    area,
    best_limit,
    chance_of_cancer,
    fit_net,
    outcomes,
    roc,
)


def odd_input(rng):
    scores, labels = rng.normal(size=12), np.array([0, 1] * 6)
    return {
        "outcomes": {"scores": scores, "labels": labels, "limit": 0.1},
        "roc": {"scores": scores, "labels": labels},
        "area": {"scores": scores, "labels": labels},
        "chance_of_cancer": {"sensitivity": 0.9, "specificity": 0.8, "share": 0.1},
        "best_limit": {"values": scores, "labels": labels},
        "fit_net": {"X": rng.normal(size=(12, 3)), "y": labels, "seed": 0, "passes": 1},
    }


def scored(rng, n=60):
    """Scores with ties, and labels of both kinds."""
    labels = rng.permutation(np.arange(n) % 3 == 0).astype(int)
    return np.round(rng.normal(size=n) + labels, 1), labels


@pytest.mark.agreement
def test_the_area_is_that_of_scikit_learn(rng, agreement):
    scores, labels = scored(rng)
    agreement(
        area(scores, labels),
        lambda: metrics.roc_auc_score(labels, scores),
        what="area under the ROC curve of 60 scores with ties",
        against="scikit-learn roc_auc_score, float64",
        atol=1e-12,
    )


def test_the_curve_is_that_of_scikit_learn_and_holds_the_area(rng):
    scores, labels = scored(rng)
    false, true = roc(scores, labels)
    theirs = metrics.roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose([false, true], theirs[:2], atol=1e-12)
    assert np.trapezoid(true, false) == pytest.approx(area(scores, labels), abs=1e-12)


def test_the_boxes_are_those_of_a_loop(rng):
    scores, labels = scored(rng)
    limit = float(scores[7])  # a score that equals the limit does not ring
    boxes = {(sick, rings): 0 for sick in (0, 1) for rings in (False, True)}
    for score, label in zip(scores, labels, strict=True):
        boxes[int(label), bool(score > limit)] += 1
    found = outcomes(scores, labels, limit)
    assert found == (boxes[1, True], boxes[1, False], boxes[0, True], boxes[0, False])
    assert found.accuracy == metrics.accuracy_score(labels, scores > limit)
    assert found.sensitivity == metrics.recall_score(labels, scores > limit)
    assert found.specificity == metrics.recall_score(labels, scores > limit, pos_label=0)


def test_a_share_of_nobody_is_no_number():
    assert np.isnan(Outcomes(0, 0, 1, 2).sensitivity)
    assert np.isnan(Outcomes(1, 2, 0, 0).specificity)
    assert np.isnan(chance_of_cancer(0, 1, 0.5))
    assert chance_of_cancer(0.5, 0.5, 0.5) == 0.5  # as many true alarms as false ones


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_the_chance_is_a_count_of_alarms(found, missed, false, cleared):
    """Bayes' rule on the rates of a group gives back the share of its alarms that are true."""
    test = Outcomes(found, missed, false, cleared)
    sick, well = found + missed, false + cleared
    if sick and well and found + false:
        share = sick / (sick + well)
        chance = chance_of_cancer(test.sensitivity, test.specificity, share)
        assert chance == pytest.approx(found / (found + false), abs=1e-12)


@pytest.mark.parametrize("name", ["sensitivity", "specificity", "share"])
@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_what_is_no_share_is_refused(name, value):
    rates = {"sensitivity": 0.9, "specificity": 0.9, "share": 0.1} | {name: value}
    with pytest.raises(ValueError, match=f"{name} must be 0 to 1"):
        chance_of_cancer(**rates)


@pytest.mark.parametrize("function", [roc, area])
def test_one_kind_of_label_is_refused(function):
    with pytest.raises(ValueError, match="must hold both 0 and 1"):
        function(np.array([1.0, 2.0]), np.array([1, 1]))


def test_the_best_limit_is_the_smallest_that_no_other_beats(rng):
    values, labels = scored(rng)
    right = {limit: np.mean((values > limit) == labels) for limit in values}
    best = max(right.values())
    assert best_limit(values, labels) == min(v for v, share in right.items() if share == best)


def test_a_net_learns_what_a_line_cannot(rng):
    X = rng.normal(size=(200, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    net = fit_net(X, y, seed=1, passes=40)
    said = net(torch.tensor(X, dtype=torch.float32))[:, 0].detach().numpy()
    assert outcomes(said, y, 0).accuracy > 0.95
    again = fit_net(X, y, seed=1, passes=40)
    other = fit_net(X, y, seed=2, passes=40)
    weights = [next(n.parameters()) for n in (net, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_one_step_is_adamws(rng):
    """A net that sees one batch once moves as PyTorch's AdamW with these settings moves it."""
    X, y = rng.normal(size=(32, 3)), np.arange(32) % 2
    fitted = fit_net(X, y, seed=5, passes=1)
    torch.manual_seed(5)
    net = torch.nn.Sequential(
        torch.nn.Linear(3, 32),
        torch.nn.ReLU(),
        torch.nn.Linear(32, 32),
        torch.nn.ReLU(),
        torch.nn.Linear(32, 1),
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.001)
    said = net(torch.tensor(X, dtype=torch.float32))[:, 0].sigmoid()
    torch.nn.functional.binary_cross_entropy(said, torch.tensor(y, dtype=torch.float32)).backward()
    optimizer.step()
    for ours, theirs in zip(fitted.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_a_weight_without_use_only_decays(rng):
    """The first measurement is 0 everywhere: its weights shrink by rate times decay per step."""
    X, y = rng.normal(size=(32, 3)), np.arange(32) % 2
    X[:, 0] = 0
    before, after = (next(fit_net(X, y, seed=5, passes=n).parameters()) for n in (0, 200))
    ratio = (after[:, 0] / before[:, 0]).detach().numpy()
    np.testing.assert_allclose(ratio, (1 - 0.01 * 0.001) ** 200, rtol=5e-5)


def test_a_pass_takes_32_at_a_time(rng, monkeypatch):
    sizes = []
    monkeypatch.setattr(
        torch.optim.AdamW,
        "step",
        lambda self, closure=None: sizes.append(1),
    )
    fit_net(rng.normal(size=(70, 2)), np.arange(70) % 2, seed=0)
    assert len(sizes) == 30, "ten passes of three batches: 32, 32 and 6"


SCRIPT = "docs/applications/cancer_cells.js"


@pytest.mark.browser
def test_the_figure_counts_as_python_does(js, rng):
    scores, labels = scored(rng)
    for limit in (-9, float(scores[3]), 9):
        theirs = js(SCRIPT, "outcomes", scores.tolist(), labels.tolist(), limit)
        assert tuple(theirs) == outcomes(scores, labels, limit)


@pytest.mark.browser
def test_the_figures_chance_is_pythons(js, rng):
    for rates in rng.uniform(size=(20, 3)).tolist():
        assert js(SCRIPT, "chanceOfCancer", *rates) == pytest.approx(
            chance_of_cancer(*rates), abs=1e-12
        )


@pytest.mark.browser
@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0"), (0.001, "<1"), (0.01, "1"), (0.564, "56"), (0.99, "99"), (0.996, ">99"), (1, "100")],
)
def test_the_figure_rounds_no_doubt_away(js, share, text):
    assert js(SCRIPT, "percent", share) == text


@pytest.mark.browser
def test_the_figures_people_are_a_thousand(js, rng):
    for sensitivity, specificity in rng.uniform(size=(5, 2)).tolist():
        found, missed, false, cleared = js(SCRIPT, "people", sensitivity, specificity, 40)
        assert found + missed == 40
        assert false + cleared == 960
        assert abs(found - 40 * sensitivity) <= 0.5
        assert abs(cleared - 960 * specificity) <= 0.5
