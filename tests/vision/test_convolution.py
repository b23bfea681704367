"""Convolution as a loop and as products against PyTorch, in values and gradients; its sizes
against windows counted one by one; what the page's figure computes against the loop."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from introdl.vision.convolution import (
    col2im,
    conv2d,
    conv2d_gradients,
    conv2d_naive,
    conv2d_naive_gradients,
    conv_transpose2d,
    conv_transpose2d_gradients,
    im2col,
    output_size,
    time_convolutions,
    timing,
)
from introdl.vision.convolution.sizes import output_shape

functional = torch.nn.functional

#: Mutants that change nothing a test could see.
SAME = {
    "channels: int, kernels: int, side: int, *, rounds: int = 6, repeats: int = 5": (
        "how long a benchmark runs"
    ),
    "channels: int, kernels: int, side: int, *, rounds: int = 4, repeats: int = 5": (
        "how long a benchmark runs"
    ),
    "channels: int, kernels: int, side: int, *, rounds: int = 5, repeats: int = 6": (
        "how long a benchmark runs"
    ),
    "channels: int, kernels: int, side: int, *, rounds: int = 5, repeats: int = 4": (
        "how long a benchmark runs"
    ),
    "rng = np.random.default_rng(1)": "any random numbers take as long",
}


def odd_input(rng):
    x, w, b = rng.normal(size=(2, 3, 5, 6)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
    maps, pictures = rng.normal(size=(2, 4, 4, 4)), rng.normal(size=(2, 3, 5, 6))
    return {
        "output_shape": {"x": x, "w": w},
        "pad": {"x": x, "padding": 1},
        "fits_output": {
            "x": x, "w": w, "grad": maps, "stride": 1, "padding": 0, "dilation": 1,
        },
        "conv2d_naive": {"x": x, "w": w, "b": b},
        "conv2d_naive_gradients": {"x": x, "w": w, "grad": maps},
        "im2col": {"x": x, "size": (2, 3)},
        "col2im": {"columns": rng.normal(size=(2, 18, 16)), "shape": x.shape, "size": (2, 3)},
        "conv2d": {"x": x, "w": w, "b": b},
        "conv2d_gradients": {"x": x, "w": w, "grad": maps},
        "conv_transpose2d": {"x": maps, "w": w, "b": rng.normal(size=3)},
        "conv_transpose2d_gradients": {"x": maps, "w": w, "grad": pictures},
    }  # fmt: skip


@st.composite
def problems(draw):
    """Shapes of pictures and kernels that fit, with stride, padding and dilation."""
    count = st.integers(1, 3)
    kernel = draw(count), draw(count)
    options = {
        "stride": draw(count),
        "padding": draw(st.integers(0, 2)),
        "dilation": draw(count),
    }
    reach = [options["dilation"] * (k - 1) + 1 for k in kernel]
    sides = [max(1, r - 2 * options["padding"]) + draw(st.integers(0, 6)) for r in reach]
    n, channels, kernels = draw(count), draw(count), draw(count)
    return (n, channels, *sides), (kernels, channels, *kernel), options


def with_gradients(function, arrays, options, seed):
    """What PyTorch gives: the result, a gradient drawn for it, and the gradients it leads to."""
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    out = function(*tensors, **options)
    grad = torch.tensor(np.random.default_rng(seed).normal(size=out.shape))
    return out.detach(), grad.numpy(), torch.autograd.grad(out, tensors, grad)


@given(problem=problems(), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_the_loop_and_the_product_equal_pytorch(problem, seed):
    x_shape, w_shape, options = problem
    rng = np.random.default_rng(seed)
    x, w, b = rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])
    out, grad, gradients = with_gradients(functional.conv2d, (x, w, b), options, seed)
    for forward, backward in (
        (conv2d_naive, conv2d_naive_gradients),
        (conv2d, conv2d_gradients),
    ):
        np.testing.assert_allclose(forward(x, w, b, **options), out, rtol=1e-10, atol=1e-10)
        for ours, theirs in zip(backward(x, w, grad, **options), gradients, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


@given(problem=problems(), more=st.integers(0, 2), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_the_transposed_equals_pytorch(problem, more, seed):
    x_shape, w_shape, options = problem
    rng = np.random.default_rng(seed)
    # Its input is what a convolution of this problem would give.
    sides = [output_size(n, k, **options) for n, k in zip(x_shape[2:], w_shape[2:], strict=True)]
    x = rng.normal(size=(x_shape[0], w_shape[0], *sides))
    w, b = rng.normal(size=w_shape), rng.normal(size=w_shape[1])
    added = {"output_padding": min(more, options["stride"] - 1)}
    smallest = min(
        (n - 1) * options["stride"] + options["dilation"] * (k - 1) + 1 - 2 * options["padding"]
        for n, k in zip(sides, w_shape[2:], strict=True)
    )
    if smallest + added["output_padding"] < 1:
        with pytest.raises(ValueError, match="leaves no picture"):
            conv_transpose2d(x, w, b, **options, **added)
        return
    out, grad, gradients = with_gradients(
        functional.conv_transpose2d, (x, w, b), options | added, seed
    )
    np.testing.assert_allclose(
        conv_transpose2d(x, w, b, **options, **added), out, rtol=1e-10, atol=1e-10
    )
    ours = conv_transpose2d_gradients(x, w, grad, **options)
    for own, theirs in zip(ours, gradients, strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-10, atol=1e-10)


SETTINGS = {"stride": 2, "padding": 1, "dilation": 2}


@pytest.mark.agreement
@pytest.mark.parametrize(
    ("name", "forward", "backward", "theirs"),
    [
        ("the loop", conv2d_naive, conv2d_naive_gradients, functional.conv2d),
        ("im2col", conv2d, conv2d_gradients, functional.conv2d),
        (
            "the transposed",
            conv_transpose2d,
            conv_transpose2d_gradients,
            functional.conv_transpose2d,
        ),
    ],
)
def test_values_and_gradients_equal_pytorchs(rng, agreement, name, forward, backward, theirs):
    w = rng.normal(size=(4, 3, 3, 2))
    channels, biases = (4, 3) if name == "the transposed" else (3, 4)
    x, b = rng.normal(size=(2, channels, 11, 9)), rng.normal(size=biases)
    seed = int(rng.integers(2**31))
    _, grad, _ = with_gradients(theirs, (x, w, b), SETTINGS, seed)
    agreement(
        forward(x, w, b, **SETTINGS),
        lambda: with_gradients(theirs, (x, w, b), SETTINGS, seed)[0],
        what=f"{name}: stride 2, padding 1, dilation 2",
        against=f"torch.nn.functional.{theirs.__name__}, float64",
        atol=1e-12,
    )
    agreement(
        np.concatenate([part.ravel() for part in backward(x, w, grad, **SETTINGS)]),
        lambda: torch.cat(
            [g.ravel() for g in with_gradients(theirs, (x, w, b), SETTINGS, seed)[2]]
        ),
        what=f"{name}: gradients for input, weights and bias",
        against="PyTorch autograd, float64",
        atol=1e-11,
    )


@pytest.mark.agreement
def test_one_kernel_on_one_picture_is_scipys_correlation(rng, agreement):
    x, w = rng.normal(size=(12, 10)), rng.normal(size=(3, 3))
    agreement(
        conv2d(x[None, None], w[None, None], np.zeros(1))[0, 0],
        lambda: correlate2d(x, w, mode="valid"),
        what="one kernel over one picture",
        against="scipy.signal.correlate2d, float64",
        atol=1e-12,
    )


def test_sizes_are_those_of_windows_counted_one_by_one():
    for size in range(1, 9):
        for kernel in range(1, 5):
            for padding in range(3):
                for dilation in range(1, 4):
                    for stride in range(1, 5):
                        places = [
                            first
                            for first in range(-padding, size + padding)
                            if first + dilation * (kernel - 1) < size + padding
                            and (first + padding) % stride == 0
                        ]
                        options = {"stride": stride, "padding": padding, "dilation": dilation}
                        if places:
                            assert output_size(size, kernel, **options) == len(places)
                        else:
                            with pytest.raises(ValueError, match="does not fit into size"):
                                output_size(size, kernel, **options)


@pytest.mark.parametrize("wrong", [{"stride": 0}, {"dilation": 0}, {"kernel": 0}, {"padding": -1}])
def test_a_number_too_small_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must be 1 or more, padding = -?\d must be 0"):
        output_size(**({"size": 5, "kernel": 3} | wrong))


def test_col2im_is_the_transpose_of_im2col(rng):
    x = rng.normal(size=(2, 3, 7, 8))
    columns = im2col(x, (3, 2), **SETTINGS)
    other = rng.normal(size=columns.shape)
    back = col2im(other, x.shape, (3, 2), **SETTINGS)
    assert np.isclose((columns * other).sum(), (x * back).sum())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x, w: conv2d(x, w[:, :1], np.zeros(4)),
            r"conv2d\(\): w has shape \(4, 1, 3, 3\), expected \(K, C, kh, kw\) with C = 2",
        ),
        (
            lambda x, w: conv2d_naive(x, w, np.zeros(3)),
            r"conv2d_naive\(\): b has shape \(3,\), expected \(K,\) with K = 4",
        ),
        (
            lambda x, w: conv2d_gradients(x, w, np.zeros((1, 4, 5, 5))),
            r"grad has shape \(1, 4, 5, 5\), expected \(N, K, H', W'\) = \(1, 4, 3, 3\)",
        ),
        (
            lambda x, w: conv_transpose2d_gradients(np.zeros((1, 4, 5, 5)), w, x),
            r"x has shape \(1, 4, 5, 5\), expected \(N, K, H', W'\) = \(1, 4, 3, 3\)",
        ),
        (
            lambda x, w: col2im(np.zeros((1, 18, 8)), x.shape, (3, 3)),
            r"columns has shape \(1, 18, 8\), expected .* = \(1, 18, 9\)",
        ),
        (
            lambda x, w: conv_transpose2d(np.zeros((1, 4, 5, 5)), w, np.zeros(2), output_padding=1),
            r"output_padding = 1 must be 0 or more, and less than stride = 1",
        ),
        (
            lambda x, w: conv_transpose2d(x, w[:2], np.zeros(2), output_padding=-1),
            r"output_padding = -1 must be 0 or more",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.zeros((1, 2, 5, 5)), np.zeros((4, 2, 3, 3)))


SCRIPT = "docs/vision/convolution.js"


@pytest.mark.browser
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_the_sums_on_the_page_are_the_loops(js, rng, stride, padding):
    picture = rng.integers(0, 101, size=(rng.integers(3, 12), rng.integers(3, 12)))
    kernel = rng.normal(size=(3, 3)).round(2)
    found = js(SCRIPT, "slide", picture.tolist(), kernel.ravel().tolist(), stride, padding)
    ours = conv2d_naive(
        picture[None, None], kernel[None, None], np.zeros(1), stride=stride, padding=padding
    )
    np.testing.assert_allclose(found, ours[0, 0], rtol=1e-12, atol=1e-9)


@pytest.mark.browser
def test_the_page_counts_places_as_python_does(js):
    for size in (3, 4, 5, 48):
        for stride in (1, 2, 3):
            for padding in (0, 1, 2):
                expected = output_size(size, 3, stride=stride, padding=padding)
                assert js(SCRIPT, "outputSize", size, stride, padding) == expected


def test_the_ways_are_timed_on_the_same_sums(monkeypatch):
    now, found = [0.0], {}

    def taking(function, seconds, name=None):
        def call(x, w, b, padding):
            which = name or str(x.dtype)
            found.setdefault(which, []).append(np.asarray(function(x, w, b, padding=padding)))
            now[0] += seconds[which]
            assert w.shape[2:] == (3, 3)
            return found[which][-1]

        return call

    seconds = {"naive": 4.0, "product": 2.0, "torch.float64": 3.0, "torch.float32": 1.0}
    monkeypatch.setattr(timing, "conv2d_naive", taking(conv2d_naive, seconds, "naive"))
    monkeypatch.setattr(timing, "conv2d", taking(conv2d, seconds, "product"))
    monkeypatch.setattr(functional, "conv2d", taking(functional.conv2d, seconds))
    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])
    assert time_convolutions(2, 3, 6, rounds=2, repeats=3) == (4, 2, 3, 1)
    assert [len(found[name]) for name in seconds] == [2, 6, 6, 6]
    for sums in found.values():
        assert sums[0].shape == (1, 3, 6, 6)
        np.testing.assert_allclose(sums[0], found["naive"][0], rtol=0, atol=1e-5)


def test_without_options_a_window_is_whole_and_goes_in_steps_of_one(rng):
    w = rng.normal(size=(4, 3, 2, 3))
    for theirs, forward, backward, channels, biases in (
        (functional.conv2d, conv2d, conv2d_gradients, 3, 4),
        (functional.conv2d, conv2d_naive, conv2d_naive_gradients, 3, 4),
        (functional.conv_transpose2d, conv_transpose2d, conv_transpose2d_gradients, 4, 3),
    ):
        x, b = rng.normal(size=(2, channels, 5, 6)), rng.normal(size=biases)
        out, grad, gradients = with_gradients(theirs, (x, w, b), {}, seed=1)
        np.testing.assert_allclose(forward(x, w, b), out, atol=1e-12)
        for own, their in zip(backward(x, w, grad), gradients, strict=True):
            np.testing.assert_allclose(own, their, atol=1e-12)
    plain = {"stride": 1, "padding": 0, "dilation": 1}
    columns = im2col(x, (2, 3), **plain)
    np.testing.assert_array_equal(im2col(x, (2, 3)), columns)
    back = col2im(columns, x.shape, (2, 3), **plain)
    np.testing.assert_array_equal(col2im(columns, x.shape, (2, 3)), back)
    assert output_size(7, 3) == 5
    assert output_shape(np.zeros((2, 3, 5, 6)), w) == (2, 4, 4, 4)


def test_the_smallest_picture_of_a_transposed_convolution_is_one_pixel():
    x, b = np.ones((1, 1, 1, 1)), np.zeros(1)
    w = np.arange(9.0).reshape(1, 1, 3, 3)
    assert conv_transpose2d(x, w, b, padding=1).tolist() == [[[[4]]]]
    with pytest.raises(ValueError, match=r"padding = 1 leaves no picture, \[0, 1\]"):
        conv_transpose2d(x, w[:, :, :2], b, padding=1)


@pytest.mark.parametrize("size", [6.5, float("nan")])
def test_a_size_is_whole(size):
    with pytest.raises(ValueError, match=r"output_size\(\)|cannot convert"):
        output_size(size, 3)
