"""ADALINE against PyTorch, scikit-learn, the closed form and the eigenvalues."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from introdl.history.adaline import (
    Adaline,
    correlation,
    gradient_descent,
    largest_rate,
    least_squares,
    lms_torch,
)


def odd_input(rng):
    X, y = rng.normal(size=(7, 2)), rng.normal(size=7)
    unit = Adaline(2, rate=1e-6)
    unit.w = rng.normal(size=2)
    return {
        "Adaline.net_input": {"self": unit, "X": X},
        "Adaline.predict": {"self": unit, "X": X},
        "Adaline.step": {"self": unit, "x": X[0], "y": 1.0},
        "Adaline.fit": {"self": unit, "X": X, "y": y, "epochs": 3},
        "correlation": {"X": X},
        "largest_rate": {"X": X},
        "least_squares": {"X": X, "y": y},
        "gradient_descent": {"X": X, "y": y, "rate": 1e-6, "steps": 3},
        "lms_torch": {"X": X, "y": y, "rate": 1e-6, "epochs": 2},
    }


def regression(rng, n=40, dim=3):
    """Noisy targets on inputs of unequal scale, away from the origin."""
    X = rng.normal(size=(n, dim)) * [1.0, 2.0, 0.5][:dim] + 0.3
    return X, X @ rng.normal(size=dim) + 0.7 + 0.5 * rng.normal(size=n)


def moments(X):
    """The mean of z zᵀ, z = (x, 1), from NumPy's covariance and means."""
    mean = np.append(X.mean(axis=0), 1)
    return np.pad(np.cov(X.T, bias=True), (0, 1)) + np.outer(mean, mean)


@pytest.mark.agreement
def test_each_step_equals_pytorchs(rng, agreement):
    X, y = regression(rng)
    unit, path = Adaline(3, rate=0.02), []
    for _ in range(4):
        for x, target in zip(X, y, strict=True):
            unit.step(x, target)
            path.append(np.append(unit.w, unit.b))
    agreement(
        path,
        lambda: lms_torch(X, y, rate=0.02, epochs=4),
        what="weights after each of 160 LMS steps",
        against="PyTorch autograd and SGD, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_least_squares_equals_scikit_learns(rng, agreement):
    X, y = regression(rng)

    def reference():
        theirs = LinearRegression().fit(X, y)
        return [*theirs.coef_, theirs.intercept_]

    agreement(
        least_squares(X, y),
        reference,
        what="least-squares weights and bias",
        against="sklearn.linear_model.LinearRegression, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_gradient_descent_ends_at_least_squares(rng, agreement):
    X, y = regression(rng)
    agreement(
        gradient_descent(X, y, 0.9 * largest_rate(X), 3000)[-1],
        lambda: np.linalg.solve(moments(X), np.append(X.T @ y, y.sum()) / len(X)),
        what="weights after 3,000 steps of gradient descent",
        against="the normal equations, solved by NumPy, float64",
        atol=1e-8,
    )


@pytest.mark.agreement
def test_deviation_follows_the_matrix_power(rng, agreement):
    X, y = regression(rng)
    rate, steps = 0.7 * largest_rate(X), 25

    def reference():
        factor = np.linalg.matrix_power(np.eye(4) - rate * moments(X), steps)
        theirs = LinearRegression().fit(X, y)
        return factor @ -np.array([*theirs.coef_, theirs.intercept_])

    agreement(
        gradient_descent(X, y, rate, steps)[-1] - least_squares(X, y),
        reference,
        what="deviation from least squares after 25 steps",
        against="the matrix power (I − ηM)²⁵, float64",
        atol=1e-10,
    )


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1e-2, 1, 1e4]))
def test_diverges_just_above_the_limit_and_not_just_below(seed, scale):
    rng = np.random.default_rng(seed)
    X, y = regression(rng)
    X, y = scale * X, scale * y
    limit, best = largest_rate(X), least_squares(X, y)
    _, vectors = np.linalg.eigh(correlation(X))
    for share, grows in [(0.99, False), (1.01, True)]:
        path = gradient_descent(X, y, share * limit, 400)
        along = np.abs((path - best) @ vectors[:, -1])  # (401,)
        assert (along[-1] > along[0]) == grows


def test_gradient_descent_takes_steps_along_the_gradient(rng):
    X, y = regression(rng)
    path = gradient_descent(X, y, 0.01, 5)

    def half_loss(v):
        return ((y - X @ v[:-1] - v[-1]) ** 2).mean() / 2

    assert path.shape == (6, 4)
    for before, after in itertools.pairwise(path):
        slope = [
            (half_loss(before + 1e-6 * e) - half_loss(before - 1e-6 * e)) / 2e-6 for e in np.eye(4)
        ]
        np.testing.assert_allclose(after - before, -0.01 * np.array(slope), atol=1e-9)


def test_step_returns_the_error_and_takes_off_its_share(rng):
    x, unit = rng.normal(size=3), Adaline(3, rate=0.1)
    error = unit.step(x, 2.0)
    assert error == 2.0
    left = 2.0 - unit.net_input(x[None])[0]
    assert left == pytest.approx(error * (1 - 0.1 * (x @ x + 1)))


def test_a_right_decision_is_corrected_too():
    unit = Adaline(1, rate=0.5)
    unit.w[:] = 3.0
    assert unit.predict(np.array([[1.0]])).tolist() == [1]
    assert unit.step(np.array([1.0]), 1) == -2.0
    assert (unit.w[0], unit.b) == (2.0, -1.0)


def test_fit_is_steps_in_order_and_logs_their_errors(rng):
    X, y = regression(rng)
    fitted, stepped = Adaline(3, rate=0.01), Adaline(3, rate=0.01)
    log = fitted.fit(X, y, epochs=3)
    errors = [[stepped.step(x, t) for x, t in zip(X, y, strict=True)] for _ in range(3)]
    np.testing.assert_allclose(log, np.square(errors).mean(axis=1))
    np.testing.assert_array_equal([*fitted.w, fitted.b], [*stepped.w, stepped.b])


def settled(X, y, rate):
    """Solve for the weights that one pass returns unchanged: a pass is affine, w -> A w + c."""

    def one_pass(start):
        unit = Adaline(3, rate)
        unit.w[:], unit.b = start[:3], start[3]
        unit.fit(X, y, epochs=1)
        return np.append(unit.w, unit.b)

    c = one_pass(np.zeros(4))
    A = np.column_stack([one_pass(axis) - c for axis in np.eye(4)])
    return np.linalg.solve(np.eye(4) - A, c)


def test_lms_finds_the_weights_that_fit_exactly(rng):
    X, _ = regression(rng)
    unit = Adaline(3, rate=0.02)
    unit.fit(X, X @ [1.0, -2.0, 0.5] + 0.25, epochs=1000)
    np.testing.assert_allclose([*unit.w, unit.b], [1, -2, 0.5, 0.25], atol=1e-6)


def test_with_noise_lms_settles_beside_least_squares(rng):
    X, y = regression(rng)
    unit = Adaline(3, rate=0.02)
    unit.fit(X, y, epochs=1000)
    np.testing.assert_allclose([*unit.w, unit.b], settled(X, y, 0.02), atol=1e-6)

    far, near = (np.linalg.norm(settled(X, y, r) - least_squares(X, y)) for r in (1e-4, 1e-5))
    assert far > 1e-7
    # The distance is proportional to the rate.
    np.testing.assert_allclose(far / near, 10, rtol=0.05)


def test_or_by_hand():
    X, y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1, 1, 1, 1])
    np.testing.assert_array_equal(correlation(X), np.eye(3))
    assert largest_rate(X) == pytest.approx(2)
    np.testing.assert_allclose(least_squares(X, y), [0.5, 0.5, 0.5])
    path = gradient_descent(X, y, 0.5, 3)
    np.testing.assert_allclose(path, np.outer([0, 1 / 4, 3 / 8, 7 / 16], [1, 1, 1]))


def test_badly_scaled_inputs_lower_the_limit_by_their_square(rng):
    X, _ = regression(rng)
    assert largest_rate(1e6 * X) == pytest.approx(largest_rate(1e8 * X) * 1e4, rel=1e-6)
    far = X + 1e6  # a mean of a million, a spread of one
    assert largest_rate(far) == pytest.approx(2 / ((far**2).sum(axis=1).mean() + 1), rel=1e-6)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((3, 5)), np.ones(3), r"X has shape \(3, 5\), expected \(N, D\) with D = 2"),
        (np.zeros((4, 2)), np.ones(3), r"y has shape \(3,\), expected \(N,\) with N = 4"),
        (np.array([[0, np.inf]]), np.ones(1), "not finite"),
        (np.zeros((1, 2)), np.array([np.nan]), "not finite"),
    ],
)
def test_bad_input_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        Adaline(2).fit(X, y)


def test_a_rate_that_blows_up_is_an_error(rng):
    X, y = regression(rng)
    with pytest.raises(FloatingPointError, match=r"diverged; rate 10\.0 is too large"):
        Adaline(3, rate=10.0).fit(X, y)


def test_errors_that_have_lost_the_data_are_not_returned():
    X, y = np.array([[1.0]]), np.array([1.0])
    # Each step multiplies the error by 1 - 10 · (1 + 1) = -19: 19²⁵ is above 10³⁰, but finite.
    with pytest.raises(FloatingPointError, match=r"diverged; rate 10\.0 is too large"):
        Adaline(1, rate=10.0).fit(X, y, epochs=30)
    assert Adaline(1, rate=10.0).fit(X, y, epochs=5)[-1] == pytest.approx(19.0**8)


def test_the_sum_has_the_size_and_the_sign_of_the_weights():
    unit = Adaline(2)
    unit.w, unit.b = np.array([2.0, -3.0]), 0.5
    assert unit.net_input(np.array([[1.0, 1.0], [0.0, -1.0]])).tolist() == [-0.5, 3.5]


def test_predict_cuts_at_zero():
    unit = Adaline(1)
    unit.w[:], unit.b = 2.0, -4.0
    assert unit.predict(np.array([[1.9], [2.0], [2.1]])).tolist() == [-1, 1, 1]


# The figure on the page

SCRIPT = "docs/history/adaline.js"


@pytest.mark.browser
@pytest.mark.parametrize("dim", [1, 3])
def test_the_figures_bowl_is_pythons(js, rng, dim):
    """With `dim` inputs and the constant one, as many weights as the page's bowls have."""
    X, y = rng.normal(size=(9, dim)), rng.normal(size=9)
    X1 = np.column_stack([X, np.ones(9)])
    bowl = {
        "M": (X1.T @ X1 / 9).tolist(),
        "p": (X1.T @ y / 9).tolist(),
        "c": float((y**2).mean() / 2),
        "start": [0.0] * (dim + 1),
    }
    path = gradient_descent(X, y, 0.3, 12)
    np.testing.assert_allclose(js(SCRIPT, "descend", bowl, 0.3, 12), path, rtol=1e-9, atol=1e-12)
    for v in path[::4]:
        loss = ((y - X1 @ v) ** 2).mean() / 2
        assert js(SCRIPT, "loss", bowl, v.tolist()) == pytest.approx(loss, rel=1e-9)
