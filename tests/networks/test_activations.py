"""Each activation, its slope, softmax and a net against PyTorch; the page's figure, too."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.networks import activations as act
from introdl.networks.activations import ACTIVATIONS, Net

F = torch.nn.functional
THEIRS = {
    "identity": lambda t: 1.0 * t,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": F.leaky_relu,
    "gelu": F.gelu,
}
SOFT = {
    "softmax": (act.softmax, act.softmax_backward, torch.softmax),
    "log_softmax": (act.log_softmax, act.log_softmax_backward, torch.log_softmax),
}


def odd_input(rng):
    z, shares = rng.normal(size=(2, 4)), rng.dirichlet(np.ones(4), size=2)
    X, y = rng.normal(size=(9, 2)), np.array([0, 1, 0, 1, 0, 1, 0, 1, 1])
    net = Net("tanh", hidden=3, seed=0)
    names = ["identity", "step", "tanh", "relu", "leaky_relu", "gelu", "softmax", "log_softmax"]
    names += [f"{name}_slope" for name in ACTIVATIONS]
    return {
        **{name: {"z": z} for name in names},
        "softmax_backward": {"dshares": z, "shares": shares},
        "log_softmax_backward": {"dlogs": z, "z": np.log(shares)},
        "Net.sums": {"self": net, "X": X},
        "Net.net_input": {"self": net, "X": X},
        "Net.dead": {"self": net, "X": X},
        "Net.gradient": {"self": net, "X": X, "y": y},
        "Net.loss": {"self": net, "X": X, "y": y},
        "Net.fit": {"self": net, "X": X, "y": y, "rate": 0.1, "steps": 3},
    }


def theirs(name, z):
    """PyTorch's values, then autograd's slopes."""
    t = torch.tensor(z, requires_grad=True)
    value = THEIRS[name](t)
    return value.detach().numpy(), torch.autograd.grad(value.sum(), t)[0].numpy()


def their_soft(name, z, grad):
    """PyTorch's values along the last axis, then the gradient that `grad` becomes."""
    t = torch.tensor(z, requires_grad=True)
    value = SOFT[name][2](t, -1)
    return value.detach().numpy(), torch.autograd.grad(value, t, torch.tensor(grad))[0].numpy()


@pytest.mark.parametrize("name", THEIRS)
@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    scale=st.sampled_from([0.1, 1, 9, 60]),
)
def test_values_and_slopes_equal_pytorchs(name, seed, shape, scale):
    z = scale * np.random.default_rng(seed).normal(size=shape)
    for ours, reference in zip(ACTIVATIONS[name], theirs(name, z), strict=True):
        np.testing.assert_allclose(ours(z), reference, rtol=1e-10, atol=1e-14)


@pytest.mark.agreement
@pytest.mark.parametrize("name", THEIRS)
def test_each_activation_equals_pytorchs(rng, agreement, name):
    z = 3 * rng.normal(size=200)
    value, slope = ACTIVATIONS[name]
    agreement(
        np.concatenate([value(z), slope(z)]),
        lambda: np.concatenate(theirs(name, z)),
        what=f"{name}: 200 values and slopes",
        against="PyTorch and its autograd, float64",
        atol=1e-12,
    )


@pytest.mark.parametrize("name", SOFT)
@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    shift=st.sampled_from([0, 1000, -1e5]),
)
def test_shares_and_their_gradients_equal_pytorchs(name, seed, shape, shift):
    rng = np.random.default_rng(seed)
    z, grad = 4 * rng.normal(size=shape) + shift, rng.normal(size=shape)
    forward, backward, _ = SOFT[name]
    value, slope = their_soft(name, z, grad)
    np.testing.assert_allclose(forward(z), value, rtol=1e-10, atol=1e-12)
    known = value if name == "softmax" else z
    np.testing.assert_allclose(backward(grad, known), slope, rtol=1e-10, atol=1e-12)


@pytest.mark.agreement
@pytest.mark.parametrize("name", SOFT)
def test_each_softmax_equals_pytorchs(rng, agreement, name):
    z, grad = rng.normal(size=(6, 9)) + 1000, rng.normal(size=(6, 9))
    forward, backward, _ = SOFT[name]
    known = forward(z) if name == "softmax" else z
    agreement(
        np.concatenate([forward(z).ravel(), backward(grad, known).ravel()]),
        lambda: np.concatenate([part.ravel() for part in their_soft(name, z, grad)]),
        what=f"{name} of numbers near 1000: values and gradients",
        against="PyTorch and its autograd, float64",
        atol=1e-12,
    )


def test_softmax_gives_a_share_of_nothing_to_minus_infinity_and_refuses_a_row_of_it():
    np.testing.assert_array_equal(act.softmax([1000.0, 1000.0, -np.inf]), [0.5, 0.5, 0])
    np.testing.assert_allclose(act.softmax([0, np.log(3)]), [0.25, 0.75])
    with pytest.raises(ValueError, match="a row without any finite value"):
        act.softmax([[0.0, 1.0], [-np.inf, -np.inf]])
    with pytest.raises(ValueError, match=r"dshares has shape \(2, 3\), shares \(3,\)"):
        act.softmax_backward(np.zeros((2, 3)), np.zeros(3))


def test_log_softmax_holds_where_the_share_rounds_to_nothing():
    np.testing.assert_array_equal(act.log_softmax([0.0, 2000.0]), [-2000, 0])


def test_the_step_jumps_at_zero_and_is_flat():
    z = np.array([-1e-9, 0.0, 2.0])
    assert act.step(z).tolist() == [0, 1, 1]
    assert act.step_slope(z).tolist() == [0, 0, 0]


def tensors(net):
    """The weights of a net as PyTorch's."""
    arrays = (net.W, net.b, net.v, np.float64(net.c))
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def their_loss(name, weights, X, y):
    W, b, v, c = weights
    z = THEIRS[name](torch.tensor(X) @ W + b) @ v + c
    return F.binary_cross_entropy_with_logits(z, torch.tensor(y).double())


def flat(parts):
    return np.concatenate([np.ravel(part) for part in parts])


@settings(max_examples=20, deadline=None)
@given(
    name=st.sampled_from(list(THEIRS)),
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 12),
    dim=st.integers(1, 4),
    hidden=st.integers(1, 6),
)
def test_a_nets_loss_and_gradient_equal_autograds(name, seed, n, dim, hidden):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, dim)), rng.integers(0, 2, size=n)
    net = Net(name, hidden, seed, dim)
    net.c = float(rng.normal())
    weights = tensors(net)
    loss = their_loss(name, weights, X, y)
    slopes = torch.autograd.grad(loss, weights)
    assert net.loss(X, y) == pytest.approx(loss.item(), rel=1e-10)
    np.testing.assert_allclose(flat(net.gradient(X, y)), flat(slopes), rtol=1e-10, atol=1e-13)


@pytest.mark.agreement
@pytest.mark.parametrize("name", THEIRS)
def test_a_trained_net_equals_pytorchs(rng, agreement, name):
    X, y = rng.normal(size=(40, 2)), rng.integers(0, 2, size=40)
    net, start = Net(name, 8, seed=1), Net(name, 8, seed=1)
    net.fit(X, y, rate=0.3, steps=50)

    def trained():
        weights = tensors(start)
        optimizer = torch.optim.SGD(weights, lr=0.3)
        for _ in range(50):
            optimizer.zero_grad()
            their_loss(name, weights, X, y).backward()
            optimizer.step()
        return flat([w.detach().numpy() for w in weights])

    agreement(
        flat([net.W, net.b, net.v, net.c]),
        trained,
        what=f"a net of 8 hidden units, {name}: weights after 50 steps",
        against="PyTorch SGD on BCE with logits, float64",
        atol=1e-10,
    )


def test_a_straight_net_is_one_neuron(rng):
    net = Net("identity", 12, seed=3)
    w, b = net.W @ net.v, net.b @ net.v + net.c
    X = rng.normal(size=(20, 2))
    np.testing.assert_allclose(net.net_input(X), X @ w + b, rtol=1e-12)


def test_a_dead_relu_has_no_gradient_and_stays_dead(rng):
    X, y = rng.uniform(-1, 1, size=(30, 2)), rng.integers(0, 2, size=30)
    net = Net("relu", 4, seed=0)
    net.b[:2] = [-100, -50]
    assert net.dead(X).tolist() == [True, True, False, False]
    dW, db, dv, _ = net.gradient(X, y)
    for slope in (dW[:, :2], db[:2], dv[:2]):
        np.testing.assert_array_equal(slope, 0)
    before = net.W[:, :2].copy()
    net.fit(X, y, rate=1.0, steps=20)
    np.testing.assert_array_equal(net.W[:, :2], before)
    leaky = Net("leaky_relu", 4, seed=0)
    leaky.b[:2] = [-100, -50]
    assert not leaky.dead(X).any()
    assert Net("step", 4, seed=0).dead(X).all()
    net.W[0, 3] = np.nan
    with pytest.raises(FloatingPointError, match="the net has diverged"):
        net.dead(X)


def test_one_seed_is_one_start_and_a_fit_lowers_the_surprise(rng):
    one, other = Net("relu", 5, seed=2), Net("tanh", 5, seed=2)
    np.testing.assert_array_equal(flat([one.W, one.b, one.v]), flat([other.W, other.b, other.v]))
    many = Net("relu", 4000, seed=0)
    assert many.W.std() == pytest.approx(1, rel=0.05)
    assert many.b.std() == pytest.approx(0.5, rel=0.05)
    assert many.v.std() == pytest.approx(4000**-0.5, rel=0.05)
    X, y = rng.normal(size=(30, 2)), rng.integers(0, 2, size=30)
    before = one.loss(X, y)
    assert one.fit(X, y, rate=0.1, steps=30).loss(X, y) < before


def test_by_hand():
    def hinge(x):
        return 3 * act.relu(2 * x + 1) - 2

    assert hinge(np.array([5.0, -1.0])).tolist() == [31, -2]
    x = np.array([-3.0, 0.0, 2.0])
    np.testing.assert_array_equal(act.relu(x) + act.relu(-x), np.abs(x))
    assert act.sigmoid_slope(np.array([0.0])) == [0.25]


def as_json(net):
    return {"W": net.W.tolist(), "b": net.b.tolist(), "v": net.v.tolist(), "c": net.c}


@pytest.mark.browser
def test_the_figure_answers_and_slopes_as_python_does(js, rng):
    widget = "docs/networks/activations.js"
    points = rng.normal(size=(4, 2))
    for name, (value, slope) in ACTIVATIONS.items():
        net = Net(name, 5, seed=int(rng.integers(1000)))
        net.c = float(rng.normal())
        for z in (*(3 * rng.normal(size=2)), 0.0):
            at = np.array([z])
            assert js(widget, "answer", name, z) == pytest.approx(value(at)[0], rel=1e-9, abs=1e-12)
            assert js(widget, "slope", name, z) == pytest.approx(slope(at)[0], rel=1e-9, abs=1e-12)
        for point, z in zip(points.tolist(), net.net_input(points), strict=True):
            assert js(widget, "netInput", name, as_json(net), point) == pytest.approx(z, rel=1e-9)


@pytest.mark.browser
@pytest.mark.parametrize(("name", "off"), [("identity", 1e-12), ("tanh", 5e-3)])
def test_the_figures_border_is_where_the_net_is_undecided(js, name, off):
    net = Net(name, 6, seed=0)
    net.c = -float(net.net_input(np.zeros((1, 2)))[0])  # the border meets the middle
    pieces = np.array(js("docs/networks/activations.js", "netBorder", name, as_json(net), 2.0, 80))
    ends = pieces.reshape(-1, 2)
    assert len(pieces) > 40
    assert np.linalg.norm(ends, axis=1).min() < 0.05
    np.testing.assert_allclose(net.net_input(ends), 0, atol=off)
