"""Starts, sizes through layers and both norms against PyTorch; the page's figure, too."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.networks import initialization as init
from introdl.networks.initialization import STARTS, BatchNorm, draw, sizes

F = torch.nn.functional
WIDGET = "docs/networks/initialization.js"
NORMS = {
    "batch_norm": (init.batch_norm, init.batch_norm_backward),
    "layer_norm": (init.layer_norm, init.layer_norm_backward),
}
#: Mutants that change nothing a test could see.
SAME = {
    "largest = (np.abs(A).mean())": "any number near the largest keeps the squares from rounding",
    "if X.shape[1] != len(self.mean):": "two axes",
}

BENDS = {"identity": lambda t: t, "tanh": torch.tanh, "relu": torch.relu}


def odd_input(rng):
    X, dY = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    scale, shift = rng.normal(size=4), rng.normal(size=4)
    weights = rng.normal(size=(3, 4, 4))
    return {
        "size": {"A": X},
        "sizes": {"X": X, "weights": weights, "dA": dY, "name": "tanh"},
        "batch_norm": {"X": X, "scale": scale, "shift": shift},
        "layer_norm": {"X": X, "scale": scale, "shift": shift},
        "batch_norm_backward": {"dY": dY, "X": X, "scale": scale},
        "layer_norm_backward": {"dY": dY, "X": X, "scale": scale},
        "BatchNorm.forward": {"self": BatchNorm(4), "X": X},
    }


def theirs(name, X, scale, shift, dY, eps):
    """PyTorch's output, then autograd's slopes by X, scale and shift, as one vector."""
    x, g, b = (torch.tensor(array, requires_grad=True) for array in (X, scale, shift))
    if name == "batch_norm":
        value = F.batch_norm(x, None, None, g, b, training=True, eps=eps)
    else:
        value = F.layer_norm(x, g.shape, g, b, eps)
    slopes = torch.autograd.grad(value, (x, g, b), torch.tensor(dY))
    return np.concatenate([part.detach().numpy().ravel() for part in (value, *slopes)])


def ours(name, X, scale, shift, dY, eps):
    forward, backward = NORMS[name]
    parts = (forward(X, scale, shift, eps), *backward(dY, X, scale, eps))
    return np.concatenate([np.ravel(part) for part in parts])


def drawn(rng, n, units):
    X = 3 * rng.normal(size=(n, units)) + rng.normal(size=units)
    return X, rng.normal(size=units), rng.normal(size=units), rng.normal(size=(n, units))


@pytest.mark.parametrize("name", NORMS)
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 9),
    units=st.integers(2, 9),
    eps=st.sampled_from([1e-5, 0.1]),
)
def test_norms_and_their_gradients_equal_pytorchs(name, seed, n, units, eps):
    given_ = drawn(np.random.default_rng(seed), n, units)
    # Two nearly equal entries are divided by nearly 0: rounding grows with the slopes.
    reference = theirs(name, *given_, eps)
    atol = 1e-10 * np.abs(reference).max()
    np.testing.assert_allclose(ours(name, *given_, eps), reference, rtol=1e-10, atol=atol)


@pytest.mark.agreement
@pytest.mark.parametrize("name", NORMS)
def test_each_norm_equals_pytorchs(rng, agreement, name):
    given_ = drawn(rng, 50, 8)
    agreement(
        ours(name, *given_, 1e-5),
        lambda: theirs(name, *given_, 1e-5),
        what=f"{name.replace('_', ' ')}: values and gradients",
        against="PyTorch and its autograd, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_running_statistics_equal_pytorchs(rng, agreement):
    batches = [2 * rng.normal(size=(n, 6)) + 1 for n in (5, 2, 9, 40)]
    scale, shift = rng.normal(size=6), rng.normal(size=6)
    norm = BatchNorm(6)
    norm.scale, norm.shift = scale, shift
    out = [norm.forward(X) for X in batches]
    norm.training = False
    out += [norm.forward(X) for X in batches]

    def reference():
        norm = torch.nn.BatchNorm1d(6, dtype=torch.float64)
        with torch.no_grad():
            norm.weight.copy_(torch.tensor(scale))
            norm.bias.copy_(torch.tensor(shift))
            out = [norm(torch.tensor(X)).numpy() for X in batches]
            norm.eval()
            out += [norm(torch.tensor(X)).numpy() for X in batches]
        statistics = (norm.running_mean.numpy(), norm.running_var.numpy())
        return np.concatenate([np.ravel(part) for part in (*out, *statistics)])

    agreement(
        np.concatenate([np.ravel(part) for part in (*out, norm.mean, norm.variance)]),
        reference,
        what="BatchNorm: four batches in training, then four in evaluation, running statistics",
        against="torch.nn.BatchNorm1d, float64",
        atol=1e-10,
    )


def test_in_evaluation_an_example_alone_gets_the_same_answer(rng):
    norm = BatchNorm(3, share=0.5)
    X = rng.normal(size=(8, 3)) + 4
    trained = norm.forward(X)
    np.testing.assert_allclose(trained.mean(axis=0), 0, atol=1e-9)
    with pytest.raises(ValueError, match="needs two examples"):
        norm.forward(X[:1])
    norm.training = False
    before = norm.mean.copy(), norm.variance.copy()
    np.testing.assert_allclose(norm.forward(X[:1]), norm.forward(X)[:1])
    assert np.array_equal(norm.mean, before[0])
    assert np.array_equal(norm.variance, before[1])
    np.testing.assert_allclose(norm.mean, 0.5 * X.mean(axis=0))
    np.testing.assert_allclose(norm.variance, 0.5 + 0.5 * X.var(axis=0, ddof=1))


def test_negative_eps_is_refused(rng):
    X, scale, shift, _ = drawn(rng, 3, 3)
    with pytest.raises(ValueError, match="eps must be 0 or more"):
        init.batch_norm(X, scale, shift, eps=-0.1)
    assert np.isfinite(init.layer_norm(np.ones((2, 3)), scale, shift)).all()
    by_hand = init.batch_norm(np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1), eps=0)
    np.testing.assert_array_equal(by_hand, [[-1], [1]])


@pytest.mark.parametrize("name", NORMS)
def test_the_small_number_is_pytorchs_where_sums_hardly_vary(rng, name):
    X, scale, shift, dY = drawn(rng, 6, 5)
    X = 1e-3 * X
    forward, backward = NORMS[name]
    parts = (forward(X, scale, shift), *backward(dY, X, scale))
    reference = theirs(name, X, scale, shift, dY, 1e-5)
    atol = 1e-9 * np.abs(reference).max()
    np.testing.assert_allclose(np.concatenate([np.ravel(p) for p in parts]), reference, atol=atol)
    if name == "batch_norm":
        norm = BatchNorm(5)
        np.testing.assert_allclose(norm.forward(X), forward(X, np.ones(5), np.zeros(5)))
        norm.training, norm.mean, norm.variance = False, np.zeros(5), np.zeros(5)
        np.testing.assert_allclose(norm.forward(X), X / 1e-5**0.5)
    weights = rng.normal(size=(3, 5, 5))
    ours_, reference = (f(X, weights, dY, "tanh", True) for f in (sizes, their_sizes))
    np.testing.assert_allclose(ours_, reference, rtol=1e-6)


def their_sizes(X, weights, dA, name, norm):
    a = torch.tensor(X, requires_grad=True)
    kept = [a]
    for W in weights:
        z = kept[-1] @ torch.tensor(W)
        kept.append(BENDS[name](F.layer_norm(z, z.shape[1:]) if norm else z))
    slopes = torch.autograd.grad(kept[-1], kept, torch.tensor(dA))
    return [[t.square().mean().sqrt().item() for t in row] for row in (kept, slopes)]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    name=st.sampled_from(list(BENDS)),
    layers=st.integers(1, 5),
    n=st.integers(1, 5),
    units=st.integers(4, 8),
    norm=st.booleans(),
)
def test_sizes_equal_those_of_pytorchs_activations_and_slopes(seed, name, layers, n, units, norm):
    rng = np.random.default_rng(seed)
    X, dA = rng.normal(size=(2, n, units))
    weights = rng.normal(size=(layers, units, units)) / np.sqrt(units)
    reference = their_sizes(X, weights, dA, name, norm)
    atol = 1e-9 * np.max(reference)
    np.testing.assert_allclose(sizes(X, weights, dA, name, norm), reference, rtol=0, atol=atol)


@pytest.mark.agreement
@pytest.mark.parametrize(("norm", "layers"), [(False, 50), (True, 10)])  # the norm adds chaos
def test_sizes_through_many_layers_equal_pytorchs(rng, agreement, norm, layers):
    X, dA = rng.normal(size=(2, 6, 20))
    weights = rng.normal(size=(layers, 20, 20)) / np.sqrt(20)
    agreement(
        sizes(X, weights, dA, "tanh", norm),
        lambda: their_sizes(X, weights, dA, "tanh", norm),
        what=f"sizes through {layers} layers of tanh{' with layer norm' if norm else ''}",
        against="PyTorch and its autograd, float64",
        atol=1e-10,
    )


def test_size_holds_where_squares_would_round_to_nothing():
    assert init.size(np.array([3e-200, 4e-200])) == pytest.approx(12.5**0.5 * 1e-200)
    assert init.size(np.zeros(3)) == 0
    assert init.size(np.array([-1.0, -7.0])) == 5


@pytest.mark.parametrize(("n_in", "n_out"), [(300, 500), (500, 300)])
def test_starts_have_the_spread_of_pytorchs(n_in, n_out):
    rng = np.random.default_rng(0)
    tensor = torch.empty(n_out, n_in)  # PyTorch keeps one row per unit
    torch.manual_seed(0)
    torch.nn.init.xavier_normal_(tensor)
    assert draw("xavier", n_in, n_out, rng).std() == pytest.approx(tensor.std().item(), rel=0.02)
    torch.nn.init.kaiming_normal_(tensor, nonlinearity="relu")
    assert draw("he", n_in, n_out, rng).std() == pytest.approx(tensor.std().item(), rel=0.02)
    assert draw("small", n_in, n_out, rng).std() == pytest.approx(0.01, rel=0.02)
    assert not draw("zero", n_in, n_out, rng).any()
    assert draw("he", n_in, n_out, rng).shape == (n_in, n_out)
    assert STARTS["he"](50, 7) == 0.2
    assert STARTS["xavier"](30, 20) == 0.2


def test_four_inputs_by_hand():
    signs = np.array(np.meshgrid(*[[-1, 1]] * 4)).reshape(4, -1).T  # (16, 4)
    assert init.size(signs @ np.full(4, 0.7)) == pytest.approx(1.4)
    assert init.size(np.maximum(signs @ np.full(4, 0.5), 0)) == pytest.approx(0.5**0.5)


@pytest.mark.browser
@pytest.mark.parametrize("name", BENDS)
@pytest.mark.parametrize("norm", [False, True])
def test_the_figure_measures_as_python_does(js, rng, name, norm):
    X, dA = rng.normal(size=(2, 3, 6))
    weights = rng.normal(size=(4, 6, 6)) / 2
    up, down = js(
        WIDGET, "sizes", X.tolist(), weights.reshape(4, -1).tolist(), dA.tolist(), name, norm
    )
    expected = sizes(X, weights, dA, name, norm)
    np.testing.assert_allclose([up, down], expected, rtol=1e-9, atol=1e-10)


@pytest.mark.browser
def test_the_figure_draws_normal_numbers(js):
    numbers = np.array(js(WIDGET, "normals", 3, 20000))
    assert numbers.mean() == pytest.approx(0, abs=0.03)
    assert numbers.std() == pytest.approx(1, rel=0.03)
    assert np.mean(np.abs(numbers) < 1) == pytest.approx(0.683, abs=0.02)
    assert js(WIDGET, "normals", 4, 3) != js(WIDGET, "normals", 3, 3)


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_asks_for_its_own_number_of_units(training):
    norm = BatchNorm(3)
    norm.training = training
    with pytest.raises(ValueError, match="X has 1 columns for 3 units"):
        norm.forward(np.ones((5, 1)))
