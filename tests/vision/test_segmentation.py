"""Scores against scikit-learn, Otsu against scikit-image, the loss against autograd; the figure."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.filters import threshold_otsu
from sklearn.metrics import f1_score, jaccard_score
from torch import nn

from introdl.vision.segmentation import (
    UNet,
    dice,
    dice_loss,
    fit,
    iou,
    otsu,
    patches,
    shares,
    write_on,
)

SAME = {
    "return np.where(sizes == 0, 1.0, 2 * both / np.maximum(sizes, 2))": (
        "with one pixel in all, none is in both masks: 0 divided by 1 or by 2"
    ),
    "apart = 2 * (sums[:-1] / dark - (sums[-1] - sums[:-1]) / bright)": (
        "the largest product stays the largest"
    ),
    "return torch.sigmoid(net(_maps(x)))[:, -1].numpy().astype(float)": "the net has one answer",
    "loss = 2 * (1 - ((2 * both + 1) / (sizes + 1)).mean())": (
        "Adam divides by the size of a slope: a constant factor cancels"
    ),
    "loss = 2 - ((2 * both + 1) / (sizes + 1)).mean()": "a constant has no slope",
    "loss = 0 - ((2 * both + 1) / (sizes + 1)).mean()": "a constant has no slope",
    "loss = 1 - (((2 * both + 1) / (sizes + 1)).sum())": (
        "Adam divides by the size of a slope: a constant factor cancels"
    ),
    "def _trainable(x: np.ndarray, steps: int = 3, batch: int = 1, **_: object) -> None:": (
        "stands in where nothing is trained, and is let through"
    ),
    "def _trainable(x: np.ndarray, steps: int = 2, batch: int = 2, **_: object) -> None:": (
        "stands in where nothing is trained, and is let through"
    ),
}


def odd_input(rng):
    masks = rng.integers(2, size=(2, 3, 4, 4))
    x, t = rng.random((4, 8, 8)), rng.integers(2, size=(4, 8, 8))
    return {
        "iou": {"t": masks[0], "a": masks[1]},
        "dice": {"t": masks[0], "a": masks[1]},
        "dice_loss": {"p": rng.random((3, 4, 4)), "t": masks[0]},
        "otsu": {"picture": rng.random((6, 7))},
        "patches": {"photograph": rng.random((9, 8)), "count": 2, "side": 4},
        "write_on": {"paper": rng.random((2, 4, 4)), "digits": rng.random((2, 4, 4))},
        "fit": {"x": x, "t": t, "steps": 2, "batch": 2},
        "shares": {"net": UNet().eval(), "x": x},
    }


def drawn(seed, count=3):
    """Pairs of masks of one size, drawn by lot; each has ink."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(2, 9, size=2)
    masks = (rng.random((2, count, height, width)) < rng.random()).astype(int)
    masks[:, :, 0, 0] = 1
    return masks


def by_sklearn(t, a, score):
    return [score(x.ravel(), y.ravel()) for x, y in zip(t, a, strict=True)]


@given(seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_scores_on_random_masks(seed):
    t, a = drawn(seed)
    np.testing.assert_allclose(iou(t, a), by_sklearn(t, a, jaccard_score), rtol=1e-12)
    np.testing.assert_allclose(dice(t, a), by_sklearn(t, a, f1_score), rtol=1e-12)
    np.testing.assert_allclose(dice(t, a), 2 * iou(t, a) / (1 + iou(t, a)), rtol=1e-12)


@pytest.mark.agreement
@pytest.mark.parametrize(("ours", "score"), [(iou, jaccard_score), (dice, f1_score)])
def test_scores_equal_scikit_learns(rng, agreement, ours, score):
    t, a = drawn(int(rng.integers(2**31)), count=20)
    agreement(
        ours(t, a),
        lambda: np.array(by_sklearn(t, a, score)),
        what=f"{ours.__name__} of 20 pairs of masks",
        against=f"sklearn.metrics.{score.__name__}",
        atol=1e-12,
    )


def test_empty_masks_are_alike_and_an_empty_answer_gets_nothing():
    none, some = np.zeros((1, 4, 4), dtype=int), np.eye(4, dtype=int)[None]
    for score in (iou, dice):
        assert score(none, none) == 1
        assert score(some, none) == score(none, some) == 0
    dot = np.zeros((1, 4, 4), dtype=int)
    dot[0, 2, 1] = 1
    for score in (iou, dice):
        assert score(dot, dot) == 1
        assert score(dot, none) == score(none, dot) == 0


def their_loss(p, t):
    """The loss as a formula of PyTorch, and the slopes that autograd finds."""
    seen, masks = torch.tensor(p, requires_grad=True), torch.tensor(t)
    dim = (1, 2)
    loss = 1 - ((2 * (seen * masks).sum(dim) + 1) / (seen.sum(dim) + masks.sum(dim) + 1)).mean()
    loss.backward()
    return np.append(seen.grad.numpy().ravel(), loss.item())


@pytest.mark.agreement
def test_the_dice_loss_and_its_slopes_equal_autograds(rng, agreement):
    p, t = rng.random((3, 5, 4)), rng.integers(2, size=(3, 5, 4))
    loss, slopes = dice_loss(p, t)
    agreement(
        np.append(slopes.ravel(), loss),
        lambda: their_loss(p, t),
        what="Dice loss and its slopes",
        against="torch autograd, float64",
        atol=1e-12,
    )


def test_the_loss_of_a_perfect_and_of_an_empty_answer():
    t = np.array([[[1, 1], [0, 0]]])
    assert dice_loss(t, t)[0] == 0
    assert dice_loss(np.zeros(t.shape), t)[0] == pytest.approx(2 / 3)  # 1 of 3, by the ones added


@given(seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_otsu_on_random_pictures(seed):
    rng = np.random.default_rng(seed)
    picture = rng.beta(*rng.uniform(0.3, 3, size=2), size=rng.integers(2, 30, size=2))
    assert otsu(picture) == pytest.approx(threshold_otsu(picture), rel=1e-10)


@pytest.mark.agreement
def test_otsus_threshold_equals_scikit_images(rng, agreement):
    pictures = [rng.random((20, 20)) ** power for power in (0.3, 1, 3)]
    agreement(
        np.array([otsu(picture) for picture in pictures]),
        lambda: np.array([threshold_otsu(picture) for picture in pictures]),
        what="Otsu's threshold of three pictures",
        against="skimage.filters.threshold_otsu",
        atol=1e-10,
    )


def test_otsu_refuses_a_flat_picture():
    with pytest.raises(ValueError, match="one brightness only, 3"):
        otsu(np.full((4, 4), 3))
    flat = np.full((3, 1), 0.1)
    assert flat.mean() != 0.1  # by rounding
    with pytest.raises(ValueError, match=r"one brightness only, 0\.1"):
        otsu(flat)


def test_patches_are_parts_of_the_photograph_at_places_of_their_own():
    photograph = np.arange(90.0).reshape(9, 10)
    found = patches(photograph, 40, side=3, seed=1)
    for patch in found:
        i, j = divmod(int(patch[0, 0]), 10)
        np.testing.assert_array_equal(patch, photograph[i : i + 3, j : j + 3])
    assert len({patch[0, 0] for patch in found}) > 10
    assert (patches(photograph, 40, side=3, seed=2) != found).any()
    assert patches(photograph, 1, side=9).shape == (1, 9, 9)
    assert patches(photograph, 2, side=1).shape == (2, 1, 1)
    large = np.random.default_rng(0).random((40, 33))
    np.testing.assert_array_equal(patches(large, 5), patches(large, 5, side=28, seed=0))


@pytest.mark.parametrize("wrong", [{"count": 0}, {"side": 0}, {"side": 10}])
def test_patches_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must fit into the photograph, \(9, 20\)"):
        patches(np.ones((9, 20)), **{"count": 1, "side": 3, **wrong})


def test_ink_darkens_and_half_ink_is_none():
    pictures, masks = write_on(np.full((1, 1, 3), 0.8), np.array([[[0, 0.5, 1]]]))
    np.testing.assert_allclose(pictures, [[[0.8, 0.52, 0.24]]])
    np.testing.assert_array_equal(masks, [[[0, 0, 1]]])


def by_hand(net, x):
    """The net written out, with its own layers, in float64."""
    pool = nn.functional.max_pool2d

    def twice(y):
        return y.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)

    fine = net.fine(x)
    middle = net.middle(pool(fine, 2))
    up = twice(net.coarse(pool(middle, 2)))
    up = net.middle_again(torch.cat([up, middle], 1) if net.skips else up)
    up = net.fine_again(torch.cat([twice(up), fine], 1) if net.skips else twice(up))
    return net.answer(up)


@pytest.mark.parametrize("skips", [True, False])
def test_the_net_written_out(skips):
    net = UNet(skips).double().eval()
    x = torch.rand(2, 1, 12, 8, dtype=torch.float64)
    torch.testing.assert_close(net(x), by_hand(net, x))


@pytest.mark.parametrize("stamp", [0, 3, 4])
def test_each_way_to_grow_keeps_the_size(stamp):
    assert UNet(stamp=stamp)(torch.zeros(2, 1, 16, 12)).shape == (2, 1, 16, 12)


def test_another_way_to_grow_is_refused():
    with pytest.raises(ValueError, match="stamp must be 0, 3 or 4, got 5"):
        UNet(stamp=5)


def test_training_finds_dark_squares_and_draws_no_lots_of_others(rng):
    t = np.zeros((40, 12, 12), dtype=int)
    for mask in t:
        i, j = rng.integers(8, size=2)
        mask[i : i + 4, j : j + 4] = 1
    x = rng.uniform(0.6, 1, size=t.shape) * (1 - 0.9 * t)
    before = torch.random.get_rng_state()
    net = fit(x, t, steps=40, batch=8)
    assert torch.equal(before, torch.random.get_rng_state())
    assert iou(t, (shares(net, x) > 0.5).astype(int)).mean() > 0.8
    again = fit(x, t, steps=40, batch=8)
    np.testing.assert_array_equal(shares(again, x), shares(net, x))


def test_training_takes_adams_steps_on_the_dice_loss():
    rng = np.random.default_rng(0)
    x, t = rng.random((6, 8, 12)), rng.integers(2, size=(6, 8, 12))
    found = shares(fit(x, t, rate=0.1, steps=6, batch=4, seed=3), x)
    pictures, masks = (torch.tensor(a, dtype=torch.float32) for a in (x, t))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        net = UNet()
        optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=6)
        for _ in range(6):
            drawn = torch.randint(6, (4,))
            said = torch.sigmoid(net(pictures[drawn][:, None]))[:, 0]
            loss = 0
            for p, mask in zip(said, masks[drawn], strict=True):
                loss += (1 - (2 * (p * mask).sum() + 1) / (p.sum() + mask.sum() + 1)) / 4
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        theirs = torch.sigmoid(net.eval()(pictures[:, None]))[:, 0].detach().numpy()
    np.testing.assert_allclose(found, theirs, atol=0.01)


def test_training_takes_50_steps_of_16_unless_told(rng):
    x, t = rng.random((9, 4, 8)), rng.integers(2, size=(9, 4, 8))
    told = fit(x, t, skips=True, rate=0.03, steps=50, batch=16, seed=0)
    np.testing.assert_array_equal(shares(fit(x, t), x), shares(told, x))
    few = fit(x, t, steps=2, batch=1)
    assert (shares(few, x) != shares(told, x)).any()


def test_what_cannot_be_trained_is_refused():
    x, t = np.ones((2, 8, 8)), np.ones((2, 8, 8))
    with pytest.raises(ValueError, match="multiples of 4"):
        fit(x[:, 1:], t[:, 1:])
    with pytest.raises(ValueError, match="multiples of 4"):
        shares(UNet().eval(), x[:, :, 1:])
    with pytest.raises(ValueError, match="steps = 1 must be 2 or more"):
        fit(x, t, steps=1)
    with pytest.raises(ValueError, match="batch = 0 1 or more"):
        fit(x, t, batch=0)


SCRIPT = "docs/vision/segmentation.js"


@pytest.mark.browser
def test_the_page_compares_as_python_does(js, rng):
    for threshold in (1, 40, 100):
        surely = rng.integers(0, 101, size=(1, 9, 7))
        t = rng.integers(2, size=(1, 9, 7))
        a = (surely >= threshold).astype(int)
        found = js(SCRIPT, "compare", surely.ravel().tolist(), t.ravel().tolist(), threshold)
        assert found["iou"] == pytest.approx(iou(t, a)[0])
        assert found["dice"] == pytest.approx(dice(t, a)[0])
        assert found["right"] == pytest.approx((t == a).mean())
        counts = [((t == one) & (a == other)).sum() for one, other in ((1, 1), (1, 0), (0, 1))]
        assert [found["hits"], found["missed"], found["alarms"]] == counts
        assert found["kinds"] == np.array([[0, 3], [2, 1]])[t, a].ravel().tolist()


@pytest.mark.browser
def test_the_page_scores_empty_masks_as_python_does(js):
    found = js(SCRIPT, "compare", [0, 5], [0, 0], 50)
    assert found["iou"] == found["dice"] == 1
