"""Warped pictures against SciPy and PyTorch, small nets against PyTorch, and the page's figure."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from torch import nn

from introdl.vision.augmentation import Change, Nets, fit, sample, warp

# Adam divides a slope by its size: a factor cancels.
SAME = {
    "loss = 2 * (nn.functional.cross_entropy(sums.flatten(0, 1), labels) * len(rows))": "by Adam",
    'optimizer.param_groups[-1]["lr"] = rate * (1 - step / steps)': "one group",
    "columns /= 1 - 2 * each(mirror)": "by 1 or by -1",
    '"mirror": (rng.random(n) <= self.mirror),': "no number is drawn exactly",
}


def odd_input(rng):
    x, places = rng.random((2, 5, 6)), rng.uniform(-2, 8, size=(2, 2, 3, 4))
    digits = rng.random((4, 28, 28))
    return {
        "sample": {"pictures": x, "rows": places[0], "columns": places[1]},
        "warp": {
            "pictures": x,
            "turn": np.array([10.0, -40.0]),
            "zoom": np.array([1.0, 2.0]),
            "down": np.array([1.0, -2.0]),
            "right": np.array([0.0, 3.0]),
            "mirror": np.array([True, False]),
        },
        "Nets.shares": {"self": Nets.start([0, 1]), "pictures": rng.random((2, 3, 28, 28))},
        "fit": {
            "pictures": digits,
            "y": np.array([3, 0, 9, 1]),
            "rows": np.array([[0, 1, 2], [3, 2, 1]]),
            "seeds": [0, 1],
            "rate": 0.01,
            "steps": 2,
        },
    }


def forward(turn, zoom, mirror):
    """The matrix that moves a place (down, right), seen from the middle: mirror, zoom, turn."""
    a = np.radians(turn)
    against_the_clock = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return zoom * against_the_clock @ np.diag([1, -1 if mirror else 1])


def by_scipy(picture, turn, zoom, down, right, mirror):
    """The same warp by scipy.ndimage, from the matrix of the way there."""
    back = np.linalg.inv(forward(turn, zoom, mirror))
    middle = (np.array(picture.shape) - 1) / 2
    offset = middle - back @ (middle + np.array([down, right]))
    return ndimage.affine_transform(picture, back, offset, order=1, mode="grid-constant")


def by_torch(picture, turn, zoom, down, right, mirror):
    """The same by grid_sample, whose places run from -1 to 1 and name the column first."""
    height, width = picture.shape
    back = np.linalg.inv(forward(turn, zoom, mirror))
    v, u = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    rows, columns = np.einsum("ij,jhw->ihw", back, np.stack([u - down, v - right]))
    grid = torch.tensor(np.stack([2 * columns / width, 2 * rows / height], axis=-1))[None]
    out = nn.functional.grid_sample(
        torch.tensor(picture)[None, None], grid, padding_mode="zeros", align_corners=False
    )
    return out[0, 0].numpy()


CHANGES = st.fixed_dictionaries(
    {
        "turn": st.floats(-400, 400),
        "zoom": st.floats(0.3, 3),
        "down": st.floats(-9, 9),
        "right": st.floats(-9, 9),
        "mirror": st.booleans(),
    }
)


@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)), change=CHANGES, seed=st.integers(0, 999)
)
@settings(deadline=None, max_examples=25)
def test_any_warp_is_scipys_and_pytorchs(shape, change, seed):
    picture = np.random.default_rng(seed).normal(size=shape)
    found = warp(picture[None], **change)[0]
    np.testing.assert_allclose(found, by_scipy(picture, **change), rtol=0, atol=1e-10)
    np.testing.assert_allclose(found, by_torch(picture, **change), rtol=0, atol=1e-10)


@pytest.mark.agreement
@pytest.mark.parametrize("reference", [by_scipy, by_torch])
def test_pictures_of_one_call_are_changed_each_in_its_own_way(rng, agreement, reference):
    x = rng.normal(size=(5, 12, 9))
    change = {
        "turn": rng.uniform(-180, 180, size=5),
        "zoom": rng.uniform(0.5, 2, size=5),
        "down": rng.uniform(-3, 3, size=5),
        "right": rng.uniform(-3, 3, size=5),
        "mirror": np.array([True, False, True, False, False]),
    }
    agreement(
        warp(x, **change),
        lambda: np.stack(
            [reference(x[i], **{k: v[i] for k, v in change.items()}) for i in range(5)]
        ),
        what="pictures mirrored, zoomed, turned and shifted",
        against={
            by_scipy: "scipy.ndimage.affine_transform, float64",
            by_torch: "torch.nn.functional.grid_sample, float64",
        }[reference],
        atol=1e-10,
    )


def test_whole_pixels_and_quarter_turns_are_moved_and_not_mixed(rng):
    x = rng.normal(size=(2, 4, 4))
    right = np.pad(x, ((0, 0), (0, 0), (1, 0)))[:, :, :4]
    np.testing.assert_array_equal(warp(x, right=1), right)
    np.testing.assert_allclose(warp(x, turn=90), np.rot90(x, axes=(1, 2)), atol=1e-12)
    np.testing.assert_array_equal(warp(x, mirror=True), x[:, :, ::-1])
    np.testing.assert_array_equal(warp(x), x)


def test_half_a_pixel_is_the_mean_of_two_neighbours(rng):
    x = rng.normal(size=(1, 3, 5))
    padded = np.pad(x, ((0, 0), (1, 0), (0, 0)))
    np.testing.assert_allclose(warp(x, down=0.5), (padded[:, 1:] + padded[:, :-1]) / 2, atol=1e-12)


def test_places_between_pixels_and_far_outside(rng):
    x = rng.normal(size=(3, 6, 7))
    places = rng.uniform(-3, 9, size=(2, 3, 4, 5))
    expected = [
        ndimage.map_coordinates(x[i], places[:, i], order=1, mode="grid-constant") for i in range(3)
    ]
    np.testing.assert_allclose(sample(x, *places), expected, rtol=0, atol=1e-12)


def test_changes_are_drawn_from_their_ranges():
    drawn = Change(turn=20, shift=2, zoom=0.1, mirror=0.3).draw(4000, np.random.default_rng(0))
    for name, low, high in (
        ("turn", -20, 20),
        ("down", -2, 2),
        ("right", -2, 2),
        ("zoom", 0.9, 1.1),
    ):
        values = drawn[name]
        assert low <= values.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < values.max() <= high
    assert np.abs(np.corrcoef([drawn[n] for n in ("turn", "down", "right", "zoom")])).sum() < 4.6
    assert 0.25 < drawn["mirror"].mean() < 0.35
    assert not Change().draw(50, np.random.default_rng(0))["mirror"].any()


def twin(layers):
    """One net in plain PyTorch, float32, with these weights."""
    net = nn.Sequential(
        nn.Conv2d(1, 12, 5, stride=4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(432, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )
    with torch.no_grad():
        for values, parameter in zip(layers.values(), net.parameters(), strict=True):
            parameter.copy_(torch.tensor(values))
    return net


def alike(a, b):
    """Adam divides by the size of a slope: where that is near 0, rounding shows. So 49 of 50."""
    assert a.shape == b.shape
    assert np.quantile(np.abs(a - b), 0.98) < 2e-5


def varied(seeds, rng):
    """Nets whose biases are not zero."""
    nets = Nets.start(seeds)
    with torch.no_grad():
        for bias in (nets.b1, nets.b2, nets.b3):
            bias.copy_(torch.tensor(rng.normal(size=bias.shape)))
    return nets


@pytest.mark.agreement
def test_nets_side_by_side_are_pytorchs(rng, agreement):
    nets, x = varied([3, 8], rng), rng.random((2, 5, 28, 28))
    weights = [nets.layers(r) for r in range(2)]

    def theirs():
        sheets = torch.tensor(x, dtype=torch.float32)[:, :, None]
        return torch.stack(
            [twin(weights[r])(sheets[r]).softmax(dim=1).detach() for r in range(2)]
        ).numpy()

    agreement(
        nets.shares(x),
        theirs,
        what="two small convolutional nets in one product, five pictures each",
        against="torch.nn.Conv2d and Linear, float32",
        atol=1e-5,  # the nets compute in float32, seven digits
    )


@pytest.mark.parametrize("change", [None, Change(turn=20, shift=2, zoom=0.1, mirror=0.5)])
def test_training_is_adam_on_the_surprise_with_a_falling_rate(rng, change):
    x, y = rng.random((9, 28, 28)), rng.integers(10, size=9)
    rows = np.array([[0, 1, 2, 3], [4, 6, 8, 1]])
    found = fit(x, y, rows, seeds=[5, 6], rate=0.01, steps=4, batch=3, change=change)
    for r, seed in enumerate([5, 6]):
        theirs = twin(Nets.start([5, 6]).layers(r))
        optimizer = torch.optim.Adam(theirs.parameters())
        lot, other = (np.random.default_rng([seed, i]) for i in (0, 1))
        for rate in (0.01, 0.0075, 0.005, 0.0025):
            i = rows[r][lot.integers(4, size=3)]
            optimizer.param_groups[0]["lr"] = rate
            seen = warp(x[i], **change.draw(3, other)) if change else x[i]
            sums = theirs(torch.tensor(seen[:, None], dtype=torch.float32))
            loss = nn.functional.cross_entropy(sums, torch.tensor(y[i]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        for ours, values in zip(found.layers(r).values(), theirs.parameters(), strict=True):
            alike(ours, values.detach().numpy())


def test_a_net_does_not_feel_its_neighbours_and_a_change_changes_the_pictures_alone(rng):
    x, y = rng.random((6, 28, 28)), np.arange(6)
    rows = np.array([[0, 1, 2], [3, 4, 5]])
    small = Change(turn=20, shift=2)
    learn = {"rate": 0.01, "steps": 3, "batch": 4}
    both = fit(x, y, rows, seeds=[1, 2], change=small, **learn)
    alone = fit(x, y, rows[1:], seeds=[2], change=small, **learn)
    alike(both.layers(1)["w2"], alone.layers(0)["w2"])
    still = fit(x, y, rows, seeds=[1, 2], **learn)
    np.testing.assert_array_equal(
        fit(x, y, rows, seeds=[1, 2], change=Change(), **learn).layers(0)["w1"],
        still.layers(0)["w1"],
    )
    assert np.abs(both.layers(0)["w1"] - still.layers(0)["w1"]).max() > 1e-4
    mirrored = fit(x, y, rows, seeds=[1, 2], change=Change(mirror=1), **learn)
    flipped = fit(x[:, :, ::-1], y, rows, seeds=[1, 2], **learn)
    alike(mirrored.layers(0)["w1"], flipped.layers(0)["w1"])


def test_an_update_takes_25_digits_unless_told(rng):
    x, y, rows = rng.random((40, 28, 28)), rng.integers(10, size=40), np.arange(40)[None]
    learn = {"seeds": [3], "rate": 0.01, "steps": 1}
    said = fit(x, y, rows, batch=25, **learn).layers(0)["w1"]
    np.testing.assert_array_equal(fit(x, y, rows, **learn).layers(0)["w1"], said)


def test_first_weights_are_drawn_for_relu():
    nets = Nets.start([7])
    for w, inputs in ((nets.w1, 25), (nets.w2, 432), (nets.w3, 32)):
        assert w.std().item() == pytest.approx(np.sqrt(2 / inputs), rel=0.2)
    assert not any(b.any() for b in (nets.b1, nets.b2, nets.b3))


def test_what_cannot_be_is_refused(rng):
    x = rng.random((3, 28, 28))
    for zoom in (0.0, -1.0):
        with pytest.raises(ValueError, match=f"zoom must be above 0, got {zoom:g}"):
            warp(x, zoom=np.array([1.0, zoom, 2.0]))
    learn = {"rate": 0.01, "steps": 1, "seeds": [0]}
    y, rows = np.array([0, 1, 2]), np.array([[0, 1, 2]])
    for wrong in (-1, 10):
        with pytest.raises(ValueError, match="digits from 0 to 9, got"):
            fit(x, np.array([0, 1, wrong]), rows, **learn)
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match="rows must be 0 to 2, got"):
            fit(x, y, np.array([[0, 1, wrong]]), **learn)
    with pytest.raises(ValueError, match="2 seeds for 1 nets"):
        fit(x, y, rows, **{**learn, "seeds": [0, 1]})
    with pytest.raises(ValueError, match="steps must be 1 or more, got 0"):
        fit(x, y, rows, **{**learn, "steps": 0})


SCRIPT = "docs/vision/augmentation.js"


@pytest.mark.browser
def test_the_page_warps_as_python_does(js, rng):
    for mirror in (False, True):
        picture = rng.random(tuple(rng.integers(5, 29, size=2))).astype(np.float32)
        change = {
            "turn": float(rng.uniform(-180, 180)),
            "zoom": float(rng.uniform(0.5, 1.6)),
            "down": float(rng.uniform(-8, 8)),
            "right": float(rng.uniform(-8, 8)),
            "mirror": mirror,
        }
        found = np.reshape(js(SCRIPT, "warp", picture, change), picture.shape)
        np.testing.assert_allclose(found, warp(picture[None], **change)[0], rtol=0, atol=1e-5)
    still = np.reshape(js(SCRIPT, "warp", picture, {}), picture.shape)
    np.testing.assert_array_equal(still, picture)


@pytest.mark.browser
def test_the_pages_nets_answer_as_pytorchs(js, rng):
    nets = varied([int(rng.integers(2**31)), 4], rng)
    with torch.no_grad():
        nets.w3.mul_(3)  # a clear answer
    for r in range(2):
        picture = rng.random((28, 28)).astype(np.float32)
        weights = {k: np.ascontiguousarray(w) for k, w in nets.layers(r).items()}
        expected = twin(weights)(torch.tensor(picture)[None, None]).softmax(dim=1)[0]
        found = js(SCRIPT, "shares", picture, weights)
        np.testing.assert_allclose(found, expected.detach().numpy(), rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "change", [{"zoom": 1.0}, {"zoom": -0.1}, {"mirror": 1.1}, {"mirror": -0.1}]
)
def test_a_change_that_makes_no_sense_is_refused(change):
    with pytest.raises(ValueError, match="zoom must be from 0 to below 1"):
        fit(
            np.zeros((4, 28, 28)),
            np.zeros(4, dtype=int),
            np.arange(4)[None],
            seeds=[0],
            rate=0.1,
            steps=1,
            batch=2,
            change=Change(**change),
        )
