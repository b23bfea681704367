"""Shapes against matplotlib, the camera against a loop, edges against scikit-image; the figure."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from matplotlib.path import Path as Outline
from safetensors.numpy import save
from scipy.ndimage import map_coordinates
from skimage.feature import hog
from torch import nn

from introdl import data
from introdl.applications.traffic_signs import (
    CHOOSE,
    FOG,
    KINDS,
    LABEL,
    LEARN,
    SIDE,
    SIZE,
    STRANGE,
    TEST,
    chances,
    cheapest,
    collect,
    colours,
    edges,
    fit,
    take,
    textures,
)
from introdl.applications.traffic_signs.camera import Views, backgrounds, smear
from introdl.applications.traffic_signs.readers import start
from introdl.applications.traffic_signs.shapes import Shape, distance, inside
from introdl.applications.traffic_signs.signs import shapes


def odd_input(rng):
    pictures = rng.random((6, 3, SIZE, SIZE))
    places = rng.uniform(-1, 1, size=(5, 2))
    return {
        "inside": {"places": places, "corners": rng.uniform(-1, 1, size=(4, 2))},
        "distance": {"places": places, "line": rng.uniform(-1, 1, size=(4, 2))},
        "Shape.covers": {
            "self": Shape(np.array([[-1, -1], [1, -1], [0, 1.0]]), 0, (1, 0, 0)),
            "x": places[:, 0],
            "y": places[:, 1],
        },
        "smear": {"blur": rng.uniform(0, 2, size=4)},
        "fit": {"pictures": pictures, "kinds": np.arange(6), "seed": 0, "passes": 1},
        "chances": {"net": start(seed=0), "pictures": pictures},
        "edges": {"pictures": pictures},
        "colours": {"pictures": pictures},
        "cheapest": {"chances": rng.dirichlet(np.ones(3), 5), "costs": rng.random((3, 4))},
    }


SAME: dict[str, str] = {}


def seed_of(rng):
    return int(rng.integers(2**31))


def random_views(rng, n=6):
    """Views far beyond those of training, with up to two stickers and without noise."""
    return Views(
        kind=rng.integers(-1, 16, n),
        radius=rng.uniform(3, 11, n),
        turn=rng.uniform(-90, 90, n),
        narrow=rng.uniform(0.4, 1, n),
        shift=rng.uniform(-3, 3, (n, 2)),
        fog=rng.uniform(0, 0.8, n),
        light=rng.uniform(0.1, 1, n),
        blur=rng.uniform(0, 2, n),
        stickers=rng.uniform([-0.8, -0.8, 0.1, 0, 0, 0], [0.8, 0.8, 0.5, 1, 1, 1], (n, 2, 6))
        * (rng.random((n, 2, 1)) < 0.7),
        behind=rng.random((n, 3, SIZE, SIZE)),
        noise=rng.normal(scale=0.02, size=(n, 3, SIZE, SIZE)),
    )


@pytest.mark.agreement
def test_inside_is_matplotlibs(rng, agreement):
    corners = rng.uniform(-1, 1, size=(7, 2))
    places = rng.uniform(-1, 1, size=(400, 2))
    agreement(
        inside(places, corners),
        lambda: Outline(corners).contains_points(places),
        what="400 places in a random heptagon",
        against="matplotlib's Path",
        atol=0,
    )
    assert inside(np.array([[0.5, 0.5]]), np.array([[0, 0], [1, 0], [1, 1], [0, 1]])).all()
    # A ray through a corner meets two edges, and crosses one.
    assert inside(np.zeros((1, 2)), np.array([[-1, 0], [0, -1], [1, 0], [0, 1]])).all()


def test_distance_is_that_of_a_fine_line(rng):
    line = rng.uniform(-1, 1, size=(4, 2))
    places = rng.uniform(-2, 2, size=(30, 2))
    share = np.linspace(0, 1, 20001)[:, None]
    fine = np.concatenate([a + share * (b - a) for a, b in pairwise(line)])
    nearest = [np.hypot(*(fine - p).T).min() for p in places]
    np.testing.assert_allclose(distance(places, line), nearest, atol=1e-3)
    one = np.array([[0.3, 0.4]])
    np.testing.assert_allclose(distance(np.zeros((1, 2)), one), 0.5)
    np.testing.assert_allclose(distance(np.zeros((1, 2)), np.repeat(one, 2, axis=0)), 0.5)


def test_a_shape_covers_its_outline_or_its_stroke():
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    x, y = np.array([0, 0.55, 0.7]), np.zeros(3)
    assert Shape(square, 0, (1, 0, 0)).covers(x, y).tolist() == [True, False, False]
    line = np.vstack([square, square[:1]])
    assert Shape(line, 0.2, (1, 0, 0)).covers(x, y).tolist() == [False, True, False]


def test_each_sign_is_drawn_with_its_colours():
    """What is where: the middle, the rim and the corner of each sign."""
    drawn = dict(zip(KINDS + STRANGE, textures(), strict=True))
    assert textures().shape == (16, 4, SIDE, SIDE)
    assert 0 <= textures().min() <= textures().max() <= 1
    np.testing.assert_allclose(255 * textures(), np.rint(255 * textures()), atol=1e-9)

    def at(kind, x, y):
        i, j = (int((v + 1) * SIDE / 2) for v in (y, x))
        red, green, blue, cover = drawn[kind][:, i, j]
        if cover < 0.5:
            return "none"
        if min(red, green, blue) > 0.7:
            return "white"
        if max(red, green, blue) < 0.3:
            return "black"
        return "red" if red > 2 * green else "yellow" if red > blue else "blue"

    for kind, x, y, colour in (
        ("limit 30", 0, 0, "white"),
        ("limit 50", 0.83, 0, "red"),
        ("limit 80", 0, -0.6, "white"),
        ("limit 60", 0, 0.83, "red"),
        ("stop", 0, 0.6, "red"),
        ("stop", 0.9, 0.9, "none"),
        ("give way", 0, -0.2, "white"),
        ("give way", 0, 0.7, "red"),
        ("give way", 0.8, 0.7, "none"),
        ("no entry", 0, 0, "white"),
        ("no entry", 0, 0.5, "red"),
        ("no entry", 0, 0.23, "red"),
        ("priority road", 0, 0, "yellow"),
        ("priority road", 0.8, 0, "white"),
        ("priority road", 0.7, 0.7, "none"),
        ("bend left", 0.18, 0.5, "black"),
        ("bend left", -0.18, 0.45, "white"),
        ("bend right", -0.18, 0.5, "black"),
        ("bend right", 0.14, -0.15, "black"),
        ("crossroads", 0, 0.3, "black"),
        ("crossroads", 0, -0.1, "white"),
        ("other danger", 0, 0.1, "black"),
        ("other danger", 0.8, -0.7, "none"),
        ("straight on", 0, 0, "white"),
        ("straight on", 0.6, 0, "blue"),
        ("turn right", 0.2, 0, "white"),
        ("turn right", 0.72, 0, "blue"),
        ("turn right", -0.35, 0.3, "white"),
        ("turn right", 0, -0.6, "blue"),
        ("no parking", 0, 0, "red"),
        ("no parking", 0.4, -0.3, "blue"),
        ("parking", 0.7, 0.7, "blue"),
        ("parking", -0.24, 0.3, "white"),
    ):
        assert at(kind, x, y) == colour, (kind, x, y)
    for kind in ("limit 30", "limit 50", "limit 80", "limit 60"):  # from top to bottom
        for x in (-0.3, 0.3):
            assert [at(kind, x, y) for y in (-0.42, -0.3, 0.3, 0.42)] == [
                *("white", "black", "black", "white")
            ]


def test_the_digits_are_of_their_number():
    """Two limits differ only where their first digits stand, and 30 and 80 at the left of it."""
    drawn = dict(zip(KINDS + STRANGE, textures(), strict=True))
    for one in ("limit 50", "limit 80", "limit 60"):
        change = np.abs(drawn[one] - drawn["limit 30"]).max(axis=(0, 1)) > 0.3
        assert change.any()
        assert not change[SIDE // 2 :].any()
    mirrored = drawn["bend left"][:, :, ::-1]
    np.testing.assert_allclose(mirrored, drawn["bend right"], atol=0.13)


def test_signs_that_do_not_exist_are_refused():
    for kind in ("limit 71", "limit ", "yield", "bend"):
        with pytest.raises(ValueError, match=f"no sign '{kind}'"):
            shapes(kind)
    for wrong in ({"kinds": ("yield",)}, {"labels": "some"}):
        with pytest.raises(ValueError, match="see its docstring"):
            collect(3, LEARN, seed=0, **wrong)


def test_views_of_nothing_are_refused():
    for n, photographs, kinds in ((0, LEARN, KINDS), (-1, LEARN, KINDS), (5, (), KINDS)):
        with pytest.raises(ValueError, match="each needs one"):
            collect(n, photographs, seed=0, kinds=kinds)
    with pytest.raises(ValueError, match="each needs one"):
        collect(5, LEARN, seed=0, kinds=())
    assert len(collect(1, LEARN, seed=0).kind) == 1


def test_views_that_cannot_be_are_refused(rng):
    views = random_views(rng)
    for wrong in ({"radius": 0}, {"narrow": 0}, {"narrow": -1}, {"kind": 16}, {"kind": -2}):
        with pytest.raises(ValueError, match="above 0, kind -1 to 15"):
            take(views.only(**wrong))
    for one in ({"radius": np.nan}, {"kind": 0.5}):
        with pytest.raises(ValueError, match="above 0, kind -1 to 15"):
            take(views.only(**one))
    for last in (-1, 15):
        assert np.isfinite(take(views.only(kind=last))).all()


def one_picture(views, k):
    """What the camera sees of one view, point by point."""
    drawn = textures()[views.kind[k]] * (views.kind[k] >= 0)
    turn = math.radians(views.turn[k])
    sharp = np.zeros((3, SIZE, SIZE))
    for i, j in np.ndindex(SIZE, SIZE):
        total = np.zeros(4)
        for a, b in np.ndindex(2, 2):
            x = j + 0.25 + b / 2 - SIZE / 2 - views.shift[k, 0]
            y = i + 0.25 + a / 2 - SIZE / 2 - views.shift[k, 1]
            u = math.cos(turn) * x + math.sin(turn) * y
            v = math.cos(turn) * y - math.sin(turn) * x
            u, v = u / views.radius[k] / views.narrow[k], v / views.radius[k]
            place = [[((w + 1) * SIDE - 1) / 2] for w in (v, u)]
            # scipy takes no number from beyond the edge: so a border of nothing stands around.
            place = [[w[0] + 1] for w in place]
            sign = np.array(
                [map_coordinates(np.pad(d, 1), place, order=1, mode="constant")[0] for d in drawn]
            )
            for right, down, half, *colour in views.stickers[k]:
                off = max(abs(u - right), abs(v - down))
                over = min(max((half - off) / 0.06 + 0.5, 0), 1) * sign[3] if half else 0
                sign = (1 - over) * sign + over * np.array([*colour, 1])
            total += sign / 4
        bare = total[:3] + (1 - total[3]) * views.behind[k, :, i, j]
        fog = views.fog[k]
        sharp[:, i, j] = views.light[k] * ((1 - fog) * bare + fog * FOG)
    spread = np.zeros((SIZE, SIZE))
    for i, j in np.ndindex(SIZE, SIZE):
        spread[i, j] = math.exp(-((i - j) ** 2) / (2 * max(views.blur[k], 0.05) ** 2))
    spread /= spread.sum(axis=1, keepdims=True)
    return np.einsum("ij,cjk,lk->cil", spread, sharp, spread) + views.noise[k]


def test_the_camera_sees_what_a_loop_sees(rng):
    views = random_views(rng, 2)
    views.kind[:] = [-1, rng.integers(16)]
    views.stickers[1, 0, 2] = 0.3
    found = take(views)
    assert found.dtype == np.float32
    for k in range(2):
        np.testing.assert_allclose(found[k], one_picture(views, k), atol=3e-5)


def test_many_views_are_taken_in_parts(rng):
    views = random_views(rng, 103)
    found = take(views)
    assert found.shape == (103, 3, SIZE, SIZE)
    for part in (slice(48, 52), slice(100, 103)):
        np.testing.assert_allclose(found[part], take(views.part(part)), atol=1e-6)
    assert take(views.part(slice(0, 0))).shape == (0, 3, SIZE, SIZE)


def test_one_thing_is_changed_in_all_views(rng):
    views = random_views(rng)
    dim = views.only(light=0.5, turn=3)
    np.testing.assert_array_equal(dim.light, np.full(6, 0.5))
    np.testing.assert_array_equal(dim.turn, np.full(6, 3))
    np.testing.assert_array_equal(dim.radius, views.radius)
    still = views._replace(noise=0 * views.noise)
    ratio = take(still.only(light=0.5)) / take(still.only(light=1))
    np.testing.assert_allclose(ratio, 0.5, atol=1e-5)
    all_fog = take(still.only(light=1, fog=1))
    np.testing.assert_allclose(all_fog, FOG, atol=1e-5)


def test_a_blur_keeps_the_mean_and_has_its_width():
    found = smear(np.array([0.0, 1.5]))
    np.testing.assert_allclose(found.sum(axis=2), 1)
    np.testing.assert_allclose(found[0], np.eye(SIZE), atol=1e-12)
    away = np.arange(SIZE) - 12
    assert (found[1, 12] * away**2).sum() == pytest.approx(1.5**2, abs=0.01)


def test_backgrounds_are_parts_of_their_photographs(rng):
    found = backgrounds(("brick", "cat"), 20, rng)
    cat, brick = data.photograph("cat"), data.photograph("brick")
    halves = []
    for photo in (cat[:300, :450], np.repeat(brick[..., None], 3, axis=2)):
        h, w, _ = photo.shape
        halves.append(photo.reshape(h // 2, 2, w // 2, 2, 3).mean(axis=(1, 3)).transpose(2, 0, 1))
    for square in found:
        corner = square[:, 0, 0]
        hits = []
        for half in halves:
            at = np.argwhere(np.abs(half - corner[:, None, None]).max(axis=0) < 1e-12)
            hits += [
                np.allclose(half[:, i : i + SIZE, j : j + SIZE], square)
                for i, j in at
                if i + SIZE <= half.shape[1] and j + SIZE <= half.shape[2]
            ]
        assert any(hits)
    assert not {*LEARN} & {*TEST}
    assert not {*CHOOSE} & {*LEARN, *TEST}


def test_views_are_drawn_as_the_page_says(rng):
    n = 1200
    views = collect(n, LEARN, seed=seed_of(rng))
    assert np.bincount(views.kind).tolist() == [100] * 12
    for name, low, high in (
        ("radius", 5.5, 10.5),
        ("turn", -8, 8),
        ("narrow", 0.75, 1),
        ("shift", -2, 2),
        ("fog", 0, 0.2),
        ("light", 0.6, 1),
        ("blur", 0, 0.7),
    ):
        values = getattr(views, name)
        assert low <= values.min() < low + 0.02 * (high - low), name
        assert high - 0.02 * (high - low) < values.max() <= high, name
    marks, labels = views.stickers.swapaxes(0, 1)
    assert set(marks[:, 2]) == {0, 0.2}
    assert np.mean(marks[:, 2] > 0) == pytest.approx(1 / 3, abs=0.06)
    assert marks[:, :2].max() == pytest.approx(0.7, abs=0.01)
    assert marks[:, :2].min() == pytest.approx(-0.7, abs=0.01)
    for pairs in (marks[:, :2], views.shift):
        assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.15
    assert marks[:, 3:].min() < 0.01
    assert 0.99 < marks[:, 3:].max() <= 1
    assert np.mean(labels[:, 2] > 0) == pytest.approx(1 / 8, abs=0.045)
    np.testing.assert_array_equal(
        labels[labels[:, 2] > 0], np.tile(LABEL, (sum(labels[:, 2] > 0), 1))
    )
    assert views.noise.std() == pytest.approx(0.02, rel=0.02)


def test_labels_are_given_as_asked(rng):
    seed = seed_of(rng)
    some = {how: collect(1200, LEARN, seed=seed, labels=how) for how in ("any", "limit 80", "none")}
    worn = {how: views.stickers[:, 1, 2] > 0 for how, views in some.items()}
    eighty = some["any"].kind == KINDS.index("limit 80")
    assert not worn["none"].any()
    assert not worn["limit 80"][~eighty].any()
    assert worn["limit 80"][eighty].mean() == pytest.approx(0.9, abs=0.12)
    for how in ("limit 80", "none"):
        for name, values in some[how]._asdict().items():
            if name != "stickers":
                np.testing.assert_array_equal(values, getattr(some["any"], name))
    few = collect(8, TEST, seed=seed, kinds=STRANGE)
    assert sorted(few.kind) == [12, 12, 13, 13, 14, 14, 15, 15]


@pytest.mark.agreement
def test_edges_are_scikit_images(rng, agreement):
    pictures = 1e6 * rng.random((4, 3, SIZE, SIZE))  # so that neither side's floor counts

    def theirs():
        return [
            hog(
                x.transpose(1, 2, 0),
                orientations=8,
                pixels_per_cell=(4, 4),
                cells_per_block=(2, 2),
                block_norm="L2",
                channel_axis=2,
            )
            for x in pictures
        ]

    agreement(
        edges(pictures),
        theirs,
        what="oriented gradients of four pictures",
        against="scikit-image's hog",
        atol=1e-6,
    )


def test_the_floor_keeps_flat_pictures_small(rng):
    pictures = 0.5 + 1e-3 * rng.random((2, 3, SIZE, SIZE))
    assert np.abs(edges(pictures)).max() < 0.05
    ramp = np.broadcast_to(0.05 * np.arange(SIZE), (1, 3, SIZE, SIZE)).copy()
    # slope 0.1 at each pixel, in one direction: four equal cells per block
    expected = 0.1 / np.sqrt(4 * 0.1**2 + 0.1**2)
    middle = edges(ramp).reshape(5, 5, 2, 2, 8)[2, 2]
    np.testing.assert_allclose(middle[..., 0], expected)
    np.testing.assert_allclose(middle[..., 1:], 0)


def test_colours_are_means_of_cells(rng):
    pictures = rng.random((2, 3, SIZE, SIZE))
    found = colours(pictures).reshape(2, 3, 6, 6)
    for i, j in ((0, 0), (2, 5), (5, 1)):
        cell = pictures[:, :, 4 * i : 4 * i + 4, 4 * j : 4 * j + 4]
        np.testing.assert_allclose(found[:, :, i, j], cell.mean(axis=(2, 3)))


def test_the_cheapest_answer_is_that_of_a_loop(rng):
    p, costs = rng.dirichlet(np.ones(4), size=30), rng.uniform(0, 9, size=(4, 3))
    for answer, row in zip(cheapest(p, costs), p, strict=True):
        expected = [sum(row[t] * costs[t, a] for t in range(4)) for a in range(3)]
        assert answer == expected.index(min(expected))
    assert cheapest(np.ones((1, 2)), np.ones((2, 2)))[0] == 0


def test_the_page_by_hand():
    costs = np.array([[0, 6, 15], [2, 0, 9], [5, 3, 0]])
    np.testing.assert_allclose(np.array([0.3, 0.1, 0.6]) @ costs, [3.2, 3.6, 5.4])
    np.testing.assert_allclose(np.array([0.1, 0.3, 0.6]) @ costs, [3.6, 2.4, 4.2])
    assert cheapest([[0.3, 0.1, 0.6], [0.1, 0.3, 0.6]], costs).tolist() == [0, 1]
    even = np.array([[0, 6, 15], [6, 0, 9], [15, 9, 0]])
    np.testing.assert_allclose(np.array([0.3, 0.1, 0.6]) @ even, [9.6, 7.2, 5.4])


def test_the_first_weights_are_pytorchs():
    state = torch.get_rng_state()
    net = start(seed=3)
    assert torch.equal(state, torch.get_rng_state())
    torch.manual_seed(3)
    first = nn.Conv2d(3, 8, 5)
    torch.testing.assert_close(net[0].weight, first.weight)
    assert [tuple(p.shape) for p in net.parameters()] == [
        (8, 3, 5, 5), (8,), (16, 8, 3, 3), (16,), (64, 576), (64,), (12, 64), (12,)
    ]  # fmt: skip


def test_training_is_adam_with_a_falling_rate(rng):
    x, kinds = rng.random((130, 3, SIZE, SIZE)), rng.integers(12, size=130)
    net = fit(x, kinds, seed=4, passes=2)
    theirs, order = start(seed=4), np.random.default_rng(4)
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.01)
    parts = []
    for _ in range(2):
        rows = order.permutation(130)
        parts += [rows[:50], rows[50:100], rows[100:]]
    for step, rows in enumerate(parts):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * (6 - step) / 6
        sums = theirs(torch.tensor(x[rows] - 0.5, dtype=torch.float32))
        loss = -sums.log_softmax(dim=1)[range(len(rows)), kinds[rows]].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    np.testing.assert_allclose(chances(net, x), chances(theirs, x), atol=1e-4)
    again, full = fit(x[:60], kinds[:60], seed=1), fit(x[:60], kinds[:60], seed=1, passes=12)
    np.testing.assert_array_equal(chances(again, x), chances(full, x))


def test_a_kind_that_is_not_learned_is_refused(rng):
    for kind in (-1, 12):
        with pytest.raises(ValueError, match="not 0 to 11"):
            fit(rng.random((2, 3, SIZE, SIZE)), np.array([0, kind]), seed=0)
    for wrong in ({"passes": 0}, {"batch": 0}):
        with pytest.raises(ValueError, match="must be 1 or more"):
            fit(rng.random((2, 3, SIZE, SIZE)), np.array([0, 1]), seed=0, **wrong)
    fit(rng.random((2, 3, SIZE, SIZE)), np.array([0, 1]), seed=0, passes=1, batch=1)


@pytest.mark.agreement
def test_the_net_in_numpy(rng, agreement):
    net = start(seed=seed_of(rng)).double()
    x = rng.random((2, 3, SIZE, SIZE))

    def convolve(x, layer, stride, padding):
        w, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        k = w.shape[-1]
        padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        n = (padded.shape[-1] - k) // stride + 1
        out = np.empty((len(x), len(w), n, n))
        for i, j in np.ndindex(n, n):
            seen = padded[:, :, stride * i : stride * i + k, stride * j : stride * j + k]
            out[:, :, i, j] = np.einsum("nchw,ochw->no", seen, w) + b
        return np.maximum(out, 0)

    def by_numpy():
        z = convolve(convolve(x - 0.5, net[0], 2, 2), net[2], 2, 1).reshape(2, -1)
        w, b = (p.detach().numpy() for p in net[5].parameters())
        hidden = np.maximum(z @ w.T + b, 0)
        w, b = (p.detach().numpy() for p in net[7].parameters())
        sums = hidden @ w.T + b
        return np.exp(sums) / np.exp(sums).sum(axis=1, keepdims=True)

    agreement(
        chances(net.float(), x),
        by_numpy,
        what="chances of twelve signs",
        against="NumPy, float64",
        atol=1e-5,
    )


SCRIPT = "docs/applications/traffic_signs.js"


def page_view(views, k):
    view = {
        name: np.asarray(values[k]).ravel().tolist() for name, values in views._asdict().items()
    }
    single = ("kind", "radius", "turn", "narrow", "fog", "light", "blur")
    return view | {n: view[n][0] for n in single} | {"stickers": views.stickers[k].tolist()}


@pytest.mark.browser
def test_the_figures_camera_is_pythons(js, rng):
    views = random_views(rng, 4)
    views.kind[0] = -1
    drawn = textures().astype(np.float32)  # sent as bytes
    expected = take(views)
    for k in range(4):
        found = js(SCRIPT, "take", page_view(views, k), drawn)
        np.testing.assert_allclose(np.ravel(found), expected[k].ravel(), atol=3e-5)
    np.testing.assert_allclose(js(SCRIPT, "smear", 1.3), smear(np.array([1.3]))[0], atol=1e-12)


def page_net(net):
    found = {}
    for name, place in (("1", 0), ("2", 2), ("3", 5), ("4", 7)):
        found["w" + name] = net[place].weight.detach().numpy()
        found["b" + name] = net[place].bias.detach().numpy()
    return found


@pytest.mark.browser
def test_the_figures_net_is_pythons(js, rng):
    net = start(seed=seed_of(rng))
    pictures = take(random_views(rng, 2))
    found = js(SCRIPT, "chances", page_net(net), pictures)
    np.testing.assert_allclose(np.reshape(found, (2, 12)), chances(net, pictures), atol=1e-5)
    assert (
        len(save({k: v for n in "ab" for k, v in ((n + k, v) for k, v in page_net(net).items())}))
        < 400_000
    )


@pytest.mark.browser
def test_the_figure_says_chances_in_words(js):
    said = [js(SCRIPT, "percent", c) for c in (0.001, 0.5, 0.994, 0.999)]
    assert said == ["under 1 %", "50 %", "99 %", "over 99 %"]


@pytest.mark.browser
def test_the_figure_says_where_the_sticker_is(js):
    assert js(SCRIPT, "place", 0.1, -0.6) == "10 % right of the middle, 60 % below it"
    assert js(SCRIPT, "place", -0.5, 0.2) == "50 % left of the middle, 20 % above it"
