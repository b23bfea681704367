"""The world against loops, the nets against PyTorch, and the page's figure against Python."""

import math

import numpy as np
import pytest
import torch
from safetensors.numpy import save
from torch import nn

from introdl.applications.self_driving import (
    AHEAD,
    ASIDE,
    HALF,
    METRES,
    SHARPEST,
    Cars,
    Net,
    Roads,
    dagger,
    drive,
    expert,
    fit,
    look,
    middle,
    offset,
    pushes,
    random_roads,
    rule,
    weighted_sum,
)

SAME = {
    "off = np.abs(offset(roads, x[:, None], y[:, None])[:, -1]) > HALF": "there is one column",
}


def odd_input(rng):
    roads, x = random_roads(3, seed=0), rng.uniform(0, 100, (3, 2))
    views, wanted = rng.random((6, 129)), rng.normal(size=6)
    net = fit(views, wanted, seed=0, passes=1)
    return {
        "middle": {"roads": roads, "x": x},
        "offset": {"roads": roads, "x": x, "y": rng.normal(size=(3, 2))},
        "rule": {"views": views},
        "drive": {"roads": roads, "push": pushes(3, seed=0)},
        "Net.__call__": {"self": net, "views": views},
        "fit": {"views": views, "wanted": wanted, "seed": 0, "passes": 1},
        "weighted_sum": {"views": views, "wanted": wanted},
    }


def seed_of(rng):
    return int(rng.integers(2**31))


def some_cars(rng, roads):
    """Cars near the roads, that look about and have turned."""
    n = len(roads.road)
    x = rng.uniform(0, METRES, n)
    y = middle(roads, x[:, None])[:, 0] + rng.uniform(-2, 2, n)
    along = np.arctan(middle(roads, x[:, None], 1)[:, 0])
    return Cars(x, y, along + rng.normal(scale=0.2, size=n), rng.normal(scale=0.05, size=n))


def wave(roads, k, x):
    """The middle of one road, by a loop."""
    parts = zip(roads.height[k], roads.pace[k], roads.phase[k], strict=True)
    return sum(h * math.sin(p * x + f) for h, p, f in parts)


def slope(roads, k, x):
    parts = zip(roads.height[k], roads.pace[k], roads.phase[k], strict=True)
    return sum(h * p * math.cos(p * x + f) for h, p, f in parts)


def bend(roads, k, x):
    parts = zip(roads.height[k], roads.pace[k], roads.phase[k], strict=True)
    second = sum(-h * p * p * math.sin(p * x + f) for h, p, f in parts)
    return second / (1 + slope(roads, k, x) ** 2) ** 1.5


def test_the_middle_and_its_slopes_are_those_of_a_loop(rng):
    roads = random_roads(4, seed=seed_of(rng))
    x = rng.uniform(0, METRES, (4, 5))
    for k, i in np.ndindex(4, 5):
        at = float(x[k, i])
        assert middle(roads, x)[k, i] == pytest.approx(wave(roads, k, at), abs=1e-9)
        assert middle(roads, x, 1)[k, i] == pytest.approx(slope(roads, k, at), abs=1e-9)
        curved = middle(roads, x, 2)[k, i] / (1 + middle(roads, x, 1)[k, i] ** 2) ** 1.5
        assert curved == pytest.approx(bend(roads, k, at), abs=1e-9)


def test_the_offset_of_a_place_is_nearly_its_distance_from_the_middle(rng):
    roads = random_roads(5, seed=seed_of(rng))
    x = rng.uniform(20, 180, (5, 1))
    y = middle(roads, x) + rng.uniform(-2, 2, (5, 1))
    fine = np.linspace(-10, 10, 20001) + x
    nearest = np.hypot(fine - x, middle(roads, fine) - y).min(axis=1)
    found = offset(roads, x, y)[:, 0]
    np.testing.assert_allclose(np.abs(found), nearest, atol=0.06)
    np.testing.assert_array_equal(np.sign(found), np.sign(y - middle(roads, x))[:, 0])


def test_roads_are_drawn_as_the_page_says(rng):
    roads = random_roads(400, seed=seed_of(rng))
    gap = np.abs(roads.road - roads.ground)
    assert 0.3 <= gap.min() < 0.31
    assert 0.39 < gap.max() <= 0.4
    assert 0.4 < np.mean(roads.road > roads.ground) < 0.6
    assert min(roads.road.min(), roads.ground.min()) >= 0.1
    assert max(roads.road.max(), roads.ground.max()) <= 1
    length = 2 * np.pi / roads.pace
    for values, low, high in (
        (length, [90, 50, 30], [160, 80, 45]),
        (np.abs(roads.height), [4, 1.5, 0.4], [10, 4, 1]),
    ):
        span = np.subtract(high, low)
        assert (np.abs(values.min(axis=0) - low) < 0.05 * span).all()
        assert (np.abs(values.max(axis=0) - high) < 0.05 * span).all()
    assert 0.4 < np.mean(roads.height > 0) < 0.6
    assert roads.phase.min() < 0.1
    assert 6.1 < roads.phase.max() < 2 * np.pi
    faint = random_roads(400, seed=0, contrast=0.05)
    assert np.abs(faint.road - faint.ground).max() <= 0.15
    one = roads.part(slice(3, 5))
    np.testing.assert_array_equal(one.height, roads.height[3:5])
    np.testing.assert_array_equal(one.ground, roads.ground[3:5])


def test_the_camera_sees_what_a_loop_sees(rng):
    roads = random_roads(3, seed=seed_of(rng))
    cars = some_cars(rng, roads)
    found = look(roads, cars)
    assert found.shape == (3, 129)
    np.testing.assert_allclose(found[:, -1], 10 * cars.turn)
    for k in range(3):
        x, y, h = cars.x[k], cars.y[k], cars.heading[k]
        for i, j in np.ndindex(8, 16):
            d, aside = AHEAD[i], AHEAD[i] * ASIDE[j]
            px = x + d * math.cos(h) - aside * math.sin(h)
            py = y + d * math.sin(h) + aside * math.cos(h)
            away = abs(py - wave(roads, k, px)) / math.hypot(1, slope(roads, k, px))
            share = min(max((HALF - away) / (0.12 * d) + 0.5, 0), 1)
            grey = share * roads.road[k] + (1 - share) * roads.ground[k]
            assert found[k, 16 * i + j] == pytest.approx(grey, abs=1e-9)


def test_the_camera_looks_ahead_and_its_left_is_left():
    """On a straight road along x, a car left of the middle sees the road to its right."""
    straight = Roads(np.zeros((1, 3)), np.ones((1, 3)), np.zeros((1, 3)), np.ones(1), np.zeros(1))
    zero = np.zeros(1)
    view = look(straight, Cars(zero, zero + 1.5, zero, zero))[0, :128].reshape(8, 16)
    assert view[2, 8:].sum() > 2 * view[2, :8].sum()
    assert (np.diff(AHEAD) > 0).all()
    assert ASIDE[0] == 0.9 == -ASIDE[-1]
    assert rule(look(straight, Cars(zero, zero + 0.5, zero, zero)))[0] < 0
    assert rule(look(straight, Cars(zero, zero, zero, zero)))[0] == pytest.approx(0)


def test_the_expert_is_the_sum_of_its_three_parts(rng):
    roads = random_roads(6, seed=seed_of(rng))
    cars = some_cars(rng, roads)
    found = expert(roads, cars)
    for k in range(6):
        x = float(cars.x[k])
        aside = (cars.y[k] - wave(roads, k, x)) / math.hypot(1, slope(roads, k, x))
        turn = bend(roads, k, x + 0.5) - 0.06 * aside
        turn -= 0.35 * math.sin(cars.heading[k] - math.atan(slope(roads, k, x)))
        assert found[k] == pytest.approx(min(max(turn, -0.25), 0.25), abs=1e-9)
    away = expert(roads, cars._replace(y=cars.y + 50))
    np.testing.assert_array_equal(away, -SHARPEST)


def test_the_rule_is_that_of_a_loop(rng):
    views = rng.random((5, 129))
    for view, found in zip(views, rule(views), strict=True):
        here = (view[7] + view[8]) / 2
        weights = [max(0.0, 1 - abs(view[32 + j] - here) / 0.2) for j in range(16)]
        expected = sum(w * a for w, a in zip(weights, ASIDE, strict=True)) / max(sum(weights), 1e-9)
        assert found == pytest.approx(expected, abs=1e-12)
    lost = np.ones((1, 129))
    lost[0, 32:48] = 0
    assert rule(lost)[0] == 0, "where nothing is alike, it drives straight on"


def test_pushes_come_as_often_and_as_far_as_the_page_says(rng):
    found = pushes(200, seed=seed_of(rng))
    assert found.shape == (METRES, 2, 200)
    hit = (found != 0).any(axis=1)
    assert hit.mean() == pytest.approx(0.05, abs=0.005)
    np.testing.assert_array_equal(hit, (found != 0).all(axis=1))
    for part, most in ((found[:, 0], 1), (found[:, 1], 0.15)):
        assert 0.98 * most < part.max() <= most
        assert -most <= part.min() < -0.98 * most
    assert 8 < np.degrees(np.abs(found[:, 1]).max()) <= 9


def by_hand(roads, k, driver, push=None, put_back=False):
    """One drive in a loop: metres, and the places."""
    x, y, h = 0.0, wave(roads, k, 0), math.atan(slope(roads, k, 0))
    one = roads.part(slice(k, k + 1))

    def car(turn):
        return Cars(*(np.array([v]) for v in (x, y, h, turn)))

    turn = expert(one, car(0.0))[0]
    metres, places = None, [(x, y, h)]
    for step in range(METRES):
        if push is not None:
            y, h = y + push[step, 0, k], h + push[step, 1, k]
        wanted = expert(one, car(turn))[0]
        turn = min(max(wanted if driver is None else driver(look(one, car(turn)))[0], -0.25), 0.25)
        h += turn
        x, y = x + math.cos(h), y + math.sin(h)
        if abs(y - wave(roads, k, x)) / math.hypot(1, slope(roads, k, x)) > HALF:
            metres = step if metres is None else metres
            if put_back:
                y, h, turn = wave(roads, k, x), math.atan(slope(roads, k, x)), 0.0
        places.append((x, y, h))
    return METRES if metres is None else metres, places


@pytest.mark.parametrize("pushed", [False, True])
@pytest.mark.parametrize("put_back", [False, True])
def test_a_drive_is_that_of_a_loop(rng, pushed, put_back):
    roads = random_roads(3, seed=seed_of(rng))
    push = 2 * pushes(3, seed=seed_of(rng)) if pushed else None
    weights = rng.normal(size=129) / 60
    for driver in (None, lambda views: views @ weights):
        found = drive(roads, driver, push=push, put_back=put_back)
        steps = len(found.path) - 1
        assert found.views.shape == (steps * 3, 129)
        assert found.wanted.shape == (steps * 3,)
        assert steps == METRES if put_back else steps == min(METRES, found.metres.max() + 1)
        for k in range(3):
            metres, places = by_hand(roads, k, driver, push, put_back)
            assert found.metres[k] == metres
            np.testing.assert_allclose(found.path[:, :, k], places[: steps + 1], atol=1e-6)


def test_what_is_kept_of_a_drive_is_what_was_seen_and_wanted(rng):
    roads = random_roads(2, seed=seed_of(rng))
    found = drive(roads)
    turns = np.diff(found.path[:, 2], axis=0)
    np.testing.assert_allclose(found.wanted.reshape(METRES, 2), turns, atol=1e-12)
    seen = found.views.reshape(METRES, 2, 129)
    np.testing.assert_allclose(seen[1:, :, -1], 10 * turns[:-1], atol=1e-12)
    at = Cars(*found.path[7], turns[6])
    np.testing.assert_allclose(seen[7], look(roads, at))
    assert (found.metres == METRES).all()


def test_pushes_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"push has shape \(200, 2, 4\), expected \(200, 2, 3\)"):
        drive(random_roads(3, seed=0), push=pushes(4, seed=0))
    bad = pushes(3, seed=0)
    bad[5, 1, 2] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        drive(random_roads(3, seed=0), push=bad)


def their_fit(views, wanted, seed, passes):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(views.shape[1], 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    x, y = torch.tensor(views, dtype=torch.float32), torch.tensor(wanted, dtype=torch.float32)
    for _ in range(passes):
        for part in torch.randperm(len(x)).split(128):
            loss = ((net(x[part])[:, 0] - 10 * y[part]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


def test_training_is_adam_on_the_squared_error(rng):
    views, wanted = rng.random((300, 9)), rng.normal(scale=0.1, size=300)
    state = torch.get_rng_state()
    net = fit(views, wanted, seed=4, passes=2)
    assert torch.equal(state, torch.get_rng_state())
    theirs = their_fit(views, wanted, 4, 2)
    with torch.no_grad():
        said = theirs(torch.tensor(views, dtype=torch.float32))[:, 0].double().numpy() / 10
    np.testing.assert_allclose(net(views), said, atol=1e-5)
    again = fit(views, wanted, seed=4)
    for ours, full in zip(again, fit(views, wanted, seed=4, passes=40, hidden=32), strict=True):
        np.testing.assert_array_equal(ours, full)


@pytest.mark.agreement
def test_a_nets_turn_is_pytorchs(rng, agreement):
    net = Net(rng.normal(size=(32, 129)), rng.normal(size=32), rng.normal(size=32), 0.3)
    views = rng.random((20, 129))

    def theirs():
        layers = nn.Sequential(nn.Linear(129, 32), nn.Tanh(), nn.Linear(32, 1)).double()
        with torch.no_grad():
            for p, values in zip(layers.parameters(), net, strict=True):
                p.copy_(torch.tensor(np.reshape(values, p.shape)))
            return layers(torch.tensor(views))[:, 0].numpy() / 10

    agreement(net(views), theirs, what="turns of a net", against="torch.nn, float64", atol=1e-12)
    picture_only = Net(net.w1[:, :128], net.b1, net.w2, net.b2)
    np.testing.assert_array_equal(picture_only(views), picture_only(views[:, :128]))


@pytest.mark.agreement
def test_a_weighted_sum_is_scikit_learns_ridge(rng, agreement):
    from sklearn.linear_model import Ridge

    views, wanted = rng.random((60, 8)), rng.normal(size=60)
    ones = np.hstack([views, np.ones((60, 1))])
    agreement(
        weighted_sum(views, wanted),
        lambda: Ridge(alpha=0.01, fit_intercept=False).fit(ones, wanted).coef_,
        what="the weighted sum of a view",
        against="scikit-learn Ridge, float64",
        atol=1e-9,
    )


def test_dagger_asks_the_expert_where_the_net_is(rng):
    roads = random_roads(4, seed=seed_of(rng))
    views, wanted = dagger(roads, seed=3, rounds=2)
    first = drive(roads.part(slice(0, 2)), put_back=True)
    np.testing.assert_array_equal(views[: 2 * METRES], first.views)
    net = fit(first.views, first.wanted, seed=1003, passes=20)
    second = drive(roads.part(slice(2, 4)), net, put_back=True)
    np.testing.assert_array_equal(views[2 * METRES :], second.views)
    np.testing.assert_array_equal(wanted, np.concatenate([first.wanted, second.wanted]))
    for n, rounds in ((4, 3), (4, 0), (0, 1)):
        with pytest.raises(ValueError, match="cannot be shared"):
            dagger(roads.part(slice(0, n)), seed=0, rounds=rounds)


def test_by_default_dagger_has_five_rounds(rng):
    roads = random_roads(5, seed=seed_of(rng))
    np.testing.assert_array_equal(
        dagger(roads, seed=1)[0][:METRES], drive(roads.part(slice(0, 1))).views
    )
    with pytest.raises(ValueError, match="5 rounds"):
        dagger(roads.part(slice(0, 4)), seed=1)


SCRIPT = "docs/applications/self_driving.js"


def page_road(roads, k):
    return {name: values[k].tolist() for name, values in roads._asdict().items()}


def page_car(cars, k):
    return {name: float(values[k]) for name, values in cars._asdict().items()}


def page_net(net):
    return {name: np.atleast_1d(v).astype(np.float32) for name, v in net._asdict().items()}


@pytest.mark.browser
def test_the_figures_world_is_pythons(js, rng):
    roads = random_roads(4, seed=seed_of(rng))
    cars = some_cars(rng, roads)
    for k in range(4):
        road, car = page_road(roads, k), page_car(cars, k)
        one = roads.part(slice(k, k + 1))
        mine = Cars(*(v[k : k + 1] for v in cars))
        view = js(SCRIPT, "look", road, car)
        np.testing.assert_allclose(view, look(one, mine)[0], atol=1e-9)
        assert js(SCRIPT, "expert", road, car) == pytest.approx(expert(one, mine)[0], abs=1e-9)
        assert js(SCRIPT, "rule", view, 0.3) == pytest.approx(0.3 * rule(look(one, mine))[0])
        for slopes in range(3):
            theirs = js(SCRIPT, "middle", road, car["x"], slopes)
            assert theirs == pytest.approx(middle(one, mine.x[:, None], slopes)[0, 0], abs=1e-9)
        theirs = js(SCRIPT, "offset", road, car["x"], car["y"])
        assert theirs == pytest.approx(offset(one, mine.x[:, None], mine.y[:, None])[0, 0])


@pytest.mark.browser
def test_the_figures_nets_turn_as_pythons(js, rng):
    for size in (129, 128):
        views, wanted = rng.random((40, size)), rng.normal(size=40) / 10
        net = fit(views, wanted, seed=0, passes=3)
        for view in rng.random((4, 129)):
            theirs = js(SCRIPT, "steer", page_net(net), view.tolist())
            assert theirs == pytest.approx(net(view[None])[0], abs=1e-7)
        assert len(save(page_net(net))) < 40_000


@pytest.mark.browser
def test_the_figure_drives_as_python_drives(js, rng):
    roads = random_roads(1, seed=seed_of(rng))
    found = drive(roads)
    road = page_road(roads, 0)
    car = js(SCRIPT, "begin", road)
    assert [car["x"], car["y"], car["heading"]] == pytest.approx(found.path[0, :, 0].tolist())
    for step in range(12):
        car = js(SCRIPT, "advance", car, js(SCRIPT, "expert", road, car))
        there = [car["x"], car["y"], car["heading"]]
        assert there == pytest.approx(found.path[step + 1, :, 0].tolist(), abs=1e-9)
    assert js(SCRIPT, "advance", car, 9)["turn"] == SHARPEST
    assert js(SCRIPT, "advance", car, -9)["turn"] == -SHARPEST
