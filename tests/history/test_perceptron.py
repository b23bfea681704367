"""The perceptron against scikit-learn, PyTorch and a general-purpose optimiser."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import hadamard
from scipy.optimize import linprog, minimize
from sklearn.linear_model import Perceptron as SklearnPerceptron

from introdl import data
from introdl.history.perceptron import Perceptron, fit_torch, max_margin, mistake_bound


def overlapping(rng, n=40, dim=3):
    """Labels by chance: most such sets have no separating line."""
    return rng.normal(size=(n, dim)), rng.choice([-1, 1], size=n)


def signed(X, y):
    return y[:, None] * np.column_stack([X, np.ones(len(X))])


@pytest.mark.agreement
def test_weights_equal_scikit_learns(rng, agreement):
    X, y = overlapping(rng)
    ours = Perceptron(3)
    ours.fit(X, y, epochs=7)
    theirs = SklearnPerceptron(shuffle=False, max_iter=7, tol=None).fit(X, y)
    agreement(
        [*ours.w, ours.b],
        [*theirs.coef_[0], *theirs.intercept_],
        what="weights after 7 passes over data without a line",
        against="sklearn.linear_model.Perceptron, float64",
        atol=1e-12,
    )
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.agreement
def test_weights_equal_pytorchs(rng, agreement):
    X, y = overlapping(rng)
    ours, twin = Perceptron(3), fit_torch(X, y, epochs=7)
    ours.fit(X, y, epochs=7)
    agreement(
        [*ours.w, ours.b],
        [*twin.weight[0].tolist(), twin.bias.item()],
        what="weights after 7 passes over data without a line",
        against="PyTorch autograd on the perceptron loss, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_margin_equals_a_general_optimisers(rng, agreement):
    X, y = data.separable(30, dim=4, margin=0.1, rng=rng)
    X = X + 0.2
    Z = signed(X, y)
    found = minimize(
        lambda v: v @ v / 2,
        rng.normal(size=5),
        jac=lambda v: v,
        constraints={"type": "ineq", "fun": lambda v: Z @ v - 1, "jac": lambda _: Z},
        method="SLSQP",
        options={"ftol": 1e-10, "maxiter": 500},
    )
    assert found.success, found.message
    u, margin = max_margin(X, y)
    what = "best margin of 30 points in 4 dimensions"
    reference = 1 / np.linalg.norm(found.x)
    agreement(margin, reference, what=what, against="SciPy SLSQP, float64", atol=1e-10)
    np.testing.assert_allclose(u, found.x * margin, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(u), 1)


def test_fit_logs_every_correction(rng):
    X, y = overlapping(rng)
    unit = Perceptron(3)
    passes = unit.fit(X, y, epochs=5)
    missed = [i for mistakes in passes for i in mistakes]
    assert len(passes) == 5
    np.testing.assert_allclose(signed(X, y)[missed].sum(axis=0), [*unit.w, unit.b])
    again = unit.fit(X, y, epochs=2)  # goes on from where it is
    longer = Perceptron(3)
    assert longer.fit(X, y, epochs=7) == passes + again


def test_stops_when_and_only_when_every_example_is_right(rng):
    X, y = data.separable(50, dim=3, margin=0.1, rng=rng)
    unit = Perceptron(3)
    passes = unit.fit(X, y, epochs=10_000)
    assert passes[-1] == []
    assert all(passes[:-1])
    np.testing.assert_array_equal(unit.predict(X), y)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.integers(1, 10), scale=st.sampled_from([0.3, 1, 1e6]))
def test_mistakes_never_exceed_the_bound(seed, dim, scale):
    X, y = data.separable(25, dim=dim, margin=0.2, rng=np.random.default_rng(seed))
    passes = Perceptron(dim).fit(scale * X, y, epochs=10**5)
    assert passes[-1] == []
    assert sum(map(len, passes)) <= mistake_bound(scale * X, y) * (1 + 1e-9)


@pytest.mark.parametrize("n", [2, 4, 8, 16, 32])
def test_points_at_right_angles_reach_the_bound(n, rng):
    X, y = hadamard(n)[:, 1:].astype(float), rng.choice([-1, 1], size=n)
    assert sum(map(len, Perceptron(n - 1).fit(X, y))) == n
    assert mistake_bound(X, y) == pytest.approx(n)


def test_max_margin_finds_a_line_exactly_when_a_linear_program_does(rng):
    verdicts = set()
    for n in [4, 5, 6, 7, 8, 9] * 5:
        X, y = overlapping(rng, n=n)
        Z = signed(X, y)
        program = linprog(np.zeros(4), A_ub=-Z, b_ub=-np.ones(n), bounds=[(None, None)] * 4)
        try:
            u, margin = max_margin(X, y)
        except ValueError as error:
            assert "no line separates" in str(error)  # noqa: PT017
            separable = False
        else:
            separable = True
            assert (Z @ u).min() == pytest.approx(margin)
            assert margin > 0
        assert separable == (program.status == 0)
        verdicts.add(separable)
    assert verdicts == {True, False}


def test_margin_of_badly_scaled_inputs_scales_with_them(rng):
    X, y = data.separable(40, dim=3, margin=0.2, rng=rng)
    # With inputs in the millions the constant input hardly counts.
    assert mistake_bound(1e6 * X, y) == pytest.approx(mistake_bound(1e8 * X, y), rel=1e-3)


def test_or_by_hand():
    X, y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1, 1, 1, 1])
    unit = Perceptron(2)
    assert unit.fit(X, y) == [[0, 1, 2], []]
    np.testing.assert_array_equal([*unit.w, unit.b], [1, 1, 1])
    assert mistake_bound(X, y) == pytest.approx(9)


def test_a_point_on_the_line_is_a_mistake_and_counts_as_plus_one():
    unit = Perceptron(2)
    assert unit.predict(np.zeros((1, 2))).tolist() == [1]
    assert unit.fit(np.ones((1, 2)), np.array([1]), epochs=1) == [[0]]


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((3, 5)), np.ones(3), r"X has shape \(3, 5\), expected \(N, D\) = \(3, 2\)"),
        (np.zeros((4, 2)), np.ones(3), r"X has shape \(4, 2\), expected \(N, D\) = \(3, 2\)"),
        (np.zeros(2), np.ones(2), r"X has shape \(2,\), expected \(N, D\) = \(2, 2\)"),
        (np.zeros((2, 2)), np.array([0, 1]), r"labels must be -1 or \+1, got \[0 1\]"),
        (np.array([[0, np.nan]]), np.ones(1), "not finite"),
    ],
)
def test_bad_input_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        Perceptron(2).fit(X, y)


def test_no_data_means_no_mistakes():
    assert Perceptron(2).fit(np.zeros((0, 2)), np.zeros(0)) == [[]]


SCRIPT = "docs/history/perceptron.js"


def moved(rng, n, *, gap):
    """Points as a reader may leave them: on a grid, some on top of each other."""
    X = rng.integers(-15, 16, size=(n, 2)) / 10
    y = np.where(X @ rng.normal(size=2) > 0, 1, -1) if gap else rng.choice([-1, 1], size=n)
    return X, y


@pytest.mark.browser
@pytest.mark.parametrize("gap", [True, False])
def test_the_run_on_the_page_is_pythons(js, rng, gap):
    X, y = moved(rng, 12, gap=gap)
    unit = Perceptron(2)
    missed = [i for mistakes in unit.fit(X, y, epochs=200) for i in mistakes][:60]
    path = np.vstack([np.zeros(3), signed(X, y)[missed].cumsum(axis=0)])
    run = js(SCRIPT, "run", np.column_stack([X, y]).tolist(), 60)
    assert [step["index"] for step in run["steps"]] == [-1, *missed]
    np.testing.assert_allclose([step["weights"] for step in run["steps"]], path, atol=1e-12)
    assert run["ended"] == (len(missed) < 60)


@pytest.mark.browser
def test_the_page_knows_whether_a_line_exists(js, rng):
    verdicts = set()
    for n in [2, 3, 4, 5, 6, 8] * 6:
        X, y = moved(rng, n, gap=False)
        program = linprog(
            np.zeros(3), A_ub=-signed(X, y), b_ub=-np.ones(n), bounds=[(None, None)] * 3
        )
        found = js(SCRIPT, "separable", np.column_stack([X, y]).tolist())
        assert found == (program.status == 0), (X, y)
        verdicts.add(found)
    assert verdicts == {True, False}
