"""Thin nets against PyTorch's dropout, whose masks are forced, and against plain enumeration."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.special import softmax

from introdl.people.dropout import all_masks, chances, removed, thin, together

SCRIPT = "docs/people/dropout.js"


def layer(rng, N=3, H=5, K=4):
    return rng.normal(size=(N, H)), rng.normal(size=(H, K)), rng.normal(size=K)


SAME = {
    "return mean, softmax(np.tensordot(weight, z, axes=1), axis=1)": "of two axes, 1 is the last",
}


def odd_input(rng):
    a, W, b = layer(rng)
    masks = rng.integers(0, 2, size=(6, 5))
    return {
        "chances": {"masks": masks, "keep": 0.7},
        "thin": {"a": a, "W": W, "b": b, "masks": masks, "keep": 0.5},
        "together": {"z": rng.normal(size=(2, 3, 4)), "weight": np.array([0.25, 0.75])},
    }


@pytest.mark.agreement
def test_thin_scores_and_their_slopes_are_those_of_torch(rng, agreement):
    a, W, b = layer(rng)
    mask, keep, y = np.array([1.0, 0.0, 1.0, 1.0, 0.0]), 0.6, np.array([0, 3, 1])

    def reference():
        x, weight, bias = (torch.tensor(v, requires_grad=True) for v in (a, W, b))
        scores = (x * torch.tensor(mask) / keep) @ weight + bias
        torch.nn.functional.cross_entropy(scores, torch.tensor(y)).backward()
        parts = [scores.detach(), x.grad, weight.grad]
        return np.concatenate([v.numpy().ravel() for v in parts])

    scores = thin(a, W, b, mask[None], keep)[0]
    off = (softmax(scores, axis=-1) - np.eye(4)[y]) / 3
    ours = [scores, off @ W.T * mask / keep, (a * mask / keep).T @ off]
    agreement(
        np.concatenate([v.ravel() for v in ours]),
        reference,
        what="scores of a thin net, and the slopes by its inputs and weights",
        against="PyTorch autograd with the same mask, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_the_mean_over_masks_is_that_of_torchs_dropout(agreement):
    rng = np.random.default_rng(5)  # a mean of draws has an error; this one is known
    a, W, b = layer(rng, N=1, H=4, K=3)
    masks = all_masks(4)
    mean, _ = together(thin(a, W, b, masks, 0.7), chances(masks, 0.7))

    def reference():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            x = torch.tensor(a).expand(400_000, 4)
            scores = torch.nn.functional.dropout(x, 0.3) @ torch.tensor(W) + torch.tensor(b)
            return torch.softmax(scores, dim=1).mean(dim=0, keepdim=True).numpy()

    agreement(
        mean,
        reference,
        what="mean share of all 16 thin nets",
        against="PyTorch dropout, the mean of 400,000 draws, float64",
        atol=3e-3,
    )


def test_masks_are_all_there_once_and_their_chances_add_up(rng):
    for units in range(6):
        masks = all_masks(units)
        assert masks.shape == (2**units, units)
        assert len({tuple(m) for m in masks}) == 2**units
        keep = rng.uniform(0.1, 1)
        p = chances(masks, keep)
        assert p.sum() == pytest.approx(1)
        for mask, chance in zip(masks, p, strict=True):
            assert chance == pytest.approx(math.prod(keep if m else 1 - keep for m in mask))
    assert all_masks(16).shape == (65536, 16)
    for units in (-1, 17):
        with pytest.raises(ValueError, match=r"units must be 0 to 16"):
            all_masks(units)


def test_one_net_is_the_geometric_mean_of_all_thin_nets(rng):
    a, W, b = layer(rng, H=6)
    for keep in (0.3, 0.5, 0.9, 1.0):
        masks = all_masks(6)
        _, geometric = together(thin(a, W, b, masks, keep), chances(masks, keep))
        np.testing.assert_allclose(geometric, softmax(a @ W + b, axis=-1), atol=1e-12)


def test_both_means_are_those_of_a_loop(rng):
    z, weight = rng.normal(size=(5, 2, 3)), rng.dirichlet(np.ones(5))
    mean, geometric = together(z, weight)
    shares = np.exp(z) / np.exp(z).sum(axis=2, keepdims=True)
    plain = sum(w * s for w, s in zip(weight, shares, strict=True))
    product = math.prod(s**w for w, s in zip(weight, shares, strict=True))
    np.testing.assert_allclose(mean, plain)
    np.testing.assert_allclose(geometric, product / product.sum(axis=1, keepdims=True))


def test_a_relu_behind_the_gap_undoes_the_proof():
    # By hand, as in the first exercise: 0, 4, 2 and 8 against 3.
    scores = [max(6 * p + 4 * q - 2, 0) for p, q in itertools.product([0, 1], repeat=2)]
    z = thin(np.array([[3.0, 1.0]]), np.array([[1.0], [2.0]]), np.array([-2.0]), all_masks(2), 0.5)
    assert sorted(np.maximum(z, 0).ravel()) == sorted(scores)
    assert np.maximum(z, 0).mean() == 3.5


def test_exactly_so_many_units_are_removed_and_each_as_often(rng):
    masks = removed(8, 3, 4000, rng)
    assert masks.shape == (4000, 8)
    assert set(np.unique(masks)) == {0, 1}
    assert (masks.sum(axis=1) == 5).all()
    np.testing.assert_allclose(masks.mean(axis=0), 5 / 8, atol=0.05)
    assert removed(3, 3, 2, rng).sum() == 0
    assert removed(3, 0, 2, rng).sum() == 6
    for gone in (-1, 4):
        with pytest.raises(ValueError, match=r"gone must be 0 to 3"):
            removed(3, gone, 1, rng)


@pytest.mark.parametrize("keep", [0, -0.5, 1.1])
def test_a_chance_that_is_none_is_refused(rng, keep):
    a, W, b = layer(rng)
    for call in (
        lambda: chances(np.ones((1, 5)), keep),
        lambda: thin(a, W, b, np.ones((1, 5)), keep),
    ):
        with pytest.raises(ValueError, match=r"keep must be above 0 and at most 1"):
            call()


@pytest.mark.parametrize("weight", [[0.5, 0.6], [-0.5, 1.5], [0.0, 0.0]])
def test_weights_that_are_no_mean_are_refused(rng, weight):
    with pytest.raises(ValueError, match=r"weights must be 0 or more and add up to 1"):
        together(rng.normal(size=(2, 1, 3)), np.array(weight))


@pytest.mark.browser
def test_the_figures_answer_is_pythons(js, rng):
    x, W1, b1 = rng.random(20), rng.normal(size=(20, 8)), rng.normal(size=8)
    W2, b2 = rng.normal(size=(8, 4)), rng.normal(size=4)
    a = np.maximum(x @ W1 + b1, 0)
    theirs = js(SCRIPT, "strengths", x.tolist(), W1.ravel().tolist(), b1.tolist())
    np.testing.assert_allclose(theirs, a, atol=1e-12)
    on = np.array([1, 0, 0, 1, 1, 0, 1, 0])
    z = thin(a[None], W2, b2, on[None], on.mean())[0, 0]
    theirs = js(SCRIPT, "scores", a.tolist(), on.tolist(), W2.ravel().tolist(), b2.tolist())
    np.testing.assert_allclose(theirs, z, atol=1e-12)
    np.testing.assert_allclose(js(SCRIPT, "softmax", z.tolist()), softmax(z), atol=1e-12)
    none = js(SCRIPT, "scores", a.tolist(), [0] * 8, W2.ravel().tolist(), b2.tolist())
    np.testing.assert_allclose(none, b2)


@pytest.mark.browser
def test_the_figures_lot_drops_half_and_each_unit_as_often(js):
    draws = np.array([js(SCRIPT, "lot", n) for n in range(1, 201)])
    assert set(np.unique(draws)) == {0, 1}
    assert (draws.sum(axis=1) == 32).all()
    assert len({tuple(d) for d in draws}) == 200
    assert np.abs(draws.mean(axis=0) - 0.5).max() < 0.18  # five standard errors
    assert js(SCRIPT, "lot", 7) == draws[6].tolist()
