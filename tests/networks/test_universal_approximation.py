"""Sums of bends against PyTorch, the net through points against interpolation, pieces recounted."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.networks.universal_approximation import (
    Bends,
    Layer,
    corners,
    descend,
    fold,
    folds,
    slopes,
    start,
    through,
)

WIDGET = "docs/networks/universal_approximation.js"

#: Mutants that change nothing a test could see.
SAME = {
    "return (np.maximum(z, 0) @ self.v[..., None])[..., -1] + self.c": "one entry",
    "error = ((a @ net.v[..., None])[..., -1] + net.c - target) / len(x) # (..., N)": "one entry",
    "v=(error[..., None, :] @ a)[..., -1, :],": "one entry",
    "units = net.w.shape[1]": "two axes",
    "slope = 2 * (np.diff(values[:, 0]) / np.diff(at))": "slopes are compared",
    "slope = np.diff(values[:, -1]) / np.diff(at)": "one output",
    "adam, weights = Adam(rate[:, None]), np.concatenate(net, axis=1) # (R, 3 H + 1)": "two axes",
    "now = Bends(*np.split(weights, [units, 2 * units, 3 * units], axis=1))": "two axes",
    "weights = adam.step(weights, np.concatenate(slopes(now, x, target), axis=1))": "two axes",
    "return Bends(*np.split(weights, [units, 2 * units, 3 * units], axis=1))": "two axes",
}


def draw(rng, nets=3, units=5):
    return Bends(*rng.normal(size=(3, nets, units)), rng.normal(size=(nets, 1)))


def odd_input(rng):
    net, x = draw(rng), np.linspace(-1, 1, 7)
    target = rng.normal(size=(3, 7))
    return {
        "Bends.curve": {"self": net, "x": x},
        "through": {"x": np.array([1.0, 2.0, 4.0]), "y": rng.normal(size=3)},
        "slopes": {"net": net, "x": x, "target": target},
        "descend": {
            "net": net,
            "x": x,
            "target": target,
            "rate": np.array([0.1, 0.2, 0.3]),
            "steps": 2,
        },
        "fold": {"x": rng.normal(size=(2, 3))},
    }


def torch_nets(net):
    """Plain layers of PyTorch with the weights of each net."""
    found = []
    for w, b, v, c in zip(*net, strict=True):
        hidden, out = torch.nn.Linear(1, len(w)).double(), torch.nn.Linear(len(w), 1).double()
        hidden.weight.data, hidden.bias.data = torch.tensor(w[:, None]), torch.tensor(b)
        out.weight.data, out.bias.data = torch.tensor(v[None]), torch.tensor(c)
        found.append(torch.nn.Sequential(hidden, torch.nn.ReLU(), out))
    return found


def values_and_slopes(layers, x, target):
    """What each net answers, and the slopes of half its mean squared error, by autograd."""
    found = []
    for net, goal in zip(layers, target, strict=True):
        out = net(torch.tensor(x[:, None]))[:, 0]
        (((out - torch.tensor(goal)) ** 2).mean() / 2).backward()
        found += [out.detach().numpy()] + [p.grad.numpy().ravel() for p in net.parameters()]
    return np.concatenate(found)


def in_a_row(net, answers, found):
    order = found.w, found.b, found.v, found.c
    rows = [np.concatenate([a, *parts]) for a, *parts in zip(answers, *order, strict=True)]
    return np.concatenate(rows)


@pytest.mark.agreement
def test_the_sum_of_bends_and_its_slopes_equal_autograds(rng, agreement):
    net, x, target = draw(rng), rng.normal(size=30), rng.normal(size=(3, 30))
    agreement(
        in_a_row(net, net.curve(x), slopes(net, x, target)),
        lambda: values_and_slopes(torch_nets(net), x, target),
        what="sums of bends of three nets, and the slopes of half the mean squared error",
        against="torch.nn.Linear, ReLU and autograd, float64",
        atol=1e-12,
    )


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    nets=st.integers(1, 3),
    units=st.integers(1, 7),
    points=st.integers(1, 9),
)
def test_they_equal_autograds_in_any_shape(seed, nets, units, points):
    rng = np.random.default_rng(seed)
    net, x, target = draw(rng, nets, units), rng.normal(size=points), rng.normal(size=points)
    target = np.broadcast_to(target, (nets, points))
    ours = in_a_row(net, net.curve(x), slopes(net, x, target))
    theirs = values_and_slopes(torch_nets(net), x, target)
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.agreement
def test_fifty_steps_equal_pytorchs_adam(rng, agreement):
    net, x, target = draw(rng), np.linspace(-1, 1, 20), rng.normal(size=(3, 20))
    rate = np.array([0.001, 0.01, 0.02])

    def theirs():
        found = []
        for layers, goal, eta in zip(torch_nets(net), target, rate, strict=True):
            adam = torch.optim.Adam(layers.parameters(), lr=eta)
            for _ in range(50):
                adam.zero_grad()
                out = layers(torch.tensor(x[:, None]))[:, 0]
                (((out - torch.tensor(goal)) ** 2).mean() / 2).backward()
                adam.step()
            found += [p.data.numpy().ravel() for p in layers.parameters()]
        return np.concatenate(found)

    ours = descend(net, x, target, rate, 50)
    assert [part.shape for part in ours] == [part.shape for part in net]
    agreement(
        np.concatenate([part[run] for run in range(3) for part in ours]),
        theirs,
        what="weights of three nets after 50 steps, each at its own rate",
        against="torch.optim.Adam, float64",
        atol=1e-9,  # Adam divides by the size of a slope: where that is near 0, rounding shows
    )


def test_one_net_alone_is_as_the_first_of_several(rng):
    net, x, target = draw(rng, nets=1), rng.normal(size=6), rng.normal(size=(1, 6))
    alone = Bends(*(part[0] for part in net))
    np.testing.assert_allclose(alone.curve(x), net.curve(x)[0], rtol=1e-12)
    several = slopes(net, x, target)
    for mine, first in zip(slopes(alone, x, target[0]), several, strict=True):
        np.testing.assert_allclose(mine, first[0], rtol=1e-9, atol=1e-12)


def test_at_its_joint_a_unit_has_no_slope():
    """As in PyTorch: there, the derivative of ReLU at 0 is 0."""
    net = Bends(np.ones(1), -np.ones(1), np.ones(1), np.zeros(1))
    assert [part.item() for part in slopes(net, np.ones(1), -np.ones(1))] == [0, 0, 0, 1]


def test_by_hand():
    bump = Bends(np.ones(3), -np.array([0.25, 0.5, 0.75]), np.array([4.0, -8, 4]), np.zeros(1))
    x = np.array([0.25, 0.5, 0.625, 0.875, 1])
    np.testing.assert_allclose(bump.curve(x), [0, 1, 0.5, 0, 0])
    for units, middle, gap in [(2, 1 / 4, 1 / 16), (4, 1 / 8, 1 / 64)]:
        at = np.linspace(0, 1, units + 1)
        missed = through(at, at**2).curve(np.array([middle])) - middle**2
        assert missed[0] == pytest.approx(gap)


@pytest.mark.agreement
@pytest.mark.parametrize("points", [2, 3, 12])
def test_the_net_through_points_is_numpys_interpolation(rng, agreement, points):
    x, y = np.sort(rng.normal(size=points)), rng.normal(size=points)
    x += np.arange(points)  # so that no piece is nearly upright
    inside = np.concatenate([x, rng.uniform(x[0], x[-1], size=50)])
    agreement(
        through(x, y).curve(inside),
        lambda: np.interp(inside, x, y),
        what=f"the net through {points} points, between them",
        against="numpy.interp, float64",
        atol=1e-10,
    )


def test_outside_its_points_it_is_flat_then_straight():
    net = through(np.array([1.0, 2.0, 4.0]), np.array([5.0, 7.0, 4.0]))
    np.testing.assert_allclose(net.curve(np.array([-9.0, 0.0, 6.0, 8.0])), [5, 5, 1, -2])
    assert net.w.shape == net.b.shape == net.v.shape == (2,)


def test_twice_the_units_quarter_the_error_of_a_smooth_curve():
    def worst(units):
        at, x = np.linspace(0, 1, units + 1), np.linspace(0, 1, 16 * units + 1)
        return np.abs(through(at, np.exp(at)).curve(x) - np.exp(x)).max()

    assert worst(64) / worst(128) == pytest.approx(4, rel=0.05)
    assert worst(64) < np.e / 8 / 64**2


@pytest.mark.parametrize("x", [[1.0], [1.0, 1.0], [2.0, 1.0], [1.0, 2.0, 1.5]])
def test_points_that_do_not_ascend_are_refused(x):
    with pytest.raises(ValueError, match="two or more numbers that ascend"):
        through(np.array(x), np.ones(len(x)))


def test_first_weights_are_spread_as_pytorchs(rng):
    net = start(400, 25, rng)
    assert [part.shape for part in net] == [(400, 25)] * 3 + [(400, 1)]
    for part, reach in zip(net, [1, 1, 0.2, 0.2], strict=True):
        assert 0.95 * reach < np.abs(part).max() <= reach
        assert part.min() < 0 < part.max()
        assert part.std() == pytest.approx(reach / np.sqrt(3), rel=0.15)


def test_a_fold_lays_one_half_on_the_other(rng):
    x = rng.uniform(0, 0.5, size=(4, 5))
    np.testing.assert_allclose(fold(x), 2 * x)
    np.testing.assert_allclose(fold(1 - x), fold(x), atol=1e-12)
    np.testing.assert_array_equal(fold(np.array([-0.5, 0.0, 0.5])), [0, 0, 1])


def answers(layers, x):
    """What layers answer, by PyTorch."""
    a = torch.tensor(x[:, None])
    for nth, (W, b) in enumerate(layers):
        a = a @ torch.tensor(W) + torch.tensor(b)
        a = torch.relu(a) if nth < len(layers) - 1 else a
    return a[:, 0].numpy()


@pytest.mark.parametrize("times", [1, 2, 5])
def test_folds_as_layers_are_folds_in_a_row(rng, times):
    x = rng.random(50)
    expected = x
    for _ in range(times):
        expected = fold(expected)
    np.testing.assert_allclose(answers(folds(times), x), expected, atol=1e-12)
    assert [len(layer.b) for layer in folds(times)] == [2] * times + [1]
    shapes = [layer.W.shape for layer in folds(times)]
    assert shapes == [(1, 2), *[(2, 2)] * (times - 1), (2, 1)]
    assert corners(folds(times), 0, 1) == [Fraction(i, 2**times) for i in range(1, 2**times)]


def walked(layers, low, high):
    """The corners again: walk along the line, each time to where the next unit bends."""
    exact = [
        ([[Fraction(float(v)) for v in row] for row in W], [Fraction(float(v)) for v in b])
        for W, b in layers
    ]

    def ahead(x):
        """The slope just right of x, and the next place where some unit bends."""
        lines, nearest = [(x, Fraction(1))], high  # value at x, and slope
        for nth, (W, b) in enumerate(exact):
            sums = [
                (sum(a * row[j] for (a, _), row in zip(lines, W, strict=True)) + b[j],
                 sum(s * row[j] for (_, s), row in zip(lines, W, strict=True)))
                for j in range(len(b))
            ]  # fmt: skip
            if nth == len(exact) - 1:
                return sums[0][1], nearest
            for value, slope in sums:
                if slope and -value / slope > 0:
                    nearest = min(nearest, x - value / slope)
            on = [(value > 0) or (value == 0 and slope > 0) for value, slope in sums]
            lines = [line if one else (0, 0) for line, one in zip(sums, on, strict=True)]
        raise AssertionError

    low, high = Fraction(low), Fraction(high)
    found, x, before = [], low, None
    while x < high:
        slope, to = ahead(x)
        if before is not None and slope != before:
            found.append(x)
        x, before = to, slope
    return found


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    widths=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    whole=st.booleans(),
)
def test_corners_equal_a_walk_along_the_line(seed, widths, whole):
    """Small whole weights make corners that meet, and units that are 0 on a stretch."""
    rng = np.random.default_rng(seed)
    layers = []
    for inputs, outputs in zip([1, *widths], [*widths, 1], strict=True):
        shape = (inputs + 1, outputs)
        both = rng.integers(-2, 3, size=shape) * 1.0 if whole else rng.normal(size=shape)
        layers.append(Layer(both[1:], both[0]))
    ours = corners(layers, -2, 2)
    assert ours == walked(layers, -2, 2)
    assert len(ours) < np.prod(np.array(widths) + 1)


def test_one_layer_has_a_corner_per_joint_within():
    net = Layer(np.array([[1.0, -2, 1, 1, 0]]), np.array([0.5, 0.5, 0.5, -3, 1]))
    assert corners([net, Layer(np.ones((5, 1)), np.zeros(1))], -1, 1) == [-0.5, 0.25]
    gone = Layer(np.array([[1.0], [1], [-1], [1], [1]]), np.zeros(1))
    assert corners([net, gone], -1, 1) == [Fraction(1, 4)]


def test_what_cannot_be_counted_is_refused():
    for layers, low, high in [
        (folds(1), 1, 1),
        ([Layer(np.ones((2, 1)), np.zeros(1))], 0, 1),
        ([Layer(np.ones((1, 2)), np.zeros(2))], 0, 1),
    ]:
        with pytest.raises(ValueError, match="one input and one output"):
            corners(layers, low, high)
    with pytest.raises(ValueError, match="times must be 1 or more"):
        folds(0)


def behind(net, times):
    """The net behind so many folds, as layers."""
    hidden, out = Layer(net.w[None], net.b), Layer(net.v[:, None], net.c)
    if not times:
        return [hidden, out]
    *first, last = folds(times)
    return [*first, Layer(last.W @ hidden.W, last.b @ hidden.W + hidden.b), out]


@pytest.mark.browser
def test_the_widget_computes_what_python_does(js, rng):
    for times in range(4):
        joints = rng.integers(-1, 18, size=5) / 16  # also outside, and the same twice
        w, v = rng.integers(-3, 4, size=(2, 5)) * 0.5
        net = Bends(w, -w * joints, v, rng.normal(size=1))
        layers = behind(net, times)
        units = np.column_stack([joints, w, v]).tolist()
        expected = [float(at) for at in corners(layers, 0, 1)]
        np.testing.assert_allclose(js(WIDGET, "corners", units, times), expected, atol=1e-12)
        for x in rng.random(4):
            said = js(WIDGET, "curve", units, float(net.c[0]), float(x), times)
            assert said == pytest.approx(answers(layers, np.array([x]))[0], abs=1e-9)


@pytest.mark.browser
def test_the_widget_builds_the_net_through_points(js, rng):
    x = np.cumsum(rng.uniform(0.5, 1, size=6))
    y = rng.normal(size=6)
    built, net = js(WIDGET, "through", x.tolist(), y.tolist()), through(x, y)
    expected = np.column_stack([x[:-1], np.ones(5), net.v])
    np.testing.assert_allclose(built["units"], expected, rtol=1e-9, atol=1e-12)
    assert built["c"] == y[0]
    assert js(WIDGET, "fold", 0.75) == 0.5


def test_a_built_net_does_not_change_with_what_it_was_built_from():
    x, y = np.array([0.0, 0.5, 1.0]), np.array([1.0, 2.0, 0.0])
    net, layers = through(x, y), folds(4)
    y[0] = 9
    layers[1].b[0] = 9
    layers[1].W[0] = 9
    assert net.c.tolist() == [1]
    np.testing.assert_array_equal(layers[2].b, folds(4)[2].b)
    np.testing.assert_array_equal(layers[2].W, folds(4)[2].W)


def test_points_too_near_for_a_slope_are_refused():
    with np.errstate(over="ignore"), pytest.raises(ValueError, match="too near for a slope"):
        through(np.array([0, 1e-320, 1]), np.array([0.0, 1.0, 2.0]))
