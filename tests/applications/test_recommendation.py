"""Averages and taste vectors against scikit-learn and PyTorch; made-up worlds; the figure."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score, root_mean_squared_error

from introdl.applications.recommendation.biases import (
    Model,
    fit_biases,
    predict,
    right_pairs,
    rmse,
    shrunk,
)
from introdl.applications.recommendation.tastes import fit_tastes, fold_in, slopes, step
from introdl.applications.recommendation.worlds import DISHES, made_up, rate, shop

SAME: dict[str, str] = {}
SHAPE = (7, 5)


def given(rng, n=25):
    """Some ratings of a table of 7 people and 5 items, in random order."""
    cells = rng.permutation(SHAPE[0] * SHAPE[1])[:n]
    return cells // SHAPE[1], cells % SHAPE[1], rng.integers(1, 6, size=n).astype(float)


def random_model(rng, width=3, spread=0.3):
    people, items = SHAPE
    sizes = (people, items, (people, width), (items, width))
    return Model(3.0, *(spread * rng.normal(size=size) for size in sizes))


def odd_input(rng):
    person, item, rating = given(rng)
    order = np.argsort(person)
    model = random_model(rng)
    table = {"person": person, "item": item, "rating": rating, "shape": SHAPE}
    sorted_ = {"person": person[order], "item": item[order], "rating": rating[order]}
    asked = {"person": person, "item": item}
    return {
        "shrunk": {"group": person, "value": rating, "groups": 7, "strength": 2.0},
        "fit_biases": table,
        "predict": {"model": model, **asked},
        "rmse": {"said": rating + 1, "rating": rating},
        "right_pairs": {"person": person, "said": rng.normal(size=25), "rating": rating},
        "step": {
            "p": rng.normal(size=3),
            "q": rng.normal(size=3),
            "error": 1.0,
            "rate": 0.1,
            "shrink": 0.2,
        },
        "slopes": {"model": model, **sorted_, "shrink": (1.0, 2.0, 3.0)},
        "fit_tastes": {**table, "seed": 0, "steps": 3},
        "fold_in": {"model": model, "item": item, "rating": rating, "shrink": (1.0, 2.0)},
        "rate": {"truth": model, **asked, "noise": 0.5, "rng": np.random.default_rng(0)},
    }


def test_the_page_by_hand():
    lecturer = np.array([0, 0, 0, 1, *[2] * 20])
    above = np.array([5, 4, 4, 5, *[4] * 20]) - 3.2
    found = shrunk(lecturer, above, 4, 2)
    np.testing.assert_allclose(found, [0.68, 0.6, 16 / 22, 0])
    for error, p, q in ((1, (1.05, 0.05), (0.6, 0.5)), (-2, (0.9, -0.1), (0.3, 0.5))):
        moved = step(np.array([1.0, 0]), np.array([0.5, 0.5]), error, 0.1, 0.0)
        np.testing.assert_allclose(moved, [p, q])
        np.testing.assert_allclose(np.dot(*moved), {1: 0.655, -2: 0.22}[error])


def test_a_group_without_values_is_0_even_without_shrinkage():
    assert shrunk(np.array([1]), np.array([3.0]), 3, 0).tolist() == [0, 3, 0]


@pytest.mark.agreement
def test_the_biases_are_ridge_regressions(rng, agreement):
    person, item, rating = given(rng)
    model = fit_biases(person, item, rating, SHAPE, shrink=(3, 2), sweeps=200)
    X = np.hstack([np.eye(7)[person] / np.sqrt(3), np.eye(5)[item] / np.sqrt(2)])

    def ridge():
        w = Ridge(alpha=1.0, fit_intercept=False).fit(X, rating - rating.mean()).coef_
        return w / np.repeat(np.sqrt([3, 2]), [7, 5])

    agreement(
        np.r_[model.person, model.item],
        ridge,
        what="biases of 7 people and 5 items",
        against="scikit-learn's Ridge on indicator columns, float64",
        atol=1e-9,
    )
    assert model.mean == pytest.approx(rating.mean())
    assert (model.P.shape, model.Q.shape) == ((7, 0), (5, 0))


def test_a_sweep_takes_people_first(rng):
    person, item, rating = given(rng)
    model = fit_biases(person, item, rating, SHAPE, shrink=(3, 2), sweeps=1)
    above = rating - rating.mean()
    b = [above[person == k].sum() / ((person == k).sum() + 3) for k in range(7)]
    left = above - np.array(b)[person]
    c = [left[item == k].sum() / ((item == k).sum() + 2) for k in range(5)]
    np.testing.assert_allclose(model.person, b)
    np.testing.assert_allclose(model.item, c)


def test_a_prediction_is_a_sum_cut_at_1_and_5(rng):
    model = random_model(rng, spread=1.0)
    person, item = np.divmod(np.arange(35), 5)
    exact = np.array(
        [
            model.mean + model.person[r] + model.item[d] + model.P[r] @ model.Q[d]
            for r, d in zip(person, item, strict=True)
        ]
    )
    np.testing.assert_allclose(predict(model, person, item), np.minimum(np.maximum(exact, 1), 5))
    lifted = model._replace(mean=9.0)
    assert predict(lifted, person, item).max() == 5
    assert predict(lifted._replace(mean=-9.0), person, item).min() == 1


def test_the_error_is_scikit_learns(rng):
    said, rating = rng.normal(size=(2, 30))
    assert rmse(said, rating) == pytest.approx(root_mean_squared_error(rating, said))


@pytest.mark.agreement
def test_pairs_of_two_kinds_are_the_area_under_the_curve(rng, agreement):
    rating = rng.integers(2, size=40)
    said = rng.normal(size=40).round(1)
    agreement(
        right_pairs(np.zeros(40, dtype=int), said, rating),
        lambda: roc_auc_score(rating, said),
        what="share of pairs in the right order",
        against="scikit-learn's roc_auc_score, float64",
        atol=1e-12,
    )


def test_pairs_are_of_one_person(rng):
    person, rating = rng.integers(4, size=30), rng.integers(1, 6, size=30)
    said = rng.normal(size=30).round(1)
    right, pairs = 0.0, 0
    for i in range(30):
        for j in range(30):
            if person[i] == person[j] and rating[i] > rating[j]:
                pairs += 1
                right += 1.0 if said[i] > said[j] else 0.5 if said[i] == said[j] else 0.0
    assert right_pairs(person, said, rating) == pytest.approx(right / pairs)
    with pytest.raises(ValueError, match="no person has two ratings that differ"):
        right_pairs(np.arange(3), np.ones(3), np.arange(3))


def loss(parts, mean, person, item, rating, shrink):
    """The loss in PyTorch, in words of the page."""
    b, c, P, Q = parts
    error = rating - mean - b[person] - c[item] - (P[person] * Q[item]).sum(1)
    penalty = sum(s * (w**2).sum() for s, w in zip((*shrink, shrink[2]), (b, c, P, Q), strict=True))
    return ((error**2).sum() + penalty) / 2


@pytest.mark.agreement
def test_the_slopes_are_pytorchs(rng, agreement):
    person, item, rating = given(rng)
    order = np.argsort(person)
    person, item, rating = person[order], item[order], rating[order]
    model, shrink = random_model(rng), (0.7, 1.3, 2.1)

    def autograd():
        parts = [torch.tensor(w, requires_grad=True) for w in model[1:]]
        loss(parts, model.mean, person, item, torch.tensor(rating), shrink).backward()
        return np.concatenate([w.grad.numpy().ravel() for w in parts])

    found = slopes(model, person, item, rating, shrink)
    agreement(
        np.concatenate([g.ravel() for g in found]),
        autograd,
        what="slopes of biases and taste vectors",
        against="PyTorch's autograd, float64",
        atol=1e-10,
    )


def test_one_rating_moves_two_vectors_down_its_slope(rng):
    p, q = rng.normal(size=(2, 4))
    model = Model(3.0, np.zeros(1), np.zeros(1), p[None], q[None])
    g = slopes(model, np.array([0]), np.array([0]), np.array([4.5]), (0, 0, 0.3))
    moved = step(p, q, 1.5 - p @ q, 0.05, 0.3)
    np.testing.assert_allclose(moved, [p - 0.05 * g[2][0], q - 0.05 * g[3][0]])


@pytest.mark.agreement
def test_the_training_is_pytorchs(rng, agreement):
    person, item, rating = given(rng)
    shrink = (0.5, 0.4, 0.3)
    model = fit_tastes(
        person, item, rating, SHAPE, seed=5, width=3, shrink=shrink, steps=25, rate=0.03
    )

    def trained():
        start = np.random.default_rng(5)
        firsts = [np.zeros(7), np.zeros(5), *(0.1 * start.normal(size=(n, 3)) for n in SHAPE)]
        parts = [torch.tensor(w, requires_grad=True) for w in firsts]
        optimizer = torch.optim.Adam(parts, lr=0.03)
        for _ in range(25):
            optimizer.zero_grad()
            loss(parts, rating.mean(), person, item, torch.tensor(rating), shrink).backward()
            optimizer.step()
        return np.concatenate([w.detach().numpy().ravel() for w in parts])

    agreement(
        np.concatenate([w.ravel() for w in model[1:]]),
        trained,
        what="biases and taste vectors after 25 steps",
        against="PyTorch's autograd and Adam, float64",
        atol=1e-6,
    )
    assert model.mean == pytest.approx(rating.mean())


def test_without_vectors_both_ways_find_the_same_biases(rng):
    person, item, rating = given(rng)
    model = fit_tastes(
        person, item, rating, SHAPE, seed=0, width=0, shrink=(3, 2, 1), steps=600, rate=0.02
    )
    averages = fit_biases(person, item, rating, SHAPE, shrink=(3, 2), sweeps=100)
    np.testing.assert_allclose(model.person, averages.person, atol=1e-4)
    np.testing.assert_allclose(model.item, averages.item, atol=1e-4)


@pytest.mark.agreement
def test_a_new_person_is_a_ridge_regression(rng, agreement):
    model = random_model(rng)
    item, rating = np.array([0, 2, 3]), np.array([5.0, 1.0, 4.0])

    def ridge():
        X = np.c_[np.ones(3) / np.sqrt(6), model.Q[item] / 2]
        w = Ridge(alpha=1.0, fit_intercept=False)
        w.fit(X, rating - model.mean - model.item[item])
        return w.coef_ / [np.sqrt(6), 2, 2, 2]

    b, p = fold_in(model, item, rating, (6, 4))
    agreement(
        np.r_[b, p],
        ridge,
        what="bias and taste vector of a new person",
        against="scikit-learn's Ridge, float64",
        atol=1e-10,
    )
    nobody = fold_in(model, item[:0], rating[:0], (6, 4))
    assert nobody[0] == 0
    assert not nobody[1].any()


def test_turning_the_map_changes_no_prediction(rng):
    model = random_model(rng)
    turn = np.linalg.qr(rng.normal(size=(3, 3))).Q
    turned = model._replace(P=model.P @ turn, Q=model.Q @ turn)
    person, item = np.divmod(np.arange(35), 5)
    np.testing.assert_allclose(predict(turned, person, item), predict(model, person, item))


def test_numbers_outside_the_table_are_refused(rng):
    person, item, rating = given(rng)
    model = random_model(rng)
    for wrong in (-1, 7):
        bad = np.where(np.arange(25) == 3, wrong, person)
        with pytest.raises(ValueError, match="person has numbers outside 0 to 6"):
            fit_biases(bad, item, rating, SHAPE)
        with pytest.raises(ValueError, match="person has numbers outside 0 to 6"):
            predict(model, bad, item)
        with pytest.raises(ValueError, match="group has numbers outside 0 to 6"):
            shrunk(bad, rating, 7, 1)
    for wrong in (-1, 5):
        bad = np.where(np.arange(25) == 3, wrong, item)
        with pytest.raises(ValueError, match="item has numbers outside 0 to 4"):
            fit_tastes(person, bad, rating, SHAPE, seed=0)
        with pytest.raises(ValueError, match="item has numbers outside 0 to 4"):
            fold_in(model, bad, rating, (1, 1))
    with pytest.raises(ValueError, match="ascending order"):
        slopes(model, np.array([1, 0]), item[:2], rating[:2], (1, 1, 1))
    with pytest.raises(ValueError, match="strength must be 0 or more"):
        shrunk(person, rating, 7, -1)
    with pytest.raises(ValueError, match="shrink must be above 0"):
        fold_in(model, item, rating, (1, 0))


def test_made_up_ratings_follow_their_truth():
    world = made_up(40, seed=3, people=200, items=60, taste=0.5, noise=0.4)
    assert len(world.rating) == 200 * 50
    assert set(world.rating) == {1, 2, 3, 4, 5}
    assert len(np.unique(world.person * 60 + world.item)) == 200 * 50, "each cell once"
    assert (np.bincount(world.person[world.hidden]) == 10).all()
    assert (np.bincount(world.person[~world.hidden]) == 40).all()
    truth = world.truth
    taste = truth.P @ truth.Q.T
    assert taste.std() == pytest.approx(0.5, abs=0.1)
    assert (truth.person.std(), truth.item.std()) == pytest.approx((0.4, 0.5), abs=0.12)
    exact = truth.mean + truth.person[:, None] + truth.item + taste
    left = world.rating - exact[world.person, world.item]
    inner = np.abs(exact[world.person, world.item] - 3) < 1
    assert left[inner].std() == pytest.approx(np.hypot(0.4, np.sqrt(1 / 12)), abs=0.02)
    assert left[inner].mean() == pytest.approx(0, abs=0.02)
    again = made_up(40, seed=3, people=200, items=60, taste=0.5, noise=0.4)
    np.testing.assert_array_equal(again.rating, world.rating)
    dishes = made_up(3, seed=0, people=4, hidden=2, places=list(DISHES.values()))
    np.testing.assert_array_equal(dishes.truth.Q, list(DISHES.values()))
    assert len(dishes.truth.item) == 20


def test_vectors_find_a_strong_taste_and_averages_cannot():
    world = made_up(40, seed=1, people=120, items=50, taste=1.0, noise=0.3, hidden=5)
    learn, ask = ~world.hidden, world.hidden
    table = world.person[learn], world.item[learn], world.rating[learn]
    errors = [
        rmse(predict(model, world.person[ask], world.item[ask]), world.rating[ask])
        for model in (
            fit_biases(*table, (120, 50), shrink=(6, 4)),
            fit_tastes(*table, (120, 50), seed=0, width=2, shrink=(6, 4, 4)),
            world.truth,
        )
    ]
    assert errors[0] > 1.5 * errors[1]
    assert errors[1] < 1.3 * errors[2]


def test_ratings_without_noise_are_the_rounded_sum(rng):
    model = random_model(rng)
    person, item = np.divmod(np.arange(35), 5)
    np.testing.assert_array_equal(
        rate(model, person, item, 0.0, rng), np.rint(predict(model, person, item))
    )


def test_a_shop_shows_what_it_thinks_is_best():
    run = shop(4, items=30, places=4, rounds=6, people=3, first=2)
    assert run.count.sum() == 30 * 2 + 6 * 4 * 3
    assert ((run.count - 2) % 3 == 0).all()
    assert len(set(run.shown)) == 4
    assert (run.count >= 2).all()
    start = shop(4, items=30, places=4, rounds=0)
    other = shop(4, items=30, places=4, rounds=0, at_random=1)
    np.testing.assert_array_equal(start.quality, other.quality)
    np.testing.assert_array_equal(start.shown, other.shown)
    once = shop(4, items=30, places=4, rounds=1, people=3)
    assert set(np.flatnonzero(once.count > 2)) == set(start.shown)
    mixed = shop(4, items=30, places=4, rounds=1, people=3, at_random=1)
    rated = np.flatnonzero(mixed.count > 2)
    assert len(rated) == 4
    assert len(set(rated) & set(start.shown)) == 3
    assert set(start.shown[:3]) <= set(rated)


@pytest.mark.parametrize("at_random", [0, 1])
def test_a_shop_step_by_step(at_random):
    run = shop(
        11, at_random=at_random, items=12, places=3, rounds=9, people=4, first=3, strength=2.5
    )
    rng = np.random.default_rng(11)
    quality = 0.5 * rng.normal(size=12)
    noise = rng.normal(size=36)
    given = [[quality[k] + noise[3 * k + n] for n in range(3)] for k in range(12)]

    def order():
        return sorted(range(12), key=lambda k: -sum(given[k]) / (len(given[k]) + 2.5))

    for _ in range(9):
        kept = 3 - at_random
        chosen = [*order()[:kept], *rng.permutation(order()[kept:])[:at_random]]
        noise = rng.normal(size=12)
        for place, k in enumerate(chosen):
            given[k] += [quality[k] + noise[4 * place + n] for n in range(4)]
    assert run.shown.tolist() == order()[:3]
    assert run.count.tolist() == [len(values) for values in given]
    np.testing.assert_allclose(run.quality, quality)


def test_there_may_be_more_items_than_people(rng):
    person, item = np.array([0, 1, 1]), np.array([8, 3, 8])
    model = fit_biases(person, item, np.array([5.0, 1.0, 2.0]), (2, 9))
    assert (len(model.person), len(model.item)) == (2, 9)
    assert np.flatnonzero(model.item).tolist() == [3, 8]


def test_a_shop_that_rates_all_finds_the_best():
    run = shop(0, items=8, places=8, rounds=1, people=4000)
    assert (np.diff(run.quality[run.shown]) < 0.05).all()
    many = np.concatenate([shop(seed).quality for seed in range(40)])
    assert many.std() == pytest.approx(0.5, abs=0.03)


def test_the_defaults_are_those_that_the_page_states():
    """300 people, 120 items, 0.7 points each; a shop of 40 items; λ of 12, 8 and 17; 60 steps."""
    world = made_up.__kwdefaults__
    assert {k: world[k] for k in ("people", "items", "taste", "noise", "hidden")} == {
        "people": 300,
        "items": 120,
        "taste": 0.7,
        "noise": 0.7,
        "hidden": 10,
    }
    assert shop.__kwdefaults__ == {
        "at_random": 0,
        "items": 40,
        "places": 5,
        "rounds": 30,
        "people": 10,
        "first": 2,
        "strength": 4,
    }
    assert fit_biases.__wrapped__.__defaults__ == ((12, 8), 10)
    assert fit_tastes.__wrapped__.__kwdefaults__ == {
        "width": 4,
        "shrink": (12, 8, 17),
        "steps": 60,
        "rate": 0.05,
    }


def test_twenty_dishes_lie_between_minus_1_and_1():
    places = np.array(list(DISHES.values()))
    assert places.shape == (20, 2)
    assert np.abs(places).max() == 1
    assert DISHES["pancakes"] == (0.9, -0.8)
    assert DISHES["salted crackers"] == (-0.7, -1.0)


SCRIPT = "docs/applications/recommendation.js"


def as_js(model, shrink):
    return {
        "mean": model.mean,
        "item": model.item.tolist(),
        "Q": model.Q.tolist(),
        "shrink": list(shrink),
    }


@pytest.mark.browser
def test_the_figure_finds_the_taste_of_python(js, rng):
    for n in (0, 1, 3, 5):
        model = random_model(rng, spread=1.0)
        rated = np.zeros(5, dtype=int)
        rated[rng.permutation(5)[:n]] = rng.integers(1, 6, size=n)
        item = np.flatnonzero(rated)
        b, p = fold_in(model, item, rated[item].astype(float), (6, 4))
        found = js(SCRIPT, "foldIn", as_js(model, (6, 4)), rated.tolist())
        np.testing.assert_allclose([found["bias"], *found["taste"]], [b, *p], atol=1e-9)
        you = model._replace(person=np.array([b]), P=p[None])
        expected = predict(you, np.zeros(5, dtype=int), np.arange(5))
        said = js(SCRIPT, "expected", as_js(model, (6, 4)), found)
        np.testing.assert_allclose(said, expected, atol=1e-9)
        ranked = js(SCRIPT, "ranked", said, rated.tolist())
        order = np.argsort(-expected, kind="stable")
        assert ranked == [n for n in order if not rated[n]]


@pytest.mark.browser
def test_the_figure_solves_equations(js, rng):
    left, right = rng.normal(size=(4, 4)), rng.normal(size=4)
    left[0, 0] = 0  # a pivot must be looked for
    found = js(SCRIPT, "solve", left.tolist(), right.tolist())
    np.testing.assert_allclose(found, np.linalg.solve(left, right), atol=1e-9)
