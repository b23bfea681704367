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


def odd_input(rng):
    X, y = np.arange(14.0).reshape(7, 2) - 5, np.array([-1, -1, -1, 1, 1, 1, 1])
    unit = Perceptron(2)
    unit.w = rng.normal(size=2)
    return {
        "Perceptron.net_input": {"self": unit, "X": X},
        "Perceptron.predict": {"self": unit, "X": X},
        "Perceptron.fit": {"self": unit, "X": X, "y": y},
        "max_margin": {"X": X, "y": y},
        "mistake_bound": {"X": X, "y": y},
        "fit_torch": {"X": X, "y": y, "epochs": 3},
    }


#: What a mutant may change without a trace; `make mutants LESSON=history/perceptron` reads it.
SAME = {
    "Z_scaled = 2 * (Z / np.linalg.norm(Z, axis=1).max())": "u is divided by its length",
    "Z_scaled = Z / (np.linalg.norm(Z, axis=1).min())": "u is divided by its length",
    "Z_scaled = Z / (np.linalg.norm(Z, axis=1).mean())": "u is divided by its length",
    "Z_scaled = Z / np.linalg.norm(Z, axis=0).max()": "u is divided by its length",
    "target = np.append(np.zeros(Z.shape[1]), 2.0) # (D + 2,)": "u is divided by its length",
    "target = np.append(np.zeros(Z.shape[1]), 0.5) # (D + 2,)": "u is divided by its length",
    "u = 2 * (Z_scaled.T @ a)": "u is divided by its length",
    "if (length < 1e-10 and (Z @ u).min() <= 0):": "without a line u is zero, and both hold",
    "if (length <= 1e-10) or (Z @ u).min() <= 0:": "no length is exactly that",
    "if length < 2e-10 or (Z @ u).min() <= 0:": "lengths are near 1, or rounding",
    "if length < 5e-11 or (Z @ u).min() <= 0:": "lengths are near 1, or rounding",
    "if length < 1e-10 or ((Z @ u).min() < 0):": "without a line u is zero: its length tells",
    "if length < 1e-10 or ((Z @ u).max()) <= 0:": "without a line u is zero: its length tells",
    "mistakes -= int(wrong_by >= 0)": "in the twin: none is none, however they are counted",
    "mistakes += 2 * int(wrong_by >= 0)": "in the twin: none is none, however they are counted",
    "mistakes += int(wrong_by >= -1)": "in the twin: it goes on where nothing is left to correct",
    "if mistakes == -1:": "in the twin: it goes on where nothing is left to correct",
    "mistakes = 1": "in the twin: it goes on where there is nothing left to correct",
    "if length < 1e-10 or (Z @ u).min() <= -1:": "without a line u is zero: its length tells",
}


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
    theirs = SklearnPerceptron(shuffle=False, max_iter=7, tol=None)

    def reference():
        theirs.fit(X, y)
        return [*theirs.coef_[0], *theirs.intercept_]

    agreement(
        [*ours.w, ours.b],
        reference,
        what="weights after 7 passes over data without a line",
        against="sklearn.linear_model.Perceptron, float64",
        atol=1e-12,
    )
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.agreement
def test_weights_equal_pytorchs(rng, agreement):
    X, y = overlapping(rng)
    ours = Perceptron(3)
    ours.fit(X, y, epochs=7)

    def reference():
        twin = fit_torch(X, y, epochs=7)
        return [*twin.weight[0].tolist(), twin.bias.item()]

    agreement(
        [*ours.w, ours.b],
        reference,
        what="weights after 7 passes over data without a line",
        against="PyTorch autograd on the perceptron loss, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_margin_equals_a_general_optimisers(rng, agreement):
    X, y = data.separable(30, dim=4, margin=0.1, rng=rng)
    X = X + 0.2
    Z = signed(X, y)
    u, margin = max_margin(X, y)

    def reference():
        found = minimize(
            lambda v: v @ v / 2,
            rng.normal(size=5),
            jac=lambda v: v,
            constraints={"type": "ineq", "fun": lambda v: Z @ v - 1, "jac": lambda _: Z},
            method="SLSQP",
            options={"ftol": 1e-10, "maxiter": 500},
        )
        assert found.success, found.message
        length = np.linalg.norm(found.x)
        return [*found.x / length, 1 / length]

    agreement(
        [*u, margin],
        reference,
        what="direction and size of the best margin of 30 points in 4 dimensions",
        against="SciPy SLSQP, float64",
        atol=1e-9,
    )
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


def test_the_bound_counts_the_longest_example(rng):
    X, y = np.array([[3.0, 4.0], [0.0, 1.0], [-1.0, -1.0]]), np.array([1, 1, -1])
    # |(3, 4, 1)|² = 26, on any scale of the others.
    assert mistake_bound(X, y) == pytest.approx(26 / max_margin(X, y)[1] ** 2)


def test_or_by_hand():
    X, y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1, 1, 1, 1])
    unit = Perceptron(2)
    assert unit.fit(X, y) == [[0, 1, 2], []]
    np.testing.assert_array_equal([*unit.w, unit.b], [1, 1, 1])
    assert mistake_bound(X, y) == pytest.approx(9)


def test_the_sum_has_the_size_and_the_sign_of_the_weights():
    unit = Perceptron(2)
    unit.w, unit.b = np.array([2.0, -3.0]), 0.5
    assert unit.net_input(np.array([[1.0, 1.0], [0.0, -1.0]])).tolist() == [-0.5, 3.5]


def test_a_point_on_the_line_is_a_mistake_and_counts_as_plus_one():
    unit = Perceptron(2)
    assert unit.predict(np.zeros((1, 2))).tolist() == [1]
    assert unit.fit(np.ones((1, 2)), np.array([1]), epochs=1) == [[0]]


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((3, 5)), np.ones(3), r"X has shape \(3, 5\), expected \(N, D\) with D = 2"),
        (np.zeros((4, 2)), np.ones(3), r"y has shape \(3,\), expected \(N,\) with N = 4"),
        (np.zeros(2), np.ones(2), r"X has shape \(2,\), expected \(N, D\) with D = 2"),
        (np.zeros((2, 2)), np.array([0, 1]), r"y must be of -1 and \+1, got \[0 1\]"),
        (np.array([[0, np.nan]]), np.ones(1), "not finite"),
    ],
)
def test_bad_input_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        Perceptron(2).fit(X, y)


def test_it_gives_up_after_a_hundred_passes():
    X, y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1, 1, 1, -1])
    assert len(Perceptron(2).fit(X, y)) == 100


def test_the_twin_gives_up_as_soon(rng):
    X, y = np.append(rng.normal(size=(4, 2)), np.zeros((2, 2)), axis=0), np.array([-1, 1] * 3)
    unit, twin = Perceptron(2), fit_torch(X, y)
    assert len(unit.fit(X, y)) == 100
    np.testing.assert_allclose(twin.weight[0].tolist(), unit.w, atol=1e-12)


@pytest.mark.parametrize(
    ("points", "mistakes"),
    [
        ([[3, 1], [0, -2], [-2, -4], [-4, -4]], [3, 1, 1, 0]),
        ([[2, 3], [-4, 3], [0, 0], [1, -2]], [2, 1, 2, 0]),  # the second pass: on the line
    ],
)
def test_the_twin_stops_when_nothing_is_wrong_and_not_before(points, mistakes):
    X, y = np.array(points, dtype=float), np.array([1, 1, -1, -1])
    unit = Perceptron(2)
    assert [len(wrong) for wrong in unit.fit(X, y)] == mistakes
    np.testing.assert_allclose(fit_torch(X, y).weight[0].tolist(), unit.w, atol=1e-12)


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
