"""The price against scikit-learn and weight_decay, dropout and training against PyTorch."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from introdl.networks.regularization import (
    Nets,
    all_shifts,
    drop_mask,
    fit,
    noisy_wave,
    powers,
    ridge,
    slopes,
    start,
    surprise,
)

WIDGET = "docs/networks/regularization.js"


def draw_nets(rng, runs=3, n_inputs=5, hidden=4, classes=3):
    shapes = [
        (runs, n_inputs, hidden),
        (runs, 1, hidden),
        (runs, hidden, classes),
        (runs, 1, classes),
    ]
    return Nets(*(rng.normal(size=shape) for shape in shapes))


def odd_input(rng):
    X, y = rng.normal(size=(6, 5)), np.array([0, 1, 2, 0, 1, 2])
    nets, prices = draw_nets(rng), np.array([0.0, 0.1, 0.2])
    return {
        "noisy_wave": {"x": rng.normal(size=4), "rng": np.random.default_rng(0), "noise": 0.2},
        "powers": {"x": rng.normal(size=4), "degree": 2},
        "ridge": {"X": X, "y": rng.normal(size=6), "penalty": 0.5},
        "drop_mask": {
            "shape": (2, 3),
            "drop": np.array([0.2, 0.3, 0.0]),
            "rng": np.random.default_rng(0),
        },
        "all_shifts": {"images": rng.random(size=(2, 4, 3)), "most": 1},
        "surprise": {"z": rng.normal(size=(2, 6, 3)), "y": y},
        "slopes": {
            "nets": nets,
            "X": X,
            "y": y,
            "mask": np.ones((3, 6, 4)),
            "penalty": prices,
        },
        "fit": {
            "nets": nets,
            "X": X,
            "y": y,
            "passes": 1,
            "batch": 4,
            "rate": 0.1,
            "rng": np.random.default_rng(0),
            "penalty": prices,
            "drop": prices,
        },
        "Nets.scores": {"self": nets, "X": X},
    }


def torch_net(nets, run):
    """Plain layers of PyTorch with the weights of one run."""
    n_inputs, hidden = nets.W1.shape[1:]
    layers = torch.nn.Linear(n_inputs, hidden), torch.nn.Linear(hidden, nets.W2.shape[2])
    for layer, W, b in zip(layers, (nets.W1, nets.W2), (nets.b1, nets.b2), strict=True):
        layer.double()
        layer.weight.data = torch.tensor(W[run].T)
        layer.bias.data = torch.tensor(b[run, 0])
    return layers


def torch_loss(layers, X, y, mask):
    A = torch.relu(layers[0](torch.tensor(X))) * torch.tensor(mask)
    return torch.nn.functional.cross_entropy(layers[1](A), torch.tensor(y))


def weights_of(layers):
    return [part for layer in layers for part in (layer.weight.data.T, layer.bias.data[None])]


@pytest.mark.agreement
@pytest.mark.parametrize("penalty", [1e-3, 0.7, 40.0])
def test_the_priced_weights_equal_scikit_learns(rng, agreement, penalty):
    X, y = rng.normal(size=(20, 6)), rng.normal(size=20)

    def theirs():
        model = Ridge(alpha=penalty, solver="cholesky").fit(X, y)
        return np.append(model.intercept_, model.coef_)

    agreement(
        ridge(np.column_stack([np.ones(20), X]), y, penalty),
        theirs,
        what=f"weights with the price {penalty:g}, the constant free",
        against="sklearn.linear_model.Ridge, float64",
        atol=1e-10,
    )


@pytest.mark.agreement
def test_dropout_under_one_mask_equals_pytorchs(rng, agreement):
    """PyTorch draws the mask; ours multiplies the same units by the same factor."""
    a, outgoing, p = rng.normal(size=(7, 9)), rng.normal(size=(7, 9)), 0.3
    given = torch.tensor(a, requires_grad=True)
    seed = int(rng.integers(2**31))

    def theirs():
        torch.manual_seed(seed)
        out = torch.nn.functional.dropout(given, p, training=True)
        (out * torch.tensor(outgoing)).sum().backward()
        return np.concatenate([out.detach().numpy(), given.grad.numpy()])

    torch.manual_seed(seed)
    stays = torch.nn.functional.dropout(torch.ones(7, 9, dtype=torch.float64), p).numpy() > 0

    class Same:
        """Hands out numbers for which our rule drops the same units."""

        def random(self, shape):
            return np.where(stays, 0.9, 0.1)

    mask = drop_mask((7, 9), np.array(p), Same())
    agreement(
        np.concatenate([a * mask, outgoing * mask]),
        theirs,
        what="dropout under a shared mask, outputs and slopes",
        against="torch.nn.functional.dropout on autograd, float64",
        atol=1e-12,
    )


@pytest.mark.agreement
def test_slopes_under_a_mask_and_a_price_equal_autograds(rng, agreement):
    X, y = rng.normal(size=(8, 5)), rng.integers(0, 3, size=8)
    nets, penalty = draw_nets(rng), np.array([0.0, 0.2, 1.5])
    mask = drop_mask((3, 8, 4), np.array(0.4), rng)

    def theirs():
        found = []
        for run in range(3):
            layers = torch_net(nets, run)
            price = sum((layer.weight**2).sum() for layer in layers) * penalty[run] / 2
            (torch_loss(layers, X, y, mask[run]) + price).backward()
            for layer in layers:
                found += [layer.weight.grad.T.numpy().ravel(), layer.bias.grad.numpy()]
        return np.concatenate(found)

    ours = slopes(nets, X, y, mask, penalty)
    agreement(
        np.concatenate([part[run].ravel() for run in range(3) for part in ours]),
        theirs,
        what="slopes of three nets under dropout masks, each with its price of weights",
        against="autograd on cross-entropy plus ½ λ Σ weights², float64",
        atol=1e-12,
    )


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    runs=st.integers(1, 3),
    n_inputs=st.integers(1, 6),
    hidden=st.integers(1, 6),
    classes=st.integers(2, 4),
)
def test_slopes_and_surprise_equal_autograds_in_any_shape(seed, runs, n_inputs, hidden, classes):
    rng = np.random.default_rng(seed)
    nets = draw_nets(rng, runs, n_inputs, hidden, classes)
    X, y = rng.normal(size=(runs, 5, n_inputs)), rng.integers(0, classes, size=5)
    mask = drop_mask((runs, 5, hidden), np.array(0.5), rng)
    ours = slopes(nets, X, y, mask, np.zeros(runs))
    for run in range(runs):
        layers = torch_net(nets, run)
        torch_loss(layers, X[run], y, mask[run]).backward()
        theirs = [g for la in layers for g in (la.weight.grad.T, la.bias.grad[None])]
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine[run], other, rtol=1e-10, atol=1e-12)
        whole = torch_loss(layers, X[0], y, np.ones((5, hidden))).item()
        assert surprise(nets.scores(X[0]), y)[run] == pytest.approx(whole, rel=1e-10)


@pytest.mark.agreement
def test_200_steps_equal_pytorchs_sgd_with_weight_decay(rng, agreement):
    X, y = rng.normal(size=(30, 5)), np.arange(30) % 3
    nets, penalty, drop = draw_nets(rng), np.array([0.0, 0.05, 0.3]), np.array([0.5, 0.0, 0.2])
    seed = int(rng.integers(2**31))
    ours = fit(
        nets,
        X,
        y,
        passes=50,
        batch=8,
        rate=0.02,
        rng=np.random.default_rng(seed),
        penalty=penalty,
        drop=drop,
    )

    def theirs():
        both, end = np.random.default_rng(seed), []
        draws = []
        for _ in range(50):
            order = both.permutation(30)
            for rows in np.split(order, [8, 16, 24]):
                draws.append((rows, both.random((3, len(rows), 4))))
        for run in range(3):
            layers = torch_net(nets, run)
            by_kind = [
                {"params": [la.weight for la in layers], "weight_decay": penalty[run]},
                {"params": [la.bias for la in layers]},
            ]
            optimizer = torch.optim.SGD(by_kind, lr=0.02, momentum=0.9)
            for rows, chance in draws:
                optimizer.zero_grad()
                mask = (chance[run] >= drop[run]) / (1 - drop[run])
                torch_loss(layers, X[rows], y[rows], mask).backward()
                optimizer.step()
            end += [part.numpy().ravel() for part in weights_of(layers)]
        return np.concatenate(end)

    agreement(
        np.concatenate([part[run].ravel() for run in range(3) for part in ours]),
        theirs,
        what="200 steps of three nets with weight decay, dropout and momentum",
        against="torch.optim.SGD with weight_decay, the same masks, float64",
        atol=1e-10,
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), degree=st.integers(1, 6), scale=st.integers(-3, 2))
def test_no_other_weights_cost_less(seed, degree, scale):
    """The gradient of the priced error, by PyTorch, is 0 at the solution."""
    rng = np.random.default_rng(seed)
    X, y, penalty = powers(rng.uniform(-1, 1, size=9), degree), rng.normal(size=9), 10.0**scale
    w = torch.tensor(ridge(X, y, penalty), requires_grad=True)
    errors = torch.tensor(X) @ w - torch.tensor(y)
    ((errors**2).sum() / 2 + penalty * (w[1:] ** 2).sum() / 2).backward()
    np.testing.assert_allclose(w.grad, 0, atol=1e-9)


def test_by_hand():
    X, y = np.array([[0.0, 1.0], [0.0, 2.0]]), np.array([1.0, 4.0])
    for penalty, weight in [(0, 1.8), (1, 1.5), (4, 1.0), (13, 0.5), (85, 0.1)]:
        assert ridge(X, y, penalty)[1] == pytest.approx(weight)


def test_without_a_price_the_curve_meets_every_point(rng):
    x = np.linspace(-1, 1, 10)
    y = noisy_wave(x, rng)
    np.testing.assert_allclose(powers(x, 9) @ ridge(powers(x, 9), y, 0), y, atol=1e-9)


def test_the_wave_and_its_noise(rng):
    x = rng.uniform(-1, 1, size=20_000)
    rest = noisy_wave(x, rng) - np.sin(np.pi * x)
    assert rest.mean() == pytest.approx(0, abs=0.02)
    assert rest.std() == pytest.approx(0.3, abs=0.02)
    drawn = np.random.default_rng(1).normal(scale=0.3, size=5)  # it is added as it is drawn
    np.testing.assert_allclose(noisy_wave(np.zeros(5), np.random.default_rng(1)), drawn)


@pytest.mark.parametrize("drop", [0.0, 0.25, 0.8])
def test_a_mask_averages_one(rng, drop):
    mask = drop_mask((200, 300), np.array(drop), rng)
    assert mask.mean() == pytest.approx(1, abs=0.05)
    assert (mask == 0).mean() == pytest.approx(drop, abs=0.02)
    np.testing.assert_allclose(np.unique(mask[mask > 0]), 1 / (1 - drop))


@pytest.mark.parametrize("drop", [-0.1, 1.0])
def test_a_share_that_cannot_be_dropped_is_refused(rng, drop):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        drop_mask((2,), np.array(drop), rng)


@pytest.mark.parametrize("most", [0, 1, 3, 6])
def test_shifts_equal_a_loop(rng, most):
    images = rng.random((2, 5, 4))
    expected = np.zeros((2, 2 * most + 1, 2 * most + 1, 5, 4))
    reach = range(-most, most + 1)
    for down, right, row, column in itertools.product(reach, reach, range(5), range(4)):
        if 0 <= row - down < 5 and 0 <= column - right < 4:
            expected[:, most + down, most + right, row, column] = images[
                :, row - down, column - right
            ]
    np.testing.assert_array_equal(all_shifts(images, most), expected)
    with pytest.raises(ValueError, match="most must be 0 or more"):
        all_shifts(images, -1)


def test_first_weights_have_hes_spread(rng):
    nets = start(4, 200, 100, 50, rng)
    assert [part.dtype for part in nets] == [np.float32] * 4
    assert nets.W1.std() == pytest.approx(np.sqrt(2 / 200), rel=0.05)
    assert nets.W2.std() == pytest.approx(np.sqrt(2 / 100), rel=0.05)
    assert [part.shape for part in nets] == [(4, 200, 100), (4, 1, 100), (4, 100, 50), (4, 1, 50)]
    assert not nets.b1.any()
    assert not nets.b2.any()


def test_training_changes_inputs_and_is_watched(rng):
    X, y = rng.normal(size=(10, 5)), np.arange(10) % 3
    nets, rows_seen, seen = draw_nets(rng), [], []
    common = {"passes": 2, "batch": 4, "rate": 0.1, "penalty": np.zeros(3), "drop": np.zeros(3)}

    def change(rows):
        rows_seen.append(rows)
        return np.stack([X[rows], X[rows], 2 * X[rows]])

    first = [part.copy() for part in nets]
    end = fit(
        nets,
        X,
        y,
        **common,
        rng=np.random.default_rng(1),
        change=change,
        watch=lambda now: seen.append(now.W1.copy()),
    )
    plain = fit(nets, X, y, **common, rng=np.random.default_rng(1))
    double = fit(nets, 2 * X, y, **common, rng=np.random.default_rng(1))
    np.testing.assert_allclose(end.W1[:2], plain.W1[:2])
    np.testing.assert_allclose(end.W1[2], double.W1[2])
    for before, after in zip(first, nets, strict=True):
        np.testing.assert_array_equal(before, after)
    assert len(seen) == 3
    np.testing.assert_array_equal(seen[0], nets.W1)
    np.testing.assert_array_equal(seen[-1], end.W1)
    assert [len(rows) for rows in rows_seen] == [4, 4, 2, 4, 4, 2]
    assert sorted(np.concatenate(rows_seen[:3])) == list(range(10))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"y": np.array([0, 1, 3, 0])}, "labels must be 0 to 2"),
        ({"y": np.array([0, 1, -1, 0])}, "labels must be 0 to 2"),
        ({"passes": 0}, "must be 1 or more"),
        ({"batch": 0}, "must be 1 or more"),
    ],
)
def test_training_that_cannot_be_is_refused(rng, change, told):
    some = {
        "nets": draw_nets(rng),
        "X": rng.normal(size=(4, 5)),
        "y": np.array([0, 1, 2, 0]),
        "passes": 1,
        "batch": 2,
        "rate": 0.1,
        "rng": rng,
        "penalty": np.zeros(3),
        "drop": np.zeros(3),
    }
    with pytest.raises(ValueError, match=told):
        fit(**{**some, **change})


def test_a_run_past_all_bounds_is_told(rng):
    with pytest.raises(FloatingPointError, match=r"diverged; rate 1e\+300 is too large"):
        fit(
            draw_nets(rng),
            rng.normal(size=(4, 5)),
            np.array([0, 1, 2, 0]),
            passes=9,
            batch=2,
            rate=1e300,
            rng=rng,
            penalty=np.ones(3),
            drop=np.zeros(3),
        )


def test_a_single_part_past_all_bounds_is_told(rng):
    some = {"passes": 1, "batch": 4, "penalty": np.zeros(3), "drop": np.zeros(3), "rng": rng}
    nets, X = draw_nets(rng), rng.normal(size=(4, 5)) * 1e200
    nets.W1[..., 0], nets.b1[..., 0] = 0, -1  # a unit that is silent, so that some weights stay
    with pytest.raises(FloatingPointError, match="diverged"):
        fit(nets, X, np.array([0, 1, 2, 0]), rate=1e200, **some)


def test_a_batch_of_one_with_one_label_is_enough(rng):
    some = {"penalty": np.zeros(3), "drop": np.zeros(3), "rng": rng, "rate": 0.1}
    X, y, nets = rng.normal(size=(2, 5)), np.array([2, 2]), draw_nets(rng)
    end = fit(nets, X, y, passes=1, batch=1, **some)
    assert not np.allclose(end.W1, nets.W1)


def test_the_surprise_of_huge_scores_is_finite():
    assert surprise(np.array([[2000.0, 0.0], [0.0, 0.0]]), np.array([0, 1])) == pytest.approx(
        np.log(2) / 2
    )
    assert surprise(np.array([[2000.0, 0.0]]), np.array([1])) == 2000


def test_the_slopes_of_huge_scores_are_autograds(rng):
    nets, X, y = draw_nets(rng), rng.normal(size=(6, 5)), np.array([0, 1, 2, 0, 1, 2])
    nets.b2[:, 0] = [2000, 0, -2000], [-2000, 2000, 0], [0, -2000, 2000]  # e to these is no number
    found = slopes(nets, X, y, np.ones((3, 6, 4)), np.zeros(3))
    for run in range(3):
        layers = torch_net(nets, run)
        torch_loss(layers, X, y, np.ones((6, 4))).backward()
        np.testing.assert_allclose(found.b2[run, 0], layers[1].bias.grad, atol=1e-12)


def test_a_unit_stays_if_its_draw_is_the_share_itself():
    class Draws:
        def random(self, shape):
            return np.array([0.25, 0.24])

    assert drop_mask((2,), np.array(0.25), Draws()).tolist() == [1 / 0.75, 0]


def test_slopes_refuse_inputs_of_another_width(rng):
    for shape in (6, 5, 1), (1, 3, 6, 5):
        with pytest.raises(ValueError, match="X has shape"):
            slopes(
                draw_nets(rng),
                rng.normal(size=shape),
                np.zeros(6, dtype=int),
                np.ones((3, 6, 4)),
                np.zeros(3),
            )
    with pytest.raises(ValueError, match=r"X has shape \(6, 4\)"):
        slopes(
            draw_nets(rng),
            rng.normal(size=(6, 4)),
            np.zeros(6, dtype=int),
            np.ones((3, 6, 4)),
            np.zeros(3),
        )
    with pytest.raises(ValueError, match="labels must be 0 to 2"):
        surprise(np.zeros((2, 3)), np.array([0, 3]))
    with pytest.raises(ValueError, match="labels must be 0 to 2"):
        surprise(np.zeros((2, 3)), np.array([0, -1]))
    with pytest.raises(ValueError, match="labels must be 0 to 2"):
        surprise(np.zeros((2, 5, 3)), np.array([0, 1, 2, 4, 0]))
    with pytest.raises(ValueError, match="from 0 to below 1"):
        drop_mask((2,), np.array([0.2, 1.5]), rng)
    with pytest.raises(ValueError, match="penalty must be 0 or more"):
        ridge(np.ones((2, 2)), np.ones(2), -1.0)
    nets, X, y = draw_nets(rng), rng.normal(size=(6, 5)), np.zeros(6, dtype=int)
    less = np.array([0.0, -1.0, 0.0])
    with pytest.raises(ValueError, match=r"slopes\(\): penalty must be 0 or more"):
        slopes(nets, X, y, np.ones((3, 6, nets.W1.shape[2])), less)
    with pytest.raises(ValueError, match=r"fit\(\): penalty must be 0 or more"):
        fit(nets, X, y, passes=1, batch=2, rate=0.1, rng=rng, penalty=less, drop=np.zeros(3))
    with pytest.raises(ValueError, match="degree must be 0 or more"):
        powers(np.ones(2), -1)


@pytest.mark.browser
def test_the_widget_finds_the_weights_that_python_finds(js, rng):
    for degree, penalty in [(0, 0), (1, 3.0), (3, 0), (5, 1e-4), (9, 0.01), (9, 1e-6), (9, 100)]:
        x = np.sort(rng.uniform(-1, 1, size=10))
        y = rng.normal(size=10)
        X = powers(x, degree)
        np.testing.assert_allclose(js(WIDGET, "powers", x.tolist(), degree), X, rtol=1e-12)
        ours = ridge(X, y, penalty)
        theirs = js(WIDGET, "ridge", X.tolist(), y.tolist(), penalty)
        np.testing.assert_allclose(theirs, ours, rtol=1e-6, atol=1e-7)
        said = js(WIDGET, "predict", ours.tolist(), x.tolist())
        np.testing.assert_allclose(said, X @ ours, rtol=1e-9, atol=1e-9)
        error = js(WIDGET, "error", ours.tolist(), x.tolist(), y.tolist())
        assert error == pytest.approx(np.mean((X @ ours - y) ** 2), rel=1e-9)


@pytest.mark.browser
def test_the_widgets_free_curve_meets_its_ten_points(js, rng):
    x = np.linspace(-1, 1, 10)
    y = noisy_wave(x, rng)
    w = js(WIDGET, "ridge", powers(x, 9).tolist(), y.tolist(), 0)
    np.testing.assert_allclose(powers(x, 9) @ w, y, atol=1e-8)
    np.testing.assert_allclose(w, ridge(powers(x, 9), y, 0), rtol=1e-6, atol=1e-7)
