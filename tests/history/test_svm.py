"""The SVM against scikit-learn's, the closed form for XOR, and PyTorch's minimum of the primal."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import svm as sklearn_svm
from sklearn.metrics import pairwise

from introdl.history.svm import (
    SVC,
    kkt_residuals,
    linear,
    objectives,
    polynomial,
    rbf,
    smo,
    torch_primal,
)


def odd_input(rng):
    X, y = clouds(rng, n=8, dim=2)
    K, beta = linear(X, X), 0.5 * y
    model = SVC().fit(X, y)
    A, B = rng.normal(size=(7, 2)), rng.normal(size=(5, 2))
    return {
        "linear": {"A": A, "B": B},
        "polynomial": {"A": A, "B": B},
        "rbf": {"A": A, "B": B, "gamma": 1e-4},
        "smo": {"K": K, "y": y, "max_steps": 100},
        "objectives": {"K": K, "y": y, "beta": beta, "b": 0.1, "C": 1.0},
        "kkt_residuals": {"K": K, "y": y, "beta": beta, "b": 0.1, "C": 1.0},
        "SVC.fit": {"self": SVC(rbf), "X": X, "y": y},
        "SVC.decision_function": {"self": model, "X": A},
        "SVC.predict": {"self": model, "X": A},
        "torch_primal": {"X": X, "y": y},
    }


KERNELS = {
    "linear": (linear, {"kernel": "linear"}),
    "polynomial": (
        partial(polynomial, degree=2, gamma=0.5),
        {"kernel": "poly", "degree": 2, "gamma": 0.5, "coef0": 1.0},
    ),
    "RBF": (partial(rbf, gamma=0.7), {"kernel": "rbf", "gamma": 0.7}),
}


def clouds(rng, n=60, dim=3):
    """Draw two overlapping clouds."""
    y = np.repeat([-1, 1], n // 2)
    return rng.normal(size=(n, dim)) + 0.7 * y[:, None], y


def spread(model, n):
    """Lay scikit-learn's signed multipliers out over all N points."""
    beta = np.zeros(n)
    beta[model.support_] = model.dual_coef_[0]
    return beta


@pytest.mark.agreement
@pytest.mark.parametrize("name", KERNELS)
def test_the_solution_is_scikit_learns(agreement, rng, name):
    kernel, options = KERNELS[name]
    X, y = clouds(rng)
    K, C = kernel(X, X), 2.0
    ours = smo(K, y, C, tol=1e-9)
    theirs = sklearn_svm.SVC(C=C, tol=1e-11, **options).fit(X, y)
    beta = spread(theirs, len(y))

    assert set(np.flatnonzero(abs(ours.beta) > 1e-6)) == set(np.flatnonzero(abs(beta) > 1e-6))
    _, dual = objectives(K, y, ours.beta, ours.b, C)
    _, dual_theirs = objectives(K, y, beta, theirs.intercept_[0], C)
    assert dual == pytest.approx(dual_theirs, abs=1e-5)
    fresh = rng.normal(size=(100, 3))
    model = SVC(kernel, C, tol=1e-9).fit(X, y)
    # It holds kernels in single precision, whatever `tol` says: up to 1.4e-4 in 7,500 draws.
    agreement(
        model.decision_function(fresh),
        lambda: theirs.fit(X, y).decision_function(fresh),
        what=f"decision function on 100 new points, {name} kernel",
        against="scikit-learn SVC (kernel values in float32)",
        atol=2e-3,
    )
    clear = abs(theirs.decision_function(fresh)) > 2e-3
    assert np.array_equal(model.predict(fresh[clear]), theirs.predict(fresh[clear]))


@pytest.mark.agreement
def test_pytorch_reaches_the_same_objective(agreement, rng):
    X, y = clouds(rng)
    found = smo(linear(X, X), y, C=1.0, tol=1e-9)
    agreement(
        objectives(linear(X, X), y, found.beta, found.b, C=1.0)[1] / len(y),
        lambda: torch_primal(X, y, C=1.0)[2] / len(y),
        what="dual objective beside the primal's minimum, per point",
        against="PyTorch L-BFGS on the hinge loss, float64",
        atol=1e-4,
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (linear, pairwise.linear_kernel),
        (
            partial(polynomial, degree=3, gamma=0.2),
            partial(pairwise.polynomial_kernel, degree=3, gamma=0.2, coef0=1),
        ),
        (partial(rbf, gamma=0.3), partial(pairwise.rbf_kernel, gamma=0.3)),
    ],
)
def test_kernels_are_scikit_learns(ours, theirs, rng):
    A, B = rng.normal(size=(7, 4)), rng.normal(size=(5, 4))
    assert ours(A, B).shape == (7, 5)
    np.testing.assert_allclose(ours(A, B), theirs(A, B), rtol=1e-12)


def test_the_worked_example_takes_one_step():
    x, y = np.array([[0.0], [2.0], [3.0]]), np.array([-1, 1, 1])
    found = smo(linear(x, x), y)
    assert found.beta.tolist() == [-0.5, 0.5, 0]
    assert (found.b, found.violation, found.steps) == (-1, 0, 1)
    assert objectives(linear(x, x), y, found.beta, found.b, C=1.0) == (0.5, 0.5)


def test_xor_with_the_quadratic_kernel_has_its_closed_form():
    X, y = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1, 1, 1, -1])
    model = SVC(partial(polynomial, degree=2), C=10, tol=1e-12).fit(X, y)
    np.testing.assert_allclose(model.beta, y / 8, atol=1e-12)
    assert model.b == pytest.approx(0, abs=1e-12)
    points = np.array([[0.3, -0.7], [2.0, 0.5]])
    np.testing.assert_allclose(model.decision_function(points), -points.prod(axis=1), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(list(KERNELS)),
    st.sampled_from([0.01, 1.0, 10.0]),
)
def test_every_solution_is_certified_by_its_gap_and_its_kkt_residuals(seed, name, C):
    X, y = clouds(np.random.default_rng(seed), n=30, dim=2)
    K = KERNELS[name][0](X, X)
    found = smo(K, y, C, tol=1e-7)
    assert found.violation <= 1e-7
    primal, dual = objectives(K, y, found.beta, found.b, C)
    assert -1e-9 <= primal - dual <= 1e-5 * C
    assert max(kkt_residuals(K, y, found.beta, found.b, C).values()) <= 1e-6 * C


def test_residuals_measure_what_is_broken():
    x, y = np.array([[0.0], [2.0], [3.0]]), np.array([-1, 1, 1])
    K = linear(x, x)
    # w = 3 and b = -1: margins 1, 5 and 8, multipliers 1/2, 3/2 and 0.
    wrong = kkt_residuals(K, y, np.array([-0.5, 1.5, 0.0]), -1.0, C=1.0)
    assert list(wrong.values()) == [1.0, 0.5, 6.0, 0.0]
    # Nothing learned: margins 0, multipliers 0.
    assert list(kkt_residuals(K, y, np.zeros(3), 0.0, C=2.0).values()) == [0.0, 0.0, 0.0, 2.0]
    assert list(kkt_residuals(K, y, np.array([-0.5, 0.5, 0.0]), -1.0, C=1.0).values()) == [0.0] * 4


def test_the_dual_only_rises(rng):
    X, y = clouds(rng)
    K = rbf(X, X)
    runs = [smo(K, y, max_steps=n) for n in range(30)]
    dual = [objectives(K, y, run.beta, run.b, 1.0)[1] for run in runs]
    assert [run.steps for run in runs] == list(range(30))
    assert dual[0] == 0
    assert (np.diff(dual) > 0).all()


def test_a_singular_gram_matrix_does_not_stall_it():
    """Moving the two that break the condition most still errs by 2e-6 here after 200,000 pairs."""
    X, y = clouds(np.random.default_rng([220, 7]))
    K = KERNELS["polynomial"][0](X, X)
    assert np.linalg.matrix_rank(K) == 10
    assert smo(K, y, C=2.0, tol=1e-9, max_steps=20_000).violation <= 1e-9


def test_the_primal_takes_whole_numbers_too():
    w, b, primal = torch_primal(np.array([[0], [2], [3]]), np.array([-1, 1, 1]))
    np.testing.assert_allclose([*w, b, primal], [1, -1, 0.5], atol=1e-3)


def test_units_of_the_inputs_do_not_matter(rng):
    X, y = clouds(rng)
    plain = SVC(linear, C=1.0, tol=1e-9).fit(X, y)
    large = SVC(linear, C=1e-12, tol=1e-9).fit(1e6 * X, y)
    fresh = rng.normal(size=(20, 3))
    np.testing.assert_allclose(
        large.decision_function(1e6 * fresh), plain.decision_function(fresh), atol=1e-5
    )


def test_rbf_keeps_its_digits_far_from_the_origin(rng):
    A, B = rng.normal(size=(6, 3)), rng.normal(size=(4, 3))
    np.testing.assert_allclose(rbf(A + 1e6, B + 1e6), rbf(A, B), atol=1e-8)
    assert (rbf(A, A) <= 1).all()


def test_what_is_no_support_vector_can_go(rng):
    X, y = clouds(rng)
    model = SVC(rbf, tol=1e-9).fit(X, y)
    assert 0 < len(model.support) < len(y)
    again = SVC(rbf, tol=1e-9).fit(model.vectors, y[model.support])
    fresh = rng.normal(size=(20, 3))
    np.testing.assert_allclose(
        again.decision_function(fresh), model.decision_function(fresh), atol=1e-6
    )


def test_equal_points_with_different_labels_end_at_the_bound():
    X, y = np.array([[1.0], [1.0]]), np.array([-1, 1])
    found = smo(linear(X, X), y, C=3.0)
    assert found.beta.tolist() == [-3, 3]
    assert SVC(linear, C=3.0).fit(X, y).decision_function(X).tolist() == [found.b] * 2


def test_labels_swapped_give_the_mirrored_machine(rng):
    X, y = clouds(rng)
    f = SVC(rbf, tol=1e-9).fit(X, y).decision_function(X)
    np.testing.assert_allclose(SVC(rbf, tol=1e-9).fit(X, -y).decision_function(X), -f, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: smo(np.eye(3), np.array([1, -1])),
            r"K has shape \(3, 3\), expected \(N, N\) with N = 2",
        ),
        (lambda: smo(np.eye(2), np.array([0, 1])), r"y must be of -1 and \+1, got \[0 1\]"),
        (lambda: smo(np.eye(2), np.array([1, 1])), r"both labels, -1 and \+1, got \+1 alone"),
        (lambda: smo(np.eye(2), np.array([1, -1]), C=0), "C > 0, got 0"),
        (lambda: smo(np.eye(2), np.array([1, -1]), C=np.nan), "C > 0, got nan"),
        (lambda: SVC().fit(np.ones(4), np.ones(4)), r"X has shape \(4,\), expected \(N, D\)"),
        (
            lambda: SVC().fit(np.ones((4, 2)), np.ones(3)),
            r"y has shape \(3,\), expected \(N,\) with N = 4",
        ),
        (lambda: SVC().fit(np.array([[0], [np.nan]]), np.array([-1, 1])), "X holds a value that"),
        (lambda: smo(np.array([[1, 2], [2, 1.0]]), np.array([-1, 1])), "not positive semidefinite"),
        (lambda: smo(np.array([[1, 2], [0, 4.0]]), np.array([-1, 1])), "not symmetric"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_no_convergence_is_said(rng, monkeypatch):
    X, y = clouds(rng)
    monkeypatch.setattr("introdl.history.svm.smo", partial(smo, max_steps=3))
    with pytest.raises(RuntimeError, match="no convergence in 3 steps"):
        SVC().fit(X, y)


# The figures on the page

SCRIPT = "docs/history/svm.js"


@pytest.mark.browser
@pytest.mark.parametrize("C", [0.1, 10.0])
def test_the_figures_gap_is_pythons(js, rng, C):
    X, y = clouds(rng, n=14, dim=2)
    K, found = linear(X, X), smo(linear(X, X), y, C)
    drawn = js(SCRIPT, "widest", X.tolist(), y.tolist(), C)
    beta = np.array(drawn["beta"])
    assert drawn["ended"]
    np.testing.assert_allclose(drawn["w"], beta @ X, rtol=1e-9, atol=1e-12)
    # The solution need not be unique; what it costs is.
    primal, dual = objectives(K, y, beta, drawn["b"], C)
    least, _ = objectives(K, y, found.beta, found.b, C)
    assert max(kkt_residuals(K, y, beta, drawn["b"], C).values()) < 1e-4
    assert primal == pytest.approx(dual, abs=1e-3)
    assert primal == pytest.approx(least, abs=1e-3)


@pytest.mark.browser
def test_the_figures_cut_counts_what_lies_on_its_side(js, rng):
    X, y = rng.normal(size=(20, 2)), rng.choice([-1, 1], size=20)
    right = (((X**2).sum(axis=1) > 0.7) == (y > 0)).sum()
    assert js(SCRIPT, "above", np.column_stack([X, y]).tolist(), 0.7) == right
