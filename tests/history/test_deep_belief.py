import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize._numdiff import approx_derivative
from scipy.special import expit
from sklearn.neural_network import BernoulliRBM
from torch import nn

from introdl.history.deep_belief import (
    RBM,
    binary_states,
    cd_gradient,
    chain_distribution,
    copy_stack,
    exact_gradient_torch,
    fine_tune,
    free_energy,
    gradient,
    hidden_given_visible,
    log_likelihood,
    mlp,
    model_distribution,
    train_rbm,
    train_stack,
    visible_given_hidden,
)


def odd_input(rng):
    rbm, v = draw(rng, 3, 2), binary(rng, 7, 3).astype(int)
    return {
        "hidden_given_visible": {"rbm": rbm, "v": rng.random((7, 3))},
        "visible_given_hidden": {"rbm": rbm, "h": rng.random((7, 2))},
        "free_energy": {"rbm": rbm, "v": rng.random((7, 3))},
        "log_likelihood": {"rbm": rbm, "v": v},
        "chain_distribution": {"rbm": rbm, "v": v, "k": 2},
        "moments": {"rbm": rbm, "v": rng.random((7, 3)), "weight": np.full(7, 1 / 7)},
        "gradient": {"rbm": rbm, "v": rng.random((7, 3)), "q": np.full(8, 1 / 8)},
        "exact_gradient_torch": {"rbm": rbm, "v": rng.random((7, 3))},
        "cd_gradient": {"rbm": rbm, "v": rng.random((7, 3)), "rng": rng},
        "train_rbm": {"v": rng.random((7, 3)), "n_hidden": 2, "rng": rng, "epochs": 2},
        "train_stack": {"v": rng.random((7, 3)), "sizes": (2,), "rng": rng},
    }


def draw(rng, n_visible=5, n_hidden=4, scale=1.0):
    shapes = (n_visible, n_hidden), n_visible, n_hidden
    return RBM(*(rng.normal(0, scale, shape) for shape in shapes))


def binary(rng, *shape):
    return rng.integers(0, 2, shape).astype(float)


def flat(parameters):
    return np.concatenate([p.ravel() for p in parameters])


def joint_by_hand(rbm):
    """p(v, h) of every pair of states, one state at a time from the definition of the energy."""
    D, H = rbm.W.shape
    table = {}
    for v in itertools.product((0, 1), repeat=D):
        for h in itertools.product((0, 1), repeat=H):
            E = -sum(rbm.b[i] * v[i] for i in range(D)) - sum(rbm.c[j] * h[j] for j in range(H))
            E -= sum(v[i] * rbm.W[i, j] * h[j] for i in range(D) for j in range(H))
            table[v, h] = np.exp(-E)
    Z = sum(table.values())
    return {pair: weight / Z for pair, weight in table.items()}, Z


@pytest.mark.agreement
def test_exact_gradient_equals_autograd(rng, agreement):
    rbm, v = draw(rng), binary(rng, 7, 5)
    agreement(
        flat(gradient(rbm, v, model_distribution(rbm))),
        lambda: flat(exact_gradient_torch(rbm, v)),
        what="gradient of an RBM's exact log-likelihood",
        against="PyTorch autograd, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_exact_gradient_equals_finite_differences(rng, agreement):
    rbm, v = draw(rng), binary(rng, 7, 5)
    hidden = np.array([*itertools.product((0, 1), repeat=4)])

    def log_p(parameters):
        """The mean of log p(v) from the energy of all pairs of states, with no sum done by hand."""
        W, b, c = np.split(parameters, [20, 25])

        def minus_energy(visible):
            products = np.einsum("vi,ij,hj->vh", visible, W.reshape(5, 4), hidden)
            return products + (visible @ b)[:, None] + hidden @ c

        every = np.array([*itertools.product((0, 1), repeat=5)])
        return (np.log(np.exp(minus_energy(v)).sum(axis=1)).mean()) - np.log(
            np.exp(minus_energy(every)).sum()
        )

    agreement(
        flat(gradient(rbm, v, model_distribution(rbm))),
        lambda: approx_derivative(log_p, flat(rbm), method="3-point").ravel(),
        what="gradient of an RBM's exact log-likelihood",
        against="SciPy's central differences of a sum over all states, float64",
        atol=1e-8,
    )


@pytest.mark.agreement
def test_conditionals_and_free_energy_equal_scikit_learn(rng, agreement):
    rbm, v = draw(rng, 6, 4), binary(rng, 9, 6)
    theirs = BernoulliRBM(n_components=4)
    theirs.components_ = rbm.W.T
    theirs.intercept_hidden_, theirs.intercept_visible_ = rbm.c, rbm.b
    theirs.n_features_in_ = 6
    agreement(
        np.column_stack([hidden_given_visible(rbm, v), free_energy(rbm, v)]),
        lambda: np.column_stack([theirs.transform(v), theirs._free_energy(v)]),
        what="an RBM's p(h = 1 | v) and free energy",
        against="scikit-learn BernoulliRBM",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_a_stack_is_the_start_of_a_net(rng, agreement):
    stack = [draw(rng, 6, 4), draw(rng, 4, 3)]
    net = copy_stack(mlp((6, 4, 3, 4, 6), seed=0, code=2).double(), stack, unroll=True)
    v = rng.random((8, 6))

    def up_and_down():
        (W1, b1, c1), (W2, b2, c2) = stack
        code = expit(v @ W1 + c1) @ W2 + c2  # no sigmoid at the code
        return expit(expit(code @ W2.T + b2) @ W1.T + b1)

    with torch.no_grad():
        ours = expit(net(torch.from_numpy(v)).numpy())
    agreement(
        ours,
        up_and_down,
        what="an autoencoder unrolled from a stack of RBMs",
        against="products and SciPy's sigmoids, up and down the stack",
        atol=1e-12,
    )


def test_everything_exact_equals_the_table_of_all_states(rng):
    rbm = draw(rng, 3, 2)
    p, Z = joint_by_hand(rbm)
    visible, hidden = binary_states(3), binary_states(2)
    table = np.array(
        [[p[tuple(v), tuple(h)] for h in hidden.astype(int)] for v in visible.astype(int)]
    )
    np.testing.assert_allclose(model_distribution(rbm), table.sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(
        np.exp(-free_energy(rbm, visible)) / Z, table.sum(axis=1), atol=1e-12
    )

    up = table / table.sum(axis=1, keepdims=True)
    down = (table / table.sum(axis=0)).T
    np.testing.assert_allclose(hidden_given_visible(rbm, visible), up @ hidden, atol=1e-12)
    np.testing.assert_allclose(visible_given_hidden(rbm, hidden), down @ visible, atol=1e-12)

    v = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    assert log_likelihood(rbm, v) == pytest.approx(
        np.mean([np.log(table.sum(axis=1)[i]) for i in (5, 6, 5)]), abs=1e-12
    )
    start = np.zeros(8)
    start[[5, 6]] = 2 / 3, 1 / 3
    np.testing.assert_allclose(chain_distribution(rbm, v, 0), start, atol=1e-12)
    np.testing.assert_allclose(
        chain_distribution(rbm, v, 2), start @ up @ down @ up @ down, atol=1e-12
    )


def test_the_worked_example():
    rbm, v = RBM(np.log([[3.0]]), np.zeros(1), np.zeros(1)), np.ones((1, 1))
    np.testing.assert_allclose(model_distribution(rbm), [1 / 3, 2 / 3])
    np.testing.assert_allclose(gradient(rbm, v, model_distribution(rbm)).W, 1 / 4)
    np.testing.assert_allclose(gradient(rbm, v, chain_distribution(rbm, v, 1)).W, 15 / 64)


@pytest.mark.parametrize("k", [1, 3])
def test_cd_has_the_mean_that_the_chain_says(rng, k):
    rbm, v = draw(rng), binary(rng, 3, 5)
    n = 20_000
    estimate = flat(cd_gradient(rbm, np.repeat(v, n, axis=0), rng, k=k))
    exact = flat(gradient(rbm, v, chain_distribution(rbm, v, k)))
    # Each entry averages 3n values in [-1, 1]: six standard errors.
    np.testing.assert_allclose(estimate, exact, atol=6 / np.sqrt(3 * n))


def test_cd_with_grey_pixels_keeps_the_probabilities(rng):
    # Hidden units that are certain leave nothing random but the visible units.
    rbm = RBM(rng.normal(size=(5, 4)), rng.normal(size=5), np.full(4, 1000.0))
    v = rng.random((6, 5))
    rebuilt = visible_given_hidden(rbm, np.ones((6, 4)))
    grey = cd_gradient(rbm, v, rng, binary=False)
    np.testing.assert_allclose(grey.b, (v - rebuilt).mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(grey.W, np.outer((v - rebuilt).mean(axis=0), np.ones(4)), atol=1e-12)
    np.testing.assert_allclose(grey.c, 0, atol=1e-12)
    sampled = cd_gradient(rbm, np.zeros((6, 5)), rng, binary=True)
    np.testing.assert_allclose(sampled.b * 6, np.round(sampled.b * 6), atol=1e-12)


def test_many_steps_of_cd_are_exact(rng):
    rbm, v = draw(rng), binary(rng, 4, 5)
    far = gradient(rbm, v, chain_distribution(rbm, v, 3000))
    np.testing.assert_allclose(
        flat(far), flat(gradient(rbm, v, model_distribution(rbm))), atol=1e-9
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.floats(0.01, 5), st.integers(0, 1000))
def test_the_model_distribution_stays_put_under_gibbs_sampling(D, H, scale, seed):
    rbm = draw(np.random.default_rng(seed), D, H, scale)
    p = model_distribution(rbm)
    assert p.sum() == pytest.approx(1, abs=1e-9)
    step = [chain_distribution(rbm, state[None], 1) for state in binary_states(D)]
    np.testing.assert_allclose(p @ np.array(step), p, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1e6])
def test_badly_scaled_parameters_stay_finite(rng, scale):
    rbm, v = draw(rng, scale=scale), binary(rng, 4, 5)
    for g in (
        gradient(rbm, v, model_distribution(rbm)),
        gradient(rbm, v, chain_distribution(rbm, v, 3)),
        cd_gradient(rbm, v, rng),
    ):
        assert np.all(np.isfinite(flat(g)))
        assert np.abs(flat(g)).max() <= 1
    assert log_likelihood(rbm, v) <= 0


@pytest.mark.parametrize(
    ("function", "shape", "message"),
    [
        (hidden_given_visible, (2, 4), r"v has shape \(2, 4\), expected \(N, D\) with D = 5"),
        (hidden_given_visible, (5,), r"v has shape \(5,\), expected \(N, D\)"),
        (visible_given_hidden, (2, 5), r"h has shape \(2, 5\), expected \(N, H\) with H = 4"),
        (visible_given_hidden, (4,), r"h has shape \(4,\), expected \(N, H\)"),
    ],
)
def test_bad_shapes_are_named(rng, function, shape, message):
    with pytest.raises(ValueError, match=message):
        function(draw(rng), np.zeros(shape))


def test_climbing_the_exact_gradient_raises_the_likelihood(rng):
    rbm, v = draw(rng, scale=0.1), binary(rng, 4, 5)
    heights = [log_likelihood(rbm, v)]
    for _ in range(50):
        g = gradient(rbm, v, model_distribution(rbm))
        rbm = RBM(*(p + 0.1 * d for p, d in zip(rbm, g, strict=True)))
        heights.append(log_likelihood(rbm, v))
    assert np.all(np.diff(heights) > 0)


def test_training_finds_two_patterns_and_repeats_with_its_seed():
    patterns = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], dtype=float)
    v = np.repeat(patterns, 100, axis=0)
    rbm = train_rbm(v, 3, np.random.default_rng(0))
    # Independent pixels would give every pattern -6 log 2; two patterns alone give -log 2.
    assert log_likelihood(rbm, v) > -2 > -6 * np.log(2)
    again = train_rbm(v, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(flat(rbm), flat(again))


def test_training_takes_the_step_of_momentum(rng):
    v = rng.random((7, 5))
    seed = int(rng.integers(2**31))
    ours = train_rbm(v, 3, np.random.default_rng(seed), epochs=2)
    replay = np.random.default_rng(seed)
    W = replay.normal(0, 0.01, (5, 3))
    start = RBM(W, np.log(v.mean(axis=0) / (1 - v.mean(axis=0))), np.zeros(3))
    g1 = cd_gradient(start, v[replay.permutation(7)], replay, binary=False)
    middle = RBM(*(p + 0.2 * d for p, d in zip(start, g1, strict=True)))
    g2 = cd_gradient(middle, v[replay.permutation(7)], replay, binary=False)
    expected = flat(middle) + 0.2 * flat(g2) + 0.8 * 0.2 * flat(g1)
    np.testing.assert_allclose(flat(ours), expected, atol=1e-12)


def test_pixels_that_never_change_do_not_break_training(rng):
    v = np.zeros((60, 4))
    v[:, 1] = 1
    rbm = train_rbm(v, 2, rng, epochs=2)
    assert np.all(np.isfinite(flat(rbm)))


def test_each_layer_of_a_stack_sees_the_features_below(rng):
    v = rng.random((80, 6))
    first, second = train_stack(v, (4, 3), np.random.default_rng(1))
    assert first.W.shape == (6, 4)
    assert second.W.shape == (4, 3)
    again = np.random.default_rng(1)
    below = train_rbm(v, 4, again)
    above = train_rbm(hidden_given_visible(below, v), 3, again)
    np.testing.assert_array_equal(flat(second), flat(above))


def test_mlp_has_its_nonlinearities_where_asked():
    kinds = [type(layer) for layer in mlp((6, 5, 2, 5, 6), seed=0, code=2)]
    assert kinds == [nn.Linear, nn.Sigmoid, nn.Linear, nn.Linear, nn.Sigmoid, nn.Linear]
    kinds = [type(layer) for layer in mlp((6, 5, 3), seed=0, relu=True)]
    assert kinds == [nn.Linear, nn.ReLU, nn.Linear]


def test_fine_tuning_by_sgd_is_gradient_descent():
    torch.manual_seed(0)
    X, target = torch.randn(12, 4, dtype=torch.float64), torch.randn(12, 2, dtype=torch.float64)
    net = mlp((4, 3, 2), seed=1).double()
    parameters = [p.detach().numpy().copy() for p in net.parameters()]
    fine_tune(net, X, target, nn.MSELoss(), torch.optim.SGD(net.parameters(), lr=0.1), epochs=3)
    W1, b1, W2, b2 = parameters
    x, t = X.numpy(), target.numpy()
    for _ in range(3):  # one batch an epoch, so the order does not matter
        a = expit(x @ W1.T + b1)
        up = 2 * (a @ W2.T + b2 - t) / t.size
        down = up @ W2 * a * (1 - a)
        W2, b2 = W2 - 0.1 * up.T @ a, b2 - 0.1 * up.sum(axis=0)
        W1, b1 = W1 - 0.1 * down.T @ x, b1 - 0.1 * down.sum(axis=0)
    for ours, reference in zip(net.parameters(), (W1, b1, W2, b2), strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), reference, atol=1e-12)


def test_fine_tuning_shows_each_row_once_an_epoch_in_batches_of_100():
    torch.manual_seed(0)
    net, seen = mlp((1, 1), seed=0), []
    net.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].ravel().tolist()))
    X = torch.arange(220.0)[:, None]
    fine_tune(net, X, X, nn.MSELoss(), torch.optim.SGD(net.parameters(), lr=0.0), epochs=2)
    assert [len(batch) for batch in seen] == [100, 100, 20] * 2
    first, second = seen[0] + seen[1] + seen[2], seen[3] + seen[4] + seen[5]
    assert sorted(first) == sorted(second) == list(range(220))
    assert first != second


# The figure on the page

SCRIPT = "docs/history/deep_belief.js"


@pytest.mark.browser
def test_the_figures_machine_is_pythons(js, rng):
    W, b, c = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=3)
    rbm, v, h = RBM(W, b, c), rng.random(5), rng.integers(0, 2, size=3)
    drawn = {"W": W.ravel().tolist(), "b": b.tolist(), "c": c.tolist()}
    np.testing.assert_allclose(
        js(SCRIPT, "hiddenOf", drawn, v.tolist()), hidden_given_visible(rbm, v[None])[0]
    )
    made = visible_given_hidden(rbm, h[None].astype(float))[0]
    np.testing.assert_allclose(js(SCRIPT, "visibleOf", drawn, h.tolist()), made)


@pytest.mark.browser
def test_the_figures_dream_draws_hidden_units_by_their_chances(js, rng):
    W, b, c = rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=2)
    drawn = {"W": W.ravel().tolist(), "b": b.tolist(), "c": c.tolist()}
    path = js(SCRIPT, "dream", drawn, [0.3] * 4, 2000, 7)
    hidden = np.array([step["h"] for step in path[1:]])
    before = np.array([step["v"] for step in path[:-1]])
    chances = hidden_given_visible(RBM(W, b, c), before)
    # Six standard deviations of the mean of 2,000 draws.
    limit = 6 * np.sqrt((chances * (1 - chances)).sum(axis=0)) / 2000
    assert (np.abs(hidden.mean(axis=0) - chances.mean(axis=0)) <= limit).all()
    made = visible_given_hidden(RBM(W, b, c), hidden.astype(float))
    np.testing.assert_allclose([step["v"] for step in path[1:]], made)
