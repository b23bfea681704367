"""Rules against PyTorch, scikit-image and least squares; the net written out; and the figure."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio
from skimage.transform import downscale_local_mean
from torch.nn import functional

from introdl import data
from introdl.applications.pixel_restoration import (
    Restorer,
    agree,
    apply_filter,
    bicubic,
    fit,
    learn_filter,
    nearest,
    psnr,
    restore,
    shrink,
)
from introdl.vision.segmentation import patches


def odd_input(rng):
    squares = rng.random((3, 20, 18))
    return {
        "shrink": {"picture": rng.random((6, 4))},
        "nearest": {"small": rng.random((3, 2))},
        "psnr": {"truth": rng.random((3, 2)), "guess": rng.random((3, 2))},
        "bicubic": {"small": rng.random((3, 4))},
        "learn_filter": {"squares": squares},
        "apply_filter": {"small": rng.random((3, 5)), "weights": rng.random((25, 4))},
        "agree": {"guess": rng.random((6, 8)), "small": rng.random((3, 4))},
        "fit": {"squares": squares, "seed": 0, "steps": 2, "batch": 2},
        "restore": {"net": Restorer(rng.random((25, 4))).eval(), "small": rng.random((3, 4))},
    }


SAME = {
    "return net(seen)[-1, 0].double().numpy()": "there is one picture",
    "return net(seen)[0, -1].double().numpy()": "there is one channel",
    'padded = np.pad(small, ((2, 3), (0, 0)), mode="edge")': "the last row is not used",
}


def pictures(seed):
    """A small picture of random size, one row or column at least."""
    rng = np.random.default_rng(seed)
    return rng.random(rng.integers(1, 9, size=2))


def by_torch(small, mode):
    x = torch.tensor(small)[None, None]
    options = {} if mode == "nearest" else {"align_corners": False}
    return functional.interpolate(x, scale_factor=2, mode=mode, **options)[0, 0].numpy()


@pytest.mark.agreement
def test_bicubic_is_pytorchs(rng, agreement):
    small = rng.random((7, 9))
    agreement(
        bicubic(small),
        lambda: by_torch(small, "bicubic"),
        what="bicubic enlargement of 7 × 9 pixels",
        against="torch interpolate, bicubic, float64",
        atol=1e-12,
    )


@given(seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_enlarged_pictures_of_any_size(seed):
    small = pictures(seed)
    np.testing.assert_allclose(bicubic(small), by_torch(small, "bicubic"), atol=1e-12)
    np.testing.assert_array_equal(nearest(small), by_torch(small, "nearest"))
    np.testing.assert_allclose(shrink(nearest(small)), small, atol=1e-15)


@pytest.mark.agreement
def test_psnr_is_that_of_scikit_image(rng, agreement):
    truth, guess = rng.random((2, 9, 8))
    agreement(
        psnr(truth, guess),
        lambda: peak_signal_noise_ratio(truth, guess, data_range=1),
        what="PSNR of two random pictures",
        against="skimage.metrics.peak_signal_noise_ratio",
        atol=1e-12,
    )


def test_a_tenth_of_the_error_is_ten_decibels(rng):
    truth, error = rng.random((2, 5, 5))
    assert psnr(truth, truth) == float("inf")
    gain = psnr(truth, truth + error / np.sqrt(10)) - psnr(truth, truth + error)
    assert gain == pytest.approx(10)


def test_shrinking_is_scikit_images(rng):
    picture = rng.random((8, 6))
    np.testing.assert_allclose(shrink(picture), downscale_local_mean(picture, (2, 2)), atol=1e-15)


def test_two_pictures_shrink_to_one(rng):
    picture = rng.random((6, 8))
    turned = picture.reshape(3, 2, 4, 2)[:, ::-1, :, ::-1].reshape(6, 8)
    np.testing.assert_allclose(shrink(picture), shrink(turned), atol=1e-15)
    assert np.abs(picture - turned).max() > 0.1


def slow_filter(squares):
    """The least-squares weights, from a loop over places, by NumPy's lstsq."""
    seen, wanted = [], []
    for square in squares:
        small = downscale_local_mean(square, (2, 2))
        for i in range(2, small.shape[0] - 2):
            for j in range(2, small.shape[1] - 2):
                seen.append(small[i - 2 : i + 3, j - 2 : j + 3].ravel())
                wanted.append(square[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].ravel())
    return np.linalg.lstsq(np.array(seen), np.array(wanted))[0]


@pytest.mark.agreement
def test_the_learned_filter_is_that_of_least_squares(rng, agreement):
    squares = rng.random((3, 20, 16))
    agreement(
        learn_filter(squares),
        lambda: slow_filter(squares),
        what="100 weights of a learned filter",
        against="numpy.linalg.lstsq over a loop of windows",
        atol=1e-9,
    )


def test_flat_squares_give_a_filter_that_repeats_them():
    weights = learn_filter(np.full((2, 12, 12), 0.7))
    np.testing.assert_allclose(weights, 1 / 25, atol=1e-12)  # the shortest of many answers


def test_a_filter_is_a_convolution(rng):
    small, weights = rng.random((6, 5)), rng.normal(size=(25, 4))
    wide = torch.tensor(np.pad(small, 2, mode="edge"))[None, None]
    kernels = torch.tensor(weights.T.reshape(4, 1, 5, 5).copy())
    theirs = functional.pixel_shuffle(functional.conv2d(wide, kernels), 2)[0, 0]
    np.testing.assert_allclose(apply_filter(small, weights), theirs.numpy(), atol=1e-12)


def test_a_learned_filter_agrees_with_the_small_picture(rng):
    """The page's proof: its four weights per place sum to four times the middle one."""
    weights = learn_filter(rng.random((5, 20, 20)))
    middle = np.zeros(25)
    middle[12] = 1
    np.testing.assert_allclose(weights.mean(axis=1), middle, atol=1e-9)
    small = rng.random((6, 7))
    np.testing.assert_allclose(shrink(apply_filter(small, weights)), small, atol=1e-8)


def test_agreeing_is_the_nearest_picture_that_fits(rng):
    truth, guess = rng.random((2, 6, 8))
    small = shrink(truth)
    fitted = agree(guess, small)
    np.testing.assert_allclose(shrink(fitted), small, atol=1e-14)
    lost = 4 * ((small - shrink(guess)) ** 2).sum()
    before, after = (((truth - g) ** 2).sum() for g in (guess, fitted))
    assert after == pytest.approx(before - lost)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: shrink(np.ones((3, 4))), "both sides must be even"),
        (lambda: shrink(np.ones((4, 3))), "both sides must be even"),
        (lambda: learn_filter(np.ones((2, 12, 8))), "even and at least 10"),
        (lambda: learn_filter(np.ones((2, 11, 12))), "even and at least 10"),
        (lambda: agree(np.ones((4, 6)), np.ones((2, 2))), r"expected \(4, 4\)"),
        (lambda: psnr(np.ones(2), np.ones((2, 1))), r"truth has shape \(2,\), guess \(2, 1\)"),
        (lambda: fit(np.ones((2, 12, 12)), seed=0, steps=1), "steps = 1 must be 2 or more"),
        (lambda: fit(np.ones((2, 12, 12)), seed=0, batch=0), "batch = 0 1 or more"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def trained(rng):
    """A net whose layers hold random weights, so that each of them counts."""
    net = Restorer(rng.normal(size=(25, 4)) / 5, maps=6).eval()
    with torch.no_grad():
        for layer in net.layers:
            layer.weight += torch.tensor(rng.normal(size=layer.weight.shape) / 5)
            layer.bias += torch.tensor(rng.normal(size=layer.bias.shape) / 5)
    return net


def written_out(net, small):
    """The net by loops over its kernels, in float64."""
    w = [layer.weight.detach().double().numpy() for layer in net.layers]
    b = [layer.bias.detach().double().numpy() for layer in net.layers]
    h, width = small.shape
    wide = np.pad(small, 1, mode="edge")
    around = sum(wide[i : i + h, j : j + width] for i in range(3) for j in range(3)) / 9
    z = (small - around)[None]
    for k in range(3):
        padded = np.pad(z, ((0, 0), (1, 1), (1, 1)))
        z = np.array([
            bias
            + sum(
                kernel[c, i, j] * padded[c, i : i + h, j : j + width]
                for c in range(len(padded))
                for i in range(3)
                for j in range(3)
            )
            for kernel, bias in zip(w[k], b[k], strict=True)
        ])  # fmt: skip
        z = z if k == 2 else np.maximum(z, 0)
    first = apply_filter(small, net.filter.double().reshape(4, 25).T.numpy())
    for k in range(4):
        first[k // 2 :: 2, k % 2 :: 2] += z[k]
    return first


def test_the_net_written_out(rng):
    net, small = trained(rng), rng.random((6, 9))
    np.testing.assert_allclose(restore(net, small), written_out(net, small), atol=1e-5)


def test_a_net_begins_as_its_filter(rng):
    weights, small = rng.normal(size=(25, 4)), rng.random((5, 6))
    net = Restorer(weights)
    np.testing.assert_allclose(restore(net, small), apply_filter(small, weights), atol=1e-5)
    assert [tuple(layer.weight.shape) for layer in net.layers] == [
        (16, 1, 3, 3),
        (16, 16, 3, 3),
        (4, 16, 3, 3),
    ]
    spread = float(net.layers[0].weight.detach().std())
    assert spread == pytest.approx(4 * np.sqrt(2 / 9), rel=0.35)  # 144 weights, drawn by lot


def stripes(count, seed):
    """Squares with a slanted edge at a place drawn by lot, black on one side of it."""
    rng = np.random.default_rng(seed)
    at = np.arange(16)
    angle, shift = rng.uniform(0, 2 * np.pi, count), rng.uniform(-4, 4, count)
    x = np.cos(angle)[:, None, None] * (at - 7.5) + np.sin(angle)[:, None, None] * (
        at[:, None] - 7.5
    )
    return np.clip(x + shift[:, None, None] + 0.5, 0, 1)


def test_a_net_learns_edges_better_than_its_filter():
    net = fit(stripes(400, 1), seed=0)
    weights = net.filter.double().reshape(4, 25).T.numpy()
    np.testing.assert_allclose(weights, learn_filter(stripes(400, 1)), atol=1e-6)
    gains = [
        psnr(truth, restore(net, shrink(truth))) - psnr(truth, apply_filter(shrink(truth), weights))
        for truth in stripes(40, 2)
    ]
    assert np.mean(gains) > 2


def test_training_repeats_and_draws_no_lots_of_others():
    squares = stripes(20, 1)
    before = torch.random.get_rng_state()
    nets = [fit(squares, seed=s, steps=4) for s in (3, 3, 4)]
    assert torch.equal(before, torch.random.get_rng_state())
    one, again, other = (net.layers[1].weight for net in nets)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_training_takes_adams_steps_on_the_squared_error():
    squares = stripes(20, 1)
    fitted = fit(squares, seed=3, steps=5, rate=0.02, batch=4)
    y = torch.tensor(squares, dtype=torch.float32)[:, None]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        net = Restorer(learn_filter(squares))
        optimizer = torch.optim.Adam(net.layers.parameters(), lr=0.02)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.02, total_steps=5)
        for _ in range(5):
            drawn = y[torch.randint(20, (4,))]
            small = (
                drawn[..., ::2, ::2]
                + drawn[..., 1::2, ::2]
                + drawn[..., ::2, 1::2]
                + drawn[..., 1::2, 1::2]
            ) / 4
            optimizer.zero_grad()
            (net(small) - drawn).square().mean().backward()
            optimizer.step()
            schedule.step()
    for ours, theirs in zip(fitted.layers.parameters(), net.layers.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-3)


def test_the_pages_net_takes_16_at_a_time_and_300_steps(monkeypatch):
    sizes = []
    forward = Restorer.forward
    monkeypatch.setattr(
        Restorer, "forward", lambda self, x: (sizes.append(len(x)), forward(self, x))[1]
    )
    fit(stripes(20, 1), seed=0)
    assert sizes == [16] * 300


def test_on_a_photograph_the_filter_beats_bicubic_and_agreeing_helps():
    known = patches(shrink(data.photograph("astronaut").mean(axis=2)), 200, 32)
    truth = shrink(data.photograph("camera"))
    small = shrink(truth)
    plain = psnr(truth, bicubic(small))
    assert psnr(truth, nearest(small)) < plain
    assert psnr(truth, agree(bicubic(small), small)) > plain + 0.2
    assert psnr(truth, apply_filter(small, learn_filter(known))) > plain + 0.2


SCRIPT = "docs/applications/pixel_restoration.js"


def maps(net):
    """The weights of a net, as the page loads them."""
    layers = enumerate(net.layers)
    named = {"filter": net.filter} | {
        f"{letter}{k}": values
        for k, layer in layers
        for letter, values in (("w", layer.weight), ("b", layer.bias))
    }
    return {name: values.detach().numpy() for name, values in named.items()}


def doubled(way, small, net):
    """What Python makes of a small picture."""
    if way == "net":
        return restore(net, small)
    if way == "learned filter":
        return apply_filter(small, net.filter.double().reshape(4, 25).T.numpy())
    return {"nearest": nearest, "bicubic": bicubic}[way](small)


WAYS = ["nearest", "bicubic", "learned filter", "net"]


@pytest.mark.browser
@pytest.mark.parametrize("way", WAYS)
def test_the_page_doubles_as_python_does(js, rng, way):
    net = trained(rng)
    for shape in ((1, 1), (7, 4), tuple(rng.integers(2, 12, size=2))):
        small = rng.random(shape).astype(np.float32)
        found = js(SCRIPT, "doubled", way, small[None, None], maps(net))
        expected = doubled(way, small, net)
        np.testing.assert_allclose(np.reshape(found, expected.shape), expected, atol=1e-5)


@pytest.mark.browser
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("factor", [2, 4])
def test_the_pages_square_is_that_of_the_whole_photograph(js, rng, way, factor):
    """At the corners and in the middle, what lies around counts as in the whole photograph."""
    places = ((0, 0), (72 - 16, 84 - 16), (28, 36), (4 * int(rng.integers(15)), 8))
    for _ in range(30):  # random weights may leave nothing between black and white
        net, photograph = trained(rng), rng.random((72, 84)).astype(np.float32)
        with torch.no_grad():
            net.layers[-1].weight *= 0.1
            net.layers[-1].bias *= 0.1
        large = shrink(photograph) if factor == 2 else shrink(shrink(photograph))
        for _ in range(factor // 2):
            large = doubled(way, large, net)
        parts = [np.clip(large[y : y + 16, x : x + 16], 0, 1) for y, x in places]
        if min(part.std() for part in parts) > 0.02:
            break
    for (top, left), part in zip(places, parts, strict=True):
        found = js(
            SCRIPT, "enlarge", way, photograph[None, None], [top, left], factor, maps(net), 16
        )
        np.testing.assert_allclose(np.reshape(found, (16, 16)), part, atol=2e-5)
        assert part.std() > 0.02, "not all is cut off"


@pytest.mark.browser
def test_the_page_scores_as_python_does(js, rng):
    truth, guess = rng.random((2, 30)).astype(np.float32)
    found = js(SCRIPT, "psnr", truth, guess)
    assert found == pytest.approx(psnr(truth, guess), abs=1e-5)


@pytest.mark.browser
def test_the_pages_cut_repeats_the_edge(js, rng):
    picture = rng.random((5, 6)).astype(np.float32)
    found = js(SCRIPT, "cut", picture[None, None], -2, 3, 6, 5)
    expected = np.pad(picture, ((2, 0), (0, 2)), mode="edge")[:6, 3:8]
    np.testing.assert_array_equal(np.reshape(found, (6, 5)), expected)
