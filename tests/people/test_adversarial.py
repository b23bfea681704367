"""Pushes against linear programming, slopes against differences, and the figure's net."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from scipy.special import logsumexp

from introdl.people.adversarial import fit_pushed, push, slopes
from introdl.vision.cnn import SHAPES, ConvNet, torch_net


def odd_input(rng):
    net = torch_net()
    digits = {"pictures": rng.uniform(size=(6, 1, 28, 28)), "labels": np.arange(6)}
    pictures = rng.uniform(size=(3, 5))
    return {
        "slopes": {"net": net.double(), **digits},
        "push": {"pictures": pictures, "slopes": rng.normal(size=(3, 5)), "size": 0.1},
        "fit_pushed": {"net": torch_net(), **digits, "size": 0.1, "epochs": 1, "seed": 0},
    }


@pytest.fixture
def net():
    torch.manual_seed(0)
    return torch_net().double()


@pytest.mark.agreement
def test_the_push_is_the_best_within_its_limits(rng, agreement):
    picture, g, size = rng.uniform(size=40), rng.normal(size=40), 0.15

    def reference():
        bounds = [(max(p - size, 0), min(p + size, 1)) for p in picture]
        return linprog(-g, bounds=bounds).x

    agreement(
        push(picture, g, size),
        reference,
        what="the push of 40 pixels that raises a linear score most",
        against="SciPy linprog (HiGHS), float64",
        atol=1e-9,
    )


def test_slopes_are_those_of_differences(net, rng):
    pictures, labels = rng.uniform(size=(2, 1, 28, 28)), np.array([3, 8])
    found = slopes(net, pictures, labels)

    def loss(x):
        with torch.no_grad():
            sums = net(torch.tensor(x)).numpy()
        return logsumexp(sums, axis=1) - sums[np.arange(2), labels]

    for row, column in rng.integers(5, 23, size=(6, 2)):
        step = np.zeros_like(pictures)
        step[:, 0, row, column] = 1e-6
        difference = (loss(pictures + step) - loss(pictures - step)) / 2e-6
        np.testing.assert_allclose(found[:, 0, row, column], difference, atol=1e-6)


def test_each_picture_has_its_own_slopes(net, rng):
    pictures, labels = rng.uniform(size=(3, 1, 28, 28)), np.array([0, 1, 2])
    together = slopes(net, pictures, labels)
    for i in range(3):
        alone = slopes(net, pictures[i : i + 1], labels[i : i + 1])
        np.testing.assert_allclose(together[i : i + 1], alone, atol=1e-12)


def test_a_push_moves_by_its_size_and_stays_in_range(rng):
    pictures, g = rng.uniform(0.3, 0.7, size=(4, 9)), rng.normal(size=(4, 9))
    np.testing.assert_allclose(np.abs(push(pictures, g, 0.2) - pictures), 0.2)
    assert push(pictures, g, 5).min() == 0
    assert push(pictures, g, 5).max() == 1
    np.testing.assert_array_equal(push(pictures, np.zeros_like(g), 0.2), pictures)
    np.testing.assert_array_equal(push(pictures, g, 0), pictures)
    with pytest.raises(ValueError, match=r"size must be 0 or more, got -0\.1"):
        push(pictures, g, -0.1)


def test_without_a_push_training_is_the_usual_one(rng):
    pictures, labels = rng.uniform(size=(20, 1, 28, 28)), rng.integers(0, 10, size=20)
    torch.manual_seed(1)
    ours, theirs = torch_net(), torch_net()
    theirs.load_state_dict(ours.state_dict())
    fit_pushed(ours, pictures, labels, size=0, epochs=1, seed=3, batch=20)
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.01)
    x = torch.tensor(pictures, dtype=torch.float32)
    torch.nn.functional.cross_entropy(theirs(x), torch.tensor(labels)).backward()
    optimizer.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)


def test_training_on_pushes_pushes_every_other_picture(rng, monkeypatch):
    pictures, labels = rng.uniform(0.3, 0.7, size=(10, 1, 28, 28)), rng.integers(0, 10, size=10)
    torch.manual_seed(0)
    net = torch_net()
    seen = []
    net.register_forward_hook(lambda module, given, out: seen.append(given[0].detach().clone()))
    fit_pushed(net, pictures, labels, size=0.2, epochs=1, seed=0, batch=10)
    half, batch = seen
    moved = (batch[::2] - half).abs()
    assert torch.allclose(moved[moved > 0], torch.tensor(0.2), atol=1e-6)
    assert (moved > 0).float().mean() > 0.5
    order = torch.randperm(10, generator=torch.Generator().manual_seed(0)).numpy()[::2]
    torch.manual_seed(0)
    fresh = torch_net().double()  # the weights that the pushed half met
    expected = push(pictures[order], slopes(fresh, pictures[order], labels[order]), 0.2)
    same = np.isclose(batch[::2].numpy(), expected, atol=1e-5).mean()
    assert same > 0.99, "each pixel goes along the slope, but for those whose slope is all but 0"
    order = torch.randperm(10, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        batch[1::2], torch.tensor(pictures, dtype=torch.float32)[order][1::2]
    )


def test_training_keeps_pushed_pixels_in_their_range(rng):
    pictures, labels = rng.choice([0.0, 1.0], size=(10, 1, 28, 28)), rng.integers(0, 10, size=10)
    seen = []
    net = torch_net()
    net.register_forward_hook(lambda module, given, out: seen.append(given[0].detach()))
    fit_pushed(net, pictures, labels, size=0.2, epochs=1, seed=0, batch=10)
    assert (seen[1].min(), seen[1].max()) == (0, 1)


def test_a_batch_has_fifty_pictures_and_the_rate_is_a_hundredth(rng):
    pictures, labels = rng.uniform(size=(120, 1, 28, 28)), rng.integers(0, 10, size=120)
    sizes = []
    nets = [torch_net() for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    nets[0].register_forward_hook(lambda module, given, out: sizes.append(len(given[0])))
    fit_pushed(nets[0], pictures, labels, size=0, epochs=1, seed=0)
    fit_pushed(nets[1], pictures, labels, size=0, epochs=1, seed=0, rate=0.01, batch=50)
    assert sizes == [50, 50, 20]
    for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("labels", [[-1, 3], [3, 10], [-3, 12]])
def test_a_label_that_is_no_digit_is_refused(labels, net):
    with pytest.raises(ValueError, match="labels must be 0 to 9"):
        slopes(net, np.zeros((2, 1, 28, 28)), np.array(labels))


def test_the_first_and_the_last_digit_are_labels(net):
    assert slopes(net, np.zeros((2, 1, 28, 28)), np.array([0, 9])).shape == (2, 1, 28, 28)


SCRIPT = "docs/people/adversarial.js"

SAME = {
    "return torch.autograd.grad(loss, x)[-1].numpy()": "there is one",
    "step = torch.autograd.grad(loss, half)[-1].sign()": "there is one",
    "if len(labels) and not 0 <= (labels.max()) <= labels.max() <= 9:": "says nothing of the least",
}


@pytest.mark.browser
def test_the_figures_answer_is_pythons(js, rng):
    net = ConvNet(seed=4)
    weights = {name: getattr(net, name).astype(np.float32) for name in SHAPES}
    picture = rng.uniform(size=(28, 28)).astype(np.float32)
    theirs = js(SCRIPT, "answer", picture.ravel(), weights)
    np.testing.assert_allclose(theirs, net.probabilities(picture[None, None])[0], atol=1e-5)


@pytest.mark.browser
def test_the_figures_push_is_pythons(js, rng):
    picture, signs = rng.uniform(size=50), rng.choice([-1.0, 0.0, 1.0], size=50)
    theirs = js(SCRIPT, "pushed", picture.tolist(), signs.tolist(), 0.25)
    np.testing.assert_allclose(theirs, push(picture, signs, 0.25), atol=1e-12)
