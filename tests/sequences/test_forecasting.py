"""Windows that never look ahead, the rivals against references, and the page against Python."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LinearRegression

from introdl.data import sea_temperature
from introdl.sequences.forecasting import nets
from introdl.sequences.forecasting.errors import block_interval, mase
from introdl.sequences.forecasting.rivals import (
    departures,
    fit_linear,
    linear,
    season_ago,
    usual,
    windows,
)
from introdl.sequences.memory.tasks import AskedGRUs

#: Mutants that nothing tells apart; see tests/mutants.py.
SAME = {
    "loss = (errors.square().mean(dim=(1, 2)).mean())": "Adam divides the size of gradients out",
    "loss = (errors.square().sum(dim=(1, 2))).sum()": "Adam divides the size of gradients out",
    "loss = errors.square().mean(dim=(0, 2)).sum()": "Adam divides the size of gradients out",
    "errors = 2 * (nets(X[:, drawn, None]) - Y[drawn])": "Adam divides the size of gradients out",
    "return nets(X.expand(-1, len(nets.U), -1, 1)).double().numpy()": "a month is one number",
}


def odd_input(rng):
    series, origins = rng.normal(size=20), np.array([6, 9])
    past, future = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    return {
        "windows": {"series": series, "origins": origins, "past": 3, "horizon": 2},
        "season_ago": {"series": series, "origins": origins, "season": 4, "horizon": 6},
        "usual": {"series": series, "known": 10, "season": 4},
        "departures": {"series": series, "means": rng.normal(size=4)},
        "fit_linear": {"past": past, "future": future},
        "linear": {"W": rng.normal(size=(4, 2)), "past": past},
        "mase": {"forecasts": past, "came": rng.normal(size=(7, 3)), "known": series, "season": 4},
        "block_interval": {"differences": series, "size": 5},
        "train": {
            "nets": AskedGRUs([1], 2, (1, 2)), "past": past, "future": future,
            "seeds": [1], "updates": 1, "batch": 2, "lr": 0.01,
        },
        "forecast": {"nets": AskedGRUs([1], 2, (1, 2)), "past": past},
    }  # fmt: skip


def test_the_series_is_the_sea_month_by_month():
    sea = sea_temperature()
    assert sea.shape == (61 * 12,)
    assert sea.dtype == np.float64
    assert (sea[0], sea[11], sea[12]) == (23.11, 21.8, 24.19)
    assert 15 < sea.min() < sea.max() < 32


@given(
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(0, 9)),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=25)
def test_windows_are_what_stands_before_and_what_comes(sizes, seed):
    (past, horizon, more), rng = sizes, np.random.default_rng(seed)
    series = rng.normal(size=past + horizon + more)
    origins = np.arange(past, len(series) - horizon + 1)
    X, Y = windows(series, origins, past, horizon)
    for n, x, y in zip(origins, X, Y, strict=True):
        assert x.tolist() == series[:n][-past:].tolist()
        assert y.tolist() == series[n:][:horizon].tolist()


def test_windows_that_do_not_fit_are_refused():
    series = np.arange(6.0)
    for origin in (1, 6):
        with pytest.raises(ValueError, match=rf"origins {origin} to {origin} do not lie in 2 to 5"):
            windows(series, np.array([origin]), 2, 1)
    for origins in ([1, 4], [2, 6]):  # one of two is enough
        with pytest.raises(ValueError, match="origins {} to {} do not lie".format(*origins)):
            windows(series, np.array(origins), 2, 1)
    for past, horizon in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="must be 1 or more"):
            windows(series, np.array([2]), past, horizon)
    assert windows(series, np.array([], dtype=int), 2, 1)[0].shape == (0, 2)


def test_as_a_season_ago_by_hand():
    series = np.array([20, 24, 26, 22, 21, 24, 28, 22])
    assert season_ago(series, np.array([4, 8]), 4, 6).tolist() == [
        [20, 24, 26, 22, 20, 24], [21, 24, 28, 22, 21, 24],
    ]  # fmt: skip
    for season, horizon in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="must be 1 or more"):
            season_ago(series, np.array([4]), season, horizon)
    for origin in (3, 9):
        with pytest.raises(ValueError, match=rf"origins {origin} to {origin} do not lie in 4 to 8"):
            season_ago(series, np.array([origin]), 4, 1)
    for origins in ([3, 8], [4, 9]):
        with pytest.raises(ValueError, match="origins {} to {} do not lie".format(*origins)):
            season_ago(series, np.array(origins), 4, 1)
    # The shortest season is one month, the last known one.
    assert season_ago(series, np.array([2, 7]), 1, 3).tolist() == [[24] * 3, [28] * 3]


def test_no_rival_looks_past_its_origin(rng):
    series, origin = rng.normal(size=30), np.array([17])
    other = np.concatenate([series[:17], rng.normal(size=13)])
    for rule in (
        lambda s: season_ago(s, origin, 4, 9),
        lambda s: usual(s, 17, 4),
        lambda s: windows(s, origin, 5, 3)[0],
        lambda s: fit_linear(*windows(s, np.arange(3, 17 - 2 + 1), 3, 2)),
    ):
        np.testing.assert_array_equal(rule(series), rule(other))
    assert not np.array_equal(windows(series, origin, 5, 3)[1], windows(other, origin, 5, 3)[1])


def test_the_usual_and_what_departs_from_it(rng):
    series = rng.normal(size=23)
    means = usual(series, 10, 4)
    expected = [np.mean([series[t] for t in range(10) if t % 4 == place]) for place in range(4)]
    np.testing.assert_allclose(means, expected, rtol=1e-12)
    rest = departures(series, means)
    np.testing.assert_allclose(rest, [x - expected[t % 4] for t, x in enumerate(series)])
    assert usual(series, 4, 4).tolist() == series[:4].tolist()
    assert usual(series, 23, 1)[0] == pytest.approx(series.mean())
    for known, season in ((3, 4), (24, 4), (10, 0)):
        with pytest.raises(ValueError, match="must be in this order, from 1 to 23"):
            usual(series, known, season)


def by_scikit_learn(past, future, new):
    return LinearRegression().fit(past, future).predict(new)


@pytest.mark.agreement
def test_the_linear_model_equals_scikit_learns(rng, agreement):
    past, future, new = rng.normal(size=(40, 5)), rng.normal(size=(40, 3)), rng.normal(size=(9, 5))
    agreement(
        linear(fit_linear(past, future), new),
        lambda: by_scikit_learn(past, future, new),
        what="forecasts of a linear model for three horizons, fitted to windows",
        against="scikit-learn's LinearRegression, float64",
        atol=1e-10,
    )


@given(sizes=st.tuples(st.integers(1, 5), st.integers(1, 4)), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=20)
def test_the_linear_model_on_random_shapes(sizes, seed):
    (P, H), rng = sizes, np.random.default_rng(seed)
    past, future, new = (rng.normal(size=s) for s in ((3 * P + 9, P), (3 * P + 9, H), (4, P)))
    found = linear(fit_linear(past, future), new)
    np.testing.assert_allclose(found, by_scikit_learn(past, future, new), atol=1e-9)


def test_mase_by_hand(rng):
    known = np.array([20, 24, 26, 22, 21, 24, 28, 22])  # as a season ago: 1, 0, 2 and 0
    assert mase(np.array([[21, 27], [20, 20]]), np.array([[22, 25], [20, 23]]), known, 4) == 2
    said, came, known = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=19)
    before = np.mean([abs(known[t] - known[t - 5]) for t in range(5, 19)])
    assert mase(said, came, known, 5) == pytest.approx(np.mean(np.abs(said - came)) / before)
    # An error in other units is the same error.
    assert mase(9 * said, 9 * came, 9 * known, 5) == pytest.approx(mase(said, came, known, 5))
    steps = np.abs(np.diff(known)).mean()
    assert mase(said, came, known, 1) == pytest.approx(np.mean(np.abs(said - came)) / steps)
    for season in (0, 19):
        with pytest.raises(ValueError, match=rf"season = {season} must be in 1 to 18"):
            mase(said, came, known, season)
    with pytest.raises(ValueError, match="there is no error"):
        mase(said, came, np.tile([1.0, 2.0], 4), 2)


def test_an_interval_of_blocks_is_students(rng):
    numbers = rng.normal(size=23)
    means = numbers[:20].reshape(4, 5).mean(axis=1)
    expected = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    np.testing.assert_allclose(block_interval(numbers, 5), expected, rtol=1e-10)
    assert np.isfinite(block_interval(numbers[:10], 5)).all()
    for size in (0, 12):
        with pytest.raises(ValueError, match=rf"blocks of {size} from 23 numbers: two are needed"):
            block_interval(numbers, size)


def test_blocks_widen_the_interval_of_neighbours_that_are_alike(rng):
    alike = np.repeat(rng.normal(size=40), 10)
    widths = [np.diff(block_interval(alike, size))[0] for size in (1, 10)]
    assert widths[1] > 2 * widths[0]


def test_training_is_adams_on_each_net_by_itself(rng):
    past, future = rng.normal(size=(30, 5)), rng.normal(size=(30, 3))
    both, alone = AskedGRUs([3, 4], 6, (1, 3)), AskedGRUs([4], 6, (1, 3))
    nets.train(both, past, future, [30, 40], 4, batch=7, lr=0.02)

    layer = torch.nn.GRU(1, 6)
    out = torch.nn.Linear(6, 3)
    other = torch.zeros(18)
    other[12:] = alone.b_heard[0, 0].detach()
    layer.load_state_dict(
        {
            "weight_ih_l0": alone.U[0].detach().T, "weight_hh_l0": alone.W[0].detach().T,
            "bias_ih_l0": alone.b[0, 0].detach(), "bias_hh_l0": other,
        }
    )  # fmt: skip
    out.load_state_dict({"weight": alone.out[0].detach().T, "bias": alone.out_bias[0, 0].detach()})
    # PyTorch's layer has a second bias for each gate, which would learn, too.
    layer.bias_hh_l0.register_hook(lambda g: torch.cat([torch.zeros(12), g[12:]]))
    optimizer = torch.optim.Adam([*layer.parameters(), *out.parameters()], 0.02)
    source = np.random.default_rng(40)
    for _ in range(4):
        drawn = source.integers(30, size=7)
        X = torch.tensor(past[drawn].T, dtype=torch.float32)[..., None]
        loss = torch.nn.functional.mse_loss(
            out(layer(X)[0][-1]), torch.tensor(future[drawn], dtype=torch.float32)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    said = nets.forecast(both, past)
    assert said.shape == (2, 30, 3)
    expected = out(layer(torch.tensor(past.T, dtype=torch.float32)[..., None])[0][-1])
    np.testing.assert_allclose(said[1], expected.detach(), atol=1e-4)
    assert np.abs(said[0] - said[1]).max() > 0.01


def test_nets_learn_a_plain_rule(rng):
    past = rng.normal(size=(300, 4))
    future = past[:, -1:] * [0.5, -0.5]
    made = AskedGRUs([1, 2], 8, (1, 2))
    before = np.abs(nets.forecast(made, past) - future).mean(axis=(1, 2))
    nets.train(made, past, future, [1, 2], 150, batch=32, lr=0.03)
    after = np.abs(nets.forecast(made, past) - future).mean(axis=(1, 2))
    assert (after < before / 3).all()


def drawn_models(rng, fits=4, units=5, lags=3):
    """Arrays as the example publishes them, and the nets in them."""
    arrays, made = {"sea": rng.normal(22, 2, size=732)}, AskedGRUs([7, 8, 9, 10], units, (1, 12))
    for k in range(fits):
        U, W, b, b_heard = made.weights(k)
        other = np.zeros(len(b))
        other[2 * units :] = b_heard
        arrays |= {
            f"{k}_usual": rng.normal(22, 2, size=12),
            f"{k}_linear": rng.normal(size=(lags + 1, 12)),
            f"{k}_scale": np.array([1.0 + k]), f"{k}_weight_ih": U.T, f"{k}_weight_hh": W.T,
            f"{k}_bias_ih": b, f"{k}_bias_hh": other,
            f"{k}_out_weight": made.out[k].detach().numpy().T,
            f"{k}_out_bias": made.out_bias[k, 0].detach().numpy(),
        }  # fmt: skip
    return {name: array.astype(np.float32) for name, array in arrays.items()}, made


@pytest.mark.browser
@pytest.mark.parametrize(("origin", "k"), [(480, 0), (539, 0), (540, 1), (655, 2), (719, 3)])
def test_the_page_forecasts_as_python_does(js, rng, origin, k):
    arrays, made = drawn_models(rng)
    found = js("docs/sequences/forecasting.js", "forecasts", arrays, origin)
    here, means, scale = np.array([origin]), arrays[f"{k}_usual"], 1.0 + k
    rest = departures(arrays["sea"], means)
    base = means[(origin + np.arange(12)) % 12]
    read = windows(rest, here, 12, 12)[0] / scale
    expected = {
        "season": season_ago(arrays["sea"], here, 12, 12)[0],
        "usual": base,
        "linear": base + linear(arrays[f"{k}_linear"], windows(rest, here, 3, 12)[0])[0],
        "gru": base + scale * nets.forecast(made, read)[k, 0],
    }
    assert set(found) == set(expected)
    for name, numbers in expected.items():
        np.testing.assert_allclose(found[name], numbers, rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("place", "said"), [(0, "January 1950"), (568, "May 1997"), (731, "December 2010")]
)
def test_the_page_names_months(js, place, said):
    assert js("docs/sequences/forecasting.js", "named", place) == said
