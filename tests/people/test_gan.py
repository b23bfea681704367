"""Slopes by hand against autograd, the best answer against a solver, and the figures' answers."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from sklearn.neighbors import KNeighborsClassifier
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from introdl.people.gan import (
    CENTRES,
    WIDTH,
    Net,
    SideBySide,
    backward,
    best_answer,
    critic_slopes,
    forward,
    found,
    generator_slopes,
    told_apart,
    train,
)

SAME = {
    "shares = ((far < 3 * WIDTH)).mean(axis=-2)": "no drawn point lies on the edge itself",
    "WIDTH = 0.04": "a choice of the task; what is drawn and what is counted follow it alike",
    "return np.where(both > 0, p / np.where(both > 0, both, 2), 0.5)": "not used where both is 0",
    "far = np.linalg.norm((points[..., None, :] + CENTRES), axis=-1) # (..., N, 8)": (
        "the negatives of the eight centres are the eight centres"
    ),
    "apart = 2 * (squares[:, None] + squares - 2 * X @ X.T)": "the nearest stays the nearest",
    "return float(np.mean(kind[apart.argmin(axis=0)] == kind))": "the table is symmetric",
    "if ((counts.mean(axis=-1)) == 0).any():": "counts whose mean is 0 add up to 0",
}


def net(rng, inputs, hidden, outputs):
    shapes = ((inputs, hidden), (hidden,), (hidden, outputs), (outputs,))
    return Net(*(rng.normal(size=shape) for shape in shapes))


def odd_input(rng):
    critic, generator = net(rng, 2, 5, 1), net(rng, 3, 4, 2)
    points = rng.normal(size=(6, 2))
    return {
        "best_answer": {"real": np.array([6, 3, 1]), "made": np.array([2, 3, 5])},
        "forward": {"net": critic, "x": points},
        "backward": {"net": critic, "x": points, "slopes": rng.normal(size=(6, 1))},
        "critic_slopes": {"critic": critic, "real": points, "made": points[:4] + 1},
        "generator_slopes": {
            "generator": generator,
            "critic": critic,
            "noise": rng.normal(size=(6, 3)),
        },
        "found": {"points": points},
        "told_apart": {"real": points, "made": points + 1},
    }


def twin(weights):
    """The same net in PyTorch, with slopes to come."""
    layers = nn.Sequential(
        nn.Linear(*weights.W1.shape), nn.ReLU(), nn.Linear(*weights.W2.shape)
    ).double()
    with torch.no_grad():
        for layer, W, b in ((0, weights.W1, weights.b1), (2, weights.W2, weights.b2)):
            layers[layer].weight.copy_(torch.tensor(W.T))
            layers[layer].bias.copy_(torch.tensor(b))
    return layers


def slopes_of(layers):
    W1, b1, W2, b2 = (p.grad.numpy() for p in layers.parameters())
    return [W1.T, b1, W2.T, b2]


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


@pytest.mark.agreement
def test_the_critics_slopes_are_autograds(rng, agreement):
    critic = net(rng, 3, 8, 1)
    real, made = rng.normal(size=(11, 3)), rng.normal(size=(7, 3))

    def reference():
        layers = twin(critic)
        loss = sum(
            binary_cross_entropy_with_logits(
                layers(torch.tensor(x)), torch.full((len(x), 1), label, dtype=torch.float64)
            )
            for x, label in ((real, 1.0), (made, 0.0))
        )
        loss.backward()
        return flat(slopes_of(layers))

    agreement(
        flat(critic_slopes(critic, real, made)),
        reference,
        what="slopes of a critic's loss",
        against="PyTorch's binary cross-entropy and autograd, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_the_generators_slopes_are_autograds(rng, agreement):
    generator, critic = net(rng, 2, 6, 3), net(rng, 3, 8, 1)
    noise = rng.normal(size=(10, 2))

    def reference():
        makes, judges = twin(generator), twin(critic)
        sums = judges(makes(torch.tensor(noise)))
        binary_cross_entropy_with_logits(sums, torch.ones_like(sums)).backward()
        return flat(slopes_of(makes))

    agreement(
        flat(generator_slopes(generator, critic, noise)),
        reference,
        what="slopes of a generator's loss, through the critic",
        against="PyTorch's binary cross-entropy and autograd, float64",
        atol=1e-12,
    )


def test_backward_gives_the_slopes_of_the_inputs(rng):
    weights, x, slopes = net(rng, 3, 8, 2), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    given = torch.tensor(x, requires_grad=True)
    out = twin(weights)(given)
    out.backward(torch.tensor(slopes))
    np.testing.assert_allclose(forward(weights, x), out.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(backward(weights, x, slopes)[1], given.grad.numpy(), atol=1e-12)


@pytest.mark.agreement
def test_no_answer_is_better_than_the_best(rng, agreement):
    real, made = rng.integers(1, 20, size=6), rng.integers(1, 20, size=6)
    p, q = real / real.sum(), made / made.sum()

    def reference():
        def least(a, b):
            def loss(D):
                return -a * np.log(D) - b * np.log(1 - D)

            return minimize_scalar(loss, bounds=(0, 1), method="bounded", options={"xatol": 1e-9}).x

        return np.array([least(a, b) for a, b in zip(p, q, strict=True)])

    agreement(
        best_answer(real, made),
        reference,
        what="the best answers of a critic in six boxes",
        against="SciPy minimize_scalar, float64",
        atol=1e-6,
    )


def test_empty_boxes_and_unequal_numbers():
    np.testing.assert_allclose(
        best_answer(np.array([8, 0, 2, 0]), np.array([0, 3, 3, 0])), [1, 0, 2 / 7, 0.5]
    )
    with pytest.raises(ValueError, match=r"made has a count below 0: -1"):
        best_answer(np.array([1, 2]), np.array([3, -1]))
    with pytest.raises(ValueError, match=r"real has no example"):
        best_answer(np.array([0, 0]), np.array([3, 1]))
    with pytest.raises(ValueError, match=r"made has no example"):
        best_answer(np.array([[1, 2], [3, 4]]), np.array([[0, 0], [1, 2]]))
    rows = best_answer(np.array([[1, 0], [2, 0]]), np.array([[1, 1], [1, 0]]))
    np.testing.assert_allclose(rows, [[2 / 3, 0], [0.5, 0.5]])


def test_blobs_are_found_by_half_a_share():
    """Of 32 points, two are half of a fair share."""
    far = np.full((32, 2), 9.0)
    far[:2] = CENTRES[0] + [0, 2.99 * WIDTH]
    far[2] = CENTRES[1]
    far[3:5] = CENTRES[2] + [3.01 * WIDTH, 0]
    blobs, near = found(far)
    assert blobs == 1
    assert near == 3 / 32
    more = np.vstack([far, [[9.0, 9.0], [9.0, 9.0]]])
    assert found(more)[0] == 0, "2 of 34 are less than a sixteenth"
    blobs, near = found(np.stack([far, np.repeat(CENTRES, 4, axis=0)]))
    np.testing.assert_array_equal(blobs, [1, 8])
    np.testing.assert_allclose(near, [3 / 32, 1])


def test_the_blobs_lie_on_a_circle():
    np.testing.assert_allclose(np.linalg.norm(CENTRES, axis=1), 1)
    np.testing.assert_allclose(CENTRES[[0, 2]], [[1, 0], [0, 1]], atol=1e-15)
    sides = np.linalg.norm(CENTRES - np.roll(CENTRES, 1, axis=0), axis=1)
    np.testing.assert_allclose(sides, 2 * np.sin(np.pi / 8))


@pytest.mark.agreement
def test_the_nearest_other_is_scikit_learns(rng, agreement):
    real, made = rng.normal(size=(30, 4)), rng.normal(0.5, 1, size=(30, 4))

    def reference():
        X, kind = np.vstack([real, made]), np.repeat([0, 1], 30)
        right = []
        for i in range(60):
            rest = np.arange(60) != i
            near = KNeighborsClassifier(1, algorithm="brute").fit(X[rest], kind[rest])
            right.append(near.predict(X[i : i + 1])[0] == kind[i])
        return np.mean(right)

    agreement(
        told_apart(real, made),
        reference,
        what="how often the nearest other example is of the same kind",
        against="scikit-learn KNeighborsClassifier, each example left out in turn",
        atol=1e-12,
    )


def test_layers_side_by_side_know_nothing_of_one_another(rng):
    layer = SideBySide(3, 4, 2, seed=5)
    x = torch.tensor(rng.normal(size=(3, 6, 4)), dtype=torch.float32)
    out = layer(x)
    assert out.shape == (3, 6, 2)
    for i in range(3):
        torch.testing.assert_close(out[i], x[i] @ layer.W[i] + layer.b[i])
    for weights in (layer.W, layer.b):
        assert weights.abs().max() <= 0.5
        assert weights.min() < 0 < weights.max()
    assert torch.equal(layer.W, SideBySide(3, 4, 2, seed=5).W)
    assert not torch.equal(layer.W, SideBySide(3, 4, 2, seed=6).W)
    wide = SideBySide(1, 100, 100, seed=0)
    for weights in (wide.W, wide.b):
        assert 0.08 < weights.abs().max() <= 0.1
        assert -0.02 < weights.mean() < 0.02


def plain(generator, critic, batches, noises, rates):
    """The same training in other words: labels, and PyTorch's binary cross-entropy."""
    adams = [
        torch.optim.Adam(n.parameters(), lr=r, betas=(0.5, 0.999))
        for n, r in zip((generator, critic), rates, strict=True)
    ]
    losses = []
    for real, z in zip(batches, noises, strict=True):
        made = generator(z)
        sums = critic(torch.cat([real, made.detach()]))
        labels = torch.cat([torch.ones(len(real), 1), torch.zeros(len(made), 1)])
        critics = 2 * binary_cross_entropy_with_logits(sums, labels)
        adams[1].zero_grad()
        critics.backward()
        adams[1].step()
        sums = critic(made)
        makers = binary_cross_entropy_with_logits(sums, torch.ones_like(sums))
        adams[0].zero_grad()
        makers.backward()
        adams[0].step()
        losses.append((makers.item(), critics.item()))
    return losses


def test_training_is_the_usual_loop():
    def pair():
        torch.manual_seed(3)
        return (
            nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2)),
            nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1)),
        )

    draw = torch.Generator().manual_seed(4)
    batches, noises = torch.randn(2, 5, 16, 2, generator=draw)
    rates = (0.003, 0.01)
    theirs = pair()
    expected = plain(*theirs, batches, noises, rates)
    ours = pair()
    seen = []
    reals, starts = iter(batches), iter(noises)
    train(
        *ours,
        lambda: next(reals),
        lambda: next(starts),
        steps=5,
        rates=rates,
        watch=lambda step, *lost: seen.append((step, *lost)),
    )
    assert [step for step, *_ in seen] == list(range(6))
    assert np.isnan(seen[0][1:]).all()
    np.testing.assert_allclose([lost for _, *lost in seen[1:]], expected, rtol=1e-4)
    for a, b in zip(ours, theirs, strict=True):
        for p, q in zip(a.parameters(), b.parameters(), strict=True):
            torch.testing.assert_close(p, q, rtol=1e-3, atol=1e-5)
    again, more, watched = pair(), pair(), []
    reals, starts = iter(batches), iter(noises)
    train(*again, lambda: next(reals), lambda: next(starts), steps=5)
    reals, starts = iter(batches), iter(noises)
    train(
        *more,
        lambda: next(reals),
        lambda: next(starts),
        steps=5,
        rates=(0.001, 0.001),
        watch=lambda *_: watched.append(1),
    )
    for a, b in zip(again, more, strict=True):
        for p, q in zip(a.parameters(), b.parameters(), strict=True):
            assert torch.equal(p, q)


SCRIPT = "docs/people/gan.js"


@pytest.mark.browser
def test_the_figures_critic_is_pytorchs(js, rng):
    torch.manual_seed(6)
    layers = [nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 1)]
    places = rng.uniform(-1.6, 1.6, size=(20, 2)).astype(np.float32)
    weights = {}
    for i, layer in enumerate(layers):
        weights[f"w{i}"] = layer.weight.detach().numpy()
        weights[f"b{i}"] = layer.bias.detach().numpy()
    stack = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2], nn.Sigmoid())
    with torch.no_grad():
        expected = stack(torch.tensor(places)).numpy()[:, 0]
    found_there = js(SCRIPT, "criticSays", places.tolist(), weights)
    np.testing.assert_allclose(found_there, expected, atol=1e-6)


@pytest.mark.browser
def test_the_figures_best_answer_is_that_of_densities(js, rng):
    made = rng.uniform(-1.2, 1.2, size=(8, 2))
    for place in (made[0] + 0.05, CENTRES[3] + 0.03, rng.uniform(-0.9, 0.9, size=2)):
        p, q = (
            np.exp(-((place - centres) ** 2).sum(axis=1) / (2 * 0.2**2)).mean()
            for centres in (CENTRES, made)
        )
        there = js(SCRIPT, "bestAnswer", place.tolist(), made.tolist())
        here = best_answer(np.array([p, 1 - p]), np.array([q, 1 - q]))[0]
        np.testing.assert_allclose(there, here, atol=1e-9)


@pytest.mark.browser
def test_the_figure_counts_blobs_as_python_does(js, rng):
    made = np.vstack([CENTRES[[0, 3]] + 0.14, CENTRES[5:6] + 0.15])
    made = np.vstack([made, rng.uniform(-0.2, 0.2, size=(5, 2))])
    near = np.linalg.norm(made[:, None] - CENTRES, axis=2) <= 0.2
    assert js(SCRIPT, "reached", made.tolist()) == near.any(axis=0).sum() == 2
    assert js(SCRIPT, "reached", CENTRES.tolist()) == 8
