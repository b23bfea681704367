"""The neuron against scikit-learn, PyTorch's autograd, SciPy and numbers by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from introdl import data
from introdl.networks.neuron import (
    Group,
    Neuron,
    calibration,
    cheapest_threshold,
    fit_torch,
    newton,
    sigmoid,
    surprise,
)

#: Mutants that change nothing a test could see.
SAME = {
    "return np.where((z > 0), 1.0, e) / (1 + e)": "at 0, e is 1",
    "for _ in range(101):": "any number that is large enough",
    "for _ in range(99):": "any number that is large enough",
    "separated = penalty == 0 and (((Z @ v >= 0)) == y).all()": "such classes are separated, too",
    "separated = penalty == 0 and ((Z @ v > 1) == y).all()": "such classes are separated, too",
    "separated = penalty == 0 and ((Z @ v > -1) == y).all()": "such classes are separated, too",
    "if separated or (np.linalg.cond(curvature) >= 1000000000000.0):": "about where digits end",
    "if separated or np.linalg.cond(curvature) > 2000000000000.0:": "about where digits end",
    "if separated or np.linalg.cond(curvature) > 500000000000.0:": "about where digits end",
    "while (loss(v - size * step) >= before + 1e-14) and size > 1e-6:": "rounding",
    "while loss(v - size * step) > before + 2e-14 and size > 1e-6:": "rounding",
    "while loss(v - size * step) > before + 5e-15 and size > 1e-6:": "rounding",
    "while loss(v - size * step) > before + 1e-14 and (size >= 1e-06):": "any tiny number",
    "while loss(v - size * step) > before + 1e-14 and size > 2e-06:": "any tiny number",
    "while loss(v - size * step) > before + 1e-14 and size > 5e-07:": "any tiny number",
    "size /= 2 * 2": "any share of the step",
    "size /= 3": "any share of the step",
    "loss = mean_surprise(unit(inputs)[:, -1], labels)": "one column",
    "if (slope @ step <= 1e-24): # twice what the step could gain": "any tiny number",
    "if slope @ step < 2e-24: # twice what the step could gain": "any tiny number",
    "if slope @ step < 5e-25: # twice what the step could gain": "any tiny number",
}


def odd_input(rng):
    X, y = rng.normal(size=(9, 2)), np.array([0, 1, 0, 1, 0, 1, 0, 1, 1])
    X[:, 0] += y / 10
    unit = Neuron(2)
    unit.w = rng.normal(size=2) / 100
    few = {"rate": 1e-3, "steps": 3}
    return {
        "sigmoid": {"z": rng.normal(size=4)},
        "surprise": {"z": rng.normal(size=9), "y": y},
        "Neuron.net_input": {"self": unit, "X": X},
        "Neuron.probability": {"self": unit, "X": X},
        "Neuron.predict": {"self": unit, "X": X},
        "Neuron.loss": {"self": unit, "X": X, "y": y},
        "Neuron.gradient": {"self": unit, "X": X, "y": y},
        "Neuron.fit": {"self": unit, "X": X, "y": y, **few},
        "newton": {"X": X, "y": y, "penalty": 1.0},
        "calibration": {"p": rng.uniform(size=9), "y": y, "edges": np.array([0.2, 0.8])},
        "fit_torch": {"X": X, "y": y, **few},
    }


def overlapping(rng, n=60, dim=4):
    """Inputs and labels that no line separates: the labels are partly chance."""
    X = rng.normal(size=(n, dim)) * np.array([1.0, 2.0, 0.5, 1.0, 3.0])[:dim] + 0.3
    y = (rng.uniform(size=n) < expit(X @ rng.normal(size=dim) / 3)).astype(int)
    y[:2], X[:2] = [0, 1], X[0]  # the same inputs, once of each class
    return X, y


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 30),
    dim=st.integers(1, 6),
    scale=st.sampled_from([1e-3, 1.0, 30.0]),
    penalty=st.sampled_from([0.0, 0.3]),
)
def test_loss_and_gradient_equal_autograds(seed, n, dim, scale, penalty):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, dim)), rng.integers(0, 2, size=n)
    unit = Neuron(dim)
    unit.w, unit.b = scale * rng.normal(size=dim), scale * float(rng.normal())
    w = torch.tensor(unit.w, requires_grad=True)
    b = torch.tensor(unit.b, dtype=torch.float64, requires_grad=True)
    z = torch.tensor(X) @ w + b
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y).double())
    loss = loss + penalty / 2 * (w**2).sum()
    loss.backward()
    dw, db = unit.gradient(X, y, penalty)
    assert unit.loss(X, y, penalty) == pytest.approx(loss.item(), rel=1e-10)
    np.testing.assert_allclose([*dw, db], [*w.grad, b.grad], rtol=1e-10, atol=1e-12)


@pytest.mark.agreement
def test_each_loss_and_gradient_equal_pytorchs(rng, agreement):
    X, y = overlapping(rng)
    unit = Neuron(4)
    unit.w, unit.b = rng.normal(size=4), 0.4
    values = [unit.loss(X, y, 0.1), *unit.gradient(X, y, 0.1)[0], unit.gradient(X, y, 0.1)[1]]

    def autograd():
        w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (unit.w, unit.b))
        z = torch.tensor(X) @ w + b
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y).double())
        loss = loss + 0.05 * (w**2).sum()
        loss.backward()
        return [loss.item(), *w.grad.tolist(), b.grad.item()]

    agreement(
        values,
        autograd,
        what="loss of 60 examples and its gradient, with a penalty",
        against="PyTorch autograd on BCE with logits, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
@pytest.mark.parametrize("penalty", [0.0, 0.02])
def test_weights_equal_scikit_learns(rng, agreement, penalty):
    X, y = overlapping(rng, n=200)

    def theirs():
        C = np.inf if penalty == 0 else 1 / (penalty * len(X))
        solver = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12, max_iter=200)
        solver.fit(X, y)
        return [*solver.coef_[0], *solver.intercept_]

    agreement(
        newton(X, y, penalty),
        theirs,
        what=f"weights of least loss, penalty {penalty:g}",
        against="sklearn.linear_model.LogisticRegression, float64",
        atol=1e-8,  # two solvers, each stops where its own slope is small enough
    )


@pytest.mark.agreement
def test_gradient_descent_equals_pytorchs(rng, agreement):
    X, y = overlapping(rng)
    unit = Neuron(4)
    losses = unit.fit(X, y, rate=0.2, steps=200, penalty=0.05)
    assert losses.shape == (201,)
    assert losses[0] == pytest.approx(np.log(2))
    assert losses[-1] == unit.loss(X, y, 0.05) < losses[0]

    def theirs():
        twin = fit_torch(X, y, rate=0.2, steps=200, penalty=0.05)
        return [*twin.weight[0].tolist(), twin.bias.item()]

    agreement(
        [*unit.w, unit.b],
        theirs,
        what="weights after 200 steps of gradient descent",
        against="PyTorch SGD on BCEWithLogitsLoss, float64",
        atol=1e-12,
    )


def test_descent_comes_to_the_least_loss(rng):
    X, y = overlapping(rng, dim=2)
    unit = Neuron(2)
    losses = unit.fit(X, y, rate=0.3, steps=20_000, penalty=0.1)
    np.testing.assert_allclose([*unit.w, unit.b], newton(X, y, 0.1), rtol=1e-9, atol=1e-10)
    assert (np.diff(losses) < 1e-12).all()


def test_the_mean_surprise_is_scikit_learns_log_loss(rng):
    X, y = overlapping(rng)
    unit = Neuron(4)
    unit.w = rng.normal(size=4)
    assert unit.loss(X, y) == pytest.approx(log_loss(y, unit.probability(X)), rel=1e-10)


@settings(max_examples=50, deadline=None)
@given(z=st.lists(st.floats(-1e308, 1e308), min_size=1, max_size=20))
def test_the_sigmoid_equals_scipys_for_any_number(z):
    z = np.array(z)
    np.testing.assert_allclose(sigmoid(z), expit(z), rtol=1e-12)
    np.testing.assert_array_equal(sigmoid(z.reshape(1, -1))[0], sigmoid(z))


@settings(max_examples=30, deadline=None)
@given(z=st.floats(-30, 30), label=st.integers(0, 1))
def test_the_surprise_is_minus_the_log_of_the_right_labels_probability(z, label):
    p = expit(z) if label else expit(-z)
    other = expit(-z) if label else expit(z)
    right = -np.log1p(-other) if other < 0.5 else -np.log(p)  # each where it is precise
    found = surprise(np.array([z]), np.array([label]))
    np.testing.assert_allclose(found, [right], rtol=1e-10)


def test_by_hand():
    X, y = np.array([[-1.0], [0], [1], [2]]), np.array([0, 1, 0, 1])
    unit = Neuron(1)
    dw, db = unit.gradient(X, y)
    assert (dw.tolist(), db) == ([-0.25], 0)
    losses = unit.fit(X, y, steps=1)
    assert (unit.w.tolist(), unit.b) == ([0.25], 0)
    np.testing.assert_allclose(losses, [0.693, 0.642], atol=5e-4)
    np.testing.assert_allclose(unit.probability(X), [0.438, 0.5, 0.562, 0.622], atol=5e-4)


def test_a_net_input_of_log_three_is_three_to_one():
    unit = Neuron(2)
    unit.w, unit.b = np.array([1.0, -1.0]), 0.5
    X = np.array([[np.log(3), 0.5], [0, 0.5 + np.log(3)]])
    np.testing.assert_allclose(unit.probability(X), [0.75, 0.25])
    assert unit.predict(X).tolist() == [1, 0]
    assert unit.predict(X, 0.8).tolist() == [0, 0]
    assert unit.predict(X, unit.probability(X)[1]).tolist() == [1, 1]  # the threshold itself is 1


def test_on_separable_data_the_loss_falls_and_the_weights_grow_without_end(rng):
    X, y = data.separable(40, dim=2, margin=0.1, rng=rng)
    y = (y > 0).astype(int)
    unit, lengths, losses = Neuron(2), [], []
    for _ in range(4):
        losses.append(unit.fit(X, y, rate=5.0, steps=2000)[-1])
        lengths.append(np.linalg.norm(unit.w))
    assert (np.diff(lengths) > 0.1).all()
    assert (np.diff(losses) < 0).all()
    with pytest.raises(ValueError, match="no single lowest point"):
        newton(X, y)
    assert np.isfinite(newton(X, y, 0.1)).all()


@pytest.mark.parametrize("y", [np.zeros(6, int), np.ones(6, int)])
def test_newton_refuses_what_has_no_lowest_point(rng, y):
    with pytest.raises(ValueError, match="no single lowest point"):
        newton(rng.normal(size=(6, 2)), y)
    with pytest.raises(ValueError, match="no single lowest point"):
        newton(rng.normal(size=(6, 2)), y, penalty=0.1)  # the bias is free
    X, mixed = overlapping(rng)
    with pytest.raises(ValueError, match="no single lowest point"):
        newton(np.column_stack([X, X[:, 0]]), mixed)


def test_newton_finds_the_point_where_a_plain_step_goes_too_far():
    X = np.array([[0.0, -800], [500, -400], [-400, 900], [-0.9, -0.6], [-3, 0], [-0.9, 0.8]])
    y, penalty, unit, losses = np.array([1, 0, 0, 1, 1, 0]), 0.1, Neuron(2), []
    Z = np.column_stack([X, np.ones(6)])
    while len(losses) < 2 or losses[-1] < losses[-2]:  # plain steps, until the loss rises
        losses.append(unit.loss(X, y, penalty))
        p = unit.probability(X)
        curvature = (Z.T * (p * (1 - p))) @ Z / 6 + np.diag([penalty, penalty, 0])
        step = np.linalg.solve(curvature, np.append(*unit.gradient(X, y, penalty)))
        unit.w, unit.b = unit.w - step[:2], unit.b - float(step[2])
    assert losses[-1] > losses[-2] + 0.01
    v = newton(X, y, penalty)
    unit.w, unit.b = v[:2], float(v[2])
    assert unit.loss(X, y, penalty) < min(losses)
    np.testing.assert_allclose(np.append(*unit.gradient(X, y, penalty)), 0, atol=1e-10)


def test_newton_takes_a_few_steps(rng, monkeypatch):
    steps, solve = [], np.linalg.solve
    monkeypatch.setattr(np.linalg, "solve", lambda *a: steps.append(a) or solve(*a))
    newton(*overlapping(rng), 0.1)
    assert 2 < len(steps) < 10


def test_the_cheapest_threshold_costs_least(rng):
    p = rng.uniform(size=20_000)
    y = rng.uniform(size=len(p)) < p  # calibrated by construction
    miss, alarm = 9.0, 1.0

    def cost(threshold):
        said = p >= threshold
        return miss * np.sum(y & ~said) + alarm * np.sum(~y & said)

    best = cheapest_threshold(miss, alarm)
    assert best == pytest.approx(0.1)
    assert cheapest_threshold(1, 1) == 0.5
    assert cost(best) < min(cost(0.03), cost(0.3), cost(0.5))


@pytest.mark.parametrize("costs", [(0, 1), (1, 0), (-1, 2), (np.nan, 1)])
def test_costs_must_be_positive(costs):
    with pytest.raises(ValueError, match="costs must be positive"):
        cheapest_threshold(*costs)


@pytest.mark.agreement
def test_calibration_equals_scikit_learns(rng, agreement):
    p, y = rng.uniform(size=300), rng.integers(0, 2, size=300)
    ours = calibration(p, y, np.array([0.2, 0.4, 0.6, 0.8]))

    def theirs():
        share, said = calibration_curve(y, p, n_bins=5)
        return np.column_stack([said, share])

    agreement(
        [[group.said, group.share] for group in ours],
        theirs,
        what="mean probability and share of ones in five groups",
        against="sklearn.calibration.calibration_curve, float64",
        atol=1e-12,
    )
    assert sum(group.count for group in ours) == 300
    assert sum(group.ones for group in ours) == y.sum()


def test_calibration_skips_empty_groups_and_an_edge_belongs_above():
    found = calibration(np.array([0.25, 0.75, 1.0]), np.array([0, 1, 0]), np.array([0.25, 0.5]))
    assert found == [Group(0.25, 0.0, 0, 1), Group(0.875, 0.5, 1, 2)]
    with pytest.raises(ValueError, match="edges must increase"):
        calibration(np.array([0.5]), np.array([1]), np.array([0.2, 0.5, 0.5]))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="of 0 and 1"):
        Neuron(1).fit(np.zeros((2, 1)), np.array([-1, 1]))
    with pytest.raises(ValueError, match="X has shape"):
        Neuron(3).fit(np.zeros((2, 1)), np.array([0, 1]))
    with pytest.raises(ValueError, match="not finite"):
        Neuron(1).loss(np.array([[np.inf]]), np.array([1]))
    with pytest.raises(ValueError, match="empty"):
        Neuron(1).loss(np.zeros((0, 1)), np.zeros(0, int))


def test_a_fit_goes_on_from_where_it_is(rng):
    X, y = overlapping(rng)
    once, twice = Neuron(4), Neuron(4)
    whole = once.fit(X, y, rate=0.1, steps=7)
    parts = [twice.fit(X, y, rate=0.1, steps=3), twice.fit(X, y, rate=0.1, steps=4)]
    np.testing.assert_array_equal(whole, [*parts[0], *parts[1][1:]])
    np.testing.assert_array_equal(once.w, twice.w)
    said = {"rate": 1.0, "steps": 1000, "penalty": 0.0}
    assert np.array_equal(Neuron(4).fit(X, y), Neuron(4).fit(X, y, **said))
    X, y = np.array([[-1.0], [2]]), np.array([0, 1])  # here the weights grow in each step
    assert fit_torch(X, y).weight.item() == fit_torch(X, y, **said).weight.item()


@pytest.mark.browser
def test_the_widget_computes_what_python_does(js, rng):
    widget = "docs/networks/neuron.js"
    X, y = overlapping(rng, n=25, dim=2)
    points = np.column_stack([X, y]).tolist()
    unit = Neuron(2)
    unit.w, unit.b = 3 * rng.normal(size=2), float(rng.normal())
    weights = [*unit.w.tolist(), unit.b]
    dw, db = unit.gradient(X, y)
    assert js(widget, "loss", weights, points) == pytest.approx(unit.loss(X, y), rel=1e-12)
    np.testing.assert_allclose(
        js(widget, "gradient", weights, points), [*dw, db], rtol=1e-10, atol=1e-14
    )
    costs = surprise(unit.net_input(X), y)
    for point, cost in zip(points, costs, strict=True):
        assert js(widget, "surprise", weights, point) == pytest.approx(cost, rel=1e-10)
    unit.fit(X, y, rate=0.2, steps=30)
    found = js(widget, "descend", weights, points, 0.2, 30)
    np.testing.assert_allclose(found, [*unit.w, unit.b], rtol=1e-9)
    for z in (-800.0, -1.0, 0.0, 2.0, 800.0):
        assert js(widget, "sigmoid", z) == pytest.approx(float(sigmoid(np.array(z))), rel=1e-12)


@pytest.mark.parametrize("penalty", [-0.01, float("nan")])
def test_a_penalty_that_pays_for_large_weights_is_refused(rng, penalty):
    X, y = rng.normal(size=(20, 2)), rng.integers(0, 2, size=20)
    with pytest.raises(ValueError, match=r"newton\(\): penalty must be 0 or more"):
        newton(X, y, penalty)
