"""Saliency maps against PyTorch's autograd, and the page's figure against Python."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from torch import nn

from introdl.vision.cnn import SHAPES, ConvNet
from introdl.vision.saliency import enlarge, grad_cam, integrated, painted, slopes, smooth
from tests.browsing import ROOTS, watch

SAME = {
    "return Slopes(by_x[:, -1], by_a2)": "a picture has one channel",
    "return x[:, -1] * np.mean([slopes(net, part * x, k).x for part in middles], axis=0)": (
        "a picture has one channel"
    ),
    "flat = x.reshape(len(x), -2).copy()": "NumPy takes any number below 0 for what is left over",
    'first = np.argsort(-maps.reshape(len(x), -2), axis=1, kind="stable")[:, :count]': (
        "NumPy takes any number below 0 for what is left over"
    ),
    "steps: int = 2,": "stands in where no steps are asked for, and any 1 or more is let through",
    "count: int = 1,": "stands in where no count is asked for, and any 0 or more is let through",
}


def odd_input(rng):
    x, k = rng.random((3, 1, 28, 28)), np.array([3, 0, 9])
    asked = {"net": ConvNet(), "x": x, "k": k}
    return {
        "slopes": asked,
        "smooth": {**asked, "noise": rng.normal(size=(2, 28, 28)) / 5},
        "grad_cam": asked,
        "integrated": {**asked, "steps": 2},
        "enlarge": {"maps": rng.random((2, 8, 8))},
        "painted": {"x": x, "maps": rng.random((3, 28, 28)), "count": 9},
    }


def drawn(seed, count=3):
    """A net with biases that are not zero, pictures, and whose sum is asked for."""
    rng = np.random.default_rng(seed)
    net = ConvNet(int(rng.integers(2**31)))
    for name in ("b1", "b2", "b3"):
        setattr(net, name, rng.normal(size=SHAPES[name]) / 3)
    return net, rng.random((count, 1, 28, 28)), rng.integers(10, size=count)


class Theirs:
    """The net written out in PyTorch, float64; autograd does the rest, a hook keeps the maps."""

    def __init__(self, net):
        layers = [nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 12, 5), nn.ReLU()]
        self.net = nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(192, 10))
        self.net.double()
        with torch.no_grad():
            for name, values in zip(SHAPES, self.net.parameters(), strict=True):
                values.copy_(torch.tensor(getattr(net, name)))
        self.net[4].register_forward_hook(self.keep)

    def keep(self, layer, given, out):
        self.a2 = out
        out.retain_grad()

    def slopes(self, x, k):
        x = torch.tensor(x, requires_grad=True)
        self.net(x)[torch.arange(len(k)), torch.tensor(k)].sum().backward()
        return x.grad[:, 0].numpy(), self.a2.grad.numpy()

    def grad_cam(self, x, k):
        self.slopes(x, k)
        weights = self.a2.grad.mean(dim=(2, 3))
        return torch.einsum("nc,nchw->nhw", weights, self.a2).relu().detach().numpy()


@given(seed=st.integers(0, 2**31), count=st.integers(1, 4))
@settings(deadline=None, max_examples=12)
def test_all_maps_on_random_nets_and_pictures(seed, count):
    net, x, k = drawn(seed, count)
    theirs = Theirs(net)
    for ours, expected in zip(slopes(net, x, k), theirs.slopes(x, k), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(grad_cam(net, x, k), theirs.grad_cam(x, k), rtol=0, atol=1e-10)


def test_where_a_sum_is_exactly_zero_the_slope_is_zero_as_in_pytorch():
    net, x, k = ConvNet(5), np.zeros((1, 1, 28, 28)), np.array([4])
    # An empty sheet: with its biases at 0 the first layer is on the bend, and the second above it.
    net.b1[:], net.b2[:] = 0, 1
    theirs = Theirs(net).slopes(x, k)
    assert not theirs[0].any()
    np.testing.assert_allclose(slopes(net, x, k).x, theirs[0], rtol=0, atol=1e-12)
    # Now the second: the first gives the same number everywhere, and two weights cancel.
    net.b1[:], net.b2[:] = 1, 0
    net.w2[:] = 0
    net.w2[:, 0, 1, 3], net.w2[:, 0, 4, 2] = 1, -1
    theirs = Theirs(net).slopes(x, k)
    assert theirs[1].any()
    assert not theirs[0].any()
    np.testing.assert_allclose(slopes(net, x, k).x, theirs[0], rtol=0, atol=1e-12)


@pytest.mark.agreement
def test_slopes_equal_autograds(rng, agreement):
    net, x, k = drawn(int(rng.integers(2**31)), 5)
    agreement(
        slopes(net, x, k).x,
        lambda: Theirs(net).slopes(x, k)[0],
        what="slopes of one sum of a convolutional network by each pixel",
        against="torch autograd, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_grad_cam_equals_hooks_and_autograd(rng, agreement):
    net, x, k = drawn(int(rng.integers(2**31)), 5)
    agreement(
        grad_cam(net, x, k),
        lambda: Theirs(net).grad_cam(x, k),
        what="Grad-CAM of a small convolutional network",
        against="a forward hook and torch autograd, float64",
        atol=1e-10,
    )


def test_smooth_is_the_mean_over_the_noisy_copies(rng):
    net, x, k = drawn(int(rng.integers(2**31)))
    noise = rng.normal(size=(4, 28, 28)) / 5
    theirs = Theirs(net)
    expected = sum(theirs.slopes(x + grain, k)[0] for grain in noise) / 4
    np.testing.assert_allclose(smooth(net, x, k, noise), expected, rtol=0, atol=1e-10)
    calm = smooth(net, x, k, np.zeros((2, 28, 28)))
    np.testing.assert_allclose(calm, slopes(net, x, k).x, rtol=0, atol=1e-12)


def test_grad_cams_weights_are_the_last_layers_here(rng):
    net, x, k = drawn(int(rng.integers(2**31)))
    # Each window of pooling hands its slope to one place, whatever the picture.
    expected = net.w3[k].reshape(3, 12, 16).sum(axis=2)
    np.testing.assert_allclose(slopes(net, x, k).a2.sum(axis=(2, 3)), expected, atol=1e-10)


def test_a_map_lies_where_its_places_look(rng):
    maps = np.zeros((1, 8, 8))
    maps[0, 2, 5] = 1
    large = enlarge(maps)[0]
    # The middle of place 2 is between pixels 10 and 11, that of place 5 between 16 and 17.
    np.testing.assert_allclose(large[10:12, 16:18], np.full((2, 2), 0.75**2))
    assert large.argmax() in (10 * 28 + 16, 10 * 28 + 17, 11 * 28 + 16, 11 * 28 + 17)
    assert large[8, 16] == 0
    np.testing.assert_allclose(enlarge(np.full((2, 8, 8), 3.0)), np.full((2, 28, 28), 3.0))
    maps = rng.normal(size=(2, 8, 8))
    places, pixels = 2 * np.arange(8) + 6.5, np.arange(28)
    for ours, small in zip(enlarge(maps), maps, strict=True):
        tall = np.stack([np.interp(pixels, places, column) for column in small.T], axis=1)
        expected = np.stack([np.interp(pixels, places, row) for row in tall])
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)
    # What place 2, 5 sees by the slopes themselves: those 14 pixels a side, no others.
    net, x, _ = drawn(int(rng.integers(2**31)), 1)
    seen = torch.tensor(x, requires_grad=True)
    Theirs(net).net[:4](seen)[0, 0, 2, 5].backward()
    rows, columns = np.nonzero(seen.grad[0, 0].numpy())
    assert rows.min() >= 4
    assert rows.max() <= 17
    assert columns.min() >= 10
    assert columns.max() <= 23


def test_integrated_slopes_are_the_mean_on_the_way(rng):
    net, x, k = drawn(int(rng.integers(2**31)))
    theirs = Theirs(net)
    parts = [theirs.slopes(part * x, k)[0] for part in (0.125, 0.375, 0.625, 0.875)]
    expected = x[:, 0] * sum(parts) / 4
    np.testing.assert_allclose(integrated(net, x, k, 4), expected, rtol=0, atol=1e-10)
    once = x[:, 0] * slopes(net, x / 2, k).x
    np.testing.assert_allclose(integrated(net, x, k, 1), once, rtol=0, atol=1e-12)
    first = net, x[:1], k[:1]
    np.testing.assert_array_equal(integrated(*first), integrated(*first, 50))


def test_integrated_slopes_add_up_to_the_difference_of_sums(rng):
    net, x, k = drawn(int(rng.integers(2**31)))
    rows = np.arange(len(x))
    change = (net.maps(x).z3 - net.maps(np.zeros_like(x)).z3)[rows, k]
    found = integrated(net, x, k, 400).sum(axis=(1, 2))
    scale = np.abs(net.w3[k]).sum(axis=1) / 10
    assert (np.abs(found - change) < 0.02 * scale + 0.01 * np.abs(change)).all()
    assert (np.abs(slopes(net, x, k).x * x[:, 0]).sum(axis=(1, 2)) > 0).all()


def test_a_net_without_bends_has_its_contributions_as_integrated_slopes(rng):
    net, x, k = drawn(int(rng.integers(2**31)))
    # So high above zero that no ReLU bends; equal pixels, so that pooling does not choose anew.
    net.b1, net.b2 = net.b1 + 1e3, net.b2 + 1e6
    x[:] = x.mean()
    found = integrated(net, x, k, 3)
    np.testing.assert_allclose(found, slopes(net, x, k).x * x[:, 0], rtol=0, atol=1e-9)


def test_painted_out_are_the_pixels_that_the_map_names_first(rng):
    x, maps = rng.random((3, 1, 28, 28)) + 0.1, rng.normal(size=(3, 28, 28))
    before = x.copy()
    found = painted(x, maps, 20)
    np.testing.assert_array_equal(x, before)
    for new, old, named in zip(found[:, 0], x[:, 0], maps, strict=True):
        gone = new == 0
        assert gone.sum() == 20
        assert named[gone].min() > named[~gone].max()
        np.testing.assert_array_equal(new[~gone], old[~gone])
    np.testing.assert_array_equal(painted(x, maps, 0), x)
    equal = painted(x, np.zeros((3, 28, 28)), 3)
    np.testing.assert_array_equal(
        equal == 0, np.arange(784).reshape(1, 1, 28, 28) < np.full((3, 1, 1, 1), 3)
    )


def test_what_is_no_digit_or_no_step_is_refused(rng):
    net, x, _ = drawn(0, 2)
    with pytest.raises(ValueError, match="digits from 0 to 9, got 3 to 10"):
        slopes(net, x, np.array([3, 10]))
    with pytest.raises(ValueError, match="digits from 0 to 9, got -1 to 3"):
        slopes(net, x, np.array([-1, 3]))
    with pytest.raises(ValueError, match="steps must be 1 or more, got 0"):
        integrated(net, x, np.array([3, 1]), 0)
    with pytest.raises(ValueError, match="count must be 0 or more, got -1"):
        painted(x, x[:, 0], -1)


SCRIPT = "docs/vision/saliency.js"


@pytest.mark.browser
def test_the_pages_maps_and_answers_are_pythons(js, rng):
    for _ in range(3):
        net, x, k = drawn(int(rng.integers(2**31)), 1)
        noise = (rng.normal(size=(3, 28, 28)) / 5).astype(np.float32)
        x = x.astype(np.float32).astype(float)
        for name in SHAPES:
            setattr(net, name, getattr(net, name).astype(np.float32).astype(float))
        sheet = x[0, 0].astype(np.float32)
        weights = {name: getattr(net, name).astype(np.float32) for name in SHAPES}
        asked = (sheet, weights, int(k[0]))
        sums = Theirs(net).net(torch.tensor(x))[0].detach()
        found = js(SCRIPT, "answer", sheet, weights)
        np.testing.assert_allclose(found["sums"][0], sums, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(found["shares"][0], sums.softmax(dim=0), atol=1e-4)
        for seen, expected in (
            (js(SCRIPT, "slopes", *asked)["x"], slopes(net, x, k).x),
            (js(SCRIPT, "smooth", *asked, noise), smooth(net, x, k, noise.astype(float))),
            (js(SCRIPT, "gradCam", *asked), enlarge(grad_cam(net, x, k))),
        ):
            # Where two numbers of a window are nearly equal, 32 bits may choose the other one: that
            # moves the slopes of 14 × 14 pixels, a quarter.
            far = np.abs(np.ravel(seen) - expected.ravel()) > 1e-3
            assert far.mean() < 0.3


@pytest.mark.browser
def test_a_mouse_on_its_way_to_the_button_leaves_the_chosen_pixel(browser, serve, tmp_path, rng):
    (tmp_path / "vision").mkdir()
    net = {name: getattr(ConvNet(1), name).astype(np.float32) for name in SHAPES}
    arrays = {**net, **{f"r{name}": w for name, w in net.items()}}
    noise = rng.normal(size=(2, 28, 28)).astype(np.float16)
    pictures = rng.integers(256, size=(10, 28, 28), dtype=np.uint8)
    save_file(
        {**arrays, "noise": noise, "pictures": pictures}, tmp_path / "vision/nets.safetensors"
    )
    (tmp_path / "vision" / "page.html").write_text(
        '<meta charset="utf-8"><link rel="icon" href="../assets/favicon.svg">'
        '<link rel="stylesheet" href="../assets/move.css">'
        '<link rel="stylesheet" href="saliency.css">'
        '<script type="module" src="saliency.js"></script>'
        '<figure class="move" data-move="pixels" '
        'data-files=\'{"nets.safetensors": "nets.safetensors"}\'>'
        '<div class="move-stage"></div><div class="move-still"></div></figure>'
    )
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    address = serve(tmp_path, *ROOTS)
    errors = watch(page, address)
    page.goto(f"{address.rstrip('/')}/vision/page.html")
    page.wait_for_selector("[data-on=ready]", timeout=9000)
    box = page.locator(".sal-board canvas").bounding_box()
    page.mouse.click(box["x"] + 10.5 / 28 * box["width"], box["y"] + 6.5 / 28 * box["height"])
    flip = page.get_by_role("button", name="Flip row 7, column 11")
    told = page.locator(".sal-told")
    assert "Row 7, column 11" in told.inner_text()
    page.mouse.move(box["x"] + 15.5 / 28 * box["width"], box["y"] + 20.5 / 28 * box["height"])
    assert "Row 21, column 16" in told.inner_text()
    place = flip.bounding_box()
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(*middle, steps=20)
    assert "Row 7, column 11" in told.inner_text()
    before = told.inner_text()
    page.mouse.click(*middle)
    assert "1 flipped" in told.inner_text()
    assert "Row 7, column 11" in told.inner_text() != before
    page.locator(".sal-board").focus()
    page.keyboard.press("ArrowRight")
    assert "Row 7, column 12" in told.inner_text()
    page.keyboard.press("Enter")
    assert "2 flipped" in told.inner_text()
    page.close()
    assert not errors
