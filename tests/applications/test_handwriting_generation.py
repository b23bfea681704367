"""The mixture against SciPy and torch.distributions, the net against nn.GRU, and the twin."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.ndimage import distance_transform_edt
from torch import nn

from introdl.applications.handwriting_generation import (
    LONGEST,
    Writer,
    choose,
    distances,
    fit_writers,
    mean_path,
    mixture_loss,
    render,
    resample,
    split,
    to_lines,
    to_steps,
    trace,
    variety,
    write,
)
from introdl.applications.handwriting_generation.net import CELLS, _table, inputs, loss
from introdl.applications.handwriting_generation.strokes import DRAW, LIFT, STOP

SCRIPT = "docs/applications/handwriting_generation.js"

SAME = {
    "p = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-2, 1, 2) # (side², 1, 2)": "NumPy"
    " works out any negative length",
}


def odd_input(rng):
    pen = np.column_stack([rng.normal(size=(5, 2)), [0, 0, 1, 0, 2]])
    return {
        "checked": {"several": [pen], "columns": 3, "name": "several"},
        "to_steps": {"strokes": [rng.normal(size=(6, 2)), rng.normal(size=(4, 2))]},
        "mean_path": {"paths": [pen, pen[1:]]},
        "fit_writers": {
            "paths": [pen, pen[1:]],
            "digit": np.array([3, 8]),
            "seeds": [0],
            "passes": 1,
        },
        "write": {
            "net": Writer(2),
            "digit": np.array([3, 0, 8]),
            "u": rng.random((3, 2, 4)),
            "start": pen[:2],
        },
        "trace": {"picture": rng.random((9, 11))},
        "resample": {"line": rng.normal(size=(6, 2)), "step": 0.3},
        "to_lines": {
            "steps": np.column_stack([rng.normal(size=(5, 2)), [1, 0, 0, 1, 2]]),
            "step": 4.0,
        },
        "render": {"steps": np.column_stack([rng.normal(size=(5, 2)), [1, 0, 0, 1, 2]])},
        "distances": {"one": rng.random((4, 3, 5)), "other": rng.random((6, 3, 5))},
        "variety": {"pictures": rng.random((4, 3, 5))},
        "mixture_loss": {
            "x": 0.3,
            "weights": rng.dirichlet(np.ones(3)),
            "means": rng.normal(size=3),
            "sds": rng.uniform(0.5, 2, size=3),
        },
    }


@pytest.mark.agreement
def test_the_loss_of_one_number_is_scipys(rng, agreement):
    x, w, m = rng.normal(), rng.dirichlet(np.ones(4)), rng.normal(size=4)
    sd = rng.uniform(0.2, 3, size=4)
    agreement(
        np.array(mixture_loss(x, w, m, sd)),
        lambda: -np.log(np.sum(w * stats.norm.pdf(x, m, sd))),
        what="loss of a mixture of four Gaussians",
        against="SciPy's normal density, float64",
        atol=1e-12,
    )


def test_the_cases_by_hand():
    sides, half = np.array([-1.0, 1.0]), np.full(2, 0.5)
    assert mixture_loss(1.0, np.ones(1), np.zeros(1), np.ones(1)) == pytest.approx(1.42, abs=5e-3)
    assert mixture_loss(1.0, half, sides, half) == pytest.approx(0.92, abs=5e-3)
    assert mixture_loss(1.0, np.array([0.75, 0.25]), sides, half) == pytest.approx(1.61, abs=5e-3)
    third = mixture_loss(1.0, np.ones(3) / 3, np.array([-1.0, 0, 1]), np.full(3, 0.5))
    assert 1.15 < third < 1.32


@pytest.mark.parametrize(("weights", "sds"), [([0.5, 0.5], [1.0, 0.0]), ([0.5, 0.6], [1.0, 1.0])])
def test_a_mixture_that_is_none_is_refused(weights, sds):
    with pytest.raises(ValueError, match="weights add up to 1, and sds are above 0"):
        mixture_loss(0.0, np.array(weights), np.zeros(2), np.array(sds))


@pytest.mark.parametrize("parts", [1, 3])
def test_the_loss_of_a_path_is_that_of_torch_distributions(rng, parts):
    said = torch.tensor(rng.normal(size=(4, 7, 6 * parts + 3)))
    steps = torch.tensor(
        np.concatenate([rng.normal(size=(4, 7, 2)), rng.integers(3, size=(4, 7, 1))], -1)
    )
    mask = torch.tensor((np.arange(7) < np.array([[7], [2], [5], [1]])).astype(float))
    logits, mean, spread, tilt, pen = split(said)
    sd = spread.exp()
    cross = tilt * sd.prod(-1)
    cov = torch.stack(
        [torch.stack([sd[..., 0] ** 2, cross], -1), torch.stack([cross, sd[..., 1] ** 2], -1)], -2
    )
    where = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(logits=logits),
        torch.distributions.MultivariateNormal(mean, cov),
    ).log_prob(steps[..., :2])
    did = torch.distributions.Categorical(logits=pen).log_prob(steps[..., 2])
    expected = -((where + did) * mask).sum() / mask.sum()
    assert float(loss(said, steps, mask)) == pytest.approx(float(expected), abs=1e-9)


def test_spreads_and_tilts_stay_within_what_the_page_says():
    said = torch.full((1, 15), -50.0)
    _, _, spread, tilt, _ = split(said)
    assert (spread >= -3.5).all()
    assert (tilt.abs() <= 0.95).all()
    _, mean, spread, tilt, pen = split(torch.arange(15.0)[None])
    assert mean.flatten().tolist() == [2, 3, 4, 5]
    assert spread.flatten().tolist() == pytest.approx([6, 7, 8, 9], abs=1e-4)
    assert pen.flatten().tolist() == [12, 13, 14]


@pytest.fixture
def net(rng):
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        return Writer(3)


def test_the_net_is_pytorchs_gru(rng, net):
    gru = nn.GRU(13, CELLS, batch_first=True)
    gru.load_state_dict({f"{n}_l0": p for n, p in net.named_parameters() if "out" not in n})
    x = torch.tensor(rng.normal(size=(4, 6, 13)), dtype=torch.float32)
    with torch.no_grad():
        np.testing.assert_allclose(net(x), net.out(gru(x)[0]), atol=1e-5)


def test_a_writer_has_the_size_that_the_page_states():
    net = Writer()
    assert CELLS == 48
    assert net.out.out_features == 6 * 5 + 3


def test_the_net_reads_the_last_step_and_the_digit():
    steps = torch.tensor([[[0.5, -1.0, DRAW], [2.0, 3.0, STOP]]])
    x = inputs(steps, torch.tensor([7]))
    assert x[0, :, :3].tolist() == [[0, 0, LIFT], [0.5, -1, DRAW], [2, 3, STOP]]
    assert (x[0, :, 3:] == torch.eye(10)[7]).all()


def test_drawn_steps_have_the_means_and_spreads_of_the_mixture(rng):
    parts, count = 2, 40_000
    row = torch.tensor(rng.normal(size=6 * parts + 3))
    logits, mean, spread, tilt, pen = (v[0] for v in split(row[None]))
    u = torch.tensor(rng.random((count, 4)))
    for bias in (0.0, 1.0):
        found = choose(row.expand(count, -1), u, bias).numpy()
        w = (logits * (1 + bias)).softmax(-1).numpy()
        m, s = mean.numpy(), (spread - bias).exp().numpy()
        middle = w @ m
        np.testing.assert_allclose(found[:, :2].mean(0), middle, atol=0.1)
        cross = w @ (tilt.numpy() * s.prod(-1) + (m - middle).prod(-1))
        assert np.cov(found[:, :2].T)[0, 1] == pytest.approx(cross, abs=0.15)
        square = w @ (s**2 + (m - middle) ** 2)
        np.testing.assert_allclose(found[:, :2].var(0), square, rtol=0.1)
        shares = np.bincount(found[:, 2].astype(int), minlength=3) / count
        np.testing.assert_allclose(shares, (pen * (1 + bias)).softmax(-1), atol=0.02)


def test_a_writer_learns_two_paths_and_stops():
    """Two digits, one path each: after training the net writes them."""
    right = np.array([[0, -1, DRAW], [1, 0, DRAW], [1, 0, STOP]], dtype=float)
    down = np.array([[-1, 0, DRAW], [0, 1, LIFT], [0, 1, DRAW], [0, 1, STOP]], dtype=float)
    before = torch.random.get_rng_state()
    random = np.random.default_rng(1)
    paths = [one + [0.2, 0.2, 0] * random.normal(size=one.shape) for one in [right, down] * 10]
    given = paths, np.array([3, 8] * 10), [0, 1]
    nets = fit_writers(*given, parts=2, passes=100, batch=20, rate=0.02)
    assert torch.equal(torch.random.get_rng_state(), before)
    u = np.random.default_rng(0).random((2, LONGEST, 4))
    for net in nets:
        for found, true in zip(write(net, np.array([3, 8]), u, 9.0), (right, down), strict=True):
            assert found.shape == true.shape
            np.testing.assert_array_equal(found.round(), true)
    goes_on = write(nets[0], np.array([8]), u[:1], 9.0, start=down[:2])[0]
    np.testing.assert_array_equal(goes_on.round(), down)
    assert not torch.equal(nets[0].weight_hh, nets[1].weight_hh)


def test_a_table_is_filled_up():
    steps, mask = _table([np.ones((2, 3)), np.ones((3, 3))])
    assert mask.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert not steps[0, 2].any()


def cross_picture():
    picture = np.zeros((15, 15))
    picture[7, 2:13] = picture[2:13, 7] = 1
    return picture


def test_a_trace_goes_straight_over_a_crossing_and_covers_all_ink():
    down, *rest = trace(cross_picture())
    assert down[0].tolist() == [7, 2]
    assert down[-1].tolist() == [7, 12]
    covered = np.concatenate([down, *rest])
    assert len(np.unique(covered, axis=0)) == 21


def test_a_ring_is_closed_and_a_speck_is_dropped():
    y, x = np.mgrid[:20, :20]
    ring = (np.abs(np.hypot(y - 9, x - 9) - 6) < 1).astype(float)
    ring[0, 0] = 1
    (line,) = trace(ring)
    assert np.hypot(*(line[0] - line[-1])) < 1.5
    assert line[0, 1] == line[:, 1].min()


def test_a_line_is_cut_into_equal_steps(rng):
    line = np.cumsum(rng.normal(size=(9, 2)), axis=0)
    cut = resample(line, 0.5)
    np.testing.assert_allclose(cut[[0, -1]], line[[0, -1]])
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    assert len(cut) == round(length / 0.5) + 1
    straight = resample(np.array([[0.0, 0], [3, 4]]), 1)
    np.testing.assert_allclose(np.diff(straight, axis=0), np.tile([0.6, 0.8], (5, 1)))


def test_steps_lead_back_to_the_strokes():
    strokes = [np.array([[2.0, 3], [2, 11]]), np.array([[9.0, 9], [17, 9]])]
    steps = to_steps(strokes)
    assert steps[:, 2].tolist() == [DRAW, DRAW, LIFT, DRAW, DRAW, STOP]
    np.testing.assert_allclose(steps[0, :2], [(2 - 13.5) / 4, (3 - 13.5) / 4])
    one, two = to_lines(np.vstack([steps, [[9, 9, DRAW]]]))
    np.testing.assert_allclose(one, [[2, 3], [2, 7], [2, 11]])
    np.testing.assert_allclose(two, [[9, 9], [13, 9], [17, 9]])


def test_ink_lies_where_the_pen_went(rng):
    steps = to_steps([np.array([[4.0, 20], [4, 6], [20, 6]]), np.array([[12.0, 12], [18, 22]])])
    fine = np.ones((560, 560), dtype=bool)  # 20 to a pixel; False on the lines
    for line in to_lines(steps):
        for a, b in pairwise(line):
            for p in np.linspace(a, b, 400):
                column, row = ((p + 0.5) * 20).astype(int)
                fine[row, column] = False
    gap = distance_transform_edt(fine) / 20
    places = (np.arange(14) * 40 + 20).astype(int)
    np.testing.assert_allclose(
        render(steps), (2.2 - gap[np.ix_(places, places)]).clip(0, 1), atol=0.1
    )


def test_distances_and_variety_are_those_of_pairs(rng):
    one, other = rng.random((4, 3, 5)), rng.random((6, 3, 5))
    found = distances(one, other)
    for i, j in ((0, 0), (3, 5)):
        assert found[i, j] == pytest.approx(np.sqrt(np.mean((one[i] - other[j]) ** 2)))
    pairs = [found_ for i, found_ in np.ndenumerate(distances(one, one)) if i[0] != i[1]]
    assert variety(one) == pytest.approx(np.mean(pairs), abs=1e-6)


def test_a_mean_path_lies_between():
    one = to_steps([np.array([[4.0, 4], [4, 24]])])
    two = to_steps([np.array([[8.0, 4], [8, 24]])])
    (line,) = to_lines(mean_path([one, two], 6))
    np.testing.assert_allclose(line, [[6, y] for y in (4, 8, 12, 16, 20, 24)], atol=0.1)


def arrays(net):
    return {name: p.detach().numpy() for name, p in net.named_parameters()}


@pytest.mark.browser
def test_the_figure_writes_as_python_does(js, rng, net):
    for bias in (0.0, 1.5):
        digit, u = int(rng.integers(10)), rng.random((8, 4))
        found = js(SCRIPT, "write", arrays(net), digit, u.tolist(), bias)
        np.testing.assert_allclose(
            found, write(net, np.array([digit]), u[None], bias)[0], atol=1e-4
        )


@pytest.mark.browser
def test_the_figure_goes_on_as_python_does(js, rng, net):
    start = np.array([[0.0, -2, DRAW], [1, 0, DRAW]])
    u = rng.random((5, 4))
    found = js(SCRIPT, "write", arrays(net), 4, u.tolist(), 1.0, start.tolist())
    expected = write(net, np.array([4]), u[None], 1.0, start=start)[0]
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.browser
def test_the_figure_cuts_and_places_as_python_does(js, rng):
    line = 14 + np.cumsum(rng.normal(size=(9, 2)), axis=0)
    cut = np.array(js(SCRIPT, "toSteps", line.tolist()))
    expected = to_steps([line])
    np.testing.assert_allclose(cut[:, :2], expected[:, :2], atol=1e-9)
    assert not cut[:, 2].any()
    found = np.array(js(SCRIPT, "places", expected.tolist()), dtype=float)
    np.testing.assert_allclose(found[:, :2], to_lines(expected)[0], atol=1e-9)
    assert found[:, 2].tolist() == [0] + [1] * (len(expected) - 1)


@pytest.mark.browser
def test_an_ellipse_has_the_axes_of_the_covariance(js, rng):
    s, t = rng.uniform(0.3, 2, size=2)
    r = rng.uniform(-0.9, 0.9)
    a, b, angle = js(SCRIPT, "ellipse", [s, t], r)
    cov = np.array([[s * s, r * s * t], [r * s * t, t * t]])
    turn = np.radians(angle)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    np.testing.assert_allclose(axes @ np.diag([a * a, b * b]) @ axes.T, cov, atol=1e-9)
