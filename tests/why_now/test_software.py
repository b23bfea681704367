"""The net by hand against PyTorch and Keras, in values and in steps; and the figure's layouts."""

import numpy as np
import pytest
import torch

from introdl.why_now.software import first_weights, numpy_step, numpy_sums, torch_net

import keras  # isort: skip  (the module above tells it to run on PyTorch)


def odd_input(rng):
    weights = dict(zip(("W1", "b1", "W2", "b2"), first_weights((4, 3, 2), 0), strict=True))
    X, y = rng.normal(size=(6, 4)), np.array([0, 1] * 3)
    return {
        "numpy_sums": {"X": X, **weights},
        "numpy_step": {"X": X, "y": y, **weights, "rate": 0.1},
        "torch_net": weights,
    }


def drawn(rng, sizes=(6, 5, 4), n=7):
    """Random weights, biases too, in float64; inputs and labels."""
    weights = [rng.normal(size=w.shape) for w in first_weights(sizes, 0)]
    return weights, rng.normal(size=(n, sizes[0])), rng.integers(0, sizes[-1], size=n)


def keras_model(weights):
    """The net in Keras."""
    (D, H), (_, K) = weights[0].shape, weights[2].shape
    hidden, last = keras.layers.Dense(H, activation="relu"), keras.layers.Dense(K)
    model = keras.Sequential([keras.Input((D,)), hidden, last])
    model.set_weights(weights)
    return model


@pytest.mark.agreement
def test_sums_are_pytorchs(rng, agreement):
    weights, X, _ = drawn(rng)
    agreement(
        numpy_sums(X, *weights),
        lambda: torch_net(*weights)(torch.tensor(X)).detach().numpy(),
        what="sums of a net with one hidden layer, its weights transposed",
        against="PyTorch nn.Linear, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_sums_are_kerass(rng, agreement):
    weights, X, _ = drawn(rng)
    agreement(
        numpy_sums(X, *weights),
        lambda: keras_model(weights)(X).detach().numpy(),
        what="sums of a net with one hidden layer, its weights as they are",
        against="Keras Dense on PyTorch, which multiplies in float32",
        atol=3e-6,
    )


@pytest.mark.agreement
def test_steps_are_pytorchs(rng, agreement):
    weights, X, y = drawn(rng)
    ours = weights
    for _ in range(20):
        ours = numpy_step(X, y, *ours, 0.1)

    def reference():
        net = torch_net(*weights)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(20):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(torch.tensor(X)), torch.tensor(y)).backward()
            optimizer.step()
        return np.concatenate([p.detach().numpy().T.ravel() for p in net.parameters()])

    agreement(
        np.concatenate([w.ravel() for w in ours]),
        reference,
        what="weights after 20 steps of gradient descent",
        against="PyTorch autograd and SGD, float64",
        atol=1e-12,
    )


def test_steps_are_kerass(rng):
    weights, X, y = drawn(rng)
    ours = weights
    for _ in range(5):
        ours = numpy_step(X, y, *ours, 0.1)
    model = keras_model(weights)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss)
    model.fit(X, y, batch_size=len(X), epochs=5, shuffle=False, verbose=0)
    for a, b in zip(ours, model.weights, strict=True):
        np.testing.assert_allclose(a, b.value.detach().numpy(), atol=3e-6)


def test_keras_multiplies_in_float32(rng):
    """The page says so, and the tolerance above needs it. If this fails, both may be mended."""
    A = rng.normal(size=(20, 20))
    product = keras.ops.matmul(A, A)
    assert product.dtype == torch.float32


def test_first_weights_have_hes_spread():
    W1, b1, W2, b2 = first_weights((400, 300, 200), 7)
    assert [w.shape for w in (W1, b1, W2, b2)] == [(400, 300), (300,), (300, 200), (200,)]
    assert W1.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    assert W2.std() == pytest.approx(np.sqrt(2 / 300), rel=0.02)
    assert not b1.any()
    assert not b2.any()
    assert {w.dtype for w in (W1, b1)} == {np.dtype(float)}
    assert not np.array_equal(first_weights((4, 3), 1)[0], first_weights((4, 3), 2)[0])


def test_large_sums_do_not_overflow(rng):
    weights, X, y = drawn(rng)
    after = numpy_step(X, y, *(1e3 * w for w in weights), 0.1)
    assert all(np.isfinite(w).all() for w in after)


@pytest.mark.parametrize("y", [[-1, 0], [0, 4]])
def test_a_label_outside_is_refused(rng, y):
    weights, X, _ = drawn(rng)
    with pytest.raises(ValueError, match="y must be from 0 to 3"):
        numpy_step(X[:2], np.array(y), *weights, 0.1)


SCRIPT = "docs/why_now/software.js"


@pytest.mark.browser
@pytest.mark.parametrize(("n", "m"), [(3, 2), (2, 2), (4, 3)])
def test_the_figures_layers_are_the_libraries(js, rng, n, m):
    x, W = rng.normal(size=n), rng.normal(size=(n, m))
    np.testing.assert_allclose(js(SCRIPT, "layer", x.tolist(), W.tolist()), x @ W, atol=1e-12)
    linear = torch.nn.Linear(n, m, bias=False, dtype=torch.float64)
    for way, expected in (("turned", W.T), ("as", W.reshape(m, n))):
        weight = js(SCRIPT, "kept", W.tolist(), way)
        np.testing.assert_allclose(weight, expected)
        linear.weight.data = torch.tensor(weight, dtype=torch.float64)
        theirs = linear(torch.tensor(x)).detach().numpy()
        np.testing.assert_allclose(js(SCRIPT, "torchLayer", x.tolist(), weight), theirs, atol=1e-12)
