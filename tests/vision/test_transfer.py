"""Nets with frozen and copied layers against PyTorch, and the page's figure."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from introdl.vision.transfer import Nets, carry, features, gradients, shares, start, train

SAME = {
    "if (layer >= frozen): # below, nothing is trained: no slope needs to go there": (
        "one slope more is worked out, and nothing reads it"
    ),
    "x = x[:, :, ::STRIDE, ::STRIDE].reshape(*x.shape[:2], -2)": (
        "NumPy takes any number below 0 for what is left over"
    ),
    "rows = x.reshape(len(w), -2, w.shape[1])": (
        "NumPy takes any number below 0 for what is left over"
    ),
    "return (rows @ w + b).reshape(*x.shape[:2], -2)": (
        "NumPy takes any number below 0 for what is left over"
    ),
    "a.reshape(len(w), -2, n) for a, n in zip((x, slope), w.shape[1:], strict=True)": (
        "NumPy takes any number below 0 for what is left over"
    ),
    "def _fits(nets: Nets, x: np.ndarray, layers: int = 1, **_: object) -> None:": (
        "stands in where no layers are asked for, and is let through"
    ),
}


def varied(rng, r=2, classes=3):
    """Nets in float64 whose biases are not zero."""
    nets = start([int(s) for s in rng.integers(2**31, size=r)], classes, np.float64)
    return Nets(*(w + 0.1 * rng.normal(size=w.shape) for w in nets))


def odd_input(rng):
    nets = varied(rng)
    x, y = rng.random((2, 4, 28, 28)), np.array([[2, 0, 1, 2], [1, 2, 0, 0]])
    return {
        "features": {"nets": nets, "x": x},
        "shares": {"nets": nets, "x": x},
        "gradients": {"nets": nets, "x": rng.random((2, 4, 32)), "y": y, "frozen": 2},
        "train": {
            "nets": nets,
            "pictures": x[0],
            "y": y[0],
            "rows": np.array([[0, 1, 2], [3, 2, 1]]),
            "seeds": [0, 1],
            "rate": 0.01,
            "steps": 2,
        },
    }


def twin(nets, r, frozen=0):
    """Net `r` as plain PyTorch, float64; the first `frozen` layers are not trained."""
    w1, b1, w2, b2, w3, b3 = (torch.tensor(w[r]) for w in nets)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(288, 32),
        nn.ReLU(),
        nn.Linear(32, w3.shape[1]),
    ).double()
    # Flatten has one map after the other; ours has what eight kernels say of one place together.
    w2 = w2.reshape(36, 8, 32).permute(2, 1, 0).reshape(32, 288)
    values = (w1.T.reshape(8, 1, 5, 5), b1[0], w2, b2[0], w3.T, b3[0])
    for k, (parameter, value) in enumerate(zip(net.parameters(), values, strict=True)):
        parameter.data = value.clone()
        parameter.requires_grad_(k >= 2 * frozen)
    return net


def ours(arrays):
    """Arrays of PyTorch's layout (all six) in ours, for one net."""
    w1, b1, w2, b2, w3, b3 = arrays
    w2 = w2.reshape(32, 8, 36).transpose(2, 1, 0).reshape(288, 32)
    return [w1.reshape(8, 25).T, b1[None], w2, b2[None], w3.T, b3[None]]


def slopes_by_torch(nets, x, y, frozen):
    """What autograd says, for all nets: a frozen layer has no slope."""
    found = []
    for r in range(len(x)):
        net = twin(nets, r, frozen)
        nn.functional.cross_entropy(net(torch.tensor(x[r])[:, None]), torch.tensor(y[r])).backward()
        assert [p.grad is None for p in net.parameters()] == [k < 2 * frozen for k in range(6)]
        filled = [np.zeros(p.shape) if p.grad is None else p.grad.numpy() for p in net.parameters()]
        found.append(ours(filled)[2 * frozen :])
    return [np.stack(parts) for parts in zip(*found, strict=True)]


@given(
    r=st.integers(1, 3),
    n=st.integers(1, 5),
    classes=st.integers(2, 6),
    frozen=st.integers(0, 2),
    seed=st.integers(0, 999),
)
@settings(deadline=None, max_examples=20)
def test_slopes_on_cached_features_are_those_of_the_whole_net(r, n, classes, frozen, seed):
    rng = np.random.default_rng(seed)
    nets, x = varied(rng, r, classes), rng.random((r, n, 28, 28))
    y = rng.integers(classes, size=(r, n))
    found = gradients(nets, features(nets, x, frozen), y, frozen)
    expected = slopes_by_torch(nets, x, y, frozen)
    assert len(found) == len(expected) == 6 - 2 * frozen
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_slopes_are_those_of_all_layers_unless_told(rng):
    nets, x, y = varied(rng), rng.random((2, 3, 28, 28)), np.array([[0, 1, 2], [2, 2, 0]])
    seen = features(nets, x, 0)
    for a, b in zip(gradients(nets, seen, y), gradients(nets, seen, y, 0), strict=True):
        np.testing.assert_array_equal(a, b)


def test_large_sums_do_not_overflow(rng):
    nets, x = varied(rng), rng.random((2, 3, 28, 28))
    for far in (1e6, -1e6):
        sure = nets._replace(b3=nets.b3 + far * np.eye(3)[0])
        expected = np.zeros((2, 3, 3))
        expected[:, :, 0] = far > 0
        found = shares(sure, x)
        np.testing.assert_allclose(found.sum(axis=2), 1)
        np.testing.assert_array_equal(found[:, :, 0], expected[:, :, 0])


@pytest.mark.agreement
def test_shares_are_pytorchs(rng, agreement):
    nets, x = varied(rng), rng.random((2, 5, 28, 28))
    agreement(
        shares(nets, x),
        lambda: np.stack(
            [
                twin(nets, r)(torch.tensor(x[r])[:, None]).softmax(dim=1).detach().numpy()
                for r in range(2)
            ]
        ),
        what="shares of two small nets, five pictures each",
        against="torch.nn.Conv2d and Linear, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_training_is_pytorchs_adam_on_what_is_free(rng, agreement, frozen):
    nets, x, y = varied(rng), rng.random((7, 28, 28)), rng.integers(3, size=7)
    rows, seeds = np.array([[0, 1, 2, 3], [4, 6, 5, 1]]), [5, 6]
    found = train(nets, x, y, rows, seeds=seeds, rate=0.01, steps=4, batch=3, frozen=frozen)

    def theirs():
        trained = []
        for r, seed in enumerate(seeds):
            net = twin(nets, r, frozen)
            optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad])
            lot = np.random.default_rng([seed, 0])
            for rate in (0.01, 0.0075, 0.005, 0.0025):
                i = rows[r][lot.integers(4, size=3)]
                optimizer.param_groups[0]["lr"] = rate
                loss = nn.functional.cross_entropy(
                    net(torch.tensor(x[i])[:, None]), torch.tensor(y[i])
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            trained.append(ours([p.detach().numpy() for p in net.parameters()])[4])
        return np.stack(trained)

    agreement(
        found.w3,
        theirs,
        what=f"the head after four updates, {frozen} layers frozen",
        against="torch.optim.Adam on the whole net, float64",
        atol=1e-6,  # Adam divides by the size of a slope: where that is near 0, rounding shows
    )
    for k in range(6):
        assert np.array_equal(found[k], nets[k]) == (k < 2 * frozen)


def test_training_leaves_the_first_nets_as_they_are(rng):
    nets = varied(rng)
    before = [w.copy() for w in nets]
    x, y, rows = rng.random((4, 28, 28)), np.array([0, 1, 2, 0]), np.array([[0, 1], [2, 3]])
    train(nets, x, y, rows, seeds=[0, 1], rate=0.1, steps=2)
    for w, old in zip(nets, before, strict=True):
        np.testing.assert_array_equal(w, old)


def test_an_update_takes_25_pictures_and_freezes_nothing_unless_told(rng):
    nets, x, y = varied(rng, r=1), rng.random((40, 28, 28)), rng.integers(3, size=40)
    learn = {"seeds": [3], "rate": 0.01, "steps": 2}
    said = train(nets, x, y, np.arange(40)[None], batch=25, frozen=0, **learn)
    silent = train(nets, x, y, np.arange(40)[None], **learn)
    for a, b in zip(said, silent, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_copied_layers_are_copies_and_the_rest_is_drawn(rng, layers):
    nets = varied(rng, classes=4)
    found, fresh = carry(nets, layers, [7, 8], 5), start([7, 8], 5, np.float64)
    for k in range(6):
        expected = nets[k] if k < 2 * layers else fresh[k]
        np.testing.assert_array_equal(found[k], 0 * fresh[k] if k >= 4 else expected)
        assert not np.shares_memory(found[k], nets[k])
    assert found.w3.shape == (2, 32, 5), (
        "the head that the copied layers grew up under is not in it"
    )


def test_one_update_is_enough_and_features_come_from_both_layers_unless_told(rng):
    nets, x = varied(rng, r=1), rng.random((1, 4, 28, 28))
    np.testing.assert_array_equal(features(nets, x), features(nets, x, 2))
    y, rows = np.array([0, 1, 2, 0]), np.arange(4)[None]
    found = train(nets, x[0], y, rows, seeds=[0], rate=0.1, steps=1)
    assert np.abs(found.w3 - nets.w3).max() > 0.01


def test_first_weights_are_drawn_for_relu():
    nets = start([7], 20)
    assert all(w.dtype == np.float32 for w in nets)
    for w, inputs in ((nets.w1, 25), (nets.w2, 288), (nets.w3, 32)):
        assert w.std() == pytest.approx(np.sqrt(2 / inputs), rel=0.2)
    assert not any(b.any() for b in (nets.b1, nets.b2, nets.b3))
    np.testing.assert_array_equal(start([3, 7], 20).w2[1:], nets.w2)


def test_what_cannot_be_is_refused(rng):
    nets, x = varied(rng), rng.random((3, 28, 28))
    y, rows = np.array([0, 1, 2]), np.array([[0, 1], [1, 2]])
    learn = {"seeds": [0, 1], "rate": 0.01, "steps": 1}
    with pytest.raises(ValueError, match="frozen must be 0, 1 or 2, got 3"):
        train(nets, x, y, rows, frozen=3, **learn)
    with pytest.raises(ValueError, match="classes 0 to 2, got 0 to 3"):
        train(nets, x, np.array([0, 1, 3]), rows, **learn)
    with pytest.raises(ValueError, match="classes 0 to 2, got -1 to 1"):
        train(nets, x, y - 1, rows, **learn)
    with pytest.raises(ValueError, match="rows must be 0 to 2, got 1 to 3"):
        train(nets, x, y, rows + 1, **learn)
    with pytest.raises(ValueError, match="rows must be 0 to 2, got -1 to 1"):
        train(nets, x, y, rows - 1, **learn)
    with pytest.raises(ValueError, match="2 nets, 1 rows of examples, 2 seeds"):
        train(nets, x, y, rows[:1], **learn)
    with pytest.raises(ValueError, match="steps must be 1 or more, got 0"):
        train(nets, x, y, rows, **{**learn, "steps": 0})
    with pytest.raises(ValueError, match="pictures for 1 nets, there are 2"):
        shares(nets, x[None])
    with pytest.raises(ValueError, match="layers must be 0, 1 or 2, got -1"):
        features(nets, x[:2, None], -1)
    with pytest.raises(ValueError, match=r"x must be \(2, N, 288\) after 1 layers"):
        gradients(nets, rng.random((2, 3, 32)), np.zeros((2, 3), dtype=int), 1)
    with pytest.raises(ValueError, match="layers must be 0, 1 or 2, got 3"):
        carry(nets, 3, [0, 1], 2)
    with pytest.raises(ValueError, match="2 nets and 1 seeds"):
        carry(nets, 1, [0], 2)


@pytest.mark.browser
def test_the_page_ranks_the_arms(js, rng):
    arms = ["one", "two", "three"]
    found = rng.permutation(12).reshape(3, 2, 2) + 0.5
    run = {"arms": arms, "means": dict(zip(arms, found.tolist(), strict=True))}
    rows = js("docs/vision/transfer.js", "standing", run, 1)
    means, halves = found[:, 1].T
    assert [row["arm"] for row in rows] == arms
    np.testing.assert_allclose([row["mean"] for row in rows], means)
    np.testing.assert_allclose([row["low"] for row in rows], means - halves)
    np.testing.assert_allclose([row["high"] for row in rows], means + halves)
    assert [row["rank"] for row in rows] == [int((means > m).sum()) + 1 for m in means]


@pytest.mark.browser
def test_the_page_names_the_arms_whose_intervals_overlap_the_best_ones(js):
    means = {"low": [[50, 2]], "best": [[60, 3]], "near": [[58, 2]], "apart": [[55, 2]]}
    rows = js("docs/vision/transfer.js", "standing", {"arms": list(means), "means": means}, 0)
    found = js("docs/vision/transfer.js", "overlapping", rows)
    # 57 to 63 is the best one's: 56 to 60 overlaps it, and 53 to 57 only touches it.
    assert [row["arm"] for row in found] == ["near"]
