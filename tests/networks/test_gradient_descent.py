"""Steps against PyTorch's SGD, curvature against autograd, the border and the noise measured."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from introdl.networks.gradient_descent import (
    SURFACES,
    border,
    curvature,
    descend,
    descend_batches,
    example_slopes,
    slope_noise,
)

#: Mutants that change nothing a test could see.
SAME = {
    "slope: Callable[[np.ndarray], np.ndarray], w: np.ndarray, nudge: float = 0.0002": (
        "any small nudge will do"
    ),
    "slope: Callable[[np.ndarray], np.ndarray], w: np.ndarray, nudge: float = 5e-05": (
        "any small nudge will do"
    ),
    "if (np.abs(path[bad[0] - 1]).max() <= 1e+50):": "any huge number will do",
    "if np.abs(path[bad[0] - 1]).max() < 5e+49:": "any huge number will do",
    "if (flattest <= -1e-06 * steepest):": "how much rounding is forgiven",
    "if flattest < -2e-06 * steepest:": "how much rounding is forgiven",
    "if flattest < -5e-07 * steepest:": "how much rounding is forgiven",
}


def odd_input(rng):
    X, y = rng.normal(size=(9, 2)), np.array([0, 1, 0, 1, 0, 1, 0, 1, 1])

    def part(w, rows):
        return w - X[rows].mean(axis=0)

    few = {"examples": 9, "batch": 2, "rate": 0.1, "passes": 1}
    A = rng.normal(size=(3, 3))
    return {
        "descend": {
            "slope": lambda w: 2 * w,
            "w": rng.normal(size=2),
            "rate": 0.1,
            "steps": 3,
        },
        "descend_batches": {
            "slope": part,
            "w": rng.normal(size=2),
            **few,
            "rng": np.random.default_rng(0),
        },
        "curvature": {"slope": lambda w: 2 * w, "w": rng.normal(size=2)},
        "border": {"M": A @ A.T},
        "example_slopes": {"w": rng.normal(size=3), "X": X, "y": y},
        "slope_noise": {"slopes": rng.normal(size=(5, 2)), "batch": 2},
    }


def sgd(loss, w, rate, steps, momentum):
    """PyTorch's path; `loss` takes the weights and the number of the step."""
    w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=rate, momentum=momentum)
    path = [w.detach().clone()]
    for step in range(steps):
        optimizer.zero_grad()
        loss(w, step).backward()
        optimizer.step()
        path.append(w.detach().clone())
    return torch.stack(path).numpy()


TORCH = {
    "bowl": lambda w: w[0] ** 2 + w[1] ** 2,
    "ravine": lambda w: w[0] ** 2 + 10 * w[1] ** 2,
    "valleys": lambda w: (w[0] ** 2 - 4) ** 2 / 16 + w[0] / 4 + w[1] ** 2,
}


def digits_like(rng, n=50, dim=4):
    return rng.normal(size=(n, dim)), rng.integers(0, 2, size=n)


def torch_surprise(X, y, w):
    z = torch.tensor(X) @ w[:-1] + w[-1]
    return torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y).double())


@pytest.mark.agreement
@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_200_steps_equal_pytorchs(rng, agreement, momentum):
    start = rng.uniform(-3, 3, size=2)
    rate = rng.uniform(0.01, 0.09)
    agreement(
        np.array(
            [
                descend(surface.slope, start, rate=rate, steps=200, momentum=momentum)
                for surface in SURFACES.values()
            ]
        ),
        lambda: np.array(
            [sgd(lambda w, _, f=f: f(w), start, rate, 200, momentum) for f in TORCH.values()]
        ),
        what=f"200 steps on three surfaces, momentum {momentum:g}",
        against="torch.optim.SGD on autograd, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_200_steps_on_batches_equal_pytorchs(rng, agreement, momentum):
    X, y = digits_like(rng)
    seed = int(rng.integers(2**31))
    ours = descend_batches(
        lambda w, rows: example_slopes(w, X[rows], y[rows]).mean(axis=0),
        np.zeros(5),
        examples=50,
        batch=7,
        rate=0.2,
        passes=25,
        rng=np.random.default_rng(seed),
        momentum=momentum,
    )

    def theirs():
        shuffled = np.random.default_rng(seed)
        orders = [shuffled.permutation(50) for _ in range(25)]
        cut = [rows for order in orders for rows in np.array_split(order, range(7, 50, 7))]
        return sgd(
            lambda w, t: torch_surprise(X[cut[t]], y[cut[t]], w),
            np.zeros(5),
            0.2,
            len(cut),
            momentum,
        )

    assert len(ours) == 201  # seven batches of 7 and one of 1, 25 times
    agreement(
        ours,
        theirs,
        what=f"200 steps on batches of 50 examples, momentum {momentum:g}",
        against="torch.optim.SGD on BCE with logits, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_the_slopes_of_examples_equal_autograds(rng, agreement):
    X, y = digits_like(rng)
    w = rng.normal(size=5)

    def theirs():
        at = torch.tensor(w)
        return np.array(
            [
                torch.func.grad(lambda v, i=i: torch_surprise(X[i : i + 1], y[i : i + 1], v))(at)
                for i in range(50)
            ]
        )

    agreement(
        example_slopes(w, X, y),
        theirs,
        what="slopes of the surprise of 50 single examples",
        against="torch.func.grad on BCE with logits, float64",
        atol=1e-12,
    )
    with pytest.raises(ValueError, match="bias last"):
        example_slopes(w[:-1], X, y)


@pytest.mark.agreement
def test_the_curvature_equals_autograds(rng, agreement):
    X, y = digits_like(rng)
    w = rng.normal(size=5)
    agreement(
        curvature(lambda v: example_slopes(v, X, y).mean(axis=0), w),
        lambda: torch.autograd.functional.hessian(
            lambda v: torch_surprise(X, y, v), torch.tensor(w)
        ).numpy(),
        what="curvature of the mean surprise, by nudging each weight by 0.0001",
        against="torch.autograd.functional.hessian, float64",
        atol=1e-7,  # a nudge of 1e-4 has an error of its own, near its square
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), name=st.sampled_from(sorted(SURFACES)))
def test_a_surface_and_its_slope_equal_autograds(seed, name):
    at = np.random.default_rng(seed).uniform(-4, 4, size=2)
    w = torch.tensor(at, requires_grad=True)
    value = TORCH[name](w)
    value.backward()
    assert SURFACES[name].loss(at) == pytest.approx(value.item(), rel=1e-12)
    np.testing.assert_allclose(SURFACES[name].slope(at), w.grad, rtol=1e-10, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    dim=st.integers(1, 5),
    momentum=st.sampled_from([0.0, 0.3, 0.9]),
)
def test_the_border_is_where_steps_begin_to_lead_away(seed, dim, momentum):
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(dim, dim))).Q
    M = turn * rng.uniform(0.5, 20, size=dim) @ turn.T
    start = turn.sum(axis=1)  # a share of each direction

    def end(share):
        rate = share * border(M, momentum)
        path = descend(lambda w: M @ w, start, rate=rate, steps=400, momentum=momentum)
        return np.linalg.norm(path[-1])

    assert end(0.98) < 0.5 * np.linalg.norm(start)
    assert end(1.02) > 100 * np.linalg.norm(start)


def test_by_hand():
    def slope(w):
        return 2 * w

    def path(rate, momentum=0.0):
        return descend(slope, np.array([4.0]), rate=rate, steps=3, momentum=momentum)[:, 0]

    assert path(0.25).tolist() == [4, 2, 1, 0.5]
    assert path(0.75).tolist() == [4, -2, 1, -0.5]
    assert path(1).tolist() == [4, -4, 4, -4]
    assert path(1.25).tolist() == [4, -6, 9, -13.5]
    assert path(0.25, 0.5).tolist() == [4, 2, 0, -1]
    four = np.array([4.0])
    assert descend(slope, four, rate=0.25, steps=2)[:, 0].tolist() == [4, 2, 1]
    one = {"examples": 1, "batch": 1, "rate": 0.25, "rng": np.random.default_rng(0)}
    walk = descend_batches(lambda w, rows: slope(w), four, **one, passes=2)
    assert walk[:, 0].tolist() == [4, 2, 1]
    assert border(curvature(slope, np.array([4.0]))) == pytest.approx(1)
    assert border(np.array([[0.5]])) == 4


@pytest.mark.parametrize("bad", [np.zeros((2, 2)), -np.eye(2)])
def test_no_border_without_curvature(bad):
    with pytest.raises(ValueError, match="no direction bends upwards"):
        border(bad)


@pytest.mark.parametrize(
    ("M", "momentum", "told"),
    [
        (np.eye(2), 1.0, "from 0 to below 1"),
        (np.eye(2), -0.1, "from 0 to below 1"),
        (np.array([[2.0, 5.0], [0.0, 2.0]]), 0.0, "not symmetric"),
        (np.diag([20.0, -1.0]), 0.0, "bends downwards"),
    ],
)
def test_a_border_that_does_not_exist_is_refused(M, momentum, told):
    with pytest.raises(ValueError, match=told):
        border(M, momentum)


def test_a_flat_direction_leaves_the_border():
    assert border(np.diag([20.0, 0.0])) == 0.1
    assert border(np.diag([20.0, -1e-6])) == 0.1  # rounding can make a flat one bend


def test_a_curvature_is_symmetric_where_the_slopes_are_not():
    found = curvature(lambda w: np.array([3 * w[1], w[0]]), np.ones(2))
    np.testing.assert_allclose(found, [[0, 2], [2, 0]], atol=1e-9)


def test_walks_of_negative_length_are_refused(rng):
    with pytest.raises(ValueError, match="steps must be 0 or more, got -1"):
        descend(lambda w: w, np.ones(1), rate=0.1, steps=-1)
    some = {"examples": 4, "batch": 1, "rate": 0.1, "passes": 1, "rng": rng}
    for name, value in [("examples", 0), ("passes", -1)]:
        with pytest.raises(ValueError, match=f"{name} must be"):
            descend_batches(lambda w, rows: w, np.ones(1), **{**some, name: value})


def test_walks_of_no_step_stay_where_they_start(rng):
    start = rng.normal(size=2)
    some = {"examples": 4, "batch": 1, "rate": 0.1, "passes": 0, "rng": rng}
    for path in (
        descend(lambda w: w, start, rate=0.1, steps=0),
        descend_batches(lambda w, rows: w, start, **some),
    ):
        np.testing.assert_array_equal(path, [start])


def test_a_slope_that_is_not_a_number_is_told():
    with pytest.raises(FloatingPointError, match="the slope before step 1 is not finite"):
        descend(lambda w: w * np.nan, np.ones(1), rate=0.1, steps=3)
    with pytest.raises(FloatingPointError, match="the slope before step 2 is not finite"):
        descend(lambda w: np.where(w > 2, np.nan, w - 1), np.array([1.0, 2.0]), rate=-1.5, steps=3)


def test_one_huge_weight_is_enough_to_diverge():
    def slope(w):
        return np.where(np.abs(w) > 1, np.inf, -w * 1.5e50)

    for start in ([-1.0, 0, 0, 0], [0, 0, 1.0, 0]):
        with pytest.raises(FloatingPointError, match="diverged; rate 1 is too large"):
            descend(slope, np.array(start), rate=1, steps=4)


def test_a_run_past_all_bounds_is_told():
    with pytest.raises(FloatingPointError, match=r"descend\(\): diverged; rate 9 is too large"):
        descend(lambda w: 2 * w, np.ones(1), rate=9, steps=1000)
    with pytest.raises(FloatingPointError, match=r"descend_batches\(\): diverged"):
        descend_batches(
            lambda w, rows: 2 * w,
            np.ones(1),
            examples=4,
            batch=1,
            rate=9,
            passes=300,
            rng=np.random.default_rng(0),
        )


def test_each_pass_meets_each_example_once_in_a_new_order(rng):
    met = []
    descend_batches(
        lambda w, rows: met.append(rows.tolist()) or 0 * w,
        np.zeros(1),
        examples=10,
        batch=4,
        rate=1.0,
        passes=2,
        rng=rng,
    )
    assert [len(rows) for rows in met] == [4, 4, 2, 4, 4, 2]
    first, second = (list(itertools.chain(*part)) for part in (met[:3], met[3:]))
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second


@pytest.mark.parametrize("batch", [0, -2])
def test_an_empty_batch_is_refused(batch, rng):
    with pytest.raises(ValueError, match="1 example or more"):
        slope_noise(np.ones((3, 2)), batch)
    with pytest.raises(ValueError, match="1 example or more"):
        descend_batches(
            lambda w, rows: w, np.ones(1), examples=4, batch=batch, rate=0.1, passes=1, rng=rng
        )


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_the_noise_equals_that_of_every_batch_there_is(rng, batch):
    slopes = rng.normal(size=(4, 3)) + 1
    drawn = np.array(
        [slopes[list(rows)].mean(axis=0) for rows in itertools.product(range(4), repeat=batch)]
    )
    squares = ((drawn - slopes.mean(axis=0)) ** 2).sum(axis=1)
    assert slope_noise(slopes, batch) == pytest.approx(np.sqrt(squares.mean()), rel=1e-12)


@pytest.mark.browser
@pytest.mark.parametrize("name", sorted(SURFACES))
def test_the_widget_walks_as_python_does(js, rng, name):
    widget = "docs/networks/gradient_descent.js"
    surface = SURFACES[name]
    for momentum in (0.0, 0.6):
        start = rng.uniform(-4, 4, size=2)
        assert js(widget, "loss", name, start.tolist()) == pytest.approx(surface.loss(start))
        rate = rng.uniform(0.01, 0.09)
        ours = descend(surface.slope, start, rate=rate, steps=60, momentum=momentum)
        theirs = js(widget, "walk", name, start.tolist(), rate, momentum, 60)
        np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-9)
        calm = descend(surface.slope, start, rate=0.05, steps=3000)[-1]
        np.testing.assert_allclose(surface.slope(calm), 0, atol=1e-9)
        assert js(widget, "border", name, start.tolist(), momentum) == pytest.approx(
            border(curvature(surface.slope, calm), momentum), rel=1e-6
        )


@pytest.mark.browser
def test_the_widget_stops_where_a_walk_is_far_away(js):
    path = js("docs/networks/gradient_descent.js", "walk", "ravine", [1, 1], 1, 0, 60)
    assert 2 < len(path) < 10
    assert np.linalg.norm(path[-1]) < 1e6
    assert np.linalg.norm(np.subtract(1, 2 * np.array([1, 10])) * path[-1]) > 1e6
