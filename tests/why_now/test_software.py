"""The net in NumPy against PyTorch and Keras, layouts against real layers, the figure's twin."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from introdl.why_now import software
from introdl.why_now.software import copied, gap, kept, keras_net, outputs, slopes, start, torch_net

WAYS = ("transposed", "as it is", "reshaped")


def odd_input(rng):
    return {"copied": {"W": rng.normal(size=(3, 3)), "x": rng.normal(size=3), "how": "transposed"}}


def task(rng, sizes=(5, 4, 3), n=8):
    """Random weights, biases too, and labelled inputs in float64."""
    weights = [w + 0.3 * rng.normal(size=w.shape) for w in start(sizes, 0, "float64")]
    return weights, rng.normal(size=(n, sizes[0])), rng.integers(sizes[-1], size=n)


def of_torch(weights, X, y):
    """Outputs and slopes by PyTorch alone, from formulas."""
    W1, b1, W2, b2 = (torch.tensor(w, requires_grad=True) for w in weights)
    sums = torch.relu(torch.tensor(X) @ W1 + b1) @ W2 + b2
    nn.functional.cross_entropy(sums, torch.tensor(y)).backward()
    return sums.detach().numpy(), [w.grad.numpy() for w in (W1, b1, W2, b2)]


@pytest.mark.agreement
def test_outputs_and_slopes_are_pytorchs(rng, agreement):
    weights, X, y = task(rng)
    ours = np.concatenate([a.ravel() for a in (outputs(X, *weights), *slopes(X, y, *weights))])

    def reference():
        sums, found = of_torch(weights, X, y)
        return np.concatenate([a.ravel() for a in (sums, *found)])

    agreement(
        ours,
        reference,
        what="outputs and slopes of a net with one hidden layer",
        against="PyTorch autograd, float64",
        atol=1e-12,
    )


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), scale=st.sampled_from([1e-2, 1, 50]))
def test_slopes_hold_for_small_and_large_numbers(seed, n, scale):
    weights, X, y = task(np.random.default_rng(seed), n=n)
    sums, theirs = of_torch(weights, scale * X, y)
    np.testing.assert_allclose(outputs(scale * X, *weights), sums, rtol=1e-10, atol=1e-10)
    for a, b in zip(slopes(scale * X, y, *weights), theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)


def test_first_weights_have_their_spread_and_type():
    W1, b1, W2, b2 = start((400, 300, 10), 5)
    assert (W1.shape, b1.shape, W2.shape, b2.shape) == ((400, 300), (300,), (300, 10), (10,))
    assert {w.dtype for w in (W1, b1, W2, b2)} == {np.dtype("float32")}
    assert W1.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    assert W2.std() == pytest.approx(np.sqrt(2 / 300), rel=0.06)
    assert abs(W1.mean()) < 1e-3
    assert not b1.any()
    assert not b2.any()
    assert not np.array_equal(W1, start((400, 300, 10), 6)[0])
    assert np.array_equal(W1, start((400, 300, 10), 5)[0])


def test_all_three_say_the_same_of_the_same_weights(rng):
    weights = [w.astype("float32") for w in task(rng)[0]]
    X = rng.normal(size=(9, 5)).astype("float32")
    ours = outputs(X, *weights)
    assert ours.dtype == np.float32
    with torch.no_grad():
        assert gap([ours], [torch_net(weights)(torch.tensor(X)).numpy()]) < 1e-6
    assert gap([ours], [keras_net(weights)(X).detach().numpy()]) < 1e-6


@pytest.mark.parametrize("sizes", [(3, 2), (4, 5, 6, 2)])
def test_a_net_of_any_depth_keeps_its_weights(rng, sizes):
    weights = [(w + 1).astype("float32") for w in start(sizes, 1)]
    X = -np.abs(rng.normal(size=(4, sizes[0]))).astype("float32")  # the last layer has no ReLU
    ours, theirs = torch_net(weights), keras_net(weights)
    for net in (ours, theirs):
        assert all(np.array_equal(a, b) for a, b in zip(weights, kept(net), strict=True))
    a, b = ours(torch.tensor(X)).detach().numpy(), theirs(X).detach().numpy()
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    if len(sizes) == 2:
        assert (a < 0).any()


def test_what_is_kept_is_a_copy():
    net = torch_net(start((3, 2), 0))
    kept(net)[0][:] = 7
    assert not (kept(net)[0] == 7).any()
    net = keras_net(start((3, 2), 0))
    kept(net)[0][:] = 7
    assert not (kept(net)[0] == 7).any()


def test_all_three_take_the_same_steps(rng):
    weights = [w.astype("float32") for w in task(rng)[0]]
    X, y = rng.normal(size=(23, 5)).astype("float32"), rng.integers(3, size=23)
    by_hand = [w.copy() for w in weights]
    for _ in range(3):
        for i in (0, 10, 20):  # the last batch is a short one
            found = of_torch(by_hand, X[i : i + 10], y[i : i + 10])[1]
            by_hand = [w - np.float32(0.2) * slope for w, slope in zip(by_hand, found, strict=True)]
    ours = [w.copy() for w in weights]
    software.numpy_train(ours, X, y, 3, 10, 0.2)
    net, model = torch_net(weights), keras_net(weights)
    software.torch_train(net, torch.tensor(X), torch.tensor(y), 3, 10, 0.2)
    software.keras_train(model, X, y, 3, 10, 0.2)
    for trained in (ours, kept(net), kept(model)):
        assert gap(by_hand, trained) < 2e-6
    assert gap(weights, ours) > 0.05


def test_all_three_have_the_same_defaults(rng):
    weights = [w.astype("float32") for w in task(rng)[0]]
    X, y = rng.normal(size=(120, 5)).astype("float32"), rng.integers(3, size=120)
    ours = [w.copy() for w in weights]
    software.numpy_train(ours, X, y, 2)
    explicit = [w.copy() for w in weights]
    software.numpy_train(explicit, X, y, 2, 50, 0.1)
    assert gap(ours, explicit) == 0
    net, model = torch_net(weights), keras_net(weights)
    software.torch_train(net, torch.tensor(X), torch.tensor(y), 2)
    software.keras_train(model, X, y, 2)
    assert gap(ours, kept(net)) < 2e-6
    assert gap(ours, kept(model)) < 2e-6


def test_a_gap_is_a_share_of_the_largest_number():
    ours = [np.array([1.0, -8.0]), np.array([2.0])]
    assert gap(ours, [np.array([1.0, -8.0]), np.array([2.0])]) == 0
    assert gap(ours, [np.array([1.0, -8.5]), np.array([4.0])]) == 0.25
    assert gap(ours, [np.array([-3.0, -8.0]), np.array([2.0])]) == 0.5
    with pytest.raises(ValueError, match="shorter"):
        gap(ours, ours[:1])


@pytest.mark.agreement
def test_a_transposed_copy_is_what_a_layer_of_keras_says(rng, agreement):
    import keras

    W, x = rng.normal(size=(4, 3)), rng.normal(size=4)

    def reference():
        layer = keras.layers.Dense(3, use_bias=False)
        layer.build((None, 4))
        layer.set_weights([W])
        return layer(x[None].astype("float32")).detach().numpy()[0]

    agreement(
        copied(W, x, "transposed"),
        reference,
        what="a layer's sums after its weights are copied",
        against="keras.layers.Dense, float32",
        atol=1e-5,
    )


@pytest.mark.parametrize(("D", "H"), [(3, 2), (2, 3), (3, 3), (1, 4), (4, 1)])
@pytest.mark.parametrize("how", WAYS)
def test_a_copy_is_what_a_layer_of_pytorch_does(rng, D, H, how):
    W, x = rng.normal(size=(D, H)), rng.normal(size=D)
    given = {"transposed": W.T, "as it is": W, "reshaped": W.reshape(H, D)}[how]
    layer = nn.Linear(D, H, bias=False, dtype=torch.float64)
    ours = copied(W, x, how)
    if given.shape != (H, D):
        assert ours is None
        with pytest.raises(RuntimeError, match="size mismatch"):
            layer.load_state_dict({"weight": torch.tensor(given)})
        return
    layer.load_state_dict({"weight": torch.tensor(given.copy())})
    np.testing.assert_allclose(ours, layer(torch.tensor(x)).detach().numpy(), atol=1e-12)
    right = how == "transposed" or (how == "reshaped" and min(D, H) == 1)
    assert np.allclose(ours, x @ W) == right


def test_an_unknown_way_is_named():
    with pytest.raises(ValueError, match="how is 'flipped', expected one of transposed"):
        copied(np.ones((2, 2)), np.ones(2), "flipped")


def test_keras_runs_on_pytorch_and_leaves_no_file(tmp_path):
    """In a fresh interpreter, with a home folder of its own and no settings."""
    code = (
        "import introdl.why_now.software, sys; assert 'keras' not in sys.modules\n"
        "import keras; print(keras.backend.backend(), keras.config.floatx())"
    )
    kept_out = {name: value for name, value in os.environ.items() if "KERAS" not in name}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**kept_out, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["torch", "float32"]
    assert not done.stderr
    assert not (tmp_path / ".keras").exists()


def test_keras_multiplies_in_float32_what_is_float64():
    import keras

    ones = np.ones((2, 2))
    assert keras.ops.matmul(ones, ones).numpy().dtype == np.float32


SCRIPT = "docs/why_now/software.js"


@pytest.mark.browser
@pytest.mark.parametrize("how", WAYS)
def test_the_figures_copies_are_pythons(js, rng, how):
    for D, H in ((3, 2), (3, 3), (1, 4), (4, 2)):
        W, x = rng.normal(size=(D, H)), rng.normal(size=D)
        ours, theirs = copied(W, x, how), js(SCRIPT, "copied", W.tolist(), x.tolist(), how)
        if ours is None:
            assert theirs is None
        else:
            np.testing.assert_allclose(theirs, ours, rtol=1e-12, atol=1e-14)
