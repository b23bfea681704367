"""The small convolutional network against PyTorch, and the page's figure against both."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from torch import nn

from introdl.vision.cnn import SHAPES, ConvNet, fit_torch, torch_net

#: Mutants that change nothing a test could see.
SAME = {
    "def _trainable(y: np.ndarray, steps: int = 2, epochs: int = 1, **_: object) -> None:": (
        "any number from 1 on"
    ),
    "def _trainable(y: np.ndarray, steps: int = 1, epochs: int = 2, **_: object) -> None:": (
        "any number from 1 on"
    ),
}


def odd_input(rng):
    x, y = rng.random((3, 1, 28, 28)), np.array([3, 0, 9])
    return {
        "ConvNet.maps": {"self": ConvNet(), "x": x},
        "ConvNet.probabilities": {"self": ConvNet(), "x": x},
        "ConvNet.gradients": {"self": ConvNet(), "x": x, "y": y},
        "ConvNet.descend": {"self": ConvNet(), "x": x, "y": y, "rate": 0.1, "steps": 2},
        "fit_torch": {"x": x, "y": y, "epochs": 1, "batch": 2},
    }


def drawn(rng, count):
    """A net with biases that are not zero, pictures and labels."""
    net = ConvNet(int(rng.integers(2**31)))
    for name in ("b1", "b2", "b3"):
        setattr(net, name, rng.normal(size=SHAPES[name]) / 3)
    return net, rng.random((count, 1, 28, 28)), rng.integers(10, size=count)


def twin(net):
    """A net written out in PyTorch, float64, with the same weights."""
    layers = [nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(6, 12, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(192, 10)]
    theirs = nn.Sequential(*layers).double()
    with torch.no_grad():
        for name, values in zip(SHAPES, theirs.parameters(), strict=True):
            values.copy_(torch.tensor(getattr(net, name)))
    return theirs


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


def their_maps(net, x):
    found, seen = [], torch.tensor(x)
    with torch.no_grad():
        for layer in twin(net):
            seen = layer(seen)
            if not isinstance(layer, nn.Flatten):
                found.append(seen.numpy())
    return found


def their_slopes(net, x, y):
    theirs = twin(net)
    loss = nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(y))
    loss.backward()
    return [loss.item(), *(p.grad.numpy() for p in theirs.parameters())]


def after_steps(net, x, y, rate, steps):
    theirs = twin(net)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=rate)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [p.detach().numpy() for p in theirs.parameters()]


@given(count=st.integers(1, 6), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=15)
def test_maps_and_slopes_on_random_nets(count, seed):
    net, x, y = drawn(np.random.default_rng(seed), count)
    for ours, theirs in zip(net.maps(x), their_maps(net, x), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)
    loss, slopes = net.gradients(x, y)
    np.testing.assert_allclose(
        flat([loss, *(slopes[name] for name in SHAPES)]),
        flat(their_slopes(net, x, y)),
        rtol=0,
        atol=1e-10,
    )


@pytest.mark.parametrize("bias", [0.0, 1.0])
def test_on_empty_paper_sums_of_exactly_0_have_pytorchs_slopes(bias):
    net, x, y = ConvNet(3), np.zeros((2, 1, 28, 28)), np.array([4, 7])
    net.b2 = np.full(12, bias)
    loss, slopes = net.gradients(x, y)
    found = flat([loss, *(slopes[name] for name in SHAPES)])
    np.testing.assert_allclose(found, flat(their_slopes(net, x, y)), rtol=0, atol=1e-12)


@pytest.mark.agreement
def test_every_map_equals_pytorchs(rng, agreement):
    net, x, _ = drawn(rng, 5)
    agreement(
        flat(net.maps(x)),
        lambda: flat(their_maps(net, x)),
        what="all seven stages of a small convolutional network, five pictures",
        against="torch.nn, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_slopes_equal_autograds(rng, agreement):
    net, x, y = drawn(rng, 5)
    loss, slopes = net.gradients(x, y)
    agreement(
        flat([loss, *(slopes[name] for name in SHAPES)]),
        lambda: flat(their_slopes(net, x, y)),
        what="loss and slopes of a small convolutional network",
        against="torch autograd, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_the_weights_after_ten_steps_equal_pytorchs(rng, agreement):
    net, x, y = drawn(rng, 8)
    other = drawn(rng, 1)[0]
    other.__dict__.update(net.__dict__)
    losses = net.descend(x, y, rate=0.05, steps=10)
    assert losses.shape == (10,)
    assert losses[-1] < losses[0]
    agreement(
        flat(getattr(net, name) for name in SHAPES),
        lambda: flat(after_steps(other, x, y, 0.05, 10)),
        what="all weights of a small convolutional network after ten steps",
        against="torch.optim.SGD, float64",
        atol=1e-10,
    )


def test_probabilities_are_shares_that_no_sum_overflows(rng):
    net, x, _ = drawn(rng, 4)
    expected = torch.tensor(net.maps(x).z3).softmax(dim=1).numpy()
    np.testing.assert_allclose(net.probabilities(x), expected, rtol=1e-12)
    net.w3 *= 1e5
    assert np.isfinite(net.probabilities(x)).all()
    assert np.isfinite(net.gradients(x, np.zeros(4, int))[0])


def test_a_net_has_as_many_weights_as_the_page_counts(rng):
    assert {name: getattr(ConvNet(), name).shape for name in SHAPES} == SHAPES
    assert [tuple(p.shape) for p in torch_net().parameters()] == [*SHAPES.values()]
    # The first sums are about as large in each layer.
    net = ConvNet(1)
    for name in ("w1", "w2", "w3"):
        w = getattr(net, name)
        assert np.mean(w**2) == pytest.approx(2 / np.prod(w.shape[1:]), rel=0.25)
        assert not getattr(net, name.replace("w", "b")).any()


def test_training_in_pytorch_is_adam_on_the_surprise(rng):
    _, x, _ = drawn(rng, 24)
    y = np.arange(24) % 3
    x[:, 0, :8, :8] += y[:, None, None]
    state = torch.get_rng_state()
    net = fit_torch(x, y, rate=0.01, epochs=3, batch=10, seed=4)
    assert torch.equal(state, torch.get_rng_state())
    torch.manual_seed(4)
    theirs = torch_net()
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.01)
    for _ in range(3):
        for part in torch.randperm(24).split(10):
            said = theirs(torch.tensor(x[part], dtype=torch.float32))
            loss = nn.functional.cross_entropy(said, torch.tensor(y[part]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    for name, values in zip(SHAPES, theirs.parameters(), strict=True):
        np.testing.assert_allclose(getattr(net, name), values.detach().numpy(), atol=1e-6)


def test_training_as_the_page_says_it_is_what_happens_by_default(rng):
    _, x, y = drawn(rng, 60)
    said = fit_torch(x, y, rate=0.01, epochs=8, batch=50, seed=0)
    np.testing.assert_array_equal(fit_torch(x, y).w1, said.w1)
    np.testing.assert_array_equal(ConvNet().w1, ConvNet(seed=0).w1)


def test_what_is_no_picture_or_no_digit_is_refused(rng):
    net, x, _ = drawn(rng, 2)
    with pytest.raises(ValueError, match=r"expected \(N, 1, 28, 28\)"):
        net.maps(x[:, 0])
    with pytest.raises(ValueError, match="digits from 0 to 9, got -1 to 3"):
        net.gradients(x, np.array([-1, 3]))
    with pytest.raises(ValueError, match="digits from 0 to 9, got 0 to 10"):
        net.gradients(x, np.array([0, 10]))


def test_training_that_would_not_happen_is_refused(rng):
    net, x, y = drawn(rng, 2)
    with pytest.raises(ValueError, match="epochs must be 1 or more, got 0"):
        fit_torch(x, y, epochs=0)
    with pytest.raises(ValueError, match="steps must be 1 or more, got -3"):
        net.descend(x, y, rate=0.1, steps=-3)


SCRIPT = "docs/vision/cnn.js"
STAGES = ("z1", "a1", "p1", "z2", "a2", "p2", "z3")


def on_the_page(net):
    return {name: getattr(net, name).astype(np.float32) for name in SHAPES}


def test_the_weights_that_the_page_loads_are_no_300_kilobytes():
    assert len(save(on_the_page(ConvNet()))) < 300_000


@pytest.mark.browser
def test_the_pages_maps_are_pytorchs(js, rng):
    for _ in range(4):
        net, x, _ = drawn(rng, 1)
        net.w3 *= 2  # a clear answer
        found = js(SCRIPT, "look", x[0, 0].astype(np.float32), on_the_page(net))
        theirs = their_maps(net, x)
        for name, expected in zip(STAGES, theirs, strict=True):
            seen = np.reshape(found[name], expected[0].shape)
            np.testing.assert_allclose(seen, expected[0], rtol=0, atol=1e-4, err_msg=name)
        shares = torch.tensor(theirs[-1][0]).softmax(dim=0)
        np.testing.assert_allclose(found["shares"], shares, rtol=0, atol=1e-4)


@pytest.mark.browser
def test_a_number_that_is_opened_is_the_number_of_its_map(js, rng):
    net, x, _ = drawn(rng, 1)
    weights = on_the_page(net)
    sheet = x[0, 0].astype(np.float32)
    stages = js(SCRIPT, "look", sheet, weights)
    before = {"z1": 1, "z2": 6, "z3": 12}
    for name in STAGES:
        expected = getattr(net.maps(x), name)[0]
        expected = expected.reshape(10, 1, 1) if name == "z3" else expected
        for _ in range(3):
            place = [int(rng.integers(n)) for n in expected.shape]
            found = js(SCRIPT, "parts", stages, weights, name, *place)
            assert found["value"] == pytest.approx(expected[tuple(place)], abs=1e-4)
            if name[0] == "z":
                assert len(found["channels"]) == before[name]
                for channel in found["channels"]:
                    products = np.multiply(channel["patch"], channel["kernel"])
                    np.testing.assert_allclose(channel["products"], products, atol=1e-6)
                    assert channel["sum"] == pytest.approx(products.sum(), abs=1e-5)
    last = js(SCRIPT, "parts", stages, weights, "z3", 7, 0, 0)["channels"][5]
    np.testing.assert_allclose(last["kernel"], net.w3[7].reshape(12, 16)[5], atol=1e-6)
    [channel] = js(SCRIPT, "parts", stages, weights, "z1", 2, 7, 11)["channels"]
    np.testing.assert_allclose(channel["patch"], sheet[7:12, 11:16].ravel())
    np.testing.assert_allclose(channel["kernel"], net.w1[2, 0].ravel(), atol=1e-6)
    deep = js(SCRIPT, "parts", stages, weights, "z2", 5, 1, 3)["channels"][4]
    np.testing.assert_allclose(deep["kernel"], net.w2[5, 4].ravel(), atol=1e-6)
    np.testing.assert_allclose(deep["patch"], net.maps(x).p1[0, 4, 1:6, 3:8].ravel(), atol=1e-4)


@pytest.mark.browser
def test_a_look_at_a_sum_keeps_the_square_of_the_map(js, rng):
    net, x, _ = drawn(rng, 1)
    stages = js(SCRIPT, "look", x[0, 0].astype(np.float32), on_the_page(net))
    for name in STAGES[:-1]:
        sides = getattr(net.maps(x), name).shape[2:]
        for at in ([int(rng.integers(n)) for n in sides], [n - 1 for n in sides]):
            kept = js(SCRIPT, "carried", stages, at, name, "z3")
            assert js(SCRIPT, "carried", stages, kept, "z3", name) == at
    assert js(SCRIPT, "carried", stages, [13, 12], "z1", "p2") == [2, 2]
