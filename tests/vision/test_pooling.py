"""Pooling against PyTorch in values and gradients, and the page's figure against Python."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from introdl.vision.pooling import (
    average_pool2d,
    average_pool2d_gradient,
    every,
    global_average,
    max_pool2d,
    max_pool2d_gradient,
    shifted,
)

functional = torch.nn.functional
KINDS = {
    "largest": (max_pool2d, max_pool2d_gradient, functional.max_pool2d),
    "average": (average_pool2d, average_pool2d_gradient, functional.avg_pool2d),
}


def odd_input(rng):
    x = rng.normal(size=(2, 3, 5, 6))
    grad = rng.normal(size=(2, 3, 2, 3))
    return {
        "windows": {"x": x, "size": 2, "stride": 2},
        "max_pool2d": {"x": x, "size": 2},
        "average_pool2d": {"x": x, "size": 2},
        "max_pool2d_gradient": {"x": x, "grad": grad, "size": 2},
        "average_pool2d_gradient": {"x": x, "grad": grad, "size": 2},
        "every": {"x": x, "stride": 2},
        "global_average": {"x": x},
        "shifted": {"x": x, "down": 1, "right": -2},
    }


def theirs(kind, x, size, stride, seed):
    """PyTorch's values, a slope drawn for each, and the gradient that they lead to."""
    seen = torch.tensor(x, requires_grad=True)
    out = KINDS[kind][2](seen, size, stride)
    grad = torch.tensor(np.random.default_rng(seed).normal(size=out.shape))
    return out.detach().numpy(), grad.numpy(), torch.autograd.grad(out, seen, grad)[0].numpy()


@pytest.mark.parametrize("kind", KINDS)
@given(
    count=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    size=st.integers(1, 4),
    more=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    stride=st.one_of(st.none(), st.integers(1, 5)),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=25)
def test_values_and_gradients_on_random_shapes(kind, count, size, more, stride, seed):
    x = np.random.default_rng(seed).normal(size=(*count, size + more[0], size + more[1]))
    forward, backward, _ = KINDS[kind]
    out, grad, slope = theirs(kind, x, size, stride, seed)
    np.testing.assert_allclose(forward(x, size, stride), out, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(backward(x, grad, size, stride), slope, rtol=1e-12, atol=1e-12)


@pytest.mark.agreement
@pytest.mark.parametrize("kind", KINDS)
def test_pooling_equals_pytorchs(rng, agreement, kind):
    x = rng.normal(size=(2, 3, 11, 9))
    forward, backward, _ = KINDS[kind]
    seed = int(rng.integers(2**31))
    grad = theirs(kind, x, 3, 2, seed)[1]
    agreement(
        np.concatenate([forward(x, 3, 2).ravel(), backward(x, grad, 3, 2).ravel()]),
        lambda: np.concatenate([theirs(kind, x, 3, 2, seed)[part].ravel() for part in (0, 2)]),
        what=f"{kind} of 3 × 3, stride 2: values and gradients",
        against="torch.nn.functional and autograd, float64",
        atol=1e-12,
    )


def test_of_equal_numbers_the_first_gets_the_slope():
    back = max_pool2d_gradient(np.ones((1, 1, 2, 2)), np.full((1, 1, 1, 1), 7.0), 2)
    np.testing.assert_array_equal(back, [[[[7, 0], [0, 0]]]])


def test_every_second_pixel_begins_with_the_first(rng):
    x = rng.normal(size=(2, 2, 5, 6))
    np.testing.assert_array_equal(every(x, 2), x[:, :, [0, 2, 4]][:, :, :, [0, 2, 4]])
    np.testing.assert_array_equal(every(x, 1), x)
    with pytest.raises(ValueError, match="stride = 0 must be 1 or more"):
        every(x, 0)


def test_a_global_average_is_the_mean_of_a_map(rng):
    x = rng.normal(size=(2, 3, 4, 7))
    expected = functional.adaptive_avg_pool2d(torch.tensor(x), 1)[:, :, 0, 0]
    np.testing.assert_allclose(global_average(x), expected, rtol=1e-12)


@pytest.mark.parametrize("down", [-9, -2, 0, 3])
@pytest.mark.parametrize("right", [-8, -1, 0, 2])
def test_a_map_moves_as_scipy_moves_it(rng, down, right):
    x = rng.normal(size=(2, 1, 6, 7))
    expected = ndimage.shift(x, (0, 0, down, right), order=0)
    np.testing.assert_array_equal(shifted(x, down, right), expected)


def test_what_does_not_fit_is_refused(rng):
    x = rng.normal(size=(1, 1, 4, 4))
    for shape in ((1, 1, 4, 9), (1, 1, 9, 4)):
        with pytest.raises(ValueError, match="does not fit into size = 4"):
            max_pool2d(np.zeros(shape), 5)
    with pytest.raises(ValueError, match=r"grad has shape \(1, 1, 3, 3\), expected .* 2, 2\)"):
        average_pool2d_gradient(x, np.zeros((1, 1, 3, 3)), 2)
    with pytest.raises(ValueError, match=r"grad has shape \(1, 1, 3, 3\), expected .* 2, 2\)"):
        max_pool2d_gradient(x, np.zeros((1, 1, 3, 3)), 2)


SCRIPT = "docs/vision/pooling.js"


@pytest.mark.browser
@pytest.mark.parametrize("size", [1, 2, 4, 7])
def test_the_page_pools_as_python_does(js, rng, size):
    picture = rng.normal(size=(rng.integers(7, 29), rng.integers(7, 29)))
    for way, ours in (
        ("largest", max_pool2d),
        ("average", average_pool2d),
        ("first", lambda x, size: max_pool2d(every(x, size), 1)),
    ):
        expected = ours(picture[None, None], size)[0, 0]
        found = np.array(js(SCRIPT, "pool", picture.tolist(), size, way))
        rows, columns = found.shape
        np.testing.assert_allclose(found, expected[:rows, :columns], rtol=1e-12)
        assert (rows, columns) == tuple(n // size for n in picture.shape)


@pytest.mark.browser
def test_the_page_moves_and_compares_as_python_does(js, rng):
    picture = rng.integers(1, 100, size=(9, 8)).astype(float)
    for down, right in ((0, 0), (2, -3), (-4, 1)):
        moved = shifted(picture[None, None], down, right)[0, 0]
        found = js(SCRIPT, "shift", picture.tolist(), down, right)
        np.testing.assert_array_equal(found, moved)
        told = js(SCRIPT, "change", picture.tolist(), moved.tolist())
        assert told["changed"] == (picture != moved).sum()
        share = np.linalg.norm(moved - picture) / np.linalg.norm(picture)
        assert told["share"] == pytest.approx(share)
