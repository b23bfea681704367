"""XOR: certificates against SciPy's solver, gradients against PyTorch, intervals against SciPy."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import binomtest

from introdl.history.xor import (
    Nets,
    inequalities,
    is_certificate,
    products,
    separate,
    sigmoid,
    torch_gradients,
    truth_table,
    wilson_interval,
)


def odd_input(rng):
    nets, inputs = Nets.from_seeds(range(3)), rng.normal(size=(7, 2))
    targets, points = rng.uniform(size=7), rng.integers(-3, 4, (4, 2))
    A = inequalities(points, XOR)
    return {
        "products": {"X": points, "order": 2},
        "inequalities": {"X": points, "y": XOR},
        "is_certificate": {"A": A, "m": np.array([1, 2, 3, 4])},
        "separate": {"X": points, "y": XOR},
        "sigmoid": {"x": inputs},
        "Nets.select": {"self": nets, "which": np.array([2, 0])},
        "Nets.forward": {"self": nets, "X": inputs},
        "Nets.gradients": {"self": nets, "X": inputs, "y": targets},
        "Nets.fit": {"self": nets, "X": inputs, "y": targets, "steps": 2},
        "torch_gradients": {"nets": nets, "X": inputs, "y": targets},
    }


X, XOR = truth_table(2), np.array([0, 1, 1, 0])


def feasible(A):
    """Ask SciPy's linear programming solver whether A @ z >= 1 has a solution."""
    lp = linprog(np.zeros(A.shape[1]), A_ub=-A, b_ub=-np.ones(len(A)), bounds=(None, None))
    assert lp.status in (0, 2), lp.message
    return lp.status == 0


def separable(points, y):
    """Ask the same solver for w, b with w·x + b >= 1 where y is 1 and <= -1 where it is 0."""
    X = np.column_stack([points, np.ones(len(points))])
    lp = linprog(np.zeros(X.shape[1]), A_ub=X * (1 - 2 * y)[:, None], b_ub=-np.ones(len(X)),
                 bounds=(None, None))  # fmt: skip
    assert lp.status in (0, 2), lp.message
    return lp.status == 0


def settle(points, y):
    """Run `separate` and check the proof that it returns; tell whether it found weights."""
    w, m = separate(points, y)
    assert (w is None) != (m is None)
    if w is not None:
        assert ((points @ w[:-1] + w[-1] > 0) == y).all()
    else:
        assert is_certificate(inequalities(points, y), m)
    return w is not None


def test_xor_is_refuted_by_the_four_inequalities_once_each():
    w, m = separate(X, XOR)
    assert w is None
    assert m.tolist() == [1, 1, 1, 1]
    A = inequalities(X, XOR)
    assert A.tolist() == [[0, 0, -1], [0, 1, 1], [1, 0, 1], [-1, -1, -1]]
    assert is_certificate(A, m)


@pytest.mark.parametrize("m", [[0, 0, 0, 0], [1, 1, 1, 2], [-1, -1, -1, -1], [1, 0, 1, 0]], ids=str)
def test_what_is_no_certificate_is_refused(m):
    assert not is_certificate(inequalities(X, XOR), np.array(m))


# Threshold functions of n or fewer variables: Muroga (1971); OEIS A000609.
@pytest.mark.parametrize(("n", "known"), [(1, 4), (2, 14), (3, 104)])
def test_the_count_of_threshold_functions_is_the_known_one(n, known):
    points = truth_table(n)
    assert sum(settle(points, y) for y in truth_table(2**n)) == known


@pytest.mark.agreement
def test_a_linear_program_agrees_on_all_functions_of_three_inputs(agreement):
    points, functions = truth_table(3), truth_table(8)
    agreement(
        [settle(points, y) for y in functions],
        lambda: [separable(points, y) for y in functions],
        what="whether one unit computes each of 256 functions of 3 inputs",
        against="SciPy linprog",
        atol=0,
    )


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 2).flatmap(
        lambda d: st.lists(
            st.tuples(*[st.integers(-20, 20)] * d, st.integers(0, 1)), min_size=1, max_size=6
        )
    )
)
def test_each_answer_on_any_whole_number_points_is_proved(rows):
    table = np.array(rows)
    settle(table[:, :-1], table[:, -1])


def test_numbers_past_64_bits_are_refused_and_not_wrapped(rng):
    big = rng.integers(2**40, 2**50, size=(8, 3))
    with pytest.raises(OverflowError, match="outgrow 64 bits"):
        separate(big, np.array([0, 1] * 4))


@pytest.mark.parametrize("n", range(2, 7))
def test_parity_needs_a_feature_of_all_its_inputs(n):
    points = truth_table(n)
    parity = points.sum(axis=1) % 2
    fewer = products(points, n - 1)
    assert fewer.shape == (2**n, sum(comb(n, k) for k in range(1, n)))
    assert is_certificate(inequalities(fewer, parity), np.ones(2**n, dtype=int))
    assert not feasible(inequalities(fewer, parity))
    assert feasible(inequalities(products(points, n), parity))


def test_products_of_known_inputs():
    assert products(np.array([[2, 3, 5]]), 3).tolist() == [[2, 3, 5, 6, 10, 15, 30]]


@pytest.mark.agreement
def test_the_wilson_interval_is_scipys(agreement, rng):
    trials = rng.integers(1, 2000, size=50)
    counts = [0, 5, *rng.integers(0, trials[2:] + 1)]
    trials[:2] = 5  # no success, and nothing but successes
    agreement(
        [wilson_interval(k, n, z=1.959963984540054) for k, n in zip(counts, trials, strict=True)],
        lambda: [
            binomtest(int(k), int(n)).proportion_ci(0.95, method="wilson")
            for k, n in zip(counts, trials, strict=True)
        ],
        what="95 % intervals of 50 success rates",
        against="SciPy binomtest",
        atol=1e-12,
    )


@pytest.mark.agreement
@pytest.mark.parametrize("hidden", [1, 2, 5])
def test_gradients_are_autograds(agreement, rng, hidden):
    nets = Nets(
        rng.normal(size=(3, hidden, 7)),
        rng.normal(size=(hidden, 7)),
        rng.normal(size=(hidden, 7)),
        rng.normal(size=7),
    )
    inputs, targets = rng.normal(size=(6, 3)), rng.uniform(size=6)

    def flat(gradients):
        return np.concatenate([array.ravel() for array in gradients])

    agreement(
        flat(nets.gradients(inputs, targets)),
        lambda: flat(torch_gradients(nets, inputs, targets)),
        what=f"gradients of 7 nets with {hidden} hidden unit{'s' * (hidden > 1)}",
        against="PyTorch autograd, float64",
        atol=1e-13,
    )


def test_gradient_descent_is_what_the_definition_says(rng):
    inputs, targets = X.astype(float), XOR.astype(float)
    nets = Nets.from_seeds(range(5))
    expected = nets
    for _ in range(3):
        slopes = torch_gradients(expected, inputs, targets)
        expected = Nets(*(a - 0.5 * s for a, s in zip(expected, slopes, strict=True)))
    for ours, theirs in zip(nets.fit(inputs, targets, 3, lr=0.5), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-14)


def test_a_net_learns_the_same_alone_as_among_others():
    inputs, targets = X.astype(float), XOR.astype(float)
    among = Nets.from_seeds(range(20)).fit(inputs, targets, 50).select([13])
    alone = Nets.from_seeds(range(13, 14)).fit(inputs, targets, 50)
    for a, b in zip(among, alone, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


def test_selecting_copies_and_training_leaves_the_start_alone():
    inputs, targets = X.astype(float), XOR.astype(float)
    nets = Nets.from_seeds(range(4))
    before = [array.copy() for array in nets]
    chosen = nets.select(np.array([True, False, True, False]))
    assert chosen.W.shape == (2, 2, 2)
    chosen.W[:] = 0
    nets.fit(inputs, targets, 2)
    for a, b in zip(before, nets, strict=True):
        np.testing.assert_array_equal(a, b)


def test_twin_hidden_units_stay_twins_and_cannot_learn_xor():
    inputs, targets = X.astype(float), XOR.astype(float)
    nets = Nets.from_seeds(range(30))
    twins = Nets(nets.W[:, [0, 0]], nets.b[[0, 0]], nets.v[[0, 0]], nets.c)
    trained = twins.fit(inputs, targets, 1000)
    np.testing.assert_allclose(trained.W[:, 0], trained.W[:, 1], atol=1e-12)
    right = (trained.forward(inputs)[1] > 0.5) == targets[:, None]
    assert not right.all(axis=0).any()


def test_saturated_nets_do_not_overflow():
    huge = Nets(*(1e4 * array for array in Nets.from_seeds(range(3))))
    gradients = huge.gradients(X.astype(float), XOR.astype(float))
    assert all(np.isfinite(array).all() for array in gradients)
    np.testing.assert_allclose(sigmoid(np.array([-1e300, 0, 1e300])), [0, 0.5, 1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Nets.from_seeds(range(2)).gradients(X.astype(float), XOR[:1].astype(float)),
            r"gradients\(\): y has shape \(1,\), expected \(N,\) with N = 4",
        ),
        (lambda: inequalities(X, XOR[:3]), r"y has shape \(3,\), expected \(N,\) with N = 4"),
        (lambda: inequalities(X / 2, XOR), "must be of integers, got float64"),
        (lambda: inequalities(X[0], XOR), r"X has shape \(2,\), expected \(N, D\)"),
        (lambda: separate(X, 2 * XOR - 1), r"y must be of 0 and 1, got \[-1  1\]"),
        (lambda: wilson_interval(3, 2), "expected 0 <= successes <= trials, got 3 of 2"),
        (lambda: wilson_interval(0, 0), "got 0 of 0"),
        (lambda: Nets.from_seeds(range(2)).forward(np.ones((4, 3))), "with D = 2"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The figures on the page

SCRIPT = "docs/history/xor.js"


@pytest.mark.browser
def test_the_figures_net_is_pythons(js, rng):
    nets = Nets(*(rng.normal(scale=3, size=(*s, 5)) for s in ((2, 2), (2,), (2,), ())))
    inputs = X.astype(float)
    hidden, outputs = nets.forward(inputs)
    for s in range(5):
        p = np.concatenate([array[..., s].ravel() for array in nets]).tolist()
        for n, x in enumerate(inputs.tolist()):
            # 1 + tanh(z / 2) is rounded at 1e-16 of 1, however small the answer is.
            np.testing.assert_allclose(
                js(SCRIPT, "hidden", p, x), hidden[n, :, s], rtol=1e-12, atol=1e-15
            )
            assert js(SCRIPT, "output", p, x) == pytest.approx(outputs[n, s], rel=1e-12)
        loss = 0.5 * ((outputs[:, s] - XOR) ** 2).sum()
        assert js(SCRIPT, "error", p) == pytest.approx(loss, rel=1e-12)


@pytest.mark.browser
def test_the_figures_line_has_two_sides(js, rng):
    p, q, x = rng.normal(size=(3, 2))
    cross = np.linalg.det(np.stack([q - p, x - p]))
    assert js(SCRIPT, "side", p.tolist(), q.tolist(), x.tolist()) == np.sign(cross)
    assert js(SCRIPT, "side", p.tolist(), q.tolist(), p.tolist()) == 0
