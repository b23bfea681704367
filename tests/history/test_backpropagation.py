"""Backpropagation by hand against PyTorch's autograd and optimiser, SciPy, and differences."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize._numdiff import approx_derivative
from scipy.special import expit

from introdl.history.backpropagation import (
    Linear,
    Network,
    Sigmoid,
    finite_differences,
    squared_error,
    sweeps,
    symmetry_task,
    torch_twin,
)


def odd_input(rng):
    X, T = rng.normal(size=(7, 3)), rng.uniform(size=(7, 2))
    net, linear, sigmoid = (
        Network([3, 4, 2], rng),
        Linear(np.ones((3, 2)), np.ones((1, 2))),
        Sigmoid(),
    )
    Y = net.forward(X)
    linear.forward(X), sigmoid.forward(Y)
    return {
        "Linear.forward": {"self": linear, "X": X},
        "Linear.backward": {"self": linear, "dZ": T},
        "Sigmoid.forward": {"self": sigmoid, "Z": X},
        "Sigmoid.backward": {"self": sigmoid, "dA": T},
        "squared_error": {"Y": Y, "T": T},
        "Network.forward": {"self": net, "X": X},
        "Network.backward": {"self": net, "dY": T},
        "sweeps": {"net": net, "X": X, "T": T, "n": 2},
        "finite_differences": {"net": net, "X": X, "T": T},
    }


def task(sizes, rng, cases=7):
    return rng.normal(size=(cases, sizes[0])), rng.uniform(size=(cases, sizes[-1]))


def gradients(net, X, T):
    _, dY = squared_error(net.forward(X), T)
    return net.backward(dY)


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


def autograd(net, X, T):
    twin = torch_twin(net)
    loss = 0.5 * torch.sum((twin(torch.from_numpy(X)) - torch.from_numpy(T)) ** 2)
    loss.backward()
    return flat([p.grad.numpy().T for p in twin.parameters()])


@pytest.mark.agreement
def test_gradient_equals_autograd(rng, agreement):
    net = Network([5, 7, 6, 3], rng, scale=1.5)
    X, T = task([5, 3], rng)
    agreement(
        flat(gradients(net, X, T)),
        lambda: autograd(net, X, T),
        what="gradient of a 5-7-6-3 sigmoid net, by hand",
        against="PyTorch autograd, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_gradient_equals_finite_differences(rng, agreement):
    net = Network([4, 5, 2], rng, scale=1.5)
    X, T = task([4, 2], rng)

    weights = flat(net.parameters())

    def error(parameters):
        W1, b1, W2, b2 = np.split(parameters, [20, 25, 35])
        Y = expit(expit(X @ W1.reshape(4, 5) + b1) @ W2.reshape(5, 2) + b2)
        return 0.5 * np.sum((Y - T) ** 2)

    def reference():
        return approx_derivative(error, weights, method="3-point").ravel()

    agreement(
        flat(gradients(net, X, T)),
        reference,
        what="gradient of a 4-5-2 sigmoid net, by hand",
        against="SciPy's central differences of a forward pass in SciPy, float64",
        atol=1e-8,
    )
    # The page's own nudges agree with SciPy's.
    np.testing.assert_allclose(flat(finite_differences(net, X, T)), reference(), atol=1e-8)


@pytest.mark.agreement
def test_training_equals_torch_sgd(rng, agreement):
    net = Network([6, 4, 2], rng)
    X, T = task([6, 2], rng, cases=20)
    start = Network([6, 4, 2], rng)
    for mine, copied in zip(start.parameters(), net.parameters(), strict=True):
        mine[:] = copied
    errors = list(sweeps(net, X, T, 60, lr=0.05, momentum=0.9))

    def reference():
        twin, losses = torch_twin(start), []
        optimiser = torch.optim.SGD(twin.parameters(), lr=0.05, momentum=0.9)
        for _ in range(60):
            optimiser.zero_grad()
            loss = 0.5 * torch.sum((twin(torch.from_numpy(X)) - torch.from_numpy(T)) ** 2)
            loss.backward()
            losses.append(loss.item())
            optimiser.step()
        return flat([losses, *(p.detach().numpy().T for p in twin.parameters())])

    agreement(
        flat([errors, *net.parameters()]),
        reference,
        what="errors and weights of 60 sweeps with momentum 0.9",
        against="PyTorch autograd and SGD, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_sigmoid_at_any_scale(rng, agreement):
    Z = np.concatenate([rng.normal(size=50) * 10.0**k for k in range(-8, 9)])[:, None]
    agreement(
        Sigmoid().forward(Z),
        lambda: expit(Z),
        what="sigmoid of inputs from 1e-8 to 1e8",
        against="scipy.special.expit",
        atol=1e-15,
    )


@pytest.mark.parametrize("layer", ["linear", "sigmoid"])
def test_gradient_of_a_layers_input(rng, layer):
    X, dZ = rng.normal(size=(6, 4)), rng.normal(size=(6, 4 if layer == "sigmoid" else 3))
    ours = Sigmoid() if layer == "sigmoid" else Linear(rng.normal(size=(4, 3)), np.zeros((1, 3)))
    x = torch.tensor(X, requires_grad=True)
    theirs = torch.sigmoid(x) if layer == "sigmoid" else x @ torch.from_numpy(ours.W)
    theirs.backward(torch.from_numpy(dZ))
    assert np.allclose(ours.forward(X), theirs.detach().numpy(), rtol=0, atol=1e-14)
    assert np.allclose(ours.backward(dZ), x.grad.numpy(), rtol=0, atol=1e-14)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    cases=st.integers(1, 4),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_shape_and_scale_equals_autograd(sizes, cases, scale, seed):
    rng = np.random.default_rng(seed)
    net = Network(sizes, rng)
    X, T = task(sizes, rng, cases)
    theirs = autograd(net, scale * X, T)
    ours = flat(gradients(net, scale * X, T))
    assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-12 * scale)


def test_runs_side_by_side_equal_runs_one_by_one(rng):
    net = Network([3, 4, 2], rng, runs=5)
    X, T = rng.normal(size=(5, 8, 3)), rng.uniform(size=(5, 8, 2))
    alone = []
    for r in range(5):
        one = Network([3, 4, 2], rng)
        for p, source in zip(one.parameters(), net.parameters(), strict=True):
            p[:] = source[r]
        errors = list(sweeps(one, X[r], T[r], 10))
        alone.append((errors, flat(one.parameters())))
    errors = np.array(list(sweeps(net, X, T, 10)))
    for r, (expected, weights) in enumerate(alone):
        assert np.allclose(errors[:, r], expected, rtol=0, atol=1e-12)
        assert np.allclose(flat([p[r] for p in net.parameters()]), weights, rtol=0, atol=1e-12)


def test_gradient_is_a_sum_over_cases(rng):
    net = Network([3, 4, 2], rng, scale=1)
    X, T = task([3, 2], rng)
    cases = [flat(gradients(net, X[i : i + 1], T[i : i + 1])) for i in range(len(X))]
    assert np.allclose(flat(gradients(net, X, T)), np.sum(cases, axis=0), rtol=0, atol=1e-13)


def test_equal_hidden_units_stay_equal(rng):
    X, T = symmetry_task()
    net = Network([6, 2, 1], rng)
    W, b, V, _ = net.parameters()
    W[:, 1], b[:, 1], V[1] = W[:, 0], b[:, 0], V[0]
    start = W.copy()
    list(sweeps(net, X, T, 50))
    assert not np.allclose(W, start)
    assert np.array_equal(W[:, 0], W[:, 1])
    assert np.array_equal(V[0], V[1])


def test_finite_differences_put_the_weights_back(rng):
    net = Network([3, 2, 2], rng)
    before = flat(net.parameters()).copy()
    finite_differences(net, *task([3, 2], rng), eps=0.1)
    assert np.array_equal(flat(net.parameters()), before)


def test_a_sweep_steps_only_when_the_next_is_asked_for(rng):
    net = Network([3, 2, 1], rng)
    X, T = task([3, 1], rng)
    before = flat(net.parameters()).copy()
    E = next(sweeps(net, X, T, 5))
    assert squared_error(net.forward(X), T)[0] == E
    assert np.array_equal(flat(net.parameters()), before)
    assert len(list(sweeps(net, X, T, 5))) == 5
    assert not np.array_equal(flat(net.parameters()), before)


def test_validating_between_sweeps_does_not_disturb_training(rng):
    X, T = task([3, 1], rng)
    nets = [Network([3, 2, 1], np.random.default_rng(0)) for _ in range(2)]
    for _ in sweeps(nets[0], X, T, 20):
        nets[0].forward(rng.normal(size=(50, 3)))
    list(sweeps(nets[1], X, T, 20))
    assert np.array_equal(flat(nets[0].parameters()), flat(nets[1].parameters()))


def test_weights_start_in_range_and_follow_the_seed():
    a, b = (flat(Network([40, 30], np.random.default_rng(3), 0.2).parameters()) for _ in range(2))
    assert np.array_equal(a, b)
    assert 0.19 < np.abs(a).max() <= 0.2
    assert abs(a.mean()) < 0.02


@pytest.mark.parametrize("bits", [1, 2, 5, 6])
def test_symmetry_task_lists_palindromes(bits):
    X, T = symmetry_task(bits)
    texts = ["".join(p) for p in product("01", repeat=bits)]
    assert ["".join(str(int(v)) for v in row) for row in X] == texts
    assert [bool(t) for t in T[:, 0]] == [text == text[::-1] for text in texts]
    assert T.shape == (2**bits, 1)


@pytest.mark.parametrize("shape", [(5, 3), (4,)])
def test_wrong_inputs_are_refused(rng, shape):
    net = Network([4, 2], rng)
    with pytest.raises(ValueError, match=r"X has shape .* expected \(\.\.\., N, D\)"):
        net.forward(np.zeros(shape))


def test_wrong_targets_are_refused(rng):
    net = Network([4, 2], rng)
    with pytest.raises(ValueError, match=r"T has shape \(5, 1\), expected .* K = 2"):
        list(sweeps(net, np.zeros((5, 4)), np.zeros((5, 1)), 1))


def test_a_net_needs_inputs_and_outputs(rng):
    with pytest.raises(ValueError, match=r"two or more sizes, got \[3\]"):
        Network([3], rng)


# The figure on the page

SCRIPT = "docs/history/backpropagation.js"


@pytest.mark.browser
def test_the_figures_slopes_and_steps_are_pythons(js, rng):
    net = Network([2, 2, 1], rng, scale=2.0)
    X, T = rng.normal(size=(1, 2)), rng.uniform(size=(1, 1))
    W, b, v, c = net.parameters()
    drawn = {"W": W.tolist(), "b": b[0].tolist(), "v": v[:, 0].tolist(), "c": float(c[0, 0])}
    x, t = X[0].tolist(), float(T[0, 0])
    E, dY = squared_error(net.forward(X), T)
    dW, db, dv, dc = net.backward(dY)
    assert js(SCRIPT, "forward", drawn, x, t)["error"] == pytest.approx(float(E))
    found = js(SCRIPT, "backward", drawn, x, t)
    for ours, theirs in ((dW, "W"), (db[0], "b"), (dv[:, 0], "v"), (dc[0, 0], "c")):
        np.testing.assert_allclose(found[theirs], ours, rtol=1e-9)
    list(sweeps(net, X, T, 3, lr=1.0, momentum=0.0))
    after = js(SCRIPT, "train", drawn, x, t, 3)
    W, b, v, c = net.parameters()
    for ours, theirs in ((W, "W"), (b[0], "b"), (v[:, 0], "v"), (c[0, 0], "c")):
        np.testing.assert_allclose(after[theirs], ours, rtol=1e-9)
